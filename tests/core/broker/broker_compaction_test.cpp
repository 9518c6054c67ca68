// Compaction as a broker's user sees it.
#include <gtest/gtest.h>

#include "core/broker/topic_config.h"
#include "tests/core/broker/broker_fixture.h"

namespace millrace::broker {
namespace {

class BrokerCompaction : public BrokerTest {
  protected:
    void commit(const TopicInfo& source, std::int64_t offset) {
        Unit unit;
        unit.offsets.push_back({.group = "readers",
                                .source = {source.id, Partition{0}},
                                .next = Offset{offset},
                                .metadata = ""});
        ASSERT_TRUE(append(std::move(unit)).ok());
    }
    std::uint64_t bytes_of(const std::string& topic) {
        const TopicInfo info = broker_->describe_topic(topic).value();
        return broker_->partition_bytes({info.id, Partition{0}}).value();
    }
};

TEST_F(BrokerCompaction, CommittedOffsetsStopGrowing) {
    const TopicInfo source = create("source");
    ASSERT_TRUE(broker_->alter_config("__consumer_offsets", {{"segment.bytes", "16384"}}).ok());
    std::uint64_t largest = 0;
    for (std::int64_t i = 1; i <= 2000; ++i) {
        commit(source, i);
        if (i % 200 == 0) {
            ASSERT_TRUE(broker_->apply_retention().ok());
            ASSERT_TRUE(broker_->compact().ok());
            largest = std::max(largest, bytes_of("__consumer_offsets"));
        }
    }
    EXPECT_LT(largest, 60'000U);
    EXPECT_EQ(broker_->compact().value().segments_replaced, 0U);
    reopen();
    const auto offsets = broker_->committed_offsets("readers");
    ASSERT_EQ(offsets.size(), 1U);
    EXPECT_EQ(offsets.begin()->second.next, Offset{2000});
}

TEST_F(BrokerCompaction, AQuietTopicIsCompactedInTheEndByItself) {
    const TopicInfo topic =
        create("table", 1, {{"cleanup.policy", "compact"}, {"max.compaction.lag.ms", "3600000"}});
    const auto put = [&](const std::string& value) {
        RecordBatchBuilder builder;
        builder.add(as_bytes("key"), as_bytes(value), Timestamp{clock_.wall_ms()});
        Unit unit;
        unit.pieces.push_back({{topic.id, Partition{0}}, builder.finish().value()});
        ASSERT_TRUE(append(std::move(unit)).ok());
    };
    put("old");
    put("new");
    EXPECT_EQ(read_all(topic), (std::vector<std::string>{"old", "new"}));
    for (int i = 0; i < 70; ++i) {
        clock_.advance(std::chrono::minutes(1));
        io_.run_all();
    }
    EXPECT_EQ(read_all(topic), (std::vector<std::string>{"new"}));
}

TEST(TopicConfigOfCompaction, IsCheckedAndUsed) {
    EXPECT_TRUE(check_topic_config({{"min.cleanable.dirty.ratio", "0.25"}}).ok());
    EXPECT_EQ(check_topic_config({{"min.cleanable.dirty.ratio", "1.5"}}).error().message,
              "topic config min.cleanable.dirty.ratio takes a number from 0 to 1: 1.5");
    EXPECT_FALSE(check_topic_config({{"min.cleanable.dirty.ratio", "x"}}).ok());
    EXPECT_FALSE(check_topic_config({{"min.cleanable.dirty.ratio", "nan"}}).ok());
    EXPECT_FALSE(check_topic_config({{"max.compaction.lag.ms", "0"}}).ok());
    EXPECT_FALSE(log_options(TopicConfig{}).compaction.has_value());
    const auto options = log_options(TopicConfig{{"cleanup.policy", "compact,delete"},
                                                 {"min.cleanable.dirty.ratio", "0.25"},
                                                 {"min.compaction.lag.ms", "5"},
                                                 {"max.compaction.lag.ms", "9223372036854775807"},
                                                 {"delete.retention.ms", "7"},
                                                 {"retention.ms", "1000"}});
    ASSERT_TRUE(options.compaction.has_value());
    EXPECT_EQ(options.compaction->dirty_ratio_min, 0.25);
    EXPECT_EQ(options.compaction->lag_min.count(), 5);
    EXPECT_GT(options.compaction->lag_max->count(), std::int64_t{365} * 86'400'000);
    EXPECT_EQ(options.compaction->delete_retention.count(), 7);
    EXPECT_TRUE(options.retention_age.has_value());
    EXPECT_EQ(codec_of({{"compression.type", "uncompressed"}}), Codec::kNone);
    EXPECT_EQ(codec_of({{"compression.type", "zstd"}}), Codec::kZstd);
    EXPECT_FALSE(codec_of({{"compression.type", "producer"}}).has_value());
}

}  // namespace
}  // namespace millrace::broker
