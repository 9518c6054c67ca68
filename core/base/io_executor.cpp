#include "core/base/io_executor.h"

#include <algorithm>

namespace millrace {

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
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

void ThreadIoExecutor::post(Work work) {
    {
        const std::lock_guard lock(mutex_);
        ready_.push_back(std::move(work));
    }
    changed_.notify_one();
}

TimerId ThreadIoExecutor::post_after(std::chrono::nanoseconds delay, Work work) {
    std::uint64_t id = 0;
    {
        const std::lock_guard lock(mutex_);
        id = next_timer_++;
        const Due due{std::chrono::steady_clock::now() + delay, id};
        timers_.emplace(due, std::move(work));
        due_of_.emplace(id, due);
    }
    changed_.notify_one();
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

void ThreadIoExecutor::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        if (!timers_.empty() && timers_.begin()->first.first <= std::chrono::steady_clock::now()) {
            due_of_.erase(timers_.begin()->first.second);
            ready_.push_back(std::move(timers_.begin()->second));
            timers_.erase(timers_.begin());
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
        } else if (timers_.empty()) {
            changed_.wait(lock);
        } else {
            const auto due = timers_.begin()->first.first;  // a copy: the timer may go meanwhile
            changed_.wait_until(lock, due);
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
