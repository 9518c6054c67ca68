#include "core/wire/messages/topics.h"
#include "tests/server/kafka/handler_fixture.h"

namespace millrace::server::kafka {
namespace {

using wire::CreatePartitionsRequest;
using wire::CreatePartitionsResponse;
using wire::CreateTopicsRequest;
using wire::CreateTopicsResponse;
using wire::DeleteTopicsRequest;
using wire::DeleteTopicsResponse;

class TopicHandlers : public HandlerTest {
  protected:
    static CreateTopicsRequest::Topic topic(std::string name,
                                            std::int32_t partitions = 1,
                                            std::int16_t replicas = 1) {
        CreateTopicsRequest::Topic topic;
        topic.name = std::move(name);
        topic.num_partitions = partitions;
        topic.replication_factor = replicas;
        return topic;
    }
    CreateTopicsResponse::Topic create_one(CreateTopicsRequest::Topic topic,
                                           std::int16_t version = 7,
                                           bool is_validation = false) {
        CreateTopicsRequest request;
        request.topics.push_back(std::move(topic));
        request.validate_only = is_validation;
        auto response = call<CreateTopicsResponse>(std::move(request), version);
        EXPECT_EQ(response.topics.size(), 1u);
        return response.topics.at(0);
    }
    CreatePartitionsResponse::Topic grow(CreatePartitionsRequest::Topic topic,
                                         bool is_validation = false) {
        CreatePartitionsRequest request;
        request.topics.push_back(std::move(topic));
        request.validate_only = is_validation;
        return call<CreatePartitionsResponse>(std::move(request), 3).results.at(0);
    }
};

TEST_F(TopicHandlers, CreateATopicInEveryVersion) {
    for (std::int16_t v = 2; v <= 7; ++v) {
        const std::string name = "v" + std::to_string(v);
        const auto answer = create_one(topic(name, 3), v);
        EXPECT_EQ(answer.name, name);
        EXPECT_EQ(answer.error, KafkaError::kNone);
        EXPECT_EQ(answer.error_message, std::nullopt);
        const auto info = broker_->describe_topic(name);
        ASSERT_TRUE(info.ok());
        EXPECT_EQ(info.value().partitions, 3);
        if (v >= 5) {
            EXPECT_EQ(answer.num_partitions, 3);
            EXPECT_EQ(answer.replication_factor, 1);
            EXPECT_FALSE(answer.configs->empty());
        }
        if (v >= 7) {
            EXPECT_EQ(answer.topic_id, info.value().id);
        }
    }
}

TEST_F(TopicHandlers, TakeDefaultsForMinusOne) {
    services_->settings.default_partitions = 4;
    EXPECT_EQ(create_one(topic("defaults", -1, -1)).num_partitions, 4);
    EXPECT_EQ(broker_->describe_topic("defaults").value().partitions, 4);
}

TEST_F(TopicHandlers, RefuseWhatCannotBeMade) {
    create("taken");
    struct Case {
        CreateTopicsRequest::Topic topic;
        KafkaError error;
    };
    auto unknown_config = topic("a");
    unknown_config.configs.push_back({.name = "retention.mss", .value = "1"});
    auto bad_config = topic("b");
    bad_config.configs.push_back({.name = "retention.ms", .value = "soon"});
    auto null_config = topic("c");
    null_config.configs.push_back({.name = "retention.ms", .value = std::nullopt});
    auto counted_and_assigned = topic("d", 1, -1);
    counted_and_assigned.assignments.push_back({.partition_index = 0, .broker_ids = {0}});
    auto foreign_node = topic("e", -1, -1);
    foreign_node.assignments.push_back({.partition_index = 0, .broker_ids = {5}});
    auto two_replicas = topic("f", -1, -1);
    two_replicas.assignments.push_back({.partition_index = 0, .broker_ids = {0, 1}});
    auto gap = topic("g", -1, -1);
    gap.assignments.push_back({.partition_index = 1, .broker_ids = {0}});
    const Case cases[] = {
        {topic("taken"), KafkaError::kTopicAlreadyExists},
        {topic("../etc"), KafkaError::kInvalidTopic},
        {topic("_millrace_catalog2"), KafkaError::kInvalidTopic},
        {topic("h", 0), KafkaError::kInvalidPartitions},
        {topic("i", -2), KafkaError::kInvalidPartitions},
        {topic("j", 1'000'000), KafkaError::kInvalidPartitions},
        {topic("k", 1, 3), KafkaError::kInvalidReplicationFactor},
        {topic("l", 1, 0), KafkaError::kInvalidReplicationFactor},
        {unknown_config, KafkaError::kInvalidConfig},
        {bad_config, KafkaError::kInvalidConfig},
        {null_config, KafkaError::kInvalidConfig},
        {counted_and_assigned, KafkaError::kInvalidRequest},
        {foreign_node, KafkaError::kInvalidReplicaAssignment},
        {two_replicas, KafkaError::kInvalidReplicaAssignment},
        {gap, KafkaError::kInvalidReplicaAssignment},
    };
    for (const Case& c : cases) {
        const auto answer = create_one(c.topic);
        EXPECT_EQ(answer.error, c.error) << c.topic.name;
        EXPECT_NE(answer.error_message.value_or(""), "") << c.topic.name;
        EXPECT_EQ(answer.num_partitions, -1);
        EXPECT_EQ(broker_->describe_topic(c.topic.name).ok(), c.topic.name == "taken");
    }
}

TEST_F(TopicHandlers, TakeAssignmentsToTheOneNode) {
    auto assigned = topic("assigned", -1, -1);
    assigned.assignments.push_back({.partition_index = 1, .broker_ids = {0}});
    assigned.assignments.push_back({.partition_index = 0, .broker_ids = {0}});
    EXPECT_EQ(create_one(assigned).error, KafkaError::kNone);
    EXPECT_EQ(broker_->describe_topic("assigned").value().partitions, 2);
}

TEST_F(TopicHandlers, OnlyCheckWhenAskedTo) {
    const auto answer = create_one(topic("perhaps", 2), 7, true);
    EXPECT_EQ(answer.error, KafkaError::kNone);
    EXPECT_EQ(answer.num_partitions, 2);
    EXPECT_FALSE(broker_->describe_topic("perhaps").ok());
    create("taken");
    EXPECT_EQ(create_one(topic("taken"), 7, true).error, KafkaError::kTopicAlreadyExists);
}

TEST_F(TopicHandlers, EchoTheConfig) {
    auto made = topic("echo");
    made.configs.push_back({.name = "retention.ms", .value = "1000"});
    made.configs.push_back({.name = "flush.messages", .value = "1"});
    const auto answer = create_one(made);
    ASSERT_EQ(answer.error, KafkaError::kNone) << answer.error_message.value_or("");
    int set = 0;
    for (const auto& config : *answer.configs) {
        set += config.config_source == 1 ? 1 : 0;
        if (config.name == "retention.ms") {
            EXPECT_EQ(config.value, "1000");
        }
        if (config.name == "cleanup.policy") {
            EXPECT_EQ(config.value, "delete");
            EXPECT_EQ(config.config_source, 5);
        }
    }
    EXPECT_EQ(set, 2);
}

TEST_F(TopicHandlers, RefuseATopicThatIsNamedTwice) {
    CreateTopicsRequest request;
    request.topics = {topic("twice"), topic("once"), topic("twice")};
    const auto response = call<CreateTopicsResponse>(std::move(request), 7);
    ASSERT_EQ(response.topics.size(), 3u);
    EXPECT_EQ(response.topics[0].error, KafkaError::kInvalidRequest);
    EXPECT_EQ(response.topics[1].error, KafkaError::kNone);
    EXPECT_EQ(response.topics[2].error, KafkaError::kInvalidRequest);
}

TEST_F(TopicHandlers, DeleteByName) {
    for (std::int16_t v = 1; v <= 5; ++v) {
        create("gone");
        DeleteTopicsRequest request;
        request.topic_names = {"gone", "never"};
        const auto response = call<DeleteTopicsResponse>(std::move(request), v);
        ASSERT_EQ(response.responses.size(), 2u);
        EXPECT_EQ(response.responses[0].name, "gone");
        EXPECT_EQ(response.responses[0].error, KafkaError::kNone);
        EXPECT_EQ(response.responses[1].error, KafkaError::kUnknownTopicOrPartition);
        EXPECT_FALSE(broker_->describe_topic("gone").ok());
    }
}

TEST_F(TopicHandlers, DeleteByNameOrById) {
    create("by-name");
    const TopicInfo by_id = create("by-id");
    const TopicInfo both = create("both");
    TopicId unknown;
    unknown.bytes[0] = 1;
    DeleteTopicsRequest request;
    request.topics = {{.name = "by-name", .topic_id = {}},
                      {.name = std::nullopt, .topic_id = by_id.id},
                      {.name = std::nullopt, .topic_id = unknown},
                      {.name = "both", .topic_id = both.id},
                      {.name = std::nullopt, .topic_id = {}}};
    const auto response = call<DeleteTopicsResponse>(std::move(request), 6);
    ASSERT_EQ(response.responses.size(), 5u);
    EXPECT_EQ(response.responses[0].error, KafkaError::kNone);
    EXPECT_EQ(response.responses[1].error, KafkaError::kNone);
    EXPECT_EQ(response.responses[1].name, "by-id");
    EXPECT_EQ(response.responses[2].error, KafkaError::kUnknownTopicId);
    EXPECT_EQ(response.responses[2].topic_id, unknown);
    EXPECT_EQ(response.responses[3].error, KafkaError::kInvalidRequest);
    EXPECT_EQ(response.responses[4].error, KafkaError::kInvalidRequest);
    EXPECT_FALSE(broker_->describe_topic("by-name").ok());
    EXPECT_FALSE(broker_->describe_topic("by-id").ok());
    EXPECT_TRUE(broker_->describe_topic("both").ok());
}

TEST_F(TopicHandlers, KeepInternalTopics) {
    DeleteTopicsRequest request;
    for (const TopicInfo& topic : broker_->list_topics()) {
        request.topic_names.push_back(topic.name);
    }
    ASSERT_FALSE(request.topic_names.empty());
    for (const auto& answer : call<DeleteTopicsResponse>(request, 5).responses) {
        EXPECT_NE(answer.error, KafkaError::kNone) << answer.name.value_or("");
    }
}

TEST_F(TopicHandlers, AddPartitions) {
    create("growing", 2);
    EXPECT_EQ(grow({.name = "growing", .count = 4, .assignments = std::nullopt}, true).error,
              KafkaError::kNone);
    EXPECT_EQ(broker_->describe_topic("growing").value().partitions, 2);
    EXPECT_EQ(grow({.name = "growing", .count = 4, .assignments = std::nullopt}).error,
              KafkaError::kNone);
    EXPECT_EQ(broker_->describe_topic("growing").value().partitions, 4);
    CreatePartitionsRequest::Topic assigned{.name = "growing", .count = 5};
    assigned.assignments.emplace().push_back({.broker_ids = {0}});
    EXPECT_EQ(grow(assigned).error, KafkaError::kNone);
    EXPECT_EQ(broker_->describe_topic("growing").value().partitions, 5);
}

TEST_F(TopicHandlers, RefuseFewerPartitionsAndBadAssignments) {
    create("growing", 2);
    const auto error_of = [&](const CreatePartitionsRequest::Topic& topic) {
        const auto answer = grow(topic);
        EXPECT_NE(answer.error_message.value_or(""), "");
        return answer.error;
    };
    EXPECT_EQ(error_of({.name = "growing", .count = 2}), KafkaError::kInvalidPartitions);
    EXPECT_EQ(error_of({.name = "growing", .count = 1}), KafkaError::kInvalidPartitions);
    EXPECT_EQ(error_of({.name = "growing", .count = 1'000'000}), KafkaError::kInvalidPartitions);
    EXPECT_EQ(error_of({.name = "never", .count = 3}), KafkaError::kUnknownTopicOrPartition);
    CreatePartitionsRequest::Topic assigned{.name = "growing", .count = 4};
    assigned.assignments.emplace().push_back({.broker_ids = {0}});
    EXPECT_EQ(error_of(assigned), KafkaError::kInvalidReplicaAssignment);
    assigned.assignments->push_back({.broker_ids = {9}});
    EXPECT_EQ(error_of(assigned), KafkaError::kInvalidReplicaAssignment);
}

}  // namespace
}  // namespace millrace::server::kafka
