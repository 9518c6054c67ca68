// What ties transactions to the rest of a broker.
#include "core/broker/broker_impl.h"
#include "core/record/record_batch.h"

namespace millrace::broker {

Status BrokerImpl::open_transactions() {
    MILLRACE_TRY_STATUS(ensure_internal_topic(kTransactionsTopic, transactions_partition_));
    transactions_ = std::make_unique<TransactionCoordinatorImpl>(
        env_,
        options_.transactions,
        TransactionCoordinatorImpl::Surroundings{
            .append =
                [this](Unit unit, Completion<CommitPosition> done) {
                    append_atomic(std::move(unit), std::move(done));
                },
            .check_partition =
                [this](TopicPartition id) {
                    const TopicPtr topic = catalog_->find(id.topic);
                    if (!topic || id.partition.value < 0 ||
                        id.partition.value >= topic->partitions) {
                        return KafkaError::kUnknownTopicOrPartition;
                    }
                    return topic->is_internal ? KafkaError::kTopicAuthorizationFailed
                                              : KafkaError::kNone;
                },
            .check_member =
                [this](const GroupMember& member) {
                    return groups_->check_transactional_commit(
                        member.group, member.generation, member.member_id, member.instance_id);
                }});
    MILLRACE_TRY_STATUS(for_each_record(transactions_partition_, [this](const RecordView& record) {
        return transactions_->restore(record);
    }));
    transactions_->start(transactions_partition_);
    groups_->set_pending_offsets(transactions_.get());
    return Ok{};
}

void BrokerImpl::guard_transaction(log::JournalUnit& unit) const {
    const log::JournalPiece& piece = unit.pieces.front();
    const Result<RecordBatchView> batch = RecordBatchView::parse(piece.batches);
    if (!batch.ok() || !batch.value().is_transactional()) {
        return;
    }
    unit.admit = [this,
                  to = piece.id,
                  producer_id = batch.value().producer_id(),
                  epoch = batch.value().producer_epoch()](std::vector<log::JournalPiece>&) {
        return transactions_->check_append(producer_id, epoch, to);
    };
}

Result<std::vector<log::ProducerInfo>> BrokerImpl::producers(TopicPartition partition) {
    MILLRACE_TRY(const PartitionPtr found, find_or_error(partition));
    return found->producers();
}

}  // namespace millrace::broker
