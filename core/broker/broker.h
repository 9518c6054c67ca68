// Broker: topics, atomic appends, fetches with wake-up: a log without a network. The one in-process
// door to the data.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/env.h"
#include "core/base/io_executor.h"
#include "core/base/result.h"
#include "core/broker/groups/group_options.h"
#include "core/broker/requests.h"
#include "core/broker/transactions/transaction_types.h"
#include "core/log/compaction/compactor.h"
#include "core/log/journal.h"
#include "core/log/producer_state.h"
#include "core/log/scrub.h"

namespace millrace::broker {

class GroupCoordinator;
class TransactionCoordinator;

struct BrokerOptions {
    log::JournalOptions journal;
    std::chrono::milliseconds retention_check{5'000};  // how often retention is looked after
    /// Producers are refused with a retriable error while the disk has less free; nullopt: 1 GiB or
    /// a twentieth of the file system, whichever is more; 0: never. The rest goes on.
    std::optional<std::uint64_t> free_bytes_min;
    log::CompactorOptions compaction;
    log::ScrubOptions scrub;
    bool is_read_only = false;  // recovery mode: produce() refuses every piece, the rest works
    GroupOptions groups;
    TransactionOptions transactions;
};

/// Figures for `doctor`, metrics and benches.
struct BrokerInspection {
    TopicId cluster_id;
    log::JournalStats journal;
    log::RecoveryReport recovery;
    std::size_t waiting_fetches = 0;
    log::CompactionStats compaction;
    log::ScrubStats scrub;
};

/// Memory for what a fetch reads. Both are called on the I/O executor, never at the same time.
struct FetchMemory {
    /// Asked before reading, with the most that may be read: gives how much of it may.
    std::function<std::size_t(std::size_t bytes)> reserve;
    /// Told what was read, which a single batch may make more.
    std::function<void(std::size_t bytes)> settle;
};

/// One data directory. Any thread may call any method; completions run on the Env's I/O executor.
/// The meaning of each method is that of the LogClient method of the same name
/// (core/client/log_client.h).
class Broker {
  public:
    /// Recovers the directory. kInUse, kNewerFormat, kCorruptJournal, kIo: the message names the
    /// directory and the fix.
    [[nodiscard]] static Result<std::unique_ptr<Broker>> open(Env& env,
                                                              const std::string& data_directory,
                                                              BrokerOptions options);
    /// Closes if close() was not called; what was acknowledged is on the disk either way.
    virtual ~Broker() = default;

    virtual Result<TopicInfo> create_topic(const TopicSpec& spec) = 0;
    virtual Status delete_topic(const std::string& name) = 0;
    [[nodiscard]] virtual Result<TopicInfo> describe_topic(const std::string& name) = 0;
    [[nodiscard]] virtual std::vector<TopicInfo> list_topics() = 0;
    virtual Status alter_config(const std::string& name, const TopicConfig& changes) = 0;
    /// Adds partitions up to `total`, which must be more than there are. kUnknownTopic,
    /// kInvalidArgument.
    virtual Status create_partitions(const std::string& name, std::int32_t total) = 0;
    /// Null when there is none. Cheaper than describe_topic(): for every request.
    [[nodiscard]] virtual TopicPtr find_topic(std::string_view name) = 0;
    [[nodiscard]] virtual TopicPtr find_topic(TopicId id) = 0;

    /// Appends what clients sent. Each piece stands for itself: one that is refused leaves the
    /// others alone. Pieces of one partition keep their order, also over calls of one thread.
    /// Checks records (and inflates compressed ones) on the calling thread. `done` gets one answer
    /// per piece, in their order, when all are as safe as `acks` and the topics' durability ask;
    /// with Acks::kNone when they were written. It never gets an error of the call as a whole.
    virtual void produce(std::vector<ProducePiece> pieces,
                         Acks acks,
                         Completion<std::vector<Produced>> done) = 0;
    /// Reads several partitions in the order given, within bytes_max for all (at least one batch of
    /// the first partition that has any), when bytes_min are there, a partition has an error, the
    /// time is over or the fetch is cancelled. `done` gets one answer per partition, in their
    /// order. `memory` may be null; it is held until `done` was called.
    virtual FetchId fetch_set(FetchSet set,
                              std::shared_ptr<const FetchMemory> memory,
                              Completion<std::vector<PartitionFetched>> done) = 0;
    FetchId fetch_set(FetchSet set, Completion<std::vector<PartitionFetched>> done) {
        return fetch_set(std::move(set), nullptr, std::move(done));
    }

    virtual void append_atomic(Unit unit, Completion<CommitPosition> done) = 0;
    /// Raises the log start to `before` (the high watermark when -1) and answers with the new log
    /// start. What is below is gone for readers at once, also after a crash, and from the disk
    /// soon. kUnknownTopic; kOffsetOutOfRange above the high watermark.
    virtual void delete_records(TopicPartition partition,
                                Offset before,
                                Completion<Offset> done) = 0;
    virtual FetchId fetch(const FetchRequest& request, Completion<FetchResult> done) = 0;
    virtual void cancel_fetch(FetchId fetch) = 0;
    [[nodiscard]] virtual LogSnapshot snapshot() = 0;
    [[nodiscard]] virtual Result<Offset> log_start(TopicPartition partition) = 0;
    [[nodiscard]] virtual Result<Offset> offset_for_time(TopicPartition partition,
                                                         Timestamp time) = 0;
    /// The first record at or after `time`; nullopt when there is none. Reads the disk.
    [[nodiscard]] virtual Result<std::optional<log::TimedOffset>> find_time(
        TopicPartition partition, Timestamp time) = 0;
    /// The first record with the largest timestamp; nullopt when there is none. Reads the disk.
    [[nodiscard]] virtual Result<std::optional<log::TimedOffset>> find_max_timestamp(
        TopicPartition partition) = 0;
    [[nodiscard]] virtual Result<PartitionEnds> partition_ends(TopicPartition partition) = 0;
    /// Of all segments on disk.
    [[nodiscard]] virtual Result<std::uint64_t> partition_bytes(TopicPartition partition) = 0;
    [[nodiscard]] virtual std::map<TopicPartition, OffsetCommit> committed_offsets(
        const std::string& group) = 0;
    [[nodiscard]] virtual std::uint64_t committed_epoch(const std::string& owner) = 0;
    /// Consumer groups (core/broker/groups/group_coordinator.h). Lives as long as the broker.
    [[nodiscard]] virtual GroupCoordinator& groups() = 0;
    /// Producer ids and transactions (core/broker/transactions/transaction_coordinator.h). Lives as
    /// long as the broker.
    [[nodiscard]] virtual TransactionCoordinator& transactions() = 0;
    /// The idempotent producers that a partition remembers, by id.
    [[nodiscard]] virtual Result<std::vector<log::ProducerInfo>> producers(
        TopicPartition partition) = 0;

    /// Removes what retention no longer keeps; also runs by itself every
    /// BrokerOptions::retention_check.
    virtual Status apply_retention() = 0;
    /// Made with the data directory: the cluster id of the wire protocol.
    [[nodiscard]] virtual TopicId cluster_id() const = 0;
    /// Compacts what is due; also runs by itself (BrokerOptions::compaction). The first error that
    /// a partition had.
    virtual Result<log::CompactionStats> compact() = 0;
    /// Reads all closed segments and looks for rot; also runs by itself (BrokerOptions::scrub).
    /// Everything found since the start.
    virtual Result<std::vector<log::ScrubFinding>> scrub() = 0;
    [[nodiscard]] virtual BrokerInspection inspect() const = 0;
    /// The one it was opened with.
    [[nodiscard]] virtual const std::string& data_directory() const = 0;
    /// Waits for appends under way, ends waiting fetches, stamps and checkpoints the journal. Later
    /// calls fail with kCancelled. Not on the I/O executor.
    virtual Status close() = 0;
};

}  // namespace millrace::broker
