#include "operators/window/window.h"

#include <algorithm>

#include "core/base/assert.h"

namespace millrace::operators {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;

}  // namespace

std::int64_t WindowSpec::effective_grace_ms() const {
    return grace_ms.value_or(std::max<std::int64_t>(kDayMs - size_ms, 0));
}

HoppingWindows::HoppingWindows(std::int64_t size_ms, std::int64_t advance_ms)
    : size_ms_(size_ms), advance_ms_(advance_ms) {
    CHECK(advance_ms > 0 && advance_ms <= size_ms);
}

HoppingWindows::Range HoppingWindows::windows_of(Timestamp t) const {
    if (t.value < 0) {
        return {};
    }
    const std::int64_t last = t.value - t.value % advance_ms_;
    // The oldest start is the first multiple of advance above t - size. Written so that nothing
    // overflows for the largest t: size_ms_ may be near the maximum too.
    std::int64_t first = 0;
    if (t.value >= size_ms_) {
        const std::int64_t before = t.value - size_ms_;
        first = before - before % advance_ms_ + advance_ms_;
    }
    return {.first_start = first, .count = (last - first) / advance_ms_ + 1};
}

}  // namespace millrace::operators
