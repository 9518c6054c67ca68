// What goes in and out of a log: topics, atomic units, fetches, snapshots. Plain data.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/page.h"
#include "core/record/ids.h"

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

}  // namespace millrace
