// The records in which committed offsets and unit epochs are kept: __consumer_offsets (Kafka's
// format) and
// __millrace_commits. Bytes: docs/formats/offsets.md.
#pragma once

#include <string>
#include <variant>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/record/ids.h"
#include "core/record/record.h"

namespace millrace::broker {

/// Header of an offset record: the id of the topic, so that one made again under the same name does
/// not inherit offsets.
constexpr std::string_view kTopicIdHeader = "millrace.topic.id";
/// Header of an offset that a Kafka client committed: it expires. Those of queries and connectors
/// do not.
constexpr std::string_view kExpiresHeader = "millrace.expires";
constexpr std::string_view kOffsetsTopic = "__consumer_offsets";
constexpr std::string_view kCommitsTopic = "__millrace_commits";

/// One committed offset, by topic name as Kafka keeps it.
struct OffsetRecord {
    std::string group;
    std::string topic;
    Partition partition;
    Offset next;  // ignored in a removed one
    std::string metadata{};
    std::int32_t leader_epoch = -1;
    Timestamp committed_at{-1};
    bool is_removed = false;  // a tombstone
};

[[nodiscard]] Buffer encode_offset_key(const OffsetRecord& record);
[[nodiscard]] Buffer encode_offset_value(const OffsetRecord& record);

/// The id of the group whose metadata a record holds, for its key; the value is the group
/// coordinator's (core/broker/groups/group_records.h).
struct GroupKey {
    std::string group;
};
[[nodiscard]] Buffer encode_group_key(const std::string& group);

/// One record of __consumer_offsets. kCorruptBatch: not readable.
[[nodiscard]] Result<std::variant<OffsetRecord, GroupKey>> decode_offsets_record(
    const RecordView& record);

struct EpochRecord {
    std::string owner;
    std::uint64_t epoch = 0;
};
[[nodiscard]] Buffer encode_epoch_key(const EpochRecord& record);
[[nodiscard]] Buffer encode_epoch_value(const EpochRecord& record);
[[nodiscard]] Result<EpochRecord> decode_epoch(const RecordView& record);

}  // namespace millrace::broker
