// CompactionPass: cleans the closed segments of one partition once, in small steps.
// Rules: docs/formats/segment.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/log/batch_scanner.h"
#include "core/log/compaction/batch_cleaner.h"
#include "core/log/compaction/compacted_segment.h"
#include "core/log/compaction/compaction_state.h"
#include "core/log/compaction/key_map.h"
#include "core/log/partition_log.h"
#include "core/log/segment.h"
#include "core/log/segment_swap.h"
#include "core/log/transaction_facts.h"
#include "core/record/ids.h"

namespace millrace::log {

/// Everything that decides what a pass does: the same input gives the same files.
struct CompactionInput {
    std::vector<std::shared_ptr<Segment>> segments;  // closed, ascending, one after the other
    Offset dirty_from;
    std::uint64_t segment_bytes = 0;  // neighbours are joined up to about this size
    CompactionOptions options;
    TransactionFacts transactions;
    std::int64_t now_ms = 0;
    std::size_t map_bytes_max = 0;
    std::uint64_t seed = 0;  // of the key map
};

struct CompactionStats {
    std::uint64_t bytes_read = 0;
    std::uint64_t bytes_written = 0;
    std::int64_t records_removed = 0;
    std::size_t segments_replaced = 0;

    void add(const CompactionStats& other);
};

/// First reads the dirty segments and notes the newest offset of each key, until the map is full;
/// then writes all segments up to there anew, oldest first. One thread at a time.
///
///     step() -> kMore ... -> kSwap -> PartitionLog::replace_segments(swap()), swapped()
///            -> kMore ... -> kDone -> state()
class CompactionPass {
  public:
    CompactionPass(Env& env, CompactionInput input);
    /// Removes the file of a swap that did not happen.
    ~CompactionPass();
    CompactionPass(const CompactionPass&) = delete;
    CompactionPass& operator=(const CompactionPass&) = delete;

    enum class Step : std::uint8_t {
        kMore,
        kSwap,  // swap() is to be done before the next step
        kDone,
    };
    /// Works on about `bytes` of the segments, one batch at least. kCorruptBatch: a segment is
    /// damaged; kNoSpace, kIo. After an error the pass is over, and what was not swapped is as it
    /// was.
    [[nodiscard]] Result<Step> step(std::size_t bytes);

    [[nodiscard]] SegmentSwap swap() const;
    void swapped();

    /// After kDone. More passes are needed when cleaned_to is below the segments' end.
    [[nodiscard]] CompactionState state() const;
    [[nodiscard]] const CompactionStats& stats() const { return stats_; }

  private:
    enum class Phase : std::uint8_t { kMap, kClean, kDone };

    Status open_segment();
    /// The next batch of the segment at hand; nullopt at its end.
    Result<std::optional<RecordBatchView>> next_batch();
    Result<Step> map_some(std::size_t bytes);
    bool map_batch(const RecordBatchView& batch);
    void begin_cleaning();
    Result<Step> clean_some(std::size_t bytes);
    /// The group is complete; nothing is swapped when it is what it was before.
    Result<Step> finish_group();
    Status begin_group();
    [[nodiscard]] bool is_group_full() const;
    Status clean(const RecordBatchView& batch);
    [[nodiscard]] Result<CleanedBatch> cleaned(const RecordBatchView& batch);
    [[nodiscard]] bool is_aborted(const RecordBatchView& batch) const;
    [[nodiscard]] bool is_last_of_producer(const RecordBatchView& batch) const;
    [[nodiscard]] bool can_drop_marker(const RecordBatchView& batch);
    void drop_output();

    Env& env_;
    const CompactionInput input_;
    Phase phase_ = Phase::kMap;
    KeyMap keys_;
    Offset end_;         // behind the segments
    Offset mapped_end_;  // keys of dirty records below are in keys_

    std::size_t at_ = 0;  // the segment at hand
    std::shared_ptr<File> file_;
    std::optional<BatchScanner> scanner_;  // null: at_ is not open
    Offset expected_;

    std::size_t group_begin_ = 0;  // the segments [group_begin_, at_) go into output_
    std::unique_ptr<CompactedSegment> output_;
    bool is_output_finished_ = false;
    bool is_output_changed_ = false;
    /// Aborted transactions by producer, first offsets ascending.
    std::unordered_map<std::int64_t, std::map<Offset, Offset>> aborted_;
    /// Producers with a batch in the log that their next marker decides on.
    std::unordered_map<std::int64_t, bool> has_kept_;
    std::vector<Offset> dropped_markers_;  // of the group
    std::optional<Timestamp> horizon_;
    CompactionStats stats_;
};

}  // namespace millrace::log
