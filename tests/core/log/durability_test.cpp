// One test for each promise of the log that no other suite holds by itself; tests/README.md says
// which test holds which promise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/mutant.h"
#include "core/log/segment.h"
#include "tests/core/log/journal_fixture.h"

namespace millrace::log {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Durability : public JournalFixture {
  protected:
    void fill(int number, int records) {
        for (int i = 0; i < records; ++i) {
            ASSERT_TRUE(commit({{number, std::to_string(i) + std::string(900, 'x')}}).ok());
        }
    }
    std::string path_of(int number, const std::string& name) {
        return PartitionLog::directory_of("/data", partition(number)) + "/" + name;
    }
};

TEST_F(Durability, D1_WhatIsAcknowledgedSurvivesAPowerCut) {
    open();
    fill(0, 40);  // over rolls
    ASSERT_TRUE(commit({{0, std::string(3000, 'r')}}).ok());
    drop();
    files.power_cut(PowerCut::kLoseAll);
    open();
    EXPECT_EQ(log(0).high_watermark(), Offset{41});
    EXPECT_EQ(values(0).back(), std::string(3000, 'r'));
}

TEST_F(Durability, D2_ASyncAnswersForNothingWrittenWhileItRan) {
    options.write_ahead_bytes = 0;
    open();
    warm_up(1);
    std::vector<std::size_t> answered_inside;
    files.during_sync("/data/wal/", [&] {
        if (answered_inside.empty()) {
            answered_inside.push_back(0);
            submit({{0, "late"}});
            io->run_one();
            // The power goes before the second sync: the first one must not have covered it.
        }
    });
    submit({{0, "early"}});
    files.fail(FileCall::kSync, 2);
    run();
    EXPECT_EQ(answers.size(), 1U);
    drop();
    files.during_sync("", nullptr);
    files.power_cut(PowerCut::kLoseAll);
    open();
    // A failed sync may have brought anything to the disk; what counts is that nobody was told.
    const auto found = values(0);
    ASSERT_GE(found.size(), 2U);
    EXPECT_EQ(found[0], "first");
    EXPECT_EQ(found[1], "early");
}

TEST_F(Durability, D3_ReadersNeverSeeWhatCanVanish) {
    open();
    warm_up(1);
    files.during_sync("/data/wal/", [&] { EXPECT_EQ(log(0).high_watermark(), Offset{1}); });
    ASSERT_TRUE(commit({{0, "a"}}).ok());
    files.during_sync("", nullptr);
    EXPECT_EQ(log(0).high_watermark(), Offset{2});
}

TEST_F(Durability, D4_OffsetsFollowEachOtherInTheOrderOfSubmission) {
    open();
    for (int i = 0; i < 300; ++i) {
        submit({{i % 3, std::to_string(i)}});
        if (i % 7 == 0) {
            run();
        }
    }
    run();
    for (int number = 0; number < 3; ++number) {
        const auto found = values(number);
        ASSERT_EQ(found.size(), 100U);
        for (int i = 0; i < 100; ++i) {
            EXPECT_EQ(found[static_cast<std::size_t>(i)], std::to_string(number + 3 * i));
        }
    }
}

TEST_F(Durability, D7_AFailedSyncEndsTheProcess) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    options.on_sync_failure = nullptr;
    open();
    warm_up(1);
    EXPECT_DEATH(
        {
            files.fail(FileCall::kSync, 1);
            submit({{0, "a"}});
            run();
        },
        "");
}

TEST_F(Durability, D7_ARestartRewritesWhatItAcceptsAfterAFailedSync) {
    open();
    fill(0, 3);
    files.fail(FileCall::kSync, 1);  // marks pages clean that are not on the disk
    submit({{0, "a"}});
    run();
    EXPECT_EQ(fatal.size(), 1U);
    drop();
    files.kill();
    open();
    const auto first = values(0);
    drop();
    files.power_cut(PowerCut::kLoseAll);
    open();
    EXPECT_EQ(values(0), first);
    EXPECT_GE(first.size(), 3U);
}

TEST_F(Durability, D8_TheLogStartIsDurableBeforeFilesGo) {
    open();
    fill(0, 60);
    ASSERT_TRUE(delete_records(0, 50).ok());
    ASSERT_TRUE(journal->apply_retention().ok());
    drop();
    files.power_cut(PowerCut::kLoseAll);  // takes back removals that were not durable
    open();
    EXPECT_EQ(log(0).log_start(), Offset{50});
    EXPECT_EQ(values(0).size(), 10U);
}

TEST_F(Durability, D10_IndexesAreMadeAgainWhateverHappenedToThem) {
    open();
    fill(0, 60);
    close();
    drop();
    const std::string directory = PartitionLog::directory_of("/data", partition(0));
    const auto entries = files.list(directory);
    std::vector<std::string> indexes;
    for (const DirectoryEntry& entry : entries.value()) {
        if (entry.name.ends_with(".index")) {
            indexes.push_back(directory + "/" + entry.name);
        }
    }
    ASSERT_GE(indexes.size(), 3U);
    ASSERT_TRUE(files.remove(indexes[0]).ok());
    ASSERT_TRUE(files.flip_bit(indexes[1], 20, 3));
    // One that belongs to another segment.
    const auto other = files.read_file(indexes[2]);
    ASSERT_TRUE(files.write_file_atomically(indexes[0], other.value()).ok());
    open();
    EXPECT_EQ(values(0).size(), 60U);
}

class DurabilityMutants : public Durability {};

/// Mutant 19: an index that speaks of more than the log has is believed.
TEST_F(DurabilityMutants, AnIndexAheadOfTheLogIsFound) {
    open();
    fill(0, 12);
    drop();  // saves the index of the active segment
    // The log goes back: as if the index had reached the disk and the batches had not.
    const LogPosition end{.offset = Offset{2}, .segment = Offset{0}, .position = 0};
    const auto batch = batch_of({"0" + std::string(900, 'x')});
    LogPosition cut = end;
    cut.position = 2 * batch.size();
    const PlantedMutant planted(19);
    auto opened = PartitionLog::open(
        *env, PartitionLog::directory_of("/data", partition(0)), partition_options, cut);
    ASSERT_TRUE(opened.ok());
    auto& log = *opened.value();
    auto next = batch_of({"new"});
    const auto staged = log.stage(next.span());
    ASSERT_TRUE(staged.ok());
    ASSERT_TRUE(log.write(staged.value(), next).ok());
    EXPECT_DEATH(log.publish(staged.value().end), "CHECK failed") << "the planted bug is not seen";
}

TEST_F(Durability, D16_ClockJumpsMoveNoSyncAndDeleteNothing) {
    partition_options.retention_age = std::chrono::hours(1);
    open();
    fill(0, 30);
    for (const std::int64_t wall_ms : {std::int64_t{0},
                                       std::int64_t{4'000'000'000'000},
                                       std::int64_t{1'000},
                                       std::int64_t{1'700'000'000'000}}) {
        clock.set_wall_ms(wall_ms);
        ASSERT_TRUE(journal->apply_retention().ok());
        ASSERT_TRUE(commit({{0, "x"}}).ok());
        submit_that_can_wait(0, "y");
        run();
        clock.advance(std::chrono::milliseconds(5));
        run();
        EXPECT_EQ(answers.size(), 1U);
        answers.clear();
    }
    EXPECT_EQ(log(0).log_start(), Offset{0});
    EXPECT_EQ(values(0).size(), 38U);
}

TEST_F(Durability, D18_AnUncleanStartReadsOnlyAboveTheRecoveryPoint) {
    open();
    fill(0, 400);  // two dozen segments
    ASSERT_TRUE(journal->checkpoint().ok());
    ASSERT_TRUE(journal->checkpoint().ok());
    fill(0, 2);
    drop();
    files.kill();
    files.reset_calls();
    open();
    static_cast<void>(log(0));
    const std::uint64_t segments = 402 / 16;
    // Of a closed segment the last batch's header, which the index is checked against.
    EXPECT_LE(files.calls(FileCall::kRead, ".log"), 2 * segments + 20);
    EXPECT_EQ(journal->recovery().frames_replayed, 2U);
    EXPECT_EQ(log(0).high_watermark(), Offset{402});
}

}  // namespace
}  // namespace millrace::log
