// Admission: which connections may come in. Numbers and reasons: docs/configuration.md, limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

#include "core/net/address.h"

namespace millrace::net {

struct AdmissionLimits {
    std::size_t connections_max = 10'000;
    std::size_t loopback_reserve = 64;  // of connections_max, kept for this machine's own clients
    // Per origin (IpAddress::origin) that is not a loopback address:
    std::size_t per_origin_max = 200;
    double per_origin_rate = 100;   // connections per second
    double per_origin_burst = 200;  // at once, after a pause
};

enum class Refusal : std::uint8_t { kNone, kTotal, kPerOrigin, kRate };

/// Counts connections and the rate of new ones. Any thread may call it.
class Admission {
  public:
    static constexpr std::size_t kOriginsMax = 65'536;  // remembered at a time

    explicit Admission(AdmissionLimits limits) : limits_(limits) {}

    /// kNone lets it in: release() is due when it closes. `now` is monotonic.
    [[nodiscard]] Refusal admit(const IpAddress& from, std::chrono::nanoseconds now);
    void release(const IpAddress& from);
    [[nodiscard]] std::size_t open() const;

  private:
    struct Origin {
        std::size_t open = 0;
        double tokens = 0;
        std::chrono::nanoseconds at{0};  // when `tokens` was right
    };
    [[nodiscard]] double tokens_at(const Origin& origin, std::chrono::nanoseconds now) const;
    void forget_quiet_origins(std::chrono::nanoseconds now);

    const AdmissionLimits limits_;
    mutable std::mutex mutex_;
    std::size_t open_ = 0;                       // guarded by mutex_
    std::map<IpAddress, Origin> origins_;        // guarded by mutex_; none for loopback
    std::chrono::nanoseconds next_cleaning_{0};  // guarded by mutex_
};

}  // namespace millrace::net
