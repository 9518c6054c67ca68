// FetchWaiters: fetches that found nothing and wait for records, a time limit or a cancellation.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "core/base/io_executor.h"
#include "core/broker/requests.h"

namespace millrace::broker {

/// Any thread may call it. Every added waiter's `serve` is posted to the I/O executor exactly once.
class FetchWaiters {
  public:
    explicit FetchWaiters(IoExecutor& io) : io_(io) {}
    ~FetchWaiters();
    FetchWaiters(const FetchWaiters&) = delete;
    FetchWaiters& operator=(const FetchWaiters&) = delete;

    /// An id for a new fetch; never given twice. The fetch is starting until add() or finish() is
    /// called for it.
    [[nodiscard]] FetchId start();
    /// The fetch was served without waiting.
    void finish(FetchId id);
    /// Waits until wake(partition), `wait_max` or cancel(). `is_ready` is asked once after the
    /// waiter is in place: what was published in between is not missed. A fetch that was cancelled
    /// while starting is served at once.
    void add(FetchId id,
             TopicPartition partition,
             std::chrono::milliseconds wait_max,
             const std::function<bool()>& is_ready,
             Work serve);
    /// Serves all that wait for the partition.
    void wake(TopicPartition partition);
    void cancel(FetchId id);
    /// Serves all; later ones are served at once.
    void close();
    [[nodiscard]] std::size_t size() const;

  private:
    struct Waiter {
        TopicPartition partition;
        TimerId timer = TimerId::kNone;
        Work serve;
    };
    void release(std::uint64_t id);

    IoExecutor& io_;
    mutable std::mutex mutex_;
    std::unordered_map<std::uint64_t, Waiter> waiters_;  // guarded by mutex_
    std::unordered_map<TopicPartition, std::vector<std::uint64_t>>
        by_partition_;                                  // guarded by mutex_
    std::uint64_t next_id_ = 1;                         // guarded by mutex_
    std::unordered_map<std::uint64_t, bool> starting_;  // guarded by mutex_; true: cancelled
    bool is_closed_ = false;                            // guarded by mutex_
};

}  // namespace millrace::broker
