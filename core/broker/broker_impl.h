// BrokerImpl: the parts of the broker behind its interface. Sources: broker_open.cpp (opening,
// closing), broker_topics.cpp, broker_append.cpp, broker_produce.cpp, broker_read.cpp,
// broker_fetch.cpp, broker_records.cpp, broker_transactions.cpp.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/lifetime.h"
#include "core/broker/broker.h"
#include "core/broker/committed_state.h"
#include "core/broker/fetch_waiters.h"
#include "core/broker/groups/coordinator_impl.h"
#include "core/broker/offset_records.h"
#include "core/broker/produce_policy.h"
#include "core/broker/space_watch.h"
#include "core/broker/superblock.h"
#include "core/broker/topic_catalog.h"
#include "core/broker/transactions/transaction_coordinator_impl.h"
#include "core/record/record.h"
#include "core/record/record_batch_builder.h"

namespace millrace::broker {

using PartitionPtr = std::shared_ptr<log::PartitionLog>;

/// What calls answer after close().
[[nodiscard]] Error closed_error();

/// Everything of a unit but its batches, kept until it is done.
struct UnitInFlight {
    Unit unit;
    std::vector<PartitionPtr> partitions;  // keeps the logs alive, one per journal piece
    std::size_t caller_pieces = 0;
};

/// A call of produce() whose answers are still coming in.
struct ProduceCall;
/// A call of fetch_set() that waits or is being served.
struct SetInFlight;

class BrokerImpl final : public Broker {
  public:
    BrokerImpl(Env& env, std::string data_directory, BrokerOptions options)
        : env_(env),
          data_directory_(std::move(data_directory)),
          options_(options),
          space_(env, data_directory_, options.free_bytes_min),
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

    Status create_partitions(const std::string& name, std::int32_t total) override;
    TopicPtr find_topic(std::string_view name) override { return catalog_->find(name); }
    TopicPtr find_topic(TopicId id) override { return catalog_->find(id); }

    void produce(std::vector<ProducePiece> pieces,
                 Acks acks,
                 Completion<std::vector<Produced>> done) override;
    FetchId fetch_set(FetchSet set,
                      std::shared_ptr<const FetchMemory> memory,
                      Completion<std::vector<PartitionFetched>> done) override;
    void append_atomic(Unit unit, Completion<CommitPosition> done) override;
    void delete_records(TopicPartition partition, Offset before, Completion<Offset> done) override;
    FetchId fetch(const FetchRequest& request, Completion<FetchResult> done) override;
    void cancel_fetch(FetchId fetch) override { waiters_->cancel(fetch); }
    LogSnapshot snapshot() override;
    Result<Offset> log_start(TopicPartition partition) override;
    Result<Offset> offset_for_time(TopicPartition partition, Timestamp time) override;
    Result<std::optional<log::TimedOffset>> find_time(TopicPartition partition,
                                                      Timestamp time) override;
    Result<std::optional<log::TimedOffset>> find_max_timestamp(TopicPartition partition) override;
    Result<PartitionEnds> partition_ends(TopicPartition partition) override;
    Result<std::uint64_t> partition_bytes(TopicPartition partition) override;
    std::map<TopicPartition, OffsetCommit> committed_offsets(const std::string& group) override {
        return committed_.offsets_of(group);
    }
    std::uint64_t committed_epoch(const std::string& owner) override {
        return committed_.epoch_of(owner);
    }

    GroupCoordinator& groups() override { return *groups_; }
    TransactionCoordinator& transactions() override { return *transactions_; }
    Result<std::vector<log::ProducerInfo>> producers(TopicPartition partition) override;

    Status apply_retention() override { return journal_->apply_retention(); }
    Result<log::CompactionStats> compact() override { return compactor_->run(); }
    Result<std::vector<log::ScrubFinding>> scrub() override { return scrubber_->run(); }
    TopicId cluster_id() const override { return superblock_->cluster_id(); }
    BrokerInspection inspect() const override;
    const std::string& data_directory() const override { return data_directory_; }
    Status close() override;

  private:
    /// Opens the partitions from `first` on.
    Status open_partitions(const TopicInfo& topic, std::int32_t first);
    void keep_policy(const TopicInfo& topic);
    Status ensure_internal_topic(std::string_view name, TopicPartition& partition);
    Status for_each_record(TopicPartition partition,
                           const std::function<Status(const RecordView&)>& visit);
    Status restore_committed();
    void restore_offset(const OffsetRecord& offset, const RecordView& record);
    void schedule_retention();
    [[nodiscard]] std::vector<log::NamedPartition> named_partitions() const;

    Status open_transactions();
    /// A batch of a client's transaction is appended only while that is open.
    void guard_transaction(log::JournalUnit& unit) const;

    [[nodiscard]] PartitionPtr find(TopicPartition id) const;
    Result<PartitionPtr> find_or_error(TopicPartition id) const;
    Status add_offset(const OffsetCommit& offset, RecordBatchBuilder& builder);
    Result<Buffer> encode_offsets(const Unit& unit);
    Status prepare(UnitInFlight& flight, std::vector<log::JournalPiece>& pieces);
    Status add_piece(UnitInFlight& flight,
                     std::vector<log::JournalPiece>& pieces,
                     TopicPartition to,
                     Buffer batches);
    [[nodiscard]] Result<FetchResult> read(const FetchRequest& request) const;
    void serve(FetchId id, const FetchRequest& request, const Completion<FetchResult>& done);

    struct ProduceTarget {
        PartitionPtr partition;
        std::shared_ptr<const ProducePolicy> policy;
    };
    [[nodiscard]] std::vector<ProduceTarget> targets_of(
        const std::vector<ProducePiece>& pieces) const;
    void submit_produced(const std::shared_ptr<ProduceCall>& call,
                         std::size_t index,
                         PartitionPtr partition,
                         ProducePiece piece,
                         Acks acks);

    void serve_set(FetchId id, const std::shared_ptr<SetInFlight>& flight, bool is_last);
    [[nodiscard]] std::vector<PartitionPtr> partitions_of(const FetchSet& set) const;
    [[nodiscard]] bool has_moved(const FetchSet& set,
                                 const std::vector<PartitionFetched>& seen) const;

    Env& env_;
    std::string data_directory_;
    BrokerOptions options_;
    SpaceWatch space_;  // for what clients produce
    std::unique_ptr<Superblock> superblock_;
    std::unique_ptr<TopicCatalog> catalog_;
    std::unique_ptr<log::Journal> journal_;
    std::unique_ptr<log::Compactor> compactor_;
    std::unique_ptr<log::Scrubber> scrubber_;
    CommittedState committed_;
    std::unique_ptr<TransactionCoordinatorImpl> transactions_;
    std::unique_ptr<CoordinatorImpl> groups_;
    TopicPartition offsets_partition_;
    TopicPartition commits_partition_;
    TopicPartition transactions_partition_;
    std::mutex topics_mutex_;  // one change of topics at a time
    mutable std::shared_mutex partitions_mutex_;
    std::unordered_map<TopicPartition, PartitionPtr> partitions_;  // guarded by partitions_mutex_
    std::unordered_map<TopicId, std::shared_ptr<const ProducePolicy>>
        policies_;  // guarded by partitions_mutex_
    std::unique_ptr<FetchWaiters> waiters_;
    std::atomic<bool> is_closed_{false};
    std::atomic<TimerId> retention_timer_{TimerId::kNone};
    Lifetime lifetime_;
};

}  // namespace millrace::broker
