#include "core/log/batch_scanner.h"

#include <algorithm>
#include <string>

#include "core/log/stored_batch.h"

namespace millrace::log {

namespace {

constexpr std::size_t kWindowBytes = std::size_t{256} << 10;
/// Bounds the work of choosing among them, which grows with the square.
constexpr std::size_t kCandidatesMax = 1024;

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

Result<std::vector<BatchScanner::Candidate>> BatchScanner::candidates(std::uint64_t position,
                                                                      Offset from,
                                                                      Offset before) {
    std::vector<Candidate> found;
    std::uint64_t until = range_.end;
    for (std::uint64_t at = position; at + kRecordBatchHeaderBytes <= until;) {
        MILLRACE_TRY(const ByteView header, window(at, kRecordBatchHeaderBytes));
        if (header.size() < kRecordBatchHeaderBytes) {
            break;
        }
        const std::optional<std::size_t> size = RecordBatchView::encoded_size(header);
        const Offset base{load_be<std::int64_t>(header.data())};
        if (header[16] != std::byte{2} || base < from || base >= before || !size ||
            *size > range_.batch_bytes_max) {
            ++at;
            continue;
        }
        MILLRACE_TRY(const ByteView bytes, window(at, *size));
        const Result<RecordBatchView> batch = RecordBatchView::parse(bytes);
        if (!batch.ok() || !check_stored_batch(batch.value(), base, before).ok()) {
            ++at;
            continue;
        }
        if (found.empty()) {
            until = std::min(range_.end, at + *size + kResyncBytes);
        }
        found.push_back({.position = at,
                         .size = *size,
                         .base = base,
                         .next = millrace::next(batch.value().last_offset())});
        if (found.size() == kCandidatesMax) {
            break;
        }
        at += *size;
    }
    return found;
}

Result<bool> BatchScanner::find_next(Offset from, Offset before) {
    MILLRACE_TRY(const std::vector<Candidate> found, candidates(range_.position, from, before));
    if (found.empty()) {
        return false;
    }
    // The heaviest chain that begins at each candidate, from the last one back.
    std::vector<std::uint64_t> weight(found.size());
    for (std::size_t i = found.size(); i-- > 0;) {
        std::uint64_t behind = 0;
        for (std::size_t j = i + 1; j < found.size(); ++j) {
            if (found[j].base >= found[i].next) {
                behind = std::max(behind, weight[j]);
            }
        }
        weight[i] = found[i].size + behind;
    }
    const auto best = std::max_element(weight.begin(), weight.end());  // the first of equal ones
    range_.position = found[static_cast<std::size_t>(best - weight.begin())].position;
    return true;
}

}  // namespace millrace::log
