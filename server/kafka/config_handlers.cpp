// DescribeConfigs, AlterConfigs, IncrementalAlterConfigs. What is described lies in memory; changes
// wait for the disk, so they run on the I/O executor.
#include <algorithm>
#include <set>

#include "core/broker/topic_config.h"
#include "core/wire/generated/alter_configs_request.h"
#include "core/wire/generated/describe_configs_request.h"
#include "core/wire/generated/incremental_alter_configs_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/messages/configs.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/cluster_view.h"
#include "server/kafka/config_entries.h"
#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

namespace {

// Kinds of resources, as the protocol numbers them.
constexpr std::int8_t kTopicResource = 2;
constexpr std::int8_t kBrokerResource = 4;

// What IncrementalAlterConfigs does to a setting.
constexpr std::int8_t kSet = 0;
constexpr std::int8_t kDelete = 1;
constexpr std::int8_t kAppend = 2;
constexpr std::int8_t kSubtract = 3;

struct Problem {
    KafkaError error = KafkaError::kNone;
    std::string message;
};

Problem unknown_topic(std::string_view name) {
    if (const Status valid = broker::check_topic_name(name); !valid.ok()) {
        return {KafkaError::kInvalidTopic, valid.error().message};
    }
    return {KafkaError::kUnknownTopicOrPartition, "unknown topic: " + std::string(name)};
}

TopicPtr find_client_topic(const Services& services, std::string_view name) {
    return is_client_topic(name) ? services.broker.find_topic(name) : nullptr;
}

// DescribeConfigs.

struct Wish {
    bool synonyms = false;
    bool documentation = false;
};

wire::DescribeConfigsResponse::Config described(const ConfigEntry& entry,
                                                Wish wish,
                                                bool is_read_only) {
    wire::DescribeConfigsResponse::Config config{
        .name = entry.name,
        .value = entry.value,
        .read_only = is_read_only,
        .config_source = static_cast<std::int8_t>(entry.source),
        .config_type = static_cast<std::int8_t>(entry.type)};
    if (wish.documentation) {
        config.documentation = std::string(entry.documentation);
    }
    if (!wish.synonyms) {
        return config;
    }
    // From the value that holds to the one that would hold without it.
    if (entry.source != ConfigSource::kDefault) {
        config.synonyms.push_back({.name = entry.name,
                                   .value = entry.value,
                                   .source = static_cast<std::int8_t>(entry.source)});
    }
    if (entry.source != ConfigSource::kConfigurationFile && !entry.default_name.empty()) {
        config.synonyms.push_back({.name = entry.default_name,
                                   .value = entry.default_value,
                                   .source = static_cast<std::int8_t>(ConfigSource::kDefault)});
    }
    return config;
}

/// Finds the settings of a resource, or says why there are none.
std::optional<Problem> entries_of(const Services& services,
                                  std::int8_t type,
                                  std::string_view name,
                                  std::vector<ConfigEntry>& entries) {
    if (type == kTopicResource) {
        const TopicPtr topic = find_client_topic(services, name);
        if (!topic) {
            return unknown_topic(name);
        }
        entries = topic_config_entries(topic->config);
        return std::nullopt;
    }
    if (type != kBrokerResource) {
        return Problem{KafkaError::kInvalidRequest,
                       "only topics (2) and brokers (4) have settings: " + std::to_string(type)};
    }
    // The empty name stands for settings of all brokers that were changed at run time: none.
    if (name == std::to_string(services.settings.node_id)) {
        entries = broker_config_entries(services.settings);
    } else if (!name.empty()) {
        return Problem{KafkaError::kInvalidRequest, "unknown broker: " + std::string(name)};
    }
    return std::nullopt;
}

wire::DescribeConfigsResponse::Resource describe_resource(
    const Services& services,
    const wire::describe_configs_request_t::resource_t& resource,
    Wish wish) {
    wire::DescribeConfigsResponse::Resource answer;
    answer.resource_type = resource.resource_type();
    answer.resource_name = wire::text(resource.resource_name());
    std::vector<ConfigEntry> entries;
    if (auto problem = entries_of(services, answer.resource_type, answer.resource_name, entries)) {
        answer.error = problem->error;
        answer.error_message = std::move(problem->message);
        return answer;
    }
    const auto keys = wire::items(resource.configuration_keys());
    const bool is_all = keys.empty();  // null, but some clients send no key for all of them
    for (const ConfigEntry& entry : entries) {
        if (is_all || std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
                return wire::text(key) == entry.name;
            })) {
            answer.configs.push_back(
                described(entry, wish, answer.resource_type == kBrokerResource));
        }
    }
    return answer;
}

// Changes.

/// One setting as a request would have it.
struct Change {
    std::string name;
    std::int8_t operation = kSet;
    std::optional<std::string> value;
};

std::vector<std::string> words_of(std::string_view list) {
    std::vector<std::string> words;
    for (std::size_t from = 0; from < list.size();) {
        const std::size_t comma = std::min(list.find(',', from), list.size());
        if (comma > from) {
            words.emplace_back(list.substr(from, comma - from));
        }
        from = comma + 1;
    }
    return words;
}

std::string list_of(const std::vector<std::string>& words) {
    std::string list;
    for (const std::string& word : words) {
        list += (list.empty() ? "" : ",") + word;
    }
    return list;
}

/// The list `before` with the words of `change` added to it or taken from it.
std::string changed_list(std::string_view before, const Change& change) {
    std::vector<std::string> words = words_of(before);
    for (const std::string& word : words_of(*change.value)) {
        const auto found = std::find(words.begin(), words.end(), word);
        if (change.operation == kAppend && found == words.end()) {
            words.push_back(word);
        } else if (change.operation == kSubtract && found != words.end()) {
            words.erase(found);
        }
    }
    return list_of(words);
}

/// Puts one change into `config`, which is what the topic has now.
std::optional<Problem> apply(const Change& change, TopicConfig& config) {
    const broker::TopicConfigKey* key = broker::find_topic_config_key(change.name);
    if (change.operation == kDelete) {
        config.erase(change.name);
        return key == nullptr && !change.name.starts_with("millrace.")
                   ? std::optional(Problem{KafkaError::kInvalidConfig,
                                           "unknown topic config: " + change.name})
                   : std::nullopt;
    }
    if (!change.value) {
        return Problem{KafkaError::kInvalidRequest, "topic config without a value: " + change.name};
    }
    if (change.operation == kSet) {
        config[change.name] = *change.value;
    } else if (change.operation == kAppend || change.operation == kSubtract) {
        if (key == nullptr || key->type != broker::ConfigType::kList) {
            return Problem{KafkaError::kInvalidConfig,
                           "only a list can be appended to or subtracted from: " + change.name};
        }
        const auto set = config.find(change.name);
        config[change.name] =
            changed_list(set == config.end() ? key->default_value : set->second, change);
    } else {
        return Problem{KafkaError::kInvalidRequest,
                       "unknown operation: " + std::to_string(change.operation)};
    }
    if (config[change.name].empty()) {
        config.erase(change.name);  // no word at all: the default
    }
    return std::nullopt;
}

/// What Broker::alter_config is told, to get from one config to the other.
TopicConfig difference(const TopicConfig& before, const TopicConfig& after) {
    TopicConfig changes;
    for (const auto& [name, value] : after) {
        const auto old = before.find(name);
        if (old == before.end() || old->second != value) {
            changes[name] = value;
        }
    }
    for (const auto& [name, value] : before) {
        if (!after.contains(name)) {
            changes[name] = "";
        }
    }
    return changes;
}

/// keeps_others   settings that `changes` does not name stay as they are
std::optional<Problem> alter_topic(const Services& services,
                                   const std::string& name,
                                   const std::vector<Change>& changes,
                                   bool keeps_others,
                                   bool is_validation) {
    const TopicPtr topic = find_client_topic(services, name);
    if (!topic) {
        return unknown_topic(name);
    }
    TopicConfig config = topic->config;
    if (!keeps_others) {
        // "millrace.*" is not Kafka's to replace.
        std::erase_if(config, [](const auto& entry) {
            return broker::find_topic_config_key(entry.first) != nullptr;
        });
    }
    std::set<std::string_view> seen;
    for (const Change& change : changes) {
        if (!seen.insert(change.name).second) {
            return Problem{KafkaError::kInvalidRequest,
                           "setting is named more than once: " + change.name};
        }
        if (auto problem = apply(change, config)) {
            return problem;
        }
    }
    if (const Status valid = broker::check_topic_config(config); !valid.ok()) {
        return Problem{KafkaError::kInvalidConfig, valid.error().message};
    }
    const TopicConfig difference_to_now = difference(topic->config, config);
    if (is_validation || difference_to_now.empty()) {
        return std::nullopt;
    }
    if (const Status altered = services.broker.alter_config(name, difference_to_now);
        !altered.ok()) {
        return Problem{to_kafka_error(altered.error().code), altered.error().message};
    }
    return std::nullopt;
}

std::optional<Problem> alter_resource(const Services& services,
                                      std::int8_t type,
                                      const std::string& name,
                                      const std::vector<Change>& changes,
                                      bool keeps_others,
                                      bool is_validation) {
    if (type == kTopicResource) {
        return alter_topic(services, name, changes, keeps_others, is_validation);
    }
    return Problem{
        KafkaError::kInvalidRequest,
        type == kBrokerResource
            ? "settings of the broker are changed in its configuration file"
            : "only topics (2) have settings that can be changed: " + std::to_string(type)};
}

/// One answer per resource of `resources`. `changes_of` reads the changes of one.
template <class Response, class Resources, class ChangesOf>
Response alter_all(const Services& services,
                   const Resources& resources,
                   bool keeps_others,
                   bool is_validation,
                   ChangesOf changes_of) {
    Response response;
    std::set<std::pair<std::int8_t, std::string>> seen;
    for (const auto& resource : resources) {
        auto& answer = response.responses.emplace_back();
        answer.resource_type = resource->resource_type();
        answer.resource_name = wire::text(resource->resource_name());
        std::optional<Problem> problem;
        if (seen.emplace(answer.resource_type, answer.resource_name).second) {
            problem = alter_resource(services,
                                     answer.resource_type,
                                     answer.resource_name,
                                     changes_of(*resource),
                                     keeps_others,
                                     is_validation);
        } else {
            problem = Problem{KafkaError::kInvalidRequest,
                              "resource is named more than once: " + answer.resource_name};
        }
        if (problem) {
            answer.error = problem->error;
            answer.error_message = std::move(problem->message);
        }
    }
    return response;
}

std::optional<std::string> owned(std::optional<std::string_view> text) {
    return text ? std::optional<std::string>(*text) : std::nullopt;
}

}  // namespace

void handle_describe_configs(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::describe_configs_request_t>();
    if (body == nullptr) {
        return;
    }
    const Wish wish{.synonyms = body->include_synonyms(),
                    .documentation = body->include_documentation()};
    wire::DescribeConfigsResponse response;
    for (const auto& resource : wire::items(body->resources())) {
        response.results.push_back(describe_resource(services, *resource, wish));
    }
    request->respond(std::move(response));
}

void handle_alter_configs(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::alter_configs_request_t>();
    if (body == nullptr) {
        return;
    }
    services.env.io.post([&services, request = std::move(request), body] {
        request->respond(alter_all<wire::AlterConfigsResponse>(
            services,
            wire::items(body->resources()),
            false,
            body->validate_only(),
            [](const wire::alter_configs_request_t::resource_t& resource) {
                std::vector<Change> changes;
                for (const auto& config : wire::items(resource.configs())) {
                    changes.push_back({.name = std::string(wire::text(config->name())),
                                       .value = owned(wire::optional_text(config->value()))});
                }
                return changes;
            }));
    });
}

void handle_incremental_alter_configs(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::incremental_alter_configs_request_t>();
    if (body == nullptr) {
        return;
    }
    services.env.io.post([&services, request = std::move(request), body] {
        request->respond(alter_all<wire::IncrementalAlterConfigsResponse>(
            services,
            wire::items(body->resources()),
            true,
            body->validate_only(),
            [](const wire::incremental_alter_configs_request_t::resource_t& resource) {
                std::vector<Change> changes;
                for (const auto& config : wire::items(resource.configs())) {
                    changes.push_back({.name = std::string(wire::text(config->name())),
                                       .operation = config->config_operation(),
                                       .value = owned(wire::optional_text(config->value()))});
                }
                return changes;
            }));
    });
}

}  // namespace millrace::server::kafka
