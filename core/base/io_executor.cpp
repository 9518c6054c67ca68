#include "core/base/io_executor.h"

#include <algorithm>

#include "core/base/assert.h"

namespace millrace {

namespace {
thread_local WorkLane* current_lane = nullptr;
}  // namespace

WorkLane::WorkLane() {
    CHECK(current_lane == nullptr);
    current_lane = this;
}

WorkLane::~WorkLane() {
    run();
    current_lane = nullptr;
}

WorkLane* WorkLane::current() {
    return current_lane;
}

void WorkLane::run() {
    while (!ready_.empty()) {
        const Work work = std::move(ready_.front());
        ready_.pop_front();
        work();
    }
}

void IoExecutor::post_short(Work work) {
    if (WorkLane* const lane = WorkLane::current()) {
        lane->add(std::move(work));
    } else {
        post(std::move(work));
    }
}

ThreadIoExecutor::ThreadIoExecutor(std::size_t threads) {
    for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) {
        threads_.emplace_back([this] { run(); });
    }
}

ThreadIoExecutor::~ThreadIoExecutor() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
        timers_.clear();
        while (!idle_.empty()) {
            call_one();
        }
    }
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

void ThreadIoExecutor::call_one() {
    if (!idle_.empty()) {
        idle_.back()->is_called = true;
        idle_.back()->wake.notify_one();
        idle_.pop_back();
    }
}

void ThreadIoExecutor::post(Work work) {
    const std::lock_guard lock(mutex_);
    ready_.push_back(std::move(work));
    call_one();
}

TimerId ThreadIoExecutor::post_after(std::chrono::nanoseconds delay, Work work) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t id = next_timer_++;
    const Due due{std::chrono::steady_clock::now() + delay, id};
    timers_.emplace(due, std::move(work));
    due_of_.emplace(id, due);
    if (timers_.begin()->first == due && !idle_.empty()) {
        idle_.front()->wake.notify_one();
    }
    return TimerId{id};
}

bool ThreadIoExecutor::cancel(TimerId timer) {
    const std::lock_guard lock(mutex_);
    const auto found = due_of_.find(static_cast<std::uint64_t>(timer));
    if (found == due_of_.end()) {
        return false;
    }
    timers_.erase(found->second);
    due_of_.erase(found);
    return true;
}

/// Until there may be something to do.
void ThreadIoExecutor::wait(std::unique_lock<std::mutex>& lock) {
    Idle me;
    idle_.push_back(&me);
    while (!me.is_called) {
        if (idle_.front() != &me || timers_.empty()) {
            me.wake.wait(lock);
            continue;
        }
        const auto due = timers_.begin()->first.first;  // a copy: the timer may go meanwhile
        if (me.wake.wait_until(lock, due) == std::cv_status::timeout && !me.is_called) {
            idle_.pop_front();
            if (!idle_.empty()) {
                idle_.front()->wake.notify_one();  // it watches from now on
            }
            return;
        }
    }
}

void ThreadIoExecutor::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        const auto now = timers_.empty() ? std::chrono::steady_clock::time_point::min()
                                         : std::chrono::steady_clock::now();
        while (!timers_.empty() && timers_.begin()->first.first <= now) {
            due_of_.erase(timers_.begin()->first.second);
            ready_.push_back(std::move(timers_.begin()->second));
            timers_.erase(timers_.begin());
            if (ready_.size() > 1) {
                call_one();
            }
        }
        if (!ready_.empty()) {
            Work work = std::move(ready_.front());
            ready_.pop_front();
            lock.unlock();
            work();
            work = nullptr;
            lock.lock();
        } else if (is_stopping_) {
            return;
        } else {
            wait(lock);
        }
    }
}

void ManualIoExecutor::post(Work work) {
    const std::lock_guard lock(mutex_);
    ready_.push_back(std::move(work));
}

TimerId ManualIoExecutor::post_after(std::chrono::nanoseconds delay, Work work) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t id = next_timer_++;
    timers_.emplace(std::pair{clock_.monotonic() + delay, id}, std::move(work));
    return TimerId{id};
}

bool ManualIoExecutor::cancel(TimerId timer) {
    const std::lock_guard lock(mutex_);
    return std::erase_if(timers_, [timer](const auto& entry) {
               return entry.first.second == static_cast<std::uint64_t>(timer);
           }) > 0;
}

bool ManualIoExecutor::run_one() {
    Work work;
    {
        const std::lock_guard lock(mutex_);
        while (!timers_.empty() && timers_.begin()->first.first <= clock_.monotonic()) {
            ready_.push_back(std::move(timers_.begin()->second));
            timers_.erase(timers_.begin());
        }
        if (ready_.empty()) {
            return false;
        }
        work = std::move(ready_.front());
        ready_.pop_front();
    }
    work();
    return true;
}

std::size_t ManualIoExecutor::run_all() {
    std::size_t count = 0;
    while (run_one()) {
        ++count;
    }
    return count;
}

std::optional<std::chrono::nanoseconds> ManualIoExecutor::next_timer() const {
    const std::lock_guard lock(mutex_);
    if (timers_.empty()) {
        return std::nullopt;
    }
    return timers_.begin()->first.first;
}

}  // namespace millrace
