#include "core/log/compaction/compacted_segment.h"

#include <algorithm>
#include <limits>

namespace millrace::log {

namespace {

constexpr std::size_t kWriteBytes = std::size_t{1} << 20;
constexpr std::int64_t kDeltaMax = std::numeric_limits<std::int32_t>::max();

/// Sequence numbers count from the batch's offsets, so a producer's batch must keep its end.
bool can_stand_for_more(const RecordBatchView& batch) {
    return batch.producer_id() < 0 && !batch.is_control();
}

}  // namespace

Result<std::unique_ptr<CompactedSegment>> CompactedSegment::create(FileSystem& files,
                                                                   std::string path,
                                                                   Offset base) {
    MILLRACE_TRY(auto file, files.open(path, OpenMode::kCreate));
    MILLRACE_TRY_STATUS(file->truncate(0));
    return std::unique_ptr<CompactedSegment>(
        new CompactedSegment(std::move(file), std::move(path), base));  // NOLINT: private
}

std::uint64_t CompactedSegment::size_bytes() const {
    return written_ + buffer_.size() + last_.size();
}

Status CompactedSegment::add(ByteView batch) {
    MILLRACE_TRY(const RecordBatchView view, RecordBatchView::parse(batch));
    CHECK(view.base_offset() >= covered_);
    MILLRACE_TRY_STATUS(cover(view.base_offset()));
    MILLRACE_TRY_STATUS(take_last());
    last_ = Buffer(view.bytes());
    covered_ = next(view.last_offset());
    return Ok{};
}

Status CompactedSegment::cover(Offset next) {
    if (!last_.empty() && covered_ < next) {
        const RecordBatchView last = RecordBatchView::parse(last_).value();
        const std::int64_t delta = std::min(next.value - 1 - last.base_offset().value, kDeltaMax);
        if (can_stand_for_more(last)) {
            set_last_offset_delta(last_.span(), static_cast<std::int32_t>(delta));
            covered_ = Offset{last.base_offset().value + delta + 1};
        }
    }
    while (covered_ < next) {
        MILLRACE_TRY_STATUS(take_last());
        const Offset end{std::min(next.value - 1, covered_.value + kDeltaMax)};
        last_ = make_placeholder_batch(covered_, end);
        covered_ = millrace::next(end);
    }
    return Ok{};
}

Status CompactedSegment::take_last() {
    if (last_.empty()) {
        return Ok{};
    }
    const RecordBatchView last = RecordBatchView::parse(last_).value();
    index_.add(IndexedBatch::of(last, written_ + buffer_.size()));
    buffer_.append(last_.view());
    last_.clear();
    return buffer_.size() >= kWriteBytes ? flush() : Status{Ok{}};
}

Status CompactedSegment::flush() {
    MILLRACE_TRY_STATUS(file_->write_at(written_, buffer_));
    written_ += buffer_.size();
    buffer_.clear();
    return Ok{};
}

Status CompactedSegment::finish(Offset next) {
    CHECK(next >= covered_);
    MILLRACE_TRY_STATUS(cover(next));
    MILLRACE_TRY_STATUS(take_last());
    MILLRACE_TRY_STATUS(flush());
    return file_->sync_data();
}

}  // namespace millrace::log
