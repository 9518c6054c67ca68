#include "core/wire/messages/topics.h"
#include "tests/server/kafka/handler_fixture.h"

namespace millrace::server::kafka {
namespace {

using wire::DeleteRecordsRequest;
using wire::DeleteRecordsResponse;

class DeleteRecordsHandler : public HandlerTest {
  protected:
    DeleteRecordsResponse::Partition remove(const std::string& topic,
                                            std::int32_t partition,
                                            std::int64_t before,
                                            std::int16_t version = 2) {
        DeleteRecordsRequest request;
        request.topics.emplace_back().name = topic;
        request.topics[0].partitions.push_back({.partition_index = partition, .offset = before});
        const auto response = call<DeleteRecordsResponse>(std::move(request), version);
        return response.topics.at(0).partitions.at(0);
    }
};

TEST_F(DeleteRecordsHandler, RaisesTheLogStart) {
    const TopicInfo topic = create("t");
    ASSERT_TRUE(produce(topic, {"a", "b", "c", "d"}).ok());
    for (std::int16_t v = 0; v <= 2; ++v) {
        const auto answer = remove("t", 0, v + 1, v);
        EXPECT_EQ(answer.error, KafkaError::kNone);
        EXPECT_EQ(answer.low_watermark, v + 1);
        EXPECT_EQ(broker_->log_start({topic.id, Partition{0}}).value(), Offset{v + 1});
    }
    EXPECT_EQ(remove("t", 0, -1).low_watermark, 4);  // -1: everything
}

TEST_F(DeleteRecordsHandler, RefusesWhatIsNotThere) {
    const TopicInfo topic = create("t");
    ASSERT_TRUE(produce(topic, {"a"}).ok());
    create("compacted", 1, {{"cleanup.policy", "compact"}});
    EXPECT_EQ(remove("t", 0, 2).error, KafkaError::kOffsetOutOfRange);
    EXPECT_EQ(remove("t", 0, -2).error, KafkaError::kOffsetOutOfRange);
    EXPECT_EQ(remove("t", 1, 0).error, KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(remove("t", -1, 0).error, KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(remove("never", 0, 0).error, KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(remove("compacted", 0, 0).error, KafkaError::kPolicyViolation);
    EXPECT_EQ(remove("__consumer_offsets", 0, 0).error, KafkaError::kTopicAuthorizationFailed);
    EXPECT_EQ(remove("t", 0, 2).low_watermark, -1);
    EXPECT_EQ(broker_->log_start({topic.id, Partition{0}}).value(), Offset{0});
}

TEST_F(DeleteRecordsHandler, AnswersEachPartition) {
    const TopicInfo topic = create("t", 3);
    ASSERT_TRUE(produce(topic, {"a", "b"}).ok());
    DeleteRecordsRequest request;
    request.topics.emplace_back().name = "t";
    request.topics[0].partitions = {{.partition_index = 2, .offset = 0},
                                    {.partition_index = 7, .offset = 0},
                                    {.partition_index = 0, .offset = 1}};
    request.topics.emplace_back().name = "never";
    const auto response = call<DeleteRecordsResponse>(std::move(request), 2);
    ASSERT_EQ(response.topics.size(), 2u);
    const auto& partitions = response.topics[0].partitions;
    ASSERT_EQ(partitions.size(), 3u);
    EXPECT_EQ(partitions[0].low_watermark, 0);
    EXPECT_EQ(partitions[1].error, KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(partitions[2].low_watermark, 1);
    EXPECT_TRUE(response.topics[1].partitions.empty());
    EXPECT_TRUE(call<DeleteRecordsResponse>(DeleteRecordsRequest{}, 0).topics.empty());
}

}  // namespace
}  // namespace millrace::server::kafka
