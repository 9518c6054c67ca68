// The journal at work: groups are written by whoever holds the sequencer role, while the ones
// before are synced.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
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
///     idle --submit--> posted --worker--> running --nothing to do, or off to sync--> idle
///                            \--caller------^
///
/// Who begins a sync gives the role back before it runs, so that the next group can be written
/// meanwhile. What was written after a sync began is never answered for by it. When the sync ends,
/// the thread that did it takes the role again to publish; if another one has the role, that one
/// does it between two units.
///
/// A thread with a WorkLane writes and publishes what it submitted by itself, as these go to the
/// page cache; what waits for the disk it leaves to the executor.
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
    enum class Role : std::uint8_t { kIdle, kPosted, kRunning };
    enum class Next : std::uint8_t {
        kNothing,
        kPublish,
        kCheckpoint,
        kFlush,
        kSync,
        kWrite,
        kStamp
    };
    /// A group that is in the WAL file and not synced.
    struct Written {
        CommitGroup group;
        WalFrameHeader header;  // frame_bytes 0: a group without pieces has no frame
        File* wal_file = nullptr;
        std::vector<PartitionLog::SyncTask> references;
    };
    /// A sync that answers for the groups written before it began.
    struct Sync {
        std::vector<Written> groups;
        std::vector<PartitionLog::SyncTask> tasks;
        std::size_t begun = 0;  // guarded by mutex_
        std::size_t open = 0;   // guarded by mutex_; not finished yet
    };

    /// Units that go past the WAL into one segment, staged and not written.
    struct Bypassing {
        PartitionLog* log = nullptr;
        LogPosition before;  // where the partition ended
        StagedAppend place;  // of all
        std::size_t bytes = 0;
        std::vector<std::pair<PendingUnit, Offset>> units;  // with their base offsets
    };
    /// Bytes of a relaxed topic with an interval that no sync has covered.
    struct Unflushed {
        TopicPartition id;
        std::chrono::nanoseconds since{};  // monotonic time
        std::uint64_t bytes = 0;
        std::uint64_t records = 0;
    };

    // --- the role
    /// Waits for the role and takes it. False, without it, when the journal is dead.
    bool acquire(std::unique_lock<std::mutex>& lock);
    /// The same, and nothing is written that is not published. Not on the I/O executor.
    bool acquire_settled(std::unique_lock<std::mutex>& lock);
    void release(std::unique_lock<std::mutex>& lock);
    /// What the role is for now; with mutex_ held.
    [[nodiscard]] Next next() const;
    [[nodiscard]] bool may_write() const;
    void post_run();
    [[nodiscard]] Work posted_run();
    void on_posted();
    /// Has the executor give the answers that are due.
    void post_answers();
    void run();
    /// Runs tasks of the sync that nobody has begun. True when this thread finished the last one.
    bool help_syncing(std::unique_lock<std::mutex>& lock);
    /// The same for the flush of relaxed topics.
    bool help_flushing(std::unique_lock<std::mutex>& lock);
    bool run_tasks(std::optional<Sync>& sync, std::unique_lock<std::mutex>& lock);
    /// Gives the role back, syncs, and takes the role again. False when somebody else has it.
    bool sync_beside_writes();
    void on_sync_posted();

    // --- by the holder of the role
    /// Writes one group of what is queued.
    void write_group();
    bool reserve_wal_space();
    void collect(CommitGroup& group);
    /// True when the unit was taken or refused: it goes past the WAL. Taken ones that follow each
    /// other in a partition are written together, by write_bypassing().
    bool bypass(PendingUnit& pending);
    /// Writes, publishes and answers what bypass() took; when that fails, refuses it.
    Status write_bypassing();
    void answer_bypassed(PendingUnit pending, Offset base_offset);
    void count_bypassed(PartitionLog& log,
                        TopicPartition id,
                        std::uint64_t units,
                        std::uint64_t bytes,
                        std::uint64_t records);
    /// Begins a flush of what is due; the executor runs it beside everything else.
    void begin_flush();
    void end_flush();
    void on_flush_posted();
    void refuse(PendingUnit pending, Error refusal);
    void refuse_unstaged(PendingUnit pending, Error refusal);
    void refuse_queued(const Error& error);
    /// The group's batches and its frame. False when nothing is left of it.
    bool write_batches(Written& written, Buffer& frame);
    bool write_frame(Written& written, Buffer& frame);
    /// Everything that is written so far belongs to the sync that begins now.
    void begin_sync();
    void run_task(const PartitionLog::SyncTask& task);
    void sync_wal(File& file);
    /// Begins and runs a sync without giving the role back, and publishes.
    void sync_and_publish();
    /// Publishes and answers what the sync that is over covered; nothing when none is.
    void publish_synced();
    void publish(std::vector<Written>& groups);
    Status write_stamp();
    Status write_checkpoint(bool is_clean);
    /// Two checkpoints, after which only the current WAL file is needed.
    Status checkpoint_twice();
    void fatal(const Error& error);

    void arm_flush_timer(std::chrono::nanoseconds delay);
    void on_flush_timer();
    void arm_sync_timer(std::chrono::nanoseconds delay);
    void on_sync_timer();
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
    Role role_ = Role::kIdle;               // guarded by mutex_
    std::size_t waiting_ = 0;               // guarded by mutex_; callers that want the role
    std::deque<PendingUnit> queue_;         // guarded by mutex_
    std::size_t queued_bytes_ = 0;          // guarded by mutex_; with taken_
    std::size_t queued_that_can_wait_ = 0;  // guarded by mutex_; units, with taken_
    bool is_closed_ = false;                // guarded by mutex_
    bool is_abandoned_ = false;             // guarded by mutex_
    bool is_stamp_due_ = false;             // guarded by mutex_
    bool is_checkpoint_due_ = false;        // guarded by mutex_
    bool is_flush_due_ = false;             // guarded by mutex_
    TimerId flush_timer_ = TimerId::kNone;  // guarded by mutex_
    bool is_sync_due_ = false;              // guarded by mutex_
    std::optional<std::chrono::nanoseconds> first_unsynced_;  // guarded by mutex_; monotonic time
    TimerId sync_timer_ = TimerId::kNone;                     // guarded by mutex_
    std::chrono::nanoseconds last_commit_{0};                 // guarded by mutex_; monotonic time
    TimerId stamp_timer_ = TimerId::kNone;                    // guarded by mutex_
    TimerId checkpoint_timer_ = TimerId::kNone;               // guarded by mutex_
    std::map<TopicPartition, PartitionLog*> registered_;      // guarded by mutex_
    JournalStats stats_;                                      // guarded by mutex_
    std::atomic<bool> is_dead_ = false;  // a sync failed and the process was not stopped (tests)

    std::optional<Sync> sync_;  // begun; set and reset by the role, with mutex_ held
    std::atomic<bool> is_sync_over_ = false;
    std::optional<Sync> flush_;  // as sync_

    // Everything below belongs to the holder of the role; next() looks at it when nobody has it.
    WalFiles wal_;
    CheckpointStore checkpoints_;
    Checkpoint state_;                               // ends, next lsn and group as published
    Checkpoint newest_;                              // as written
    Checkpoint older_;                               // the one before
    std::uint64_t written_lsn_;                      // where the next frame goes
    std::uint64_t written_group_;                    // of the last frame
    std::uint64_t durable_lsn_;                      // everything below it is synced
    std::uint64_t stamped_lsn_;                      // a frame on disk says so up to here
    std::uint64_t checkpoint_at_;                    // lsn from which on the next checkpoint is due
    std::map<PartitionLog*, TopicPartition> dirty_;  // written since the last checkpoint
    std::deque<PendingUnit> taken_;                  // off the queue, not yet in a group
    std::set<PartitionLog*> changing_;               // between relaxed and strict
    std::map<PartitionLog*, Unflushed> unflushed_;
    std::uint64_t bypassed_bytes_ = 0;  // since the last checkpoint
    std::vector<Written> unsynced_;     // no sync has begun for them
    std::size_t unsynced_bytes_ = 0;
    std::vector<Work> answers_;        // due
    Bypassing bypassing_;              // empty between groups
    bool has_written_ = false;         // since the last sync ended
    bool must_wait_for_sync_ = false;  // there is no WAL space until it is over

    std::atomic<std::uint64_t> ends_version_{0};  // odd while ends are being published
    std::atomic<std::uint64_t> published_group_{0};
};

}  // namespace millrace::log
