#include "core/log/partition_log.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <deque>

#include "core/base/mutant.h"
#include "core/log/producer_snapshots.h"
#include "core/log/segment.h"
#include "core/log/segment_swap.h"
#include "core/log/sparse_index.h"
#include "core/log/stored_batch.h"
#include "core/record/record_batch.h"
#include "core/record/record_cursor.h"

namespace millrace::log {

namespace {

constexpr std::string_view kLogSuffix = ".log";
constexpr std::size_t kOffsetDigits = 20;
/// A stored batch that claims more is damaged. Not the option: that may have been larger before.
constexpr std::size_t kStoredBatchBytesMax = std::size_t{256} << 20;

/// The base offset in "00000000000000000042<suffix>".
std::optional<Offset> parse_file_name(std::string_view name, std::string_view suffix) {
    if (name.size() != kOffsetDigits + suffix.size() || !name.ends_with(suffix)) {
        return std::nullopt;
    }
    std::int64_t base = 0;
    const char* const end = name.data() + kOffsetDigits;
    const auto [stopped, error] = std::from_chars(name.data(), end, base);
    if (error != std::errc{} || stopped != end || base < 0) {
        return std::nullopt;
    }
    return Offset{base};
}

/// Whether the batch has a record at or after `from`; compaction may have removed it.
bool has_record_from(const RecordBatchView& batch, Offset from) {
    const bool is_whole = batch.record_count() == std::int64_t{batch.last_offset_delta()} + 1;
    if (batch.record_count() == 0 || is_whole || batch.base_offset() >= from) {
        return batch.record_count() > 0;
    }
    const Result<RecordPayload> payload = payload_of(batch, nullptr);
    if (!payload.ok()) {
        return true;  // the reader will see
    }
    RecordCursor records(batch, payload.value().bytes);
    for (RecordView record; records.next(record);) {
        if (record.offset >= from) {
            return true;
        }
    }
    return !records.status().ok();
}

struct PageContent {
    bool has_records = false;  // at or after where the reader is
    Offset end;                // behind the last batch
};

PageContent content_of(ByteView batches, Offset from) {
    PageContent content;
    RecordBatchCursor cursor(batches);
    for (auto batch = cursor.next(); batch.ok() && batch.value(); batch = cursor.next()) {
        content.has_records = content.has_records || has_record_from(*batch.value(), from);
        content.end = next(batch.value()->last_offset());
    }
    return content;
}

class SegmentedLog final : public PartitionLog {
  public:
    SegmentedLog(Env& env, std::string directory, PartitionLogOptions options)
        : env_(env),
          options_(options),
          settings_{.directory = std::move(directory),
                    .batch_bytes_max = std::max(options.batch_bytes_max, kStoredBatchBytesMax),
                    .segment_bytes = options.segment_bytes,
                    .preallocate_bytes = options.preallocate_bytes},
          producers_(options.producers),
          snapshots_(env, settings_.directory) {}
    ~SegmentedLog() override { snapshots_.save(producers_); }
    SegmentedLog(const SegmentedLog&) = delete;
    SegmentedLog& operator=(const SegmentedLog&) = delete;

    Status load(LogPosition end, Offset log_start, bool is_relaxed);
    void set_options(PartitionLogOptions options) override;

    Result<StagedAppend> stage(std::span<std::byte> batches) override;
    Status write(const StagedAppend& staged, ByteView batches) override;
    Status reserve(const StagedAppend& staged) override;
    void unstage(const LogPosition& to) override;
    [[nodiscard]] LogPosition staged_end() const override { return staged_end_; }
    void publish(const LogPosition& end) override;
    void raise_log_start(Offset log_start) override;
    [[nodiscard]] bool is_relaxed() const override { return is_relaxed_; }
    void set_relaxed(bool is_relaxed) override { is_relaxed_ = is_relaxed; }
    [[nodiscard]] Durability durability() override;
    [[nodiscard]] FlushPolicy flush_policy() const override { return options_.flush; }
    Status cut_tail() override;
    [[nodiscard]] std::vector<SyncTask> unsynced() override;
    [[nodiscard]] bool needs_directory_sync() const override;
    [[nodiscard]] bool has_retention_work() override;
    Result<std::size_t> apply_retention(Offset floor) override;
    [[nodiscard]] std::vector<std::shared_ptr<Segment>> closed_segments() const override;
    [[nodiscard]] const PartitionLogOptions& options() const override { return options_; }
    [[nodiscard]] TransactionFacts transaction_facts() const override;
    Status replace_segments(const SegmentSwap& swap) override;

    [[nodiscard]] Result<LogRead> read(Offset from, std::size_t bytes_max) override;
    [[nodiscard]] Offset log_start() const override { return log_start_.load(); }
    [[nodiscard]] Offset high_watermark() const override { return high_watermark_.load(); }
    [[nodiscard]] Result<std::optional<TimedOffset>> find_time(Timestamp time) override;
    [[nodiscard]] Result<std::optional<TimedOffset>> find_max_timestamp() override;
    [[nodiscard]] std::uint64_t size_bytes() const override;
    [[nodiscard]] Offset last_stable_offset() const override;
    [[nodiscard]] std::vector<AbortedTransaction> aborted_transactions(Offset from,
                                                                       Offset to) const override {
        return producers_.aborted(from, to);
    }
    [[nodiscard]] std::vector<ProducerInfo> producers() const override {
        return producers_.producers();
    }

  private:
    struct StagedBatch {
        Offset segment;
        IndexedBatch batch;
    };
    using Segments = std::map<Offset, std::shared_ptr<Segment>>;

    [[nodiscard]] std::vector<std::shared_ptr<Segment>> all_segments() const;
    void adopt_options();
    Status make_directory();
    Result<std::vector<Offset>> cut_files(LogPosition& end);
    Status open_closed_segments(const std::vector<Offset>& bases);
    Status add_segment(Offset base);
    Status drop_segment(Segments::iterator at);
    void update_log_start();
    Status load_producers();
    Result<std::optional<Offset>> stage_producers(ByteView batches);
    void close_published_segments();
    [[nodiscard]] Error out_of_range(Offset offset) const;
    [[nodiscard]] Result<LogRead> read_segment(Offset from, std::size_t bytes_max);
    [[nodiscard]] bool must_roll(std::uint64_t more_bytes) const;
    [[nodiscard]] bool must_roll_for_retention(const Segment& active) const;
    [[nodiscard]] bool must_remove(Segments::iterator oldest, std::uint64_t total_bytes) const;
    [[nodiscard]] bool is_over_retention(const Segment& oldest, std::uint64_t total_bytes) const;

    Env& env_;
    PartitionLogOptions options_;  // the sequencer's
    const SegmentSettings settings_;
    ProducerState producers_;
    std::mutex wanted_mutex_;
    std::optional<PartitionLogOptions> wanted_;  // guarded by wanted_mutex_: set, not yet adopted

    mutable std::shared_mutex mutex_;
    Segments segments_;  // guarded by mutex_; changed by the sequencer only
    std::atomic<Offset> log_start_{};
    std::atomic<Offset> high_watermark_{};
    std::atomic<bool> is_relaxed_ = false;

    // The sequencer's.
    LogPosition staged_end_;
    LogPosition published_end_;
    Offset deleted_below_;  // as the journal says; segments may start later, or still be there
    std::deque<StagedBatch> staged_;  // not published yet, in log order
    Offset closed_below_;             // segments below are closed
    ProducerSnapshots snapshots_;
    std::uint64_t files_made_ = 0;
    std::uint64_t files_made_synced_ = 0;  // the directory is synced since that many
    Status broken_ = Ok{};                 // why nothing is taken any more until the next start
};

void SegmentedLog::set_options(PartitionLogOptions options) {
    const std::lock_guard lock(wanted_mutex_);
    wanted_ = options;
}

void SegmentedLog::adopt_options() {
    const std::lock_guard lock(wanted_mutex_);
    if (wanted_) {
        options_ = *wanted_;
        wanted_.reset();
    }
}

Status SegmentedLog::make_directory() {
    std::vector<std::string> made;
    for (std::string path = settings_.directory; !env_.files.exists(path);
         path = parent_path(path)) {
        made.push_back(path);
        if (parent_path(path) == path) {
            break;
        }
    }
    MILLRACE_TRY_STATUS(env_.files.create_directories(settings_.directory));
    for (const std::string& path : made) {
        MILLRACE_TRY_STATUS(env_.files.sync_directory(parent_path(path)));
    }
    return Ok{};
}

/// Removes what lies behind `end` and returns the bases of the closed segments, ascending. A
/// retention pass may have closed the segment of `end` and removed it: the log then goes on in the
/// one it made, and `end` is changed to that.
Result<std::vector<Offset>> SegmentedLog::cut_files(LogPosition& end) {
    MILLRACE_TRY(const auto entries, env_.files.list(settings_.directory));
    std::vector<Offset> bases;
    for (const DirectoryEntry& entry : entries) {
        if (const auto base = parse_file_name(entry.name, kLogSuffix)) {
            bases.push_back(*base);
        } else {
            snapshots_.found_file(entry.name);
        }
    }
    const bool has_end_segment = std::find(bases.begin(), bases.end(), end.segment) != bases.end();
    const bool has_successor = std::find(bases.begin(), bases.end(), end.offset) != bases.end();
    if (!has_end_segment && has_successor) {
        end = LogPosition{.offset = end.offset, .segment = end.offset, .position = 0};
    } else if (!has_end_segment && end.position > 0) {
        return Error{ErrorCode::kCorruptBatch,
                     "segment file is missing: " +
                         join_path(settings_.directory, segment_file_name(end.segment))};
    }
    std::vector<Offset> closed;
    bool has_removed = false;
    for (const Offset base : bases) {
        if (base < end.segment) {
            closed.push_back(base);
        } else if (base > end.segment) {
            MILLRACE_TRY_STATUS(Segment::remove(env_, settings_, base));
            has_removed = true;
        }
    }
    if (has_removed) {
        // Before the log grows past their bases: they must not come back into its middle.
        MILLRACE_TRY_STATUS(env_.files.sync_directory(settings_.directory));
    }
    return closed;
}

Status SegmentedLog::open_closed_segments(const std::vector<Offset>& bases) {
    for (std::size_t i = 0; i < bases.size(); ++i) {
        // What lies behind the next segment's base was written, taken back and not yet cut off.
        const Offset next = i + 1 < bases.size() ? bases[i + 1] : published_end_.segment;
        MILLRACE_TRY(auto segment, Segment::open_closed(env_, settings_, bases[i], next));
        segments_.emplace(bases[i], std::move(segment));
    }
    return Ok{};
}

Durability SegmentedLog::durability() {
    adopt_options();
    return options_.durability;
}

Status SegmentedLog::cut_tail() {
    const auto active = segments_.find(staged_end_.segment);
    return active == segments_.end() ? Status{Ok{}}
                                     : active->second->cut_tail(staged_end_.position);
}

Status SegmentedLog::load(LogPosition end, Offset log_start, bool is_relaxed) {
    is_relaxed_ = is_relaxed;
    MILLRACE_TRY_STATUS(make_directory());
    MILLRACE_TRY_STATUS(finish_segment_swaps(env_.files, settings_.directory));
    MILLRACE_TRY(const std::vector<Offset> closed, cut_files(end));
    staged_end_ = end;
    published_end_ = end;
    deleted_below_ = std::min(log_start, end.offset);
    closed_below_ = end.segment;
    MILLRACE_TRY_STATUS(open_closed_segments(closed));
    const std::string active = join_path(settings_.directory, segment_file_name(end.segment));
    if (env_.files.exists(active)) {
        MILLRACE_TRY(auto segment, Segment::open_active(env_, settings_, end));
        segments_.emplace(end.segment, std::move(segment));
        ++files_made_;
    }
    update_log_start();
    high_watermark_.store(end.offset);
    if (is_relaxed) {
        // What was cut off must not come back behind batches that bypass the journal from now on.
        MILLRACE_TRY_STATUS(sync());
    }
    return load_producers();
}

Status SegmentedLog::load_producers() {
    std::vector<ProducerSnapshots::SegmentExtent> extents;
    for (const auto& [base, segment] : segments_) {
        extents.push_back({.base = base, .bytes = segment->size_bytes()});
    }
    return snapshots_.load(
        producers_, extents, settings_.batch_bytes_max, log_start(), high_watermark());
}

bool SegmentedLog::must_roll(std::uint64_t more_bytes) const {
    if (staged_end_.position == 0) {
        return false;
    }
    if (staged_end_.position + more_bytes > options_.segment_bytes) {
        return true;
    }
    const auto active = segments_.find(staged_end_.segment);
    const auto age = active == segments_.end() ? std::nullopt : active->second->first_append_age();
    return age && *age >= options_.segment_age;
}

Result<StagedAppend> SegmentedLog::stage(std::span<std::byte> batches) {
    MILLRACE_TRY_STATUS(Status(broken_));
    adopt_options();
    // All is checked before anything is changed.
    RecordBatchCursor check(batches);
    std::int64_t records = 0;
    bool has_producer = false;
    while (true) {
        MILLRACE_TRY(const auto batch, check.next());
        if (!batch) {
            break;
        }
        if (batch->size_bytes() > options_.batch_bytes_max) {
            return Error{ErrorCode::kTooLarge,
                         "record batch is larger than the limit of " +
                             std::to_string(options_.batch_bytes_max) +
                             " bytes: " + std::to_string(batch->size_bytes())};
        }
        MILLRACE_TRY_STATUS(batch->verify_crc());
        if (batch->record_count() == 0 ||
            batch->record_count() != std::int64_t{batch->last_offset_delta()} + 1) {
            return Error{ErrorCode::kCorruptBatch,
                         "record count of a record batch does not fit its offsets: " +
                             std::to_string(batch->record_count())};
        }
        records += batch->record_count();
        has_producer = has_producer || batch->producer_id() >= 0;
    }
    if (records == 0) {
        return Error{ErrorCode::kCorruptBatch, "there is no record batch in 0 bytes"};
    }
    if (records >= std::numeric_limits<std::int64_t>::max() - staged_end_.offset.value) {
        return Error{ErrorCode::kTooLarge, "partition is out of offsets"};
    }

    if (has_producer) {
        MILLRACE_TRY(const std::optional<Offset> duplicate, stage_producers(batches));
        if (duplicate) {
            return StagedAppend{.at = staged_end_,
                                .end = staged_end_,
                                .base_offset = *duplicate,
                                .last_offset = Offset{duplicate->value + records - 1},
                                .duplicate_of = duplicate};
        }
    }
    if (must_roll(batches.size())) {
        staged_end_ =
            LogPosition{.offset = staged_end_.offset, .segment = staged_end_.offset, .position = 0};
    }
    StagedAppend staged{.at = staged_end_,
                        .end = staged_end_,
                        .base_offset = staged_end_.offset,
                        .last_offset = Offset{staged_end_.offset.value + records - 1}};
    for (std::size_t at = 0; at < batches.size();) {
        const std::span<std::byte> rest = batches.subspan(at);
        set_base_offset(rest, staged.end.offset);
        set_partition_leader_epoch(rest, kLeaderEpoch);
        const RecordBatchView batch = RecordBatchView::parse(rest).value();
        staged_.push_back({staged.at.segment, IndexedBatch::of(batch, staged.end.position)});
        staged.end.offset = next(batch.last_offset());
        staged.end.position += batch.size_bytes();
        at += batch.size_bytes();
    }
    staged_end_ = staged.end;
    return staged;
}

/// Where the batches stand already when all of them were sent before.
Result<std::optional<Offset>> SegmentedLog::stage_producers(ByteView batches) {
    const std::chrono::nanoseconds now = env_.clock.monotonic();
    std::optional<Offset> first_duplicate;
    Offset base = staged_end_.offset;
    Status status = Ok{};
    for (std::size_t at = 0; at < batches.size() && status.ok();) {
        const RecordBatchView batch = RecordBatchView::parse(batches.subspan(at)).value();
        const bool is_first = at == 0;
        at += batch.size_bytes();
        auto staged = batch.producer_id() < 0 ? Result<std::optional<Offset>>{std::nullopt}
                                              : producers_.stage(batch, base, now);
        if (!staged.ok()) {
            status = std::move(staged).error();
        } else if (!is_first && staged.value().has_value() != first_duplicate.has_value()) {
            status = Error{ErrorCode::kOutOfOrderSequence,
                           "new batches came together with one that is there already"};
        } else if (is_first) {
            first_duplicate = staged.value();
        }
        base = Offset{base.value + batch.record_count()};
    }
    if (!status.ok()) {
        producers_.unstage(staged_end_.offset);
        return std::move(status).error();
    }
    return first_duplicate;
}

Status SegmentedLog::add_segment(Offset base) {
    MILLRACE_TRY(auto segment, Segment::create(env_, settings_, base));
    ++files_made_;
    const std::unique_lock lock(mutex_);
    segments_.emplace(base, std::move(segment));
    return Ok{};
}

Status SegmentedLog::reserve(const StagedAppend& staged) {
    close_published_segments();
    if (!segments_.contains(staged.at.segment)) {
        MILLRACE_TRY_STATUS(add_segment(staged.at.segment));
    }
    return segments_.at(staged.at.segment)->reserve(staged.end.position);
}

Status SegmentedLog::write(const StagedAppend& staged, ByteView batches) {
    CHECK(batches.size() == staged.end.position - staged.at.position);
    MILLRACE_TRY_STATUS(reserve(staged));
    return segments_.at(staged.at.segment)->write(staged.at.position, batches);
}

Status SegmentedLog::drop_segment(Segments::iterator at) {
    const std::shared_ptr<Segment> segment = at->second;
    {
        // Out of the readers' sight first: one that finds no file then knows why.
        const std::unique_lock lock(mutex_);
        segments_.erase(at);
        update_log_start();
    }
    if (Status removed = Segment::remove(env_, settings_, segment->base()); !removed.ok()) {
        const std::unique_lock lock(mutex_);
        segments_.emplace(segment->base(), segment);
        update_log_start();
        return removed;
    }
    segment->abandon();
    return env_.files.sync_directory(settings_.directory);
}

void SegmentedLog::update_log_start() {
    const Offset first = segments_.empty() ? published_end_.offset : segments_.begin()->first;
    log_start_.store(std::max(first, deleted_below_));
}

void SegmentedLog::raise_log_start(Offset log_start) {
    CHECK(log_start <= published_end_.offset);
    const std::unique_lock lock(mutex_);
    deleted_below_ = std::max(deleted_below_, log_start);
    update_log_start();
}

void SegmentedLog::unstage(const LogPosition& to) {
    CHECK(to.offset >= published_end_.offset);
    while (!staged_.empty() && staged_.back().batch.base >= to.offset) {
        staged_.pop_back();
    }
    staged_end_ = to;
    producers_.unstage(to.offset);
    // A roll may have made a file already. Bases of segment files say where the ones before end, so
    // this one has to be gone for good before the log grows past its base.
    while (broken_.ok() && !segments_.empty() && segments_.rbegin()->first > to.segment) {
        broken_ = drop_segment(std::prev(segments_.end()));
    }
}

void SegmentedLog::publish(const LogPosition& end) {
    CHECK(end.offset >= published_end_.offset);
    while (!staged_.empty() && staged_.front().batch.last < end.offset) {
        segments_.at(staged_.front().segment)->publish(staged_.front().batch);
        snapshots_.advance(staged_.front().segment, staged_.front().batch);
        staged_.pop_front();
    }
    published_end_ = end;
    // Before the end itself: a transaction's records are never taken for stable ones.
    producers_.publish(end.offset);
    high_watermark_.store(end.offset);
}

void SegmentedLog::close_published_segments() {
    for (auto at = segments_.lower_bound(closed_below_);
         at != segments_.end() && at->first < published_end_.segment;
         ++at) {
        at->second->close(std::next(at)->first);
        snapshots_.save(producers_);
    }
    closed_below_ = std::max(closed_below_, published_end_.segment);
}

std::vector<PartitionLog::SyncTask> SegmentedLog::unsynced() {
    close_published_segments();
    std::vector<SyncTask> tasks;
    for (const auto& [base, segment] : segments_) {
        if (const std::shared_ptr<File> file = segment->unsynced_file()) {
            tasks.push_back({.sync = [file] { return file->sync_data(); },
                             .mark =
                                 [segment = segment, writes = segment->writes()] {
                                     segment->mark_synced(MILLRACE_MUTANT(17) ? segment->writes()
                                                                              : writes);
                                 }});
        }
    }
    if (files_made_ != files_made_synced_ && !MILLRACE_MUTANT(14)) {
        tasks.push_back({.sync = [this] { return env_.files.sync_directory(settings_.directory); },
                         .mark = [this, made = files_made_] { files_made_synced_ = made; }});
    }
    if (const auto active = segments_.find(published_end_.segment); active != segments_.end()) {
        active->second->save_index_when_due();
    }
    snapshots_.save_when_due(producers_);
    return tasks;
}

bool SegmentedLog::needs_directory_sync() const {
    return files_made_ != files_made_synced_ ||
           (staged_end_.position > 0 && !segments_.contains(staged_end_.segment));
}

bool SegmentedLog::must_roll_for_retention(const Segment& active) const {
    // A closed segment goes as a whole once its last record is over age. Closing four times per
    // period bounds what is kept too long to a quarter more.
    const auto age = active.first_append_age();
    const bool is_old = options_.retention_age && age && *age * 4 >= *options_.retention_age;
    const bool is_large =
        options_.retention_bytes && active.size_bytes() * 4 >= *options_.retention_bytes;
    // Compaction takes closed segments only: a quiet topic's last records have to get there, too.
    const auto age_max = options_.compaction && options_.compaction->lag_max
                             ? std::min(options_.segment_age, *options_.compaction->lag_max)
                             : options_.segment_age;
    const bool is_due_for_compaction = options_.compaction && age && *age >= age_max;
    const bool is_deleted = deleted_below_ >= published_end_.offset;
    return active.size_bytes() > 0 && (is_old || is_large || is_due_for_compaction || is_deleted);
}

bool SegmentedLog::is_over_retention(const Segment& oldest, std::uint64_t total_bytes) const {
    const auto age = oldest.last_append_age();
    const bool is_old = options_.retention_age && age && *age >= *options_.retention_age;
    const bool is_surplus =
        options_.retention_bytes && total_bytes - oldest.size_bytes() >= *options_.retention_bytes;
    return is_old || is_surplus;
}

bool SegmentedLog::must_remove(Segments::iterator oldest, std::uint64_t total_bytes) const {
    const auto after = std::next(oldest);
    return oldest->first < published_end_.segment && after != segments_.end() &&
           (after->first <= deleted_below_ || is_over_retention(*oldest->second, total_bytes));
}

bool SegmentedLog::has_retention_work() {
    adopt_options();
    const auto active = segments_.find(published_end_.segment);
    return (active != segments_.end() && must_roll_for_retention(*active->second)) ||
           (!segments_.empty() && must_remove(segments_.begin(), size_bytes()));
}

Result<std::size_t> SegmentedLog::apply_retention(Offset floor) {
    adopt_options();
    const bool is_idle = staged_end_ == published_end_;
    if (const auto active = segments_.find(published_end_.segment);
        is_idle && active != segments_.end() && must_roll_for_retention(*active->second)) {
        const Offset base = published_end_.offset;
        MILLRACE_TRY_STATUS(add_segment(base));
        published_end_ = LogPosition{.offset = base, .segment = base, .position = 0};
        staged_end_ = published_end_;
        // The new file must be there before the old ones may go.
        MILLRACE_TRY_STATUS(sync());
    }
    std::size_t removed = 0;
    std::uint64_t total_bytes = size_bytes();
    while (!segments_.empty()) {
        const auto oldest = segments_.begin();
        if (!must_remove(oldest, total_bytes) || std::next(oldest)->first > floor) {
            break;
        }
        total_bytes -= oldest->second->size_bytes();
        // Durable one by one, so that a crash leaves no hole.
        MILLRACE_TRY_STATUS(drop_segment(oldest));
        ++removed;
    }
    producers_.expire(log_start(), env_.clock.monotonic());
    return removed;
}

Error SegmentedLog::out_of_range(Offset offset) const {
    return Error{ErrorCode::kOffsetOutOfRange,
                 "offset is not in [" + std::to_string(log_start().value) + ", " +
                     std::to_string(high_watermark().value) + "]: " + std::to_string(offset.value)};
}

std::vector<std::shared_ptr<Segment>> SegmentedLog::closed_segments() const {
    std::vector<std::shared_ptr<Segment>> closed;
    for (auto at = segments_.begin(); at != segments_.end() && at->first < closed_below_; ++at) {
        closed.push_back(at->second);
    }
    return closed;
}

TransactionFacts SegmentedLog::transaction_facts() const {
    TransactionFacts facts = producers_.facts();
    facts.stable_end = last_stable_offset();
    return facts;
}

Status SegmentedLog::replace_segments(const SegmentSwap& swap) {
    std::vector<Offset> bases;
    for (const std::shared_ptr<Segment>& source : swap.sources) {
        const auto found = segments_.find(source->base());
        if (found == segments_.end() || found->second != source) {
            return Error{ErrorCode::kCancelled,
                         "segment to be compacted is gone: " + source->path()};
        }
        bases.push_back(source->base());
        MILLRACE_TRY_STATUS(source->keep_files());
    }
    const Offset base = bases.front();
    const Offset end = swap.sources.back()->next_offset();
    const AppendAges ages{.at_wall_ms = env_.clock.wall_ms(),
                          .first_ms = swap.sources.front()->append_ages().first_ms,
                          .last_ms = swap.sources.back()->append_ages().last_ms};
    if (!swap.dropped_markers.empty()) {
        // A reader that hears of an abort without ever meeting its marker would leave out all that
        // the producer wrote later.
        snapshots_.remove_all();
    }
    MILLRACE_TRY_STATUS(swap_segment_files(env_.files, settings_.directory, bases, end, swap.path));
    if (!swap.dropped_markers.empty()) {
        producers_.forget_aborted(swap.dropped_markers);
        snapshots_.save(producers_);
    }
    // Spares a scan; an index that is missing is made again.
    const Result<IndexFile> saved =
        IndexFile::save(env_.files,
                        join_path(settings_.directory, Segment::index_file_name(base)),
                        swap.index,
                        ages);
    if (!saved.ok()) {
        env_.log.warn("log", "index is not saved: " + saved.error().message);
    }
    MILLRACE_TRY(const auto made, Segment::open_closed(env_, settings_, base, end));
    const std::unique_lock lock(mutex_);
    for (const Offset replaced : bases) {
        segments_.erase(replaced);
    }
    segments_.emplace(base, made);
    return Ok{};
}

Result<LogRead> SegmentedLog::read_segment(Offset from, std::size_t bytes_max) {
    std::shared_ptr<Segment> segment;
    {
        const std::shared_lock lock(mutex_);
        if (from < log_start() || from > high_watermark()) {
            return out_of_range(from);
        }
        if (from == high_watermark()) {
            return LogRead{};
        }
        segment = std::prev(segments_.upper_bound(from))->second;
    }
    Result<LogRead> read = segment->read(from, bytes_max);
    // Closed segments are opened when they are read; retention may have been faster.
    return !read.ok() && from < log_start() ? Result<LogRead>(out_of_range(from)) : std::move(read);
}

Result<LogRead> SegmentedLog::read(Offset from, std::size_t bytes_max) {
    MILLRACE_TRY(LogRead found, read_segment(from, bytes_max));
    // Some clients take a page without a record for the end of the log.
    while (!found.batches.empty()) {
        const PageContent content = content_of(found.batches, from);
        if (content.has_records || content.end <= from) {
            break;
        }
        Result<LogRead> more = read_segment(content.end, bytes_max);
        // What is wrong there is for the reader who comes there.
        if (!more.ok() || more.value().batches.empty()) {
            break;
        }
        from = content.end;
        found = std::move(more).value();
    }
    return found;
}

std::vector<std::shared_ptr<Segment>> SegmentedLog::all_segments() const {
    std::vector<std::shared_ptr<Segment>> segments;
    const std::shared_lock lock(mutex_);
    segments.reserve(segments_.size());
    for (const auto& [base, segment] : segments_) {
        segments.push_back(segment);
    }
    return segments;
}

Result<std::optional<TimedOffset>> SegmentedLog::find_time(Timestamp time) {
    const Offset end = high_watermark();
    for (const auto& segment : all_segments()) {
        if (segment->max_timestamp() < time) {
            continue;
        }
        Result<std::optional<TimedOffset>> found = segment->find_time(time, log_start());
        if (!found.ok() && segment->base() < log_start()) {
            continue;  // retention was faster
        }
        MILLRACE_TRY(const std::optional<TimedOffset> record, std::move(found));
        if (record) {
            return record->offset < end ? record : std::nullopt;
        }
    }
    return std::optional<TimedOffset>{};
}

Result<std::optional<TimedOffset>> SegmentedLog::find_max_timestamp() {
    std::shared_ptr<Segment> newest;
    for (auto& segment : all_segments()) {
        if (segment->size_bytes() > 0 &&
            (!newest || segment->max_timestamp() > newest->max_timestamp())) {
            newest = std::move(segment);
        }
    }
    return newest ? newest->find_time(newest->max_timestamp(), log_start())
                  : Result<std::optional<TimedOffset>>(std::optional<TimedOffset>{});
}

std::uint64_t SegmentedLog::size_bytes() const {
    const std::shared_lock lock(mutex_);
    std::uint64_t total = 0;
    for (const auto& [base, segment] : segments_) {
        total += segment->size_bytes();
    }
    return total;
}

Offset SegmentedLog::last_stable_offset() const {
    const Offset end = high_watermark();  // first: see publish()
    return std::max(std::min(producers_.first_unstable(), end), log_start());
}

}  // namespace

Status PartitionLog::sync() {
    for (const SyncTask& task : unsynced()) {
        MILLRACE_TRY_STATUS(task.sync());
        task.mark();
    }
    return Ok{};
}

Result<Offset> PartitionLog::offset_for_time(Timestamp time) {
    const Offset end = high_watermark();
    MILLRACE_TRY(const std::optional<TimedOffset> found, find_time(time));
    return found ? found->offset : end;
}

std::string PartitionLog::directory_of(const std::string& data_directory,
                                       TopicPartition partition) {
    return join_path(join_path(join_path(data_directory, "topics"), partition.topic.to_string()),
                     std::to_string(partition.partition.value));
}

std::string PartitionLog::segment_file_name(Offset base) {
    char name[32];
    const int size =
        std::snprintf(name, sizeof name, "%020lld", static_cast<long long>(base.value));
    return std::string(name, static_cast<std::size_t>(size)).append(kLogSuffix);
}

Result<std::unique_ptr<PartitionLog>> PartitionLog::open(Env& env,
                                                         std::string directory,
                                                         PartitionLogOptions options,
                                                         LogPosition end,
                                                         Offset log_start,
                                                         bool is_relaxed) {
    auto log = std::make_unique<SegmentedLog>(env, std::move(directory), options);
    MILLRACE_TRY_STATUS(log->load(end, log_start, is_relaxed));
    return std::unique_ptr<PartitionLog>(std::move(log));
}

}  // namespace millrace::log
