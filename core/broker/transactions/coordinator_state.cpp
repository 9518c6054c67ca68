// The transaction coordinator's state: changes one after the other, restoring, questions.
#include <algorithm>

#include "core/broker/transactions/transaction_coordinator_impl.h"
#include "core/record/record_batch_builder.h"

namespace millrace::broker {

namespace {

std::string describe_partition(TopicPartition partition) {
    return partition.topic.to_string() + "-" + std::to_string(partition.partition.value);
}

template <class T>
bool contains(const std::vector<T>& values, const T& value) {
    return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

TransactionCoordinatorImpl::TransactionCoordinatorImpl(Env& env,
                                                       TransactionOptions options,
                                                       Surroundings surroundings)
    : env_(env),
      options_(options),
      around_(std::move(surroundings)),
      ids_(env.io, [this](std::int64_t next, std::function<void(const Status&)> done) {
          Unit unit;
          unit.pieces.push_back(
              {state_partition_,
               encode_record(encode_producer_ids_key(), encode_producer_ids(next).view())});
          around_.append(
              std::move(unit),
              [done = std::move(done), handle = lifetime_.handle()](Result<CommitPosition> stored) {
                  handle.run([&] { done(stored.ok() ? Status{Ok{}} : Status{stored.error()}); });
              });
      }) {}

Status TransactionCoordinatorImpl::restore(const RecordView& record) {
    MILLRACE_TRY(const TransactionsKey key, decode_transactions_key(record));
    const std::lock_guard lock(mutex_);
    if (std::holds_alternative<ProducerIdsKey>(key) && record.value) {
        MILLRACE_TRY(const std::int64_t next, decode_producer_ids(*record.value));
        ids_.restore(next);
    } else if (const auto* const id = std::get_if<TransactionKey>(&key); id && !record.value) {
        entries_.erase(id->transactional_id);
    } else if (id != nullptr) {
        MILLRACE_TRY(Transaction transaction, decode_transaction(*record.value));
        Entry& entry = entries_[id->transactional_id];
        entry.id = id->transactional_id;
        entry.now = std::move(transaction);
        entry.size_bytes = record.value->size();
    }
    return Ok{};
}

void TransactionCoordinatorImpl::start(TopicPartition state) {
    const std::lock_guard lock(mutex_);
    state_partition_ = state;
    for (auto& [id, entry] : entries_) {
        const auto is_gone = [this](TopicPartition partition) {
            return around_.check_partition(partition) == KafkaError::kUnknownTopicOrPartition;
        };
        std::erase_if(entry.now.partitions, is_gone);
        std::erase_if(entry.now.offsets,
                      [&](const auto& offset) { return is_gone(offset.first.second); });
        by_producer_[entry.now.producer_id] = &entry;
        index_offsets(entry.now, true);
        size_bytes_ += entry.size_bytes;
        entry.last_change = now();
        if (entry.now.state == TransactionState::kOngoing) {
            set_deadline(entry, now() + entry.now.timeout);
        }
    }
    arm_timer();
    schedule_expiry();
}

void TransactionCoordinatorImpl::close() {
    {
        const std::lock_guard lock(mutex_);
        if (is_closed_) {
            return;
        }
        is_closed_ = true;
        for (const TimerId timer : {timer_, expiry_timer_}) {
            if (timer != TimerId::kNone) {
                static_cast<void>(env_.io.cancel(timer));
            }
        }
        for (auto& [id, entry] : entries_) {
            for (const Step& step : std::exchange(entry.waiting, {})) {
                step(nullptr, KafkaError::kCoordinatorNotAvailable);
            }
        }
    }
    lifetime_.end();
    ids_.close();
}

void TransactionCoordinatorImpl::remove_topic(TopicId topic) {
    const std::lock_guard lock(mutex_);
    for (auto& [id, entry] : entries_) {
        index_offsets(entry.now, false);
        std::erase_if(entry.now.partitions,
                      [&](TopicPartition partition) { return partition.topic == topic; });
        std::erase_if(entry.now.offsets,
                      [&](const auto& offset) { return offset.first.second.topic == topic; });
        index_offsets(entry.now, true);
    }
}

// --- the order of requests ----------------------------------------------------------------------

void TransactionCoordinatorImpl::run(const std::string& id, IfUnknown if_unknown, Step step) {
    const std::lock_guard lock(mutex_);
    if (is_closed_) {
        step(nullptr, KafkaError::kCoordinatorNotAvailable);
        return;
    }
    auto found = entries_.find(id);
    if (found == entries_.end() && if_unknown == IfUnknown::kRefuse) {
        step(nullptr, KafkaError::kInvalidProducerIdMapping);
        return;
    }
    if (found == entries_.end() && entries_.size() >= options_.ids_max) {
        env_.log.warn("transactions",
                      "there are " + std::to_string(entries_.size()) +
                          " transactional ids, no more are taken: " + id);
        step(nullptr, KafkaError::kPolicyViolation);
        return;
    }
    if (found == entries_.end()) {
        found = entries_.try_emplace(id).first;
        found->second.id = id;
    }
    Entry& entry = found->second;
    if (!entry.is_busy && entry.waiting.empty()) {
        step(&entry, KafkaError::kNone);
    } else if (entry.waiting.size() < options_.waiting_max) {
        entry.waiting.push_back(std::move(step));
    } else {
        step(nullptr, KafkaError::kConcurrentTransactions);
    }
}

void TransactionCoordinatorImpl::run_waiting(const std::string& id) {
    for (;;) {
        const auto found = entries_.find(id);
        if (found == entries_.end() || found->second.is_busy || found->second.waiting.empty()) {
            return;
        }
        const Step step = std::move(found->second.waiting.front());
        found->second.waiting.pop_front();
        step(&found->second, KafkaError::kNone);
    }
}

Buffer TransactionCoordinatorImpl::encode_record(const Buffer& key,
                                                 std::optional<ByteView> value) const {
    RecordBatchBuilder builder;
    builder.add(key.view(), value, Timestamp{env_.clock.wall_ms()});
    Result<Buffer> batch = builder.finish();
    CHECK(batch.ok());  // transaction_bytes_max is far below what a batch takes
    return std::move(batch).value();
}

void TransactionCoordinatorImpl::change(Entry& entry, Transaction next, Unit unit, Done done) {
    const Buffer value = encode_transaction(next);
    if (value.size() > options_.transaction_bytes_max ||
        size_bytes_ - entry.size_bytes + value.size() > options_.bytes_max) {
        env_.log.warn("transactions",
                      "transaction has too many partitions and offsets: " + entry.id);
        entry.ending.reset();
        env_.io.post([done = std::move(done)] { done(KafkaError::kPolicyViolation); });
        return;
    }
    unit.pieces.push_back(
        {state_partition_, encode_record(encode_transaction_key(entry.id), value.view())});
    around_.append(std::move(unit),
                   [this,
                    id = entry.id,
                    next = std::make_shared<const Transaction>(std::move(next)),
                    size = value.size(),
                    done = std::move(done),
                    handle = lifetime_.handle()](Result<CommitPosition> stored) {
                       handle.run([&] { on_changed(id, *next, size, stored); });
                       done(stored.ok() ? KafkaError::kNone : KafkaError::kCoordinatorNotAvailable);
                   });
    entry.is_busy = true;  // not before: what throws on the way leaves the id free
}

void TransactionCoordinatorImpl::on_changed(const std::string& id,
                                            const Transaction& next,
                                            std::size_t size_bytes,
                                            const Result<CommitPosition>& stored) {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_.at(id);  // one that is busy is never removed
    entry.is_busy = false;
    entry.ending.reset();
    if (stored.ok()) {
        adopt(entry, next);
        size_bytes_ += size_bytes - entry.size_bytes;
        entry.size_bytes = size_bytes;
    } else {
        env_.log.warn("transactions",
                      "a change of " + id + " could not be stored: " + stored.error().message);
        if (entry.now.state == TransactionState::kOngoing && !entry.deadline) {
            set_deadline(entry, now() + options_.retry_delay);
        }
    }
    run_waiting(id);
    forget_if_empty(id);
    arm_timer();
}

void TransactionCoordinatorImpl::adopt(Entry& entry, const Transaction& next) {
    const bool was_open = entry.now.state == TransactionState::kOngoing;
    const bool is_open = next.state == TransactionState::kOngoing;
    if (entry.now.producer_id != next.producer_id) {
        by_producer_.erase(entry.now.producer_id);
        by_producer_[next.producer_id] = &entry;
    }
    index_offsets(entry.now, false);
    entry.now = next;
    index_offsets(entry.now, true);
    entry.last_change = now();
    if (!is_open) {
        set_deadline(entry, std::nullopt);
    } else if (!was_open) {
        set_deadline(entry, now() + next.timeout);
    }
}

void TransactionCoordinatorImpl::forget_if_empty(const std::string& id) {
    const auto found = entries_.find(id);
    if (found != entries_.end() && found->second.now.producer_id < 0 && !found->second.is_busy &&
        found->second.waiting.empty()) {
        entries_.erase(found);
    }
}

void TransactionCoordinatorImpl::index_offsets(const Transaction& transaction, bool is_added) {
    for (const auto& [of, offset] : transaction.offsets) {
        std::size_t& count = pending_offsets_[of];
        count += is_added ? std::size_t{1} : std::size_t(-1);
        if (count == 0) {
            pending_offsets_.erase(of);
        }
    }
}

KafkaError TransactionCoordinatorImpl::check_owner(const Entry& entry,
                                                   const TransactionOwner& owner) const {
    if (entry.now.producer_id < 0 || entry.now.producer_id != owner.producer_id) {
        return KafkaError::kInvalidProducerIdMapping;
    }
    return entry.now.epoch == owner.producer_epoch ? KafkaError::kNone
                                                   : KafkaError::kProducerFenced;
}

// --- questions ----------------------------------------------------------------------------------

Status TransactionCoordinatorImpl::check_append(std::int64_t producer_id,
                                                std::int16_t producer_epoch,
                                                TopicPartition partition) const {
    const auto producer = [&] {
        return "producer " + std::to_string(producer_id) + " epoch " +
               std::to_string(producer_epoch);
    };
    const std::lock_guard lock(mutex_);
    const auto found = by_producer_.find(producer_id);
    if (found == by_producer_.end()) {
        return Error{ErrorCode::kInvalidTransaction, producer() + " has no transactional id"};
    }
    const Entry& entry = *found->second;
    if (producer_epoch != entry.now.epoch) {
        return Error{ErrorCode::kStaleProducerEpoch,
                     producer() + " is fenced, " + entry.id + " is at epoch " +
                         std::to_string(entry.now.epoch)};
    }
    if (entry.now.state != TransactionState::kOngoing || entry.ending) {
        return Error{ErrorCode::kInvalidTransaction, producer() + " has no open transaction"};
    }
    if (!entry.now.partitions.contains(partition)) {
        return Error{ErrorCode::kInvalidTransaction,
                     producer() + " did not add the partition to its transaction: " +
                         describe_partition(partition)};
    }
    return Ok{};
}

bool TransactionCoordinatorImpl::is_pending(const std::string& group,
                                            TopicPartition partition) const {
    const std::lock_guard lock(mutex_);
    return pending_offsets_.contains({group, partition});
}

TransactionDescription TransactionCoordinatorImpl::describe(
    const std::string& transactional_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(transactional_id);
    if (found == entries_.end() || found->second.now.producer_id < 0) {
        return {.error = KafkaError::kTransactionalIdNotFound};
    }
    const Entry& entry = found->second;
    const bool is_open = entry.now.state == TransactionState::kOngoing;
    return {.state = entry.ending.value_or(entry.now.state),
            .timeout = entry.now.timeout,
            .started = is_open ? entry.now.started : Timestamp{-1},
            .producer_id = entry.now.producer_id,
            .producer_epoch = entry.now.epoch,
            .partitions = {entry.now.partitions.begin(), entry.now.partitions.end()}};
}

std::vector<TransactionListing> TransactionCoordinatorImpl::list(
    const TransactionFilter& filter) const {
    std::vector<TransactionListing> listed;
    const std::int64_t wall_ms = env_.clock.wall_ms();
    const std::lock_guard lock(mutex_);
    for (const auto& [id, entry] : entries_) {
        const TransactionState state = entry.ending.value_or(entry.now.state);
        const bool is_open = entry.now.state == TransactionState::kOngoing;
        const bool is_old = !filter.older_than || (is_open && wall_ms - entry.now.started.value >
                                                                  filter.older_than->count());
        if (entry.now.producer_id >= 0 && is_old && contains(filter.states, state) &&
            contains(filter.producer_ids, entry.now.producer_id)) {
            listed.push_back(
                {.transactional_id = id, .producer_id = entry.now.producer_id, .state = state});
        }
    }
    return listed;
}

}  // namespace millrace::broker
