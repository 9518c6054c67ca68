#include <set>

#include <gtest/gtest.h>

#include "core/base/checksum.h"
#include "tests/server/kafka/kafka_fixture.h"

namespace millrace::server::kafka {
namespace {

using test::KafkaClient;

class KafkaData : public KafkaTest {
  protected:
    static wire::ProduceRequest produce_request(const std::string& topic,
                                                std::int32_t partition,
                                                ByteView records,
                                                std::int16_t acks = -1) {
        wire::ProduceRequest request;
        request.acks = acks;
        request.timeout_ms = 1000;
        request.topic_data.push_back(
            {.name = topic,
             .partition_data = {{.index = partition, .records = {.batches = {records}}}}});
        return request;
    }
    static wire::ProduceResponse::Partition produce(KafkaClient& client,
                                                    const std::string& topic,
                                                    std::int32_t partition,
                                                    const Buffer& records,
                                                    std::int16_t version = 11) {
        wire::ProduceRequest request = produce_request(topic, partition, records);
        const auto response = client.call<wire::ProduceResponse>(request, version);
        EXPECT_EQ(response.responses.size(), 1U);
        if (response.responses.size() != 1 ||
            response.responses[0].partition_responses.size() != 1) {
            ADD_FAILURE() << "not one partition in the answer";
            return {};
        }
        return response.responses[0].partition_responses[0];
    }
    static wire::FetchRequest fetch_request(const TopicInfo& topic,
                                            std::vector<std::int32_t> partitions,
                                            std::int64_t offset = 0) {
        wire::FetchRequest request;
        request.max_wait_ms = 0;
        request.min_bytes = 1;
        request.max_bytes = 50 << 20;
        wire::FetchRequest::Topic asked{.topic = topic.name, .topic_id = topic.id};
        for (const std::int32_t partition : partitions) {
            asked.partitions.push_back(
                {.partition = partition, .fetch_offset = offset, .partition_max_bytes = 1 << 20});
        }
        request.topics.push_back(std::move(asked));
        return request;
    }
    static std::vector<std::string> values_of(const wire::FetchResponse::Partition& partition) {
        std::vector<std::string> values;
        for (const ByteView bytes : partition.records.batches) {
            RecordBatchCursor batches(bytes);
            while (const auto found = batches.next().value()) {
                const RecordPayload payload = payload_of(*found, nullptr).value();
                RecordCursor records(*found, payload.bytes);
                RecordView record;
                while (records.next(record)) {
                    values.emplace_back(as_text(*record.value));
                }
            }
        }
        return values;
    }
};

TEST_F(KafkaData, ProducesAndFetchesInEveryVersion) {
    const TopicInfo topic = create("t");
    KafkaClient client(port());
    std::vector<std::string> wanted;
    for (std::int16_t version = 3; version <= 11; ++version) {
        wanted.push_back("v" + std::to_string(version));
        const auto produced = produce(client, "t", 0, batch({wanted.back()}), version);
        EXPECT_EQ(produced.error, KafkaError::kNone) << version;
        EXPECT_EQ(produced.base_offset, version - 3);
    }
    for (std::int16_t version = 4; version <= 16; ++version) {
        wire::FetchRequest request = fetch_request(topic, {0});
        const auto response = client.call<wire::FetchResponse>(request, version);
        ASSERT_EQ(response.responses.size(), 1U) << version;
        const auto& partition = response.responses[0].partitions[0];
        EXPECT_EQ(partition.error, KafkaError::kNone);
        EXPECT_EQ(partition.high_watermark, 9);
        EXPECT_EQ(partition.last_stable_offset, 9);
        EXPECT_EQ(partition.preferred_read_replica, -1);
        EXPECT_EQ(values_of(partition), wanted) << version;
        if (version >= 13) {
            EXPECT_EQ(response.responses[0].topic_id, topic.id);
        } else {
            EXPECT_EQ(response.responses[0].topic, "t");
        }
    }
}

TEST_F(KafkaData, TakesEveryCodecButZstdFromOldClients) {
    const TopicInfo topic = create("t");
    KafkaClient client(port());
    const std::string text(1000, 'x');
    for (const Codec codec :
         {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd}) {
        EXPECT_EQ(produce(client, "t", 0, batch({text}, codec), 7).error, KafkaError::kNone)
            << name_of(codec);
    }
    EXPECT_EQ(produce(client, "t", 0, batch({text}, Codec::kZstd), 6).error,
              KafkaError::kUnsupportedCompressionType);
    wire::FetchRequest request = fetch_request(topic, {0});
    const auto response = client.call<wire::FetchResponse>(request, 11);
    EXPECT_EQ(values_of(response.responses[0].partitions[0]), std::vector<std::string>(5, text));
}

TEST_F(KafkaData, RefusesOldProduceVersionsAlthoughTheyAreAdvertised) {
    create("t");
    KafkaClient client(port());
    for (std::int16_t version = 0; version <= 2; ++version) {
        EXPECT_EQ(produce(client, "t", 0, batch({"x"}), version).error,
                  KafkaError::kUnsupportedVersion);
    }
}

TEST_F(KafkaData, AnswersEachPartitionOfAProduceForItself) {
    create("t", 2);
    KafkaClient client(port());
    const Buffer good = batch({"good"});
    Buffer bad = batch({"bad"});
    bad.data()[bad.size() - 2] ^= std::byte{1};
    wire::ProduceRequest request = produce_request("t", 0, good);
    request.topic_data[0].partition_data.push_back({.index = 1, .records = {.batches = {bad}}});
    request.topic_data[0].partition_data.push_back({.index = 2, .records = {.batches = {good}}});
    request.topic_data.push_back(
        {.name = "nowhere", .partition_data = {{.index = 0, .records = {.batches = {good}}}}});
    const auto response = client.call<wire::ProduceResponse>(request, 9);
    ASSERT_EQ(response.responses.size(), 2U);
    const auto& answers = response.responses[0].partition_responses;
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(answers[0].error, KafkaError::kNone);
    EXPECT_EQ(answers[0].base_offset, 0);
    EXPECT_EQ(answers[0].log_start_offset, 0);
    EXPECT_EQ(answers[1].error, KafkaError::kCorruptMessage);
    EXPECT_TRUE(answers[1].error_message.has_value());
    EXPECT_EQ(answers[1].base_offset, -1);
    EXPECT_EQ(answers[2].error, KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(response.responses[1].partition_responses[0].error,
              KafkaError::kUnknownTopicOrPartition);
}

TEST_F(KafkaData, KnowsThreeKindsOfAcks) {
    const TopicInfo topic = create("t");
    KafkaClient client(port());
    const Buffer records = batch({"x"});
    wire::ProduceRequest leader = produce_request("t", 0, records, 1);
    EXPECT_EQ(client.call<wire::ProduceResponse>(leader, 9)
                  .responses[0]
                  .partition_responses[0]
                  .base_offset,
              0);
    wire::ProduceRequest two = produce_request("t", 0, records, 2);
    EXPECT_EQ(client.call<wire::ProduceResponse>(two, 9).responses[0].partition_responses[0].error,
              KafkaError::kInvalidRequiredAcks);

    KafkaClient silent(port());
    wire::ProduceRequest none = produce_request("t", 0, records, 0);
    silent.send(none, 9);
    none = produce_request("nowhere", 0, records, 0);
    silent.send(none, 9);
    EXPECT_TRUE(silent.is_closed_by_server()) << "nothing for the first, an end for the second";
    wire::FetchRequest request = fetch_request(topic, {0});
    request.min_bytes = static_cast<std::int32_t>(records.size() + 1);
    request.max_wait_ms = 10'000;
    const auto fetched = client.call<wire::FetchResponse>(request, 11);
    EXPECT_EQ(values_of(fetched.responses[0].partitions[0]).size(), 2U);
}

TEST_F(KafkaData, KeepsTheOrderOfRequestsUnderWay) {
    const TopicInfo topic = create("t");
    KafkaClient client(port());
    constexpr int kRequests = 50;
    for (int i = 0; i < kRequests; ++i) {
        const Buffer records = batch({std::to_string(i)});
        wire::ProduceRequest request = produce_request("t", 0, records);
        client.send(request, 9);
    }
    for (int i = 0; i < kRequests; ++i) {
        EXPECT_EQ(client.receive<wire::ProduceResponse>(9)
                      .responses[0]
                      .partition_responses[0]
                      .base_offset,
                  i);
    }
    wire::FetchRequest request = fetch_request(topic, {0});
    const auto fetched = client.call<wire::FetchResponse>(request, 12);
    const auto values = values_of(fetched.responses[0].partitions[0]);
    ASSERT_EQ(values.size(), static_cast<std::size_t>(kRequests));
    EXPECT_EQ(values[17], "17");
}

TEST_F(KafkaData, WakesAWaitingFetch) {
    const TopicInfo topic = create("t", 2);
    KafkaClient consumer(port());
    KafkaClient producer(port());
    wire::FetchRequest request = fetch_request(topic, {0, 1});
    request.max_wait_ms = 15'000;
    consumer.send(request, 12);
    EXPECT_EQ(produce(producer, "t", 1, batch({"late"})).error, KafkaError::kNone);
    const auto fetched = consumer.receive<wire::FetchResponse>(12);
    EXPECT_EQ(values_of(fetched.responses[0].partitions[1]), std::vector<std::string>{"late"});
}

TEST_F(KafkaData, NamesWhatIsWrongWithAFetch) {
    const TopicInfo topic = create("t");
    KafkaClient client(port());
    const auto error_of = [&](wire::FetchRequest request, std::int16_t version) {
        return client.call<wire::FetchResponse>(request, version).responses[0].partitions[0].error;
    };
    EXPECT_EQ(error_of(fetch_request(topic, {0}, 1), 12), KafkaError::kOffsetOutOfRange);
    EXPECT_EQ(error_of(fetch_request(topic, {3}), 12), KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(error_of(fetch_request(topic, {3}), 13), KafkaError::kUnknownTopicOrPartition);
    TopicInfo other;
    other.name = "other";
    other.id = TopicId::make(random_);
    EXPECT_EQ(error_of(fetch_request(other, {0}), 12), KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(error_of(fetch_request(other, {0}), 13), KafkaError::kUnknownTopicId);
    wire::FetchRequest epoch = fetch_request(topic, {0});
    epoch.topics[0].partitions[0].current_leader_epoch = 1;
    EXPECT_EQ(error_of(epoch, 12), KafkaError::kUnknownLeaderEpoch);
    epoch.topics[0].partitions[0].current_leader_epoch = -2;
    EXPECT_EQ(error_of(epoch, 12), KafkaError::kFencedLeaderEpoch);
    epoch.topics[0].partitions[0].current_leader_epoch = 0;
    EXPECT_EQ(error_of(epoch, 12), KafkaError::kNone);
}

TEST_F(KafkaData, GivesTheAbortedListToReadersOfCommittedRecordsOnly) {
    const TopicInfo topic = create("t");
    KafkaClient client(port());
    wire::FetchRequest request = fetch_request(topic, {0});
    EXPECT_FALSE(client.call<wire::FetchResponse>(request, 11)
                     .responses[0]
                     .partitions[0]
                     .aborted_transactions.has_value());
    request.isolation_level = 1;
    const auto response = client.call<wire::FetchResponse>(request, 11);
    const auto& aborted = response.responses[0].partitions[0].aborted_transactions;
    EXPECT_TRUE(aborted && aborted->empty());
}

TEST_F(KafkaData, KeepsFetchSessions) {
    const TopicInfo topic = create("t", 3);
    KafkaClient client(port());
    ASSERT_EQ(produce(client, "t", 0, batch({"a"})).error, KafkaError::kNone);
    wire::FetchRequest request = fetch_request(topic, {0, 1, 2});
    request.session_epoch = 0;
    auto response = client.call<wire::FetchResponse>(request, 12);
    const std::int32_t session = response.session_id;
    EXPECT_NE(session, 0);
    ASSERT_EQ(response.responses.size(), 1U);
    EXPECT_EQ(response.responses[0].partitions.size(), 3U);

    // Partition 0 was read; nothing else changed.
    wire::FetchRequest next = fetch_request(topic, {0}, 1);
    next.session_id = session;
    next.session_epoch = 1;
    response = client.call<wire::FetchResponse>(next, 12);
    EXPECT_EQ(response.error, KafkaError::kNone);
    EXPECT_EQ(response.session_id, session);
    EXPECT_TRUE(response.responses.empty());

    ASSERT_EQ(produce(client, "t", 2, batch({"b"})).error, KafkaError::kNone);
    next.topics.clear();
    next.session_epoch = 2;
    response = client.call<wire::FetchResponse>(next, 12);
    ASSERT_EQ(response.responses.size(), 1U);
    ASSERT_EQ(response.responses[0].partitions.size(), 1U);
    EXPECT_EQ(response.responses[0].partitions[0].partition_index, 2);
    EXPECT_EQ(values_of(response.responses[0].partitions[0]), std::vector<std::string>{"b"});

    // Forgotten: its records are no news any more.
    next.session_epoch = 3;
    next.forgotten_topics_data.push_back({.topic = "t", .topic_id = topic.id, .partitions = {2}});
    response = client.call<wire::FetchResponse>(next, 12);
    EXPECT_TRUE(response.responses.empty());

    next.forgotten_topics_data.clear();
    next.session_epoch = 9;
    EXPECT_EQ(client.call<wire::FetchResponse>(next, 12).error,
              KafkaError::kInvalidFetchSessionEpoch);
    next.session_id = session ^ 1;
    EXPECT_EQ(client.call<wire::FetchResponse>(next, 12).error,
              KafkaError::kFetchSessionIdNotFound);
    next.session_id = session;
    next.session_epoch = 4;
    EXPECT_EQ(client.call<wire::FetchResponse>(next, 13).error,
              KafkaError::kFetchSessionTopicIdError);

    wire::FetchRequest last = fetch_request(topic, {0});
    last.session_id = session;
    last.session_epoch = -1;
    response = client.call<wire::FetchResponse>(last, 12);
    EXPECT_EQ(response.session_id, 0);
    EXPECT_EQ(response.responses[0].partitions.size(), 1U);
    next.session_epoch = 4;
    EXPECT_EQ(client.call<wire::FetchResponse>(next, 12).error,
              KafkaError::kFetchSessionIdNotFound);
}

TEST_F(KafkaData, GivesEveryPartitionOfASessionItsTurn) {
    const TopicInfo topic = create("t", 4);
    KafkaClient client(port());
    for (std::int32_t p = 0; p < 4; ++p) {
        for (int i = 0; i < 4; ++i) {
            ASSERT_EQ(produce(client, "t", p, batch({std::string(1000, 'x')})).error,
                      KafkaError::kNone);
        }
    }
    wire::FetchRequest request = fetch_request(topic, {0, 1, 2, 3});
    request.session_epoch = 0;
    request.max_bytes = 100;  // one batch a time
    auto response = client.call<wire::FetchResponse>(request, 13);
    std::set<std::int32_t> seen;
    for (std::int32_t epoch = 1; epoch <= 4; ++epoch) {
        for (const auto& answered : response.responses) {
            for (const auto& partition : answered.partitions) {
                if (!values_of(partition).empty()) {
                    seen.insert(partition.partition_index);
                }
            }
        }
        wire::FetchRequest next = request;
        next.topics.clear();
        next.session_id = response.session_id;
        next.session_epoch = epoch;
        response = client.call<wire::FetchResponse>(next, 13);
    }
    EXPECT_EQ(seen.size(), 4U);
}

TEST_F(KafkaData, FollowsATopicOfASessionThatIsMadeAgain) {
    TopicInfo topic = create("t");
    KafkaClient client(port());
    wire::FetchRequest request = fetch_request(topic, {0});
    request.session_epoch = 0;
    auto response = client.call<wire::FetchResponse>(request, 12);
    wire::FetchRequest next = request;
    next.topics.clear();
    next.session_id = response.session_id;
    ASSERT_TRUE(broker_->delete_topic("t").ok());
    next.session_epoch = 1;
    response = client.call<wire::FetchResponse>(next, 12);
    ASSERT_EQ(response.responses.size(), 1U);
    EXPECT_EQ(response.responses[0].partitions[0].error, KafkaError::kUnknownTopicOrPartition);
    create("t");
    ASSERT_EQ(produce(client, "t", 0, batch({"new"})).error, KafkaError::kNone);
    next.session_epoch = 2;
    response = client.call<wire::FetchResponse>(next, 12);
    ASSERT_EQ(response.responses.size(), 1U);
    EXPECT_EQ(values_of(response.responses[0].partitions[0]), std::vector<std::string>{"new"});
}

}  // namespace
}  // namespace millrace::server::kafka
