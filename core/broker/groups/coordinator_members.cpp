// Members of a group after they joined: sync, heartbeat, leave; and the clock over all groups.
#include <algorithm>

#include "core/broker/groups/coordinator_impl.h"

namespace millrace::broker {

// --- sync
// -----------------------------------------------------------------------------------------

void CoordinatorImpl::sync(SyncRequest request, Reply<SyncAnswer> reply) {
    const std::lock_guard lock(mutex_);
    const auto refuse = [&](KafkaError error) { post(reply, SyncAnswer{.error = error}); };
    if (is_closed_) {
        return refuse(KafkaError::kCoordinatorNotAvailable);
    }
    const std::string& member_id = request.member.member_id;
    Group* group = find(request.member.group);
    if (group == nullptr) {
        return refuse(KafkaError::kUnknownMemberId);
    }
    const KafkaError error = group->check_member(member_id, request.member.instance_id);
    if (error != KafkaError::kNone) {
        return refuse(error);
    }
    if (request.member.generation != group->generation) {
        return refuse(KafkaError::kIllegalGeneration);
    }
    if ((request.protocol_type && *request.protocol_type != group->protocol_type) ||
        (request.protocol && *request.protocol != group->protocol)) {
        return refuse(KafkaError::kInconsistentGroupProtocol);
    }
    Member& member = *group->find(member_id);
    switch (group->state) {
        case GroupState::kEmpty:
        case GroupState::kDead:
            return refuse(KafkaError::kUnknownMemberId);
        case GroupState::kPreparingRebalance:
            return refuse(KafkaError::kRebalanceInProgress);
        case GroupState::kCompletingRebalance:
            group->unsynced.erase(member_id);
            if (member.syncing) {
                // An earlier try of the same member, likely on a connection that is gone.
                post(member.syncing, SyncAnswer{.error = KafkaError::kRebalanceInProgress});
            }
            member.syncing = std::move(reply);
            if (group->is_leader(member_id) && !group->is_storing) {
                store_assignments(*group, std::move(request.assignments));
            }
            return;
        case GroupState::kStable:
            group->unsynced.erase(member_id);
            touch(*group, member);
            return post(reply,
                        SyncAnswer{.protocol_type = group->protocol_type,
                                   .protocol = group->protocol,
                                   .assignment = member.assignment});
    }
}

void CoordinatorImpl::store_assignments(Group& group, std::vector<MemberAssignment> assignments) {
    std::size_t bytes = 0;
    for (auto& [id, member] : group.members()) {
        const std::size_t before = member.size_bytes();
        member.assignment.clear();  // whom the leader does not name gets nothing
        account(group, before, member.size_bytes());
    }
    for (const MemberAssignment& assignment : assignments) {
        bytes += assignment.assignment.size();
    }
    const bool is_too_large = group.size_bytes + bytes > options_.group_bytes_max ||
                              members_bytes_ + bytes > options_.bytes_max;
    group.is_storing = true;
    if (is_too_large) {
        return on_assignments_stored(
            group.id(),
            group.generation,
            Error{ErrorCode::kTooLarge, "they are above the limit for one group or all"});
    }
    for (MemberAssignment& assignment : assignments) {
        if (Member* member = group.find(assignment.member_id)) {
            const std::size_t before = member->size_bytes();
            member->assignment = std::move(assignment.assignment);
            account(group, before, member->size_bytes());
        }
    }
    // The record says what the group will be: stable, since now.
    append_group(group,
                 [this, id = group.id(), generation = group.generation](const Stored& stored) {
                     on_assignments_stored(id, generation, stored);
                 });
}

void CoordinatorImpl::on_assignments_stored(const std::string& group_id,
                                            std::int32_t generation,
                                            const Stored& stored) {
    Group* group = find(group_id);
    if (group == nullptr || group->state != GroupState::kCompletingRebalance ||
        group->generation != generation) {
        return;  // another rebalance began meanwhile and answered everybody
    }
    group->is_storing = false;
    if (!stored.ok()) {
        env_.log.warn(
            "groups",
            "assignments of group " + group_id + " could not be kept: " + stored.error().message);
        answer_syncs(*group, group_error(stored.error()));
        return prepare_rebalance(*group, "its assignments could not be kept");
    }
    group->state = GroupState::kStable;
    group->state_since_ms = env_.clock.wall_ms();
    answer_syncs(*group, KafkaError::kNone);
}

void CoordinatorImpl::answer_syncs(Group& group, KafkaError error) {
    for (auto& [id, member] : group.members()) {
        if (error != KafkaError::kNone) {
            const std::size_t before = member.size_bytes();
            member.assignment.clear();
            account(group, before, member.size_bytes());
        }
        if (!member.syncing) {
            continue;
        }
        SyncAnswer answer{.error = error};
        if (error == KafkaError::kNone) {
            answer.protocol_type = group.protocol_type;
            answer.protocol = group.protocol;
            answer.assignment = member.assignment;
        }
        post(member.syncing, std::move(answer));
        member.syncing = nullptr;
        touch(group, member);
    }
}

// --- heartbeat and leave
// --------------------------------------------------------------------------

KafkaError CoordinatorImpl::heartbeat(const GroupMember& request) {
    const std::lock_guard lock(mutex_);
    if (is_closed_) {
        return KafkaError::kCoordinatorNotAvailable;
    }
    Group* group = find(request.group);
    if (group == nullptr) {
        return KafkaError::kUnknownMemberId;
    }
    const KafkaError error = group->check_member(request.member_id, request.instance_id);
    if (error != KafkaError::kNone) {
        return error;
    }
    if (request.generation != group->generation) {
        return KafkaError::kIllegalGeneration;
    }
    touch(*group, *group->find(request.member_id));
    return group->state == GroupState::kPreparingRebalance ? KafkaError::kRebalanceInProgress
                                                           : KafkaError::kNone;
}

LeaveAnswer CoordinatorImpl::leave(const std::string& group_id,
                                   const std::vector<LeavingMember>& members) {
    const std::lock_guard lock(mutex_);
    if (is_closed_) {
        return {.error = KafkaError::kCoordinatorNotAvailable, .members = {}};
    }
    if (group_id.empty()) {
        return {.error = KafkaError::kInvalidGroupId, .members = {}};
    }
    LeaveAnswer answer;
    Group* group = find(group_id);
    if (group == nullptr) {
        answer.members.assign(members.size(), KafkaError::kUnknownMemberId);
        return answer;
    }
    for (const LeavingMember& leaving : members) {
        answer.members.push_back(leave_one(*group, leaving));
    }
    forget_if_unused(*group);
    return answer;
}

KafkaError CoordinatorImpl::leave_one(Group& group, const LeavingMember& leaving) {
    if (leaving.member_id.empty() && leaving.instance_id) {
        const std::string* holder = group.holder_of(*leaving.instance_id);
        if (holder == nullptr) {
            return KafkaError::kUnknownMemberId;
        }
        remove_member(group, std::string(*holder), "removed by its instance id");
        return KafkaError::kNone;
    }
    if (!leaving.instance_id && group.pending.erase(leaving.member_id) > 0) {
        complete_join_if_all_joined(group);
        return KafkaError::kNone;
    }
    const KafkaError error = group.check_member(leaving.member_id, leaving.instance_id);
    if (error == KafkaError::kNone) {
        remove_member(group, leaving.member_id, "left");
    }
    return error;
}

void CoordinatorImpl::remove_member(Group& group,
                                    const std::string& member_id,
                                    std::string_view why) {
    Member& member = *group.find(member_id);
    if (member.joining) {
        refuse_join(member.joining, KafkaError::kUnknownMemberId, member_id);
    }
    if (member.syncing) {
        post(member.syncing, SyncAnswer{.error = KafkaError::kUnknownMemberId});
    }
    account(group, member.size_bytes(), 0);
    group.remove(member_id);
    prepare_rebalance(group, "member " + member_id + " " + std::string(why));
}

// --- time
// -----------------------------------------------------------------------------------------

void CoordinatorImpl::touch(Group& group, Member& member) {
    member.deadline = now() + member.session_timeout;
    arm(group, member.deadline);
}

void CoordinatorImpl::arm(Group& group, MonotonicTime at) {
    if (group.armed && *group.armed <= at) {
        return;  // looked at before that anyway
    }
    if (group.armed) {
        due_.erase({*group.armed, group.id()});
    }
    group.armed = at;
    due_.emplace(at, group.id());
    arm_timer();
}

void CoordinatorImpl::arm_timer() {
    if (due_.empty() || is_closed_) {
        return;  // a timer that fires for nothing does no harm
    }
    const MonotonicTime first = due_.begin()->first;
    if (timer_due_ && *timer_due_ <= first) {
        return;
    }
    if (timer_due_) {
        env_.io.cancel(timer_);
    }
    timer_due_ = first;
    timer_ = env_.io.post_after(
        std::max(first - now(), MonotonicTime{0}),
        [this, first, handle = lifetime_.handle()] { handle.run([&] { on_timer(first); }); });
}

void CoordinatorImpl::on_timer(MonotonicTime due) {
    const std::lock_guard lock(mutex_);
    if (timer_due_ != due) {
        return;  // replaced by an earlier one while it was on its way
    }
    timer_due_.reset();
    const MonotonicTime at = now();
    while (!is_closed_ && !due_.empty() && due_.begin()->first <= at) {
        Group& group = *find(due_.begin()->second);
        due_.erase(due_.begin());
        group.armed.reset();
        on_due(group);
    }
    arm_timer();
}

void CoordinatorImpl::on_due(Group& group) {
    const MonotonicTime at = now();
    std::erase_if(group.pending, [at](const auto& entry) { return entry.second <= at; });
    std::vector<std::string> gone;
    for (const auto& [id, member] : group.members()) {
        if (member.can_expire() && member.deadline <= at) {
            gone.push_back(id);
        }
    }
    for (const std::string& id : gone) {
        remove_member(group, id, "was not heard of for its session timeout");
    }
    const bool is_synced_late =
        (group.state == GroupState::kCompletingRebalance || group.state == GroupState::kStable) &&
        !group.unsynced.empty() && group.sync_deadline <= at;
    if (is_synced_late) {
        const std::set<std::string> late = group.unsynced;
        for (const std::string& id : late) {
            if (group.find(id) != nullptr) {
                remove_member(group, id, "did not fetch its assignment in time");
            }
        }
    }
    complete_join_if_all_joined(group);
    if (group.state == GroupState::kPreparingRebalance && group.join_deadline <= at) {
        if (group.is_first_rebalance && group.has_new_member && group.join_time_left.count() > 0) {
            const std::chrono::nanoseconds more = std::min<std::chrono::nanoseconds>(
                options_.initial_rebalance_delay, group.join_time_left);
            group.join_time_left -= more;
            group.join_deadline = at + more;
            group.has_new_member = false;
        } else {
            complete_join(group);
        }
    }
    arm_next(group);
    forget_if_unused(group);
}

void CoordinatorImpl::arm_next(Group& group) {
    std::optional<MonotonicTime> first;
    const auto consider = [&first](MonotonicTime at) { first = first ? std::min(*first, at) : at; };
    for (const auto& [id, until] : group.pending) {
        consider(until);
    }
    for (const auto& [id, member] : group.members()) {
        if (member.can_expire()) {
            consider(member.deadline);
        }
    }
    if (group.state == GroupState::kPreparingRebalance) {
        consider(group.join_deadline);
    }
    if (!group.unsynced.empty()) {
        consider(group.sync_deadline);
    }
    if (first) {
        arm(group, *first);
    }
}

}  // namespace millrace::broker
