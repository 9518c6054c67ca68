#include "core/log/segment_check.h"

#include <utility>

#include "core/log/stored_batch.h"

namespace millrace::log {

SegmentCheck::SegmentCheck(File& file, Extent extent)
    : extent_(extent),
      scanner_(file,
               {.position = 0, .end = extent.bytes, .batch_bytes_max = extent.batch_bytes_max}),
      expected_(extent.base) {}

Result<bool> SegmentCheck::step(std::uint64_t bytes) {
    const std::uint64_t until = scanner_.position() + bytes;
    do {
        const std::uint64_t position = scanner_.position();
        Result<std::optional<RecordBatchView>> found = scanner_.next();
        if (!found.ok() && found.error().code != ErrorCode::kCorruptBatch) {
            return std::move(found).error();
        }
        if (found.ok() && !found.value()) {
            if (expected_ != extent_.next) {
                add_damage(position, position, extent_.next, "the file ends early");
            }
            return false;
        }
        Status intact = found.ok() ? check_stored_batch(*found.value(), expected_, extent_.next)
                                   : Status{found.error()};
        if (!intact.ok()) {
            MILLRACE_TRY_STATUS(pass_damage(position, std::move(intact).error().message));
            continue;
        }
        const RecordBatchView& batch = *found.value();
        expected_ = next(batch.last_offset());
        ++batches_;
        records_ += static_cast<std::uint64_t>(batch.record_count());
        if (visit_) {
            MILLRACE_TRY_STATUS(visit_(batch));
        }
    } while (scanner_.position() < until);
    return true;
}

Status SegmentCheck::finish() {
    Result<bool> more = true;
    while (more.ok() && more.value()) {
        more = step(std::uint64_t{1} << 20);
    }
    return more.ok() ? Status{Ok{}} : Status{std::move(more).error()};
}

Status SegmentCheck::pass_damage(std::uint64_t begin, std::string what) {
    // Not the batch itself again: intact but for its offset it would pass as a later one.
    scanner_.seek(begin + 1);
    MILLRACE_TRY(const bool goes_on, scanner_.find_next(expected_, extent_.next));
    if (!goes_on) {
        scanner_.seek(extent_.bytes);
        add_damage(begin, extent_.bytes, extent_.next, std::move(what));
        return Ok{};
    }
    const std::uint64_t position = scanner_.position();
    MILLRACE_TRY(const auto batch, scanner_.next());
    const Offset next = batch->base_offset();
    scanner_.seek(position);
    add_damage(begin, position, next, std::move(what));
    return Ok{};
}

void SegmentCheck::add_damage(std::uint64_t begin,
                              std::uint64_t end,
                              Offset next,
                              std::string what) {
    damage_.push_back(
        {.begin = begin, .end = end, .first = expected_, .next = next, .what = std::move(what)});
    expected_ = next;
}

}  // namespace millrace::log
