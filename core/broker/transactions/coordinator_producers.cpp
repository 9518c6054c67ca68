// The transaction coordinator's producers: ids, epochs, fencing.
#include "core/broker/transactions/transaction_coordinator_impl.h"

namespace millrace::broker {

namespace {

/// The last epoch that producers get. The one above it can still fence them in a marker.
constexpr std::int16_t kEpochMax = 32'766;

}  // namespace

void TransactionCoordinatorImpl::init_producer(InitProducerRequest request,
                                               Reply<InitProducerAnswer> reply) {
    if (!request.transactional_id) {
        give_plain_id(std::move(reply));
        return;
    }
    if (const KafkaError error = check_init(request); error != KafkaError::kNone) {
        post(reply, InitProducerAnswer{.error = error});
        return;
    }
    const std::string id = *request.transactional_id;
    run(id,
        IfUnknown::kMake,
        [this, request = std::move(request), reply = std::move(reply)](Entry* entry,
                                                                       KafkaError refusal) {
            if (entry == nullptr) {
                post(reply, InitProducerAnswer{.error = refusal});
            } else {
                init(*entry, request, reply);
            }
        });
}

void TransactionCoordinatorImpl::give_plain_id(Reply<InitProducerAnswer> reply) {
    ids_.take([reply = std::move(reply)](const Result<std::int64_t>& id) {
        reply(id.ok() ? InitProducerAnswer{.producer_id = id.value(), .producer_epoch = 0}
                      : InitProducerAnswer{.error = KafkaError::kCoordinatorNotAvailable});
    });
}

KafkaError TransactionCoordinatorImpl::check_init(const InitProducerRequest& request) const {
    if (request.transactional_id->empty() ||
        request.transactional_id->size() > options_.id_bytes_max ||
        (request.producer_id < 0) != (request.producer_epoch < 0)) {
        return KafkaError::kInvalidRequest;
    }
    if (request.timeout.count() <= 0 || request.timeout > options_.timeout_max) {
        return KafkaError::kInvalidTransactionTimeout;
    }
    return KafkaError::kNone;
}

void TransactionCoordinatorImpl::init(Entry& entry,
                                      const InitProducerRequest& request,
                                      const Reply<InitProducerAnswer>& reply) {
    const Transaction& known = entry.now;
    const bool goes_on = request.producer_id >= 0;
    const auto is_at = [&](std::int64_t producer_id, std::int16_t epoch) {
        return request.producer_id == producer_id && request.producer_epoch == epoch;
    };
    if (known.producer_id < 0) {
        init_with_new_id(entry, request, reply);
        return;
    }
    if (goes_on && !is_at(known.producer_id, known.epoch)) {
        if (!is_at(known.last_producer_id, known.last_epoch)) {
            post(reply, InitProducerAnswer{.error = KafkaError::kProducerFenced});
            return;
        }
        // The same producer asks again: it got no answer, or time was up for its transaction.
        if (known.epoch <= kEpochMax) {
            post(reply,
                 InitProducerAnswer{.producer_id = known.producer_id,
                                    .producer_epoch = known.epoch});
            return;
        }
    }
    if (known.epoch >= kEpochMax) {
        init_with_new_id(entry, request, reply);
        return;
    }
    store_init(entry,
               {.producer_id = known.producer_id,
                .epoch = static_cast<std::int16_t>(known.epoch + 1),
                .last_producer_id = goes_on ? known.producer_id : -1,
                .last_epoch = goes_on ? known.epoch : std::int16_t{-1},
                .timeout = request.timeout},
               reply);
}

void TransactionCoordinatorImpl::init_with_new_id(Entry& entry,
                                                  const InitProducerRequest& request,
                                                  const Reply<InitProducerAnswer>& reply) {
    ids_.take([this, id = entry.id, request, reply, handle = lifetime_.handle()](
                  const Result<std::int64_t>& producer_id) {
        const auto refuse = [&] {
            reply(InitProducerAnswer{.error = KafkaError::kCoordinatorNotAvailable});
        };
        handle.run(
            [&] {
                const std::lock_guard lock(mutex_);
                Entry& waiting = entries_.at(id);
                waiting.is_busy = false;
                if (producer_id.ok()) {
                    const bool goes_on = request.producer_id >= 0;
                    store_init(waiting,
                               {.producer_id = producer_id.value(),
                                .epoch = 0,
                                .last_producer_id = goes_on ? request.producer_id : -1,
                                .last_epoch = goes_on ? request.producer_epoch : std::int16_t{-1},
                                .timeout = request.timeout},
                               reply);
                } else {
                    post(reply, InitProducerAnswer{.error = KafkaError::kCoordinatorNotAvailable});
                    run_waiting(id);
                    forget_if_empty(id);
                }
            },
            refuse);
    });
    entry.is_busy = true;  // not before: what throws on the way leaves the id free
}

void TransactionCoordinatorImpl::store_init(Entry& entry,
                                            Transaction next,
                                            const Reply<InitProducerAnswer>& reply) {
    const Done done = [reply, id = next.producer_id, epoch = next.epoch](KafkaError error) {
        reply(error == KafkaError::kNone
                  ? InitProducerAnswer{.producer_id = id, .producer_epoch = epoch}
                  : InitProducerAnswer{.error = error});
    };
    if (entry.now.state == TransactionState::kOngoing) {
        // The marker's epoch fences the earlier producer in every partition that it wrote to.
        const auto fencing = static_cast<std::int16_t>(entry.now.epoch + 1);
        end_open(entry, TransactionEnd::kAbort, fencing, std::move(next), done);
    } else {
        change(entry, std::move(next), Unit{}, done);
    }
}

}  // namespace millrace::broker
