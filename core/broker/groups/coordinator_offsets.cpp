// Offsets of groups: commits, fetches, removal, and how long they are kept.
#include <algorithm>

#include "core/broker/groups/coordinator_impl.h"
#include "core/broker/groups/group_records.h"

namespace millrace::broker {

KafkaError group_error(const Error& error) {
    // Everything else passes (a full disk, a stop) or is found when the client asks once more (a
    // topic that went away meanwhile).
    return error.code == ErrorCode::kTooLarge ? KafkaError::kInvalidCommitOffsetSize
                                              : KafkaError::kCoordinatorNotAvailable;
}

// --- commits
// --------------------------------------------------------------------------------------

KafkaError CoordinatorImpl::check_commit(const GroupMember& member) {
    if (is_closed_) {
        return KafkaError::kCoordinatorNotAvailable;
    }
    if (is_own(member.group)) {
        return KafkaError::kGroupAuthorizationFailed;
    }
    Group* group = find(member.group);
    const bool is_empty = group == nullptr || group->state == GroupState::kEmpty;
    if (is_empty && member.generation < 0) {
        return KafkaError::kNone;  // a consumer that only keeps its offsets here
    }
    if (group == nullptr && !committed_.has_group(member.group)) {
        return KafkaError::kIllegalGeneration;
    }
    if (group == nullptr ||
        (member.generation < 0 && member.member_id.empty() && !member.instance_id.has_value())) {
        return KafkaError::kUnknownMemberId;  // while there are members, only they commit
    }
    const KafkaError error = group->check_member(member.member_id, member.instance_id);
    if (error != KafkaError::kNone) {
        return error;
    }
    return member.generation == group->generation ? KafkaError::kNone
                                                  : KafkaError::kIllegalGeneration;
}

KafkaError CoordinatorImpl::check_transactional_commit(
    const std::string& group,
    std::int32_t generation,
    const std::string& member_id,
    const std::optional<std::string>& instance_id) {
    const std::lock_guard lock(mutex_);
    const bool names_nobody = generation < 0 && member_id.empty() && !instance_id;
    if (names_nobody && !is_closed_ && !is_own(group)) {
        return KafkaError::kNone;  // clients before version 3 say nothing about themselves
    }
    return check_commit({group, generation, member_id, instance_id});
}

void CoordinatorImpl::commit_offsets(CommitRequest request, Reply<std::vector<KafkaError>> reply) {
    const std::lock_guard lock(mutex_);
    const std::string& group_id = request.member.group;
    KafkaError error = check_commit(request.member);
    Group* group = error == KafkaError::kNone ? find(group_id) : nullptr;
    if (group != nullptr && group->state != GroupState::kEmpty) {
        if (group->state == GroupState::kCompletingRebalance) {
            // It has the new generation but not its assignment: what it commits belongs to others.
            error = KafkaError::kRebalanceInProgress;
        } else {
            touch(*group, *group->find(request.member.member_id));
        }
    }
    const bool is_full = committed_.size_bytes() > options_.offset_bytes_max ||
                         (group == nullptr && !committed_.has_group(group_id) &&
                          committed_.group_count() >= options_.groups_max);
    if (error == KafkaError::kNone && is_full) {
        error = KafkaError::kCoordinatorNotAvailable;
    }
    std::vector<KafkaError> errors(request.offsets.size(), error);
    if (error != KafkaError::kNone) {
        return post(reply, std::move(errors));
    }
    std::vector<OffsetCommit> offsets;
    const Timestamp committed_at{env_.clock.wall_ms()};
    for (std::size_t i = 0; i < request.offsets.size(); ++i) {
        OffsetToCommit& offset = request.offsets[i];
        if (offset.metadata.size() > options_.offset_metadata_bytes_max) {
            errors[i] = KafkaError::kOffsetMetadataTooLarge;
        } else if (offset.next.value < 0) {
            errors[i] = KafkaError::kOffsetOutOfRange;
        } else {
            offsets.push_back({.group = group_id,
                               .source = offset.source,
                               .next = offset.next,
                               .metadata = std::move(offset.metadata),
                               .leader_epoch = offset.leader_epoch,
                               .committed_at = committed_at,
                               .does_expire = true});
        }
    }
    if (offsets.empty()) {
        return post(reply, std::move(errors));
    }
    append_offsets(
        group_id,
        std::move(offsets),
        [reply = std::move(reply), errors = std::move(errors)](KafkaError stored) mutable {
            for (KafkaError& one : errors) {
                one = one == KafkaError::kNone ? stored : one;
            }
            reply(std::move(errors));
        });
}

void CoordinatorImpl::append_offsets(const std::string& group,
                                     std::vector<OffsetCommit> offsets,
                                     std::function<void(KafkaError)> done) {
    std::vector<TopicPartition> partitions;
    for (const OffsetCommit& offset : offsets) {
        partitions.push_back(offset.source);
    }
    committing_[group].insert(partitions.begin(), partitions.end());
    Unit unit;
    unit.offsets = std::move(offsets);
    append(
        std::move(unit),
        [this, group, partitions](const Stored&) {
            const auto found = committing_.find(group);
            for (const TopicPartition& partition : partitions) {
                found->second.erase(found->second.find(partition));
            }
            if (found->second.empty()) {
                committing_.erase(found);
            }
        },
        [done = std::move(done)](const Stored& stored) {
            done(stored.ok() ? KafkaError::kNone : group_error(stored.error()));
        });
}

// --- fetches
// --------------------------------------------------------------------------------------

FetchedOffset CoordinatorImpl::fetched(const std::string& group,
                                       const OffsetCommit* offset,
                                       TopicPartition partition,
                                       OffsetStability stability) const {
    const PendingOffsets* pending = pending_offsets_.load();
    if (stability == OffsetStability::kStableOnly && pending != nullptr &&
        pending->is_pending(group, partition)) {
        FetchedOffset unstable;
        unstable.error = KafkaError::kUnstableOffsetCommit;
        return unstable;
    }
    if (offset == nullptr) {
        return {};
    }
    return {.next = offset->next,
            .leader_epoch = offset->leader_epoch,
            .metadata = offset->metadata,
            .committed_at = offset->committed_at};
}

std::vector<FetchedOffset> CoordinatorImpl::fetch_offsets(
    const std::string& group,
    const std::vector<TopicPartition>& partitions,
    OffsetStability stability) {
    std::vector<FetchedOffset> answer;
    answer.reserve(partitions.size());
    for (const TopicPartition& partition : partitions) {
        const std::optional<OffsetCommit> offset = committed_.find(group, partition);
        answer.push_back(fetched(group, offset ? &*offset : nullptr, partition, stability));
    }
    return answer;
}

std::map<TopicPartition, FetchedOffset> CoordinatorImpl::fetch_all_offsets(
    const std::string& group, OffsetStability stability) {
    std::map<TopicPartition, FetchedOffset> answer;
    for (const auto& [partition, offset] : committed_.offsets_of(group)) {
        answer.emplace(partition, fetched(group, &offset, partition, stability));
    }
    return answer;
}

// --- removal
// --------------------------------------------------------------------------------------

void CoordinatorImpl::delete_offsets(std::string group_id,
                                     std::vector<OffsetsToDelete> topics,
                                     Reply<DeletedOffsets> reply) {
    const std::lock_guard lock(mutex_);
    const auto refuse = [&](KafkaError error) { post(reply, DeletedOffsets{error, {}}); };
    if (is_closed_) {
        return refuse(KafkaError::kCoordinatorNotAvailable);
    }
    const Group* group = find(group_id);
    if (group == nullptr && !committed_.has_group(group_id)) {
        return refuse(KafkaError::kGroupIdNotFound);
    }
    if (is_own(group_id)) {
        return refuse(KafkaError::kGroupAuthorizationFailed);
    }
    const bool has_members = group != nullptr && group->state != GroupState::kEmpty;
    if (has_members && group->protocol_type != kConsumerProtocolType) {
        return refuse(KafkaError::kNonEmptyGroup);
    }
    const auto subscribed = has_members ? group->subscribed_topics() : std::set<std::string>{};
    DeletedOffsets answer;
    std::vector<OffsetCommit> removals;
    for (const OffsetsToDelete& topic : topics) {
        const bool is_read = !subscribed || subscribed->contains(topic.topic);
        answer.topics.push_back(is_read ? KafkaError::kGroupSubscribedToTopic : KafkaError::kNone);
        for (const Partition partition : topic.partitions) {
            if (!is_read && committed_.find(group_id, {topic.id, partition})) {
                removals.push_back(
                    {.group = group_id, .source = {topic.id, partition}, .is_removed = true});
            }
        }
    }
    if (removals.empty()) {
        return post(reply, std::move(answer));
    }
    append_offsets(
        group_id,
        std::move(removals),
        [reply = std::move(reply), answer = std::move(answer)](KafkaError stored) mutable {
            reply(stored == KafkaError::kNone ? std::move(answer) : DeletedOffsets{stored, {}});
        });
}

std::vector<OffsetCommit> CoordinatorImpl::removals_of(const std::string& group) const {
    std::set<TopicPartition> partitions;
    for (const auto& [partition, offset] : committed_.offsets_of(group)) {
        partitions.insert(partition);
    }
    // What is on its way to the log comes before our removal of it.
    if (const auto found = committing_.find(group); found != committing_.end()) {
        partitions.insert(found->second.begin(), found->second.end());
    }
    std::vector<OffsetCommit> removals;
    for (const TopicPartition& partition : partitions) {
        removals.push_back({.group = group, .source = partition, .is_removed = true});
    }
    return removals;
}

// --- retention
// ------------------------------------------------------------------------------------

std::int64_t CoordinatorImpl::expiry_now_ms() const {
    // A wall clock that jumps ahead must not age anything: at most as much time has passed as the
    // monotonic clock says.
    const auto passed =
        std::chrono::duration_cast<std::chrono::milliseconds>(now() - opened_at_).count();
    return std::min(env_.clock.wall_ms(), opened_wall_ms_ + passed);
}

void CoordinatorImpl::schedule_expiry() {
    expiry_timer_ =
        env_.io.post_after(options_.offsets_retention_check, [this, handle = lifetime_.handle()] {
            handle.run([this] {
                const std::lock_guard lock(mutex_);
                if (!is_closed_) {
                    expire_offsets();
                    schedule_expiry();
                }
            });
        });
}

void CoordinatorImpl::expire_offsets() {
    const std::int64_t before = expiry_now_ms() - options_.offsets_retention.count();
    for (const CommittedGroup& group : committed_.groups()) {
        if (!group.is_own && !committing_.contains(group.id)) {
            expire_offsets_of(group.id, before);
        }
    }
    std::vector<std::string> unused;
    for (const auto& [id, group] : groups_) {
        if (group.state == GroupState::kEmpty && group.pending.empty() && group.generation > 0 &&
            !committed_.has_group(id) && !committing_.contains(id)) {
            unused.push_back(id);
        }
    }
    for (const std::string& id : unused) {
        forget(id);
        Unit unit;
        unit.groups.push_back({id, std::nullopt});
        // If it stays in the log, the next start finds it and tries again.
        append(
            std::move(unit), [](const Stored&) {}, [](const Stored&) {});
    }
}

void CoordinatorImpl::expire_offsets_of(const std::string& group_id, std::int64_t before_ms) {
    const Group* group = find(group_id);
    if (group != nullptr && group->state != GroupState::kEmpty) {
        return;  // offsets live as long as the group has members
    }
    const std::int64_t empty_since = group == nullptr ? 0 : group->state_since_ms;
    std::vector<OffsetCommit> expired;
    for (const auto& [partition, offset] : committed_.offsets_of(group_id)) {
        if (offset.does_expire && std::max(offset.committed_at.value, empty_since) <= before_ms) {
            expired.push_back({.group = group_id, .source = partition, .is_removed = true});
        }
    }
    if (!expired.empty()) {
        env_.log.info("groups",
                      std::to_string(expired.size()) + " offsets expired of group " + group_id);
        append_offsets(group_id, std::move(expired), [](KafkaError) {});
    }
}

}  // namespace millrace::broker
