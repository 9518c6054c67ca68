#include "server/heap_trim.h"

#include <gtest/gtest.h>

namespace millrace::server {
namespace {

TEST(HeapTrim, TrimsWhenABurstIsOverAndThenPauses) {
    net::MemoryBudget budget(800);
    HeapTrim trim(budget);
    std::chrono::nanoseconds now{5};
    EXPECT_FALSE(trim.look(now));
    budget.take(500);
    EXPECT_FALSE(trim.look(now)) << "all of it is in use";
    budget.give_back(101);
    EXPECT_TRUE(trim.look(now));
    EXPECT_FALSE(trim.look(now));
    budget.give_back(399);
    EXPECT_FALSE(trim.look(now)) << "too soon";
    now += HeapTrim::kPause;
    EXPECT_TRUE(trim.look(now));
    now += HeapTrim::kPause;
    budget.take(100);
    budget.give_back(100);
    EXPECT_FALSE(trim.look(now)) << "that was little";
}

}  // namespace
}  // namespace millrace::server
