#include "core/log/compaction/compaction_plan.h"

#include <gtest/gtest.h>

#include "core/log/compaction/key_map.h"

namespace millrace::log {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

/// Four segments of ten offsets, the oldest first, appended an hour apart; the newest an hour ago.
PartitionFacts four_segments() {
    PartitionFacts facts;
    for (std::int64_t i = 0; i < 4; ++i) {
        facts.closed.push_back({.base = Offset{i * 10},
                                .next = Offset{i * 10 + 10},
                                .bytes = 100,
                                .first_append_age = hours(5 - i) - minutes(30),
                                .last_append_age = hours(4 - i)});
    }
    facts.replay_floor = Offset{40};
    facts.stable_end = Offset{40};
    return facts;
}

TEST(CompactionPlan, TakesAllClosedSegmentsWhenAllAreDirty) {
    const auto plan = plan_compaction(four_segments(), {}, 0);
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->segments, 4U);
    EXPECT_EQ(plan->dirty_from, Offset{0});
    EXPECT_EQ(plan->dirty_ratio, 1.0);
}

TEST(CompactionPlan, WaitsForTheDirtyRatio) {
    PartitionFacts facts = four_segments();
    facts.state.cleaned_to = Offset{30};
    EXPECT_FALSE(plan_compaction(facts, {}, 0).has_value());
    EXPECT_TRUE(plan_compaction(facts, {.dirty_ratio_min = 0.25}, 0).has_value());
    facts.state.cleaned_to = Offset{20};
    EXPECT_EQ(plan_compaction(facts, {}, 0)->dirty_from, Offset{20});
    facts.state.cleaned_to = Offset{40};
    EXPECT_FALSE(plan_compaction(facts, {.dirty_ratio_min = 0}, 0).has_value());
}

TEST(CompactionPlan, DoesNotWaitLongerThanTheLargestLag) {
    PartitionFacts facts = four_segments();
    facts.state.cleaned_to = Offset{30};
    EXPECT_FALSE(plan_compaction(facts, {.lag_max = hours(2)}, 0).has_value());
    EXPECT_TRUE(plan_compaction(facts, {.lag_max = hours(1)}, 0).has_value());
}

TEST(CompactionPlan, LeavesAloneWhatIsTooYoung) {
    EXPECT_EQ(plan_compaction(four_segments(), {.lag_min = minutes(90)}, 0)->segments, 3U);
    EXPECT_FALSE(plan_compaction(four_segments(), {.lag_min = hours(5)}, 0).has_value());
}

TEST(CompactionPlan, LeavesAloneWhatRecoveryMayWriteOrATransactionDecide) {
    PartitionFacts facts = four_segments();
    facts.replay_floor = Offset{20};
    EXPECT_EQ(plan_compaction(facts, {}, 0)->segments, 2U);
    facts.replay_floor = Offset{0};
    EXPECT_FALSE(plan_compaction(facts, {}, 0).has_value());
    facts = four_segments();
    facts.stable_end = Offset{29};
    EXPECT_EQ(plan_compaction(facts, {}, 0)->segments, 2U);
}

TEST(CompactionPlan, AHorizonThatHasPassedIsAReason) {
    PartitionFacts facts = four_segments();
    facts.state = {.cleaned_to = Offset{40}, .horizon = Timestamp{1000}};
    EXPECT_FALSE(plan_compaction(facts, {}, 999).has_value());
    const auto plan = plan_compaction(facts, {}, 1000);
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->dirty_from, Offset{40});
}

TEST(CompactionPlan, AStateAheadOfTheLogIsNoHarm) {
    PartitionFacts facts = four_segments();
    facts.state.cleaned_to = Offset{1'000'000};
    EXPECT_FALSE(plan_compaction(facts, {}, 0).has_value());
    facts.state.horizon = Timestamp{0};
    EXPECT_EQ(plan_compaction(facts, {}, 1)->dirty_from, Offset{40});
}

TEST(CompactionState, DamageReadsAsNever) {
    const CompactionState state{.cleaned_to = Offset{77}, .horizon = Timestamp{5}};
    const Buffer good = encode_compaction_state(state);
    EXPECT_EQ(parse_compaction_state(good).value(), state);
    const CompactionState without{.cleaned_to = Offset{1}};
    EXPECT_EQ(parse_compaction_state(encode_compaction_state(without)).value(), without);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        Buffer flipped = good;
        flipped.data()[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
        EXPECT_FALSE(parse_compaction_state(flipped).ok()) << bit;
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(parse_compaction_state(good.view().first(size)).ok());
    }
}

TEST(KeyMap, GivesTheLargestOffsetOfEachKey) {
    KeyMap map(std::size_t{1} << 20, 3);
    for (std::int64_t i = 0; i < 20'000; ++i) {
        ASSERT_TRUE(map.put(as_bytes(std::to_string(i % 10'000)), Offset{i}));
    }
    EXPECT_TRUE(map.put(as_bytes("5"), Offset{7}));
    EXPECT_EQ(map.size(), 10'000U);
    for (std::int64_t i = 0; i < 10'000; ++i) {
        EXPECT_EQ(map.find(as_bytes(std::to_string(i))), Offset{i + 10'000});
    }
    EXPECT_FALSE(map.find(as_bytes("none")).has_value());
    EXPECT_FALSE(map.find(as_bytes("")).has_value());
}

TEST(KeyMap, IsFullAtItsBudgetAndStillTakesKnownKeys) {
    KeyMap map(24 * 150, 3);
    std::int64_t taken = 0;
    while (map.put(as_bytes(std::to_string(taken)), Offset{taken})) {
        ++taken;
    }
    EXPECT_GE(taken, 70);
    EXPECT_LE(taken, 100);
    EXPECT_TRUE(map.put(as_bytes("0"), Offset{1000}));
    EXPECT_EQ(map.find(as_bytes("0")), Offset{1000});
    EXPECT_FALSE(map.find(as_bytes(std::to_string(taken))).has_value());
}

}  // namespace
}  // namespace millrace::log
