// DescribeCluster, DescribeLogDirs, DescribeTopicPartitions, ElectLeaders: the broker as an
// administrator sees it.
#include <algorithm>
#include <map>

#include "core/broker/topic_config.h"
#include "core/wire/generated/describe_cluster_request.h"
#include "core/wire/generated/describe_log_dirs_request.h"
#include "core/wire/generated/describe_topic_partitions_request.h"
#include "core/wire/generated/elect_leaders_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/messages/cluster.h"
#include "core/wire/messages/metadata.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/cluster_view.h"
#include "server/kafka/handlers.h"
#include "server/kafka/leader_epoch.h"

namespace millrace::server::kafka {

namespace {

constexpr std::int8_t kBrokersEndpoint = 1;
constexpr std::int8_t kControllersEndpoint = 2;
constexpr std::int32_t kPageOfPartitionsMax = 2000;  // of one DescribeTopicPartitions answer

// DescribeLogDirs.

/// Which partitions of which topics; null: all of them.
using Selection = std::optional<std::map<std::string, std::vector<std::int32_t>>>;

Selection selection_of(const wire::describe_log_dirs_request_t& body) {
    if (body.topics() == nullptr) {
        return std::nullopt;
    }
    Selection selection(std::in_place);
    for (const auto& topic : wire::items(body.topics())) {
        const auto partitions = wire::items(topic->partitions());
        auto& chosen = (*selection)[std::string(wire::text(topic->topic()))];
        chosen.insert(chosen.end(), partitions.begin(), partitions.end());
    }
    return selection;
}

bool is_selected(const Selection& selection, const std::string& topic, std::int32_t partition) {
    if (!selection) {
        return true;
    }
    const auto found = selection->find(topic);
    return found != selection->end() &&
           std::find(found->second.begin(), found->second.end(), partition) != found->second.end();
}

wire::DescribeLogDirsResponse::LogDir describe_log_dir(const Services& services,
                                                       const Selection& selection) {
    wire::DescribeLogDirsResponse::LogDir answer;
    answer.log_dir = services.broker.data_directory();
    answer.total_bytes = -1;  // not known
    const Result<std::uint64_t> free = services.env.files.free_bytes(answer.log_dir);
    answer.usable_bytes = free.ok() ? static_cast<std::int64_t>(free.value()) : -1;
    for (const TopicInfo& topic : services.broker.list_topics()) {
        wire::DescribeLogDirsResponse::Topic described;
        described.name = topic.name;
        for (std::int32_t p = 0; p < topic.partitions && is_client_topic(topic.name); ++p) {
            if (!is_selected(selection, topic.name, p)) {
                continue;
            }
            // A partition that went away meanwhile is left out.
            const auto size = services.broker.partition_bytes({topic.id, Partition{p}});
            if (size.ok()) {
                described.partitions.push_back(
                    {.partition_index = p,
                     .partition_size = static_cast<std::int64_t>(size.value())});
            }
        }
        if (!described.partitions.empty()) {
            answer.topics.push_back(std::move(described));
        }
    }
    return answer;
}

// DescribeTopicPartitions.

using Page = wire::DescribeTopicPartitionsResponse;

Page::Partition describe_partition(std::int32_t index, std::int32_t node_id) {
    Page::Partition partition;
    partition.partition_index = index;
    partition.leader_id = node_id;
    partition.leader_epoch = kLeaderEpoch;
    partition.replica_nodes = {node_id};
    partition.isr_nodes = {node_id};
    partition.eligible_leader_replicas.emplace();
    partition.last_known_elr.emplace();
    return partition;
}

/// Names asked for, ascending, each once; all topics when none is named.
std::vector<std::string> names_asked(const Services& services,
                                     const wire::describe_topic_partitions_request_t& body) {
    std::vector<std::string> names;
    for (const auto& topic : wire::items(body.topics())) {
        names.emplace_back(wire::text(topic->name()));
    }
    if (names.empty()) {
        for (const TopicInfo& topic : services.broker.list_topics()) {
            if (is_client_topic(topic.name)) {
                names.push_back(topic.name);
            }
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

Page::Topic unknown_topic(const std::string& name) {
    Page::Topic answer;
    answer.name = name;
    answer.error = broker::check_topic_name(name).ok() ? KafkaError::kUnknownTopicOrPartition
                                                       : KafkaError::kInvalidTopic;
    answer.topic_authorized_operations = kOperationsNotAsked;
    return answer;
}

Page describe_page(const Services& services,
                   const wire::describe_topic_partitions_request_t& body) {
    Page page;
    std::string first_name;
    std::int32_t first_partition = 0;
    if (body.cursor() != nullptr) {
        first_name = wire::text(body.cursor()->topic_name());
        first_partition = std::max(0, body.cursor()->partition_index());
    }
    std::int32_t left = std::clamp(body.response_partition_limit(), 1, kPageOfPartitionsMax);
    for (const std::string& name : names_asked(services, body)) {
        if (name < first_name) {
            continue;
        }
        if (left == 0) {
            page.next_cursor = Page::Cursor{.topic_name = name, .partition_index = 0};
            break;
        }
        const TopicPtr topic = is_client_topic(name) ? services.broker.find_topic(name) : nullptr;
        if (!topic) {
            page.topics.push_back(unknown_topic(name));
            continue;
        }
        Page::Topic answer;
        answer.name = name;
        answer.topic_id = topic->id;
        answer.is_internal = topic->is_internal;
        answer.topic_authorized_operations = kTopicOperations;
        std::int32_t p = name == first_name ? first_partition : 0;
        for (; p < topic->partitions && left > 0; ++p, --left) {
            answer.partitions.push_back(describe_partition(p, services.settings.node_id));
        }
        page.topics.push_back(std::move(answer));
        if (p < topic->partitions) {
            page.next_cursor = Page::Cursor{.topic_name = name, .partition_index = p};
            break;
        }
    }
    return page;
}

}  // namespace

void handle_describe_cluster(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::describe_cluster_request_t>();
    if (body == nullptr) {
        return;
    }
    wire::DescribeClusterResponse response;
    response.endpoint_type = body->endpoint_type();
    response.cluster_authorized_operations =
        body->include_cluster_authorized_operations() ? kClusterOperations : kOperationsNotAsked;
    response.controller_id = -1;
    if (response.endpoint_type != kBrokersEndpoint) {
        const bool is_known = response.endpoint_type == kControllersEndpoint;
        response.error =
            is_known ? KafkaError::kMismatchedEndpointType : KafkaError::kUnsupportedEndpointType;
        response.error_message =
            is_known ? "this is a broker, not a controller"
                     : "unknown type of endpoint: " + std::to_string(response.endpoint_type);
        request->respond(std::move(response));
        return;
    }
    response.cluster_id = services.broker.cluster_id().to_string();
    response.controller_id = services.settings.node_id;
    Endpoint endpoint = endpoint_of(services.settings, request->connection());
    response.brokers.push_back({.broker_id = services.settings.node_id,
                                .host = std::move(endpoint.host),
                                .port = endpoint.port});
    request->respond(std::move(response));
}

void handle_describe_log_dirs(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::describe_log_dirs_request_t>();
    if (body == nullptr) {
        return;
    }
    services.env.io.post([&services, request = std::move(request), body] {
        wire::DescribeLogDirsResponse response;
        response.results.push_back(describe_log_dir(services, selection_of(*body)));
        request->respond(std::move(response));
    });
}

void handle_describe_topic_partitions(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::describe_topic_partitions_request_t>();
    if (body == nullptr) {
        return;
    }
    request->respond(describe_page(services, *body));
}

void handle_elect_leaders(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::elect_leaders_request_t>();
    if (body == nullptr) {
        return;
    }
    wire::ElectLeadersResponse response;
    if (body->election_type() != 0 && body->election_type() != 1) {
        response.error = KafkaError::kInvalidRequest;
    }
    // Every partition is led by the only node there is. For "all" only those that elected somebody
    // are answered: none.
    for (const auto& topic : wire::items(body->topic_partitions())) {
        auto& answer = response.replica_election_results.emplace_back();
        answer.topic = wire::text(topic->topic());
        const TopicPtr found =
            is_client_topic(answer.topic) ? services.broker.find_topic(answer.topic) : nullptr;
        for (const std::int32_t index : wire::items(topic->partitions())) {
            const bool is_there = found && index >= 0 && index < found->partitions;
            answer.partition_result.push_back(
                {.partition_id = index,
                 .error = is_there ? KafkaError::kElectionNotNeeded
                                   : KafkaError::kUnknownTopicOrPartition,
                 .error_message = is_there ? "the only node leads every partition"
                                           : "unknown topic or partition: " + answer.topic + "-" +
                                                 std::to_string(index)});
        }
    }
    request->respond(std::move(response));
}

}  // namespace millrace::server::kafka
