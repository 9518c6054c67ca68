#include "core/log/partition_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/checksum.h"
#include "core/record/record_batch.h"
#include "tests/core/log/partition_fixture.h"

namespace millrace::log {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// --- append, publish, read

TEST(PartitionLogAppend, GivesOffsetsAndServesThemOncePublished) {
    PartitionFixture partition;
    partition.open();
    EXPECT_EQ(partition.append({"a", "b"}), Offset{0});
    EXPECT_EQ(partition.append({"c"}), Offset{2});
    EXPECT_EQ(partition.log().high_watermark(), Offset{3});
    EXPECT_THAT(partition.read_all(Offset{0}), ElementsAre("a", "b", "c"));
    EXPECT_THAT(partition.read_all(Offset{1}), ElementsAre("b", "c"));
    EXPECT_THAT(partition.read_all(Offset{3}), IsEmpty());
}

TEST(PartitionLogAppend, TakesSeveralBatchesAtOnce) {
    PartitionFixture partition;
    partition.open();
    Buffer bytes = PartitionFixture::batch({"a", "b"});
    bytes.append(PartitionFixture::batch({"c"}, 0, Codec::kGzip).view());
    bytes.append(PartitionFixture::batch({"d"}).view());
    const std::size_t size = bytes.size();
    const StagedAppend staged = partition.try_append(std::move(bytes)).value();
    EXPECT_EQ(staged.base_offset, Offset{0});
    EXPECT_EQ(staged.last_offset, Offset{3});
    EXPECT_EQ(staged.end, (LogPosition{Offset{4}, Offset{0}, size}));
    EXPECT_EQ(partition.log().size_bytes(), size);
    EXPECT_THAT(partition.read_all(Offset{2}), ElementsAre("c", "d"));
}

TEST(PartitionLogAppend, ShowsNothingBeforePublish) {
    PartitionFixture partition;
    partition.open();
    Buffer first = PartitionFixture::batch({"a"});
    Buffer second = PartitionFixture::batch({"b"});
    const StagedAppend one = partition.log().stage(first.span()).value();
    const StagedAppend two = partition.log().stage(second.span()).value();
    ASSERT_TRUE(partition.log().write(one, first).ok());
    ASSERT_TRUE(partition.log().write(two, second).ok());
    EXPECT_EQ(partition.log().high_watermark(), Offset{0});
    EXPECT_EQ(partition.log().size_bytes(), 0);
    EXPECT_THAT(partition.read_all(Offset{0}), IsEmpty());
    partition.log().publish(one.end);
    EXPECT_THAT(partition.read_all(Offset{0}), ElementsAre("a"));
    partition.log().publish(two.end);
    EXPECT_THAT(partition.read_all(Offset{0}), ElementsAre("a", "b"));
}

TEST(PartitionLogAppend, RefusesDamagedBatchesAndChangesNothing) {
    PartitionFixture partition;
    partition.open();
    partition.append({"a"});
    const LogPosition before = partition.log().staged_end();
    Buffer good = PartitionFixture::batch({"b"});
    for (std::size_t at = 8; at < good.size(); ++at) {
        if (at >= 12 && at < 16) {
            continue;  // the leader epoch: the log writes its own
        }
        Buffer bad = good;
        bad.data()[at] ^= std::byte{1};
        Buffer kept = bad;
        EXPECT_EQ(partition.log().stage(bad.span()).error().code, ErrorCode::kCorruptBatch) << at;
        EXPECT_TRUE(equal(bad, kept));
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_EQ(partition.log().stage(good.span().first(size)).error().code,
                  ErrorCode::kCorruptBatch);
    }
    EXPECT_EQ(partition.log().staged_end(), before);
}

TEST(PartitionLogAppend, RefusesWhatIsTooLargeOrHasHoles) {
    PartitionFixture partition;
    partition.options().batch_bytes_max = 200;
    partition.open();
    EXPECT_EQ(
        partition.try_append(PartitionFixture::batch({std::string(300, 'x')})).error().message,
        "record batch is larger than the limit of 200 bytes: 370");
    Buffer holes = PartitionFixture::batch({"a"});
    store_be(holes.data() + 23, std::int32_t{1'000'000});  // last offset delta
    store_be(holes.data() + 17, crc32c(holes.view().subspan(21)));
    EXPECT_EQ(partition.try_append(std::move(holes)).error().message,
              "record count of a record batch does not fit its offsets: 1");
}

TEST(PartitionLogAppend, UnstageTakesBackWhatWasStaged) {
    PartitionFixture partition;
    partition.open();
    partition.append({"a"});
    const LogPosition before = partition.log().staged_end();
    Buffer lost = PartitionFixture::batch({"lost", "lost"});
    const StagedAppend staged = partition.log().stage(lost.span()).value();
    ASSERT_TRUE(partition.log().write(staged, lost).ok());
    partition.log().unstage(before);
    EXPECT_EQ(partition.log().staged_end(), before);
    EXPECT_EQ(partition.append({"b"}), Offset{1});
    EXPECT_THAT(partition.read_all(Offset{0}), ElementsAre("a", "b"));
}

TEST(PartitionLogAppend, UnstageRemovesTheFilesOfRolls) {
    PartitionFixture partition;
    partition.options().segment_bytes = 150;
    partition.open();
    partition.append({"a"});
    const LogPosition before = partition.log().staged_end();
    std::vector<Buffer> lost;
    for (int i = 0; i < 5; ++i) {
        lost.push_back(PartitionFixture::batch({"lost"}));
        const StagedAppend staged = partition.log().stage(lost.back().span()).value();
        ASSERT_TRUE(partition.log().write(staged, lost.back()).ok());
    }
    EXPECT_TRUE(partition.files().exists(partition.path(Offset{4})));
    partition.log().unstage(before);
    EXPECT_FALSE(partition.files().exists(partition.path(Offset{2})));
    EXPECT_FALSE(partition.files().exists(partition.path(Offset{4})));
    partition.append({"b", "c", "d"});
    EXPECT_THAT(partition.read_all(Offset{0}), ElementsAre("a", "b", "c", "d"));
    partition.reopen();
    EXPECT_THAT(partition.read_all(Offset{0}), ElementsAre("a", "b", "c", "d"));
    EXPECT_THAT(partition.said(), IsEmpty());
}

TEST(PartitionLogRead, NamesTheRangeWhenTheOffsetIsOutside) {
    PartitionFixture partition;
    partition.open();
    partition.append({"a"});
    const Result<LogRead> read = partition.log().read(Offset{2}, 100);
    EXPECT_EQ(read.error().code, ErrorCode::kOffsetOutOfRange);
    EXPECT_EQ(read.error().message, "offset is not in [0, 1]: 2");
    EXPECT_EQ(partition.log().read(Offset{-1}, 100).error().code, ErrorCode::kOffsetOutOfRange);
}

TEST(PartitionLogRead, GivesWholeBatchesWithinTheLimitFromEveryOffset) {
    PartitionFixture partition;
    partition.options().segment_bytes = 20'000;
    partition.open();
    std::vector<std::string> all;
    std::vector<std::size_t> size_of_batch_with;  // by offset
    for (int i = 0; i < 200; ++i) {
        std::vector<std::string> values;
        for (int j = 0; j <= i % 4; ++j) {
            values.push_back(std::to_string(all.size()) +
                             std::string(static_cast<std::size_t>(i * 37 % 500), 'v'));
            all.push_back(values.back());
        }
        Buffer bytes = PartitionFixture::batch(values);
        size_of_batch_with.insert(size_of_batch_with.end(), values.size(), bytes.size());
        partition.try_append(std::move(bytes)).value();
    }
    for (int pass = 0; pass < 2; ++pass) {
        for (std::size_t from = 0; from < all.size(); ++from) {
            for (const std::size_t limit : {std::size_t{1}, std::size_t{700}, std::size_t{9000}}) {
                const Offset offset{static_cast<std::int64_t>(from)};
                const LogRead read = partition.log().read(offset, limit).value();
                const RecordBatchView first = RecordBatchView::parse(read.batches).value();
                EXPECT_LE(first.base_offset(), offset);
                EXPECT_GE(first.last_offset(), offset);
                EXPECT_LE(read.batches.size(), std::max(limit, size_of_batch_with[from]));
                EXPECT_GE(read.page->data() + read.page->capacity(),
                          read.batches.data() + read.batches.size());
            }
        }
        for (const std::size_t limit : {std::size_t{1}, std::size_t{3000}, kPageSize}) {
            EXPECT_EQ(partition.read_all(Offset{0}, limit), all);
        }
        partition.reopen();
    }
    EXPECT_THAT(partition.said(), IsEmpty());
}

TEST(PartitionLogRead, GivesABatchThatIsLargerThanAPage) {
    PartitionFixture partition;
    partition.open();
    const std::string large(3 * kPageSize, 'x');
    partition.append({"a"});
    partition.append({large});
    partition.append({"b"});
    EXPECT_THAT(partition.read_all(Offset{0}, 1), ElementsAre("a", large, "b"));
    EXPECT_THAT(partition.read_all(Offset{1}), ElementsAre(large, "b"));
}

TEST(PartitionLogRead, GivesWhatWasTakenUnderALargerLimit) {
    PartitionFixture partition;
    partition.open();
    partition.append({std::string(5000, 'x')});
    partition.options().batch_bytes_max = 100;
    partition.reopen();
    EXPECT_EQ(partition.read_all(Offset{0}).size(), 1);
    EXPECT_THAT(partition.said(), IsEmpty());
}

// --- segments

TEST(PartitionLogRoll, StartsASegmentBeforeItWouldPassItsSize) {
    PartitionFixture partition;
    const std::size_t size = PartitionFixture::batch({"value"}).size();
    partition.options().segment_bytes = 3 * size;
    partition.open();
    for (int i = 0; i < 7; ++i) {
        partition.append({"value"});
    }
    EXPECT_EQ(partition.log().staged_end(), (LogPosition{Offset{7}, Offset{6}, size}));
    ASSERT_TRUE(partition.log().sync().ok());
    for (const Offset base : {Offset{0}, Offset{3}}) {
        EXPECT_EQ(partition.files().info(partition.path(base)).value().size, 3 * size);
        EXPECT_TRUE(partition.files().exists(partition.path(base, ".index")));
    }
    EXPECT_EQ(partition.log().size_bytes(), 7 * size);
}

TEST(PartitionLogRoll, GivesALargeBatchASegmentOfItsOwn) {
    PartitionFixture partition;
    partition.options().segment_bytes = 500;
    partition.open();
    partition.append({"a"});
    partition.append({std::string(5000, 'x')});
    partition.append({"b"});
    EXPECT_EQ(partition.log().staged_end().segment, Offset{2});
    EXPECT_EQ(partition.read_all(Offset{0}).size(), 3);
}

TEST(PartitionLogRoll, StartsASegmentWhenTheFirstAppendIsTooLongAgo) {
    PartitionFixture partition;
    partition.options().segment_age = std::chrono::minutes(10);
    partition.open();
    partition.append({"a"}, 1);  // record times say nothing about when it came
    partition.clock().advance(std::chrono::minutes(6));
    partition.append({"b"}, std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(partition.log().staged_end().segment, Offset{0});
    partition.reopen();
    partition.clock().advance(std::chrono::minutes(4));
    partition.append({"c"});
    EXPECT_EQ(partition.log().staged_end().segment, Offset{2});
}

TEST(PartitionLogFiles, AreNamedAsKafkaNamesThem) {
    SeededRandom random(1);
    const TopicId topic = TopicId::make(random);
    EXPECT_EQ(PartitionLog::segment_file_name(Offset{42}), "00000000000000000042.log");
    EXPECT_EQ(PartitionLog::directory_of("/d", {topic, Partition{3}}),
              "/d/topics/" + topic.to_string() + "/3");
}

TEST(PartitionLogSync, IsNeededForANewFileOnly) {
    PartitionFixture partition;
    partition.options().segment_bytes = 150;
    partition.open();
    EXPECT_FALSE(partition.log().needs_directory_sync());
    partition.append({"a"});
    EXPECT_TRUE(partition.log().needs_directory_sync());
    ASSERT_TRUE(partition.log().sync().ok());
    partition.append({"b"});
    EXPECT_FALSE(partition.log().needs_directory_sync());
    Buffer bytes = PartitionFixture::batch({"c"});
    const StagedAppend staged = partition.log().stage(bytes.span()).value();
    EXPECT_TRUE(partition.log().needs_directory_sync());
    ASSERT_TRUE(partition.log().write(staged, bytes).ok());
    EXPECT_TRUE(partition.log().needs_directory_sync());
    partition.log().publish(staged.end);
    ASSERT_TRUE(partition.log().sync().ok());
    EXPECT_FALSE(partition.log().needs_directory_sync());
}

// --- times

TEST(PartitionLogTime, FindsTheFirstRecordAtOrAfterATime) {
    PartitionFixture partition;
    partition.options().segment_bytes = 10'000;
    partition.open();
    for (int i = 0; i < 300; ++i) {
        partition.append({std::string(100, 'x')}, 1000 + i * 10);
    }
    for (int pass = 0; pass < 2; ++pass) {
        const auto find = [&](std::int64_t time) {
            return partition.log().offset_for_time(Timestamp{time}).value();
        };
        EXPECT_EQ(find(0), Offset{0});
        for (int i = 0; i < 300; ++i) {
            EXPECT_EQ(find(1000 + i * 10), Offset{i});
            EXPECT_EQ(find(991 + i * 10), Offset{i});
        }
        EXPECT_EQ(find(5000), Offset{300});
        partition.reopen();
    }
}

TEST(PartitionLogTime, IsExactWhenTimesGoBackAndForth) {
    PartitionFixture partition;
    partition.options().segment_bytes = 10'000;
    partition.open();
    SeededRandom random(5);
    std::vector<std::int64_t> times;
    for (int i = 0; i < 300; ++i) {
        times.push_back(static_cast<std::int64_t>(random.below(1000)) + i);
        partition.append({std::string(100, 'x')}, times.back());
    }
    for (std::int64_t time = 0; time < 1400; ++time) {
        const auto found =
            std::find_if(times.begin(), times.end(), [&](auto t) { return t >= time; });
        EXPECT_EQ(partition.log().offset_for_time(Timestamp{time}).value(),
                  Offset{found - times.begin()});
    }
}

// --- clean-up

TEST(PartitionLogRetention, RemovesWhatIsOverAgeTheActiveSegmentIncluded) {
    PartitionFixture partition;
    partition.options().retention_age = std::chrono::hours(1);
    partition.open();
    partition.append({"a"});
    partition.append({"b"});
    partition.clock().advance(std::chrono::minutes(59));
    partition.apply_retention();
    EXPECT_THAT(partition.read_all(Offset{0}), ElementsAre("a", "b"));
    partition.append({"c"});
    partition.clock().advance(std::chrono::minutes(1));
    EXPECT_EQ(partition.apply_retention(), 1);
    EXPECT_EQ(partition.log().log_start(), Offset{2});
    EXPECT_THAT(partition.read_all(Offset{2}), ElementsAre("c"));
    EXPECT_EQ(partition.log().read(Offset{0}, 1).error().code, ErrorCode::kOffsetOutOfRange);
    EXPECT_FALSE(partition.files().exists(partition.path(Offset{0})));
    EXPECT_FALSE(partition.files().exists(partition.path(Offset{0}, ".index")));
    partition.clock().advance(std::chrono::hours(2));
    partition.apply_retention();
    EXPECT_EQ(partition.log().log_start(), Offset{3});
    EXPECT_EQ(partition.log().size_bytes(), 0);
    EXPECT_EQ(partition.append({"d"}), Offset{3});
    partition.reopen();
    EXPECT_THAT(partition.read_all(Offset{3}), ElementsAre("d"));
}

TEST(PartitionLogRetention, KeepsAtLeastTheBytesAskedFor) {
    PartitionFixture partition;
    const std::size_t size = PartitionFixture::batch({"value"}).size();
    partition.options().segment_bytes = 2 * size;
    partition.options().retention_bytes = 4 * size;
    partition.open();
    for (std::size_t i = 0; i < 20; ++i) {
        partition.append({"value"});
        partition.apply_retention();
        EXPECT_LE(partition.log().size_bytes(), 6 * size);
        EXPECT_GE(partition.log().size_bytes(), std::min<std::size_t>(4, i + 1) * size);
    }
    EXPECT_GE(partition.log().log_start(), Offset{14});
}

TEST(PartitionLogRetention, ByBytesReachesTheActiveSegment) {
    PartitionFixture partition;
    partition.options().retention_bytes = 10'000;
    partition.open();
    for (int i = 0; i < 1000; ++i) {
        partition.append({std::string(100, 'x')});
        partition.apply_retention();
    }
    EXPECT_LE(partition.log().size_bytes(), 15'000);
    EXPECT_GE(partition.log().size_bytes(), 10'000);
}

TEST(PartitionLogRetention, StopsAtTheFloor) {
    PartitionFixture partition;
    partition.options().segment_bytes = 100;
    partition.options().retention_age = std::chrono::hours(1);
    partition.open();
    for (int i = 0; i < 5; ++i) {
        partition.append({"value"});
    }
    partition.clock().advance(std::chrono::hours(2));
    EXPECT_EQ(partition.log().apply_retention(Offset{3}).value(), 3);
    EXPECT_EQ(partition.log().log_start(), Offset{3});
}

TEST(PartitionLogRetention, LeavesTheLogAloneWhileSomethingIsStaged) {
    PartitionFixture partition;
    partition.options().retention_age = std::chrono::hours(1);
    partition.open();
    partition.append({"a"});
    partition.clock().advance(std::chrono::hours(2));
    Buffer bytes = PartitionFixture::batch({"b"});
    const StagedAppend staged = partition.log().stage(bytes.span()).value();
    ASSERT_TRUE(partition.log().write(staged, bytes).ok());
    EXPECT_EQ(partition.log().apply_retention(Offset{1}).value(), 0);
    partition.log().publish(staged.end);
    EXPECT_THAT(partition.read_all(Offset{0}), ElementsAre("a", "b"));
}

TEST(PartitionLogRetention, IgnoresWhatRecordsClaimAboutTime) {
    PartitionFixture partition;
    partition.options().retention_age = std::chrono::hours(1);
    partition.open();
    const std::int64_t claims[] = {
        0, -1, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
    for (const std::int64_t claim : claims) {
        partition.append({"a"}, claim);
    }
    partition.clock().advance(std::chrono::minutes(50));
    partition.apply_retention();
    EXPECT_EQ(partition.log().log_start(), Offset{0});
    partition.clock().advance(std::chrono::minutes(10));
    partition.apply_retention();
    EXPECT_EQ(partition.log().log_start(), Offset{4});
}

TEST(PartitionLogRetention, IsNotMovedByWallClockJumps) {
    constexpr std::int64_t kYearMs = std::int64_t{365} * 86'400'000;
    for (const std::int64_t jump : {10 * kYearMs, -10 * kYearMs, -kYearMs * 54}) {
        for (const bool is_during_downtime : {false, true}) {
            PartitionFixture partition;
            partition.options().retention_age = std::chrono::hours(1);
            partition.open();
            partition.append({"a"});
            partition.apply_retention();
            if (is_during_downtime) {
                partition.close();
            }
            partition.clock().set_wall_ms(partition.clock().wall_ms() + jump);
            if (is_during_downtime) {
                partition.open();
            }
            partition.clock().advance(std::chrono::minutes(59));
            partition.apply_retention();
            EXPECT_EQ(partition.log().log_start(), Offset{0}) << jump;
            partition.clock().advance(std::chrono::minutes(1));
            partition.apply_retention();
            EXPECT_EQ(partition.log().log_start(), Offset{1}) << jump;
        }
    }
}

TEST(PartitionLogRetention, CountsDowntime) {
    PartitionFixture partition;
    partition.options().retention_age = std::chrono::hours(5);
    partition.options().segment_bytes = 100;
    partition.open();
    partition.append({"closed"});
    partition.append({"active"});
    partition.close();
    partition.clock().set_wall_ms(partition.clock().wall_ms() + 4 * 3'600'000);
    partition.open();
    partition.clock().advance(std::chrono::minutes(59));
    EXPECT_EQ(partition.apply_retention(), 0);
    partition.clock().advance(std::chrono::minutes(1));
    partition.apply_retention();
    EXPECT_EQ(partition.log().log_start(), Offset{2});
}

TEST(PartitionLogRetention, SurvivesAnEndThatNamesTheRemovedSegment) {
    PartitionFixture partition;
    partition.options().retention_age = std::chrono::hours(1);
    partition.open();
    partition.append({"a"});
    const LogPosition committed = partition.end();
    partition.clock().advance(std::chrono::hours(2));
    ASSERT_EQ(partition.apply_retention(), 1);
    ASSERT_TRUE(partition.try_open(committed).ok());
    EXPECT_EQ(partition.log().log_start(), Offset{1});
    EXPECT_EQ(partition.append({"b"}), Offset{1});
    EXPECT_THAT(partition.read_all(Offset{1}), ElementsAre("b"));
}

}  // namespace
}  // namespace millrace::log
