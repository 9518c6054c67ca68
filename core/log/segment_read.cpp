// The readers' side of Segment.
#include <algorithm>
#include <utility>

#include "core/log/batch_scanner.h"
#include "core/log/segment.h"
#include "core/log/stored_batch.h"
#include "core/record/record_cursor.h"

namespace millrace::log {

namespace {

/// One read gives no more than this unless a single batch is larger, whatever the reader asks for.
constexpr std::size_t kReadBytesMax = std::size_t{8} << 20;

/// Walks intact batches with offsets that follow each other, inside one page.
class PageWalk {
  public:
    /// end      of what may be read of the file
    /// before   the offset behind it
    PageWalk(File& file, std::uint64_t end, Offset before, std::size_t batch_bytes_max)
        : file_(file), end_(end), before_(before), batch_bytes_max_(batch_bytes_max) {}

    /// Reads a page of up to `size` bytes that begins with the batch at `start`.
    Status move_to(const IndexEntry& start, std::size_t size) {
        const std::uint64_t left = end_ - std::min(end_, start.position);
        page_ = Page::allocate(static_cast<std::size_t>(std::min<std::uint64_t>(size, left)));
        MILLRACE_TRY(const std::size_t got,
                     file_.read_at(start.position, {page_->data(), page_->capacity()}));
        page_->set_size(got);
        at_ = 0;
        position_ = start.position;
        expected_ = start.offset;
        return Ok{};
    }
    /// Makes sure that the batch here is in the page as a whole, if its size can be told.
    Status complete_batch() {
        const std::optional<std::size_t> size = RecordBatchView::encoded_size(rest());
        const bool is_cut = size && *size > rest().size() && *size <= batch_bytes_max_ &&
                            *size <= end_ - std::min(end_, position_);
        return is_cut ? move_to({.offset = expected_, .position = position_}, *size) : Status{Ok{}};
    }
    /// The batch here; kCorruptBatch when it is not whole or damaged.
    [[nodiscard]] Result<RecordBatchView> batch() const {
        MILLRACE_TRY(const RecordBatchView batch, RecordBatchView::parse(rest()));
        MILLRACE_TRY_STATUS(check_stored_batch(batch, expected_, before_));
        return batch;
    }
    void pass(const RecordBatchView& batch) {
        at_ += batch.size_bytes();
        position_ += batch.size_bytes();
        expected_ = next(batch.last_offset());
    }

    [[nodiscard]] const std::shared_ptr<Page>& page() const { return page_; }
    [[nodiscard]] ByteView rest() const { return page_->view().subspan(at_); }
    [[nodiscard]] std::size_t at() const { return at_; }
    [[nodiscard]] IndexEntry place() const {
        return IndexEntry{.offset = expected_, .position = position_};
    }

  private:
    File& file_;
    const std::uint64_t end_;
    const Offset before_;
    const std::size_t batch_bytes_max_;
    std::shared_ptr<Page> page_;
    std::size_t at_ = 0;          // in the page
    std::uint64_t position_ = 0;  // in the file
    Offset expected_;
};

}  // namespace

Error Segment::at_position(Error error, std::uint64_t position) const {
    return error.with_context(path_ + " at byte " + std::to_string(position));
}

Result<std::shared_ptr<File>> Segment::open_file() const {
    // Opened under the lock: after keep_files() the path may soon be another segment's.
    const std::shared_lock lock(mutex_);
    if (file_ != nullptr) {
        return file_;
    }
    MILLRACE_TRY(std::unique_ptr<File> file, env_.files.open(path_, OpenMode::kRead));
    return std::shared_ptr<File>(std::move(file));
}

Segment::Extent Segment::extent() const {
    const std::shared_lock lock(mutex_);
    return {.bytes = size_bytes(),
            .next = index_ ? index_->summary().next_offset : index_file_->summary().next_offset};
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

Result<IndexEntry> Segment::find_behind(File& file,
                                        const IndexEntry& damaged,
                                        Error damage,
                                        Offset wanted) {
    // Not the batch itself again: intact but for its offset it would pass as a later one.
    BatchScanner scanner(file,
                         {.position = damaged.position + 1,
                          .end = size_bytes(),
                          .batch_bytes_max = settings_.batch_bytes_max});
    damage = at_position(std::move(damage), damaged.position);
    MILLRACE_TRY(const bool goes_on, scanner.find_next(damaged.offset, next_offset()));
    if (!goes_on) {
        return damage;
    }
    const std::uint64_t position = scanner.position();
    MILLRACE_TRY(const auto batch, scanner.next());
    if (batch->base_offset() > wanted) {
        damage.message +=
            "; the log goes on at offset " + std::to_string(batch->base_offset().value);
        return damage;
    }
    return IndexEntry{.offset = batch->base_offset(), .position = position};
}

Result<LogRead> Segment::read(Offset from, std::size_t bytes_max) {
    bytes_max = std::clamp(bytes_max, kRecordBatchHeaderBytes, kReadBytesMax);
    const std::size_t window = kIndexIntervalBytes + bytes_max;
    MILLRACE_TRY(const IndexEntry start, locate(from));
    MILLRACE_TRY(const std::shared_ptr<File> file, open_file());
    const auto [bytes, before] = extent();
    PageWalk walk(*file, bytes, before, settings_.batch_bytes_max);
    MILLRACE_TRY_STATUS(walk.move_to(start, window));

    // To the batch that holds `from`. What is damaged on the way there is not our reader's concern.
    while (true) {
        MILLRACE_TRY_STATUS(walk.complete_batch());
        const Result<RecordBatchView> batch = walk.batch();
        if (batch.ok() && batch.value().last_offset() >= from) {
            break;
        }
        if (batch.ok()) {
            walk.pass(batch.value());
            continue;
        }
        MILLRACE_TRY(const IndexEntry behind,
                     find_behind(*file, walk.place(), batch.error(), from));
        MILLRACE_TRY_STATUS(walk.move_to(behind, window));
    }

    // That one and what follows it in the page, up to a batch that is cut off or damaged: the next
    // read begins there and says so.
    const std::size_t begin = walk.at();
    for (Result<RecordBatchView> batch = walk.batch(); batch.ok(); batch = walk.batch()) {
        if (walk.at() > begin && walk.at() - begin + batch.value().size_bytes() > bytes_max) {
            break;
        }
        walk.pass(batch.value());
        if (walk.rest().empty()) {
            break;
        }
    }
    {
        const std::unique_lock lock(mutex_);
        read_hint_ = walk.place();
    }
    return LogRead{.page = walk.page(),
                   .batches = walk.page()->view().subspan(begin, walk.at() - begin)};
}

Result<std::optional<TimedOffset>> Segment::find_time(Timestamp time, Offset from) {
    MILLRACE_TRY(const IndexEntry start, locate_time(time));
    MILLRACE_TRY(const std::shared_ptr<File> file, open_file());
    const auto [bytes, before] = extent();
    Offset expected = start.offset;
    BatchScanner scanner(
        *file,
        {.position = start.position, .end = bytes, .batch_bytes_max = settings_.batch_bytes_max});
    RecordColumns records;
    while (true) {
        const std::uint64_t position = scanner.position();
        Result<std::optional<RecordBatchView>> found = scanner.next();
        if (!found.ok()) {
            return at_position(std::move(found).error(), position);
        }
        if (!found.value()) {
            return std::optional<TimedOffset>{};
        }
        const RecordBatchView& batch = *found.value();
        const Offset base = std::exchange(expected, next(batch.last_offset()));
        if (batch.max_timestamp() < time || batch.is_control()) {
            continue;
        }
        if (const Status intact = check_stored_batch(batch, base, before); !intact.ok()) {
            return at_position(intact.error(), position);
        }
        MILLRACE_TRY(const RecordPayload payload, payload_of(batch, nullptr));
        records.clear();
        MILLRACE_TRY_STATUS(decode_records(batch, payload.bytes, batch.base_offset(), records));
        for (std::size_t i = 0; i < records.size(); ++i) {
            if (records.timestamps[i] >= time && records.offsets[i] >= from) {
                return std::optional<TimedOffset>{{records.offsets[i], records.timestamps[i]}};
            }
        }
    }
}

}  // namespace millrace::log
