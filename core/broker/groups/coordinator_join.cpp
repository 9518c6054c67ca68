// Joining of the group coordinator: who is let in, and how a rebalance gathers its members.
#include <algorithm>
#include <limits>

#include "core/broker/groups/coordinator_impl.h"

namespace millrace::broker {

namespace {

constexpr std::size_t kIdBytesMax = std::numeric_limits<std::int16_t>::max();
constexpr std::size_t kProtocolsMax = 1'000;  // of one member

/// Text that a record of the group can hold.
bool fits(std::string_view text) {
    return text.size() <= kIdBytesMax;
}

std::string new_member_id(Random& random, const JoinRequest& request) {
    const std::string& prefix = request.instance_id ? *request.instance_id : request.client_id;
    constexpr std::size_t kPrefixBytesMax = 1'024;
    return prefix.substr(0, kPrefixBytesMax) + "-" + TopicId::make(random).to_string();
}

}  // namespace

void CoordinatorImpl::refuse_join(const Reply<JoinAnswer>& reply,
                                  KafkaError error,
                                  std::string member_id) {
    JoinAnswer answer;
    answer.error = error;
    answer.member_id = std::move(member_id);
    post(reply, std::move(answer));
}

KafkaError CoordinatorImpl::check_join(const JoinRequest& request) const {
    if (request.group.empty() || !fits(request.group)) {
        return KafkaError::kInvalidGroupId;
    }
    if (request.session_timeout < options_.session_timeout_min ||
        request.session_timeout > options_.session_timeout_max) {
        return KafkaError::kInvalidSessionTimeout;
    }
    const bool fit = fits(request.member_id) && fits(request.instance_id.value_or("")) &&
                     fits(request.client_id) && fits(request.client_host) &&
                     fits(request.protocol_type) && request.protocols.size() <= kProtocolsMax &&
                     std::all_of(request.protocols.begin(),
                                 request.protocols.end(),
                                 [](const GroupProtocol& p) { return fits(p.name); });
    if (!fit || request.rebalance_timeout.count() < 0) {
        return KafkaError::kInvalidRequest;
    }
    return is_own(request.group) ? KafkaError::kGroupAuthorizationFailed : KafkaError::kNone;
}

void CoordinatorImpl::join(JoinRequest request, Reply<JoinAnswer> reply) {
    const std::lock_guard lock(mutex_);
    std::string member_id = request.member_id;
    if (is_closed_) {
        return refuse_join(reply, KafkaError::kCoordinatorNotAvailable, std::move(member_id));
    }
    if (const KafkaError error = check_join(request); error != KafkaError::kNone) {
        return refuse_join(reply, error, std::move(member_id));
    }
    Group* group = find(request.group);
    if (group == nullptr) {
        if (!request.member_id.empty()) {
            return refuse_join(reply, KafkaError::kUnknownMemberId, std::move(member_id));
        }
        group = find_or_make(request.group);
        if (group == nullptr) {
            return refuse_join(reply, KafkaError::kCoordinatorNotAvailable, std::move(member_id));
        }
    }
    join_group(*group, std::move(request), std::move(reply));
}

void CoordinatorImpl::join_group(Group& group, JoinRequest request, Reply<JoinAnswer> reply) {
    if (!has_room_for(group, request)) {
        refuse_join(reply, KafkaError::kGroupMaxSizeReached, request.member_id);
        return forget_if_unused(group);
    }
    if (!group.accepts(request.protocol_type, request.protocols)) {
        refuse_join(reply, KafkaError::kInconsistentGroupProtocol, request.member_id);
        return forget_if_unused(group);
    }
    if (request.member_id.empty()) {
        return join_new(group, std::move(request), std::move(reply));
    }
    if (!request.instance_id && group.pending.erase(request.member_id) > 0) {
        return add_member(group, std::move(request), std::move(reply));
    }
    const KafkaError error = group.check_member(request.member_id, request.instance_id);
    if (error != KafkaError::kNone) {
        return refuse_join(reply, error, request.member_id);
    }
    Member& member = *group.find(request.member_id);
    join_again(group, member, std::move(request), std::move(reply));
}

bool CoordinatorImpl::has_room_for(const Group& group, const JoinRequest& request) const {
    std::size_t bytes = 0;
    for (const GroupProtocol& protocol : request.protocols) {
        bytes += protocol.name.size() + protocol.metadata.size();
    }
    // A static member that comes back without its id takes the place that it has.
    const std::string* holder =
        request.instance_id ? group.holder_of(*request.instance_id) : nullptr;
    const auto known = group.members().find(holder != nullptr ? *holder : request.member_id);
    const std::size_t replaced = known == group.members().end() ? 0 : known->second.size_bytes();
    if (group.size_bytes - replaced + bytes > options_.group_bytes_max ||
        members_bytes_ - replaced + bytes > options_.bytes_max) {
        return false;
    }
    const std::size_t size_max = options_.group_size_max;
    if (request.member_id.empty() && holder == nullptr && group.pending.size() >= size_max) {
        return false;
    }
    switch (group.state) {
        case GroupState::kEmpty:
        case GroupState::kDead:
            return true;
        case GroupState::kPreparingRebalance:
            // Whoever rejoins first stays: a group that is too large shrinks by its slowest.
            return (known != group.members().end() && known->second.joining) ||
                   group.joining_count() < size_max;
        case GroupState::kCompletingRebalance:
        case GroupState::kStable:
            return known != group.members().end() || group.members().size() < size_max;
    }
    return false;
}

void CoordinatorImpl::join_new(Group& group, JoinRequest request, Reply<JoinAnswer> reply) {
    if (request.instance_id && group.holder_of(*request.instance_id) != nullptr) {
        return replace_static_member(group, std::move(request), std::move(reply));
    }
    request.member_id = new_member_id(env_.random, request);
    if (request.must_know_its_id && !request.instance_id) {
        const MonotonicTime until = now() + request.session_timeout;
        group.pending[request.member_id] = until;
        arm(group, until);
        return refuse_join(reply, KafkaError::kMemberIdRequired, request.member_id);
    }
    add_member(group, std::move(request), std::move(reply));
}

void CoordinatorImpl::join_again(Group& group,
                                 Member& member,
                                 JoinRequest request,
                                 Reply<JoinAnswer> reply) {
    const bool is_unchanged = member.supports(request.protocols);
    switch (group.state) {
        case GroupState::kPreparingRebalance:
            return update_member(group, member, std::move(request), std::move(reply));
        case GroupState::kCompletingRebalance:
            if (is_unchanged) {
                touch(group, member);
                // The answer was lost, or comes from a client that asks twice: the same again.
                return post(reply, joined(group, member));
            }
            return update_member(group, member, std::move(request), std::move(reply));
        case GroupState::kStable:
            if (group.is_leader(member.id) || !is_unchanged) {
                // A leader rejoins when what it assigned no longer fits, e.g. topics grew.
                return update_member(group, member, std::move(request), std::move(reply));
            }
            touch(group, member);
            {
                JoinAnswer answer = joined(group, member);
                answer.members.clear();
                return post(reply, std::move(answer));
            }
        case GroupState::kEmpty:
        case GroupState::kDead:
            return refuse_join(reply, KafkaError::kUnknownMemberId, request.member_id);
    }
}

void CoordinatorImpl::add_member(Group& group, JoinRequest request, Reply<JoinAnswer> reply) {
    Member member{.id = std::move(request.member_id),
                  .instance_id = std::move(request.instance_id),
                  .client_id = std::move(request.client_id),
                  .client_host = std::move(request.client_host),
                  .session_timeout = request.session_timeout,
                  .rebalance_timeout = request.rebalance_timeout,
                  .protocols = std::move(request.protocols)};
    member.joining = std::move(reply);
    member.is_new = true;
    member.deadline = now() + options_.new_member_timeout;
    if (group.members().empty()) {
        group.protocol_type = request.protocol_type;
    }
    account(group, 0, member.size_bytes());
    const MonotonicTime deadline = member.deadline;
    const std::string id = group.add(std::move(member)).id;
    arm(group, deadline);
    group.has_new_member = true;
    prepare_rebalance(group, "member joined: " + id);
}

void CoordinatorImpl::update_member(Group& group,
                                    Member& member,
                                    JoinRequest request,
                                    Reply<JoinAnswer> reply) {
    const std::size_t before = member.size_bytes();
    member.protocols = std::move(request.protocols);
    member.session_timeout = request.session_timeout;
    member.rebalance_timeout = request.rebalance_timeout;
    member.client_id = std::move(request.client_id);
    member.client_host = std::move(request.client_host);
    account(group, before, member.size_bytes());
    if (member.joining) {
        // An earlier try of the same member, likely on a connection that is gone.
        refuse_join(member.joining, KafkaError::kRebalanceInProgress, member.id);
    }
    member.joining = std::move(reply);
    prepare_rebalance(group, "member joined again: " + member.id);
}

JoinAnswer CoordinatorImpl::joined(const Group& group, const Member& member) const {
    JoinAnswer answer{.generation = group.generation,
                      .protocol_type = group.protocol_type,
                      .protocol = group.protocol,
                      .leader = group.leader(),
                      .member_id = member.id};
    if (group.is_leader(member.id)) {
        for (const auto& [id, other] : group.members()) {
            answer.members.push_back({id, other.instance_id, other.metadata_for(group.protocol)});
        }
    }
    return answer;
}

void CoordinatorImpl::replace_static_member(Group& group,
                                            JoinRequest request,
                                            Reply<JoinAnswer> reply) {
    const std::string old_id = *group.holder_of(*request.instance_id);
    const std::string old_leader = group.leader();
    const std::string new_id = new_member_id(env_.random, request);
    Member& member = group.replace_static(old_id, new_id);
    if (member.joining) {
        refuse_join(member.joining, KafkaError::kFencedInstanceId, old_id);
    }
    if (member.syncing) {
        post(member.syncing, SyncAnswer{.error = KafkaError::kFencedInstanceId});
        member.syncing = nullptr;
    }
    const std::size_t before = member.size_bytes();
    member.protocols = std::move(request.protocols);
    member.session_timeout = request.session_timeout;
    member.rebalance_timeout = request.rebalance_timeout;
    member.client_id = std::move(request.client_id);
    member.client_host = std::move(request.client_host);
    member.joining = std::move(reply);
    account(group, before, member.size_bytes());
    touch(group, member);
    if (group.state != GroupState::kStable || group.select_protocol() != group.protocol) {
        // The leader may have been told the old id, or another protocol wins: everybody joins.
        return prepare_rebalance(group, "static member came back as " + new_id);
    }
    // It takes over the assignment of its former self and nobody else has to know.
    JoinAnswer answer = joined(group, member);
    if (request.can_skip_assignment) {
        answer.skips_assignment = group.is_leader(new_id);
    } else {
        answer.leader = old_leader;  // not itself: older clients would assign once more
        answer.members.clear();
    }
    append_group(group,
                 [this, id = group.id(), new_id, answer = std::move(answer)](const Stored& stored) {
                     on_static_member_stored(id, new_id, answer, stored);
                 });
}

void CoordinatorImpl::on_static_member_stored(const std::string& group_id,
                                              const std::string& member_id,
                                              JoinAnswer answer,
                                              const Stored& stored) {
    Group* group = find(group_id);
    Member* member = group == nullptr ? nullptr : group->find(member_id);
    if (member == nullptr || !member->joining || group->state != GroupState::kStable ||
        group->generation != answer.generation) {
        return;  // fenced, or part of a rebalance by now: that answers it
    }
    if (stored.ok()) {
        post(member->joining, std::move(answer));
    } else {
        refuse_join(member->joining, group_error(stored.error()), member_id);
    }
    member->joining = nullptr;
    touch(*group, *member);
}

void CoordinatorImpl::prepare_rebalance(Group& group, std::string_view why) {
    if (group.state == GroupState::kPreparingRebalance) {
        return complete_join_if_all_joined(group);
    }
    if (group.state == GroupState::kCompletingRebalance) {
        answer_syncs(group, KafkaError::kRebalanceInProgress);
    }
    group.unsynced.clear();
    const std::chrono::nanoseconds timeout = group.rebalance_timeout();
    group.is_first_rebalance =
        group.state == GroupState::kEmpty && options_.initial_rebalance_delay.count() > 0;
    if (group.is_first_rebalance) {
        const std::chrono::nanoseconds delay =
            std::min<std::chrono::nanoseconds>(options_.initial_rebalance_delay, timeout);
        group.join_deadline = now() + delay;
        group.join_time_left = timeout - delay;
        group.has_new_member = false;
    } else {
        group.join_deadline = now() + timeout;
    }
    group.state = GroupState::kPreparingRebalance;
    group.state_since_ms = env_.clock.wall_ms();
    if (env_.log.is_on(LogLevel::kInfo)) {
        env_.log.info("groups",
                      "group " + group.id() + " rebalances after generation " +
                          std::to_string(group.generation) + ": " + std::string(why));
    }
    arm(group, group.join_deadline);
    complete_join_if_all_joined(group);
}

void CoordinatorImpl::complete_join_if_all_joined(Group& group) {
    if (group.state == GroupState::kPreparingRebalance && !group.is_first_rebalance &&
        group.has_all_joined()) {
        complete_join(group);
    }
}

void CoordinatorImpl::complete_join(Group& group) {
    std::vector<std::string> late;
    for (const auto& [id, member] : group.members()) {
        if (!member.joining && !member.instance_id) {
            late.push_back(id);
        }
    }
    for (const std::string& id : late) {
        account(group, group.find(id)->size_bytes(), 0);
        group.remove(id);
    }
    group.is_first_rebalance = false;
    if (group.members().empty()) {
        return become_empty(group);
    }
    if (!group.elect_joined_leader()) {
        // Only static members that have not come back: their sessions decide.
        constexpr std::chrono::milliseconds kWaitMin{1'000};
        group.join_deadline = now() + std::max(group.rebalance_timeout(), kWaitMin);
        return arm(group, group.join_deadline);
    }
    group.generation += 1 + std::exchange(group.generation_gap, 0);
    group.protocol = group.select_protocol();
    group.state = GroupState::kCompletingRebalance;
    group.state_since_ms = env_.clock.wall_ms();
    group.is_storing = false;
    group.unsynced.clear();
    group.sync_deadline = now() + group.rebalance_timeout();
    arm(group, group.sync_deadline);
    for (auto& [id, member] : group.members()) {
        if (member.joining) {
            post(member.joining, joined(group, member));
            member.joining = nullptr;
            member.is_new = false;
            touch(group, member);
            group.unsynced.insert(id);
        }
        // Otherwise a static member that is away: its session still runs.
    }
}

void CoordinatorImpl::become_empty(Group& group) {
    group.generation += 1 + std::exchange(group.generation_gap, 0);
    group.protocol.clear();
    group.state = GroupState::kEmpty;
    group.state_since_ms = env_.clock.wall_ms();
    group.unsynced.clear();
    store_group(group);
}

}  // namespace millrace::broker
