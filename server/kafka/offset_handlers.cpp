// Offsets of consumer groups: OffsetCommit, OffsetFetch, OffsetDelete.
#include <map>

#include "core/broker/groups/group_coordinator.h"
#include "core/wire/generated/offset_commit_request.h"
#include "core/wire/generated/offset_delete_request.h"
#include "core/wire/generated/offset_fetch_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/messages/offsets.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

namespace {

constexpr std::int16_t kFetchOfSeveralGroups = 8;

using FetchResponse = wire::OffsetFetchResponse;

/// The partition of a topic, when both are there.
std::optional<TopicPartition> existing(const TopicPtr& topic, std::int32_t index) {
    if (!topic || index < 0 || index >= topic->partitions) {
        return std::nullopt;
    }
    return TopicPartition{topic->id, Partition{index}};
}

FetchResponse::Partition fetched(std::int32_t index, broker::FetchedOffset offset) {
    return {.partition_index = index,
            .committed_offset = offset.next.value,
            .committed_leader_epoch = offset.leader_epoch,
            .metadata = std::move(offset.metadata),
            .error = offset.error};
}

/// What the group committed for the partitions that were asked for. Partitions that do not exist
/// have nothing committed.
std::vector<FetchResponse::Topic> fetch_some(
    Services& services,
    const std::string& group,
    std::span<const wire::kaitai::ref<wire::offset_fetch_request_t::topic_t>> wanted,
    broker::OffsetStability stability) {
    std::vector<FetchResponse::Topic> topics;
    topics.reserve(wanted.size());
    for (const auto& topic : wanted) {
        FetchResponse::Topic answer;
        answer.name = wire::text(topic->name());
        const TopicPtr known = services.broker.find_topic(answer.name);
        std::vector<TopicPartition> partitions;
        std::vector<std::size_t> places;
        for (const std::int32_t index : wire::items(topic->partition_indexes())) {
            if (const auto partition = existing(known, index)) {
                partitions.push_back(*partition);
                places.push_back(answer.partitions.size());
            }
            answer.partitions.push_back(fetched(index, {}));
        }
        auto offsets = services.broker.groups().fetch_offsets(group, partitions, stability);
        for (std::size_t i = 0; i < places.size(); ++i) {
            FetchResponse::Partition& place = answer.partitions[places[i]];
            place = fetched(place.partition_index, std::move(offsets[i]));
        }
        topics.push_back(std::move(answer));
    }
    return topics;
}

std::vector<FetchResponse::Topic> fetch_all(Services& services,
                                            const std::string& group,
                                            broker::OffsetStability stability) {
    std::vector<FetchResponse::Topic> topics;
    TopicPtr topic;
    for (auto& [partition, offset] : services.broker.groups().fetch_all_offsets(group, stability)) {
        if (!topic || topic->id != partition.topic) {  // they come topic by topic
            topic = services.broker.find_topic(partition.topic);
            if (!topic) {
                continue;  // deleted a moment ago
            }
            topics.emplace_back().name = topic->name;
        }
        topics.back().partitions.push_back(fetched(partition.partition.value, offset));
    }
    return topics;
}

/// A commit on its way: the answer, and where in it each offset has its place.
struct Committing {
    wire::OffsetCommitResponse response;
    std::vector<std::pair<std::size_t, std::size_t>> places;  // topic, partition
};

}  // namespace

void handle_offset_commit(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::offset_commit_request_t>();
    if (body == nullptr) {
        return;
    }
    const std::string_view instance = wire::text(body->group_instance_id());
    broker::CommitRequest commit{
        .member = {
            .group = std::string(wire::text(body->group_id())),
            .generation = body->generation_id_or_member_epoch(),
            .member_id = std::string(wire::text(body->member_id())),
            .instance_id = instance.empty() ? std::nullopt : std::optional<std::string>(instance)}};
    Committing committing;
    for (const auto& topic : wire::items(body->topics())) {
        auto& answer = committing.response.topics.emplace_back();
        answer.name = wire::text(topic->name());
        const TopicPtr known = services.broker.find_topic(answer.name);
        for (const auto& partition : wire::items(topic->partitions())) {
            const auto source = existing(known, partition->partition_index());
            answer.partitions.push_back(
                {.partition_index = partition->partition_index(),
                 .error = source ? KafkaError::kNone : KafkaError::kUnknownTopicOrPartition});
            if (source) {
                committing.places.emplace_back(committing.response.topics.size() - 1,
                                               answer.partitions.size() - 1);
                commit.offsets.push_back(
                    {.source = *source,
                     .next = Offset{partition->committed_offset()},
                     .leader_epoch = partition->committed_leader_epoch(),
                     .metadata = std::string(wire::text(partition->committed_metadata()))});
            }
        }
    }
    if (commit.offsets.empty()) {
        return request->respond(committing.response);
    }
    services.broker.groups().commit_offsets(
        std::move(commit),
        [request, committing = std::move(committing)](std::vector<KafkaError> errors) mutable {
            for (std::size_t i = 0; i < errors.size(); ++i) {
                const auto [topic, partition] = committing.places[i];
                committing.response.topics[topic].partitions[partition].error = errors[i];
            }
            request->respond(committing.response);
        });
}

void handle_offset_fetch(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::offset_fetch_request_t>();
    if (body == nullptr) {
        return;
    }
    const auto stability = body->require_stable() ? broker::OffsetStability::kStableOnly
                                                  : broker::OffsetStability::kAny;
    FetchResponse response;
    if (request->version() < kFetchOfSeveralGroups) {
        const std::string group(wire::text(body->group_id()));
        response.topics = body->topics() == nullptr
                              ? fetch_all(services, group, stability)
                              : fetch_some(services, group, wire::items(body->topics()), stability);
    }
    for (const auto& wanted : wire::items(body->groups())) {
        FetchResponse::Group& group = response.groups.emplace_back();
        group.group_id = wire::text(wanted->group_id());
        group.topics =
            wanted->topics() == nullptr
                ? fetch_all(services, group.group_id, stability)
                : fetch_some(services, group.group_id, wire::items(wanted->topics()), stability);
    }
    request->respond(response);
}

void handle_offset_delete(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::offset_delete_request_t>();
    if (body == nullptr) {
        return;
    }
    wire::OffsetDeleteResponse response;
    std::vector<broker::OffsetsToDelete> topics;
    for (const auto& topic : wire::items(body->topics())) {
        auto& answer = response.topics.emplace_back();
        answer.name = wire::text(topic->name());
        const TopicPtr known = services.broker.find_topic(answer.name);
        broker::OffsetsToDelete& deleting = topics.emplace_back();
        deleting.topic = answer.name;
        deleting.id = known ? known->id : TopicId{};
        for (const auto& partition : wire::items(topic->partitions())) {
            const auto found = existing(known, partition->partition_index());
            answer.partitions.push_back(
                {.partition_index = partition->partition_index(),
                 .error = found ? KafkaError::kNone : KafkaError::kUnknownTopicOrPartition});
            if (found) {
                deleting.partitions.push_back(found->partition);
            }
        }
    }
    services.broker.groups().delete_offsets(
        std::string(wire::text(body->group_id())),
        std::move(topics),
        [request, response = std::move(response)](broker::DeletedOffsets deleted) mutable {
            response.error = deleted.error;
            if (deleted.error != KafkaError::kNone) {
                response.topics.clear();
            }
            for (std::size_t t = 0; t < response.topics.size(); ++t) {
                for (auto& partition : response.topics[t].partitions) {
                    if (partition.error == KafkaError::kNone) {
                        partition.error = deleted.topics[t];
                    }
                }
            }
            request->respond(response);
        });
}

}  // namespace millrace::server::kafka
