#include "core/broker/fetch_waiters.h"

#include <algorithm>

namespace millrace::broker {

FetchWaiters::~FetchWaiters() {
    close();
}

FetchId FetchWaiters::start() {
    const std::lock_guard lock(mutex_);
    const std::uint64_t id = next_id_++;
    starting_.emplace(id, false);
    return FetchId{id};
}

void FetchWaiters::finish(FetchId id) {
    const std::lock_guard lock(mutex_);
    starting_.erase(static_cast<std::uint64_t>(id));
}

void FetchWaiters::add(FetchId id,
                       TopicPartition partition,
                       std::chrono::milliseconds wait_max,
                       const std::function<bool()>& is_ready,
                       Work serve) {
    const auto key = static_cast<std::uint64_t>(id);
    {
        const std::lock_guard lock(mutex_);
        const auto started = starting_.find(key);
        const bool is_cancelled = started != starting_.end() && started->second;
        starting_.erase(key);
        if (is_closed_ || is_cancelled) {
            io_.post(std::move(serve));
            return;
        }
        // The timer is set under the lock: its work takes the lock too, so it cannot fire before
        // the waiter is in place.
        const TimerId timer = io_.post_after(wait_max, [this, key] { release(key); });
        waiters_.emplace(key, Waiter{partition, timer, std::move(serve)});
        by_partition_[partition].push_back(key);
    }
    if (is_ready()) {
        release(key);
    }
}

void FetchWaiters::release(std::uint64_t id) {
    Work serve;
    {
        const std::lock_guard lock(mutex_);
        const auto found = waiters_.find(id);
        if (found == waiters_.end()) {
            return;
        }
        io_.cancel(found->second.timer);
        const auto list = by_partition_.find(found->second.partition);
        if (list != by_partition_.end()) {
            std::erase(list->second, id);
            if (list->second.empty()) {
                by_partition_.erase(list);
            }
        }
        serve = std::move(found->second.serve);
        waiters_.erase(found);
    }
    io_.post(std::move(serve));
}

void FetchWaiters::wake(TopicPartition partition) {
    std::vector<std::uint64_t> ids;
    {
        const std::lock_guard lock(mutex_);
        const auto found = by_partition_.find(partition);
        if (found == by_partition_.end()) {
            return;
        }
        ids = found->second;
    }
    for (const std::uint64_t id : ids) {
        release(id);
    }
}

void FetchWaiters::cancel(FetchId id) {
    {
        const std::lock_guard lock(mutex_);
        const auto started = starting_.find(static_cast<std::uint64_t>(id));
        if (started != starting_.end()) {
            started->second = true;
            return;
        }
    }
    release(static_cast<std::uint64_t>(id));
}

void FetchWaiters::close() {
    std::vector<std::uint64_t> ids;
    {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
        for (const auto& [id, waiter] : waiters_) {
            ids.push_back(id);
        }
    }
    std::sort(ids.begin(), ids.end());
    for (const std::uint64_t id : ids) {
        release(id);
    }
}

std::size_t FetchWaiters::size() const {
    const std::lock_guard lock(mutex_);
    return waiters_.size();
}

}  // namespace millrace::broker
