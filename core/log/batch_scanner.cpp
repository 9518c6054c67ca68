#include "core/log/batch_scanner.h"

#include <algorithm>
#include <string>

namespace millrace::log {

namespace {

constexpr std::size_t kWindowBytes = std::size_t{256} << 10;

}  // namespace

Result<ByteView> BatchScanner::window(std::uint64_t position, std::size_t size) {
    const std::uint64_t left = range_.end - std::min(range_.end, position);
    size = static_cast<std::size_t>(std::min<std::uint64_t>(size, left));
    const std::uint64_t skip = position - std::min(position, buffer_position_);
    const bool is_inside = position >= buffer_position_ && skip + size <= buffer_.size();
    if (!is_inside) {
        const std::size_t wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(std::max(size, kWindowBytes), left));
        buffer_.resize(wanted);
        MILLRACE_TRY(const std::size_t got, file_.read_at(position, buffer_.span()));
        buffer_.resize(got);
        buffer_position_ = position;
        return buffer_.view().first(std::min(size, got));
    }
    return buffer_.view().subspan(static_cast<std::size_t>(skip), size);
}

Result<std::optional<RecordBatchView>> BatchScanner::next() {
    if (range_.position >= range_.end) {
        return std::optional<RecordBatchView>{};
    }
    MILLRACE_TRY(const ByteView prefix, window(range_.position, kRecordBatchHeaderBytes));
    const std::optional<std::size_t> size = RecordBatchView::encoded_size(prefix);
    if (!size || *size > range_.batch_bytes_max) {
        return Error{ErrorCode::kCorruptBatch, "no record batch starts here"};
    }
    MILLRACE_TRY(const ByteView bytes, window(range_.position, *size));
    MILLRACE_TRY(const RecordBatchView batch, RecordBatchView::parse(bytes));
    range_.position += batch.size_bytes();
    return std::optional<RecordBatchView>{batch};
}

Result<bool> BatchScanner::find_next(Offset from, Offset before) {
    for (std::uint64_t at = range_.position; at + kRecordBatchHeaderBytes <= range_.end; ++at) {
        MILLRACE_TRY(const ByteView header, window(at, kRecordBatchHeaderBytes));
        if (header.size() < kRecordBatchHeaderBytes) {
            return false;
        }
        const std::optional<std::size_t> size = RecordBatchView::encoded_size(header);
        const Offset base{load_be<std::int64_t>(header.data())};
        if (header[16] != std::byte{2} || base < from || base >= before || !size ||
            *size > range_.batch_bytes_max) {
            continue;
        }
        MILLRACE_TRY(const ByteView bytes, window(at, *size));
        const Result<RecordBatchView> batch = RecordBatchView::parse(bytes);
        if (batch.ok() && batch.value().last_offset() < before && batch.value().verify_crc().ok()) {
            range_.position = at;
            return true;
        }
    }
    return false;
}

}  // namespace millrace::log
