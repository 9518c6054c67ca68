// The journal at work: one group in flight, each step by whoever holds the sequencer role.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/base/env.h"
#include "core/log/checkpoint.h"
#include "core/log/commit_group.h"
#include "core/log/journal.h"
#include "core/log/recovery.h"
#include "core/log/wal_files.h"

namespace millrace::log {

/// The sequencer role is held by one thread at a time: a worker of the I/O executor that commits
/// what is queued, or a caller of close(), checkpoint() and the like that does its work itself.
///
///     idle --submit--> posted --worker--> running --references--> syncing --last sync--> running
///       ^                 \--caller----------^                                              |
///       +-----------------------------------------------------------------------------------+
///
/// Nobody ever waits for work that only the executor could run: a posted run can be taken over,
/// and syncs that no worker has begun are done by the one who waits.
class Sequencer : public std::enable_shared_from_this<Sequencer> {
  public:
    Sequencer(Env& env,
              JournalOptions options,
              FrameLimits limits,
              WalFiles wal,
              CheckpointStore checkpoints,
              const Checkpoint& start);

    /// Two checkpoints and a fresh WAL. Before anything else.
    Status start();

    void add_partition(TopicPartition id, PartitionLog* log);
    void remove_partition(TopicPartition id);
    void submit(JournalUnit unit);
    std::uint64_t read_consistently(const std::function<void()>& read) const;
    Status between_groups(const std::function<Status(const ReplayFloor&)>& work);
    Status apply_retention();
    Status checkpoint();
    Status close();
    [[nodiscard]] JournalStats stats() const;
    /// Waits for the thread that holds the role, then answers what is queued with kCancelled.
    /// Writes nothing.
    void abandon();

  private:
    enum class Role : std::uint8_t { kIdle, kPosted, kRunning, kSyncing };
    struct InFlight {
        CommitGroup group;
        WalFrameHeader header;
        std::vector<PartitionLog*> syncs;  // null: the WAL
        std::size_t begun = 0;             // guarded by mutex_
        std::size_t open = 0;              // guarded by mutex_; not finished yet
    };

    // --- the role
    /// Waits for the role and takes it. False, without it, when the journal is dead.
    bool acquire(std::unique_lock<std::mutex>& lock);
    void release(std::unique_lock<std::mutex>& lock);
    void post_run();
    void on_posted();
    void run();
    /// Runs syncs of the group in flight that nobody has begun. True when this thread finished the
    /// last one and so holds the role.
    bool help_syncing(std::unique_lock<std::mutex>& lock);

    void on_sync_posted();

    // --- by the holder of the role
    enum class Syncs : std::uint8_t { kInline, kSpread };
    /// Commits one group of what is queued. False when the role went to whoever finishes the
    /// last sync.
    bool commit_next(Syncs syncs);
    bool reserve_wal_space();
    void collect(CommitGroup& group);
    void refuse_queued(const Error& error);
    bool log_and_sync(InFlight& flight, Syncs syncs);
    void sync_one(PartitionLog* log);
    void complete();
    Status write_stamp();
    Status write_checkpoint(bool is_clean);
    /// Two checkpoints, after which only the current WAL file is needed.
    Status checkpoint_twice();
    void fatal(const Error& error);

    void arm_stamp_timer(std::chrono::nanoseconds delay);
    void arm_checkpoint_timer();
    void on_stamp_timer();
    void on_checkpoint_timer();
    void answer(PendingUnit pending, Error error);

    Env env_;
    const JournalOptions options_;
    const FrameLimits limits_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Role role_ = Role::kIdle;                    // guarded by mutex_
    std::size_t waiting_ = 0;                    // guarded by mutex_; callers that want the role
    std::deque<PendingUnit> queue_;              // guarded by mutex_
    std::size_t queued_bytes_ = 0;               // guarded by mutex_
    bool is_closed_ = false;                     // guarded by mutex_
    bool is_abandoned_ = false;                  // guarded by mutex_
    bool is_stamp_due_ = false;                  // guarded by mutex_
    bool is_checkpoint_due_ = false;             // guarded by mutex_
    std::chrono::nanoseconds last_commit_{0};    // guarded by mutex_; monotonic time
    TimerId stamp_timer_ = TimerId::kNone;       // guarded by mutex_
    TimerId checkpoint_timer_ = TimerId::kNone;  // guarded by mutex_
    std::map<TopicPartition, PartitionLog*> registered_;  // guarded by mutex_
    JournalStats stats_;                                  // guarded by mutex_
    std::atomic<bool> is_dead_ = false;  // a sync failed and the process was not stopped (tests)

    // Everything below belongs to the holder of the role.
    WalFiles wal_;
    CheckpointStore checkpoints_;
    Checkpoint state_;                               // ends, next lsn and group as published
    Checkpoint newest_;                              // as written
    Checkpoint older_;                               // the one before
    std::uint64_t durable_lsn_;                      // everything below it is synced
    std::uint64_t stamped_lsn_;                      // a frame on disk says so up to here
    std::uint64_t checkpoint_at_;                    // lsn from which on the next checkpoint is due
    std::map<PartitionLog*, TopicPartition> dirty_;  // written since the last checkpoint
    std::optional<PendingUnit> carried_;  // admitted, but did not fit into the group before
    std::optional<InFlight> in_flight_;

    std::atomic<std::uint64_t> ends_version_{0};  // odd while ends are being published
    std::atomic<std::uint64_t> published_group_{0};
};

}  // namespace millrace::log
