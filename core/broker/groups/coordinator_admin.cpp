// The groups of a coordinator as a whole: opening, closing, descriptions, deletion.
#include "core/broker/groups/coordinator_impl.h"
#include "core/broker/groups/group_records.h"

namespace millrace::broker {

namespace {

/// Generations that a restart leaves out: those that were begun but not kept must not come again
/// with other members.
constexpr std::int32_t kGenerationsLeftOut = 10;

}  // namespace

CoordinatorImpl::CoordinatorImpl(Env& env,
                                 const GroupOptions& options,
                                 AppendUnit append,
                                 const CommittedState& committed)
    : env_(env),
      options_(options),
      append_(std::move(append)),
      committed_(committed),
      opened_wall_ms_(env.clock.wall_ms()),
      opened_at_(env.clock.monotonic()) {}

Status CoordinatorImpl::restore(const std::string& id, const std::optional<ByteView>& value) {
    const std::lock_guard lock(mutex_);
    if (find(id) != nullptr) {
        forget(id);
    }
    if (!value) {
        return Ok{};
    }
    Group group(id);
    MILLRACE_TRY_STATUS(decode_group_value(*value, group));
    group.generation_gap = kGenerationsLeftOut;
    Group& kept = groups_.emplace(id, std::move(group)).first->second;
    for (const auto& [member_id, member] : kept.members()) {
        account(kept, 0, member.size_bytes());
    }
    return Ok{};
}

void CoordinatorImpl::start() {
    const std::lock_guard lock(mutex_);
    for (auto& [id, group] : groups_) {
        for (auto& [member_id, member] : group.members()) {
            touch(group, member);
        }
    }
    schedule_expiry();
}

void CoordinatorImpl::close() {
    {
        const std::lock_guard lock(mutex_);
        if (is_closed_) {
            return;
        }
        is_closed_ = true;
        env_.io.cancel(timer_);
        env_.io.cancel(expiry_timer_);
        for (auto& [id, group] : groups_) {
            for (auto& [member_id, member] : group.members()) {
                if (member.joining) {
                    refuse_join(member.joining, KafkaError::kCoordinatorNotAvailable, member_id);
                    member.joining = nullptr;
                }
                if (member.syncing) {
                    post(member.syncing, SyncAnswer{.error = KafkaError::kCoordinatorNotAvailable});
                    member.syncing = nullptr;
                }
            }
        }
    }
    lifetime_.end();
}

// --- the map of groups
// ----------------------------------------------------------------------------

Group* CoordinatorImpl::find(const std::string& id) {
    const auto found = groups_.find(id);
    return found == groups_.end() ? nullptr : &found->second;
}

Group* CoordinatorImpl::find_or_make(const std::string& id) {
    if (Group* group = find(id)) {
        return group;
    }
    if (groups_.size() >= options_.groups_max) {
        env_.log.warn("groups", "there are too many groups for another one: " + id);
        return nullptr;
    }
    Group& group = groups_.emplace(id, Group(id)).first->second;
    group.state_since_ms = env_.clock.wall_ms();
    return &group;
}

void CoordinatorImpl::forget(const std::string& id) {
    const auto found = groups_.find(id);
    CHECK(found != groups_.end());
    members_bytes_ -= found->second.size_bytes;
    if (found->second.armed) {
        due_.erase({*found->second.armed, id});
    }
    groups_.erase(found);
}

void CoordinatorImpl::forget_if_unused(const Group& group) {
    if (group.generation == 0 && group.members().empty() && group.pending.empty()) {
        forget(std::string(group.id()));  // never had a member: nothing of it is kept
    }
}

bool CoordinatorImpl::is_own(const std::string& group) const {
    return committed_.is_own(group);
}

void CoordinatorImpl::account(Group& group, std::size_t before, std::size_t after) {
    group.size_bytes += after - before;
    members_bytes_ += after - before;
}

void CoordinatorImpl::store_group(const Group& group) {
    append_group(group, [this, id = group.id()](const Stored& stored) {
        if (!stored.ok()) {
            env_.log.warn("groups",
                          "state of group " + id +
                              " could not be kept, it is found out again after a restart: " +
                              stored.error().message);
        }
    });
}

// --- the log
// --------------------------------------------------------------------------------------

void CoordinatorImpl::append_group(const Group& group, std::function<void(const Stored&)> stored) {
    Unit unit;
    unit.groups.push_back({group.id(), encode_group_value(group)});
    append(std::move(unit), std::move(stored), [](const Stored&) {});
}

void CoordinatorImpl::append(Unit unit,
                             std::function<void(const Stored&)> stored,
                             std::function<void(const Stored&)> answer) {
    append_(
        std::move(unit),
        [this, stored = std::move(stored), answer = std::move(answer), handle = lifetime_.handle()](
            const Stored& result) {
            handle.run([&] {
                const std::lock_guard lock(mutex_);
                stored(result);
            });
            answer(result);
        });
}

// --- descriptions and deletion
// --------------------------------------------------------------------

GroupDescription CoordinatorImpl::describe(const std::string& id) {
    const std::lock_guard lock(mutex_);
    const Group* group = find(id);
    if (group == nullptr) {
        GroupDescription description;
        if (committed_.has_group(id)) {
            description.state = GroupState::kEmpty;
            description.protocol_type = is_own(id) ? kOwnGroupType : "";
        }
        return description;
    }
    const bool is_stable = group->state == GroupState::kStable;
    GroupDescription description{.state = group->state,
                                 .generation = group->generation,
                                 .protocol_type = group->protocol_type,
                                 .protocol = is_stable ? group->protocol : ""};
    for (const auto& [member_id, member] : group->members()) {
        DescribedMember described{.id = member_id,
                                  .instance_id = member.instance_id,
                                  .client_id = member.client_id,
                                  .client_host = member.client_host};
        if (is_stable) {
            described.metadata = member.metadata_for(group->protocol);
            described.assignment = member.assignment;
        }
        description.members.push_back(std::move(described));
    }
    return description;
}

std::vector<GroupListing> CoordinatorImpl::list() {
    std::map<std::string, GroupListing> listings;
    for (const CommittedGroup& group : committed_.groups()) {
        listings[group.id] = {.group = group.id,
                              .protocol_type = group.is_own ? std::string(kOwnGroupType) : "",
                              .state = GroupState::kEmpty};
    }
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, group] : groups_) {
            if (group.generation > 0 || !group.members().empty()) {
                listings[id] = {id, group.protocol_type, group.state};
            }
        }
    }
    std::vector<GroupListing> answer;
    for (auto& [id, listing] : listings) {
        answer.push_back(std::move(listing));
    }
    return answer;
}

void CoordinatorImpl::delete_group(std::string id, Reply<KafkaError> reply) {
    const std::lock_guard lock(mutex_);
    const auto refuse = [&](KafkaError error) { post(reply, error); };
    if (is_closed_) {
        return refuse(KafkaError::kCoordinatorNotAvailable);
    }
    if (id.empty()) {
        return refuse(KafkaError::kInvalidGroupId);
    }
    const Group* group = find(id);
    if (group == nullptr && !committed_.has_group(id)) {
        return refuse(KafkaError::kGroupIdNotFound);
    }
    if (is_own(id)) {
        return refuse(KafkaError::kGroupAuthorizationFailed);
    }
    if (group != nullptr && group->state != GroupState::kEmpty) {
        return refuse(KafkaError::kNonEmptyGroup);
    }
    Unit unit;
    unit.offsets = removals_of(id);
    // A join from now on makes a new group, whose records come after these.
    std::shared_ptr<Group> kept;
    if (group != nullptr) {
        unit.groups.push_back({id, std::nullopt});
        kept = std::make_shared<Group>(*group);
        kept->pending.clear();
        kept->armed.reset();
        forget(id);
    }
    append(
        std::move(unit),
        [this, id, kept](const Stored& stored) {
            if (!stored.ok() && kept && find(id) == nullptr) {
                groups_.emplace(id, std::move(*kept));
            }
        },
        [reply = std::move(reply)](const Stored& stored) {
            reply(stored.ok() ? KafkaError::kNone : group_error(stored.error()));
        });
}

}  // namespace millrace::broker
