// ProducerIds: numbers for idempotent producers, none ever given twice.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>

#include "core/base/io_executor.h"
#include "core/base/result.h"

namespace millrace::broker {

/// Takes ids from blocks that were written down before: a restart goes on behind the last block.
/// Any thread may call it.
class ProducerIds {
  public:
    /// Writes down durably that ids below `next` may have been given out; the completion runs on
    /// the I/O executor.
    using Store = std::function<void(std::int64_t next, std::function<void(const Status&)>)>;

    ProducerIds(IoExecutor& io, Store store) : io_(io), store_(std::move(store)) {}

    /// Ids from `next` on are free. Before the first take().
    void restore(std::int64_t next);
    /// `done` runs on the I/O executor: with an id, or with why no block could be written.
    void take(Completion<std::int64_t> done);
    /// Answers all who wait with kCancelled.
    void close();

  private:
    void on_stored(std::int64_t next, const Status& stored);

    IoExecutor& io_;
    const Store store_;
    std::mutex mutex_;
    std::int64_t next_ = 0;                         // guarded by mutex_
    std::int64_t durable_ = 0;                      // guarded by mutex_; end of the block
    bool is_storing_ = false;                       // guarded by mutex_
    std::deque<Completion<std::int64_t>> waiting_;  // guarded by mutex_
};

}  // namespace millrace::broker
