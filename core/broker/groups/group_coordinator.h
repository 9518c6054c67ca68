// GroupCoordinator: consumer groups with Kafka's classic protocol: who is in a group, who reads
// what, and how far each group has read.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/broker/groups/group_options.h"
#include "core/broker/groups/group_types.h"

namespace millrace::broker {

/// Offsets that a transaction has written while it is not ended: known to the transaction
/// coordinator.
class PendingOffsets {
  public:
    virtual ~PendingOffsets() = default;
    /// Any thread; must not call the group coordinator.
    [[nodiscard]] virtual bool is_pending(const std::string& group,
                                          TopicPartition partition) const = 0;
};

/// All groups of one broker. Any thread may call any method; none of them blocks on a disk. What
/// waits (for other members, for the log) answers through a Reply; after the broker is closed that
/// answer is COORDINATOR_NOT_AVAILABLE. Errors are those of the Kafka protocol, with the meaning
/// they have there.
///
/// A group is made by its first member or its first committed offset, and goes with its last
/// offset.
///
///              join                all joined, or time is up            leader's sync is durable
///     Empty ---------> Preparing ------------------------> Completing -------------------> Stable
///       ^              Rebalance <------------------------ Rebalance                         |
///       |                | ^ ^     a member joins or goes                                    |
///       +----------------+ | +---------------------------------------------------------------+
///        nobody joined     +-- a member joins, goes, or is late with its sync
class GroupCoordinator {
  public:
    virtual ~GroupCoordinator() = default;

    /// Answers when the rebalance that it starts, or takes part in, has its members.
    virtual void join(JoinRequest request, Reply<JoinAnswer> reply) = 0;
    /// Answers when the leader's assignments are durable.
    virtual void sync(SyncRequest request, Reply<SyncAnswer> reply) = 0;
    [[nodiscard]] virtual KafkaError heartbeat(const GroupMember& member) = 0;
    [[nodiscard]] virtual LeaveAnswer leave(const std::string& group,
                                            const std::vector<LeavingMember>& members) = 0;

    /// Answers one error per offset, in the order of the request, when those taken are durable.
    virtual void commit_offsets(CommitRequest request, Reply<std::vector<KafkaError>> reply) = 0;
    /// What the group committed for these partitions, in their order.
    [[nodiscard]] virtual std::vector<FetchedOffset> fetch_offsets(
        const std::string& group,
        const std::vector<TopicPartition>& partitions,
        OffsetStability stability) = 0;
    /// The same for all partitions that the group committed.
    [[nodiscard]] virtual std::map<TopicPartition, FetchedOffset> fetch_all_offsets(
        const std::string& group, OffsetStability stability) = 0;
    virtual void delete_offsets(std::string group,
                                std::vector<OffsetsToDelete> topics,
                                Reply<DeletedOffsets> reply) = 0;
    /// May this member commit offsets in a transaction? The offsets then come with the
    /// transaction's unit, as OffsetCommits that expire.
    [[nodiscard]] virtual KafkaError check_transactional_commit(
        const std::string& group,
        std::int32_t generation,
        const std::string& member_id,
        const std::optional<std::string>& instance_id) = 0;
    /// Whom to ask about transactions; null: there are none. It outlives the coordinator or is
    /// taken back by null.
    virtual void set_pending_offsets(const PendingOffsets* pending) = 0;

    [[nodiscard]] virtual GroupDescription describe(const std::string& group) = 0;
    /// Sorted by name.
    [[nodiscard]] virtual std::vector<GroupListing> list() = 0;
    /// Answers when the group and its offsets are gone for good. GROUP_ID_NOT_FOUND,
    /// NON_EMPTY_GROUP.
    virtual void delete_group(std::string group, Reply<KafkaError> reply) = 0;
};

}  // namespace millrace::broker
