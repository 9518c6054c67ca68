// Produce of a broker: what clients sent, piece by piece.
#include "core/broker/broker_impl.h"

namespace millrace::broker {

/// Every piece writes its own answer; the last one to do so hands all over.
struct ProduceCall {
    /// One more is open than there are pieces: the call itself, so that it is not answered half way
    /// through.
    ProduceCall(std::size_t pieces, Completion<std::vector<Produced>> completion)
        : answers(pieces), is_told(pieces), open(pieces + 1), done(std::move(completion)) {}

    void refuse(std::size_t index, KafkaError error, std::string message) {
        answers[index].error = error;
        answers[index].message = std::move(message);
    }
    /// What the log says of a piece; the first word counts. On the I/O executor.
    void tell(std::size_t index,
              const log::PartitionLog& partition,
              const Result<log::UnitCommitted>& result) {
        if (is_told[index].test_and_set()) {
            return;
        }
        Produced& answer = answers[index];
        if (result.ok()) {
            answer.base_offset = result.value().base_offsets.front();
            answer.log_start = partition.log_start();
        } else {
            answer.log_append_time = Timestamp{-1};
            refuse(index, to_kafka_error(result.error().code), result.error().message);
        }
        if (close_one()) {
            done(std::move(answers));
        }
    }
    /// True for the last one.
    [[nodiscard]] bool close_one() { return open.fetch_sub(1) == 1; }

    std::vector<Produced> answers;
    std::vector<std::atomic_flag> is_told;
    std::atomic<std::size_t> open;
    Completion<std::vector<Produced>> done;
};

std::vector<BrokerImpl::ProduceTarget> BrokerImpl::targets_of(
    const std::vector<ProducePiece>& pieces) const {
    std::vector<ProduceTarget> targets(pieces.size());
    const std::shared_lock lock(partitions_mutex_);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const auto partition = partitions_.find(pieces[i].to);
        const auto policy = policies_.find(pieces[i].to.topic);
        if (partition != partitions_.end() && policy != policies_.end()) {
            targets[i] = {partition->second, policy->second};
        }
    }
    return targets;
}

void BrokerImpl::submit_produced(const std::shared_ptr<ProduceCall>& call,
                                 std::size_t index,
                                 PartitionPtr partition,
                                 ProducePiece piece,
                                 Acks acks) {
    log::JournalUnit unit;
    const std::size_t bytes = piece.batches.size();
    const TopicPartition to = piece.to;
    unit.pieces.push_back({.log = partition.get(), .id = to, .batches = std::move(piece.batches)});
    guard_transaction(unit);
    unit.published = [this, to, bytes](const log::UnitCommitted&) { waiters_->wake(to, bytes); };
    if (acks != Acks::kAll) {
        unit.can_wait_for_sync = true;
        unit.written = [call, index, partition](const log::UnitCommitted& written) {
            call->tell(index, *partition, written);
        };
    }
    unit.done =
        [call, index, partition = std::move(partition)](const Result<log::UnitCommitted>& result) {
            call->tell(index, *partition, result);
        };
    journal_->submit(std::move(unit));
}

void BrokerImpl::produce(std::vector<ProducePiece> pieces,
                         Acks acks,
                         Completion<std::vector<Produced>> done) {
    auto call = std::make_shared<ProduceCall>(pieces.size(), std::move(done));
    std::vector<ProduceTarget> targets = targets_of(pieces);
    const Timestamp now{env_.clock.wall_ms()};
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        ProduceTarget& target = targets[i];
        if (is_closed_) {
            call->refuse(i, to_kafka_error(closed_error().code), closed_error().message);
        } else if (options_.is_read_only) {
            call->refuse(i,
                         KafkaError::kKafkaStorageError,
                         "the server is in recovery mode after repeated crashes: it takes no "
                         "records until it was stopped cleanly and started again");
        } else if (!target.partition) {
            call->refuse(i,
                         KafkaError::kUnknownTopicOrPartition,
                         "unknown topic or partition: " + pieces[i].to.topic.to_string() + "-" +
                             std::to_string(pieces[i].to.partition.value));
        } else if (const Status space = space_.check(pieces[i].batches.size()); !space.ok()) {
            call->refuse(i, to_kafka_error(space.error().code), space.error().message);
        } else if (auto refused = admit_produced(pieces[i].batches, *target.policy, now)) {
            call->refuse(i, refused->error, std::move(refused->message));
        } else {
            if (target.policy->timestamp_type == TimestampType::kLogAppendTime) {
                call->answers[i].log_append_time = now;
            }
            submit_produced(call, i, std::move(target.partition), std::move(pieces[i]), acks);
            continue;
        }
        static_cast<void>(call->close_one());
    }
    if (call->close_one()) {
        env_.io.post([call] { call->done(std::move(call->answers)); });
    }
}

}  // namespace millrace::broker
