// TransactionCoordinator: ids for idempotent producers, and transactions over partitions and
// offsets of groups that become visible all together or not at all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/broker/groups/group_coordinator.h"
#include "core/broker/transactions/transaction_types.h"

namespace millrace::broker {

/// All transactions of one broker. Any thread may call any method; none blocks on a disk. What
/// changes anything answers through a Reply when it is durable; after the broker is closed that
/// answer is COORDINATOR_NOT_AVAILABLE, as it is when the log refused (full disk). Errors are those
/// of the Kafka protocol in its newest meaning: PRODUCER_FENCED where old versions of an API have
/// INVALID_PRODUCER_EPOCH.
///
///               add_partitions, add_offsets            end, timeout, a new producer
///     Empty -------------------------------> Ongoing ------------------------------> Complete
///                                               ^                                    (Commit
///                                               +------------------------------------ or Abort)
///                                                    add_partitions, add_offsets
///
/// A transaction ends by one atomic unit of markers, offsets and the new state: no state in between
/// is ever on the disk. Requests of one id are worked off one after the other.
class TransactionCoordinator : public PendingOffsets {
  public:
    /// Gives a producer its id and epoch. With a transactional id: aborts what an earlier producer
    /// of this id left open, and fences it.
    virtual void init_producer(InitProducerRequest request, Reply<InitProducerAnswer> reply) = 0;
    /// Takes partitions into the transaction, all or none; opens one when there is none. One error
    /// per partition.
    virtual void add_partitions(TransactionOwner owner,
                                std::vector<TopicPartition> partitions,
                                Reply<std::vector<KafkaError>> reply) = 0;
    /// Announces offsets of a group; opens a transaction when there is none.
    virtual void add_offsets(TransactionOwner owner,
                             std::string group,
                             Reply<KafkaError> reply) = 0;
    /// Keeps offsets until the end of the transaction. One error per offset.
    virtual void commit_offsets(TransactionOffsets request,
                                Reply<std::vector<KafkaError>> reply) = 0;
    /// Asked once more after it was answered, it answers the same.
    virtual void end(TransactionOwner owner, TransactionEnd how, Reply<KafkaError> reply) = 0;

    /// May this transactional batch be appended now? To be asked on the journal's sequencer
    /// (JournalUnit::admit): nothing then comes between the answer and the place in the log.
    /// kInvalidTransaction, kStaleProducerEpoch.
    [[nodiscard]] virtual Status check_append(std::int64_t producer_id,
                                              std::int16_t producer_epoch,
                                              TopicPartition partition) const = 0;

    [[nodiscard]] virtual TransactionDescription describe(
        const std::string& transactional_id) const = 0;
    /// Sorted by id.
    [[nodiscard]] virtual std::vector<TransactionListing> list(
        const TransactionFilter& filter) const = 0;
};

}  // namespace millrace::broker
