#include "core/net/memory_budget.h"

#include <vector>

namespace millrace::net {

bool MemoryBudget::try_take(std::size_t size, std::size_t total) {
    std::size_t used = used_.load();
    do {
        if (!fits(size, total, used)) {
            return false;
        }
    } while (!used_.compare_exchange_weak(used, used + size));
    raise_peak(used + size);
    return true;
}

void MemoryBudget::give_back(std::size_t size) {
    std::size_t used = used_.fetch_sub(size) - size;
    if (waiting_.load() == 0) {
        return;
    }
    std::vector<std::function<void()>> ready;
    {
        const std::lock_guard lock(mutex_);
        for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
            if (!fits(waiter->size, waiter->total, used)) {
                ++waiter;
                continue;
            }
            used += waiter->size;
            ready.push_back(std::move(waiter->wake));
            waiter = waiters_.erase(waiter);
            waiting_.fetch_sub(1);
        }
    }
    for (const auto& wake : ready) {
        wake();
    }
}

MemoryBudget::WaitId MemoryBudget::wait(std::size_t size,
                                        std::size_t total,
                                        std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    waiting_.fetch_add(1);
    // Looked at after the waiter is announced: memory given back from now on sees it.
    if (fits(size, total, used_.load())) {
        waiting_.fetch_sub(1);
        return WaitId::kNone;
    }
    const WaitId id{next_wait_++};
    waiters_.push_back({id, size, total, std::move(wake)});
    return id;
}

void MemoryBudget::cancel(WaitId wait) {
    const std::lock_guard lock(mutex_);
    waiting_.fetch_sub(waiters_.remove_if([&](const Waiter& w) { return w.id == wait; }));
}

}  // namespace millrace::net
