// Scrubber: reads every closed segment again and again, slowly, to find rot before a reader does.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/env.h"
#include "core/base/lifetime.h"
#include "core/base/result.h"
#include "core/log/journal.h"
#include "core/log/named_partition.h"
#include "core/log/segment.h"
#include "core/log/segment_check.h"

namespace millrace::log {

struct ScrubOptions {
    std::chrono::milliseconds period{std::int64_t{7} * 86'400'000};  // from one pass to the next
    std::uint64_t bytes_per_second = std::uint64_t{16} << 20;        // 0: no limit
    std::uint64_t step_bytes = std::uint64_t{1} << 20;               // read at a time
};

struct ScrubStats {
    std::uint64_t passes = 0;  // finished
    std::uint64_t segments = 0;
    std::uint64_t bytes = 0;
    std::uint64_t damaged_ranges = 0;  // each place counts once
};

/// Rot that was found, as it was reported.
struct ScrubFinding {
    TopicPartition id;
    std::string path;
    DamagedRange range;
};

/// Reads past the system's cache, as far as the system lets us. Says each damaged place once, to
/// the log; readers of it get kCorruptBatch as ever, and all else is served. start() and stop()
/// once each; run() any thread.
class Scrubber {
  public:
    /// Borrows `env` and `journal`. `partitions` may be called on any thread.
    Scrubber(Env& env,
             Journal& journal,
             ScrubOptions options,
             std::function<std::vector<NamedPartition>()> partitions);
    ~Scrubber() { stop(); }
    Scrubber(const Scrubber&) = delete;
    Scrubber& operator=(const Scrubber&) = delete;

    /// The first pass begins at once.
    void start();
    /// Waits for the step under way. Not on the I/O executor.
    void stop();
    /// One whole pass on this thread, without a limit on its speed, or the rest of the one under
    /// way. What was found since the start.
    Result<std::vector<ScrubFinding>> run();
    [[nodiscard]] ScrubStats stats() const;

  private:
    struct Target {
        TopicPartition id;
        std::string name;
        std::shared_ptr<PartitionLog> log;
        std::shared_ptr<Segment> segment;
    };

    void arm(std::chrono::nanoseconds delay);
    void on_timer();
    Status begin_pass();
    /// False when the pass is over.
    Result<bool> advance();
    Status begin_segment();
    void report(const Target& target);

    Env& env_;
    Journal& journal_;
    const ScrubOptions options_;
    const std::function<std::vector<NamedPartition>()> partitions_;

    std::mutex work_mutex_;                   // held for a step
    std::vector<Target> targets_;             // guarded by work_mutex_; the last one is next
    std::shared_ptr<File> file_;              // guarded by work_mutex_
    std::unique_ptr<SegmentCheck> check_;     // guarded by work_mutex_
    bool is_passing_ = false;                 // guarded by work_mutex_
    std::chrono::nanoseconds pass_began_{0};  // guarded by work_mutex_; monotonic
    std::set<std::pair<std::string, std::uint64_t>> said_;  // guarded by work_mutex_
    std::vector<ScrubFinding> findings_;                    // guarded by work_mutex_

    mutable std::mutex mutex_;
    ScrubStats stats_;                // guarded by mutex_
    TimerId timer_ = TimerId::kNone;  // guarded by mutex_
    bool is_stopped_ = false;         // guarded by mutex_
    Lifetime lifetime_;
};

}  // namespace millrace::log
