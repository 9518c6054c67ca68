#include "operators/window/window.h"

#include <limits>

#include <gtest/gtest.h>

#include "core/base/random.h"

namespace millrace::operators {
namespace {

TEST(HoppingWindows, HoldExactlyTheWindowsOfTheDefinition) {
    SeededRandom random(1);
    for (int n = 0; n < 20'000; ++n) {
        const auto advance = static_cast<std::int64_t>(1 + random.below(12));
        const auto size = advance + static_cast<std::int64_t>(random.below(40));
        const auto t = static_cast<std::int64_t>(random.below(200));
        const HoppingWindows::Range range = HoppingWindows(size, advance).windows_of(Timestamp{t});
        // The definition: starts are multiples of advance from 0, start <= t < start + size.
        std::int64_t first = -1;
        std::int64_t count = 0;
        for (std::int64_t start = 0; start <= t; start += advance) {
            if (t < start + size) {
                first = first < 0 ? start : first;
                ++count;
            }
        }
        ASSERT_EQ(range.first_start, first) << t << " " << size << " " << advance;
        ASSERT_EQ(range.count, count) << t << " " << size << " " << advance;
    }
}

TEST(HoppingWindows, HaveNoWindowBeforeTheEpoch) {
    EXPECT_EQ(HoppingWindows(10, 5).windows_of(Timestamp{-1}).count, 0);
    EXPECT_EQ(HoppingWindows(10, 5).windows_of(Timestamp{0}).count, 1);
}

TEST(HoppingWindows, DoNotOverflowAtTheEndOfTime) {
    constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
    const auto range = HoppingWindows(10, 5).windows_of(Timestamp{kEnd});
    EXPECT_EQ(range.count, 2);
    EXPECT_EQ(range.first_start + 5, kEnd - kEnd % 5);
    EXPECT_EQ(HoppingWindows(kEnd, kEnd).windows_of(Timestamp{kEnd}).first_start, kEnd);
    EXPECT_EQ(HoppingWindows(kEnd, 1).windows_of(Timestamp{100}).count, 101);
}

TEST(WindowSpec, TakesTheDefaultGraceOfKsqldb) {
    WindowSpec spec{.size_ms = 3'600'000, .advance_ms = 3'600'000};
    EXPECT_EQ(spec.effective_grace_ms(), 23 * 3'600'000);
    spec.size_ms = 48 * 3'600'000LL;
    EXPECT_EQ(spec.effective_grace_ms(), 0);
    spec.grace_ms = 7;
    EXPECT_EQ(spec.effective_grace_ms(), 7);
}

}  // namespace
}  // namespace millrace::operators
