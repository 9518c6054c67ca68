#include "core/log/compaction/compaction_plan.h"

#include <algorithm>

namespace millrace::log {

namespace {

bool may_be_cleaned(const SegmentFacts& segment,
                    const PartitionFacts& facts,
                    const CompactionOptions& options) {
    return segment.base < facts.replay_floor && segment.next <= facts.stable_end &&
           segment.last_append_age.value_or(std::chrono::nanoseconds{0}) >= options.lag_min;
}

}  // namespace

std::optional<CompactionPlan> plan_compaction(const PartitionFacts& facts,
                                              const CompactionOptions& options,
                                              std::int64_t now_ms) {
    CompactionPlan plan;
    std::uint64_t total_bytes = 0;
    std::uint64_t dirty_bytes = 0;
    bool is_overdue = false;
    for (const SegmentFacts& segment : facts.closed) {
        if (!may_be_cleaned(segment, facts, options)) {
            break;
        }
        if (plan.segments == 0) {
            plan.dirty_from = std::max(facts.state.cleaned_to, segment.base);
        }
        ++plan.segments;
        total_bytes += segment.bytes;
        if (segment.next > facts.state.cleaned_to) {
            dirty_bytes += segment.bytes;
            is_overdue = is_overdue || (options.lag_max && segment.first_append_age &&
                                        *segment.first_append_age >= *options.lag_max);
        }
    }
    if (plan.segments == 0) {
        return std::nullopt;
    }
    plan.dirty_from = std::min(plan.dirty_from, facts.closed[plan.segments - 1].next);
    plan.dirty_ratio =
        total_bytes == 0 ? 0 : static_cast<double>(dirty_bytes) / static_cast<double>(total_bytes);
    const bool is_dirty = dirty_bytes > 0 && plan.dirty_ratio >= options.dirty_ratio_min;
    const bool has_horizon = facts.state.horizon && facts.state.horizon->value <= now_ms;
    return is_dirty || is_overdue || has_horizon ? std::optional(plan) : std::nullopt;
}

}  // namespace millrace::log
