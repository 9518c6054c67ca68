#include "core/log/compaction/compaction_pass.h"

#include <algorithm>

#include "core/log/stored_batch.h"
#include "core/record/record_cursor.h"

namespace millrace::log {

void CompactionStats::add(const CompactionStats& other) {
    bytes_read += other.bytes_read;
    bytes_written += other.bytes_written;
    records_removed += other.records_removed;
    segments_replaced += other.segments_replaced;
}

CompactionPass::CompactionPass(Env& env, CompactionInput input)
    : env_(env), input_(std::move(input)), keys_(input_.map_bytes_max, input_.seed) {
    CHECK(!input_.segments.empty());
    end_ = input_.segments.back()->next_offset();
    mapped_end_ = end_;
    for (const TransactionFacts::Aborted& aborted : input_.transactions.aborted) {
        aborted_[aborted.producer_id].emplace(aborted.first, aborted.marker);
    }
    // The first segment with a dirty record.
    while (at_ < input_.segments.size() &&
           input_.segments[at_]->next_offset() <= input_.dirty_from) {
        ++at_;
    }
}

CompactionPass::~CompactionPass() {
    drop_output();
}

void CompactionPass::drop_output() {
    if (output_ == nullptr) {
        return;
    }
    const std::string path = output_->path();
    output_.reset();
    if (const Status removed = env_.files.remove(path); !removed.ok()) {
        env_.log.warn("log", removed.error().with_context("left behind").message);
    }
}

Status CompactionPass::open_segment() {
    const Segment& segment = *input_.segments[at_];
    MILLRACE_TRY(file_, segment.open_file());
    scanner_.emplace(*file_,
                     BatchScanner::Range{.position = 0,
                                         .end = segment.size_bytes(),
                                         .batch_bytes_max = segment.settings().batch_bytes_max});
    expected_ = segment.base();
    return Ok{};
}

Result<std::optional<RecordBatchView>> CompactionPass::next_batch() {
    const Segment& segment = *input_.segments[at_];
    if (!scanner_) {
        MILLRACE_TRY_STATUS(open_segment());
    }
    const std::uint64_t position = scanner_->position();
    Result<std::optional<RecordBatchView>> found = scanner_->next();
    Status intact = found.ok() ? Status{Ok{}} : Status{found.error()};
    if (intact.ok() && found.value()) {
        intact = check_stored_batch(*found.value(), expected_, segment.next_offset());
    } else if (intact.ok() && expected_ != segment.next_offset()) {
        intact = Error{ErrorCode::kCorruptBatch,
                       "segment ends early, at offset " + std::to_string(expected_.value)};
    }
    if (!intact.ok()) {
        return intact.error().with_context(segment.path() + " at byte " + std::to_string(position));
    }
    if (!found.value()) {
        scanner_.reset();
        file_.reset();
        return std::optional<RecordBatchView>{};
    }
    expected_ = next(found.value()->last_offset());
    stats_.bytes_read += found.value()->size_bytes();
    return found;
}

Result<CompactionPass::Step> CompactionPass::step(std::size_t bytes) {
    switch (phase_) {
        case Phase::kMap:
            return map_some(bytes);
        case Phase::kClean:
            return clean_some(bytes);
        case Phase::kDone:
            break;
    }
    return Step::kDone;
}

// --- the keys -----------------------------------------------------------------------------------

Result<CompactionPass::Step> CompactionPass::map_some(std::size_t bytes) {
    const std::uint64_t until = stats_.bytes_read + bytes;
    while (at_ < input_.segments.size() && stats_.bytes_read < until) {
        MILLRACE_TRY(const auto batch, next_batch());
        if (!batch) {
            ++at_;
            continue;
        }
        if (!map_batch(*batch)) {
            begin_cleaning();
            return Step::kMore;
        }
    }
    if (at_ == input_.segments.size()) {
        begin_cleaning();
    }
    return Step::kMore;
}

/// False when there is no room for another key: mapped_end_ is then where it stands.
bool CompactionPass::map_batch(const RecordBatchView& batch) {
    if (batch.is_control() || batch.last_offset() < input_.dirty_from || is_aborted(batch)) {
        return true;
    }
    const Result<RecordPayload> payload = payload_of(batch, nullptr);
    if (!payload.ok()) {
        return true;  // nobody can read it; it stays as it is
    }
    RecordCursor records(batch, payload.value().bytes);
    RecordView record;
    while (records.next(record)) {
        if (record.key && record.offset >= input_.dirty_from &&
            !keys_.put(*record.key, record.offset)) {
            mapped_end_ = record.offset;
            return false;
        }
    }
    return true;
}

void CompactionPass::begin_cleaning() {
    scanner_.reset();
    file_.reset();
    at_ = 0;
    phase_ = Phase::kClean;
}

// --- the segments -------------------------------------------------------------------------------

Result<CompactionPass::Step> CompactionPass::clean_some(std::size_t bytes) {
    CHECK(!is_output_finished_);  // swapped() comes before the next step
    const std::uint64_t until = stats_.bytes_read + bytes;
    while (stats_.bytes_read < until) {
        const bool is_over = at_ == input_.segments.size() ||
                             (!scanner_ && input_.segments[at_]->base() >= mapped_end_);
        const bool is_full = !is_over && !scanner_ && output_ != nullptr && is_group_full();
        if (output_ != nullptr && (is_over || is_full)) {
            return finish_group();
        }
        if (is_over) {
            phase_ = Phase::kDone;
            return Step::kDone;
        }
        if (output_ == nullptr) {
            MILLRACE_TRY_STATUS(begin_group());
        }
        MILLRACE_TRY(const auto batch, next_batch());
        if (!batch) {
            ++at_;
            continue;
        }
        MILLRACE_TRY_STATUS(clean(*batch));
    }
    return Step::kMore;
}

/// A group has half the bytes of a segment at least, if there are so many, and one and a half at
/// most.
bool CompactionPass::is_group_full() const {
    const std::uint64_t bytes = output_->size_bytes();
    return bytes > input_.segment_bytes / 2 &&
           bytes + input_.segments[at_]->size_bytes() > input_.segment_bytes;
}

Status CompactionPass::begin_group() {
    const Segment& first = *input_.segments[at_];
    group_begin_ = at_;
    is_output_changed_ = false;
    dropped_markers_.clear();
    // The new file takes no more than the old one, as a rule. A disk that is nearly full is left
    // to those who write.
    MILLRACE_TRY(const std::uint64_t free_bytes, env_.files.free_bytes(first.settings().directory));
    if (free_bytes < first.size_bytes()) {
        return Error{ErrorCode::kNoSpace,
                     "no space to compact a segment of " + std::to_string(first.size_bytes()) +
                         " bytes: " + first.path()};
    }
    MILLRACE_TRY(output_,
                 CompactedSegment::create(
                     env_.files,
                     join_path(first.settings().directory, cleaned_file_name(first.base())),
                     first.base()));
    return Ok{};
}

Result<CompactionPass::Step> CompactionPass::finish_group() {
    const bool is_same = !is_output_changed_ && at_ - group_begin_ == 1;
    if (is_same) {
        drop_output();
        return Step::kMore;
    }
    MILLRACE_TRY_STATUS(output_->finish(input_.segments[at_ - 1]->next_offset()));
    stats_.bytes_written += output_->size_bytes();
    is_output_finished_ = true;
    return Step::kSwap;
}

SegmentSwap CompactionPass::swap() const {
    CHECK(is_output_finished_);
    const auto begin = input_.segments.begin();
    return SegmentSwap{.sources = {begin + static_cast<std::ptrdiff_t>(group_begin_),
                                   begin + static_cast<std::ptrdiff_t>(at_)},
                       .path = output_->path(),
                       .index = output_->index(),
                       .dropped_markers = dropped_markers_};
}

void CompactionPass::swapped() {
    stats_.segments_replaced += at_ - group_begin_;
    output_.reset();  // the file has another name now
    is_output_finished_ = false;
}

CompactionState CompactionPass::state() const {
    CHECK(phase_ == Phase::kDone);
    return CompactionState{.cleaned_to = mapped_end_, .horizon = horizon_};
}

Status CompactionPass::clean(const RecordBatchView& batch) {
    Result<CleanedBatch> result = cleaned(batch);
    if (!result.ok() && result.error().code == ErrorCode::kOutOfMemoryBudget) {
        return std::move(result).error();
    }
    // Its checksum is right, so these are the bytes that were sent: nobody can read them, and they
    // stay as they are.
    const CleanedBatch made = result.ok() ? std::move(result).value() : CleanedBatch{};
    stats_.records_removed += made.removed;
    is_output_changed_ =
        is_output_changed_ || made.outcome == CleanedBatch::Outcome::kChanged || made.removed > 0;
    if (made.horizon) {
        horizon_ = std::min(horizon_.value_or(*made.horizon), *made.horizon);
    }
    switch (made.outcome) {
        case CleanedBatch::Outcome::kAsItWas:
            MILLRACE_TRY_STATUS(output_->add(batch.bytes()));
            break;
        case CleanedBatch::Outcome::kChanged:
            MILLRACE_TRY_STATUS(output_->add(made.bytes));
            break;
        case CleanedBatch::Outcome::kEmpty:
            if (batch.is_control()) {
                dropped_markers_.push_back(batch.base_offset());
                return Ok{};
            }
            if (!is_last_of_producer(batch)) {
                // Placeholders that stay alone are made again as they were.
                is_output_changed_ = is_output_changed_ || batch.producer_id() >= 0;
                return Ok{};
            }
            MILLRACE_TRY_STATUS(output_->add(make_empty_batch(batch)));
            break;
    }
    const bool has_records = made.outcome != CleanedBatch::Outcome::kEmpty;
    if (batch.is_transactional() && !batch.is_control() && has_records) {
        has_kept_[batch.producer_id()] = true;
    }
    return Ok{};
}

Result<CleanedBatch> CompactionPass::cleaned(const RecordBatchView& batch) {
    if (batch.is_control()) {
        return can_drop_marker(batch)
                   ? clean_marker(batch, input_.now_ms, input_.options.delete_retention.count())
                   : Result<CleanedBatch>(CleanedBatch{});
    }
    if (is_aborted(batch)) {
        CleanedBatch gone;
        gone.outcome = CleanedBatch::Outcome::kEmpty;
        gone.removed = batch.record_count();
        return gone;
    }
    return clean_batch(batch,
                       {.latest = keys_,
                        .mapped_end = mapped_end_,
                        .now_ms = input_.now_ms,
                        .delete_retention_ms = input_.options.delete_retention.count()});
}

bool CompactionPass::is_aborted(const RecordBatchView& batch) const {
    const auto of_producer = aborted_.find(batch.producer_id());
    if (!batch.is_transactional() || of_producer == aborted_.end()) {
        return false;
    }
    // The last one that begins at or before the batch.
    const auto behind = of_producer->second.upper_bound(batch.base_offset());
    return behind != of_producer->second.begin() && batch.base_offset() < std::prev(behind)->second;
}

bool CompactionPass::is_last_of_producer(const RecordBatchView& batch) const {
    if (batch.producer_id() < 0) {
        return false;
    }
    const auto found = input_.transactions.last_batches.find(batch.producer_id());
    return found != input_.transactions.last_batches.end() && found->second == batch.base_offset();
}

/// A marker is needed as long as a batch of its transaction is there: without it, the transaction
/// would look open. The newest marker of a living producer tells its epoch.
bool CompactionPass::can_drop_marker(const RecordBatchView& batch) {
    const bool has_kept = std::exchange(has_kept_[batch.producer_id()], false);
    const auto last = input_.transactions.last_batches.find(batch.producer_id());
    const bool is_old =
        last == input_.transactions.last_batches.end() || batch.base_offset() < last->second;
    return !has_kept && is_old;
}

}  // namespace millrace::log
