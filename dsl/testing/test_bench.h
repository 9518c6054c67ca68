// TestBench: what an engine under test runs on: a clock that stands, files in memory, work that is
// done when the caller says so.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "core/base/env.h"
#include "core/base/memory_files.h"
#include "core/base/random.h"
#include "runtime/job.h"

namespace millrace::dsl::testing {

/// Rung when there is something to do; the thread that drives a bench waits for it. Any thread.
class WorkBell {
  public:
    void ring();
    /// Until it was rung since the last wait, or for so long.
    void wait(std::chrono::milliseconds longest);

  private:
    std::mutex mutex_;
    std::condition_variable rung_;
    bool is_rung_ = false;  // guarded by mutex_
};

/// Runs work inside post() while it is immediate, so that waiting calls of the posting thread
/// return; else hands it to `later` and rings.
class SwitchedIo final : public IoExecutor {
  public:
    SwitchedIo(IoExecutor& later, WorkBell& bell) : later_(later), bell_(bell) {}
    void post(Work work) override;
    TimerId post_after(std::chrono::nanoseconds delay, Work work) override;
    bool cancel(TimerId timer) override;
    void set_immediate(bool is_immediate) { is_immediate_ = is_immediate; }

  private:
    IoExecutor& later_;
    WorkBell& bell_;
    bool is_immediate_ = false;
};

/// One thread, one order; rings for every step that is handed to it.
class SteppedExecutor final : public runtime::Executor {
  public:
    explicit SteppedExecutor(WorkBell& bell) : bell_(bell) {}
    void enqueue(std::function<void()> step) override;
    bool run_one() { return steps_.run_one(); }

  private:
    WorkBell& bell_;
    runtime::DeterministicExecutor steps_;
};

/// One thread drives it: the one that made it.
class TestBench {
  public:
    /// wall_ms  what the wall clock says until advance()
    /// threads  runs strands; null: they run on the caller's thread, one at a time, in one order
    explicit TestBench(std::int64_t wall_ms, runtime::Executor* threads = nullptr);

    [[nodiscard]] Env& env() { return env_; }
    [[nodiscard]] IoExecutor& io() { return io_; }
    [[nodiscard]] runtime::Executor& executor() {
        return threads_ == nullptr ? stepped_ : *threads_;
    }

    /// Moves both clocks. Nothing runs.
    void advance(std::chrono::milliseconds by);
    /// While no job runs: posted work runs at once, and calls that wait may be made on this thread.
    void set_immediate(bool is_immediate) { io_.set_immediate(is_immediate); }
    /// Makes a call that waits for the log or for jobs: it has a thread of its own, and whatever
    /// becomes ready meanwhile runs here.
    void blocking(const std::function<void()>& call);
    /// Works until nothing is ready and `is_over` says true. Where nothing is ready, monotonic time
    /// moves on by `idle_move`. False when it has done so too often in a row, or, with threads,
    /// for too long.
    [[nodiscard]] bool work_until(const std::function<bool()>& is_over,
                                  std::chrono::milliseconds idle_move);

  private:
    bool run_one();
    void move_monotonic(std::chrono::milliseconds by);

    runtime::Executor* threads_;
    std::int64_t wall_ms_;
    WorkBell bell_;
    ManualClock clock_;
    MemoryFileSystem files_;
    SeededRandom random_{1};
    ManualIoExecutor manual_io_{clock_};
    SwitchedIo io_{manual_io_, bell_};
    Logger logger_{clock_, LogLevel::kOff, [](LogLevel, std::string_view) {}};
    Env env_{files_, clock_, random_, io_, logger_};
    SteppedExecutor stepped_{bell_};
};

}  // namespace millrace::dsl::testing
