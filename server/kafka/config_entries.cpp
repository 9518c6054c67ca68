#include "server/kafka/config_entries.h"

#include <algorithm>

namespace millrace::server::kafka {

namespace {

ConfigEntry from_file(std::string name,
                      std::string value,
                      broker::ConfigType type,
                      std::string_view documentation) {
    return {.name = name,
            .value = value,
            .source = ConfigSource::kConfigurationFile,
            .type = type,
            .default_name = std::move(name),
            .default_value = std::move(value),
            .documentation = documentation};
}

}  // namespace

std::vector<ConfigEntry> topic_config_entries(const TopicConfig& config) {
    std::vector<ConfigEntry> entries;
    for (const broker::TopicConfigKey& key : broker::topic_config_keys()) {
        const auto set = config.find(std::string(key.name));
        entries.push_back(
            {.name = std::string(key.name),
             .value = set == config.end() ? std::string(key.default_value) : set->second,
             .source = set == config.end() ? ConfigSource::kDefault : ConfigSource::kTopic,
             .type = key.type,
             .default_name = std::string(key.broker_name),
             .default_value = std::string(key.default_value),
             .documentation = key.documentation});
    }
    for (const auto& [name, value] : config) {
        if (broker::find_topic_config_key(name) == nullptr) {
            entries.push_back({.name = name, .value = value, .source = ConfigSource::kTopic});
        }
    }
    return entries;
}

std::vector<ConfigEntry> broker_config_entries(const KafkaSettings& settings) {
    const std::string id = std::to_string(settings.node_id);
    std::vector<ConfigEntry> entries{
        from_file("auto.create.topics.enable",
                  settings.auto_create_topics ? "true" : "false",
                  broker::ConfigType::kBoolean,
                  "Whether a client that asks for a topic makes it."),
        from_file("broker.id", id, broker::ConfigType::kInt, "The number of this node."),
        from_file("default.replication.factor",
                  "1",
                  broker::ConfigType::kInt,
                  "There is one node, so each partition has one replica."),
        from_file("node.id", id, broker::ConfigType::kInt, "The number of this node."),
        from_file("num.partitions",
                  std::to_string(settings.default_partitions),
                  broker::ConfigType::kInt,
                  "Partitions of a topic that is made without a number of them."),
    };
    for (const broker::TopicConfigKey& key : broker::topic_config_keys()) {
        entries.push_back({.name = std::string(key.broker_name),
                           .value = std::string(key.default_value),
                           .source = ConfigSource::kDefault,
                           .type = key.type,
                           .default_name = std::string(key.broker_name),
                           .default_value = std::string(key.default_value),
                           .documentation = key.documentation});
    }
    std::sort(entries.begin(), entries.end(), [](const ConfigEntry& a, const ConfigEntry& b) {
        return a.name < b.name;
    });
    return entries;
}

}  // namespace millrace::server::kafka
