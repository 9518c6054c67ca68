// Ends of transactions: by their producers, by time. And of ids that nobody uses any more.
#include "core/broker/transactions/transaction_coordinator_impl.h"

namespace millrace::broker {

Unit TransactionCoordinatorImpl::end_unit(const Entry& entry,
                                          TransactionEnd how,
                                          std::int16_t epoch) const {
    const auto exists = [this](TopicPartition partition) {
        return around_.check_partition(partition) != KafkaError::kUnknownTopicOrPartition;
    };
    Unit unit;
    const Timestamp at{env_.clock.wall_ms()};
    const TransactionMarker marker{
        .producer_id = entry.now.producer_id, .producer_epoch = epoch, .end = how};
    for (const TopicPartition& partition : entry.now.partitions) {
        if (exists(partition)) {
            unit.pieces.push_back({partition, encode_marker(marker, at)});
        }
    }
    if (how == TransactionEnd::kAbort) {
        return unit;
    }
    for (const auto& [of, offset] : entry.now.offsets) {
        if (exists(of.second)) {
            unit.offsets.push_back({.group = of.first,
                                    .source = of.second,
                                    .next = offset.next,
                                    .metadata = offset.metadata,
                                    .leader_epoch = offset.leader_epoch,
                                    .does_expire = true});
        }
    }
    return unit;
}

void TransactionCoordinatorImpl::end_open(
    Entry& entry, TransactionEnd how, std::int16_t marker_epoch, Transaction next, Done done) {
    // Batches that are admitted from here on would come behind the markers.
    entry.ending = how == TransactionEnd::kCommit ? TransactionState::kPrepareCommit
                                                  : TransactionState::kPrepareAbort;
    change(entry, std::move(next), end_unit(entry, how, marker_epoch), std::move(done));
}

void TransactionCoordinatorImpl::end(TransactionOwner owner,
                                     TransactionEnd how,
                                     Reply<KafkaError> reply) {
    if (owner.transactional_id.empty()) {
        post(reply, KafkaError::kInvalidRequest);
        return;
    }
    const std::string id = owner.transactional_id;
    run(id,
        IfUnknown::kRefuse,
        [this, owner = std::move(owner), how, reply](Entry* entry, KafkaError refusal) {
            const KafkaError error = entry == nullptr ? refusal : check_owner(*entry, owner);
            if (error != KafkaError::kNone) {
                post(reply, error);
                return;
            }
            const TransactionState ended = how == TransactionEnd::kCommit
                                               ? TransactionState::kCompleteCommit
                                               : TransactionState::kCompleteAbort;
            const Transaction& known = entry->now;
            if (known.state != TransactionState::kOngoing) {
                post(reply,
                     known.state == ended ? KafkaError::kNone : KafkaError::kInvalidTxnState);
                return;
            }
            end_open(*entry,
                     how,
                     known.epoch,
                     {.producer_id = known.producer_id,
                      .epoch = known.epoch,
                      .timeout = known.timeout,
                      .state = ended},
                     reply);
        });
}

// --- time ---------------------------------------------------------------------------------------

void TransactionCoordinatorImpl::set_deadline(Entry& entry, std::optional<MonotonicTime> deadline) {
    if (entry.deadline) {
        deadlines_.erase({*entry.deadline, entry.id});
    }
    entry.deadline = deadline;
    if (deadline) {
        deadlines_.emplace(*deadline, entry.id);
    }
    arm_timer();
}

void TransactionCoordinatorImpl::arm_timer() {
    if (deadlines_.empty() || is_closed_) {
        return;  // a timer that runs for nothing finds nothing to do
    }
    const MonotonicTime due = deadlines_.begin()->first;
    if (timer_due_ && *timer_due_ <= due) {
        return;
    }
    if (timer_ != TimerId::kNone) {
        static_cast<void>(env_.io.cancel(timer_));
    }
    timer_due_ = due;
    timer_ = env_.io.post_after(
        std::max(due - now(), MonotonicTime{0}),
        [this, handle = lifetime_.handle()] { handle.run([this] { on_timer(); }); });
}

void TransactionCoordinatorImpl::on_timer() {
    const std::lock_guard lock(mutex_);
    timer_ = TimerId::kNone;
    timer_due_.reset();
    while (!is_closed_ && !deadlines_.empty() && deadlines_.begin()->first <= now()) {
        Entry& entry = entries_.at(deadlines_.begin()->second);
        set_deadline(entry, std::nullopt);
        if (!entry.is_busy) {
            abort_overdue(entry);
            continue;
        }
        // Before all others: what is on its way is the last that the transaction got.
        entry.waiting.push_front([this](Entry* overdue, KafkaError) {
            if (overdue != nullptr) {
                abort_overdue(*overdue);
            }
        });
    }
    arm_timer();
}

void TransactionCoordinatorImpl::abort_overdue(Entry& entry) {
    const Transaction& known = entry.now;
    if (known.state != TransactionState::kOngoing) {
        return;
    }
    env_.log.info("transactions",
                  "aborting a transaction that was open for longer than its timeout of " +
                      std::to_string(known.timeout.count()) + " ms: " + entry.id);
    const auto fencing = static_cast<std::int16_t>(known.epoch + 1);
    end_open(entry,
             TransactionEnd::kAbort,
             fencing,
             {.producer_id = known.producer_id,
              .epoch = fencing,
              .last_producer_id = known.producer_id,
              .last_epoch = known.epoch,
              .timeout = known.timeout,
              .state = TransactionState::kCompleteAbort},
             [](KafkaError) {});
}

void TransactionCoordinatorImpl::schedule_expiry() {
    expiry_timer_ = env_.io.post_after(
        options_.id_expiration_check,
        [this, handle = lifetime_.handle()] { handle.run([this] { expire_ids(); }); });
}

void TransactionCoordinatorImpl::expire_ids() {
    const std::lock_guard lock(mutex_);
    if (is_closed_) {
        return;
    }
    for (auto& [id, entry] : entries_) {
        if (!entry.is_busy && entry.now.state != TransactionState::kOngoing &&
            now() - entry.last_change >= options_.id_expiration) {
            expire(entry);
        }
    }
    schedule_expiry();
}

void TransactionCoordinatorImpl::expire(Entry& entry) {
    entry.is_busy = true;
    Unit unit;
    unit.pieces.push_back(
        {state_partition_, encode_record(encode_transaction_key(entry.id), std::nullopt)});
    around_.append(
        std::move(unit),
        [this, id = entry.id, handle = lifetime_.handle()](const Result<CommitPosition>& removed) {
            handle.run([&] {
                const std::lock_guard lock(mutex_);
                Entry& expired = entries_.at(id);
                expired.is_busy = false;
                if (removed.ok()) {
                    by_producer_.erase(expired.now.producer_id);
                    size_bytes_ -= std::exchange(expired.size_bytes, 0);
                    expired.now = Transaction{};
                }
                run_waiting(id);
                forget_if_empty(id);
            });
        });
}

}  // namespace millrace::broker
