// Groups over a real broker: what they keep goes through the journal and comes back when it opens.
#include <gtest/gtest.h>

#include "core/base/memory_files.h"
#include "core/broker/broker.h"
#include "core/broker/groups/group_coordinator.h"
#include "core/broker/offset_records.h"

namespace millrace::broker {
namespace {

using namespace std::chrono_literals;

class BrokerGroups : public testing::Test {
  protected:
    void SetUp() override {
        open();
        topic_ = broker_->create_topic({.name = "t", .partitions = 2}).value();
    }
    void TearDown() override {
        EXPECT_TRUE(broker_->close().ok());
        io_.run_all();
    }
    void open() {
        BrokerOptions options;
        options.journal.file_bytes = std::uint64_t{1} << 20;
        auto opened = Broker::open(env_, "/data", options);
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        broker_ = std::move(opened).value();
    }
    void reopen() {
        ASSERT_TRUE(broker_->close().ok());
        io_.run_all();
        broker_.reset();
        open();
    }
    TopicPartition at(std::int32_t partition) const { return {topic_.id, Partition{partition}}; }

    JoinAnswer join(const std::string& member_id = "") {
        std::optional<JoinAnswer> answer;
        broker_->groups().join({.group = "g",
                                .member_id = member_id,
                                .client_id = "c",
                                .client_host = "/h",
                                .session_timeout = 10s,
                                .rebalance_timeout = 60s,
                                .protocol_type = "consumer",
                                .protocols = {{"range", Buffer(std::string_view("m"))}}},
                               [&](JoinAnswer a) { answer = std::move(a); });
        io_.run_all();
        EXPECT_TRUE(answer.has_value());
        return answer.value_or(JoinAnswer{});
    }
    SyncAnswer sync(const JoinAnswer& joined, const std::string& assignment) {
        std::optional<SyncAnswer> answer;
        broker_->groups().sync(
            {.member = {"g", joined.generation, joined.member_id, {}},
             .assignments = {{joined.member_id, Buffer(std::string_view(assignment))}}},
            [&](SyncAnswer a) { answer = std::move(a); });
        io_.run_all();
        EXPECT_TRUE(answer.has_value());
        return answer.value_or(SyncAnswer{});
    }
    KafkaError commit(const GroupMember& member, std::int64_t next, std::int32_t partition = 0) {
        std::optional<KafkaError> error;
        broker_->groups().commit_offsets(
            {member, {{at(partition), Offset{next}, 4, "note"}}},
            [&](const std::vector<KafkaError>& errors) { error = errors.at(0); });
        io_.run_all();
        EXPECT_TRUE(error.has_value());
        return error.value_or(KafkaError::kUnknownServerError);
    }
    KafkaError remove() {
        std::optional<KafkaError> error;
        broker_->groups().delete_group("g", [&](KafkaError e) { error = e; });
        io_.run_all();
        return error.value_or(KafkaError::kUnknownServerError);
    }
    FetchedOffset fetch(std::int32_t partition = 0) {
        return broker_->groups().fetch_offsets("g", {at(partition)}, OffsetStability::kAny).at(0);
    }

    MemoryFileSystem files_;
    ManualClock clock_{1'000};
    SeededRandom random_{7};
    ManualIoExecutor io_{clock_};
    Logger log_{clock_, LogLevel::kOff, [](LogLevel, std::string_view) {}};
    Env env_{files_, clock_, random_, io_, log_};
    std::unique_ptr<Broker> broker_;
    TopicInfo topic_;
};

TEST_F(BrokerGroups, SurviveAReopenWithGenerationMembersAndAssignments) {
    const JoinAnswer joined = join();
    EXPECT_EQ(sync(joined, "mine").error, KafkaError::kNone);
    EXPECT_EQ(commit({"g", joined.generation, joined.member_id, {}}, 42), KafkaError::kNone);
    reopen();
    EXPECT_EQ(broker_->groups().heartbeat({"g", joined.generation, joined.member_id, {}}),
              KafkaError::kNone);
    EXPECT_EQ(sync(joined, "").assignment.text(), "mine");
    EXPECT_EQ(fetch().next, Offset{42});
    EXPECT_EQ(fetch().metadata, "note");
    EXPECT_EQ(fetch().leader_epoch, 4);
    EXPECT_EQ(fetch().committed_at, Timestamp{1'000});
    EXPECT_EQ(commit({"g", joined.generation, joined.member_id, {}}, 43), KafkaError::kNone);
    EXPECT_EQ(remove(), KafkaError::kNonEmptyGroup);
    clock_.advance(10s);
    io_.run_all();
    EXPECT_EQ(broker_->groups().describe("g").state, GroupState::kEmpty);
    EXPECT_EQ(remove(), KafkaError::kNone);
    reopen();
    EXPECT_TRUE(broker_->groups().list().empty());
    EXPECT_EQ(fetch().next, Offset{-1});
}

TEST_F(BrokerGroups, KeepQueriesAndClientsApartAcrossAReopen) {
    Unit unit;
    unit.offsets.push_back({"query", at(0), Offset{5}});
    std::optional<bool> is_done;
    broker_->append_atomic(std::move(unit),
                           [&](const Result<CommitPosition>& r) { is_done = r.ok(); });
    io_.run_all();
    ASSERT_EQ(is_done, true);
    EXPECT_EQ(commit({.group = "g"}, 1), KafkaError::kNone);
    reopen();
    EXPECT_EQ(commit({.group = "query"}, 1), KafkaError::kGroupAuthorizationFailed);
    EXPECT_EQ(commit({.group = "g"}, 2), KafkaError::kNone);
    const auto listed = broker_->groups().list();
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(listed[0].protocol_type, "");
    EXPECT_EQ(listed[1].protocol_type, kOwnGroupType);
    EXPECT_TRUE(broker_->committed_offsets("g").at(at(0)).does_expire);
    EXPECT_FALSE(broker_->committed_offsets("query").at(at(0)).does_expire);
}

TEST_F(BrokerGroups, ForgetOffsetsWithTheirTopic) {
    EXPECT_EQ(commit({.group = "g"}, 1), KafkaError::kNone);
    EXPECT_EQ(commit({.group = "g"}, 2, 1), KafkaError::kNone);
    ASSERT_TRUE(broker_->delete_topic("t").ok());
    EXPECT_EQ(broker_->groups().describe("g").state, GroupState::kDead);
    EXPECT_EQ(commit({.group = "g"}, 1), KafkaError::kCoordinatorNotAvailable);
    ASSERT_TRUE(broker_->create_topic({.name = "t", .partitions = 2}).ok());
    reopen();
    EXPECT_TRUE(broker_->committed_offsets("g").empty());
}

TEST_F(BrokerGroups, AnswerCommitsThatWereUnderWayWhenTheBrokerCloses) {
    std::optional<KafkaError> error;
    broker_->groups().commit_offsets(
        {{.group = "g"}, {{at(0), Offset{9}, -1, ""}}},
        [&](const std::vector<KafkaError>& errors) { error = errors.at(0); });
    reopen();
    EXPECT_EQ(error, KafkaError::kNone);
    EXPECT_EQ(fetch().next, Offset{9});
}

TEST(OffsetRecords, ReadBackWhatTheyWrote) {
    const OffsetRecord written{.group = "g",
                               .topic = "t",
                               .partition = Partition{3},
                               .next = Offset{8},
                               .metadata = "note",
                               .leader_epoch = 5,
                               .committed_at = Timestamp{77}};
    const Buffer key = encode_offset_key(written);
    const Buffer value = encode_offset_value(written);
    RecordView record{.key = key.view(), .value = value.view()};
    const OffsetRecord read = std::get<OffsetRecord>(decode_offsets_record(record).value());
    EXPECT_EQ(read.group, "g");
    EXPECT_EQ(read.topic, "t");
    EXPECT_EQ(read.partition, Partition{3});
    EXPECT_EQ(read.next, Offset{8});
    EXPECT_EQ(read.metadata, "note");
    EXPECT_EQ(read.leader_epoch, 5);
    EXPECT_EQ(read.committed_at, Timestamp{77});
    EXPECT_FALSE(read.is_removed);
    record.value.reset();
    EXPECT_TRUE(std::get<OffsetRecord>(decode_offsets_record(record).value()).is_removed);
    const Buffer group_key = encode_group_key("g");
    record.key = group_key.view();
    EXPECT_EQ(std::get<GroupKey>(decode_offsets_record(record).value()).group, "g");
    record.key = as_bytes("?");
    EXPECT_EQ(decode_offsets_record(record).error().code, ErrorCode::kCorruptBatch);
    record.key.reset();
    EXPECT_EQ(decode_offsets_record(record).error().code, ErrorCode::kCorruptBatch);
}

}  // namespace
}  // namespace millrace::broker
