// Compactor: keeps the compacted partitions of one data directory small, in the background.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/base/lifetime.h"
#include "core/base/result.h"
#include "core/log/compaction/compaction_pass.h"
#include "core/log/compaction/compaction_plan.h"
#include "core/log/compaction/compaction_state.h"
#include "core/log/journal.h"
#include "core/log/named_partition.h"
#include "core/log/partition_log.h"
#include "core/record/ids.h"

namespace millrace::log {

struct CompactorOptions {
    std::chrono::milliseconds interval{15'000};                // between looks when nothing is due
    std::uint64_t bytes_per_second = std::uint64_t{64} << 20;  // read and written; 0: no limit
    std::size_t map_bytes_max = std::size_t{128} << 20;        // of the keys of one pass
    std::size_t step_bytes = std::size_t{1} << 20;             // read at a time
    std::chrono::milliseconds retry_after{300'000};  // of a partition that could not be compacted
};

/// One pass at a time, of the partition that is dirtiest. Steps run on the Env's I/O executor, a
/// file is put in its place between two groups of the journal. start() and stop() once each; run()
/// any thread.
class Compactor {
  public:
    /// Borrows `env` and `journal`. `candidates` may be called on any thread.
    Compactor(Env& env,
              Journal& journal,
              std::string data_directory,
              CompactorOptions options,
              std::function<std::vector<NamedPartition>()> candidates);
    ~Compactor() { stop(); }
    Compactor(const Compactor&) = delete;
    Compactor& operator=(const Compactor&) = delete;

    void start();
    /// Waits for the step under way; leaves what is not done as it was. Not on the I/O executor.
    void stop();
    /// Does everything that is due now, on this thread and without a limit on its speed. The first
    /// error that a partition had, after the others were done.
    Result<CompactionStats> run();
    /// Since the start.
    [[nodiscard]] CompactionStats stats() const;

  private:
    struct Work {
        NamedPartition candidate;
        std::unique_ptr<CompactionPass> pass;
        std::uint64_t bytes_before = 0;
    };
    struct Known {
        CompactionState state;
        std::optional<std::chrono::nanoseconds> not_before;  // monotonic
        bool is_broken = false;                              // until the next start
    };

    void arm(std::chrono::nanoseconds delay);
    void on_timer();
    /// The pass that is due most; null when none is.
    Result<std::unique_ptr<Work>> choose();
    void load_states(const std::vector<NamedPartition>& candidates);
    [[nodiscard]] bool is_resting(const Known& known) const;
    /// False when the pass is over.
    Result<bool> advance(Work& work);
    Status swap(Work& work);
    Status finish(Work& work);
    void set_aside(const Work& work, const Error& error);
    [[nodiscard]] std::chrono::nanoseconds pause_for(std::uint64_t bytes) const;

    Env& env_;
    Journal& journal_;
    const std::string data_directory_;
    const CompactorOptions options_;
    const std::function<std::vector<NamedPartition>()> candidates_;

    std::mutex work_mutex_;                  // held for a step
    std::unique_ptr<Work> work_;             // guarded by work_mutex_
    std::map<TopicPartition, Known> known_;  // guarded by work_mutex_

    mutable std::mutex mutex_;
    CompactionStats stats_;           // guarded by mutex_
    TimerId timer_ = TimerId::kNone;  // guarded by mutex_
    bool is_stopped_ = false;         // guarded by mutex_
    Lifetime lifetime_;
};

}  // namespace millrace::log
