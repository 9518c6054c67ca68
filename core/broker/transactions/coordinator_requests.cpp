// What producers put into their open transactions: partitions, groups, offsets.
#include <algorithm>

#include "core/broker/transactions/transaction_coordinator_impl.h"

namespace millrace::broker {

namespace {

std::vector<KafkaError> for_all(std::size_t count, KafkaError error) {
    return std::vector<KafkaError>(count, error);
}

bool has_error(const std::vector<KafkaError>& errors) {
    return std::any_of(
        errors.begin(), errors.end(), [](KafkaError error) { return error != KafkaError::kNone; });
}

}  // namespace

Transaction TransactionCoordinatorImpl::with_open_transaction(const Entry& entry) const {
    Transaction next = entry.now;
    if (next.state != TransactionState::kOngoing) {
        next.state = TransactionState::kOngoing;
        next.started = Timestamp{env_.clock.wall_ms()};
    }
    // It goes on with its id and epoch: so it got the answer that brought them.
    next.last_producer_id = -1;
    next.last_epoch = -1;
    return next;
}

void TransactionCoordinatorImpl::add_partitions(TransactionOwner owner,
                                                std::vector<TopicPartition> partitions,
                                                Reply<std::vector<KafkaError>> reply) {
    if (owner.transactional_id.empty()) {
        post(reply, for_all(partitions.size(), KafkaError::kInvalidRequest));
        return;
    }
    std::vector<KafkaError> errors;
    for (const TopicPartition& partition : partitions) {
        errors.push_back(around_.check_partition(partition));
    }
    if (has_error(errors)) {
        std::replace(
            errors.begin(), errors.end(), KafkaError::kNone, KafkaError::kOperationNotAttempted);
        post(reply, std::move(errors));
        return;
    }
    const std::string id = owner.transactional_id;
    run(id,
        IfUnknown::kRefuse,
        [this, owner = std::move(owner), partitions = std::move(partitions), reply](
            Entry* entry, KafkaError refusal) {
            const std::size_t count = partitions.size();
            const KafkaError error = entry == nullptr ? refusal : check_owner(*entry, owner);
            if (error != KafkaError::kNone) {
                post(reply, for_all(count, error));
                return;
            }
            Transaction next = with_open_transaction(*entry);
            next.partitions.insert(partitions.begin(), partitions.end());
            if (partitions.empty() || next == entry->now) {
                post(reply, for_all(count, KafkaError::kNone));
                return;
            }
            change(*entry, std::move(next), Unit{}, [reply, count](KafkaError stored) {
                reply(for_all(count, stored));
            });
        });
}

void TransactionCoordinatorImpl::add_offsets(TransactionOwner owner,
                                             std::string group,
                                             Reply<KafkaError> reply) {
    if (owner.transactional_id.empty()) {
        post(reply, KafkaError::kInvalidRequest);
        return;
    }
    if (group.empty() || group.size() > options_.id_bytes_max) {
        post(reply, KafkaError::kInvalidGroupId);
        return;
    }
    const std::string id = owner.transactional_id;
    run(id,
        IfUnknown::kRefuse,
        [this, owner = std::move(owner), group = std::move(group), reply](Entry* entry,
                                                                          KafkaError refusal) {
            const KafkaError error = entry == nullptr ? refusal : check_owner(*entry, owner);
            if (error != KafkaError::kNone) {
                post(reply, error);
                return;
            }
            Transaction next = with_open_transaction(*entry);
            next.groups.insert(group);
            if (next == entry->now) {
                post(reply, KafkaError::kNone);
                return;
            }
            change(*entry, std::move(next), Unit{}, reply);
        });
}

void TransactionCoordinatorImpl::commit_offsets(TransactionOffsets request,
                                                Reply<std::vector<KafkaError>> reply) {
    const std::size_t count = request.offsets.size();
    KafkaError refused =
        request.owner.transactional_id.empty() ? KafkaError::kInvalidRequest : KafkaError::kNone;
    if (refused == KafkaError::kNone) {
        refused = around_.check_member(request.member);
    }
    if (refused != KafkaError::kNone) {
        post(reply, for_all(count, refused));
        return;
    }
    std::vector<KafkaError> errors;
    for (const OffsetToCommit& offset : request.offsets) {
        const bool is_known =
            around_.check_partition(offset.source) != KafkaError::kUnknownTopicOrPartition;
        const bool fits = offset.metadata.size() <= options_.offset_metadata_bytes_max;
        errors.push_back(!is_known ? KafkaError::kUnknownTopicOrPartition
                         : !fits   ? KafkaError::kOffsetMetadataTooLarge
                                   : KafkaError::kNone);
    }
    const std::string id = request.owner.transactional_id;
    run(id,
        IfUnknown::kRefuse,
        [this, request = std::move(request), errors = std::move(errors), reply](
            Entry* entry, KafkaError refusal) {
            KafkaError error = entry == nullptr ? refusal : check_owner(*entry, request.owner);
            if (error == KafkaError::kNone && (entry->now.state != TransactionState::kOngoing ||
                                               !entry->now.groups.contains(request.member.group))) {
                error = KafkaError::kInvalidTxnState;
            }
            if (error != KafkaError::kNone) {
                post(reply, for_all(errors.size(), error));
                return;
            }
            Transaction next = with_open_transaction(*entry);
            for (std::size_t i = 0; i < errors.size(); ++i) {
                if (errors[i] == KafkaError::kNone) {
                    const OffsetToCommit& offset = request.offsets[i];
                    next.offsets[{request.member.group, offset.source}] = {
                        .next = offset.next,
                        .leader_epoch = offset.leader_epoch,
                        .metadata = offset.metadata};
                }
            }
            if (next == entry->now) {
                post(reply, errors);
                return;
            }
            change(*entry, std::move(next), Unit{}, [reply, errors](KafkaError stored) {
                reply(stored == KafkaError::kNone ? errors : for_all(errors.size(), stored));
            });
        });
}

}  // namespace millrace::broker
