// LogClient: the one door to a log for the runtime and the connectors: topics, fetch, atomic
// append, snapshot.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/io_executor.h"
#include "core/base/page.h"
#include "core/base/result.h"
#include "core/record/ids.h"

namespace millrace {

/// Topic settings by their Kafka names, e.g. "retention.ms", "cleanup.policy", and ours,
/// "millrace.schema".
using TopicConfig = std::map<std::string, std::string>;

struct TopicSpec {
    std::string name;  // 1 to 249 of [A-Za-z0-9._-], not "." or ".."
    std::int32_t partitions = 1;
    TopicConfig config;
};

struct TopicInfo {
    std::string name;
    TopicId id;
    std::int32_t partitions = 0;
    TopicConfig config;
    /// Made by Millrace itself (catalog, offsets, changelogs): hidden from ordinary lists.
    bool is_internal = false;
};

/// One encoded v2 record batch, or several back to back, for one partition. Base offsets are given
/// by the log.
struct Piece {
    TopicPartition to;
    Buffer batches;
};

/// What a consumer group has read: `next` is the first offset not read yet.
struct OffsetCommit {
    std::string group;
    TopicPartition source;
    Offset next;
    std::string metadata;
};

/// Who writes a unit, and its place in that writer's history. The log takes a unit only when
/// `epoch` is the committed epoch of `owner` + 1 (0 = nothing committed yet, so the first is 1): a
/// retry or a zombie gets kFenced.
struct UnitEpoch {
    std::string owner;  // e.g. "query/DELAY_BY_AIRPORT", "connector/flights/0"
    std::uint64_t epoch = 0;
};

/// All or nothing: pieces and offsets become durable and visible together.
struct Unit {
    std::vector<Piece> pieces;
    std::vector<OffsetCommit> offsets;
    std::optional<UnitEpoch> epoch;
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

/// Any thread may call any method; none of them throws. Completions run on the Env's I/O executor.
class LogClient {
  public:
    virtual ~LogClient() = default;

    /// Durable when it returns. kTopicExists when the name is taken; kInvalidArgument for a bad
    /// name or config.
    virtual Result<TopicInfo> create_topic(const TopicSpec& spec) = 0;
    /// Removes the topic and its records. kUnknownTopic.
    virtual Status delete_topic(const std::string& name) = 0;
    [[nodiscard]] virtual Result<TopicInfo> describe_topic(const std::string& name) = 0;
    /// Sorted by name.
    [[nodiscard]] virtual std::vector<TopicInfo> list_topics() = 0;
    /// Sets these keys, keeps the others. An empty value removes the key.
    virtual Status alter_config(const std::string& name, const TopicConfig& changes) = 0;

    /// Appends all of the unit or nothing. When `done` gets a value everything is durable (as the
    /// topics' durability says) and visible. kNoSpace: nothing was kept, try again later. kFenced,
    /// kUnknownTopic, kCorruptBatch: do not.
    virtual void append_atomic(Unit unit, Completion<CommitPosition> done) = 0;

    /// Reads whole batches from `offset` on. kOffsetOutOfRange below log_start or above
    /// high_watermark.
    virtual FetchId fetch(const FetchRequest& request, Completion<FetchResult> done) = 0;
    /// Ends a waiting fetch early: it completes at once with what there is (maybe nothing).
    virtual void cancel_fetch(FetchId fetch) = 0;

    [[nodiscard]] virtual LogSnapshot snapshot() = 0;
    [[nodiscard]] virtual Result<Offset> log_start(TopicPartition partition) = 0;
    /// The first offset whose record's timestamp is at or after `time`; the high watermark when
    /// there is none.
    [[nodiscard]] virtual Result<Offset> offset_for_time(TopicPartition partition,
                                                         Timestamp time) = 0;

    /// Committed offsets of a group; empty when it never committed.
    [[nodiscard]] virtual std::map<TopicPartition, OffsetCommit> committed_offsets(
        const std::string& group) = 0;
    /// Last committed epoch of a unit owner; 0 when it never committed.
    [[nodiscard]] virtual std::uint64_t committed_epoch(const std::string& owner) = 0;
};

/// append_atomic and fetch for callers on a thread of their own: they wait. Never call them on the
/// I/O executor or on a runtime worker.
[[nodiscard]] Result<CommitPosition> append_and_wait(LogClient& log, Unit unit);
[[nodiscard]] Result<FetchResult> fetch_and_wait(LogClient& log, const FetchRequest& request);

}  // namespace millrace
