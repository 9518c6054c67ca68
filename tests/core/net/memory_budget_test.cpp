#include "core/net/memory_budget.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::net {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
using WaitId = MemoryBudget::WaitId;

TEST(MemoryBudget, GivesWhatThereIs) {
    MemoryBudget budget(100);
    EXPECT_TRUE(budget.try_take(60));
    EXPECT_FALSE(budget.try_take(41));
    EXPECT_TRUE(budget.try_take(40));
    EXPECT_TRUE(budget.is_spent());
    budget.give_back(100);
    EXPECT_EQ(budget.used(), 0U);
    EXPECT_FALSE(budget.can_hold(101));
}

TEST(MemoryBudget, KnowsItsPeak) {
    MemoryBudget budget(100);
    EXPECT_TRUE(budget.try_take(60));
    budget.take(70);
    budget.give_back(100);
    EXPECT_EQ(budget.peak(), 130U);
    budget.forget_peak();
    EXPECT_EQ(budget.peak(), 30U);
    EXPECT_TRUE(budget.try_take(5));
    EXPECT_EQ(budget.peak(), 35U);
}

TEST(MemoryBudget, LeavesAQuarterToSmallPieces) {
    MemoryBudget budget(16 * kMiB);
    EXPECT_FALSE(budget.can_hold(13 * kMiB));
    EXPECT_TRUE(budget.try_take(12 * kMiB));
    EXPECT_FALSE(budget.try_take(2 * kMiB));
    EXPECT_FALSE(budget.try_take(1, 2 * kMiB));  // a large piece that grows
    EXPECT_TRUE(budget.try_take(kMiB));
}

TEST(MemoryBudget, GivesBackWithTheCharge) {
    MemoryBudget budget(100);
    {
        budget.take(250);  // what is there already is counted, even beyond the limit
        const MemoryBudget::Charge charge(budget, 250);
        EXPECT_TRUE(budget.is_spent());
    }
    EXPECT_EQ(budget.used(), 0U);
    ASSERT_TRUE(budget.try_take(10));
    MemoryBudget::Charge first(budget, 10);
    ASSERT_TRUE(budget.try_take(20));
    first = MemoryBudget::Charge(budget, 20);
    EXPECT_EQ(budget.used(), 20U);
}

TEST(MemoryBudget, WakesThoseWhoFit) {
    MemoryBudget budget(100);
    ASSERT_TRUE(budget.try_take(100));
    std::vector<int> woken;
    EXPECT_NE(budget.wait(80, 80, [&] { woken.push_back(80); }), WaitId::kNone);
    EXPECT_NE(budget.wait(30, 30, [&] { woken.push_back(30); }), WaitId::kNone);
    EXPECT_NE(budget.wait(40, 40, [&] { woken.push_back(40); }), WaitId::kNone);
    EXPECT_TRUE(budget.is_waited_for());
    budget.give_back(50);
    EXPECT_EQ(woken, (std::vector<int>{30}));
    budget.give_back(50);
    EXPECT_EQ(woken, (std::vector<int>{30, 80}));
    EXPECT_EQ(budget.wait(10, 10, [] {}), WaitId::kNone);  // there is some
}

TEST(MemoryBudget, ForgetsThoseWhoCancel) {
    MemoryBudget budget(100);
    ASSERT_TRUE(budget.try_take(100));
    bool is_woken = false;
    budget.cancel(budget.wait(10, 10, [&] { is_woken = true; }));
    EXPECT_FALSE(budget.is_waited_for());
    budget.give_back(100);
    EXPECT_FALSE(is_woken);
}

TEST(MemoryBudget, LosesNoWakeUpBetweenThreads) {
    MemoryBudget budget(1);
    std::atomic<int> rounds{0};
    const auto work = [&] {
        for (int i = 0; i < 2000; ++i) {
            while (!budget.try_take(1)) {
                std::atomic<bool> is_woken{false};
                if (budget.wait(1, 1, [&] {
                        is_woken = true;
                        is_woken.notify_one();
                    }) != WaitId::kNone) {
                    is_woken.wait(false);
                }
            }
            ++rounds;
            budget.give_back(1);
        }
    };
    std::thread other(work);
    work();
    other.join();
    EXPECT_EQ(rounds.load(), 4000);
    EXPECT_EQ(budget.used(), 0U);
}

}  // namespace
}  // namespace millrace::net
