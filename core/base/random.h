// Random: injected randomness. SplitMix64, so that a printed seed repeats a run.
#pragma once

#include <cstdint>
#include <mutex>

namespace millrace {

/// Any thread may call it; with several threads the draws interleave.
class Random {
  public:
    virtual ~Random() = default;
    /// 64 uniform bits.
    virtual std::uint64_t next() = 0;
    /// Uniform in [0, bound); bound > 0.
    std::uint64_t below(std::uint64_t bound);
};

/// SplitMix64 from a seed: the same seed gives the same draws.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() override;

  private:
    std::mutex mutex_;
    std::uint64_t state_;
};

/// A seed from the operating system, for SeededRandom.
[[nodiscard]] std::uint64_t entropy_seed();

}  // namespace millrace
