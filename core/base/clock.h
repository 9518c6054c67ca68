// Clock: wall time and monotonic time, injected. SystemClock is real, ManualClock is a test's.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace millrace {

/// Any thread may call it.
class Clock {
  public:
    virtual ~Clock() = default;
    /// Milliseconds since 1970-01-01 UTC. May jump; only for record timestamps and messages.
    [[nodiscard]] virtual std::int64_t wall_ms() const = 0;
    /// Since some fixed moment; never goes back. For intervals, timeouts and measured rates.
    [[nodiscard]] virtual std::chrono::nanoseconds monotonic() const = 0;
};

class SystemClock final : public Clock {
  public:
    [[nodiscard]] std::int64_t wall_ms() const override;
    [[nodiscard]] std::chrono::nanoseconds monotonic() const override;
};

/// Stands still until it is told to move.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(std::int64_t wall_ms = 0) : wall_ms_(wall_ms) {}
    [[nodiscard]] std::int64_t wall_ms() const override { return wall_ms_.load(); }
    [[nodiscard]] std::chrono::nanoseconds monotonic() const override {
        return std::chrono::nanoseconds{monotonic_ns_.load()};
    }
    /// Moves both times forward.
    void advance(std::chrono::milliseconds by);
    /// Sets wall time only, as an administrator or NTP would; may go back.
    void set_wall_ms(std::int64_t wall_ms) { wall_ms_.store(wall_ms); }

  private:
    std::atomic<std::int64_t> wall_ms_;
    std::atomic<std::int64_t> monotonic_ns_{0};
};

}  // namespace millrace
