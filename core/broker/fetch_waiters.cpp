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
                       std::vector<TopicPartition> partitions,
                       std::size_t bytes,
                       std::chrono::nanoseconds wait_max,
                       const std::function<bool()>& is_ready,
                       Serve serve) {
    const auto key = static_cast<std::uint64_t>(id);
    {
        const std::lock_guard lock(mutex_);
        const auto started = starting_.find(key);
        const bool is_cancelled = started != starting_.end() && started->second;
        starting_.erase(key);
        if (is_closed_ || is_cancelled) {
            io_.post([serve = std::move(serve)] { serve(Served::kEnded); });
            return;
        }
        // The timer is set under the lock: its work takes the lock too, so it cannot fire before
        // the waiter is in place.
        const TimerId timer =
            io_.post_after(wait_max, [this, key] { release(key, Served::kEnded); });
        for (const TopicPartition& partition : partitions) {
            by_partition_[partition].push_back(key);
        }
        waiters_.emplace(key, Waiter{std::move(partitions), bytes, timer, std::move(serve)});
    }
    if (is_ready()) {
        release(key, Served::kWoken);
    }
}

void FetchWaiters::release(std::uint64_t id, Served served) {
    Serve serve;
    {
        const std::lock_guard lock(mutex_);
        const auto found = waiters_.find(id);
        if (found == waiters_.end()) {
            return;
        }
        io_.cancel(found->second.timer);
        for (const TopicPartition& partition : found->second.partitions) {
            const auto list = by_partition_.find(partition);
            if (list != by_partition_.end()) {
                std::erase(list->second, id);
                if (list->second.empty()) {
                    by_partition_.erase(list);
                }
            }
        }
        serve = std::move(found->second.serve);
        waiters_.erase(found);
        if (served == Served::kWoken) {
            starting_.emplace(id, false);
        }
    }
    io_.post([serve = std::move(serve), served] { serve(served); });
}

void FetchWaiters::wake(TopicPartition partition, std::size_t bytes) {
    std::vector<std::uint64_t> ids;
    {
        const std::lock_guard lock(mutex_);
        const auto found = by_partition_.find(partition);
        if (found == by_partition_.end()) {
            return;
        }
        for (const std::uint64_t id : found->second) {
            Waiter& waiter = waiters_.at(id);
            waiter.bytes_missing -= std::min(bytes, waiter.bytes_missing);
            if (waiter.bytes_missing == 0) {
                ids.push_back(id);
            }
        }
    }
    for (const std::uint64_t id : ids) {
        release(id, Served::kWoken);
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
    release(static_cast<std::uint64_t>(id), Served::kEnded);
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
        release(id, Served::kEnded);
    }
}

std::size_t FetchWaiters::size() const {
    const std::lock_guard lock(mutex_);
    return waiters_.size();
}

}  // namespace millrace::broker
