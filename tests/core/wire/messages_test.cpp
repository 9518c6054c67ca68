#include <array>
#include <string>

#include <gtest/gtest.h>

#include "core/wire/decoder.h"
#include "core/wire/generated/describe_topic_partitions_request.h"
#include "core/wire/generated/fetch_request.h"
#include "core/wire/generated/fetch_response.h"
#include "core/wire/generated/heartbeat_request.h"
#include "core/wire/generated/join_group_request.h"
#include "core/wire/generated/metadata_request.h"
#include "core/wire/generated/offset_commit_request.h"
#include "core/wire/generated/produce_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/messages/fetch.h"
#include "core/wire/messages/groups.h"
#include "core/wire/messages/metadata.h"
#include "core/wire/messages/offsets.h"
#include "core/wire/messages/produce.h"
#include "core/wire/request_decoder.h"
#include "tests/core/wire/message_filler.h"
#include "tests/core/wire/message_kinds.h"

namespace millrace::wire {
namespace {

constexpr int kRounds = 20;

/// Decodes `message` with its generated reader; the bytes and the arena live on here.
template <class Reader, class Message>
class Read {
  public:
    Read(Message& message, std::int16_t version) : body_(encoded(message, version)) {
        reader_ = decode_body<Reader>(arena_, body_.view(), version);
    }
    Reader* operator->() const { return reader_; }
    [[nodiscard]] bool ok() const { return reader_ != nullptr; }

  private:
    Buffer body_;
    Arena arena_;
    Reader* reader_;
};

template <class Reader, class Message, class Compare>
void compare_all(Compare compare) {
    SeededRandom random(7);
    for (std::int16_t v = Message::kVersions.min; v <= Message::kVersions.max; ++v) {
        for (int round = 0; round < kRounds; ++round) {
            SCOPED_TRACE("version " + std::to_string(v));
            Message message = filled<Message>(random, v);
            const Read<Reader, Message> read(message, v);
            ASSERT_TRUE(read.ok());
            compare(message, read, v);
        }
    }
}

std::optional<std::string_view> view_of(const std::optional<std::string>& value) {
    return value ? std::optional<std::string_view>(*value) : std::nullopt;
}

std::string joined(const Records& records) {
    std::string all;
    for (const ByteView batch : records.batches) {
        all.append(as_text(batch));
    }
    return all;
}

TEST(WireMessages, UnknownTaggedFieldsAreSkipped) {
    HeartbeatRequest request;
    request.group_id = "g";
    Buffer body = encoded(request, 4);
    body.resize(body.size() - 1);  // "no tagged fields"
    for (const int byte :
         std::to_array<int>({2, 0, 3, 'a', 'b', 'c', 200, 1, 0})) {  // tags 0 and 200
        body.append_be(static_cast<std::uint8_t>(byte));
    }
    Arena arena;
    const auto* read = decode_body<heartbeat_request_t>(arena, body.view(), 4);
    ASSERT_NE(read, nullptr) << arena.failure();
    EXPECT_EQ(text(read->group_id()), "g");
    EXPECT_TRUE(decode_message<HeartbeatRequest>(body.view(), 4).ok());
}

TEST(WireMessages, NullTravelsAsEmptyBeforeItIsKnown) {
    JoinGroupResponse response;
    const auto old_version = decode_message<JoinGroupResponse>(encoded(response, 6).view(), 6);
    ASSERT_TRUE(old_version.ok());
    EXPECT_EQ(old_version.value().protocol_name, "");
    const auto new_version = decode_message<JoinGroupResponse>(encoded(response, 7).view(), 7);
    ASSERT_TRUE(new_version.ok());
    EXPECT_EQ(new_version.value().protocol_name, std::nullopt);
}

TEST(WireMessages, TextThatItsLengthCannotHoldIsCut) {
    HeartbeatRequest request;
    request.group_id = std::string(40'000, 'x');
    const auto cut = decode_message<HeartbeatRequest>(encoded(request, 0).view(), 0);
    ASSERT_TRUE(cut.ok());
    EXPECT_EQ(cut.value().group_id.size(), 32'767u);
    const auto whole = decode_message<HeartbeatRequest>(encoded(request, 4).view(), 4);
    ASSERT_TRUE(whole.ok());
    EXPECT_EQ(whole.value().group_id.size(), 40'000u);
}

TEST(WireMessages, FieldsOfOtherVersionsHaveTheProtocolsDefault) {
    FetchRequest request;
    request.topics.resize(1);
    request.topics[0].partitions.resize(1);
    request.topics[0].partitions[0].current_leader_epoch = 5;
    const Read<fetch_request_t, FetchRequest> read(request, 4);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->session_epoch(), -1);
    EXPECT_EQ(items(read->topics())[0]->partitions()->begin()[0]->current_leader_epoch(), -1);
    EXPECT_TRUE(is_null(read->rack_id()));
    EXPECT_EQ(text(read->rack_id()), "");
    EXPECT_EQ(items(read->forgotten_topics_data()).size(), 0u);
    EXPECT_EQ(uuid(items(read->topics())[0]->topic_id()), TopicId());

    MetadataRequest metadata;
    const Read<metadata_request_t, MetadataRequest> old(metadata, 3);
    ASSERT_TRUE(old.ok());
    EXPECT_TRUE(old->allow_auto_topic_creation());
    EXPECT_FALSE(old->include_topic_authorized_operations());
}

TEST(WireReaders, ProduceRequest) {
    compare_all<produce_request_t, ProduceRequest>([](const auto& message,
                                                      const auto& read,
                                                      int v) {
        if (v >= 3) {
            EXPECT_EQ(optional_text(read->transactional_id()), view_of(message.transactional_id));
        }
        EXPECT_EQ(read->acks(), message.acks);
        EXPECT_EQ(read->timeout_ms(), message.timeout_ms);
        const auto topics = items(read->topic_data());
        ASSERT_EQ(topics.size(), message.topic_data.size());
        for (std::size_t t = 0; t < topics.size(); ++t) {
            EXPECT_EQ(text(topics[t]->name()), message.topic_data[t].name);
            const auto partitions = items(topics[t]->partition_data());
            const auto& expected = message.topic_data[t].partition_data;
            ASSERT_EQ(partitions.size(), expected.size());
            for (std::size_t p = 0; p < partitions.size(); ++p) {
                EXPECT_EQ(partitions[p]->index(), expected[p].index);
                EXPECT_EQ(is_null(partitions[p]->records()), expected[p].records.is_null);
                EXPECT_EQ(as_text(bytes(partitions[p]->records())), joined(expected[p].records));
            }
        }
    });
}

TEST(WireReaders, FetchRequest) {
    compare_all<fetch_request_t, FetchRequest>([](const auto& message, const auto& read, int v) {
        EXPECT_EQ(read->replica_id(), message.replica_id);
        EXPECT_EQ(read->max_wait_ms(), message.max_wait_ms);
        EXPECT_EQ(read->min_bytes(), message.min_bytes);
        EXPECT_EQ(read->max_bytes(), message.max_bytes);
        EXPECT_EQ(read->isolation_level(), message.isolation_level);
        EXPECT_EQ(read->session_id(), message.session_id);
        EXPECT_EQ(read->session_epoch(), message.session_epoch);
        EXPECT_EQ(text(read->rack_id()), message.rack_id);
        const auto topics = items(read->topics());
        ASSERT_EQ(topics.size(), message.topics.size());
        for (std::size_t t = 0; t < topics.size(); ++t) {
            EXPECT_EQ(text(topics[t]->topic()), message.topics[t].topic);
            EXPECT_EQ(uuid(topics[t]->topic_id()), message.topics[t].topic_id);
            const auto partitions = items(topics[t]->partitions());
            const auto& expected = message.topics[t].partitions;
            ASSERT_EQ(partitions.size(), expected.size());
            for (std::size_t p = 0; p < partitions.size(); ++p) {
                EXPECT_EQ(partitions[p]->partition(), expected[p].partition);
                EXPECT_EQ(partitions[p]->current_leader_epoch(), expected[p].current_leader_epoch);
                EXPECT_EQ(partitions[p]->fetch_offset(), expected[p].fetch_offset);
                EXPECT_EQ(partitions[p]->last_fetched_epoch(), expected[p].last_fetched_epoch);
                EXPECT_EQ(partitions[p]->log_start_offset(), expected[p].log_start_offset);
                EXPECT_EQ(partitions[p]->partition_max_bytes(), expected[p].partition_max_bytes);
            }
        }
        const auto forgotten = items(read->forgotten_topics_data());
        ASSERT_EQ(forgotten.size(), v >= 7 ? message.forgotten_topics_data.size() : 0);
        for (std::size_t t = 0; t < forgotten.size(); ++t) {
            const auto& expected = message.forgotten_topics_data[t];
            EXPECT_EQ(text(forgotten[t]->topic()), expected.topic);
            EXPECT_EQ(uuid(forgotten[t]->topic_id()), expected.topic_id);
            const auto partitions = items(forgotten[t]->partitions());
            EXPECT_TRUE(std::equal(partitions.begin(),
                                   partitions.end(),
                                   expected.partitions.begin(),
                                   expected.partitions.end()));
        }
    });
}

TEST(WireReaders, FetchResponse) {
    compare_all<fetch_response_t, FetchResponse>([](const auto& message, const auto& read, int) {
        EXPECT_EQ(read->throttle_time_ms(), message.throttle_time_ms);
        EXPECT_EQ(read->error(), static_cast<std::int16_t>(message.error));
        EXPECT_EQ(read->session_id(), message.session_id);
        const auto topics = items(read->responses());
        ASSERT_EQ(topics.size(), message.responses.size());
        for (std::size_t t = 0; t < topics.size(); ++t) {
            EXPECT_EQ(text(topics[t]->topic()), message.responses[t].topic);
            EXPECT_EQ(uuid(topics[t]->topic_id()), message.responses[t].topic_id);
            const auto partitions = items(topics[t]->partitions());
            const auto& expected = message.responses[t].partitions;
            ASSERT_EQ(partitions.size(), expected.size());
            for (std::size_t p = 0; p < partitions.size(); ++p) {
                EXPECT_EQ(partitions[p]->partition_index(), expected[p].partition_index);
                EXPECT_EQ(partitions[p]->error(), static_cast<std::int16_t>(expected[p].error));
                EXPECT_EQ(partitions[p]->high_watermark(), expected[p].high_watermark);
                EXPECT_EQ(partitions[p]->last_stable_offset(), expected[p].last_stable_offset);
                EXPECT_EQ(partitions[p]->log_start_offset(), expected[p].log_start_offset);
                EXPECT_EQ(partitions[p]->aborted_transactions() == nullptr,
                          !expected[p].aborted_transactions.has_value());
                const auto aborted = items(partitions[p]->aborted_transactions());
                for (std::size_t a = 0; a < aborted.size(); ++a) {
                    const auto& transaction = (*expected[p].aborted_transactions)[a];
                    EXPECT_EQ(aborted[a]->producer_id(), transaction.producer_id);
                    EXPECT_EQ(aborted[a]->first_offset(), transaction.first_offset);
                }
                EXPECT_EQ(as_text(bytes(partitions[p]->records())), joined(expected[p].records));
            }
        }
    });
}

TEST(WireReaders, MetadataRequest) {
    compare_all<metadata_request_t, MetadataRequest>(
        [](const auto& message, const auto& read, int v) {
            EXPECT_EQ(read->topics() == nullptr, !message.topics.has_value());
            const auto topics = items(read->topics());
            for (std::size_t t = 0; t < topics.size(); ++t) {
                EXPECT_EQ(optional_text(topics[t]->name()), view_of((*message.topics)[t].name));
                EXPECT_EQ(uuid(topics[t]->topic_id()), (*message.topics)[t].topic_id);
            }
            EXPECT_EQ(read->allow_auto_topic_creation(), message.allow_auto_topic_creation);
            EXPECT_EQ(read->include_topic_authorized_operations(),
                      v >= 8 && message.include_topic_authorized_operations);
        });
}

TEST(WireReaders, JoinGroupRequest) {
    compare_all<join_group_request_t, JoinGroupRequest>(
        [](const auto& message, const auto& read, int) {
            EXPECT_EQ(text(read->group_id()), message.group_id);
            EXPECT_EQ(read->session_timeout_ms(), message.session_timeout_ms);
            EXPECT_EQ(read->rebalance_timeout_ms(), message.rebalance_timeout_ms);
            EXPECT_EQ(text(read->member_id()), message.member_id);
            EXPECT_EQ(optional_text(read->group_instance_id()), view_of(message.group_instance_id));
            EXPECT_EQ(text(read->protocol_type()), message.protocol_type);
            const auto protocols = items(read->protocols());
            ASSERT_EQ(protocols.size(), message.protocols.size());
            for (std::size_t p = 0; p < protocols.size(); ++p) {
                EXPECT_EQ(text(protocols[p]->name()), message.protocols[p].name);
                EXPECT_EQ(as_text(bytes(protocols[p]->metadata())),
                          message.protocols[p].metadata.text());
            }
        });
}

TEST(WireReaders, OffsetCommitRequest) {
    compare_all<offset_commit_request_t, OffsetCommitRequest>(
        [](const auto& message, const auto& read, int) {
            EXPECT_EQ(text(read->group_id()), message.group_id);
            EXPECT_EQ(read->generation_id_or_member_epoch(), message.generation_id_or_member_epoch);
            EXPECT_EQ(read->retention_time_ms(), message.retention_time_ms);
            const auto topics = items(read->topics());
            ASSERT_EQ(topics.size(), message.topics.size());
            for (std::size_t t = 0; t < topics.size(); ++t) {
                const auto partitions = items(topics[t]->partitions());
                ASSERT_EQ(partitions.size(), message.topics[t].partitions.size());
                for (std::size_t p = 0; p < partitions.size(); ++p) {
                    const auto& expected = message.topics[t].partitions[p];
                    EXPECT_EQ(partitions[p]->partition_index(), expected.partition_index);
                    EXPECT_EQ(partitions[p]->committed_offset(), expected.committed_offset);
                    EXPECT_EQ(partitions[p]->committed_leader_epoch(),
                              expected.committed_leader_epoch);
                    EXPECT_EQ(optional_text(partitions[p]->committed_metadata()),
                              view_of(expected.committed_metadata));
                }
            }
        });
}

TEST(WireReaders, DescribeTopicPartitionsRequestWithAndWithoutACursor) {
    compare_all<describe_topic_partitions_request_t, DescribeTopicPartitionsRequest>(
        [](const auto& message, const auto& read, int) {
            EXPECT_EQ(read->response_partition_limit(), message.response_partition_limit);
            ASSERT_EQ(read->cursor() == nullptr, !message.cursor.has_value());
            if (message.cursor) {
                EXPECT_EQ(text(read->cursor()->topic_name()), message.cursor->topic_name);
                EXPECT_EQ(read->cursor()->partition_index(), message.cursor->partition_index);
            }
        });
}

}  // namespace
}  // namespace millrace::wire
