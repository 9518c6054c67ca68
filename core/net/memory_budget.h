// MemoryBudget: how much memory requests and answers under way may take together.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <utility>

namespace millrace::net {

/// Any thread may call it. Lives longer than every charge.
class MemoryBudget {
  public:
    /// Pieces above this size leave a quarter of the budget to smaller ones: a few huge requests
    /// cannot shut everybody out.
    static constexpr std::size_t kSmallMax = std::size_t{1} << 20;

    explicit MemoryBudget(std::size_t limit) : limit_(limit) {}

    /// Memory that is accounted for, given back with the object.
    class Charge {
      public:
        Charge() = default;
        Charge(MemoryBudget& budget, std::size_t size) : budget_(&budget), size_(size) {}
        ~Charge() {
            if (budget_ != nullptr) {
                budget_->give_back(size_);
            }
        }
        Charge(Charge&& other) noexcept
            : budget_(std::exchange(other.budget_, nullptr)), size_(other.size_) {}
        /// Takes over what another charge released.
        void add(std::size_t released) { size_ += released; }
        /// Its size, which the caller answers for from now on.
        [[nodiscard]] std::size_t release() {
            budget_ = nullptr;
            return std::exchange(size_, 0);
        }
        Charge& operator=(Charge&& other) noexcept {
            std::swap(budget_, other.budget_);
            std::swap(size_, other.size_);
            return *this;
        }

      private:
        MemoryBudget* budget_ = nullptr;
        std::size_t size_ = 0;
    };

    /// False, and nothing taken, when it does not fit.
    [[nodiscard]] bool try_take(std::size_t size) { return try_take(size, size); }
    /// `size` more for a piece that is `total` large then.
    [[nodiscard]] bool try_take(std::size_t size, std::size_t total);
    /// False for what would not fit into an empty budget: waiting for it is in vain.
    [[nodiscard]] bool can_hold(std::size_t size) const { return fits(size, size, 0); }
    /// Takes it in any case: memory that is there already.
    void take(std::size_t size) { raise_peak(used_.fetch_add(size) + size); }
    void give_back(std::size_t size);

    enum class WaitId : std::uint64_t { kNone = 0 };
    /// Calls `wake` once, on the thread that gave memory back, when `size` more of a piece of
    /// `total` may fit; the caller then tries again. kNone, and no call, when it may fit already. A
    /// call may come during cancel().
    [[nodiscard]] WaitId wait(std::size_t size, std::size_t total, std::function<void()> wake);
    void cancel(WaitId wait);

    [[nodiscard]] std::size_t used() const { return used_.load(); }
    /// The most that was used since forget_peak().
    [[nodiscard]] std::size_t peak() const { return peak_.load(); }
    void forget_peak() { peak_.store(used()); }
    [[nodiscard]] std::size_t limit() const { return limit_; }
    [[nodiscard]] bool is_spent() const { return used() >= limit_; }
    /// Somebody is waiting: those who hold memory and do not move on are in the way.
    [[nodiscard]] bool is_waited_for() const { return waiting_.load() > 0; }

  private:
    struct Waiter {
        WaitId id;
        std::size_t size;
        std::size_t total;
        std::function<void()> wake;
    };
    [[nodiscard]] bool fits(std::size_t size, std::size_t total, std::size_t used) const {
        const std::size_t limit = total <= kSmallMax ? limit_ : limit_ - limit_ / 4;
        return size <= limit && used <= limit - size;
    }

    void raise_peak(std::size_t used) {
        std::size_t peak = peak_.load();
        while (used > peak && !peak_.compare_exchange_weak(peak, used)) {
        }
    }

    const std::size_t limit_;
    std::atomic<std::size_t> used_{0};
    std::atomic<std::size_t> peak_{0};
    std::atomic<std::size_t> waiting_{0};
    std::mutex mutex_;
    std::list<Waiter> waiters_;    // guarded by mutex_
    std::uint64_t next_wait_ = 1;  // guarded by mutex_
};

}  // namespace millrace::net
