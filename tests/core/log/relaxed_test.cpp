// Topics with relaxed durability: what goes past the journal, what a kill and a power cut leave,
// and how atomic units stay whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/log/journal_fixture.h"

namespace millrace::log {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class JournalRelaxed : public JournalFixture {
  protected:
    void open_with(Durability durability) {
        partition_options.durability = durability;
        partition_options.flush.interval = std::chrono::milliseconds(1000);
        open();
        // The first unit tells the journal; the ones behind it go past.
        ASSERT_TRUE(commit({{0, "first"}}).ok());
        ASSERT_TRUE(log(0).is_relaxed());
    }
    void crash(PowerCut cut) {
        drop();
        files.power_cut(cut);
        open();
    }
    void kill() {
        drop();
        files.kill();
        open();
    }
    std::uint64_t wal_writes() { return files.calls(FileCall::kWrite, "/data/wal/"); }
};

TEST_F(JournalRelaxed, GoesPastTheJournalAndIsVisibleAtOnce) {
    open_with(Durability::kCache);
    const std::uint64_t before = wal_writes();
    const std::uint64_t syncs = files.calls(FileCall::kSync);
    const auto committed = commit({{0, "a"}});
    ASSERT_TRUE(committed.ok());
    EXPECT_EQ(committed.value().base_offsets.front(), Offset{1});
    EXPECT_EQ(wal_writes(), before);
    EXPECT_EQ(files.calls(FileCall::kSync), syncs);
    EXPECT_THAT(values(0), ElementsAre("first", "a"));
    EXPECT_EQ(journal->stats().bypassed, 1U);
}

TEST_F(JournalRelaxed, LosesNothingWhenTheProcessEnds) {
    open_with(Durability::kCache);
    for (int i = 0; i < 30; ++i) {
        ASSERT_TRUE(commit({{0, std::string(900, 'x')}}).ok());  // over a roll
    }
    kill();
    EXPECT_EQ(log(0).high_watermark(), Offset{31});
    EXPECT_TRUE(log(0).is_relaxed());
    ASSERT_TRUE(commit({{0, "on"}}).ok());
    EXPECT_EQ(log(0).high_watermark(), Offset{32});
}

TEST_F(JournalRelaxed, MayLoseTheNewestInAPowerCutAndNothingBefore) {
    open_with(Durability::kInterval);
    ASSERT_TRUE(commit({{0, "a"}}).ok());
    clock.advance(std::chrono::milliseconds(1000));
    run();  // the flush
    ASSERT_TRUE(commit({{0, "b"}}).ok());
    crash(PowerCut::kLoseAll);
    EXPECT_THAT(values(0), ElementsAre("first", "a"));
}

TEST_F(JournalRelaxed, FlushesEarlyWhenMuchIsUnsynced) {
    partition_options.flush.bytes = 2000;
    open_with(Durability::kInterval);
    ASSERT_TRUE(commit({{0, std::string(3000, 'x')}}).ok());
    run();
    crash(PowerCut::kLoseAll);
    EXPECT_EQ(log(0).high_watermark(), Offset{2});
}

TEST_F(JournalRelaxed, IsCoveredByCheckpoints) {
    open_with(Durability::kCache);
    ASSERT_TRUE(commit({{0, "a"}}).ok());
    ASSERT_TRUE(journal->checkpoint().ok());
    crash(PowerCut::kLoseAll);
    EXPECT_THAT(values(0), ElementsAre("first", "a"));
}

TEST_F(JournalRelaxed, KeepsAtomicUnitsWholeAndWhatIsBeforeThem) {
    open_with(Durability::kCache);
    ASSERT_TRUE(commit({{0, "a"}}).ok());
    ASSERT_TRUE(commit({{0, "b"}, {1, "c"}}).ok());
    ASSERT_TRUE(commit({{0, "d"}}).ok());
    crash(PowerCut::kLoseAll);
    EXPECT_THAT(values(0), ElementsAre("first", "a", "b"));
    EXPECT_THAT(values(1), ElementsAre("c"));
}

TEST_F(JournalRelaxed, ShowsNoPieceOfAUnitWhoseFrameIsTorn) {
    open_with(Durability::kCache);
    files.fail(FileCall::kWrite,
               1);  // the frame: a piece of a relaxed partition is not written yet
    submit({{0, "a"}, {1, "b"}});
    run();
    EXPECT_EQ(fatal.size(), 1U);
    drop();
    files.power_cut(PowerCut::kKeepAll);
    static_cast<void>(files.flip_bit(wal_files().back(), 4096 + 4096 + 100, 0));  // the half frame
    open();
    EXPECT_THAT(values(0), ElementsAre("first"));
    EXPECT_THAT(values(1), IsEmpty());
}

TEST_F(JournalRelaxed, BecomesStrictAgainWithAllThatWentPastBefore) {
    open_with(Durability::kCache);
    ASSERT_TRUE(commit({{0, "a"}}).ok());
    partition_options.durability = Durability::kFsync;
    log(0).set_options(partition_options);
    ASSERT_TRUE(commit({{0, "b"}}).ok());
    EXPECT_FALSE(log(0).is_relaxed());
    ASSERT_TRUE(commit({{0, "c"}}).ok());
    crash(PowerCut::kLoseAll);
    EXPECT_FALSE(log(0).is_relaxed());
    EXPECT_THAT(values(0), ElementsAre("first", "a", "b", "c"));
}

TEST_F(JournalRelaxed, KeepsADeletedRangeDeletedOverAPowerCut) {
    open_with(Durability::kCache);
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(commit({{0, "x"}}).ok());
    }
    ASSERT_TRUE(delete_records(0, 8).ok());
    crash(PowerCut::kLoseAll);
    EXPECT_EQ(log(0).log_start(), Offset{8});
    EXPECT_GE(log(0).high_watermark(), Offset{8});
}

TEST_F(JournalRelaxed, RefusesAUnitThatAFrameCannotCarry) {
    open_with(Durability::kCache);
    const auto refused = commit({{0, std::string(20'000, 'x')}, {1, "y"}});
    EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
    EXPECT_THAT(values(1), IsEmpty());
}

TEST_F(JournalRelaxed, RefusesOnAFullDiskAndGoesOnWhenThereIsRoom) {
    open_with(Durability::kCache);
    files.set_capacity(files.used_bytes());
    EXPECT_EQ(commit({{0, std::string(6000, 'x')}}).error().code, ErrorCode::kNoSpace);
    files.set_capacity(std::nullopt);
    ASSERT_TRUE(commit({{0, "a"}}).ok());
    kill();
    EXPECT_THAT(values(0), ElementsAre("first", "a"));
}

}  // namespace
}  // namespace millrace::log
