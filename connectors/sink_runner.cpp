#include "connectors/sink_runner.h"

#include <algorithm>
#include <array>

#include "core/record/record_batch_builder.h"

namespace millrace::connectors {

namespace {

constexpr std::chrono::milliseconds kFetchWait{5000};
constexpr std::chrono::milliseconds kTopicWaitFirst{20};
constexpr std::chrono::milliseconds kTopicWaitMax{1000};

std::string place_of(const std::string& topic, Partition partition, Offset offset) {
    return "topic " + topic + " partition " + std::to_string(partition.value) + " offset " +
           std::to_string(offset.value);
}

/// The offset behind the last whole batch.
Result<Offset> end_of(const FetchResult& fetched, Offset from) {
    RecordBatchCursor batches(fetched.batches);
    for (;;) {
        MILLRACE_TRY(const std::optional<RecordBatchView> batch, batches.next());
        if (!batch) {
            return from;
        }
        from = std::max(from, next(batch->last_offset()));
    }
}

}  // namespace

SinkRunner::SinkRunner(const WorkerServices& services,
                       ConnectorSpec spec,
                       std::unique_ptr<SinkTask> task)
    : Runner(services, std::move(spec)),
      task_(std::move(task)),
      dead_letter_group_("connector/" + spec_.name + "/dead-letters") {}

void SinkRunner::finish_topic(const std::string& topic, const std::vector<Offset>& ends) {
    {
        const std::lock_guard lock(ends_mutex_);
        ends_[topic] = ends;
    }
    signal_.wake();
}

Result<ConnectorState> SinkRunner::run() {
    MILLRACE_TRY(const bool has_topics, wait_for_topics());
    if (!has_topics) {
        return ConnectorState::kStopped;
    }
    return with_retries([this] { return session(); });
}

/// False when a stop came first.
Result<bool> SinkRunner::wait_for_topics() {
    std::chrono::milliseconds delay = kTopicWaitFirst;
    std::string said;
    while (!signal_.is_raised()) {
        const std::uint64_t wakes = signal_.wakes();
        topics_.clear();
        std::string missing;
        for (const std::string& name : spec_.topics) {
            Result<TopicInfo> info = services_.log.describe_topic(name);
            if (!info.ok()) {
                if (info.error().code != ErrorCode::kUnknownTopic) {
                    return info.error();
                }
                missing = "there is no topic " + name + " yet: a query or a source makes it";
                break;
            }
            SinkTopic topic{.info = std::move(info).value(), .schema = std::nullopt};
            const auto text = topic.info.config.find(std::string(kTopicSchemaConfig));
            if (text != topic.info.config.end()) {
                MILLRACE_TRY(topic.schema, decode_topic_schema(text->second));
            } else if (task_->needs_schema()) {
                missing = "topic " + name +
                          " has no schema yet: CREATE STREAM or CREATE TABLE over it gives it one";
                break;
            }
            topics_.push_back(std::move(topic));
        }
        if (missing.empty()) {
            return true;
        }
        {
            const std::lock_guard lock(ends_mutex_);
            if (ends_.size() == spec_.topics.size()) {
                return Error{ErrorCode::kUnknownTopic, "the input has ended, but " + missing};
            }
        }
        if (said != missing && delay >= kTopicWaitMax) {
            log_warning("waits: " + missing);
            said = missing;
        }
        signal_.wait(services_.env.io, delay, wakes);
        delay = std::min(delay * 2, kTopicWaitMax);
    }
    return false;
}

/// From opening the store to the end or the first error; positions are the store's.
Result<ConnectorState> SinkRunner::session() {
    uncommitted_ = 0;
    uncommitted_bytes_ = 0;
    row_readers_.clear();
    for (const SinkTopic& topic : topics_) {
        if (task_->needs_schema()) {
            MILLRACE_TRY(RowReader reader, RowReader::make(*topic.schema));
            row_readers_.emplace(topic.info.name, std::move(reader));
        }
    }
    if (is_dead_lettering()) {
        MILLRACE_TRY(dead_letters_, services_.log.describe_topic(dead_letter_topic()));
    }
    const RejectRecord reject_record =
        [this](const SinkBatch& batch, std::uint32_t row, const Error& error) -> Status {
        const TopicPartition place{batch.topic->info.id, batch.partition};
        const auto reader = std::find_if(
            readers_.begin(), readers_.end(), [&](const Reader& r) { return r.place == place; });
        CHECK(reader != readers_.end());
        return reject(*reader, batch, row, error);
    };
    MILLRACE_TRY(
        const std::vector<SinkPosition> positions,
        task_->open({.env = services_.env, .connector = spec_.name, .reject = reject_record},
                    topics_));
    MILLRACE_TRY_STATUS(open_readers(positions));
    set_running();
    Result<ConnectorState> end = loop();
    close_readers();
    return end;
}

Status SinkRunner::open_readers(const std::vector<SinkPosition>& positions) {
    readers_.clear();
    const LogSnapshot snapshot = services_.log.snapshot();
    const std::map<TopicPartition, OffsetCommit> dead_lettered =
        is_dead_lettering() ? services_.log.committed_offsets(dead_letter_group_)
                            : std::map<TopicPartition, OffsetCommit>();
    for (const SinkPosition& position : positions) {
        const auto topic =
            std::find_if(topics_.begin(), topics_.end(), [&](const SinkTopic& candidate) {
                return candidate.info.name == position.topic;
            });
        CHECK(topic != topics_.end());
        Reader reader;
        reader.topic = &*topic;
        reader.place = {topic->info.id, position.partition};
        MILLRACE_TRY(const Offset start, services_.log.log_start(reader.place));
        reader.high_watermark = snapshot.end_of(reader.place);
        reader.next = position.next.value_or(start);
        const std::string place = place_of(position.topic, position.partition, reader.next);
        if (reader.next > reader.high_watermark) {
            return Error{ErrorCode::kConfigInvalid,
                         "the sink's file is ahead of the log, which ends at offset " +
                             std::to_string(reader.high_watermark.value) +
                             ": was the data directory replaced? the file stands at " + place};
        }
        if (reader.next < start) {
            log_warning("records are gone by retention; goes on at offset " +
                        std::to_string(start.value) + " instead of " + place);
            reader.next = start;
        }
        reader.prefetch = reader.next;
        if (const auto found = dead_lettered.find(reader.place); found != dead_lettered.end()) {
            reader.dead_lettered = found->second.next;
        }
        readers_.push_back(std::move(reader));
    }
    return Ok{};
}

void SinkRunner::close_readers() {
    for (Reader& reader : readers_) {
        if (reader.slot) {
            services_.log.cancel_fetch(reader.fetch);
            reader.slot.reset();  // a late answer goes nowhere
        }
    }
}

Result<ConnectorState> SinkRunner::loop() {
    for (;;) {
        const std::uint64_t wakes = signal_.wakes();
        if (signal_.is_raised()) {
            if (signal_.mode() == StopMode::kGraceful) {
                MILLRACE_TRY_STATUS(commit());
            }
            return ConnectorState::kStopped;
        }
        bool has_put = false;
        for (Reader& reader : readers_) {
            fetch(reader);
            if (std::optional<Result<FetchResult>> fetched = take_result(reader)) {
                const Offset before = reader.next;
                MILLRACE_TRY_STATUS(take_batches(reader, std::move(*fetched)));
                has_put = has_put || reader.next > before;
            }
        }
        report_lag();
        if (has_reached_ends()) {
            MILLRACE_TRY_STATUS(commit());
            return ConnectorState::kFinished;
        }
        const std::optional<std::chrono::milliseconds> left = until_commit();
        if (uncommitted_ >= task_->commit_records() || (left && left->count() <= 0)) {
            MILLRACE_TRY_STATUS(commit());
        } else if (!has_put && left) {
            signal_.wait(services_.env.io, *left, wakes);
        } else if (!has_put) {
            signal_.wait(wakes);
        }
    }
}

/// nullopt: nothing is uncommitted.
std::optional<std::chrono::milliseconds> SinkRunner::until_commit() const {
    if (uncommitted_ == 0) {
        return std::nullopt;
    }
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(
        services_.env.clock.monotonic() - first_uncommitted_);
    return task_->commit_interval() - since;
}

void SinkRunner::fetch(Reader& reader) {
    if (reader.slot) {
        return;
    }
    reader.slot = std::make_shared<Slot>();
    reader.fetch = services_.log.fetch(
        {.from = reader.place, .offset = reader.prefetch, .wait_max = kFetchWait},
        [slot = reader.slot, signal = signal_](Result<FetchResult> result) mutable {
            {
                const std::lock_guard lock(slot->mutex);
                slot->result.emplace(std::move(result));
            }
            signal.wake();
        });
}

std::optional<Result<FetchResult>> SinkRunner::take_result(Reader& reader) {
    std::optional<Result<FetchResult>> taken;
    {
        const std::lock_guard lock(reader.slot->mutex);
        taken.swap(reader.slot->result);
    }
    if (taken) {
        reader.slot.reset();
    }
    return taken;
}

Status SinkRunner::take_batches(Reader& reader, Result<FetchResult> fetched) {
    if (!fetched.ok()) {
        return fetched.error().with_context("topic " + reader.topic->info.name);
    }
    const FetchResult& result = fetched.value();
    reader.high_watermark = std::max(reader.high_watermark, result.high_watermark);
    MILLRACE_TRY(reader.prefetch, end_of(result, reader.prefetch));
    fetch(reader);  // the next page comes while this one is written
    MILLRACE_TRY_STATUS(put_batches(reader, result));
    return Ok{};
}

Status SinkRunner::put_batches(Reader& reader, const FetchResult& fetched) {
    RecordBatchCursor batches(fetched.batches);
    PagePtr pin;
    Offset behind = reader.next;
    records_.clear();
    for (;;) {
        MILLRACE_TRY(const std::optional<RecordBatchView> batch, batches.next());
        if (!batch) {
            break;
        }
        MILLRACE_TRY(const RecordPayload payload, payload_of(*batch, fetched.page));
        // Small batches of one page are put together; an inflated one has a page of its own.
        if (payload.page != pin || records_.size() >= kRowBatchRowsMax) {
            MILLRACE_TRY_STATUS(put_records(reader, pin, behind));
        }
        pin = payload.page;
        MILLRACE_TRY_STATUS(decode_records(*batch, payload.bytes, reader.next, records_));
        behind = std::max(behind, next(batch->last_offset()));
        uncommitted_bytes_ += batch->size_bytes();
    }
    return put_records(reader, pin, behind);
}

/// Hands over what records_ holds, in row batches of the usual size.
Status SinkRunner::put_records(Reader& reader, const PagePtr& pin, Offset behind) {
    const RecordColumns all = std::move(records_);
    records_ = RecordColumns();
    for (std::size_t begin = 0; begin < all.size(); begin += kRowBatchRowsMax) {
        const std::size_t end = std::min<std::size_t>(all.size(), begin + kRowBatchRowsMax);
        const auto part = [begin, end](const auto& values) {
            return std::vector(values.begin() + static_cast<std::ptrdiff_t>(begin),
                               values.begin() + static_cast<std::ptrdiff_t>(end));
        };
        const RecordColumns records{
            part(all.offsets), part(all.timestamps), part(all.keys), part(all.values)};
        SinkBatch batch{.topic = reader.topic,
                        .partition = reader.place.partition,
                        .records = &records,
                        .rows = nullptr,
                        .next = end == all.size() ? behind : next(records.offsets.back())};
        if (const auto rows = row_readers_.find(reader.topic->info.name);
            rows != row_readers_.end()) {
            batch.rows = rows->second.read(records, batch.partition, pin);
            for (const RowError& error : batch.rows->errors) {
                MILLRACE_TRY_STATUS(reject(reader, batch, error.row, {error.code, error.message}));
            }
        }
        if (uncommitted_ == 0) {
            first_uncommitted_ = services_.env.clock.monotonic();
        }
        MILLRACE_TRY_STATUS(task_->put(batch));
        uncommitted_ += records.size();
        reader.next = batch.next;
        if (uncommitted_ >= task_->commit_records()) {
            MILLRACE_TRY_STATUS(commit());
        }
    }
    reader.next = std::max(reader.next, behind);
    return Ok{};
}

Status SinkRunner::reject(Reader& reader,
                          const SinkBatch& batch,
                          std::uint32_t row,
                          const Error& error) {
    const Offset offset = batch.records->offsets[row];
    const std::optional<ByteView>& key = batch.records->keys[row];
    const std::optional<ByteView>& value = batch.records->values[row];
    if (offset < reader.dead_lettered) {
        return Ok{};  // an earlier run wrote it there and ended before the sink's own commit
    }
    MILLRACE_TRY_STATUS(take_bad_record(place_of(reader.topic->info.name, batch.partition, offset),
                                        error,
                                        value ? as_text(*value) : std::string_view()));
    if (is_dead_lettering()) {
        const auto copy = [](const std::optional<ByteView>& bytes) {
            return bytes ? std::optional<Buffer>(*bytes) : std::nullopt;
        };
        reader.dead_letters.push_back({copy(key), copy(value), offset, error.message});
    }
    return Ok{};
}

/// The dead letters first: with the position of the last one committed beside them, a crash between
/// the two commits does not write them twice.
Status SinkRunner::commit() {
    MILLRACE_TRY_STATUS(write_dead_letters());
    MILLRACE_TRY_STATUS(task_->commit());
    retry_.reset();
    change_status([this](ConnectorStatus& status) {
        status.records += uncommitted_;
        status.bytes += uncommitted_bytes_;
    });
    uncommitted_ = 0;
    uncommitted_bytes_ = 0;
    return Ok{};
}

Status SinkRunner::write_dead_letters() {
    RecordBatchBuilder builder;
    Unit unit;
    for (Reader& reader : readers_) {
        if (reader.dead_letters.empty()) {
            continue;
        }
        const std::string partition = std::to_string(reader.place.partition.value);
        Offset last = reader.dead_lettered;
        for (const DeadLetter& letter : reader.dead_letters) {
            const std::string offset = std::to_string(letter.offset.value);
            const std::array<HeaderView, 5> headers{
                HeaderView{"__connect.errors.connector.name", as_bytes(spec_.name)},
                HeaderView{"__connect.errors.topic", as_bytes(reader.topic->info.name)},
                HeaderView{"__connect.errors.partition", as_bytes(partition)},
                HeaderView{"__connect.errors.offset", as_bytes(offset)},
                HeaderView{"__connect.errors.exception.message", as_bytes(letter.reason)}};
            builder.add(letter.key ? std::optional(letter.key->view()) : std::nullopt,
                        letter.value ? std::optional(letter.value->view()) : std::nullopt,
                        Timestamp{services_.env.clock.wall_ms()},
                        headers);
            last = std::max(last, next(letter.offset));
        }
        unit.offsets.push_back(
            {.group = dead_letter_group_, .source = reader.place, .next = last, .metadata = {}});
    }
    if (builder.empty()) {
        return Ok{};
    }
    MILLRACE_TRY(Buffer batches, builder.finish());
    unit.pieces.push_back({.to = {dead_letters_->id, Partition{0}}, .batches = std::move(batches)});
    const std::vector<OffsetCommit> written = unit.offsets;
    MILLRACE_TRY(const CommitPosition committed, append_and_wait(services_.log, std::move(unit)));
    static_cast<void>(committed);
    for (Reader& reader : readers_) {
        reader.dead_letters.clear();
        for (const OffsetCommit& commit : written) {
            if (commit.source == reader.place) {
                reader.dead_lettered = commit.next;
            }
        }
    }
    return Ok{};
}

bool SinkRunner::has_reached_ends() {
    const std::lock_guard lock(ends_mutex_);
    for (const Reader& reader : readers_) {
        const auto ends = ends_.find(reader.topic->info.name);
        if (ends == ends_.end()) {
            return false;
        }
        const auto partition = static_cast<std::size_t>(reader.place.partition.value);
        if (partition < ends->second.size() && reader.next < ends->second[partition]) {
            return false;
        }
    }
    return true;
}

void SinkRunner::report_lag() {
    std::int64_t lag = 0;
    for (const Reader& reader : readers_) {
        lag += std::max<std::int64_t>(0, reader.high_watermark.value - reader.next.value);
    }
    change_status([lag](ConnectorStatus& status) { status.lag = lag; });
}

}  // namespace millrace::connectors
