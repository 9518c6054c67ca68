// What goes in and out of the group coordinator: plain data, no wire types.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/broker/requests.h"
#include "core/record/ids.h"
#include "core/record/kafka_error.h"

namespace millrace::broker {

/// Takes an answer. Called once, on the I/O executor, never from inside the call that it was given
/// to.
template <class Answer>
using Reply = std::function<void(Answer)>;

/// How a member of a group proves itself.
struct GroupMember {
    std::string group;
    std::int32_t generation = -1;  // -1 with an empty member id: a consumer without a group
    std::string member_id;
    std::optional<std::string> instance_id;  // static membership
};

/// One way of assigning partitions that a member supports, with its subscription in that way's
/// format.
struct GroupProtocol {
    std::string name;  // e.g. "range"
    Buffer metadata;
};

struct JoinRequest {
    std::string group;
    std::string member_id;  // empty: not a member yet
    std::optional<std::string> instance_id;
    std::string client_id;
    std::string client_host;  // "/127.0.0.1"
    std::chrono::milliseconds session_timeout{0};
    std::chrono::milliseconds rebalance_timeout{0};
    std::string protocol_type;             // "consumer"
    std::vector<GroupProtocol> protocols;  // the preferred one first
    /// JoinGroup 4 and later: a new member is told its id first (MEMBER_ID_REQUIRED) and joins with
    /// it.
    bool must_know_its_id = false;
    /// JoinGroup 9 and later: a leader can be told that there is nothing to assign.
    bool can_skip_assignment = false;
};

struct JoinedMember {
    std::string id;
    std::optional<std::string> instance_id;
    Buffer metadata;  // of the chosen protocol
};

struct JoinAnswer {
    KafkaError error = KafkaError::kNone;
    std::int32_t generation = -1;
    std::string protocol_type;  // empty when there is an error; so is the next
    std::string protocol;
    std::string leader;
    std::string member_id;
    bool skips_assignment = false;
    std::vector<JoinedMember> members;  // for the leader only
};

struct MemberAssignment {
    std::string member_id;
    Buffer assignment;
};

struct SyncRequest {
    GroupMember member;
    std::optional<std::string> protocol_type;     // checked when given (SyncGroup 5)
    std::optional<std::string> protocol;          // the same
    std::vector<MemberAssignment> assignments{};  // from the leader
};

struct SyncAnswer {
    KafkaError error = KafkaError::kNone;
    std::string protocol_type;
    std::string protocol;
    Buffer assignment;
};

/// One of those who leave; an empty member id with an instance id takes whoever holds that.
struct LeavingMember {
    std::string member_id;
    std::optional<std::string> instance_id;
};

struct LeaveAnswer {
    KafkaError error = KafkaError::kNone;
    std::vector<KafkaError> members;  // in the order of the request; empty when `error` is set
};

/// One partition of a commit; the topic is known to exist.
struct OffsetToCommit {
    TopicPartition source;
    Offset next;
    std::int32_t leader_epoch = -1;
    std::string metadata;
};

struct CommitRequest {
    GroupMember member;
    std::vector<OffsetToCommit> offsets;
};

struct FetchedOffset {
    KafkaError error = KafkaError::kNone;  // kUnstableOffsetCommit: ask again
    Offset next{-1};                       // -1: nothing committed; so are the others then
    std::int32_t leader_epoch = -1;
    std::string metadata;
    Timestamp committed_at{-1};
};

/// Waits for transactions that have written offsets but not ended.
enum class OffsetStability : std::uint8_t { kAny, kStableOnly };

struct OffsetsToDelete {
    std::string topic;
    TopicId id;
    std::vector<Partition> partitions;
};

struct DeletedOffsets {
    KafkaError error = KafkaError::kNone;
    std::vector<KafkaError> topics;  // in the order of the request; empty when `error` is set
};

enum class GroupState : std::uint8_t {
    kEmpty,                // no members; offsets may be there
    kPreparingRebalance,   // waits for members to join
    kCompletingRebalance,  // waits for the leader's assignments
    kStable,
    kDead,  // in descriptions only: there is no such group
};
/// "Empty", "PreparingRebalance", ... as clients know them. Static storage.
[[nodiscard]] std::string_view name_of(GroupState state);

struct DescribedMember {
    std::string id;
    std::optional<std::string> instance_id;
    std::string client_id;
    std::string client_host;
    Buffer metadata;  // empty unless the group is stable; so is the next
    Buffer assignment;
};

struct GroupDescription {
    GroupState state = GroupState::kDead;
    std::int32_t generation = -1;
    std::string protocol_type;
    std::string protocol;  // empty unless the group is stable
    std::vector<DescribedMember> members;
};

struct GroupListing {
    std::string group;
    std::string protocol_type;  // empty: offsets only; kOwnGroupType: of a query or connector
    GroupState state = GroupState::kEmpty;
};

/// Protocol type by which groups of Millrace's own queries and connectors are listed. Clients
/// cannot join, commit to or delete them.
constexpr std::string_view kOwnGroupType = "millrace";

}  // namespace millrace::broker
