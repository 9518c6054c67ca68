// ListOffsets and OffsetForLeaderEpoch: where partitions start and end, and what lies at a time.
#include "core/wire/generated/list_offsets_request.h"
#include "core/wire/generated/offset_for_leader_epoch_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/messages/list_offsets.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/handlers.h"
#include "server/kafka/leader_epoch.h"

namespace millrace::server::kafka {

namespace {

using Response = wire::ListOffsetsResponse;

// What stands in for a timestamp.
constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;
constexpr std::int64_t kMaxTimestamp = -3;
constexpr std::int64_t kEarliestLocal = -4;

constexpr std::int16_t kMaxTimestampVersionMin = 7;
constexpr std::int16_t kEarliestLocalVersionMin = 8;

bool is_known(std::int64_t timestamp, std::int16_t version) {
    switch (timestamp) {
        case kLatest:
        case kEarliest:
            return true;
        case kMaxTimestamp:
            return version >= kMaxTimestampVersionMin;
        case kEarliestLocal:
            return version >= kEarliestLocalVersionMin;
        default:
            return timestamp >= 0;
    }
}

bool reads_disk(std::int64_t timestamp) {
    return timestamp >= 0 || timestamp == kMaxTimestamp;
}

void give(Response::Partition& answer, Offset offset, std::int64_t timestamp = -1) {
    answer.offset = offset.value;
    answer.timestamp = timestamp;
    answer.leader_epoch = kLeaderEpoch;
}

/// Finds the offset of one partition.
Status answer_one(broker::Broker& broker,
                  TopicPartition partition,
                  std::int64_t timestamp,
                  Isolation isolation,
                  Response::Partition& answer) {
    MILLRACE_TRY(const PartitionEnds ends, broker.partition_ends(partition));
    const Offset end =
        isolation == Isolation::kReadCommitted ? ends.last_stable_offset : ends.high_watermark;
    if (timestamp == kLatest) {
        give(answer, end);
        return Ok{};
    }
    if (timestamp == kEarliest || timestamp == kEarliestLocal) {
        give(answer, ends.log_start);
        return Ok{};
    }
    MILLRACE_TRY(const std::optional<log::TimedOffset> found,
                 timestamp == kMaxTimestamp ? broker.find_max_timestamp(partition)
                                            : broker.find_time(partition, Timestamp{timestamp}));
    if (found && found->offset < end) {
        give(answer, found->offset, found->timestamp.value);
    }
    return Ok{};
}

void answer_all(Services& services, const RequestPtr& request, wire::list_offsets_request_t& body) {
    const auto isolation = static_cast<Isolation>(body.isolation_level());
    Response response;
    for (const auto& topic : wire::items(body.topics())) {
        auto& answers = response.topics.emplace_back();
        answers.name = wire::text(topic->name());
        const TopicPtr found = services.broker.find_topic(answers.name);
        for (const auto& partition : wire::items(topic->partitions())) {
            Response::Partition& answer = answers.partitions.emplace_back();
            answer.partition_index = partition->partition_index();
            answer.error = check_leader_epoch(partition->current_leader_epoch());
            if (!found) {
                answer.error = KafkaError::kUnknownTopicOrPartition;
            } else if (!is_known(partition->timestamp(), request->version())) {
                answer.error = KafkaError::kUnsupportedVersion;
            }
            if (answer.error != KafkaError::kNone) {
                continue;
            }
            const Status answered = answer_one(services.broker,
                                               {found->id, Partition{answer.partition_index}},
                                               partition->timestamp(),
                                               isolation,
                                               answer);
            if (!answered.ok()) {
                answer.error = to_kafka_error(answered.error().code);
            }
        }
    }
    request->respond(std::move(response));
}

}  // namespace

void handle_list_offsets(Services& services, RequestPtr request) {
    auto* body = request->decode<wire::list_offsets_request_t>();
    if (body == nullptr) {
        return;
    }
    bool waits = false;
    for (const auto& topic : wire::items(body->topics())) {
        for (const auto& partition : wire::items(topic->partitions())) {
            waits = waits || reads_disk(partition->timestamp());
        }
    }
    if (!waits) {
        answer_all(services, request, *body);
        return;
    }
    services.env.io.post(
        [&services, request = std::move(request), body] { answer_all(services, request, *body); });
}

void handle_offset_for_leader_epoch(Services& services, RequestPtr request) {
    const auto* body = request->decode<wire::offset_for_leader_epoch_request_t>();
    if (body == nullptr) {
        return;
    }
    wire::OffsetForLeaderEpochResponse response;
    for (const auto& topic : wire::items(body->topics())) {
        auto& answers = response.topics.emplace_back();
        answers.topic = wire::text(topic->topic());
        const TopicPtr found = services.broker.find_topic(answers.topic);
        for (const auto& partition : wire::items(topic->partitions())) {
            auto& answer = answers.partitions.emplace_back();
            answer.partition = partition->partition();
            const auto ends =
                found ? services.broker.partition_ends({found->id, Partition{answer.partition}})
                      : Result<PartitionEnds>(Error{ErrorCode::kUnknownTopic, {}});
            answer.error = ends.ok() ? check_leader_epoch(partition->current_leader_epoch())
                                     : KafkaError::kUnknownTopicOrPartition;
            if (answer.error == KafkaError::kNone && partition->leader_epoch() == kLeaderEpoch) {
                answer.leader_epoch = kLeaderEpoch;
                answer.end_offset = ends.value().high_watermark.value;
            }
        }
    }
    request->respond(std::move(response));
}

}  // namespace millrace::server::kafka
