// IoExecutor: where work that may wait runs (files, syncs, timers), injected through Env.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace millrace {

/// What a call that can wait hands its answer to. Called once, on the I/O executor, never from
/// inside the call itself.
template <class T>
using Completion = std::function<void(Result<T>)>;

using Work = std::function<void()>;

enum class TimerId : std::uint64_t { kNone = 0 };

/// Of a thread that must not wait and comes by often, such as a network thread: it runs by itself
/// what it gave to IoExecutor::post_short(), and nobody has to be woken for that. Used by the
/// thread that made it; one per thread.
class WorkLane {
  public:
    WorkLane();
    /// Runs what is left.
    ~WorkLane();
    WorkLane(const WorkLane&) = delete;
    WorkLane& operator=(const WorkLane&) = delete;

    /// The lane of the calling thread; null when it has none.
    [[nodiscard]] static WorkLane* current();
    void add(Work work) { ready_.push_back(std::move(work)); }
    /// Runs what was added, in order, and what that adds. Not from within work of the lane.
    void run();

  private:
    std::deque<Work> ready_;
};

/// Runs work on threads that may block. Any thread may call it. Work must not throw.
class IoExecutor {
  public:
    virtual ~IoExecutor() = default;
    /// Runs `work` soon. Two posts may run at the same time and in any order.
    virtual void post(Work work) = 0;
    /// The same for work that is short and does not wait for the disk while WorkLane::current() is
    /// set: a thread with a lane runs it by itself.
    void post_short(Work work);
    /// Runs `work` after `delay` of monotonic time, unless cancel() comes first.
    virtual TimerId post_after(std::chrono::nanoseconds delay, Work work) = 0;
    /// True when the timer's work will never run; false when it ran, runs now or is unknown.
    virtual bool cancel(TimerId timer) = 0;
};

/// Real threads. The destructor runs what was posted, drops pending timers and joins.
class ThreadIoExecutor final : public IoExecutor {
  public:
    explicit ThreadIoExecutor(std::size_t threads);
    ~ThreadIoExecutor() override;
    ThreadIoExecutor(const ThreadIoExecutor&) = delete;
    ThreadIoExecutor& operator=(const ThreadIoExecutor&) = delete;

    void post(Work work) override;
    TimerId post_after(std::chrono::nanoseconds delay, Work work) override;
    bool cancel(TimerId timer) override;

  private:
    using Due = std::pair<std::chrono::steady_clock::time_point, std::uint64_t>;
    struct Idle {
        std::condition_variable wake;
        bool is_called = false;  // guarded by mutex_
    };
    void run();
    void wait(std::unique_lock<std::mutex>& lock);
    /// Wakes the thread that was busy last: it still has the most in its core's caches.
    void call_one();

    std::mutex mutex_;
    std::deque<Work> ready_;  // guarded by mutex_
    // Threads without work, guarded by mutex_. The first one watches the timers.
    std::deque<Idle*> idle_;
    std::map<Due, Work> timers_;           // guarded by mutex_
    std::map<std::uint64_t, Due> due_of_;  // guarded by mutex_
    std::uint64_t next_timer_ = 1;         // guarded by mutex_
    bool is_stopping_ = false;             // guarded by mutex_
    std::vector<std::thread> threads_;
};

/// No threads: work runs when the test says so, in post order; timers fire by the manual clock.
class ManualIoExecutor final : public IoExecutor {
  public:
    explicit ManualIoExecutor(const Clock& clock) : clock_(clock) {}
    void post(Work work) override;
    TimerId post_after(std::chrono::nanoseconds delay, Work work) override;
    bool cancel(TimerId timer) override;

    /// Runs one piece of work (a due timer first moves into the queue). False when there was none.
    bool run_one();
    /// Runs until nothing is ready. Returns how many pieces ran.
    std::size_t run_all();
    /// Monotonic time of the next timer, if any.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> next_timer() const;

  private:
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::deque<Work> ready_;  // guarded by mutex_
    std::map<std::pair<std::chrono::nanoseconds, std::uint64_t>, Work>
        timers_;                    // guarded by mutex_
    std::uint64_t next_timer_ = 1;  // guarded by mutex_
};

}  // namespace millrace
