// Group: the members of one consumer group, their votes and what they wait for. No I/O, no clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/broker/groups/group_types.h"

namespace millrace::broker {

using MonotonicTime = std::chrono::nanoseconds;  // as Clock::monotonic() gives it

struct Member {
    std::string id;
    std::optional<std::string> instance_id;
    std::string client_id;
    std::string client_host;
    std::chrono::milliseconds session_timeout{0};
    std::chrono::milliseconds rebalance_timeout{0};
    std::vector<GroupProtocol> protocols{};
    Buffer assignment{};
    Reply<JoinAnswer> joining{};  // set while it waits for the others to join
    Reply<SyncAnswer> syncing{};  // set while it waits for its assignment
    MonotonicTime deadline{0};    // it is gone when it is not heard of until then
    bool is_new = false;          // joined for the first time and that join is not answered yet

    /// Its deadline counts: a member that waits for us is not expected to send anything, unless it
    /// is new.
    [[nodiscard]] bool can_expire() const { return is_new || (!joining && !syncing); }
    [[nodiscard]] bool supports(const std::vector<GroupProtocol>& other) const;
    /// The subscription for a protocol; empty when it does not know it.
    [[nodiscard]] const Buffer& metadata_for(const std::string& protocol) const;
    /// Memory that its client chose the size of.
    [[nodiscard]] std::size_t size_bytes() const;
};

/// Data with rules. Used by the coordinator under its lock; decisions about time and answers are
/// the coordinator's.
class Group {
  public:
    explicit Group(std::string id) : id_(std::move(id)) {}

    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] const std::map<std::string, Member>& members() const { return members_; }
    [[nodiscard]] std::map<std::string, Member>& members() { return members_; }
    [[nodiscard]] Member* find(const std::string& member_id);
    /// The member id that holds an instance id now; null when nobody does.
    [[nodiscard]] const std::string* holder_of(const std::string& instance_id) const;
    [[nodiscard]] bool is_leader(const std::string& member_id) const {
        return leader_ == member_id && !member_id.empty();
    }
    [[nodiscard]] std::size_t joining_count() const;
    /// Nobody is missing: every member and everybody who was given an id waits in a join.
    [[nodiscard]] bool has_all_joined() const;
    /// UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID or none: is this (still) a member?
    [[nodiscard]] KafkaError check_member(const std::string& member_id,
                                          const std::optional<std::string>& instance_id) const;

    /// The first member becomes the leader.
    Member& add(Member member);
    void remove(const std::string& member_id);
    /// The holder of an instance id gets a new member id and keeps everything else.
    Member& replace_static(const std::string& old_id, const std::string& new_id);
    /// A leader that did not rejoin is followed by a member that did. False: nobody joined.
    bool elect_joined_leader();

    /// A member with these protocols fits in: same type, and one protocol that all share.
    [[nodiscard]] bool accepts(const std::string& type,
                               const std::vector<GroupProtocol>& protocols) const;
    /// Each member votes for its first protocol that all support; the most votes win, the leader's
    /// order decides a tie. Not for a group without members.
    [[nodiscard]] std::string select_protocol() const;
    /// Longest rebalance timeout of the members.
    [[nodiscard]] std::chrono::milliseconds rebalance_timeout() const;
    /// What members subscribed to, when this is a group of consumers; nullopt: cannot be told.
    [[nodiscard]] std::optional<std::set<std::string>> subscribed_topics() const;

    GroupState state = GroupState::kEmpty;
    std::int64_t state_since_ms = 0;  // wall time
    std::int32_t generation = 0;
    std::string protocol_type;
    std::string protocol;
    std::map<std::string, MonotonicTime> pending;  // ids given out, not joined yet; until when
    std::set<std::string> unsynced;                // members of this generation that did not sync
    MonotonicTime join_deadline{0};                // of the rebalance
    MonotonicTime sync_deadline{0};                // for those in `unsynced`
    bool is_first_rebalance = false;               // waits join_deadline out, with `join_time_left`
    bool has_new_member = false;                   // came during that wait
    std::chrono::nanoseconds join_time_left{0};
    bool is_storing = false;  // the assignments of this generation are on their way to the log
    std::int32_t generation_gap = 0;     // added to the next generation: see restore()
    std::size_t size_bytes = 0;          // of all members, as accounted
    std::optional<MonotonicTime> armed;  // when the coordinator looks at this group next

    [[nodiscard]] const std::string& leader() const { return leader_; }
    void set_leader(std::string member_id) { leader_ = std::move(member_id); }

  private:
    [[nodiscard]] bool is_supported_by_all(const std::string& protocol) const;

    std::string id_;
    std::map<std::string, Member> members_;
    std::map<std::string, std::string> static_members_;  // instance id -> member id
    std::string leader_;
};

}  // namespace millrace::broker
