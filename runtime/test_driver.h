// TestDriver: jobs without threads: a manual clock, files in memory, an order of steps drawn from a
// seed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/base/memory_files.h"
#include "runtime/job.h"

namespace millrace::runtime {

/// One thread does everything. The same seed and the same calls give the same run.
class TestDriver {
  public:
    /// seed   0: steps run first in, first out
    explicit TestDriver(std::uint64_t seed = 0);
    ~TestDriver();

    [[nodiscard]] Env& env() { return env_; }
    [[nodiscard]] ManualClock& clock() { return clock_; }
    [[nodiscard]] MemoryFileSystem& files() { return files_; }
    [[nodiscard]] ManualIoExecutor& io() { return io_; }
    [[nodiscard]] Executor& executor() { return executor_; }

    /// Services for a job of this driver; its processing errors go to errors().
    [[nodiscard]] JobServices services(LogClient& log);
    /// Makes and starts a job, which the driver owns.
    [[nodiscard]] Result<Job*> start(Graph graph, JobOptions options, LogClient& log);
    /// Ends it as a crash would and forgets it.
    void crash(Job* job);
    /// crash() for all of them. Call it before a log that they use goes.
    void crash_all() { jobs_.clear(); }

    /// One step of a strand or one piece of I/O work; false when nothing is ready.
    bool run_one();
    /// Until nothing is ready. Time stands still: no commit interval ends.
    void settle();
    /// Until nothing moves: everything is read, processed and committed.
    void run();
    /// Moves the clock and settles.
    void advance(std::chrono::milliseconds by);

    [[nodiscard]] const std::vector<ProcessingError>& errors() const { return errors_; }

  private:
    [[nodiscard]] std::uint64_t moves() const;

    ManualClock clock_;
    MemoryFileSystem files_;
    SeededRandom random_;
    SeededRandom choice_;
    ManualIoExecutor io_;
    Logger log_;
    Env env_;
    const bool is_random_;
    DeterministicExecutor executor_;
    std::vector<ProcessingError> errors_;
    std::vector<std::unique_ptr<Job>> jobs_;
};

}  // namespace millrace::runtime
