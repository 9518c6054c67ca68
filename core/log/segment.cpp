#include "core/log/segment.h"

#include <algorithm>
#include <array>

#include "core/base/mutant.h"
#include "core/log/batch_scanner.h"
#include "core/log/stored_batch.h"

namespace millrace::log {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::uint64_t kReserveBytesMin = std::uint64_t{64} << 10;
constexpr std::uint64_t kIndexSaveBytes = std::uint64_t{32} << 20;
/// A start that finds more than this since the last stop takes it for a wrong clock.
constexpr std::int64_t kDowntimeMsMax = std::int64_t{400} * 86'400'000;

constexpr std::string_view kIndexSuffix = ".index";

/// Whether the last batch that `summary` covers is the one in the file.
bool has_stamp(File& file, const IndexSummary& summary) {
    if (summary.covered_bytes == 0) {
        return true;
    }
    std::array<std::byte, kRecordBatchHeaderBytes> header;
    const Result<std::size_t> got = file.read_at(summary.last_position, header);
    return got.ok() && got.value() == header.size() &&
           load_be<std::uint32_t>(header.data() + 17) == summary.last_crc &&
           load_be<std::int64_t>(header.data()) < summary.next_offset.value;
}

std::int64_t whole_ms(nanoseconds duration) {
    return std::chrono::duration_cast<milliseconds>(duration).count();
}

}  // namespace

Segment::Segment(Env& env, const SegmentSettings& settings, Offset base)
    : env_(env),
      settings_(settings),
      base_(base),
      path_(join_path(settings.directory, PartitionLog::segment_file_name(base))),
      index_path_(join_path(settings.directory, index_file_name(base))) {}

std::string Segment::index_file_name(Offset base) {
    std::string name = PartitionLog::segment_file_name(base);
    return name.substr(0, name.rfind('.')).append(kIndexSuffix);
}

Segment::~Segment() {
    if (!is_closed_ && index_ && size_bytes() != index_saved_bytes_) {
        save_index();
    }
}

Result<std::shared_ptr<Segment>> Segment::create(Env& env,
                                                 const SegmentSettings& settings,
                                                 Offset base) {
    const std::shared_ptr<Segment> segment(new Segment(env, settings, base));
    MILLRACE_TRY(segment->file_, env.files.open(segment->path_, OpenMode::kCreate));
    MILLRACE_TRY_STATUS(segment->file_->truncate(0));
    segment->index_.emplace(base);
    ++segment->writes_;
    return segment;
}

Result<std::shared_ptr<Segment>> Segment::open_active(Env& env,
                                                      const SegmentSettings& settings,
                                                      const LogPosition& end) {
    const std::shared_ptr<Segment> segment(new Segment(env, settings, end.segment));
    MILLRACE_TRY(segment->file_, env.files.open(segment->path_, OpenMode::kReadWrite));
    MILLRACE_TRY(const std::uint64_t file_bytes, segment->file_->size());
    MILLRACE_TRY_STATUS(segment->load_index(end, std::min(file_bytes, end.position)));
    if (file_bytes > end.position) {
        MILLRACE_TRY_STATUS(segment->file_->truncate(end.position));
    }
    segment->reserved_bytes_ = std::min(file_bytes, end.position);
    ++segment->writes_;
    const IndexSummary& found = segment->index_->summary();
    if (found.next_offset != end.offset || found.covered_bytes != end.position) {
        env.log.error("log",
                      segment->path_ + " is damaged: readable up to offset " +
                          std::to_string(found.next_offset.value) + " at byte " +
                          std::to_string(found.covered_bytes) + ", committed up to " +
                          std::to_string(end.offset.value) + " at byte " +
                          std::to_string(end.position));
        if (found.next_offset <= end.offset && found.covered_bytes <= end.position) {
            segment->index_->skip_to(end.offset, end.position);
        }
    }
    segment->size_bytes_.store(end.position);
    return segment;
}

Result<std::shared_ptr<Segment>> Segment::open_closed(Env& env,
                                                      const SegmentSettings& settings,
                                                      Offset base,
                                                      Offset next) {
    const std::shared_ptr<Segment> segment(new Segment(env, settings, base));
    MILLRACE_TRY(segment->file_, env.files.open(segment->path_, OpenMode::kReadWrite));
    MILLRACE_TRY(const std::uint64_t file_bytes, segment->file_->size());
    segment->reserved_bytes_ = file_bytes;
    if (!segment->use_index_file(file_bytes, next)) {
        const LogPosition whole{.offset = next, .segment = base, .position = file_bytes};
        const bool was_longer = segment->was_longer_than(file_bytes);
        MILLRACE_TRY_STATUS(segment->load_index(whole, file_bytes));
        const IndexSummary& found = segment->index_->summary();
        if (!was_longer && found.next_offset > base && found.next_offset < next &&
            found.covered_bytes == file_bytes) {
            // Whole batches up to the end of the file: nothing of this one is lost.
            return Error{ErrorCode::kCorruptBatch,
                         "segment file is missing: " +
                             join_path(settings.directory,
                                       PartitionLog::segment_file_name(found.next_offset)) +
                             ", with offsets " + std::to_string(found.next_offset.value) + " to " +
                             std::to_string(next.value - 1) +
                             "; restore it from a copy, or give them up with `millrace doctor "
                             "--repair`"};
        }
        segment->size_bytes_.store(segment->index_->summary().covered_bytes);
    }
    segment->close(next);
    return segment;
}

bool Segment::was_longer_than(std::uint64_t file_bytes) const {
    const Result<IndexFile> index = IndexFile::open(env_.files, index_path_, base_);
    return index.ok() && index.value().summary().covered_bytes > file_bytes;
}

bool Segment::use_index_file(std::uint64_t file_bytes, Offset next) {
    Result<IndexFile> index = IndexFile::open(env_.files, index_path_, base_);
    if (!index.ok() || index.value().summary().covered_bytes != file_bytes ||
        index.value().summary().next_offset != next ||
        !has_stamp(*file_, index.value().summary())) {
        return false;
    }
    restore_ages(index.value().ages());
    size_bytes_.store(file_bytes);
    index_file_ = std::move(index).value();
    return true;
}

Status Segment::load_index(const LogPosition& end, std::uint64_t file_bytes) {
    SparseIndex index(base_);
    std::optional<AppendAges> ages;
    const Result<IndexFile> header = IndexFile::open(env_.files, index_path_, base_);
    if (header.ok()) {
        const IndexSummary& summary = header.value().summary();
        const bool is_ahead =
            summary.covered_bytes > file_bytes || summary.next_offset > end.offset;
        if (MILLRACE_MUTANT(19) || (!is_ahead && has_stamp(*file_, summary))) {
            const Result<Buffer> content = env_.files.read_file(index_path_);
            Result<SparseIndex> saved = content.ok() ? SparseIndex::decode(content.value(), base_)
                                                     : Result<SparseIndex>(content.error());
            if (saved.ok()) {
                index = std::move(saved).value();
                ages = header.value().ages();
            }
        }
    }
    index_saved_bytes_ = index.summary().covered_bytes;
    MILLRACE_TRY_STATUS(scan(*file_, index, file_bytes, end.offset));
    const bool has_all = index.summary().covered_bytes == index_saved_bytes_;
    if (ages) {
        restore_ages(*ages);
    }
    if (!has_all) {
        // Nobody wrote down when these batches came; the file's time is the best witness, and
        // without one they count as new: kept too long rather than too short.
        std::int64_t age_ms = 0;
        const Result<FileInfo> info = env_.files.info(path_);
        if (info.ok() && info.value().modified_ms > 0) {
            const std::int64_t since = env_.clock.wall_ms() - info.value().modified_ms;
            age_ms = since >= 0 && since <= kDowntimeMsMax ? since : 0;
        }
        last_append_ = env_.clock.monotonic() - milliseconds(age_ms);
        first_append_ = std::min(first_append_.value_or(*last_append_), *last_append_);
    }
    index_ = std::move(index);
    return Ok{};
}

Status Segment::scan(File& file, SparseIndex& index, std::uint64_t bytes, Offset before) {
    BatchScanner scanner(file,
                         {.position = index.summary().covered_bytes,
                          .end = bytes,
                          .batch_bytes_max = settings_.batch_bytes_max});
    while (true) {
        const std::uint64_t position = scanner.position();
        const Offset expected = index.summary().next_offset;
        Result<std::optional<RecordBatchView>> found = scanner.next();
        if (!found.ok() && found.error().code != ErrorCode::kCorruptBatch) {
            return std::move(found).error();
        }
        if (found.ok() && !found.value()) {
            return Ok{};
        }
        if (found.ok() && check_stored_batch(*found.value(), expected, before).ok()) {
            index.add(IndexedBatch::of(*found.value(), position));
            continue;
        }
        // Not the batch itself again: intact but for its offset it would pass as a later one.
        BatchScanner behind(
            file,
            {.position = position + 1, .end = bytes, .batch_bytes_max = settings_.batch_bytes_max});
        MILLRACE_TRY(const bool goes_on, behind.find_next(expected, before));
        if (!goes_on) {
            return Ok{};
        }
        env_.log.error("log",
                       path_ + " is damaged from byte " + std::to_string(position) + " to " +
                           std::to_string(behind.position()));
        const std::uint64_t found_at = behind.position();
        MILLRACE_TRY(const auto next, behind.next());
        index.skip_to(next->base_offset(), found_at);
        index.add(IndexedBatch::of(*next, found_at));
        scanner.seek(behind.position());
    }
}

void Segment::restore_ages(const AppendAges& ages) {
    std::int64_t downtime_ms = env_.clock.wall_ms() - ages.at_wall_ms;
    if (downtime_ms < 0 || downtime_ms > kDowntimeMsMax) {
        downtime_ms = 0;
    }
    const auto moment = [&](std::int64_t age_ms) {
        const std::int64_t sane = std::clamp<std::int64_t>(age_ms, 0, kDowntimeMsMax);
        return env_.clock.monotonic() - milliseconds(sane + downtime_ms);
    };
    first_append_ = moment(ages.first_ms);
    last_append_ = moment(ages.last_ms);
}

Status Segment::reserve(std::uint64_t end) {
    if (end > reserved_bytes_) {
        const std::uint64_t step =
            std::min(std::max(reserved_bytes_, kReserveBytesMin), settings_.preallocate_bytes);
        const std::uint64_t wanted =
            std::max(end, std::min(reserved_bytes_ + step, settings_.segment_bytes));
        MILLRACE_TRY_STATUS(file_->allocate(wanted));
        reserved_bytes_ = wanted;
        ++writes_;
    }
    return Ok{};
}

Status Segment::cut_tail(std::uint64_t end) {
    ++writes_;
    reserved_bytes_ = std::min(reserved_bytes_, end);
    return file_->truncate(end);
}

Status Segment::write(std::uint64_t position, ByteView bytes) {
    MILLRACE_TRY_STATUS(reserve(position + bytes.size()));
    ++writes_;
    return file_->write_at(position, bytes);
}

void Segment::publish(const IndexedBatch& batch) {
    last_append_ = env_.clock.monotonic();
    if (!first_append_) {
        first_append_ = last_append_;
    }
    const std::unique_lock lock(mutex_);
    index_->add(batch);
    size_bytes_.store(batch.position + batch.size);
}

void Segment::mark_synced(std::uint64_t writes) {
    synced_writes_ = std::max(synced_writes_, writes);
    if (is_closed_ && synced_writes_ == writes_) {
        const std::unique_lock lock(mutex_);
        file_ = nullptr;
    }
}

void Segment::close(Offset next) {
    is_closed_ = true;
    if (index_) {
        const IndexSummary& found = index_->summary();
        if (found.next_offset == next) {
            // Behind the last batch there is reserved space only.
            if (const Status cut = file_->truncate(found.covered_bytes); !cut.ok()) {
                env_.log.warn("log", cut.error().message);
            }
        } else {
            const std::uint64_t file_bytes = std::max(reserved_bytes_, found.covered_bytes);
            env_.log.error("log",
                           path_ + " is damaged: readable up to offset " +
                               std::to_string(found.next_offset.value) +
                               ", the next one starts at " + std::to_string(next.value));
            const std::unique_lock lock(mutex_);
            index_->skip_to(next, file_bytes);
            size_bytes_.store(file_bytes);
        }
        const std::unique_lock lock(mutex_);
        SparseIndex index = std::move(*index_);
        use_saved(std::move(index), append_ages());
    }
    if (synced_writes_ == writes_) {
        const std::unique_lock lock(mutex_);
        file_ = nullptr;
    }
}

void Segment::save_index_when_due() {
    if (size_bytes() - index_saved_bytes_ >= kIndexSaveBytes) {
        save_index();
    }
}

AppendAges Segment::append_ages() const {
    return AppendAges{.at_wall_ms = env_.clock.wall_ms(),
                      .first_ms = whole_ms(first_append_age().value_or(nanoseconds{0})),
                      .last_ms = whole_ms(last_append_age().value_or(nanoseconds{0}))};
}

void Segment::save_index() {
    const Result<IndexFile> saved =
        IndexFile::save(env_.files, index_path_, *index_, append_ages());
    if (!saved.ok()) {
        // Of a topic that was deleted, nothing is there to be saved to.
        if (saved.error().code != ErrorCode::kNotFound) {
            env_.log.warn("log", "index is not saved: " + saved.error().message);
        }
        return;
    }
    index_saved_bytes_ = index_->summary().covered_bytes;
}

void Segment::use_saved(SparseIndex index, const AppendAges& ages) {
    Result<IndexFile> saved = IndexFile::save(env_.files, index_path_, index, ages);
    if (saved.ok()) {
        index_file_ = std::move(saved).value();
        is_index_verified_ = true;
        index_.reset();
    } else {
        env_.log.warn("log", "index is not saved: " + saved.error().message);
        index_ = std::move(index);
    }
}

Status Segment::remove(Env& env, const SegmentSettings& settings, Offset base) {
    const Status removed = env.files.remove(join_path(settings.directory, index_file_name(base)));
    if (!removed.ok() && removed.error().code != ErrorCode::kNotFound) {
        return removed;
    }
    return env.files.remove(join_path(settings.directory, PartitionLog::segment_file_name(base)));
}

void Segment::abandon() {
    is_closed_ = true;
}

Status Segment::keep_files() {
    CHECK(is_closed_);
    MILLRACE_TRY_STATUS(check_index_file());
    const std::unique_lock lock(mutex_);
    if (file_ == nullptr) {
        MILLRACE_TRY(file_, env_.files.open(path_, OpenMode::kRead));
    }
    if (!index_) {
        MILLRACE_TRY(const Buffer content, env_.files.read_file(index_path_));
        MILLRACE_TRY(index_, SparseIndex::decode(content, base_));
        index_file_.reset();
    }
    return Ok{};
}

std::optional<nanoseconds> Segment::first_append_age() const {
    return first_append_ ? std::optional(env_.clock.monotonic() - *first_append_) : std::nullopt;
}

std::optional<nanoseconds> Segment::last_append_age() const {
    return last_append_ ? std::optional(env_.clock.monotonic() - *last_append_) : std::nullopt;
}

Offset Segment::next_offset() const {
    const std::shared_lock lock(mutex_);
    return index_ ? index_->summary().next_offset : index_file_->summary().next_offset;
}

Timestamp Segment::max_timestamp() const {
    const std::shared_lock lock(mutex_);
    return index_ ? index_->summary().max_timestamp : index_file_->summary().max_timestamp;
}

}  // namespace millrace::log
