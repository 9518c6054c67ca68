// CommittedState: offsets of groups and epochs of unit owners as last committed, in memory.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "core/base/result.h"
#include "core/broker/requests.h"

namespace millrace::broker {

/// Rebuilt from its topics when the broker opens; changed when units are published. Any thread may
/// call it.
class CommittedState {
  public:
    /// Fences: takes the unit in flight when its epoch is the owner's committed one + 1 and no
    /// other is in flight. kFenced.
    Status admit(const UnitEpoch& unit);
    /// The unit in flight of that owner was refused.
    void forget(const UnitEpoch& unit);
    /// The unit was published.
    void commit(const Unit& unit);

    void restore_epoch(const std::string& owner, std::uint64_t epoch);
    void restore_offset(const OffsetCommit& offset);
    void remove_topic(TopicId topic);

    [[nodiscard]] std::uint64_t epoch_of(const std::string& owner) const;
    [[nodiscard]] std::map<TopicPartition, OffsetCommit> offsets_of(const std::string& group) const;

  private:
    mutable std::mutex mutex_;
    std::map<std::string, std::uint64_t> epochs_;                            // guarded by mutex_
    std::set<std::string> in_flight_;                                        // guarded by mutex_
    std::map<std::string, std::map<TopicPartition, OffsetCommit>> offsets_;  // guarded by mutex_
};

}  // namespace millrace::broker
