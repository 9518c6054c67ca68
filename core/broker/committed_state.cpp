#include "core/broker/committed_state.h"

namespace millrace::broker {

namespace {

std::size_t size_of(const OffsetCommit& offset) {
    constexpr std::size_t kNodeBytes = 96;  // of the maps around it
    return sizeof(OffsetCommit) + kNodeBytes + offset.group.size() + offset.metadata.size();
}

}  // namespace

Status CommittedState::admit(const UnitEpoch& unit) {
    const std::lock_guard lock(mutex_);
    const auto found = epochs_.find(unit.owner);
    const std::uint64_t committed = found == epochs_.end() ? 0 : found->second;
    if (unit.epoch != committed + 1) {
        return Error{ErrorCode::kFenced,
                     unit.owner + " committed epoch " + std::to_string(committed) +
                         " already; another instance writes under this name, or this is a retry: " +
                         std::to_string(unit.epoch)};
    }
    if (!in_flight_.insert(unit.owner).second) {
        return Error{ErrorCode::kFenced,
                     unit.owner + " has a unit in flight with the same epoch: " +
                         std::to_string(unit.epoch)};
    }
    return Ok{};
}

void CommittedState::forget(const UnitEpoch& unit) {
    const std::lock_guard lock(mutex_);
    in_flight_.erase(unit.owner);
}

void CommittedState::commit(const Unit& unit) {
    const std::lock_guard lock(mutex_);
    if (unit.epoch) {
        epochs_[unit.epoch->owner] = unit.epoch->epoch;
        in_flight_.erase(unit.epoch->owner);
    }
    for (const OffsetCommit& offset : unit.offsets) {
        put(offset);
    }
}

void CommittedState::put(const OffsetCommit& offset) {
    GroupOffsets& group = groups_[offset.group];
    erase(group, offset.source);
    if (!offset.is_removed) {
        size_bytes_ += size_of(offset);
        group.kept += offset.does_expire ? 0U : 1U;
        group.offsets.emplace(offset.source, offset);
    }
    if (group.offsets.empty()) {
        groups_.erase(offset.group);
    }
}

void CommittedState::erase(GroupOffsets& group, TopicPartition partition) {
    const auto found = group.offsets.find(partition);
    if (found == group.offsets.end()) {
        return;
    }
    size_bytes_ -= size_of(found->second);
    group.kept -= found->second.does_expire ? 0U : 1U;
    group.offsets.erase(found);
}

void CommittedState::restore_epoch(const std::string& owner, std::uint64_t epoch) {
    const std::lock_guard lock(mutex_);
    epochs_[owner] = epoch;
}

void CommittedState::restore_offset(const OffsetCommit& offset) {
    const std::lock_guard lock(mutex_);
    put(offset);
}

void CommittedState::remove_topic(TopicId topic) {
    const std::lock_guard lock(mutex_);
    for (auto group = groups_.begin(); group != groups_.end();) {
        auto& offsets = group->second.offsets;
        for (auto at = offsets.lower_bound({topic, Partition{0}});
             at != offsets.end() && at->first.topic == topic;) {
            const TopicPartition partition = (at++)->first;
            erase(group->second, partition);
        }
        group = offsets.empty() ? groups_.erase(group) : std::next(group);
    }
}

std::uint64_t CommittedState::epoch_of(const std::string& owner) const {
    const std::lock_guard lock(mutex_);
    const auto found = epochs_.find(owner);
    return found == epochs_.end() ? 0 : found->second;
}

std::map<TopicPartition, OffsetCommit> CommittedState::offsets_of(const std::string& group) const {
    const std::lock_guard lock(mutex_);
    const auto found = groups_.find(group);
    return found == groups_.end() ? std::map<TopicPartition, OffsetCommit>{}
                                  : found->second.offsets;
}

std::optional<OffsetCommit> CommittedState::find(const std::string& group,
                                                 TopicPartition partition) const {
    const std::lock_guard lock(mutex_);
    const auto found = groups_.find(group);
    if (found == groups_.end()) {
        return std::nullopt;
    }
    const auto offset = found->second.offsets.find(partition);
    return offset == found->second.offsets.end() ? std::nullopt : std::optional(offset->second);
}

std::vector<CommittedGroup> CommittedState::groups() const {
    const std::lock_guard lock(mutex_);
    std::vector<CommittedGroup> groups;
    groups.reserve(groups_.size());
    for (const auto& [id, group] : groups_) {
        groups.push_back({id, group.kept > 0});
    }
    return groups;
}

bool CommittedState::has_group(const std::string& group) const {
    const std::lock_guard lock(mutex_);
    return groups_.contains(group);
}

bool CommittedState::is_own(const std::string& group) const {
    const std::lock_guard lock(mutex_);
    const auto found = groups_.find(group);
    return found != groups_.end() && found->second.kept > 0;
}

std::size_t CommittedState::group_count() const {
    const std::lock_guard lock(mutex_);
    return groups_.size();
}

std::size_t CommittedState::size_bytes() const {
    const std::lock_guard lock(mutex_);
    return size_bytes_;
}

}  // namespace millrace::broker
