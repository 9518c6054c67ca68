// Settings of topics and of the broker as Kafka clients are shown them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/broker/requests.h"
#include "core/broker/topic_config.h"
#include "server/kafka/api.h"

namespace millrace::server::kafka {

/// Where a value comes from, as the protocol numbers it.
enum class ConfigSource : std::int8_t {
    kTopic = 1,
    kConfigurationFile = 4,
    kDefault = 5,
};

struct ConfigEntry {
    std::string name;
    std::string value;
    ConfigSource source = ConfigSource::kDefault;
    broker::ConfigType type = broker::ConfigType::kString;
    std::string default_name;  // of the broker's setting that holds where this one is not set
    std::string default_value;
    std::string_view documentation;  // static storage
};

/// Every setting of a topic, whether `config` has it or not, by name; "millrace.*" last.
[[nodiscard]] std::vector<ConfigEntry> topic_config_entries(const TopicConfig& config);

/// Every setting of the broker that Kafka clients know, by name. None of them can be changed by
/// clients.
[[nodiscard]] std::vector<ConfigEntry> broker_config_entries(const KafkaSettings& settings);

}  // namespace millrace::server::kafka
