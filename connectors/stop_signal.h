// StopSignal: how a connector's thread is asked to end, and how it waits without missing that.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

#include "core/base/io_executor.h"

namespace millrace::connectors {

enum class StopMode : std::uint8_t {
    kRunning,
    kGraceful,  // finish what was polled, commit, end
    kAtOnce,    // end; nothing uncommitted is kept
};

/// Any thread may call it. Cheap to copy: all copies are one signal.
class StopSignal {
  public:
    StopSignal() : state_(std::make_shared<State>()) {}

    /// A stronger mode replaces a weaker one. Wakes every waiter.
    void raise(StopMode mode);
    [[nodiscard]] StopMode mode() const;
    [[nodiscard]] bool is_raised() const { return mode() != StopMode::kRunning; }
    /// Ends the waits that are under way; nothing is asked to stop.
    void wake();
    /// Counts wake() calls: take it before looking at what may change, hand it to wait().
    [[nodiscard]] std::uint64_t wakes() const;
    /// Returns after `time` of `io`'s clock, when wake() was called after `seen_wakes` was taken,
    /// or when the signal is raised, whichever is first.
    void wait(IoExecutor& io, std::chrono::milliseconds time, std::uint64_t seen_wakes);
    /// Sleeps for `time`; false when the signal was raised. Wakes do not shorten it.
    bool pause(IoExecutor& io, std::chrono::milliseconds time);
    /// Returns when wake() was called after `seen_wakes` was taken, or the signal is raised.
    void wait(std::uint64_t seen_wakes);

  private:
    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        StopMode mode = StopMode::kRunning;  // guarded by mutex
        std::uint64_t wakes = 0;             // guarded by mutex
    };
    std::shared_ptr<State> state_;
};

}  // namespace millrace::connectors
