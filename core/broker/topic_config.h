// The settings of a topic: which names there are, what they mean, what a partition log makes of
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/result.h"
#include "core/broker/requests.h"
#include "core/log/partition_log.h"
#include "core/record/compression.h"

namespace millrace::broker {

/// As the protocol numbers them.
enum class ConfigType : std::int8_t {
    kBoolean = 1,
    kString = 2,
    kInt = 3,
    kLong = 5,
    kDouble = 6,
    kList = 7,  // of words with commas between them
};

/// One setting that a topic may have. All of it in static storage.
struct TopicConfigKey {
    std::string_view name;
    /// What a broker of Kafka calls the setting that this one overrides.
    std::string_view broker_name;
    ConfigType type;
    std::string_view default_value;
    std::int64_t min = 0;           // kInt, kLong
    std::int64_t max = 0;           // kInt, kLong
    std::string_view choices = {};  // kString, kList: the words allowed, with blanks between them;
                                    // empty: any
    /// A sentence for people. Settings that Kafka clients send but that mean nothing for one node
    /// or for this log are taken, kept and described as "Without effect".
    std::string_view documentation = {};
};

/// All of them but "millrace.*", by name.
[[nodiscard]] std::span<const TopicConfigKey> topic_config_keys();
/// nullptr when there is none of this name.
[[nodiscard]] const TopicConfigKey* find_topic_config_key(std::string_view name);

/// Checks names and values; "millrace.*" keys pass as they are. kConfigInvalid names key, value and
/// what is allowed, with the nearest key when the name is unknown.
[[nodiscard]] Status check_topic_config(const TopicConfig& config);

/// What the log needs of a checked config; defaults for the rest.
[[nodiscard]] log::PartitionLogOptions log_options(const TopicConfig& config);

/// The same; internal topics have smaller segments unless their config says otherwise.
[[nodiscard]] log::PartitionLogOptions log_options(const TopicInfo& topic);

/// compression.type of a checked config: what batches are stored with; nullopt for "producer" (as
/// they came), the default. "none" is another word for "uncompressed".
[[nodiscard]] std::optional<Codec> codec_of(const TopicConfig& config);

/// 1 to 249 of [A-Za-z0-9._-], not "." or "..": Kafka's rule.
[[nodiscard]] Status check_topic_name(std::string_view name);

/// Made by Millrace for itself: "__..." and "_millrace_...".
[[nodiscard]] bool is_internal_topic(std::string_view name);

}  // namespace millrace::broker
