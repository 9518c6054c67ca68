// CoordinatorImpl: the parts of the group coordinator behind its interface. Sources:
// coordinator_join.cpp (joining, rebalances), coordinator_members.cpp (sync, heartbeat, leave,
// time), coordinator_offsets.cpp (commits, fetches, retention), coordinator_admin.cpp (describe,
// list, delete, restore).
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/env.h"
#include "core/base/lifetime.h"
#include "core/broker/committed_state.h"
#include "core/broker/groups/group.h"
#include "core/broker/groups/group_coordinator.h"

namespace millrace::broker {

/// Appends a unit with offsets and group records: the broker's append_atomic. Units become durable
/// and visible in the order of the calls.
using AppendUnit = std::function<void(Unit, Completion<CommitPosition>)>;

class CoordinatorImpl final : public GroupCoordinator {
  public:
    /// `committed` is what `append` changes; both outlive the coordinator.
    CoordinatorImpl(Env& env,
                    const GroupOptions& options,
                    AppendUnit append,
                    const CommittedState& committed);
    ~CoordinatorImpl() override { close(); }
    CoordinatorImpl(const CoordinatorImpl&) = delete;
    CoordinatorImpl& operator=(const CoordinatorImpl&) = delete;

    /// One group record as the log has it; the last one of a group counts, null removes it. Before
    /// start(). kCorruptBatch.
    Status restore(const std::string& group, const std::optional<ByteView>& value);
    /// From now on members have a session timeout to show up.
    void start();
    /// Answers all who wait with COORDINATOR_NOT_AVAILABLE. Not on the I/O executor.
    void close();

    void join(JoinRequest request, Reply<JoinAnswer> reply) override;
    void sync(SyncRequest request, Reply<SyncAnswer> reply) override;
    KafkaError heartbeat(const GroupMember& member) override;
    LeaveAnswer leave(const std::string& group, const std::vector<LeavingMember>& members) override;
    void commit_offsets(CommitRequest request, Reply<std::vector<KafkaError>> reply) override;
    std::vector<FetchedOffset> fetch_offsets(const std::string& group,
                                             const std::vector<TopicPartition>& partitions,
                                             OffsetStability stability) override;
    std::map<TopicPartition, FetchedOffset> fetch_all_offsets(const std::string& group,
                                                              OffsetStability stability) override;
    void delete_offsets(std::string group,
                        std::vector<OffsetsToDelete> topics,
                        Reply<DeletedOffsets> reply) override;
    KafkaError check_transactional_commit(const std::string& group,
                                          std::int32_t generation,
                                          const std::string& member_id,
                                          const std::optional<std::string>& instance_id) override;
    void set_pending_offsets(const PendingOffsets* pending) override { pending_offsets_ = pending; }
    GroupDescription describe(const std::string& group) override;
    std::vector<GroupListing> list() override;
    void delete_group(std::string group, Reply<KafkaError> reply) override;

  private:
    using Stored = Result<CommitPosition>;

    /// Posts the answer: replies never run inside a call.
    template <class Answer>
    void post(const Reply<Answer>& reply, Answer answer) {
        env_.io.post([reply, answer = std::move(answer)]() mutable { reply(std::move(answer)); });
    }

    // --- joining; all with mutex_ held from here on unless said otherwise
    KafkaError check_join(const JoinRequest& request) const;
    void join_group(Group& group, JoinRequest request, Reply<JoinAnswer> reply);
    void join_new(Group& group, JoinRequest request, Reply<JoinAnswer> reply);
    void join_again(Group& group, Member& member, JoinRequest request, Reply<JoinAnswer> reply);
    void add_member(Group& group, JoinRequest request, Reply<JoinAnswer> reply);
    void update_member(Group& group, Member& member, JoinRequest request, Reply<JoinAnswer> reply);
    void replace_static_member(Group& group, JoinRequest request, Reply<JoinAnswer> reply);
    void on_static_member_stored(const std::string& group_id,
                                 const std::string& member_id,
                                 JoinAnswer answer,
                                 const Stored& stored);
    [[nodiscard]] bool has_room_for(const Group& group, const JoinRequest& request) const;
    [[nodiscard]] JoinAnswer joined(const Group& group, const Member& member) const;
    void refuse_join(const Reply<JoinAnswer>& reply, KafkaError error, std::string member_id);
    void prepare_rebalance(Group& group, std::string_view why);
    void complete_join_if_all_joined(Group& group);
    void complete_join(Group& group);
    void become_empty(Group& group);

    // --- syncing and membership
    void store_assignments(Group& group, std::vector<MemberAssignment> assignments);
    void on_assignments_stored(const std::string& group_id,
                               std::int32_t generation,
                               const Stored& stored);
    void answer_syncs(Group& group, KafkaError error);
    void remove_member(Group& group, const std::string& member_id, std::string_view why);
    KafkaError leave_one(Group& group, const LeavingMember& leaving);
    void touch(Group& group, Member& member);

    // --- time
    [[nodiscard]] MonotonicTime now() const { return env_.clock.monotonic(); }
    void arm(Group& group, MonotonicTime at);
    void arm_timer();
    void on_timer(MonotonicTime due);
    void on_due(Group& group);
    void arm_next(Group& group);

    // --- the groups
    [[nodiscard]] Group* find(const std::string& group);
    Group* find_or_make(const std::string& group);
    void forget(const std::string& group);
    void forget_if_unused(const Group& group);
    [[nodiscard]] bool is_own(const std::string& group) const;
    void account(Group& group, std::size_t before, std::size_t after);
    void store_group(const Group& group);

    // --- the log
    /// Appends the group's record. `stored` runs with mutex_ held, unless the coordinator is gone.
    void append_group(const Group& group, std::function<void(const Stored&)> stored);
    /// Appends. First `stored` runs as above, then `answer`, without the lock and in any case.
    void append(Unit unit,
                std::function<void(const Stored&)> stored,
                std::function<void(const Stored&)> answer);

    // --- offsets
    KafkaError check_commit(const GroupMember& member);
    void append_offsets(const std::string& group,
                        std::vector<OffsetCommit> offsets,
                        std::function<void(KafkaError)> done);
    [[nodiscard]] FetchedOffset fetched(const std::string& group,
                                        const OffsetCommit* offset,
                                        TopicPartition partition,
                                        OffsetStability stability) const;
    [[nodiscard]] std::vector<OffsetCommit> removals_of(const std::string& group) const;
    void schedule_expiry();
    void expire_offsets();
    void expire_offsets_of(const std::string& group, std::int64_t before_ms);
    [[nodiscard]] std::int64_t expiry_now_ms() const;

    Env& env_;
    const GroupOptions options_;
    const AppendUnit append_;
    const CommittedState& committed_;
    std::atomic<const PendingOffsets*> pending_offsets_{nullptr};
    const std::int64_t opened_wall_ms_;
    const MonotonicTime opened_at_;

    mutable std::mutex mutex_;
    std::map<std::string, Group> groups_;                  // guarded by mutex_
    std::set<std::pair<MonotonicTime, std::string>> due_;  // guarded by mutex_
    std::map<std::string, std::multiset<TopicPartition>>
        committing_;                          // guarded by mutex_; on their way to the log
    std::size_t members_bytes_ = 0;           // guarded by mutex_
    TimerId timer_ = TimerId::kNone;          // guarded by mutex_
    std::optional<MonotonicTime> timer_due_;  // guarded by mutex_
    TimerId expiry_timer_ = TimerId::kNone;   // guarded by mutex_
    bool is_closed_ = false;                  // guarded by mutex_
    Lifetime lifetime_;
};

/// What a client is told when the log refused a unit of its group.
[[nodiscard]] KafkaError group_error(const Error& error);

}  // namespace millrace::broker
