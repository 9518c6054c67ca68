// The planner of compaction: which closed segments of a partition are due. Pure: the same facts
// give the same plan.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/log/compaction/compaction_state.h"
#include "core/log/partition_log.h"
#include "core/record/ids.h"

namespace millrace::log {

/// A closed segment.
struct SegmentFacts {
    Offset base;
    Offset next;  // behind its last offset
    std::uint64_t bytes = 0;
    std::optional<std::chrono::nanoseconds> first_append_age;
    std::optional<std::chrono::nanoseconds> last_append_age;
};

struct PartitionFacts {
    std::vector<SegmentFacts> closed;  // ascending, one after the other
    Offset replay_floor;  // base of the first segment that recovery may still write into
    Offset stable_end;    // first offset of which a transaction may still decide
    CompactionState state;
};

struct CompactionPlan {
    std::size_t segments = 0;  // the first so many are cleaned
    Offset dirty_from;         // offsets from here on were not looked at yet
    double dirty_ratio = 0;    // dirty bytes of all bytes that may be cleaned
};

/// Segments may be cleaned when recovery cannot write into them, no transaction that begins in them
/// is open, and their last append is CompactionOptions::lag_min old; all before must be, too. That
/// is due when
///   - dirty bytes have the share CompactionOptions::dirty_ratio_min, or
///   - the oldest dirty append is older than CompactionOptions::lag_max, or
///   - a delete horizon has passed (wall clock): tombstones and markers can go.
[[nodiscard]] std::optional<CompactionPlan> plan_compaction(const PartitionFacts& facts,
                                                            const CompactionOptions& options,
                                                            std::int64_t now_ms);

}  // namespace millrace::log
