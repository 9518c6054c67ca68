// HeapTrim: gives memory that a burst of requests left in the heap back to the system.
#pragma once

#include <chrono>

#include "core/net/memory_budget.h"

namespace millrace::server {

/// The heap keeps what is freed for the next allocation: without this the process stays as large as
/// its largest moment, and the next burst comes on top of what the last one left in other sizes.
/// One thread.
class HeapTrim {
  public:
    /// Borrows `budget`, whose peak nobody else forgets.
    explicit HeapTrim(net::MemoryBudget& budget) : budget_(budget) {}

    /// Called all the time with the monotonic time. Trims, at most once per kPause, when an eighth
    /// of the budget was used and is not any more. True when it did.
    bool look(std::chrono::nanoseconds now);

    static constexpr std::chrono::seconds kPause{1};

  private:
    net::MemoryBudget& budget_;
    std::chrono::nanoseconds next_{0};
};

}  // namespace millrace::server
