// CommitCoordinator: one epoch after the other: barrier through the tasks, one atomic unit,
// progress published.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/client/log_client.h"
#include "runtime/component.h"
#include "runtime/operator.h"
#include "runtime/topic_sink.h"

namespace millrace::runtime {

/// A cut through the one order of rows: those with a seq below `seq` belong to `epoch`.
struct Barrier {
    Epoch epoch;
    std::uint64_t seq = 0;
    /// End of input: rows that operators emit in on_time(kEndOfInput) get this seq (= seq - 1).
    bool is_end_of_input = false;
    Timestamp end_time;  // the largest timestamp read; with is_end_of_input
};

/// What one task adds to an epoch.
struct TaskStaging {
    std::vector<StagedOutput> outputs;
    Buffer changelog;  // encoded batches for the task's changelog partition
    TopicPartition changelog_to;
};

/// What the interleaver adds: how far the sources were read.
struct SourceStaging {
    std::vector<OffsetCommit> offsets;
    bool has_moved = false;  // else the offsets are those of the last commit
};

/// Moves idle -> collecting -> appending -> idle. At most one epoch is being committed; the next
/// one is being processed meanwhile.
class CommitCoordinator {
  public:
    /// interleaver   injects barriers when wants_barrier(); woken when that or is_idle() changed
    CommitCoordinator(Component& component, std::size_t tasks, Strand& interleaver);

    /// After `epoch` was committed in an earlier run (0: none).
    void start(std::uint64_t epoch);
    /// A commit is wanted. Any thread inside the gate.
    void request();
    [[nodiscard]] bool wants_barrier() const;
    [[nodiscard]] bool is_idle() const;
    /// The interleaver: nothing happened since the last barrier.
    void drop_request();
    /// The interleaver: from here on every task brings its staging for the epoch that this returns.
    /// `done` runs on the I/O executor when it is committed, with false when it was given up
    /// because of give_up_when_full(): then no other epoch may follow.
    [[nodiscard]] Epoch begin(SourceStaging sources, std::function<void(bool)> done);
    /// Tasks, each once per epoch. The last one makes the unit and appends it.
    void deliver(TaskStaging staging);
    /// From now on a full disk does not make it try again: the job is stopping. Any thread inside
    /// the gate.
    void give_up_when_full();

  private:
    enum class State : std::uint8_t { kIdle, kCollecting, kAppending };

    void append();
    void on_appended(Result<CommitPosition> result);
    void finish(bool is_committed);

    Component& component_;
    const std::size_t tasks_;
    Strand& interleaver_;

    mutable std::mutex mutex_;
    State state_ = State::kIdle;            // guarded by mutex_
    bool is_wanted_ = false;                // guarded by mutex_
    bool gives_up_when_full_ = false;       // guarded by mutex_
    std::uint64_t epoch_ = 0;               // guarded by mutex_; last begun
    std::uint64_t log_epoch_ = 0;           // guarded by mutex_; last in the log
    SourceStaging sources_;                 // written by begin(), then read while appending
    std::vector<TaskStaging> staged_;       // guarded by mutex_ while collecting
    std::function<void(bool)> done_;        // as sources_
    std::chrono::milliseconds backoff_{0};  // guarded by mutex_
    TimerId retry_ = TimerId::kNone;        // guarded by mutex_
};

}  // namespace millrace::runtime
