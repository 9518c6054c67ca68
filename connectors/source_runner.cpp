#include "connectors/source_runner.h"

#include <array>

#include "core/record/partitioner.h"

namespace millrace::connectors {

namespace {

/// A record batch is closed at this size: far below any topic's limit, large enough to read well.
constexpr std::size_t kRecordBatchBytes = std::size_t{512} << 10;

std::string place_of(const BadInput& bad) {
    return bad.line == 0 ? bad.file : bad.file + ":" + std::to_string(bad.line);
}

}  // namespace

/// Where the runner's thread meets the completion of its unit.
class PendingAppend {
  public:
    void bring(Result<CommitPosition> result) {
        const std::lock_guard lock(mutex_);
        result_.emplace(std::move(result));
        arrived_.notify_one();
    }
    Result<CommitPosition> wait() {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return result_.has_value(); });
        return std::move(*result_);
    }

  private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::optional<Result<CommitPosition>> result_;  // guarded by mutex_
};

SourceRunner::SourceRunner(const WorkerServices& services,
                           ConnectorSpec spec,
                           std::unique_ptr<SourceTask> task,
                           OffsetStore& offsets)
    : Runner(services, std::move(spec)),
      task_(std::move(task)),
      offsets_(offsets),
      is_bounded_(task_->is_bounded(spec_.once)),
      owner_("connector/" + spec_.name + "/0") {}

Result<ConnectorState> SourceRunner::run() {
    MILLRACE_TRY_STATUS(with_retries([this] { return open(); }));
    set_running();
    Result<ConnectorState> end = loop();
    const Status settled = settle();
    if (end.ok() && !settled.ok()) {
        return settled.error();
    }
    return end;
}

Status SourceRunner::open() {
    LogClient& log = services_.log;
    MILLRACE_TRY(topic_, log.describe_topic(spec_.topics.front()));
    if (is_dead_lettering()) {
        MILLRACE_TRY(dead_letters_, log.describe_topic(dead_letter_topic()));
    }
    MILLRACE_TRY_STATUS(offsets_.open());
    MILLRACE_TRY(offsets_place_, offsets_.place());
    // The epoch first: a unit of an older instance that comes in between makes ours stale, and it
    // is refused, not doubled.
    epoch_ = log.committed_epoch(owner_);
    offset_key_ = OffsetStore::key_of(spec_.name, task_->partition());
    MILLRACE_TRY(const std::optional<Json> offset, offsets_.load(offset_key_));
    std::optional<TopicSchema> schema;
    const auto text = topic_.config.find(std::string(kTopicSchemaConfig));
    if (text != topic_.config.end()) {
        MILLRACE_TRY(schema, decode_topic_schema(text->second));
    }
    builders_.resize(static_cast<std::size_t>(topic_.partitions));
    encoded_.resize(static_cast<std::size_t>(topic_.partitions));
    return task_->open({.env = services_.env,
                        .connector = spec_.name,
                        .schema = std::move(schema),
                        .once = spec_.once},
                       offset);
}

Result<ConnectorState> SourceRunner::loop() {
    while (!signal_.is_raised()) {
        const std::uint64_t wakes = signal_.wakes();
        MILLRACE_TRY(SourceBatch batch, with_retries([this] { return task_->poll(); }));
        const bool is_finished = batch.is_finished;
        change_status([&](ConnectorStatus& status) { status.bytes_total = batch.bytes_total; });
        if (batch.is_moved) {
            MILLRACE_TRY_STATUS(commit(std::move(batch)));
        } else if (!is_finished) {
            MILLRACE_TRY_STATUS(settle());
            signal_.wait(services_.env.io, task_->poll_interval(), wakes);
        }
        if (is_finished) {
            MILLRACE_TRY_STATUS(settle());
            return ConnectorState::kFinished;
        }
    }
    return ConnectorState::kStopped;
}

Status SourceRunner::commit(SourceBatch batch) {
    for (const BadInput& bad : batch.bad) {
        MILLRACE_TRY_STATUS(take_bad_record(place_of(bad), bad.error, bad.raw));
    }
    MILLRACE_TRY_STATUS(settle());
    in_flight_.emplace(InFlight{.batch = std::move(batch), .epoch = ++epoch_});
    keyless_partition_ = (keyless_partition_ + 1) % topic_.partitions;
    MILLRACE_TRY(Unit unit, make_unit(in_flight_->batch, in_flight_->epoch));
    submit(std::move(unit));
    return Ok{};
}

void SourceRunner::submit(Unit unit) {
    in_flight_->append = std::make_shared<PendingAppend>();
    services_.log.append_atomic(std::move(unit),
                                [pending = in_flight_->append](Result<CommitPosition> result) {
                                    pending->bring(std::move(result));
                                });
}

Status SourceRunner::settle() {
    if (!in_flight_ || in_flight_->append == nullptr) {
        in_flight_.reset();
        return Ok{};
    }
    for (;;) {
        const Result<CommitPosition> result = in_flight_->append->wait();
        if (result.ok()) {
            break;
        }
        // The log may have taken the unit although its answer was an error.
        if (services_.log.committed_epoch(owner_) == in_flight_->epoch) {
            break;
        }
        const Error& error = result.error();
        if (error.code == ErrorCode::kFenced) {
            return Error{ErrorCode::kFenced,
                         "another instance of this connector writes to the log: " + spec_.name};
        }
        MILLRACE_TRY(const bool again, pause_before_retry(error));
        if (!again) {
            in_flight_.reset();
            return error;
        }
        MILLRACE_TRY(Unit unit, make_unit(in_flight_->batch, in_flight_->epoch));
        submit(std::move(unit));
    }
    retry_.reset();
    const SourceBatch& batch = in_flight_->batch;
    std::uint64_t bytes = 0;
    for (const SourceRecord& record : batch.records) {
        bytes += (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
    }
    change_status([&](ConnectorStatus& status) {
        status.records += batch.records.size();
        status.bytes += bytes;
        status.bytes_done = batch.bytes_done;
    });
    in_flight_.reset();
    return Ok{};
}

Result<Unit> SourceRunner::make_unit(const SourceBatch& batch, std::uint64_t epoch) {
    for (std::size_t i = 0; i < builders_.size(); ++i) {
        builders_[i].clear();
        encoded_[i] = Buffer();
    }
    const Partition keyless{keyless_partition_};
    for (const SourceRecord& record : batch.records) {
        MILLRACE_TRY_STATUS(add_record(record, keyless));
    }
    Unit unit;
    for (std::size_t i = 0; i < builders_.size(); ++i) {
        if (!builders_[i].empty()) {
            MILLRACE_TRY(const Buffer last, builders_[i].finish());
            encoded_[i].append(last.view());
        }
        if (!encoded_[i].empty()) {
            unit.pieces.push_back({.to = {topic_.id, Partition{static_cast<std::int32_t>(i)}},
                                   .batches = std::move(encoded_[i])});
        }
    }
    if (dead_letters_ && !batch.bad.empty()) {
        MILLRACE_TRY_STATUS(add_dead_letters(batch, unit));
    }
    RecordBatchBuilder offsets;
    const std::string offset = batch.offset.dump();
    offsets.add(as_bytes(offset_key_), as_bytes(offset), Timestamp{services_.env.clock.wall_ms()});
    MILLRACE_TRY(Buffer offset_batch, offsets.finish());
    unit.pieces.push_back({.to = offsets_place_, .batches = std::move(offset_batch)});
    unit.epoch = UnitEpoch{.owner = owner_, .epoch = epoch};
    return unit;
}

Status SourceRunner::add_record(const SourceRecord& record, Partition keyless) {
    const Partition to = record.key ? partition_of_key(*record.key, topic_.partitions) : keyless;
    const auto i = static_cast<std::size_t>(to.value);
    builders_[i].add(record.key, record.value, record.timestamp);
    if (builders_[i].size_bytes() >= kRecordBatchBytes) {
        MILLRACE_TRY(Buffer full, builders_[i].finish());
        if (encoded_[i].empty()) {
            encoded_[i] = std::move(full);
        } else {
            encoded_[i].append(full.view());
        }
    }
    return Ok{};
}

Status SourceRunner::add_dead_letters(const SourceBatch& batch, Unit& unit) {
    RecordBatchBuilder builder;
    for (const BadInput& bad : batch.bad) {
        const std::string line = std::to_string(bad.line);
        const std::array<HeaderView, 4> headers{
            HeaderView{"__connect.errors.connector.name", as_bytes(spec_.name)},
            HeaderView{"__connect.errors.file", as_bytes(bad.file)},
            HeaderView{"__connect.errors.line", as_bytes(line)},
            HeaderView{"__connect.errors.exception.message", as_bytes(bad.error.message)}};
        builder.add(
            std::nullopt, as_bytes(bad.raw), Timestamp{services_.env.clock.wall_ms()}, headers);
    }
    MILLRACE_TRY(Buffer batches, builder.finish());
    unit.pieces.push_back({.to = {dead_letters_->id, Partition{0}}, .batches = std::move(batches)});
    return Ok{};
}

}  // namespace millrace::connectors
