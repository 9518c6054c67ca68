#include <future>

#include <gtest/gtest.h>

#include "core/wire/messages/list_offsets.h"
#include "server/kafka/api_table.h"
#include "tests/server/kafka/kafka_fixture.h"

namespace millrace::server::kafka {
namespace {

using test::KafkaClient;

class KafkaMetadata : public KafkaTest {
  protected:
    static wire::MetadataRequest ask(const std::vector<std::string>& names) {
        wire::MetadataRequest request;
        request.topics.emplace();
        for (const std::string& name : names) {
            request.topics->push_back({.name = name});
        }
        return request;
    }
};

TEST_F(KafkaMetadata, AnswersWithTheAddressTheClientConnectedTo) {
    create("t", 2);
    KafkaClient client(port());
    for (std::int16_t version = 0; version <= 12; ++version) {
        wire::MetadataRequest request = ask({"t"});
        const auto response = client.call<wire::MetadataResponse>(request, version);
        ASSERT_EQ(response.brokers.size(), 1U);
        EXPECT_EQ(response.brokers[0].host, "127.0.0.1");
        EXPECT_EQ(response.brokers[0].port, port());
        ASSERT_EQ(response.topics.size(), 1U);
        EXPECT_EQ(response.topics[0].error, KafkaError::kNone);
        ASSERT_EQ(response.topics[0].partitions.size(), 2U);
        const auto& partition = response.topics[0].partitions[1];
        EXPECT_EQ(partition.partition_index, 1);
        EXPECT_EQ(partition.leader_id, response.brokers[0].node_id);
        EXPECT_EQ(partition.replica_nodes, std::vector<std::int32_t>{partition.leader_id});
        EXPECT_EQ(partition.isr_nodes, std::vector<std::int32_t>{partition.leader_id});
        if (version >= 1) {
            EXPECT_EQ(response.controller_id, response.brokers[0].node_id);
        }
        if (version >= 2) {
            EXPECT_EQ(response.cluster_id, broker_->cluster_id().to_string());
        }
        if (version >= 7) {
            EXPECT_EQ(partition.leader_epoch, 0);
        }
        if (version >= 10) {
            EXPECT_EQ(response.topics[0].topic_id, broker_->find_topic("t")->id);
        }
    }
}

TEST_F(KafkaMetadata, AnswersWithTheAdvertisedAddressWhereThereIsOne) {
    restart({.advertised_host = "kafka.example", .advertised_port = 1234, .node_id = 7});
    KafkaClient client(port());
    wire::MetadataRequest request = ask({});
    const auto response = client.call<wire::MetadataResponse>(request, 9);
    EXPECT_EQ(response.brokers[0].host, "kafka.example");
    EXPECT_EQ(response.brokers[0].port, 1234);
    EXPECT_EQ(response.brokers[0].node_id, 7);
}

TEST_F(KafkaMetadata, TellsAllTopicsFromNone) {
    create("t");
    KafkaClient client(port());
    const auto names = [&](wire::MetadataRequest request, std::int16_t version) {
        std::vector<std::string> found;
        for (const auto& topic : client.call<wire::MetadataResponse>(request, version).topics) {
            found.push_back(*topic.name);
            EXPECT_EQ(topic.is_internal, version >= 1 && topic.name->starts_with("__"));
        }
        return found;
    };
    const std::vector<std::string> all{"__consumer_offsets", "__transaction_state", "t"};
    wire::MetadataRequest null;
    EXPECT_EQ(names(ask({}), 0), all);
    EXPECT_EQ(names(null, 1), all);
    EXPECT_EQ(names(null, 12), all);
    EXPECT_TRUE(names(ask({}), 1).empty());
    EXPECT_TRUE(names(ask({}), 12).empty());
}

TEST_F(KafkaMetadata, MakesTopicsWhenServerAndClientAgree) {
    KafkaClient client(port());
    const auto error_of = [&](const std::string& name, std::int16_t version, bool allows) {
        wire::MetadataRequest request = ask({name});
        request.allow_auto_topic_creation = allows;
        return client.call<wire::MetadataResponse>(request, version).topics[0].error;
    };
    EXPECT_EQ(error_of("a", 4, false), KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(broker_->find_topic("a"), nullptr);
    EXPECT_EQ(error_of("a", 4, true), KafkaError::kNone);
    EXPECT_EQ(broker_->find_topic("a")->partitions, 1);
    EXPECT_EQ(error_of("old", 1, false), KafkaError::kNone) << "old clients cannot say no";
    EXPECT_EQ(error_of("__mine", 4, true), KafkaError::kUnknownTopicOrPartition);
    restart({.auto_create_topics = false});
    KafkaClient other(port());
    wire::MetadataRequest request = ask({"b"});
    EXPECT_EQ(other.call<wire::MetadataResponse>(request, 12).topics[0].error,
              KafkaError::kUnknownTopicOrPartition);
}

TEST_F(KafkaMetadata, NamesWhatIsWrongWithATopic) {
    const TopicInfo topic = create("t");
    KafkaClient client(port());
    wire::MetadataRequest request = ask({"a/b", std::string(250, 'x'), "."});
    for (const auto& refused : client.call<wire::MetadataResponse>(request, 12).topics) {
        EXPECT_EQ(refused.error, KafkaError::kInvalidTopic);
    }
    wire::MetadataRequest by_id;
    by_id.topics.emplace();
    by_id.topics->push_back({.topic_id = topic.id});
    by_id.topics->push_back({.topic_id = TopicId::make(random_)});
    const auto response = client.call<wire::MetadataResponse>(by_id, 12);
    ASSERT_EQ(response.topics.size(), 2U);
    EXPECT_EQ(response.topics[0].error, KafkaError::kNone);
    EXPECT_EQ(response.topics[0].name, "t");
    EXPECT_EQ(response.topics[1].error, KafkaError::kUnknownTopicId);
    EXPECT_EQ(response.topics[1].topic_id, by_id.topics->at(1).topic_id);
}

TEST_F(KafkaMetadata, TellsAllowedOperationsToThoseWhoAsk) {
    create("t");
    KafkaClient client(port());
    wire::MetadataRequest request = ask({"t"});
    auto response = client.call<wire::MetadataResponse>(request, 8);
    EXPECT_EQ(response.topics[0].topic_authorized_operations, std::int32_t{-2147483647} - 1);
    EXPECT_EQ(response.cluster_authorized_operations, std::int32_t{-2147483647} - 1);
    request.include_topic_authorized_operations = true;
    request.include_cluster_authorized_operations = true;
    response = client.call<wire::MetadataResponse>(request, 8);
    EXPECT_NE(response.topics[0].topic_authorized_operations & (1 << 3), 0) << "may read";
    EXPECT_NE(response.cluster_authorized_operations & (1 << 8), 0) << "may describe";
}

/// What old librdkafka tests for before it turns features on.
TEST_F(KafkaMetadata, AdvertisesTheVersionsThatOldClientsTestFor) {
    const auto range = [](wire::ApiKey key) {
        const Api* api = find_api(api_table(), static_cast<std::int16_t>(key));
        return api == nullptr ? std::pair(-1, -1)
                              : std::pair<int, int>(api->version_min, api->version_max);
    };
    EXPECT_EQ(range(wire::ApiKey::kProduce), std::pair(0, 11));
    EXPECT_EQ(range(wire::ApiKey::kFetch), std::pair(4, 16));
    EXPECT_EQ(range(wire::ApiKey::kMetadata), std::pair(0, 12));
    EXPECT_EQ(range(wire::ApiKey::kListOffsets), std::pair(1, 8));
    EXPECT_EQ(range(wire::ApiKey::kOffsetForLeaderEpoch), std::pair(2, 4));
}

class KafkaListOffsets : public KafkaTest {
  protected:
    void SetUp() override {
        KafkaTest::SetUp();
        topic_ = create("t", 2);
        std::vector<ProducePiece> pieces;
        for (const std::int64_t time : {100, 300, 200}) {
            pieces.push_back({{topic_.id, Partition{0}}, batch({"a", "b"}, Codec::kNone, time)});
        }
        std::promise<void> done;
        broker_->produce(std::move(pieces), Acks::kAll, [&](const Result<std::vector<Produced>>&) {
            done.set_value();
        });
        done.get_future().wait();
    }
    wire::ListOffsetsResponse::Partition list(std::int64_t timestamp,
                                              std::int16_t version = 8,
                                              std::int32_t partition = 0,
                                              std::int32_t epoch = -1) {
        wire::ListOffsetsRequest request;
        request.replica_id = -1;
        request.topics.push_back({.name = "t",
                                  .partitions = {{.partition_index = partition,
                                                  .current_leader_epoch = epoch,
                                                  .timestamp = timestamp}}});
        return client().call<wire::ListOffsetsResponse>(request, version).topics[0].partitions[0];
    }
    KafkaClient& client() {
        if (!client_) {
            client_.emplace(port());
        }
        return *client_;
    }
    TopicInfo topic_;
    std::optional<KafkaClient> client_;
};

TEST_F(KafkaListOffsets, FindsStartAndEndInEveryVersion) {
    for (std::int16_t version = 1; version <= 8; ++version) {
        EXPECT_EQ(list(-1, version).offset, 6) << version;
        EXPECT_EQ(list(-1, version).timestamp, -1);
        EXPECT_EQ(list(-2, version).offset, 0);
        EXPECT_EQ(list(-1, version, 1).offset, 0);
        EXPECT_EQ(list(-1, version).leader_epoch, version >= 4 ? 0 : -1);
    }
    EXPECT_EQ(list(-4, 8).offset, 0);
    EXPECT_EQ(list(-4, 7).error, KafkaError::kUnsupportedVersion);
    EXPECT_EQ(list(-9, 8).error, KafkaError::kUnsupportedVersion);
}

TEST_F(KafkaListOffsets, FindsOffsetsByTime) {
    EXPECT_EQ(list(100).offset, 0);
    EXPECT_EQ(list(101).offset, 2);
    EXPECT_EQ(list(101).timestamp, 300);
    EXPECT_EQ(list(301).offset, -1);
    EXPECT_EQ(list(301).timestamp, -1);
    EXPECT_EQ(list(301).error, KafkaError::kNone);
    EXPECT_EQ(list(-3).offset, 2);
    EXPECT_EQ(list(-3).timestamp, 300);
    EXPECT_EQ(list(-3, 8, 1).offset, -1);
    EXPECT_EQ(list(-3, 6).error, KafkaError::kUnsupportedVersion);
}

TEST_F(KafkaListOffsets, NamesWhatIsWrong) {
    EXPECT_EQ(list(-1, 8, 5).error, KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(list(-1, 8, 0, 1).error, KafkaError::kUnknownLeaderEpoch);
    EXPECT_EQ(list(-1, 8, 0, 0).error, KafkaError::kNone);
}

TEST_F(KafkaListOffsets, EndsTheOnlyLeaderEpochAtTheEndOfThePartition) {
    for (std::int16_t version = 2; version <= 4; ++version) {
        wire::OffsetForLeaderEpochRequest request;
        request.topics.push_back({.topic = "t",
                                  .partitions = {{.partition = 0, .leader_epoch = 0},
                                                 {.partition = 0, .leader_epoch = 3},
                                                 {.partition = 0, .current_leader_epoch = 1},
                                                 {.partition = 9}}});
        const auto response = client().call<wire::OffsetForLeaderEpochResponse>(request, version);
        const auto& answers = response.topics[0].partitions;
        ASSERT_EQ(answers.size(), 4U);
        EXPECT_EQ(answers[0].leader_epoch, 0);
        EXPECT_EQ(answers[0].end_offset, 6);
        EXPECT_EQ(answers[1].leader_epoch, -1);
        EXPECT_EQ(answers[1].end_offset, -1);
        EXPECT_EQ(answers[2].error, KafkaError::kUnknownLeaderEpoch);
        EXPECT_EQ(answers[3].error, KafkaError::kUnknownTopicOrPartition);
    }
}

}  // namespace
}  // namespace millrace::server::kafka
