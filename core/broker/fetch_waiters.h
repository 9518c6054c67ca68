// FetchWaiters: fetches that found too little and wait for records, a time limit or a cancellation.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "core/base/io_executor.h"
#include "core/broker/requests.h"

namespace millrace::broker {

/// Any thread may call it. Every added waiter's `serve` is posted to the I/O executor exactly once.
///
///     start() --> starting --add()--> waiting --time, cancel(), close()--> kEnded: gone
///                    |   ^               |
///            finish()|   +--- kWoken ----+
///                    v
///                   gone
class FetchWaiters {
  public:
    /// Why a waiter is served.
    enum class Served : std::uint8_t {
        kWoken,  // enough was published; the fetch is starting again: add() or finish() it
        kEnded,  // its time is over, or it was cancelled: answer with what is there
    };
    using Serve = std::function<void(Served)>;

    explicit FetchWaiters(IoExecutor& io) : io_(io) {}
    ~FetchWaiters();
    FetchWaiters(const FetchWaiters&) = delete;
    FetchWaiters& operator=(const FetchWaiters&) = delete;

    /// An id for a new fetch; never given twice. The fetch is starting until add() or finish() is
    /// called for it.
    [[nodiscard]] FetchId start();
    /// The fetch was served without waiting (any more).
    void finish(FetchId id);
    /// Waits until `bytes` were published to the partitions in all, `wait_max` or cancel().
    /// `is_ready` is asked once after the waiter is in place: what was published in between is not
    /// missed. A fetch that was cancelled while starting is served at once.
    void add(FetchId id,
             std::vector<TopicPartition> partitions,
             std::size_t bytes,
             std::chrono::nanoseconds wait_max,
             const std::function<bool()>& is_ready,
             Serve serve);
    /// `bytes` were published to the partition, or it is gone.
    void wake(TopicPartition partition, std::size_t bytes);
    void wake(TopicPartition partition) {
        wake(partition, std::numeric_limits<std::size_t>::max());
    }
    void cancel(FetchId id);
    /// Serves all; later ones are served at once.
    void close();
    [[nodiscard]] std::size_t size() const;

  private:
    struct Waiter {
        std::vector<TopicPartition> partitions;
        std::size_t bytes_missing = 0;
        TimerId timer = TimerId::kNone;
        Serve serve;
    };
    void release(std::uint64_t id, Served served);

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
