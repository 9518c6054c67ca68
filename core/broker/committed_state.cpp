#include "core/broker/committed_state.h"

namespace millrace::broker {

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
        offsets_[offset.group][offset.source] = offset;
    }
}

void CommittedState::restore_epoch(const std::string& owner, std::uint64_t epoch) {
    const std::lock_guard lock(mutex_);
    epochs_[owner] = epoch;
}

void CommittedState::restore_offset(const OffsetCommit& offset) {
    const std::lock_guard lock(mutex_);
    offsets_[offset.group][offset.source] = offset;
}

void CommittedState::remove_topic(TopicId topic) {
    const std::lock_guard lock(mutex_);
    for (auto& [group, offsets] : offsets_) {
        std::erase_if(offsets, [topic](const auto& entry) { return entry.first.topic == topic; });
    }
}

std::uint64_t CommittedState::epoch_of(const std::string& owner) const {
    const std::lock_guard lock(mutex_);
    const auto found = epochs_.find(owner);
    return found == epochs_.end() ? 0 : found->second;
}

std::map<TopicPartition, OffsetCommit> CommittedState::offsets_of(const std::string& group) const {
    const std::lock_guard lock(mutex_);
    const auto found = offsets_.find(group);
    return found == offsets_.end() ? std::map<TopicPartition, OffsetCommit>{} : found->second;
}

}  // namespace millrace::broker
