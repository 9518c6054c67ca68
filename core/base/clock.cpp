#include "core/base/clock.h"

namespace millrace {

std::int64_t SystemClock::wall_ms() const {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::chrono::nanoseconds SystemClock::monotonic() const {
    return std::chrono::steady_clock::now().time_since_epoch();
}

void ManualClock::advance(std::chrono::milliseconds by) {
    wall_ms_ += by.count();
    monotonic_ns_ += std::chrono::nanoseconds(by).count();
}

}  // namespace millrace
