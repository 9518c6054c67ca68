#include "dsl/testing/test_bench.h"

#include <atomic>
#include <thread>
#include <utility>

namespace millrace::dsl::testing {

namespace {

// What has nothing to do for so many moves of the clock never comes to its end.
constexpr int kIdleMovesMax = 1000;
constexpr std::chrono::seconds kThreadsMax{20};
// Longest wait for a bell; real time.
constexpr std::chrono::milliseconds kBlockingWait{100};
constexpr std::chrono::milliseconds kThreadsWait{1};

}  // namespace

void WorkBell::ring() {
    const std::lock_guard lock(mutex_);
    is_rung_ = true;
    rung_.notify_one();
}

void WorkBell::wait(std::chrono::milliseconds longest) {
    std::unique_lock lock(mutex_);
    rung_.wait_for(lock, longest, [this] { return is_rung_; });
    is_rung_ = false;
}

void SteppedExecutor::enqueue(std::function<void()> step) {
    steps_.enqueue(std::move(step));
    bell_.ring();
}

void SwitchedIo::post(Work work) {
    if (is_immediate_) {
        work();
    } else {
        later_.post(std::move(work));
        bell_.ring();
    }
}

TimerId SwitchedIo::post_after(std::chrono::nanoseconds delay, Work work) {
    return later_.post_after(delay, std::move(work));
}

bool SwitchedIo::cancel(TimerId timer) {
    return later_.cancel(timer);
}

TestBench::TestBench(std::int64_t wall_ms, runtime::Executor* threads)
    : threads_(threads), wall_ms_(wall_ms), clock_(wall_ms) {}

void TestBench::advance(std::chrono::milliseconds by) {
    wall_ms_ += by.count();
    move_monotonic(by);
}

/// The wall clock stands still: nothing may depend on how long a step took.
void TestBench::move_monotonic(std::chrono::milliseconds by) {
    clock_.advance(by);
    clock_.set_wall_ms(wall_ms_);
}

bool TestBench::run_one() {
    return (threads_ == nullptr && stepped_.run_one()) || manual_io_.run_one();
}

void TestBench::blocking(const std::function<void()>& call) {
    std::atomic<bool> is_done{false};
    std::thread caller([&] {
        call();
        is_done.store(true);
        bell_.ring();
    });
    while (!is_done.load()) {
        if (!run_one()) {
            bell_.wait(kBlockingWait);
        }
    }
    caller.join();
}

bool TestBench::work_until(const std::function<bool()>& is_over,
                           std::chrono::milliseconds idle_move) {
    const auto deadline = std::chrono::steady_clock::now() + kThreadsMax;
    for (int moves = 0;;) {
        if (run_one()) {
            moves = 0;
            continue;
        }
        if (is_over()) {
            return true;
        }
        if (threads_ == nullptr ? ++moves > kIdleMovesMax
                                : std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        move_monotonic(idle_move);
        if (threads_ != nullptr) {
            bell_.wait(kThreadsWait);
        }
    }
}

}  // namespace millrace::dsl::testing
