// CreateTopics, DeleteTopics, CreatePartitions.
// All of it waits for the disk, so it runs on the I/O executor.
#include <algorithm>
#include <set>

#include "core/broker/topic_config.h"
#include "core/wire/generated/create_partitions_request.h"
#include "core/wire/generated/create_topics_request.h"
#include "core/wire/generated/delete_topics_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/messages/topics.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/cluster_view.h"
#include "server/kafka/config_entries.h"
#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

namespace {

/// Why something is not done, for a client.
struct Problem {
    KafkaError error = KafkaError::kNone;
    std::string message;
};

Problem problem_of(const Error& error) {
    // Names and replicas were checked before: what is left of bad arguments is the number of
    // partitions.
    const KafkaError code = error.code == ErrorCode::kInvalidArgument
                                ? KafkaError::kInvalidPartitions
                                : to_kafka_error(error.code);
    return {code, error.message};
}

/// Names that a request has more than once. Kafka refuses those.
template <class Items, class NameOf>
std::set<std::string> repeated(const Items& items, NameOf name_of) {
    std::set<std::string> seen;
    std::set<std::string> twice;
    for (const auto& item : items) {
        std::string name(name_of(item));
        if (!name.empty() && !seen.insert(name).second) {
            twice.insert(std::move(name));
        }
    }
    return twice;
}

bool is_only_this_node(std::span<const std::int32_t> nodes, const Services& services) {
    return nodes.size() == 1 && nodes[0] == services.settings.node_id;
}

// CreateTopics.

/// Reads the number of partitions off `topic` into `spec`.
std::optional<Problem> check_partitions(const wire::create_topics_request_t::topic_t& topic,
                                        const Services& services,
                                        TopicSpec& spec) {
    const auto assignments = wire::items(topic.assignments());
    if (assignments.empty()) {
        const std::int32_t count = topic.num_partitions();
        if (count == 0 || count < -1) {
            return Problem{KafkaError::kInvalidPartitions,
                           "a topic has at least one partition: " + std::to_string(count)};
        }
        if (topic.replication_factor() != 1 && topic.replication_factor() != -1) {
            return Problem{KafkaError::kInvalidReplicationFactor,
                           "there is one node, so the replication factor is 1: " +
                               std::to_string(topic.replication_factor())};
        }
        spec.partitions = count == -1 ? services.settings.default_partitions : count;
        return std::nullopt;
    }
    if (topic.num_partitions() != -1 || topic.replication_factor() != -1) {
        return Problem{KafkaError::kInvalidRequest,
                       "partitions are either counted or assigned, not both"};
    }
    std::set<std::int32_t> seen;
    for (const auto& assignment : assignments) {
        if (!is_only_this_node(wire::items(assignment->broker_ids()), services) ||
            !seen.insert(assignment->partition_index()).second) {
            return Problem{KafkaError::kInvalidReplicaAssignment,
                           "each partition is assigned once, to node " +
                               std::to_string(services.settings.node_id)};
        }
    }
    if (*seen.begin() != 0 || *seen.rbegin() + 1 != static_cast<std::int32_t>(seen.size())) {
        return Problem{KafkaError::kInvalidReplicaAssignment,
                       "partitions are numbered from 0 on, without a gap"};
    }
    spec.partitions = static_cast<std::int32_t>(seen.size());
    return std::nullopt;
}

std::optional<Problem> check_new_topic(const wire::create_topics_request_t::topic_t& topic,
                                       const Services& services,
                                       TopicSpec& spec) {
    spec.name = wire::text(topic.name());
    if (const Status name = broker::check_topic_name(spec.name); !name.ok()) {
        return Problem{KafkaError::kInvalidTopic, name.error().message};
    }
    if (!is_client_topic(spec.name)) {
        return Problem{KafkaError::kInvalidTopic,
                       "topics of this prefix belong to Millrace: " + spec.name};
    }
    if (services.broker.find_topic(spec.name)) {
        return Problem{KafkaError::kTopicAlreadyExists, "topic is there already: " + spec.name};
    }
    if (auto problem = check_partitions(topic, services, spec)) {
        return problem;
    }
    for (const auto& config : wire::items(topic.configs())) {
        const auto value = wire::optional_text(config->value());
        const std::string name(wire::text(config->name()));
        if (!value) {
            return Problem{KafkaError::kInvalidConfig, "topic config without a value: " + name};
        }
        if (!value->empty()) {  // empty: as if it were not there
            spec.config[name] = *value;
        }
    }
    if (const Status config = broker::check_topic_config(spec.config); !config.ok()) {
        return Problem{KafkaError::kInvalidConfig, config.error().message};
    }
    return std::nullopt;
}

void describe_created(const TopicSpec& spec, wire::CreateTopicsResponse::Topic& answer) {
    answer.num_partitions = spec.partitions;
    answer.replication_factor = 1;
    for (const ConfigEntry& entry : topic_config_entries(spec.config)) {
        answer.configs->push_back({.name = entry.name,
                                   .value = entry.value,
                                   .read_only = false,
                                   .config_source = static_cast<std::int8_t>(entry.source),
                                   .is_sensitive = false});
    }
}

wire::CreateTopicsResponse::Topic create_topic(const wire::create_topics_request_t::topic_t& topic,
                                               Services& services,
                                               bool is_validation,
                                               const std::set<std::string>& repeated_names) {
    wire::CreateTopicsResponse::Topic answer;
    answer.name = wire::text(topic.name());
    answer.configs.emplace();
    answer.num_partitions = -1;
    answer.replication_factor = -1;
    TopicSpec spec;
    std::optional<Problem> problem;
    if (repeated_names.contains(answer.name)) {
        problem =
            Problem{KafkaError::kInvalidRequest, "topic is named more than once: " + answer.name};
    } else {
        problem = check_new_topic(topic, services, spec);
    }
    if (!problem && !is_validation) {
        const Result<TopicInfo> created = services.broker.create_topic(spec);
        if (created.ok()) {
            answer.topic_id = created.value().id;
        } else {
            problem = problem_of(created.error());
        }
    }
    if (problem) {
        answer.error = problem->error;
        answer.error_message = std::move(problem->message);
    } else {
        describe_created(spec, answer);
    }
    return answer;
}

// DeleteTopics.

wire::DeleteTopicsResponse::Topic delete_topic(Services& services,
                                               std::optional<std::string_view> name,
                                               TopicId id,
                                               const std::set<std::string>& repeated_names) {
    wire::DeleteTopicsResponse::Topic answer;
    if (name) {
        answer.name = *name;
    }
    answer.topic_id = id;
    const auto refuse = [&](KafkaError error, std::string message) {
        answer.error = error;
        answer.error_message = std::move(message);
        return answer;
    };
    if (name.has_value() == (id != TopicId{})) {
        return refuse(KafkaError::kInvalidRequest, "a topic is named either by name or by id");
    }
    const TopicPtr topic =
        name ? services.broker.find_topic(*name) : services.broker.find_topic(id);
    if (!topic || !is_client_topic(topic->name)) {
        return name ? refuse(KafkaError::kUnknownTopicOrPartition,
                             "unknown topic: " + std::string(*name))
                    : refuse(KafkaError::kUnknownTopicId, "unknown topic id: " + id.to_string());
    }
    answer.name = topic->name;
    answer.topic_id = topic->id;
    if (repeated_names.contains(topic->name)) {
        return refuse(KafkaError::kInvalidRequest, "topic is named more than once: " + topic->name);
    }
    if (topic->is_internal) {
        return refuse(KafkaError::kTopicAuthorizationFailed,
                      "an internal topic is not deleted: " + topic->name);
    }
    if (const Status deleted = services.broker.delete_topic(topic->name); !deleted.ok()) {
        return refuse(to_kafka_error(deleted.error().code), deleted.error().message);
    }
    return answer;
}

// CreatePartitions.

std::optional<Problem> check_more_partitions(
    const wire::create_partitions_request_t::topic_t& topic, const Services& services) {
    const std::string name(wire::text(topic.name()));
    const TopicPtr found = services.broker.find_topic(name);
    if (!found || !is_client_topic(name)) {
        return Problem{KafkaError::kUnknownTopicOrPartition, "unknown topic: " + name};
    }
    if (found->is_internal) {
        return Problem{KafkaError::kInvalidRequest,
                       "an internal topic keeps its partitions: " + name};
    }
    if (topic.count() <= found->partitions) {
        return Problem{
            KafkaError::kInvalidPartitions,
            "topic " + name + " has " + std::to_string(found->partitions) +
                " partitions and cannot have fewer or as many: " + std::to_string(topic.count())};
    }
    if (topic.assignments() == nullptr) {
        return std::nullopt;
    }
    const auto assignments = wire::items(topic.assignments());
    const bool is_complete = static_cast<std::int64_t>(assignments.size()) ==
                             std::int64_t{topic.count()} - std::int64_t{found->partitions};
    if (!is_complete ||
        !std::all_of(assignments.begin(), assignments.end(), [&](const auto& assignment) {
            return is_only_this_node(wire::items(assignment->broker_ids()), services);
        })) {
        return Problem{KafkaError::kInvalidReplicaAssignment,
                       "each new partition is assigned once, to node " +
                           std::to_string(services.settings.node_id)};
    }
    return std::nullopt;
}

wire::CreatePartitionsResponse::Topic create_partitions(
    const wire::create_partitions_request_t::topic_t& topic,
    Services& services,
    bool is_validation,
    const std::set<std::string>& repeated_names) {
    wire::CreatePartitionsResponse::Topic answer;
    answer.name = wire::text(topic.name());
    std::optional<Problem> problem;
    if (repeated_names.contains(answer.name)) {
        problem =
            Problem{KafkaError::kInvalidRequest, "topic is named more than once: " + answer.name};
    } else {
        problem = check_more_partitions(topic, services);
    }
    if (!problem && !is_validation) {
        const Status created = services.broker.create_partitions(answer.name, topic.count());
        if (!created.ok()) {
            problem = problem_of(created.error());
        }
    }
    if (problem) {
        answer.error = problem->error;
        answer.error_message = std::move(problem->message);
    }
    return answer;
}

}  // namespace

void handle_create_topics(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::create_topics_request_t>();
    if (body == nullptr) {
        return;
    }
    services.env.io.post([&services, request = std::move(request), body] {
        const auto topics = wire::items(body->topics());
        const auto twice =
            repeated(topics, [](const auto& topic) { return wire::text(topic->name()); });
        wire::CreateTopicsResponse response;
        for (const auto& topic : topics) {
            response.topics.push_back(create_topic(*topic, services, body->validate_only(), twice));
        }
        request->respond(std::move(response));
    });
}

void handle_delete_topics(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::delete_topics_request_t>();
    if (body == nullptr) {
        return;
    }
    services.env.io.post([&services, request = std::move(request), body] {
        wire::DeleteTopicsResponse response;
        const auto names = wire::items(body->topic_names());
        const auto twice = repeated(names, [](const auto& name) { return wire::text(name); });
        for (const auto& name : names) {
            response.responses.push_back(
                delete_topic(services, wire::text(name), TopicId{}, twice));
        }
        const auto topics = wire::items(body->topics());
        const auto twice_by_either = repeated(topics, [&](const auto& topic) {
            const TopicPtr found = services.broker.find_topic(wire::uuid(topic->topic_id()));
            return found ? found->name : std::string(wire::text(topic->name()));
        });
        for (const auto& topic : topics) {
            response.responses.push_back(delete_topic(services,
                                                      wire::optional_text(topic->name()),
                                                      wire::uuid(topic->topic_id()),
                                                      twice_by_either));
        }
        request->respond(std::move(response));
    });
}

void handle_create_partitions(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::create_partitions_request_t>();
    if (body == nullptr) {
        return;
    }
    services.env.io.post([&services, request = std::move(request), body] {
        const auto topics = wire::items(body->topics());
        const auto twice =
            repeated(topics, [](const auto& topic) { return wire::text(topic->name()); });
        wire::CreatePartitionsResponse response;
        for (const auto& topic : topics) {
            response.results.push_back(
                create_partitions(*topic, services, body->validate_only(), twice));
        }
        request->respond(std::move(response));
    });
}

}  // namespace millrace::server::kafka
