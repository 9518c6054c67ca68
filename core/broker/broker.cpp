#include "core/broker/broker.h"

#include <functional>
#include <shared_mutex>
#include <unordered_map>

#include "core/base/lifetime.h"
#include "core/base/nearest_name.h"
#include "core/broker/committed_state.h"
#include "core/broker/fetch_waiters.h"
#include "core/broker/offset_records.h"
#include "core/broker/superblock.h"
#include "core/broker/topic_catalog.h"
#include "core/broker/topic_config.h"
#include "core/record/record_batch.h"
#include "core/record/record_batch_builder.h"
#include "core/record/record_cursor.h"

namespace millrace::broker {

namespace {

constexpr std::int32_t kPartitionsMax = 4000;  // of one topic
constexpr std::string_view kTopicIdHeader = "millrace.topic.id";

using PartitionPtr = std::shared_ptr<log::PartitionLog>;

Error closed() {
    return Error{ErrorCode::kCancelled, "the log is closed"};
}

/// Everything of a unit but its batches, kept until it is done.
struct UnitInFlight {
    Unit unit;
    std::vector<PartitionPtr> partitions;  // keeps the logs alive, one per journal piece
    std::size_t caller_pieces = 0;
};

class BrokerImpl final : public Broker {
  public:
    BrokerImpl(Env& env, std::string data_directory, BrokerOptions options)
        : env_(env),
          data_directory_(std::move(data_directory)),
          options_(options),
          waiters_(std::make_unique<FetchWaiters>(env.io)) {}
    ~BrokerImpl() override { static_cast<void>(close()); }
    BrokerImpl(const BrokerImpl&) = delete;
    BrokerImpl& operator=(const BrokerImpl&) = delete;

    Status open();

    Result<TopicInfo> create_topic(const TopicSpec& spec) override;
    Status delete_topic(const std::string& name) override;
    Result<TopicInfo> describe_topic(const std::string& name) override;
    std::vector<TopicInfo> list_topics() override { return catalog_->list(); }
    Status alter_config(const std::string& name, const TopicConfig& changes) override;

    void append_atomic(Unit unit, Completion<CommitPosition> done) override;
    FetchId fetch(const FetchRequest& request, Completion<FetchResult> done) override;
    void cancel_fetch(FetchId fetch) override { waiters_->cancel(fetch); }
    LogSnapshot snapshot() override;
    Result<Offset> log_start(TopicPartition partition) override;
    Result<Offset> offset_for_time(TopicPartition partition, Timestamp time) override;
    std::map<TopicPartition, OffsetCommit> committed_offsets(const std::string& group) override {
        return committed_.offsets_of(group);
    }
    std::uint64_t committed_epoch(const std::string& owner) override {
        return committed_.epoch_of(owner);
    }

    Status apply_retention() override { return journal_->apply_retention(); }
    BrokerInspection inspect() const override;
    Status close() override;

  private:
    Status open_partitions(const TopicInfo& topic);
    Status ensure_internal_topic(std::string_view name, TopicPartition& partition);
    Status for_each_record(TopicPartition partition,
                           const std::function<Status(const RecordView&)>& visit);
    Status restore_committed();
    void schedule_retention();

    [[nodiscard]] PartitionPtr find(TopicPartition id) const;
    Result<PartitionPtr> find_or_error(TopicPartition id) const;
    Result<Buffer> encode_offsets(const std::vector<OffsetCommit>& offsets);
    Status prepare(UnitInFlight& flight, std::vector<log::JournalPiece>& pieces);
    Status add_piece(UnitInFlight& flight,
                     std::vector<log::JournalPiece>& pieces,
                     TopicPartition to,
                     Buffer batches);
    [[nodiscard]] Result<FetchResult> read(const FetchRequest& request) const;
    void serve(FetchId id, const FetchRequest& request, const Completion<FetchResult>& done);

    Env& env_;
    std::string data_directory_;
    BrokerOptions options_;
    std::unique_ptr<Superblock> superblock_;
    std::unique_ptr<TopicCatalog> catalog_;
    std::unique_ptr<log::Journal> journal_;
    CommittedState committed_;
    TopicPartition offsets_partition_;
    TopicPartition commits_partition_;
    std::mutex topics_mutex_;  // one change of topics at a time
    mutable std::shared_mutex partitions_mutex_;
    std::unordered_map<TopicPartition, PartitionPtr> partitions_;  // guarded by partitions_mutex_
    std::unique_ptr<FetchWaiters> waiters_;
    std::atomic<bool> is_closed_{false};
    std::atomic<TimerId> retention_timer_{TimerId::kNone};
    Lifetime lifetime_;
};

// --- opening and closing
// ------------------------------------------------------------------------------------------------

Status BrokerImpl::open() {
    MILLRACE_TRY(superblock_, Superblock::open(env_, data_directory_));
    MILLRACE_TRY(catalog_, TopicCatalog::open(env_, data_directory_));
    const auto is_known = [this](TopicPartition id) {
        const auto topic = catalog_->find(id.topic);
        return topic && id.partition.value >= 0 && id.partition.value < topic->partitions;
    };
    MILLRACE_TRY(journal_, log::Journal::open(env_, data_directory_, options_.journal, is_known));
    for (const TopicInfo& topic : catalog_->list()) {
        MILLRACE_TRY_STATUS(open_partitions(topic));
    }
    for (const std::string& healed : journal_->recovery().healed) {
        env_.log.warn("log", "damage was healed from the second copy: " + healed);
    }
    for (const std::string& corrupt : journal_->recovery().corrupt) {
        env_.log.error("log",
                       "damage that cannot be healed, its records are not served: " + corrupt);
    }
    MILLRACE_TRY_STATUS(ensure_internal_topic(kOffsetsTopic, offsets_partition_));
    MILLRACE_TRY_STATUS(ensure_internal_topic(kCommitsTopic, commits_partition_));
    MILLRACE_TRY_STATUS(restore_committed());
    schedule_retention();
    return Ok{};
}

Status BrokerImpl::open_partitions(const TopicInfo& topic) {
    const auto& ends = journal_->recovery().ends;
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
        const TopicPartition id{topic.id, Partition{p}};
        const auto end = ends.find(id);
        auto opened = log::PartitionLog::open(env_,
                                              log::PartitionLog::directory_of(data_directory_, id),
                                              log_options(topic.config),
                                              end == ends.end() ? log::LogPosition{} : end->second);
        if (!opened.ok()) {
            return opened.error().with_context("topic " + topic.name + " partition " +
                                               std::to_string(p));
        }
        PartitionPtr partition = std::move(opened).value();
        journal_->add_partition(id, partition.get());
        const std::unique_lock lock(partitions_mutex_);
        partitions_.emplace(id, std::move(partition));
    }
    return env_.files.sync_directory(
        parent_path(log::PartitionLog::directory_of(data_directory_, {topic.id, {}})));
}

Status BrokerImpl::ensure_internal_topic(std::string_view name, TopicPartition& partition) {
    const auto found = catalog_->find(std::string(name));
    if (found) {
        partition = {found->id, Partition{0}};
        return Ok{};
    }
    MILLRACE_TRY(const TopicInfo made,
                 create_topic({.name = std::string(name),
                               .partitions = 1,
                               .config = {{"cleanup.policy", "compact"}}}));
    partition = {made.id, Partition{0}};
    return Ok{};
}

Status BrokerImpl::for_each_record(TopicPartition id,
                                   const std::function<Status(const RecordView&)>& visit) {
    const PartitionPtr partition = find(id);
    RecordView record;
    for (Offset at = partition->log_start(); at < partition->high_watermark();) {
        MILLRACE_TRY(const log::LogRead read, partition->read(at, kPageSize));
        RecordBatchCursor batches(read.batches);
        for (;;) {
            MILLRACE_TRY(const auto batch, batches.next());
            if (!batch) {
                break;
            }
            MILLRACE_TRY(const RecordPayload payload, payload_of(*batch, read.page));
            RecordCursor records(*batch, payload.bytes);
            while (records.next(record)) {
                MILLRACE_TRY_STATUS(visit(record));
            }
            MILLRACE_TRY_STATUS(records.status());
            at = next(batch->last_offset());
        }
    }
    return Ok{};
}

Status BrokerImpl::restore_committed() {
    MILLRACE_TRY_STATUS(
        for_each_record(commits_partition_, [this](const RecordView& record) -> Status {
            MILLRACE_TRY(const EpochRecord epoch, decode_epoch(record));
            committed_.restore_epoch(epoch.owner, epoch.epoch);
            return Ok{};
        }));
    return for_each_record(offsets_partition_, [this](const RecordView& record) -> Status {
        MILLRACE_TRY(const auto offset, decode_offset(record));
        const auto topic = offset ? catalog_->find(offset->topic) : std::nullopt;
        if (!topic || offset->is_removed) {
            return Ok{};
        }
        for (const HeaderView& header : record.headers) {
            // A topic that was deleted and made again under its name does not inherit offsets.
            if (header.key == kTopicIdHeader && header.value &&
                as_text(*header.value) != topic->id.to_string()) {
                return Ok{};
            }
        }
        committed_.restore_offset(
            {offset->group, {topic->id, offset->partition}, offset->next, offset->metadata});
        return Ok{};
    });
}

void BrokerImpl::schedule_retention() {
    retention_timer_ =
        env_.io.post_after(options_.retention_check, [this, handle = lifetime_.handle()] {
            handle.run([this] {
                if (const Status applied = journal_->apply_retention(); !applied.ok()) {
                    env_.log.error("log", "retention failed: " + applied.error().message);
                }
                schedule_retention();
            });
        });
}

BrokerInspection BrokerImpl::inspect() const {
    return {.cluster_id = superblock_->cluster_id(),
            .journal = journal_->stats(),
            .recovery = journal_->recovery(),
            .waiting_fetches = waiters_->size()};
}

Status BrokerImpl::close() {
    if (is_closed_.exchange(true)) {
        return Ok{};
    }
    env_.io.cancel(retention_timer_.load());
    waiters_->close();
    Status closed_journal = journal_ ? journal_->close() : Status{Ok{}};
    lifetime_.end();
    return closed_journal;
}

// --- topics
// -------------------------------------------------------------------------------------------------------------

Result<TopicInfo> BrokerImpl::create_topic(const TopicSpec& spec) {
    MILLRACE_TRY_STATUS(check_topic_name(spec.name));
    MILLRACE_TRY_STATUS(check_topic_config(spec.config));
    if (spec.partitions < 1 || spec.partitions > kPartitionsMax) {
        return Error{ErrorCode::kInvalidArgument,
                     "topic " + spec.name + " takes 1 to " + std::to_string(kPartitionsMax) +
                         " partitions: " + std::to_string(spec.partitions)};
    }
    const std::lock_guard lock(topics_mutex_);
    if (catalog_->find(spec.name)) {
        return Error{ErrorCode::kTopicExists, "topic is there already: " + spec.name};
    }
    const TopicInfo topic{.name = spec.name,
                          .id = TopicId::make(env_.random),
                          .partitions = spec.partitions,
                          .config = spec.config,
                          .is_internal = is_internal_topic(spec.name)};
    MILLRACE_TRY_STATUS(catalog_->add(topic));
    MILLRACE_TRY_STATUS(open_partitions(topic));
    return topic;
}

Status BrokerImpl::delete_topic(const std::string& name) {
    const std::lock_guard lock(topics_mutex_);
    MILLRACE_TRY(const TopicInfo topic, describe_topic(name));
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
        const TopicPartition id{topic.id, Partition{p}};
        const PartitionPtr partition = find(id);  // the journal looks at it once more
        {
            const std::unique_lock partitions_lock(partitions_mutex_);
            partitions_.erase(id);
        }
        journal_->remove_partition(id);
        waiters_->wake(id);
    }
    committed_.remove_topic(topic.id);
    return catalog_->remove(name);
}

Result<TopicInfo> BrokerImpl::describe_topic(const std::string& name) {
    if (auto topic = catalog_->find(name)) {
        return *topic;
    }
    std::vector<std::string> names;
    for (const TopicInfo& topic : catalog_->list()) {
        names.push_back(topic.name);
    }
    return Error{ErrorCode::kUnknownTopic, "unknown topic: " + name + did_you_mean(name, names)};
}

Status BrokerImpl::alter_config(const std::string& name, const TopicConfig& changes) {
    const std::lock_guard lock(topics_mutex_);
    MILLRACE_TRY(TopicInfo topic, describe_topic(name));
    for (const auto& [key, value] : changes) {
        if (value.empty()) {
            topic.config.erase(key);
        } else {
            topic.config[key] = value;
        }
    }
    MILLRACE_TRY_STATUS(check_topic_config(topic.config));
    MILLRACE_TRY_STATUS(catalog_->set_config(name, topic.config));
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
        if (const PartitionPtr partition = find({topic.id, Partition{p}})) {
            partition->set_options(log_options(topic.config));
        }
    }
    return Ok{};
}

PartitionPtr BrokerImpl::find(TopicPartition id) const {
    const std::shared_lock lock(partitions_mutex_);
    const auto found = partitions_.find(id);
    return found == partitions_.end() ? nullptr : found->second;
}

Result<PartitionPtr> BrokerImpl::find_or_error(TopicPartition id) const {
    if (PartitionPtr partition = find(id)) {
        return partition;
    }
    return Error{ErrorCode::kUnknownTopic,
                 "unknown topic or partition: " + id.topic.to_string() + "-" +
                     std::to_string(id.partition.value)};
}

// --- appending
// ----------------------------------------------------------------------------------------------------------

Result<Buffer> BrokerImpl::encode_offsets(const std::vector<OffsetCommit>& offsets) {
    RecordBatchBuilder builder;
    const std::int64_t now = env_.clock.wall_ms();
    for (const OffsetCommit& offset : offsets) {
        const auto topic = catalog_->find(offset.source.topic);
        if (!topic) {
            return Error{
                ErrorCode::kUnknownTopic,
                "cannot commit an offset of an unknown topic: " + offset.source.topic.to_string()};
        }
        const OffsetRecord record{.group = offset.group,
                                  .topic = topic->name,
                                  .partition = offset.source.partition,
                                  .next = offset.next,
                                  .metadata = offset.metadata};
        const Buffer key = encode_offset_key(record);
        const Buffer value = encode_offset_value(record, now);
        const std::string id = topic->id.to_string();
        const HeaderView header{kTopicIdHeader, as_bytes(id)};
        builder.add(key.view(), value.view(), Timestamp{now}, std::span(&header, 1));
    }
    return builder.finish();
}

Status BrokerImpl::add_piece(UnitInFlight& flight,
                             std::vector<log::JournalPiece>& pieces,
                             TopicPartition to,
                             Buffer batches) {
    MILLRACE_TRY(PartitionPtr partition, find_or_error(to));
    pieces.push_back({.log = partition.get(), .id = to, .batches = std::move(batches)});
    flight.partitions.push_back(std::move(partition));
    return Ok{};
}

Status BrokerImpl::prepare(UnitInFlight& flight, std::vector<log::JournalPiece>& pieces) {
    flight.caller_pieces = flight.unit.pieces.size();
    for (Piece& piece : flight.unit.pieces) {
        MILLRACE_TRY_STATUS(add_piece(flight, pieces, piece.to, std::move(piece.batches)));
    }
    if (!flight.unit.offsets.empty()) {
        MILLRACE_TRY(Buffer offsets, encode_offsets(flight.unit.offsets));
        MILLRACE_TRY_STATUS(add_piece(flight, pieces, offsets_partition_, std::move(offsets)));
    }
    if (flight.unit.epoch) {
        const EpochRecord record{flight.unit.epoch->owner, flight.unit.epoch->epoch};
        RecordBatchBuilder builder;
        const Buffer key = encode_epoch_key(record);
        const Buffer value = encode_epoch_value(record);
        builder.add(key.view(), value.view(), Timestamp{env_.clock.wall_ms()});
        MILLRACE_TRY(Buffer batch, builder.finish());
        MILLRACE_TRY_STATUS(add_piece(flight, pieces, commits_partition_, std::move(batch)));
    }
    return Ok{};
}

void BrokerImpl::append_atomic(Unit unit, Completion<CommitPosition> done) {
    auto flight = std::make_shared<UnitInFlight>();
    flight->unit = std::move(unit);
    log::JournalUnit journal_unit;
    Status prepared = is_closed_ ? Status{closed()} : prepare(*flight, journal_unit.pieces);
    if (!prepared.ok()) {
        env_.io.post([done = std::move(done), error = prepared.error()] { done(error); });
        return;
    }
    // `admitted` tells a unit that was refused later on (disk full) from one that another unit of
    // the owner fenced.
    auto admitted = std::make_shared<bool>(false);
    if (flight->unit.epoch) {
        journal_unit.admit = [this, flight, admitted](std::vector<log::JournalPiece>&) -> Status {
            MILLRACE_TRY_STATUS(committed_.admit(*flight->unit.epoch));
            *admitted = true;
            return Ok{};
        };
    }
    journal_unit.published = [this, flight](const log::UnitCommitted&) {
        committed_.commit(flight->unit);
        for (std::size_t i = 0; i < flight->caller_pieces; ++i) {
            waiters_->wake(flight->unit.pieces[i].to);
        }
    };
    journal_unit.done =
        [this, flight, admitted, done = std::move(done), handle = lifetime_.handle()](
            Result<log::UnitCommitted> result) {
            if (!result.ok()) {
                handle.run([&] {
                    if (*admitted) {
                        committed_.forget(*flight->unit.epoch);
                    }
                });
                done(result.error());
                return;
            }
            CommitPosition position{.sequence = result.value().sequence,
                                    .base_offsets = std::move(result.value().base_offsets)};
            position.base_offsets.resize(flight->caller_pieces);
            done(std::move(position));
        };
    journal_->submit(std::move(journal_unit));
}

// --- reading
// ------------------------------------------------------------------------------------------------------------

Result<FetchResult> BrokerImpl::read(const FetchRequest& request) const {
    MILLRACE_TRY(const PartitionPtr partition, find_or_error(request.from));
    MILLRACE_TRY(log::LogRead read, partition->read(request.offset, request.bytes_max));
    return FetchResult{.page = std::move(read.page),
                       .batches = read.batches,
                       .log_start = partition->log_start(),
                       .high_watermark = partition->high_watermark()};
}

void BrokerImpl::serve(FetchId id,
                       const FetchRequest& request,
                       const Completion<FetchResult>& done) {
    Result<FetchResult> result = is_closed_ ? Result<FetchResult>{closed()} : read(request);
    if (!result.ok() || !result.value().batches.empty() || request.wait_max.count() <= 0) {
        waiters_->finish(id);
        done(std::move(result));
        return;
    }
    const auto is_ready = [this, &request] {
        const PartitionPtr partition = find(request.from);
        return !partition || partition->high_watermark() > request.offset;
    };
    waiters_->add(id,
                  request.from,
                  request.wait_max,
                  is_ready,
                  [this, request, done, handle = lifetime_.handle()] {
                      handle.run(
                          [&] { done(is_closed_ ? Result<FetchResult>{closed()} : read(request)); },
                          [&] { done(closed()); });
                  });
}

FetchId BrokerImpl::fetch(const FetchRequest& request, Completion<FetchResult> done) {
    const FetchId id = waiters_->start();
    env_.io.post([this, id, request, done = std::move(done), handle = lifetime_.handle()] {
        handle.run([&] { serve(id, request, done); }, [&] { done(closed()); });
    });
    return id;
}

LogSnapshot BrokerImpl::snapshot() {
    LogSnapshot snapshot;
    const std::shared_lock lock(partitions_mutex_);
    snapshot.sequence = journal_->read_consistently([&] {
        for (const auto& [id, partition] : partitions_) {
            snapshot.ends[id] = partition->high_watermark();
        }
    });
    return snapshot;
}

Result<Offset> BrokerImpl::log_start(TopicPartition partition) {
    MILLRACE_TRY(const PartitionPtr found, find_or_error(partition));
    return found->log_start();
}

Result<Offset> BrokerImpl::offset_for_time(TopicPartition partition, Timestamp time) {
    MILLRACE_TRY(const PartitionPtr found, find_or_error(partition));
    return found->offset_for_time(time);
}

}  // namespace

Result<std::unique_ptr<Broker>> Broker::open(Env& env,
                                             const std::string& data_directory,
                                             BrokerOptions options) {
    auto broker = std::make_unique<BrokerImpl>(env, data_directory, options);
    MILLRACE_TRY_STATUS(broker->open());
    return std::unique_ptr<Broker>(std::move(broker));
}

}  // namespace millrace::broker
