#include "core/wire/messages/cluster.h"
#include "core/wire/messages/metadata.h"
#include "tests/server/kafka/handler_fixture.h"

namespace millrace::server::kafka {
namespace {

using wire::DescribeClusterRequest;
using wire::DescribeClusterResponse;
using wire::DescribeLogDirsRequest;
using wire::DescribeLogDirsResponse;
using wire::DescribeTopicPartitionsRequest;
using wire::DescribeTopicPartitionsResponse;
using wire::ElectLeadersRequest;
using wire::ElectLeadersResponse;

class ClusterHandlers : public HandlerTest {
  protected:
    DescribeTopicPartitionsResponse page(
        const std::vector<std::string>& names,
        std::int32_t limit,
        std::optional<DescribeTopicPartitionsRequest::Cursor> from = std::nullopt) {
        DescribeTopicPartitionsRequest request;
        for (const std::string& name : names) {
            request.topics.push_back({.name = name});
        }
        request.response_partition_limit = limit;
        request.cursor = std::move(from);
        return call<DescribeTopicPartitionsResponse>(std::move(request), 0);
    }
};

TEST_F(ClusterHandlers, DescribeTheOneBroker) {
    for (std::int16_t v = 0; v <= 1; ++v) {
        const auto response = call<DescribeClusterResponse>(DescribeClusterRequest{}, v);
        EXPECT_EQ(response.error, KafkaError::kNone);
        EXPECT_EQ(response.cluster_id, broker_->cluster_id().to_string());
        ASSERT_EQ(response.brokers.size(), 1u);
        EXPECT_EQ(response.brokers[0].host, "10.1.2.3");  // as the client reached us
        EXPECT_EQ(response.brokers[0].port, 9094);
        EXPECT_EQ(response.controller_id, response.brokers[0].broker_id);
        EXPECT_EQ(response.cluster_authorized_operations, std::numeric_limits<std::int32_t>::min());
    }
}

TEST_F(ClusterHandlers, AdvertiseAConfiguredAddress) {
    services_->settings.advertised_host = "broker.example";
    services_->settings.advertised_port = 19'092;
    DescribeClusterRequest request;
    request.include_cluster_authorized_operations = true;
    const auto response = call<DescribeClusterResponse>(request, 1);
    EXPECT_EQ(response.brokers.at(0).host, "broker.example");
    EXPECT_EQ(response.brokers.at(0).port, 19'092);
    EXPECT_GT(response.cluster_authorized_operations, 0);
}

TEST_F(ClusterHandlers, AreNoController) {
    DescribeClusterRequest request;
    request.endpoint_type = 2;
    EXPECT_EQ(call<DescribeClusterResponse>(request, 1).error, KafkaError::kMismatchedEndpointType);
    request.endpoint_type = 3;
    EXPECT_EQ(call<DescribeClusterResponse>(request, 1).error,
              KafkaError::kUnsupportedEndpointType);
}

TEST_F(ClusterHandlers, DescribeSizesOfPartitions) {
    const TopicInfo topic = create("clicks", 2);
    create("empty");
    ASSERT_TRUE(produce(topic, {"a", "b"}).ok());
    for (std::int16_t v = 1; v <= 4; ++v) {
        const auto response = call<DescribeLogDirsResponse>(DescribeLogDirsRequest{}, v);
        ASSERT_EQ(response.results.size(), 1u);
        const auto& dir = response.results[0];
        EXPECT_EQ(dir.log_dir, "/data");
        bool is_seen = false;
        for (const auto& described : dir.topics) {
            EXPECT_FALSE(described.name.starts_with("_millrace_")) << described.name;
            if (described.name == "clicks") {
                is_seen = true;
                ASSERT_EQ(described.partitions.size(), 2u);
                EXPECT_GT(described.partitions[0].partition_size, 0);
                EXPECT_EQ(described.partitions[1].partition_index, 1);
            }
        }
        EXPECT_TRUE(is_seen);
    }
    DescribeLogDirsRequest some;
    some.topics.emplace().push_back({.topic = "clicks", .partitions = {1, 9}});
    some.topics->push_back({.topic = "never", .partitions = {0}});
    const auto response = call<DescribeLogDirsResponse>(some, 4);
    ASSERT_EQ(response.results.at(0).topics.size(), 1u);
    ASSERT_EQ(response.results[0].topics[0].partitions.size(), 1u);
    EXPECT_EQ(response.results[0].topics[0].partitions[0].partition_index, 1);
}

TEST_F(ClusterHandlers, DescribePartitionsPageByPage) {
    create("a", 2);
    create("b", 3);
    create("c", 1);
    const auto all = page({}, 2000);
    EXPECT_EQ(all.next_cursor, std::nullopt);
    const auto first = page({"c", "b", "a"}, 3);
    ASSERT_EQ(first.topics.size(), 2u);
    EXPECT_EQ(first.topics[0].name, "a");
    EXPECT_EQ(first.topics[0].partitions.size(), 2u);
    EXPECT_EQ(first.topics[1].partitions.size(), 1u);
    ASSERT_TRUE(first.next_cursor.has_value());
    EXPECT_EQ(first.next_cursor->topic_name, "b");
    EXPECT_EQ(first.next_cursor->partition_index, 1);
    const auto second = page({"c", "b", "a"},
                             2,
                             DescribeTopicPartitionsRequest::Cursor{
                                 .topic_name = first.next_cursor->topic_name,
                                 .partition_index = first.next_cursor->partition_index});
    ASSERT_EQ(second.topics.size(), 1u);
    EXPECT_EQ(second.topics[0].partitions.at(0).partition_index, 1);
    ASSERT_TRUE(second.next_cursor.has_value());
    EXPECT_EQ(second.next_cursor->topic_name, "c");
    const auto third =
        page({"c", "b", "a"},
             2,
             DescribeTopicPartitionsRequest::Cursor{.topic_name = "c", .partition_index = 0});
    ASSERT_EQ(third.topics.size(), 1u);
    EXPECT_EQ(third.next_cursor, std::nullopt);
}

TEST_F(ClusterHandlers, NameUnknownTopics) {
    create("a");
    const auto response = page({"a", "never", "a/b"}, 2000);
    ASSERT_EQ(response.topics.size(), 3u);
    EXPECT_EQ(response.topics[0].error, KafkaError::kNone);
    EXPECT_EQ(response.topics[1].error, KafkaError::kInvalidTopic);
    EXPECT_EQ(response.topics[2].error, KafkaError::kUnknownTopicOrPartition);
}

TEST_F(ClusterHandlers, ElectNobody) {
    create("a", 1);
    for (std::int16_t v = 0; v <= 2; ++v) {
        ElectLeadersRequest request;
        request.topic_partitions.emplace().push_back({.topic = "a", .partitions = {0, 1}});
        const auto response = call<ElectLeadersResponse>(std::move(request), v);
        EXPECT_EQ(response.error, KafkaError::kNone);
        const auto& results = response.replica_election_results.at(0).partition_result;
        ASSERT_EQ(results.size(), 2u);
        EXPECT_EQ(results[0].error, KafkaError::kElectionNotNeeded);
        EXPECT_EQ(results[1].error, KafkaError::kUnknownTopicOrPartition);
        EXPECT_TRUE(
            call<ElectLeadersResponse>(ElectLeadersRequest{}, v).replica_election_results.empty());
    }
}

}  // namespace
}  // namespace millrace::server::kafka
