#include <gtest/gtest.h>

#include "tests/core/broker/broker_fixture.h"
#include "tests/support/fault_file_system.h"

namespace millrace::broker {
namespace {

class BrokerFetchSet : public BrokerTest {
  protected:
    using BrokerTest::BrokerTest;
    using Answer = std::optional<Result<std::vector<PartitionFetched>>>;

    static PartitionFetch from(const TopicInfo& topic,
                               std::int32_t partition,
                               std::int64_t offset = 0,
                               std::size_t bytes_max = kPageSize) {
        return {.from = {topic.id, Partition{partition}},
                .offset = Offset{offset},
                .bytes_max = bytes_max};
    }
    FetchId start(FetchSet set, Answer& answer) {
        return broker_->fetch_set(std::move(set), [&](Result<std::vector<PartitionFetched>> r) {
            EXPECT_FALSE(answer.has_value()) << "answered twice";
            answer.emplace(std::move(r));
        });
    }
    std::vector<PartitionFetched> fetch(FetchSet set) {
        Answer answer;
        start(std::move(set), answer);
        io_.run_all();
        EXPECT_TRUE(answer.has_value());
        return answer ? answer->value() : std::vector<PartitionFetched>{};
    }
    void append(const TopicInfo& topic, std::int32_t partition, std::size_t bytes) {
        Unit unit;
        unit.pieces.push_back({{topic.id, Partition{partition}}, batch({std::string(bytes, 'x')})});
        ASSERT_TRUE(BrokerTest::append(std::move(unit)).ok());
    }
    static std::size_t bytes_of(const PartitionFetched& fetched) {
        std::size_t bytes = 0;
        for (const ByteView batches : fetched.batches) {
            bytes += batches.size();
        }
        return bytes;
    }
    static constexpr std::chrono::milliseconds kWait{500};
};

TEST_F(BrokerFetchSet, ReadsAllPartitionsAndTheirEnds) {
    const TopicInfo topic = create("t", 3);
    append(topic, 0, 10);
    append(topic, 2, 10);
    append(topic, 2, 10);
    const auto fetched = fetch({.partitions = {from(topic, 0), from(topic, 1), from(topic, 2, 1)}});
    ASSERT_EQ(fetched.size(), 3U);
    EXPECT_GT(bytes_of(fetched[0]), 0U);
    EXPECT_EQ(fetched[0].high_watermark, Offset{1});
    EXPECT_EQ(fetched[0].last_stable_offset, Offset{1});
    EXPECT_EQ(bytes_of(fetched[1]), 0U);
    EXPECT_EQ(fetched[2].high_watermark, Offset{2});
    EXPECT_EQ(RecordBatchView::parse(fetched[2].batches.front()).value().base_offset(), Offset{1});
}

TEST_F(BrokerFetchSet, AnswersErrorsOfSinglePartitionsAtOnce) {
    const TopicInfo topic = create("t", 2);
    append(topic, 0, 10);
    const auto fetched = fetch({.partitions = {from(topic, 0), from(topic, 1, 5), from(topic, 9)},
                                .bytes_min = 1'000'000,
                                .wait_max = kWait});
    ASSERT_EQ(fetched.size(), 3U);
    EXPECT_EQ(fetched[0].error, KafkaError::kNone);
    EXPECT_GT(bytes_of(fetched[0]), 0U);
    EXPECT_EQ(fetched[1].error, KafkaError::kOffsetOutOfRange);
    EXPECT_EQ(fetched[2].error, KafkaError::kUnknownTopicOrPartition);
}

TEST_F(BrokerFetchSet, StaysBelowBytesMaxButForTheFirstBatch) {
    const TopicInfo topic = create("t", 3);
    for (std::int32_t p = 1; p < 3; ++p) {
        append(topic, p, 1000);
        append(topic, p, 1000);
    }
    const FetchSet all{.partitions = {from(topic, 0), from(topic, 1), from(topic, 2)}};
    FetchSet tiny = all;
    tiny.bytes_max = 10;
    auto fetched = fetch(tiny);
    EXPECT_EQ(RecordBatchView::parse(fetched[1].batches.front()).value().size_bytes(),
              bytes_of(fetched[1]));
    EXPECT_EQ(bytes_of(fetched[2]), 0U);

    FetchSet three = all;
    three.bytes_max = 3500;
    fetched = fetch(three);
    EXPECT_GT(bytes_of(fetched[1]), 2000U);
    EXPECT_GT(bytes_of(fetched[2]), 1000U);
    EXPECT_LE(bytes_of(fetched[1]) + bytes_of(fetched[2]), 3500U);

    FetchSet each = all;
    each.partitions[2].bytes_max = 10;
    fetched = fetch(each);
    EXPECT_EQ(bytes_of(fetched[2]), 0U) << "only the first partition with data may pass its limit";
}

TEST_F(BrokerFetchSet, WaitsUntilEnoughIsThereInAllPartitions) {
    const TopicInfo topic = create("t", 2);
    Answer answer;
    start({.partitions = {from(topic, 0), from(topic, 1)}, .bytes_min = 2000, .wait_max = kWait},
          answer);
    io_.run_all();
    append(topic, 0, 1000);
    EXPECT_FALSE(answer.has_value());
    append(topic, 1, 1000);
    ASSERT_TRUE(answer.has_value());
    EXPECT_GT(bytes_of(answer->value()[0]), 1000U);
    EXPECT_GT(bytes_of(answer->value()[1]), 1000U);
    EXPECT_EQ(broker_->inspect().waiting_fetches, 0U);
}

TEST_F(BrokerFetchSet, CountsWhatWasThereBeforeItBeganToWait) {
    const TopicInfo topic = create("t", 2);
    append(topic, 0, 1500);
    Answer answer;
    start({.partitions = {from(topic, 0), from(topic, 1)}, .bytes_min = 2000, .wait_max = kWait},
          answer);
    io_.run_all();
    EXPECT_FALSE(answer.has_value());
    append(topic, 1, 600);
    EXPECT_TRUE(answer.has_value());
}

TEST_F(BrokerFetchSet, AnswersWithTooLittleWhenItsTimeIsOver) {
    const TopicInfo topic = create("t", 2);
    append(topic, 0, 10);
    Answer answer;
    start({.partitions = {from(topic, 0), from(topic, 1)}, .bytes_min = 2000, .wait_max = kWait},
          answer);
    io_.run_all();
    EXPECT_FALSE(answer.has_value());
    clock_.advance(kWait);
    io_.run_all();
    ASSERT_TRUE(answer.has_value());
    EXPECT_GT(bytes_of(answer->value()[0]), 0U);
}

TEST_F(BrokerFetchSet, GoesOnWaitingForTheRestOfItsTimeWhenWokenTooEarly) {
    const TopicInfo topic = create("t", 1);
    append(topic, 0, 10);
    Answer answer;
    FetchSet set{.partitions = {from(topic, 0)}, .bytes_min = 5000, .wait_max = kWait};
    set.partitions[0].bytes_max = 4000;  // so much can never come
    start(set, answer);
    io_.run_all();
    clock_.advance(kWait / 2);
    append(topic, 0, 6000);  // wakes it
    io_.run_all();
    EXPECT_FALSE(answer.has_value());
    clock_.advance(kWait / 2);
    io_.run_all();
    EXPECT_TRUE(answer.has_value());
}

TEST_F(BrokerFetchSet, EndsWhenCancelledBeforeAndAfterItBeganToWait) {
    const TopicInfo topic = create("t", 2);
    const FetchSet set{.partitions = {from(topic, 0), from(topic, 1)},
                       .wait_max = std::chrono::hours(1)};
    Answer early;
    broker_->cancel_fetch(start(set, early));
    io_.run_all();
    EXPECT_TRUE(early.has_value() && early->ok());
    Answer late;
    const FetchId id = start(set, late);
    io_.run_all();
    EXPECT_FALSE(late.has_value());
    broker_->cancel_fetch(id);
    io_.run_all();
    EXPECT_TRUE(late.has_value() && late->ok());
    EXPECT_EQ(broker_->inspect().waiting_fetches, 0U);
}

TEST_F(BrokerFetchSet, IsNotDeafToACancelBetweenWakingAndServing) {
    const TopicInfo topic = create("t", 1);
    FetchSet set{.partitions = {from(topic, 0)}, .bytes_min = 5000};
    set.wait_max = std::chrono::hours(1);
    set.partitions[0].bytes_max = 10;
    Answer answer;
    const FetchId id = start(set, answer);
    io_.run_all();
    Unit unit;
    unit.pieces.push_back({{topic.id, Partition{0}}, batch({std::string(6000, 'x')})});
    broker_->append_atomic(std::move(unit), [](const Result<CommitPosition>&) {});
    while (broker_->inspect().waiting_fetches == 1) {
        ASSERT_TRUE(io_.run_one());
    }
    broker_->cancel_fetch(id);
    io_.run_all();
    EXPECT_TRUE(answer.has_value());
}

TEST_F(BrokerFetchSet, HearsOfATopicThatIsDeletedAndOfTheEnd) {
    const TopicInfo topic = create("t", 2);
    const TopicInfo other = create("u");
    Answer deleted;
    Answer closed;
    start({.partitions = {from(topic, 0), from(topic, 1)}, .wait_max = std::chrono::hours(1)},
          deleted);
    start({.partitions = {from(other, 0)}, .wait_max = std::chrono::hours(1)}, closed);
    io_.run_all();
    ASSERT_TRUE(broker_->delete_topic("t").ok());
    io_.run_all();
    ASSERT_TRUE(deleted.has_value());
    EXPECT_EQ(deleted->value()[0].error, KafkaError::kUnknownTopicOrPartition);
    EXPECT_FALSE(closed.has_value());
    ASSERT_TRUE(broker_->close().ok());
    io_.run_all();
    ASSERT_TRUE(closed.has_value());
    EXPECT_EQ(closed->error().code, ErrorCode::kCancelled);
}

TEST_F(BrokerFetchSet, NamesRotAndServesTheRest) {
    const TopicInfo topic = create("t");
    append(topic, 0, 100);
    append(topic, 0, 100);
    append(topic, 0, 100);
    const std::string path = "/data/topics/" + topic.id.to_string() + "/0/00000000000000000000.log";
    const std::size_t size = bytes_of(fetch({.partitions = {from(topic, 0)}})[0]) / 3;
    auto file = files_.open(path, OpenMode::kReadWrite).value();
    std::byte byte{};
    ASSERT_TRUE(file->read_at(size + 70, {&byte, 1}).ok());
    byte ^= std::byte{1};
    ASSERT_TRUE(file->write_at(size + 70, {&byte, 1}).ok());
    auto fetched = fetch({.partitions = {from(topic, 0)}});
    EXPECT_EQ(fetched[0].error, KafkaError::kNone);
    EXPECT_EQ(bytes_of(fetched[0]), size);
    fetched = fetch({.partitions = {from(topic, 0, 1)}});
    EXPECT_EQ(fetched[0].error, KafkaError::kCorruptMessage);
    fetched = fetch({.partitions = {from(topic, 0, 2)}});
    EXPECT_EQ(fetched[0].error, KafkaError::kNone);
    EXPECT_EQ(bytes_of(fetched[0]), size);
}

/// The log grows while it is read.
class BrokerFetchRace : public BrokerFetchSet {
  protected:
    static constexpr std::size_t kHalfAReadBytes = std::size_t{5} << 20;

    BrokerFetchRace() : BrokerFetchSet(&disk_) {}

    /// Fetches all of a topic of two batches that two reads are needed for; meanwhile something is
    /// appended.
    PartitionFetched fetch_during(Isolation isolation, std::function<void(const TopicInfo&)> grow) {
        const TopicInfo topic = create("t");
        append(topic, 0, kHalfAReadBytes);
        append(topic, 0, kHalfAReadBytes);
        disk_.during_read("/topics/", [&, topic] {
            disk_.during_read("", nullptr);
            grow(topic);
        });
        FetchSet set{.partitions = {from(topic, 0, 0, 4 * kHalfAReadBytes)}};
        set.isolation = isolation;
        return fetch(std::move(set))[0];
    }
    static Offset next_offset_of(const PartitionFetched& fetched) {
        Offset next_offset;
        for (const ByteView batches : fetched.batches) {
            RecordBatchCursor cursor(batches);
            while (const auto one = cursor.next().value()) {
                next_offset = next(one->last_offset());
            }
        }
        return next_offset;
    }

    FaultFileSystem disk_;
};

TEST_F(BrokerFetchRace, GivesNothingAboveTheEndThatItNames) {
    const auto fetched = fetch_during(Isolation::kReadUncommitted,
                                      [&](const TopicInfo& topic) { append(topic, 0, 10); });
    EXPECT_EQ(fetched.high_watermark, Offset{2});
    EXPECT_EQ(next_offset_of(fetched), Offset{2});
}

TEST_F(BrokerFetchRace, GivesNothingOfATransactionThatBeginsMeanwhile) {
    const auto fetched = fetch_during(Isolation::kReadCommitted, [&](const TopicInfo& topic) {
        RecordBatchBuilder builder(
            {.producer_id = 7, .producer_epoch = 0, .base_sequence = 0, .is_transactional = true});
        builder.add(std::nullopt, as_bytes(std::string("open")), Timestamp{1});
        Unit unit;
        unit.pieces.push_back({{topic.id, Partition{0}}, builder.finish().value()});
        ASSERT_TRUE(BrokerTest::append(std::move(unit)).ok());
    });
    EXPECT_EQ(fetched.last_stable_offset, Offset{2});
    EXPECT_EQ(next_offset_of(fetched), Offset{2});
}

}  // namespace
}  // namespace millrace::broker
