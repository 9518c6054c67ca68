#include <gtest/gtest.h>

#include "core/base/checksum.h"
#include "core/broker/produce_policy.h"
#include "tests/core/broker/broker_fixture.h"

namespace millrace::broker {
namespace {

/// Writes the CRC of a batch that a test has changed.
void seal(Buffer& batch) {
    store_be(batch.data() + 17, crc32c(batch.view().subspan(21)));
}

class BrokerProduce : public BrokerTest {
  protected:
    std::vector<Produced> produce_all(std::vector<ProducePiece> pieces, Acks acks = Acks::kAll) {
        std::optional<Result<std::vector<Produced>>> result;
        broker_->produce(std::move(pieces), acks, [&](Result<std::vector<Produced>> r) {
            result.emplace(std::move(r));
        });
        EXPECT_FALSE(result.has_value()) << "answered from inside the call";
        io_.run_all();
        EXPECT_TRUE(result.has_value());
        return result->value();
    }
    Produced produce_one(const TopicInfo& topic, Buffer batch) {
        std::vector<ProducePiece> pieces;
        pieces.push_back({{topic.id, Partition{0}}, std::move(batch)});
        return produce_all(std::move(pieces)).front();
    }
    static Buffer keyed(std::int64_t timestamp, Codec codec = Codec::kNone) {
        RecordBatchBuilder builder;
        builder.add(as_bytes("k"), as_bytes("a value that is long enough"), Timestamp{timestamp});
        builder.add(as_bytes("l"), as_bytes("a value that is long enough"), Timestamp{timestamp});
        return builder.finish(codec).value();
    }
    /// The only batch of the topic.
    Buffer stored(const TopicInfo& topic) {
        std::optional<Result<FetchResult>> result;
        broker_->fetch({.from = {topic.id, Partition{0}}, .offset = Offset{0}},
                       [&](Result<FetchResult> r) { result.emplace(std::move(r)); });
        io_.run_all();
        return Buffer(result->value().batches);
    }
};

TEST_F(BrokerProduce, GivesOffsetsToEachPartitionInTheOrderOfThePieces) {
    const TopicInfo topic = create("t", 2);
    std::vector<ProducePiece> pieces;
    pieces.push_back({{topic.id, Partition{1}}, batch({"a", "b"})});
    pieces.push_back({{topic.id, Partition{0}}, batch({"c"})});
    pieces.push_back({{topic.id, Partition{1}}, batch({"d"})});
    const auto produced = produce_all(std::move(pieces));
    ASSERT_EQ(produced.size(), 3U);
    EXPECT_EQ(produced[0].base_offset, Offset{0});
    EXPECT_EQ(produced[1].base_offset, Offset{0});
    EXPECT_EQ(produced[2].base_offset, Offset{2});
    EXPECT_EQ(produced[2].log_start, Offset{0});
    EXPECT_EQ(produced[2].log_append_time, Timestamp{-1});
    EXPECT_EQ(read_all(topic, 1), (std::vector<std::string>{"a", "b", "d"}));
}

TEST_F(BrokerProduce, KeepsTheOrderOverCallsOfOneThread) {
    const TopicInfo topic = create("t");
    std::vector<std::int64_t> offsets;
    for (int i = 0; i < 5; ++i) {
        std::vector<ProducePiece> pieces;
        pieces.push_back({{topic.id, Partition{0}}, batch({std::to_string(i)})});
        broker_->produce(std::move(pieces), Acks::kAll, [&](Result<std::vector<Produced>> r) {
            offsets.push_back(r.value().front().base_offset.value);
        });
    }
    io_.run_all();
    EXPECT_EQ(offsets, (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
    EXPECT_EQ(read_all(topic), (std::vector<std::string>{"0", "1", "2", "3", "4"}));
}

TEST_F(BrokerProduce, RefusesOnePieceAndTakesTheOthers) {
    const TopicInfo topic = create("t", 3);
    std::vector<ProducePiece> pieces;
    pieces.push_back({{topic.id, Partition{0}}, batch({"good"})});
    Buffer broken = batch({"broken"});
    broken.data()[broken.size() - 2] ^= std::byte{1};
    pieces.push_back({{topic.id, Partition{1}}, std::move(broken)});
    pieces.push_back({{topic.id, Partition{7}}, batch({"nowhere"})});
    pieces.push_back({{topic.id, Partition{2}}, batch({"good too"})});
    const auto produced = produce_all(std::move(pieces));
    EXPECT_EQ(produced[0].error, KafkaError::kNone);
    EXPECT_EQ(produced[1].error, KafkaError::kCorruptMessage);
    EXPECT_EQ(produced[1].base_offset, Offset{-1});
    EXPECT_NE(produced[1].message.find("checksum"), std::string::npos);
    EXPECT_EQ(produced[2].error, KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(produced[3].error, KafkaError::kNone);
    EXPECT_TRUE(read_all(topic, 1).empty());
    EXPECT_EQ(read_all(topic, 2), std::vector<std::string>{"good too"});
}

TEST_F(BrokerProduce, AnswersACallWithoutPiecesAndOneAfterClose) {
    EXPECT_TRUE(produce_all({}).empty());
    const TopicInfo topic = create("t");
    ASSERT_TRUE(broker_->close().ok());
    EXPECT_EQ(produce_one(topic, batch({"x"})).error, KafkaError::kNotLeaderOrFollower);
}

TEST_F(BrokerProduce, RefusesOtherFormatsAndWhatIsNoBatch) {
    const TopicInfo topic = create("t");
    Buffer old = batch({"x"});
    old.data()[16] = std::byte{1};
    EXPECT_EQ(produce_one(topic, std::move(old)).error, KafkaError::kUnsupportedForMessageFormat);
    Buffer newer = batch({"x"});
    newer.data()[16] = std::byte{3};
    EXPECT_EQ(produce_one(topic, std::move(newer)).error, KafkaError::kCorruptMessage);
    EXPECT_EQ(produce_one(topic, Buffer()).error, KafkaError::kInvalidRecord);
    Buffer cut = batch({"x"});
    cut.resize(cut.size() - 1);
    EXPECT_EQ(produce_one(topic, std::move(cut)).error, KafkaError::kCorruptMessage);
    Buffer two = batch({"x"});
    two.append(batch({"y"}).view());
    EXPECT_EQ(produce_one(topic, std::move(two)).error, KafkaError::kInvalidRecord);
    EXPECT_TRUE(read_all(topic).empty());
}

TEST_F(BrokerProduce, RefusesRecordsThatAreNotSoundAlthoughTheirChecksumIsRight) {
    const TopicInfo topic = create("t");
    Buffer damaged = batch({"value"});
    damaged.data()[kRecordBatchHeaderBytes] = std::byte{0x7e};  // the first record's length
    EXPECT_EQ(produce_one(topic, Buffer(damaged.view())).error, KafkaError::kCorruptMessage);
    seal(damaged);
    EXPECT_EQ(produce_one(topic, std::move(damaged)).error, KafkaError::kInvalidRecord);

    Buffer fewer = batch({"a", "b"});
    store_be(fewer.data() + 57, std::int32_t{1});
    seal(fewer);
    EXPECT_EQ(produce_one(topic, std::move(fewer)).error, KafkaError::kInvalidRecord);

    Buffer not_gzip = batch({"a"});
    store_be(not_gzip.data() + 21, std::uint16_t{1});
    seal(not_gzip);
    EXPECT_EQ(produce_one(topic, std::move(not_gzip)).error, KafkaError::kInvalidRecord);

    Buffer unknown_codec = batch({"a"});
    store_be(unknown_codec.data() + 21, std::uint16_t{5});
    seal(unknown_codec);
    EXPECT_EQ(produce_one(topic, std::move(unknown_codec)).error,
              KafkaError::kUnsupportedCompressionType);
}

TEST_F(BrokerProduce, RefusesControlBatchesInternalTopicsAndHalfAnIdempotentHeader) {
    const TopicInfo topic = create("t");
    const auto with = [](RecordBatchFields fields) {
        RecordBatchBuilder builder(fields);
        builder.add(as_bytes("k"), as_bytes("v"), Timestamp{1});
        return builder.finish().value();
    };
    EXPECT_EQ(produce_one(topic,
                          with({.producer_id = 1,
                                .producer_epoch = 0,
                                .base_sequence = 0,
                                .is_transactional = true,
                                .is_control = true}))
                  .error,
              KafkaError::kInvalidRecord);
    EXPECT_EQ(produce_one(topic, with({.producer_id = 1, .producer_epoch = 0})).error,
              KafkaError::kInvalidRecord);
    EXPECT_EQ(produce_one(topic, with({.is_transactional = true})).error,
              KafkaError::kInvalidRecord);
    EXPECT_EQ(produce_one(broker_->describe_topic("__consumer_offsets").value(), keyed(1)).error,
              KafkaError::kInvalidTopic);
}

TEST_F(BrokerProduce, BoundsBatchesByMaxMessageBytes) {
    const TopicInfo small = create("small", 1, {{"max.message.bytes", "100"}});
    EXPECT_EQ(produce_one(small, batch({std::string(10, 'x')})).error, KafkaError::kNone);
    EXPECT_EQ(produce_one(small, batch({std::string(100, 'x')})).error,
              KafkaError::kMessageTooLarge);
    const TopicInfo usual = create("usual");
    EXPECT_EQ(produce_one(usual, batch({std::string(std::size_t{1} << 20, 'x')})).error,
              KafkaError::kMessageTooLarge);
    ASSERT_TRUE(broker_->alter_config("usual", {{"max.message.bytes", "2000000"}}).ok());
    EXPECT_EQ(produce_one(usual, batch({std::string(std::size_t{1} << 20, 'x')})).error,
              KafkaError::kNone);
}

TEST_F(BrokerProduce, RefusesBatchesThatInflateBeyondTheLimit) {
    const TopicInfo topic = create("t");
    RecordBatchBuilder builder;
    const std::string zeros(kInflatedBytesMax + 1, '\0');
    builder.add(std::nullopt, as_bytes(zeros), Timestamp{1});
    EXPECT_EQ(produce_one(topic, builder.finish(Codec::kGzip).value()).error,
              KafkaError::kMessageTooLarge);
}

TEST_F(BrokerProduce, WantsKeysInCompactedTopics) {
    const TopicInfo topic = create("t", 1, {{"cleanup.policy", "compact"}});
    EXPECT_EQ(produce_one(topic, batch({"no key"})).error, KafkaError::kInvalidRecord);
    EXPECT_EQ(produce_one(topic, keyed(1)).error, KafkaError::kNone);
}

TEST_F(BrokerProduce, StampsRecordsWhereTheTopicAsksForIt) {
    clock_.set_wall_ms(77'000);
    const TopicInfo topic = create("t", 1, {{"message.timestamp.type", "LogAppendTime"}});
    const Produced produced = produce_one(topic, keyed(5, Codec::kGzip));
    EXPECT_EQ(produced.error, KafkaError::kNone);
    EXPECT_EQ(produced.log_append_time, Timestamp{77'000});
    const Buffer bytes = stored(topic);
    const RecordBatchView view = RecordBatchView::parse(bytes).value();
    EXPECT_EQ(view.timestamp_type(), TimestampType::kLogAppendTime);
    EXPECT_EQ(view.max_timestamp(), Timestamp{77'000});
    EXPECT_EQ(view.codec(), Codec::kGzip);

    Buffer damaged = keyed(5);
    damaged.data()[25] ^= std::byte{1};
    damaged.data()[damaged.size() - 2] ^= std::byte{1};
    EXPECT_NE(produce_one(topic, std::move(damaged)).error, KafkaError::kNone)
        << "a new checksum must not cover damage up";
}

TEST_F(BrokerProduce, CorrectsAMaxTimestampThatDoesNotFitTheRecords) {
    const TopicInfo topic = create("t");
    Buffer lying = keyed(50);
    store_be(lying.data() + 35, std::int64_t{9'999'999});
    seal(lying);
    ASSERT_EQ(produce_one(topic, std::move(lying)).error, KafkaError::kNone);
    const Buffer bytes = stored(topic);
    EXPECT_EQ(RecordBatchView::parse(bytes).value().max_timestamp(), Timestamp{50});
}

TEST_F(BrokerProduce, BoundsTimestamps) {
    clock_.set_wall_ms(1'000'000);
    const TopicInfo topic = create(
        "t",
        1,
        {{"message.timestamp.before.max.ms", "1000"}, {"message.timestamp.after.max.ms", "1000"}});
    EXPECT_EQ(produce_one(topic, keyed(999'000)).error, KafkaError::kNone);
    EXPECT_EQ(produce_one(topic, keyed(998'999)).error, KafkaError::kInvalidTimestamp);
    EXPECT_EQ(produce_one(topic, keyed(1'001'000)).error, KafkaError::kNone);
    EXPECT_EQ(produce_one(topic, keyed(1'001'001)).error, KafkaError::kInvalidTimestamp);
    Buffer stamped = keyed(1'000'000);
    store_be(stamped.data() + 21, std::uint16_t{8});
    seal(stamped);
    EXPECT_EQ(produce_one(topic, std::move(stamped)).error, KafkaError::kInvalidTimestamp);
}

TEST_F(BrokerProduce, RecompressesWhereTheTopicHasACodec) {
    const TopicInfo zipped = create("zipped", 1, {{"compression.type", "gzip"}});
    ASSERT_EQ(produce_one(zipped, keyed(5)).error, KafkaError::kNone);
    const Buffer small = stored(zipped);
    EXPECT_EQ(RecordBatchView::parse(small).value().codec(), Codec::kGzip);
    EXPECT_EQ(read_all(zipped).size(), 2U);
    const TopicInfo plain = create("plain", 1, {{"compression.type", "uncompressed"}});
    ASSERT_EQ(produce_one(plain, keyed(5, Codec::kGzip)).error, KafkaError::kNone);
    const Buffer large = stored(plain);
    EXPECT_EQ(RecordBatchView::parse(large).value().codec(), Codec::kNone);
    EXPECT_EQ(read_all(plain).size(), 2U);
}

TEST_F(BrokerProduce, AddsPartitionsToATopicForGood) {
    const TopicInfo topic = create("t", 2);
    EXPECT_EQ(broker_->create_partitions("t", 2).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(broker_->create_partitions("t", 1'000'000).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(broker_->create_partitions("u", 2).error().code, ErrorCode::kUnknownTopic);
    ASSERT_TRUE(broker_->create_partitions("t", 4).ok());
    std::vector<ProducePiece> pieces;
    pieces.push_back({{topic.id, Partition{3}}, batch({"x"})});
    EXPECT_EQ(produce_all(std::move(pieces)).front().error, KafkaError::kNone);
    reopen();
    EXPECT_EQ(broker_->find_topic("t")->partitions, 4);
    EXPECT_EQ(broker_->find_topic(topic.id)->name, "t");
    EXPECT_EQ(read_all(topic, 3), std::vector<std::string>{"x"});
    EXPECT_GT(broker_->partition_bytes({topic.id, Partition{3}}).value(), 60U);
    EXPECT_EQ(broker_->partition_bytes({topic.id, Partition{0}}).value(), 0U);
    EXPECT_EQ(broker_->partition_bytes({topic.id, Partition{4}}).error().code,
              ErrorCode::kUnknownTopic);
}

}  // namespace
}  // namespace millrace::broker
