#include "core/log/journal.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/checksum.h"
#include "tests/core/log/journal_fixture.h"

namespace millrace::log {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class JournalCommit : public JournalFixture {};
class JournalReopen : public JournalFixture {};

TEST_F(JournalCommit, AnswersAndShowsAUnitOverManyPartitions) {
    open();
    const auto committed = commit({{0, "a"}, {1, "b"}, {5, "c"}});
    ASSERT_TRUE(committed.ok()) << committed.error().message;
    EXPECT_EQ(committed.value().sequence, 1U);
    EXPECT_THAT(committed.value().base_offsets, ElementsAre(Offset{0}, Offset{0}, Offset{0}));
    EXPECT_THAT(values(0), ElementsAre("a"));
    EXPECT_THAT(values(1), ElementsAre("b"));
    EXPECT_THAT(values(5), ElementsAre("c"));
}

TEST_F(JournalCommit, SyncsAGroupOfManyUnitsOverManyPartitionsOnce) {
    options.frame_inline_bytes_max = 24 * 1024;
    open();
    warm_up(8);
    files.reset_calls();
    for (int i = 0; i < 100; ++i) {
        submit({{i % 8, "x"}, {(i + 3) % 8, "y"}});
    }
    run();
    ASSERT_EQ(answers.size(), 100U);
    for (const auto& answer : answers) {
        ASSERT_TRUE(answer.ok());
        EXPECT_EQ(answer.value().sequence, answers.front().value().sequence);
    }
    EXPECT_EQ(files.calls(FileCall::kSync), 1U);
    EXPECT_EQ(files.calls(FileCall::kSync, "/data/wal/"), 1U);
    EXPECT_EQ(files.calls(FileCall::kSyncDirectory), 0U);
}

TEST_F(JournalReopen, FindsWhatWasCommittedAfterACleanEnd) {
    open();
    ASSERT_TRUE(commit({{0, "a"}, {1, "b"}}).ok());
    ASSERT_TRUE(commit({{1, "c"}}).ok());
    close();
    reopen();
    EXPECT_EQ(journal->recovery().frames_replayed, 0U);
    EXPECT_THAT(values(0), ElementsAre("a"));
    EXPECT_THAT(values(1), ElementsAre("b", "c"));
    EXPECT_EQ(commit({{1, "d"}}).value().base_offsets.front(), Offset{2});
}

TEST_F(JournalReopen, FindsWhatWasCommittedAfterAPowerCut) {
    open();
    ASSERT_TRUE(commit({{0, "a"}, {1, "b"}}).ok());
    ASSERT_TRUE(commit({{1, std::string(3000, 'r')}}).ok());  // a reference
    ASSERT_TRUE(commit({{1, "c"}}).ok());
    drop();
    files.power_cut(PowerCut::kLoseAll);
    open();
    EXPECT_EQ(journal->recovery().frames_replayed, 3U);
    EXPECT_THAT(values(0), ElementsAre("a"));
    EXPECT_THAT(values(1), ElementsAre("b", std::string(3000, 'r'), "c"));
    EXPECT_EQ(commit({{0, "d"}}).value().sequence, 4U);
}

TEST_F(JournalReopen, CommitsWhatWasQueuedBeforeItCloses) {
    open();
    submit({{0, "a"}});
    submit({{0, std::string(3000, 'r')}});
    close();  // nothing was run on the executor: the caller does the work
    run();
    EXPECT_EQ(answers.size(), 2U);
    reopen();
    EXPECT_THAT(values(0), ElementsAre("a", std::string(3000, 'r')));
}

TEST_F(JournalCommit, LetsARefusedUnitLeaveNoTrace) {
    open();
    ASSERT_TRUE(commit({{0, "a"}}).ok());
    JournalUnit broken;
    broken.pieces.push_back({&log(0), partition(0), batch_of({"lost"})});
    broken.pieces.push_back({&log(1), partition(1), batch_of({"broken"})});
    broken.pieces.back().batches.span().back() ^= std::byte{1};
    submit(std::move(broken));
    JournalUnit fenced;
    fenced.pieces.push_back({&log(0), partition(0), batch_of({"fenced"})});
    fenced.admit = [](std::vector<JournalPiece>&) -> Status {
        return Error{ErrorCode::kFenced, "a newer owner writes"};
    };
    submit(std::move(fenced));
    submit({{0, "b"}, {1, "c"}});
    run();
    ASSERT_EQ(answers.size(), 3U);
    // In no particular order: who is refused does not wait for the others.
    std::vector<ErrorCode> refused;
    for (const Result<UnitCommitted>& answer : answers) {
        if (!answer.ok()) {
            refused.push_back(answer.error().code);
        }
    }
    EXPECT_THAT(refused, ElementsAre(ErrorCode::kCorruptBatch, ErrorCode::kFenced));
    reopen();
    EXPECT_THAT(values(0), ElementsAre("a", "b"));
    EXPECT_THAT(values(1), ElementsAre("c"));
}

TEST_F(JournalCommit, TakesPiecesThatAdmitAdds) {
    open();
    JournalUnit unit;
    unit.pieces.push_back({&log(0), partition(0), batch_of({"a"})});
    unit.admit = [this](std::vector<JournalPiece>& pieces) -> Status {
        pieces.push_back({&log(1), partition(1), batch_of({"marker"})});
        return Ok{};
    };
    static_cast<void>(log(1));
    submit(std::move(unit));
    run();
    EXPECT_EQ(answers.back().value().base_offsets.size(), 2U);
    EXPECT_THAT(values(1), ElementsAre("marker"));
}

TEST_F(JournalCommit, TellsPublishedBeforeTheAnswer) {
    open();
    std::vector<std::string> order;
    JournalUnit unit;
    unit.pieces.push_back({&log(0), partition(0), batch_of({"a"})});
    unit.published = [&](const UnitCommitted& committed) {
        EXPECT_EQ(log(0).high_watermark(), Offset{1});
        EXPECT_EQ(committed.base_offsets.front(), Offset{0});
        order.push_back("published");
    };
    unit.done = [&](const Result<UnitCommitted>&) { order.push_back("done"); };
    journal->submit(std::move(unit));
    run();
    EXPECT_THAT(order, ElementsAre("published", "done"));
}

TEST_F(JournalCommit, TellsWrittenBeforeTheSyncAndSurvivesAKillFromThere) {
    open();
    warm_up(1);
    std::vector<std::string> order;
    JournalUnit unit;
    unit.pieces.push_back({&log(0), partition(0), batch_of({"a"})});
    unit.written = [&](const UnitCommitted& committed) {
        EXPECT_EQ(committed.base_offsets.front(), Offset{1});
        order.push_back("written");
    };
    unit.done = [&](const Result<UnitCommitted>&) { order.push_back("done"); };
    files.fail(FileCall::kSync, 1);  // the process ends before the sync does
    journal->submit(std::move(unit));
    run();
    EXPECT_THAT(order, ElementsAre("written"));
    drop();
    files.kill();
    open();
    EXPECT_THAT(values(0), ElementsAre("first", "a"));
}

TEST_F(JournalCommit, SyncsUnitsThatCanWaitTogetherAfterAMoment) {
    open();
    warm_up(2);
    clock.advance(std::chrono::milliseconds(60));
    run();  // the stamp
    const std::uint64_t before = journal->stats().wal_syncs;
    for (int i = 0; i < 4; ++i) {
        submit_that_can_wait(0, "a");
        run();
        clock.advance(std::chrono::milliseconds(1));
        run();
    }
    EXPECT_THAT(answers, IsEmpty());
    EXPECT_EQ(log(0).high_watermark(), Offset{1});
    clock.advance(std::chrono::milliseconds(1));
    run();
    EXPECT_EQ(answers.size(), 4U);
    EXPECT_EQ(log(0).high_watermark(), Offset{5});
    EXPECT_EQ(journal->stats().wal_syncs, before + 1);
}

TEST_F(JournalCommit, SyncsUnitsThatCanWaitWithTheFirstThatCannot) {
    open();
    warm_up(1);
    submit_that_can_wait(0, "a");
    run();
    EXPECT_THAT(answers, IsEmpty());
    submit({{0, "b"}});
    run();
    EXPECT_EQ(answers.size(), 2U);
    EXPECT_THAT(values(0), ElementsAre("first", "a", "b"));
}

TEST_F(JournalCommit, KeepsUnitsThatWaitForTheirSyncOverAKill) {
    open();
    warm_up(1);
    submit_that_can_wait(0, "a");
    run();
    submit_that_can_wait(0, "b");
    run();
    drop();
    files.kill();
    open();
    EXPECT_THAT(values(0), ElementsAre("first", "a", "b"));
}

TEST_F(JournalCommit, WritesTheNextGroupWhileASyncRuns) {
    options.write_ahead_bytes = 0;
    open();
    warm_up(1);
    bool is_inside = false;
    files.during_sync("/data/wal/", [&] {
        if (!std::exchange(is_inside, true)) {
            submit({{0, "b"}});
            io->run_one();
            EXPECT_EQ(log(0).high_watermark(), Offset{1});
        }
    });
    submit({{0, "a"}});
    io->run_one();  // up to the end of the first sync: it does not answer for what came under it
    EXPECT_TRUE(is_inside);
    EXPECT_EQ(journal->stats().wal_syncs, 3U);
    run();
    EXPECT_EQ(answers.size(), 2U);
    EXPECT_THAT(values(0), ElementsAre("first", "a", "b"));
}

TEST_F(JournalCommit, RefusesUnitsOnAFullDiskAndGoesOnWhenThereIsRoom) {
    open();
    ASSERT_TRUE(commit({{0, "a"}}).ok());
    files.set_capacity(files.used_bytes());
    const std::string large(6000, 'x');
    submit({{0, "b"}, {1, large}});  // a new segment for 1, which has no place
    submit({{0, "c"}});              // fits into the space that the segment has
    run();
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers[0].error().code, ErrorCode::kNoSpace);
    EXPECT_TRUE(answers[1].ok());
    answers.clear();
    files.set_capacity(std::nullopt);
    ASSERT_TRUE(commit({{1, large}}).ok());
    EXPECT_THAT(fatal, IsEmpty());
    reopen();
    EXPECT_THAT(values(0), ElementsAre("a", "c"));
    EXPECT_THAT(values(1), ElementsAre(large));
}

TEST_F(JournalCommit, NeverNeedsDiskSpaceForTheWalAfterTheStart) {
    partition_options.preallocate_bytes = 64 * 1024;
    partition_options.segment_bytes = 1 << 20;
    options.checkpoint_bytes = std::uint64_t{1} << 40;  // only when the WAL runs out of space
    open();
    ASSERT_TRUE(commit({{0, "a"}}).ok());
    files.set_capacity(files.used_bytes() + 2000);  // a checkpoint fits, a WAL file does not
    for (int i = 0; i < 80; ++i) {                  // more than five files of the WAL
        const auto committed = commit({{0, std::string(700, 'x')}});
        ASSERT_TRUE(committed.ok()) << i << ": " << committed.error().message;
    }
    EXPECT_GT(journal->stats().checkpoints, 2U);
    EXPECT_LE(wal_files().size(), 2U);
}

TEST_F(JournalCommit, TakesASmallPartOfASmallDisk) {
    const JournalOptions wanted;
    EXPECT_EQ(wanted.fitting(files, "/").file_bytes, wanted.file_bytes);
    EXPECT_EQ(wanted.fitting(files, "/").checkpoint_bytes, wanted.checkpoint_bytes);
    files.set_capacity(std::uint64_t{256} << 20);
    EXPECT_EQ(wanted.fitting(files, "/").file_bytes, std::uint64_t{4} << 20);
    EXPECT_EQ(wanted.fitting(files, "/").checkpoint_bytes, std::uint64_t{16} << 20);
    files.set_capacity(100);
    EXPECT_EQ(wanted.fitting(files, "/").file_bytes, std::uint64_t{1} << 20);
    JournalOptions smaller;
    smaller.file_bytes = 64 * 1024;
    EXPECT_EQ(smaller.fitting(files, "/").file_bytes, smaller.file_bytes);
    EXPECT_EQ(smaller.fitting(files, "/").checkpoint_bytes, smaller.checkpoint_bytes);
}

TEST_F(JournalCommit, SaysWhatItNeedsOfADiskThatIsTooSmall) {
    files.set_capacity(files.used_bytes() + options.file_bytes);
    const Status opened = try_open();
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, ErrorCode::kNoSpace);
    EXPECT_THAT(opened.error().message, HasSubstr("the journal needs two files of 65536 bytes"));
}

TEST_F(JournalCommit, BoundsItsQueue) {
    options.queue_bytes_max = 10'000;
    open();
    static_cast<void>(log(0));
    for (int i = 0; i < 20; ++i) {
        submit({{0, std::string(900, 'x')}});
    }
    run();
    ASSERT_EQ(answers.size(), 20U);
    const auto refused = std::count_if(answers.begin(), answers.end(), [](const auto& answer) {
        return !answer.ok() && answer.error().code == ErrorCode::kOutOfMemoryBudget;
    });
    EXPECT_GT(refused, 10);
    EXPECT_EQ(log(0).high_watermark().value, 20 - refused);
    EXPECT_TRUE(commit({{0, "again"}}).ok());
}

TEST_F(JournalCommit, RefusesAUnitWithMorePiecesThanAFrameTakes) {
    open();
    JournalUnit unit;
    for (int i = 0; i < 2000; ++i) {
        unit.pieces.push_back({&log(0), partition(0), batch_of({"x"})});
    }
    submit(std::move(unit));
    run();
    EXPECT_EQ(answers.back().error().code, ErrorCode::kTooLarge);
    EXPECT_EQ(log(0).high_watermark(), Offset{0});
}

TEST_F(JournalCommit, SplitsWhatIsQueuedIntoGroups) {
    options.group_bytes_max = 2000;
    open();
    for (int i = 0; i < 10; ++i) {
        submit({{0, std::string(800, 'x')}});
    }
    run();
    ASSERT_EQ(answers.size(), 10U);
    EXPECT_GE(journal->stats().groups, 5U);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        EXPECT_EQ(answers[i].value().base_offsets.front().value, static_cast<std::int64_t>(i));
    }
}

TEST_F(JournalCommit, StampsTheLastGroupOnceAfterAnIdleTime) {
    open();
    ASSERT_TRUE(commit({{0, "a"}}).ok());
    const std::uint64_t before = journal->stats().wal_syncs;
    clock.advance(std::chrono::milliseconds(49));
    run();
    EXPECT_EQ(journal->stats().wal_syncs, before);
    clock.advance(std::chrono::milliseconds(1));
    run();
    EXPECT_EQ(journal->stats().wal_syncs, before + 1);
    clock.advance(std::chrono::milliseconds(500));
    run();
    EXPECT_EQ(journal->stats().wal_syncs, before + 1);
}

TEST_F(JournalCommit, WritesCheckpointsByAgeAndByBytes) {
    options.checkpoint_bytes = 10 * 4096;
    open();
    EXPECT_EQ(journal->stats().checkpoints, 0U);
    ASSERT_TRUE(commit({{0, "a"}}).ok());
    clock.advance(std::chrono::seconds(30));
    run();
    EXPECT_EQ(journal->stats().checkpoints, 1U);
    clock.advance(std::chrono::seconds(300));
    run();
    EXPECT_EQ(journal->stats().checkpoints, 1U);  // there was nothing new
    for (int i = 0; i < 40; ++i) {
        ASSERT_TRUE(commit({{0, "x"}}).ok());
    }
    EXPECT_GE(journal->stats().checkpoints, 4U);
    EXPECT_LE(wal_files().size(), 3U);  // recycled: below the older checkpoint nothing is needed
}

TEST_F(JournalCommit, StopsForGoodWhenASyncFails) {
    open();
    warm_up(1);
    files.fail(FileCall::kSync, 1);
    submit({{0, "a"}});
    run();
    EXPECT_EQ(fatal.size(), 1U);
    EXPECT_THAT(answers, IsEmpty());
    EXPECT_EQ(log(0).high_watermark(), Offset{1});
    EXPECT_FALSE(journal->checkpoint().ok());
    EXPECT_FALSE(journal->close().ok());
}

TEST_F(JournalCommit, RefusesUnitsAfterItsEnd) {
    open();
    static_cast<void>(log(0));
    close();
    const auto late = commit({{0, "late"}});
    EXPECT_EQ(late.error().code, ErrorCode::kCancelled);
}

TEST_F(JournalCommit, AnswersWhatWasQueuedWhenItIsDropped) {
    open();
    submit({{0, "a"}});
    journal.reset();
    run();
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers.front().error().code, ErrorCode::kCancelled);
}

TEST_F(JournalCommit, RemovesSegmentsByRetention) {
    partition_options.retention_bytes = 20'000;
    open();
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(commit({{0, std::string(900, 'x')}}).ok());
    }
    ASSERT_TRUE(journal->apply_retention().ok());
    const Offset start = log(0).log_start();
    EXPECT_GT(start, Offset{0});
    drop();
    files.power_cut(PowerCut::kLoseAll);
    open();
    EXPECT_EQ(log(0).log_start(), start);
    EXPECT_EQ(log(0).high_watermark(), Offset{100});
}

class JournalLogStart : public JournalFixture {
  protected:
    void fill() {
        open();
        for (int i = 0; i < 40; ++i) {
            ASSERT_TRUE(commit({{0, std::to_string(i) + std::string(900, 'x')}}).ok());
        }
    }
};

TEST_F(JournalLogStart, HidesDeletedRecordsAtOnceAndRemovesTheirSegmentsSoon) {
    fill();
    const std::uint64_t before = log(0).size_bytes();
    ASSERT_TRUE(delete_records(0, 35).ok());
    EXPECT_EQ(log(0).log_start(), Offset{35});
    EXPECT_EQ(log(0).read(Offset{34}, 100).error().code, ErrorCode::kOffsetOutOfRange);
    EXPECT_EQ(values(0).size(), 5U);
    ASSERT_TRUE(journal->apply_retention().ok());
    EXPECT_LT(log(0).size_bytes(), before / 2);
    EXPECT_EQ(log(0).log_start(), Offset{35});
}

TEST_F(JournalLogStart, SurvivesAPowerCutAndACleanEnd) {
    fill();
    ASSERT_TRUE(delete_records(0, 33).ok());
    drop();
    files.power_cut(PowerCut::kLoseAll);
    open();
    EXPECT_EQ(log(0).log_start(), Offset{33});
    EXPECT_EQ(log(0).high_watermark(), Offset{40});
    close();
    reopen();
    EXPECT_EQ(log(0).log_start(), Offset{33});
    EXPECT_EQ(values(0).size(), 7U);
}

TEST_F(JournalLogStart, CanBeTheHighWatermark) {
    fill();
    ASSERT_TRUE(delete_records(0, -1).ok());
    EXPECT_EQ(log(0).log_start(), Offset{40});
    ASSERT_TRUE(journal->apply_retention().ok());
    EXPECT_EQ(log(0).size_bytes(), 0U);
    drop();
    files.power_cut(PowerCut::kLoseAll);
    open();
    EXPECT_EQ(log(0).log_start(), Offset{40});
    EXPECT_EQ(commit({{0, "next"}}).value().base_offsets.front(), Offset{40});
    EXPECT_THAT(values(0), ElementsAre("next"));
}

TEST_F(JournalLogStart, NeverGoesBackNorBeyondTheEnd) {
    fill();
    EXPECT_EQ(delete_records(0, 41).error().code, ErrorCode::kOffsetOutOfRange);
    ASSERT_TRUE(delete_records(0, 20).ok());
    ASSERT_TRUE(delete_records(0, 10).ok());
    EXPECT_EQ(log(0).log_start(), Offset{20});
}

TEST_F(JournalLogStart, MovesWithItsUnitOrNotAtAll) {
    fill();
    JournalUnit unit;
    unit.moves.push_back({&log(0), partition(0), Offset{10}});
    unit.pieces.push_back({&log(1), partition(1), batch_of({"broken"})});
    unit.pieces.back().batches.span().back() ^= std::byte{1};
    submit(std::move(unit));
    run();
    EXPECT_EQ(answers.back().error().code, ErrorCode::kCorruptBatch);
    EXPECT_EQ(log(0).log_start(), Offset{0});
}

TEST_F(JournalReopen, RefusesADirectoryWithoutAReadableCheckpoint) {
    open();
    ASSERT_TRUE(commit({{0, "a"}}).ok());
    drop();
    const auto entries = files.list("/data/wal");
    for (const DirectoryEntry& entry : entries.value()) {
        if (entry.name.starts_with("ckpt-")) {
            ASSERT_TRUE(files.flip_bit("/data/wal/" + entry.name, 30, 1));
        }
    }
    const Status opened = try_open();
    EXPECT_EQ(opened.error().code, ErrorCode::kCorruptJournal);
    EXPECT_THAT(opened.error().message, HasSubstr("millrace doctor"));
}

TEST_F(JournalReopen, RefusesACheckpointOfANewerVersionAndNamesBoth) {
    open();
    drop();
    const std::string path = "/data/wal/ckpt-00000000000000000002";
    auto content = files.read_file(path);
    ASSERT_TRUE(content.ok());
    Buffer bytes = std::move(content).value();
    store_le(bytes.data() + 4, std::uint16_t{9});
    store_le(bytes.data() + bytes.size() - 4, crc32c(bytes.view().first(bytes.size() - 4)));
    ASSERT_TRUE(files.write_file_atomically(path, bytes).ok());
    const Status opened = try_open();
    EXPECT_EQ(opened.error().code, ErrorCode::kNewerFormat);
    EXPECT_THAT(opened.error().message, HasSubstr("format 9"));
    EXPECT_THAT(opened.error().message, HasSubstr("format 1"));
}

TEST_F(JournalReopen, CutsATornFrame) {
    open();
    ASSERT_TRUE(commit({{0, "a"}}).ok());
    ASSERT_TRUE(commit({{0, std::string(600, 'b')}}).ok());
    drop();
    files.power_cut(PowerCut::kKeepAll);
    // The last frame was never stamped, so damage to it looks torn. Its segment copy goes as well.
    ASSERT_TRUE(files.flip_bit(wal_files().back(), 4096 + 4096 + 500, 0));
    ASSERT_TRUE(files.flip_bit(
        PartitionLog::directory_of("/data", partition(0)) + "/00000000000000000000.log", 300, 0));
    open();
    EXPECT_EQ(journal->recovery().torn_bytes, 4096U);
    EXPECT_THAT(journal->recovery().corrupt, IsEmpty());
    EXPECT_THAT(values(0), ElementsAre("a"));
    EXPECT_EQ(commit({{0, "c"}}).value().base_offsets.front(), Offset{1});
}

TEST_F(JournalReopen, HealsRotBelowTheStampFromTheSegment) {
    open();
    ASSERT_TRUE(commit({{0, std::string(600, 'a')}}).ok());
    ASSERT_TRUE(commit({{0, "b"}}).ok());
    drop();
    files.power_cut(PowerCut::kKeepAll);
    ASSERT_TRUE(files.flip_bit(wal_files().back(), 4096 + 500, 0));
    open();
    ASSERT_EQ(journal->recovery().healed.size(), 1U);
    EXPECT_THAT(journal->recovery().healed.front(), HasSubstr("offsets 0 to 0"));
    EXPECT_THAT(values(0), ElementsAre(std::string(600, 'a'), "b"));
}

TEST_F(JournalReopen, FollowsTheBatchesOverALostFrame) {
    open();
    ASSERT_TRUE(commit({{0, "a"}, {1, "b"}}).ok());
    ASSERT_TRUE(commit({{0, "c"}}).ok());
    drop();
    files.power_cut(PowerCut::kKeepAll);
    ASSERT_TRUE(files.flip_bit(wal_files().back(), 4096 + 20, 0));  // the first frame's header
    open();
    EXPECT_THAT(journal->recovery().corrupt.front(), HasSubstr("journal frames from lsn 0"));
    ASSERT_EQ(journal->recovery().healed.size(), 1U);
    EXPECT_THAT(values(0), ElementsAre("a", "c"));
    // Partition 1 was only known by the lost frame: this is what cannot be seen any more.
    EXPECT_FALSE(journal->recovery().ends.contains(partition(1)));
}

TEST_F(JournalReopen, MarksRotThatNothingHealsAndKeepsItsOffsets) {
    open();
    ASSERT_TRUE(commit({{0, "a"}}).ok());
    ASSERT_TRUE(commit({{0, std::string(600, 'b')}}).ok());
    ASSERT_TRUE(commit({{0, "c"}}).ok());
    drop();
    files.power_cut(PowerCut::kKeepAll);
    ASSERT_TRUE(files.flip_bit(wal_files().back(), 4096 + 4096 + 500, 0));
    ASSERT_TRUE(files.flip_bit(
        PartitionLog::directory_of("/data", partition(0)) + "/00000000000000000000.log", 300, 0));
    open();
    ASSERT_EQ(journal->recovery().corrupt.size(), 1U);
    EXPECT_THAT(journal->recovery().corrupt.front(), HasSubstr("offsets 1 to 1"));
    EXPECT_EQ(log(0).high_watermark(), Offset{3});
    const auto damaged = log(0).read(Offset{1}, 1 << 20);
    EXPECT_EQ(damaged.error().code, ErrorCode::kCorruptBatch);
    const auto behind = log(0).read(Offset{2}, 1 << 20);
    EXPECT_TRUE(behind.ok());
}

TEST_F(JournalReopen, SkipsPartitionsThatAreGone) {
    open();
    ASSERT_TRUE(commit({{0, "a"}, {4, "b"}}).ok());
    drop();
    files.power_cut(PowerCut::kLoseAll);
    auto opened = Journal::open(
        *env, "/data", options, [&](TopicPartition id) { return id.topic == partition(0).topic; });
    ASSERT_TRUE(opened.ok());
    EXPECT_TRUE(opened.value()->recovery().ends.contains(partition(0)));
    EXPECT_FALSE(opened.value()->recovery().ends.contains(partition(4)));
    EXPECT_FALSE(files.exists(PartitionLog::directory_of("/data", partition(4)) +
                              "/00000000000000000000.log"));
}

TEST_F(JournalReopen, KeepsTheEndsOfPartitionsThatNobodyOpened) {
    open();
    ASSERT_TRUE(commit({{0, "a"}, {1, "b"}}).ok());
    close();
    for (int i = 0; i < 3; ++i) {
        reopen();
        close();
    }
    reopen();
    EXPECT_THAT(values(0), ElementsAre("a"));
    EXPECT_THAT(values(1), ElementsAre("b"));
}

TEST_F(JournalReopen, TakesAnotherFileSize) {
    open();
    ASSERT_TRUE(commit({{0, "a"}}).ok());
    drop();
    options.file_bytes = 128 * 1024;
    open();
    EXPECT_THAT(values(0), ElementsAre("a"));
    ASSERT_TRUE(commit({{0, "b"}}).ok());
    options.file_bytes = 64 * 1024;
    reopen();
    EXPECT_THAT(values(0), ElementsAre("a", "b"));
}

TEST_F(JournalReopen, RefusesOptionsThatDoNotFit) {
    options.file_bytes = 5000;
    EXPECT_EQ(try_open().error().code, ErrorCode::kConfigInvalid);
}

}  // namespace
}  // namespace millrace::log
