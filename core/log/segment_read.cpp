// The readers' side of Segment.
#include <algorithm>

#include "core/log/batch_scanner.h"
#include "core/log/segment.h"
#include "core/record/record_cursor.h"

namespace millrace::log {

namespace {

/// One read gives no more than this unless a single batch is larger, whatever the reader asks for.
constexpr std::size_t kReadBytesMax = std::size_t{8} << 20;

Result<std::shared_ptr<Page>> read_page(File& file, std::uint64_t position, std::size_t size) {
    auto page = Page::allocate(size);
    MILLRACE_TRY(const std::size_t got,
                 file.read_at(position, std::span<std::byte>(page->data(), size)));
    page->set_size(got);
    return page;
}

/// The batch at `at` of a page, which must go on with offset `expected`. Its checksum is not looked
/// at.
Result<RecordBatchView> batch_at(ByteView page, std::size_t at, Offset expected) {
    MILLRACE_TRY(const RecordBatchView batch, RecordBatchView::parse(page.subspan(at)));
    if (batch.base_offset() != expected) {
        return Error{ErrorCode::kCorruptBatch,
                     "record batch has offset " + std::to_string(batch.base_offset().value) +
                         " where offset " + std::to_string(expected.value) + " belongs"};
    }
    return batch;
}

}  // namespace

Error Segment::at_position(Error error, std::uint64_t position) const {
    return error.with_context(path_ + " at byte " + std::to_string(position));
}

Result<std::shared_ptr<File>> Segment::file_for_reading() const {
    {
        const std::shared_lock lock(mutex_);
        if (file_ != nullptr) {
            return file_;
        }
    }
    MILLRACE_TRY(std::unique_ptr<File> file, env_.files.open(path_, OpenMode::kRead));
    return std::shared_ptr<File>(std::move(file));
}

Status Segment::check_index_file() {
    {
        const std::shared_lock lock(mutex_);
        if (index_ || is_index_verified_) {
            return Ok{};
        }
    }
    const std::unique_lock lock(mutex_);
    if (index_ || is_index_verified_) {
        return Ok{};
    }
    is_index_verified_ = index_file_->verify().ok();
    if (is_index_verified_) {
        return Ok{};
    }
    env_.log.warn("log", "index is damaged and is made again: " + index_path_);
    MILLRACE_TRY(const std::unique_ptr<File> file, env_.files.open(path_, OpenMode::kRead));
    SparseIndex index(base_);
    const IndexSummary known = index_file_->summary();
    MILLRACE_TRY_STATUS(scan(*file, index, known.covered_bytes, known.next_offset));
    if (index.summary().next_offset < known.next_offset) {
        index.skip_to(known.next_offset, known.covered_bytes);
    }
    use_saved(std::move(index), index_file_->ages());
    return Ok{};
}

template <class Find>
Result<IndexEntry> Segment::find_entry(Find find) {
    Result<IndexEntry> entry = Error{};
    // Twice, because the file may be gone since it was verified: it is anybody's to delete.
    for (int attempt = 0; attempt < 2; ++attempt) {
        MILLRACE_TRY_STATUS(check_index_file());
        {
            const std::shared_lock lock(mutex_);
            entry = index_ ? Result<IndexEntry>(find(*index_)) : find(*index_file_);
        }
        if (entry.ok()) {
            break;
        }
        const std::unique_lock lock(mutex_);
        is_index_verified_ = false;
    }
    return entry;
}

Result<IndexEntry> Segment::locate(Offset offset) {
    {
        const std::shared_lock lock(mutex_);
        if (read_hint_ && read_hint_->offset == offset) {
            return *read_hint_;
        }
    }
    return find_entry([&](const auto& index) { return Result<IndexEntry>(index.find(offset)); });
}

Result<IndexEntry> Segment::locate_time(Timestamp time) {
    return find_entry([&](const auto& index) { return Result<IndexEntry>(index.find_time(time)); });
}

Result<LogRead> Segment::read(Offset from, std::size_t bytes_max) {
    bytes_max = std::clamp(bytes_max, kRecordBatchHeaderBytes, kReadBytesMax);
    const std::uint64_t readable = size_bytes();
    MILLRACE_TRY(const IndexEntry start, locate(from));
    MILLRACE_TRY(const std::shared_ptr<File> file, file_for_reading());
    std::uint64_t position = start.position;
    const auto window = static_cast<std::size_t>(std::min<std::uint64_t>(
        readable - std::min(readable, position), kIndexIntervalBytes + bytes_max));
    MILLRACE_TRY(std::shared_ptr<Page> page, read_page(*file, position, window));

    // To the batch that holds `from`.
    std::size_t at = 0;
    Offset expected = start.offset;
    while (true) {
        const ByteView rest = page->view().subspan(at);
        const std::optional<std::size_t> size = RecordBatchView::encoded_size(rest);
        if (size && *size > rest.size() && *size <= settings_.batch_bytes_max &&
            *size <= readable - std::min(readable, position)) {
            MILLRACE_TRY(page, read_page(*file, position, *size));
            at = 0;
        }
        const Result<RecordBatchView> batch = batch_at(page->view(), at, expected);
        if (!batch.ok()) {
            return at_position(batch.error(), position);
        }
        if (batch.value().last_offset() >= from) {
            break;
        }
        expected = next(batch.value().last_offset());
        position += batch.value().size_bytes();
        at += batch.value().size_bytes();
    }

    // Whole, intact batches from there on; the first must be.
    const std::size_t begin = at;
    while (at < page->size()) {
        const Result<RecordBatchView> batch = batch_at(page->view(), at, expected);
        const Status intact = batch.ok() ? batch.value().verify_crc() : Status{batch.error()};
        if (!intact.ok()) {
            if (at == begin) {
                return at_position(intact.error(), position);
            }
            break;  // cut off by the page, or damaged: then the next read says so
        }
        const std::size_t size = batch.value().size_bytes();
        if (at > begin && at - begin + size > bytes_max) {
            break;
        }
        expected = next(batch.value().last_offset());
        position += size;
        at += size;
    }
    {
        const std::unique_lock lock(mutex_);
        read_hint_ = IndexEntry{.offset = expected, .position = position};
    }
    const ByteView batches = page->view().subspan(begin, at - begin);
    return LogRead{.page = std::move(page), .batches = batches};
}

Result<std::optional<Offset>> Segment::offset_for_time(Timestamp time) {
    MILLRACE_TRY(const IndexEntry start, locate_time(time));
    MILLRACE_TRY(const std::shared_ptr<File> file, file_for_reading());
    BatchScanner scanner(*file,
                         {.position = start.position,
                          .end = size_bytes(),
                          .batch_bytes_max = settings_.batch_bytes_max});
    RecordColumns records;
    while (true) {
        const std::uint64_t position = scanner.position();
        Result<std::optional<RecordBatchView>> found = scanner.next();
        if (!found.ok()) {
            return at_position(std::move(found).error(), position);
        }
        if (!found.value()) {
            return std::optional<Offset>{};
        }
        const RecordBatchView& batch = *found.value();
        if (batch.max_timestamp() < time || batch.is_control()) {
            continue;
        }
        if (const Status intact = batch.verify_crc(); !intact.ok()) {
            return at_position(intact.error(), position);
        }
        MILLRACE_TRY(const RecordPayload payload, payload_of(batch, nullptr));
        records.clear();
        MILLRACE_TRY_STATUS(decode_records(batch, payload.bytes, batch.base_offset(), records));
        for (std::size_t i = 0; i < records.size(); ++i) {
            if (records.timestamps[i] >= time) {
                return std::optional<Offset>{records.offsets[i]};
            }
        }
    }
}

}  // namespace millrace::log
