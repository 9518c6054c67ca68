// CommittedState: offsets of groups and epochs of unit owners as last committed, in memory.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/broker/requests.h"

namespace millrace::broker {

/// A group that has committed offsets.
struct CommittedGroup {
    std::string id;
    bool is_own = false;  // of a query or connector: offsets that do not expire
};

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
    /// Takes removed ones, too.
    void restore_offset(const OffsetCommit& offset);
    void remove_topic(TopicId topic);

    [[nodiscard]] std::uint64_t epoch_of(const std::string& owner) const;
    [[nodiscard]] std::map<TopicPartition, OffsetCommit> offsets_of(const std::string& group) const;
    [[nodiscard]] std::optional<OffsetCommit> find(const std::string& group,
                                                   TopicPartition partition) const;
    /// Sorted by name.
    [[nodiscard]] std::vector<CommittedGroup> groups() const;
    [[nodiscard]] bool has_group(const std::string& group) const;
    [[nodiscard]] bool is_own(const std::string& group) const;
    [[nodiscard]] std::size_t group_count() const;
    /// About as much memory as all offsets take.
    [[nodiscard]] std::size_t size_bytes() const;

  private:
    struct GroupOffsets {
        std::map<TopicPartition, OffsetCommit> offsets;
        std::size_t kept = 0;  // how many of them do not expire
    };
    void put(const OffsetCommit& offset);
    void erase(GroupOffsets& group, TopicPartition partition);

    mutable std::mutex mutex_;
    std::map<std::string, std::uint64_t> epochs_;  // guarded by mutex_
    std::set<std::string> in_flight_;              // guarded by mutex_
    std::map<std::string, GroupOffsets> groups_;   // guarded by mutex_; none without offsets
    std::size_t size_bytes_ = 0;                   // guarded by mutex_
};

}  // namespace millrace::broker
