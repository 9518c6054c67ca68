// Opening, restoring, upkeep and closing of a broker.
#include "core/broker/broker_impl.h"
#include "core/broker/offset_records.h"
#include "core/broker/topic_config.h"
#include "core/record/record_batch.h"
#include "core/record/record_cursor.h"

namespace millrace::broker {

Error closed_error() {
    return Error{ErrorCode::kCancelled, "the log is closed"};
}

Status BrokerImpl::open() {
    MILLRACE_TRY(superblock_, Superblock::open(env_, data_directory_));
    MILLRACE_TRY(catalog_, TopicCatalog::open(env_, data_directory_));
    const auto is_known = [this](TopicPartition id) {
        const TopicPtr topic = catalog_->find(id.topic);
        return topic && id.partition.value >= 0 && id.partition.value < topic->partitions;
    };
    MILLRACE_TRY(journal_,
                 log::Journal::open(env_,
                                    data_directory_,
                                    options_.journal.fitting(env_.files, data_directory_),
                                    is_known));
    for (const TopicInfo& topic : catalog_->list()) {
        MILLRACE_TRY_STATUS(open_partitions(topic, 0));
        // A crash may have come before the sync of those who made it.
        MILLRACE_TRY_STATUS(env_.files.sync_directory(
            parent_path(log::PartitionLog::directory_of(data_directory_, {topic.id, {}}))));
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
    groups_ = std::make_unique<CoordinatorImpl>(
        env_,
        options_.groups,
        [this](Unit unit, Completion<CommitPosition> done) {
            append_atomic(std::move(unit), std::move(done));
        },
        committed_);
    MILLRACE_TRY_STATUS(restore_committed());
    groups_->start();
    MILLRACE_TRY_STATUS(open_transactions());
    schedule_retention();
    compactor_ = std::make_unique<log::Compactor>(
        env_, *journal_, data_directory_, options_.compaction, [this] {
            return named_partitions();
        });
    compactor_->start();
    scrubber_ = std::make_unique<log::Scrubber>(
        env_, *journal_, options_.scrub, [this] { return named_partitions(); });
    scrubber_->start();
    return Ok{};
}

std::vector<log::NamedPartition> BrokerImpl::named_partitions() const {
    std::vector<log::NamedPartition> candidates;
    const std::shared_lock lock(partitions_mutex_);
    for (const auto& [id, partition] : partitions_) {
        const TopicPtr topic = catalog_->find(id.topic);
        if (topic != nullptr) {
            candidates.push_back({.id = id,
                                  .name = topic->name + "-" + std::to_string(id.partition.value),
                                  .log = partition});
        }
    }
    return candidates;
}

Status BrokerImpl::open_partitions(const TopicInfo& topic, std::int32_t first) {
    keep_policy(topic);
    const log::RecoveryReport& recovered = journal_->recovery();
    for (std::int32_t p = first; p < topic.partitions; ++p) {
        const TopicPartition id{topic.id, Partition{p}};
        const bool is_known = recovered.ends.contains(id);
        auto opened = log::PartitionLog::open(env_,
                                              log::PartitionLog::directory_of(data_directory_, id),
                                              log_options(topic),
                                              is_known ? recovered.ends.at(id) : log::LogPosition{},
                                              is_known ? recovered.log_starts.at(id) : Offset{0},
                                              recovered.relaxed.contains(id));
        if (!opened.ok()) {
            const Error error = opened.error().with_context("topic " + topic.name + " partition " +
                                                            std::to_string(p));
            if (error.code != ErrorCode::kCorruptBatch || is_internal_topic(topic.name)) {
                return error;
            }
            // The others are not to suffer for it.
            env_.log.error("log", "partition is refused: " + error.message);
            continue;
        }
        PartitionPtr partition = std::move(opened).value();
        journal_->add_partition(id, partition.get());
        const std::unique_lock lock(partitions_mutex_);
        partitions_.emplace(id, std::move(partition));
    }
    return Ok{};
}

Status BrokerImpl::ensure_internal_topic(std::string_view name, TopicPartition& partition) {
    const TopicPtr found = catalog_->find(name);
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
        MILLRACE_TRY(const auto decoded, decode_offsets_record(record));
        if (const auto* group = std::get_if<GroupKey>(&decoded)) {
            return groups_->restore(group->group, record.value);
        }
        restore_offset(std::get<OffsetRecord>(decoded), record);
        return Ok{};
    });
}

void BrokerImpl::restore_offset(const OffsetRecord& offset, const RecordView& record) {
    const TopicPtr topic = catalog_->find(offset.topic);
    if (!topic) {
        return;
    }
    bool does_expire = false;
    for (const HeaderView& header : record.headers) {
        // A topic that was deleted and made again under its name does not inherit offsets.
        if (header.key == kTopicIdHeader && header.value &&
            as_text(*header.value) != topic->id.to_string()) {
            return;
        }
        does_expire = does_expire || header.key == kExpiresHeader;
    }
    committed_.restore_offset({.group = offset.group,
                               .source = {topic->id, offset.partition},
                               .next = offset.next,
                               .metadata = offset.metadata,
                               .leader_epoch = offset.leader_epoch,
                               .committed_at = offset.committed_at,
                               .does_expire = does_expire,
                               .is_removed = offset.is_removed});
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
            .waiting_fetches = waiters_->size(),
            .compaction = compactor_->stats(),
            .scrub = scrubber_->stats()};
}

Status BrokerImpl::close() {
    if (groups_) {
        groups_->close();  // before the log: nothing it has begun is refused halfway
    }
    if (transactions_) {
        transactions_->close();
    }
    if (is_closed_.exchange(true)) {
        return Ok{};
    }
    env_.io.cancel(retention_timer_.load());
    if (compactor_ != nullptr) {
        compactor_->stop();
        scrubber_->stop();
    }
    waiters_->close();
    Status closed_journal = journal_ ? journal_->close() : Status{Ok{}};
    lifetime_.end();
    return closed_journal;
}

Result<std::unique_ptr<Broker>> Broker::open(Env& env,
                                             const std::string& data_directory,
                                             BrokerOptions options) {
    auto broker = std::make_unique<BrokerImpl>(env, data_directory, options);
    MILLRACE_TRY_STATUS(broker->open());
    return std::unique_ptr<Broker>(std::move(broker));
}

}  // namespace millrace::broker
