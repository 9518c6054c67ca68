// What goes in and out of a log: topics, atomic units, fetches, snapshots. Plain data.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/page.h"
#include "core/record/batch_bytes.h"
#include "core/record/ids.h"
#include "core/record/kafka_error.h"
#include "core/record/transaction.h"

namespace millrace {

/// Topic settings by their Kafka names, e.g. "retention.ms", "cleanup.policy", and ours,
/// "millrace.schema".
using TopicConfig = std::map<std::string, std::string>;

struct TopicSpec {
    std::string name;  // 1 to 249 of [A-Za-z0-9._-], not "." or ".."
    std::int32_t partitions = 1;
    TopicConfig config{};
};

struct TopicInfo {
    std::string name;
    TopicId id;
    std::int32_t partitions = 0;
    TopicConfig config{};
    /// Made by Millrace itself (catalog, offsets, changelogs): hidden from ordinary lists.
    bool is_internal = false;
};

/// A topic as it was when it was asked for.
using TopicPtr = std::shared_ptr<const TopicInfo>;

/// One encoded v2 record batch, or several back to back, for one partition. Base offsets are given
/// by the log.
struct Piece {
    TopicPartition to;
    Buffer batches;
};

/// One record batch as a client sent it, for one partition.
struct ProducePiece {
    TopicPartition to;
    BatchBytes batches;
};

/// What a consumer group has read: `next` is the first offset not read yet.
struct OffsetCommit {
    std::string group;
    TopicPartition source;
    Offset next;
    std::string metadata{};
    std::int32_t leader_epoch = -1;  // of the record before `next`, as its reader knows it
    Timestamp committed_at{-1};      // wall time; -1 when committing: now
    /// Of a Kafka client: goes some time after its group's last member. Those of queries and
    /// connectors stay, and make their group one that clients cannot touch.
    bool does_expire = false;
    bool is_removed = false;  // takes the commit back; only `group` and `source` count
};

/// What the group coordinator keeps of a group; no value removes it.
struct GroupRecord {
    std::string group;
    std::optional<Buffer> value;
};

/// Who writes a unit, and its place in that writer's history. The log takes a unit only when
/// `epoch` is the committed epoch of `owner` + 1 (0 = nothing committed yet, so the first is 1): a
/// retry or a zombie gets kFenced.
struct UnitEpoch {
    std::string owner;  // e.g. "query/DELAY_BY_AIRPORT", "connector/flights/0"
    std::uint64_t epoch = 0;
};

/// All or nothing: pieces, offsets and groups become durable and visible together.
struct Unit {
    std::vector<Piece> pieces;
    std::vector<OffsetCommit> offsets;
    std::optional<UnitEpoch> epoch;
    std::vector<GroupRecord> groups;  // by the group coordinator only
};

struct CommitPosition {
    std::uint64_t sequence = 0;  // grows with every committed unit of the log
    std::vector<Offset>
        base_offsets;  // of the first record of each piece, in the order of Unit::pieces
};

struct FetchRequest {
    TopicPartition from;
    Offset offset;                      // first offset wanted
    std::size_t bytes_max = kPageSize;  // at least one whole batch is returned when there is one
    std::chrono::milliseconds wait_max{
        0};  // how long to wait while nothing is visible at or after `offset`
};

struct FetchResult {
    PagePtr page;           // keeps `batches` alive; null when `batches` is empty
    ByteView batches;       // whole encoded v2 batches; the first may start before the asked offset
    Offset log_start;       // first offset still kept
    Offset high_watermark;  // first offset not visible yet
};

enum class FetchId : std::uint64_t { kNone = 0 };

/// Visible ends of partitions at one commit: never half a unit.
struct LogSnapshot {
    std::uint64_t sequence = 0;
    std::map<TopicPartition, Offset> ends;

    [[nodiscard]] Offset end_of(TopicPartition partition) const {
        const auto found = ends.find(partition);
        return found == ends.end() ? Offset{0} : found->second;
    }
};

/// What a producer waits for.
enum class Acks : std::int8_t {
    kAll = -1,    // durable as the topic's `durability` says: fsync by default
    kNone = 0,    // nothing
    kLeader = 1,  // in the system's page cache: survives a crash of the process, not of the machine
};

/// What became of one piece of produce(). The others are not touched by its error.
struct Produced {
    KafkaError error = KafkaError::kNone;
    std::string message;            // for people; empty when all is well
    Offset base_offset{-1};         // of the first record, also for a batch that was there already
    Timestamp log_append_time{-1};  // set when the topic stamps records itself
    Offset log_start{-1};
};

/// Which records a reader sees.
enum class Isolation : std::int8_t { kReadUncommitted = 0, kReadCommitted = 1 };

struct PartitionFetch {
    TopicPartition from;
    Offset offset;
    std::size_t bytes_max = kPageSize;
};

/// Where a partition starts and ends for its readers.
struct PartitionEnds {
    Offset log_start;           // first offset still kept
    Offset last_stable_offset;  // end of what readers of committed records see
    Offset high_watermark;      // first offset not visible yet
};

/// Several partitions in one answer, as a Kafka client asks for them.
struct FetchSet {
    std::vector<PartitionFetch> partitions;  // in the order in which they are read
    Isolation isolation = Isolation::kReadUncommitted;
    std::size_t bytes_min = 1;  // wait until so much is there in all
    std::size_t bytes_max = std::size_t{50} << 20;
    std::chrono::milliseconds wait_max{0};
};

struct PartitionFetched {
    KafkaError error = KafkaError::kNone;
    std::vector<PagePtr> pages;     // keep `batches` alive
    std::vector<ByteView> batches;  // whole batches, in order
    Offset log_start{-1};
    Offset high_watermark{-1};
    Offset last_stable_offset{-1};
    std::vector<AbortedTransaction> aborted;
};

}  // namespace millrace
