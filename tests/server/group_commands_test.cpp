// millrace group ... on an opened directory.
#include "server/cli/group_commands.h"

#include <future>

#include <gtest/gtest.h>

#include "core/broker/broker.h"
#include "core/broker/groups/group_coordinator.h"
#include "core/client/log_client.h"
#include "core/record/record_batch_builder.h"
#include "server/cli/arguments.h"
#include "server/cli/commands.h"
#include "tests/support/temp_directory.h"

namespace millrace::server {
namespace {

class TextConsole final : public Console {
  public:
    void out(std::string_view text) override { printed += text; }
    void err(std::string_view text) override { said += text; }
    bool read_line(std::string&) override { return false; }
    [[nodiscard]] bool is_terminal() const override { return false; }
    [[nodiscard]] bool is_cancelled() const override { return false; }
    std::string printed;
    std::string said;
};

class GroupCommands : public testing::Test {
  protected:
    void SetUp() override {
        auto opened = Node::open({.data_directory = directory_.path() + "/data"});
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        node_ = std::move(opened).value();
        topic_ = node_->log().create_topic({.name = "t", .partitions = 2}).value();
        fill(0, 10);
        fill(1, 4);
    }
    void TearDown() override { EXPECT_TRUE(node_->close().ok()); }

    /// Records at 1,000 ms, 2,000 ms, ...
    void fill(std::int32_t partition, int records) {
        RecordBatchBuilder builder;
        for (int i = 0; i < records; ++i) {
            builder.add(std::nullopt, as_bytes("x"), Timestamp{(i + 1) * 1'000});
        }
        Unit unit;
        unit.pieces.push_back({{topic_.id, Partition{partition}}, builder.finish().value()});
        ASSERT_TRUE(append_and_wait(node_->log(), std::move(unit)).ok());
    }
    /// Runs `millrace group WORDS`; its output, or its error.
    std::string run(std::vector<std::string> words) {
        words.insert(words.begin(), "group");
        const ParsedArguments parsed = parse_arguments(words);
        if (parsed.exit_code) {
            return parsed.text;
        }
        console_ = TextConsole{};
        const Status done = execute_command(parsed.arguments, *node_, console_);
        return done.ok() ? console_.printed : "error: " + done.error().message;
    }
    std::string committed(std::int32_t partition) {
        const auto offsets = node_->broker().committed_offsets("g");
        const auto found = offsets.find({topic_.id, Partition{partition}});
        return found == offsets.end() ? "" : std::to_string(found->second.next.value);
    }
    /// A member that reads partition 0 of the topic, by its coordinator's own door.
    void join() {
        std::promise<broker::JoinAnswer> joined;
        node_->broker().groups().join(
            {.group = "g",
             .client_id = "reader",
             .client_host = "/127.0.0.1",
             .session_timeout = std::chrono::seconds(30),
             .rebalance_timeout = std::chrono::seconds(30),
             .protocol_type = "consumer",
             .protocols = {{"range", Buffer(std::string_view("m"))}}},
            [&](broker::JoinAnswer answer) { joined.set_value(std::move(answer)); });
        const broker::JoinAnswer answer = joined.get_future().get();
        Buffer assignment;
        assignment.append_be(std::int16_t{0});
        assignment.append_be(std::int32_t{1});
        assignment.append_be(std::int16_t{1});
        assignment.append(std::string_view("t"));
        assignment.append_be(std::int32_t{1});
        assignment.append_be(std::int32_t{0});
        assignment.append_be(std::int32_t{-1});
        std::promise<KafkaError> synced;
        node_->broker().groups().sync(
            {.member = {"g", answer.generation, answer.member_id, {}},
             .assignments = {{answer.member_id, std::move(assignment)}}},
            [&](const broker::SyncAnswer& sync) { synced.set_value(sync.error); });
        ASSERT_EQ(synced.get_future().get(), KafkaError::kNone);
        member_ = answer.member_id;
    }
    void leave() {
        ASSERT_EQ(node_->broker().groups().leave("g", {{member_, {}}}).members.at(0),
                  KafkaError::kNone);
    }

    TempDirectory directory_;
    std::unique_ptr<Node> node_;
    TopicInfo topic_;
    TextConsole console_;
    std::string member_;
};

TEST_F(GroupCommands, ResetsAGroupToWhateverIsAskedFor) {
    EXPECT_EQ(run({"reset-offsets", "g", "--topic", "t", "--to-latest"}),
              "TOPIC  PARTITION  BEFORE  AFTER\n"
              "-----  ---------  ------  -----\n"
              "t              0    NULL     10\n"
              "t              1    NULL      4\n");
    EXPECT_EQ(committed(0), "10");
    run({"reset-offsets", "g", "--topic", "t:0", "--shift-by", "-3"});
    EXPECT_EQ(committed(0), "7");
    EXPECT_EQ(committed(1), "4");
    run({"reset-offsets", "g", "--topic", "t:0,1", "--to-offset", "2"});
    EXPECT_EQ(committed(0), "2");
    EXPECT_EQ(committed(1), "2");
    run({"reset-offsets", "g", "--topic", "t", "--to-datetime", "1970-01-01T00:00:04Z"});
    EXPECT_EQ(committed(0), "3");
    EXPECT_EQ(committed(1), "3");
    run({"reset-offsets", "g", "--topic", "t", "--to-earliest"});
    EXPECT_EQ(committed(0), "0");
    run({"reset-offsets", "g", "--topic", "t:0", "--to-offset", "99"});
    EXPECT_EQ(committed(0), "10");
    EXPECT_EQ(console_.said, "t-0 has offsets 0 to 10, so not 99 but 10\n");
}

TEST_F(GroupCommands, ShowsADryRunAndChangesNothing) {
    const std::string shown =
        run({"reset-offsets", "g", "--topic", "t:1", "--to-latest", "--dry-run"});
    EXPECT_NE(shown.find("t              1    NULL      4\n"), std::string::npos) << shown;
    EXPECT_EQ(console_.said, "nothing was changed: this was a dry run\n");
    EXPECT_EQ(committed(1), "");
}

TEST_F(GroupCommands, SaysWhatIsWrongWithAReset) {
    EXPECT_EQ(run({"reset-offsets", "g", "--topic", "u", "--to-latest"}),
              "error: unknown topic: u; did you mean t?");
    EXPECT_EQ(run({"reset-offsets", "g", "--topic", "t:7", "--to-latest"}),
              "error: topic t has partitions 0 to 1, not 7");
    EXPECT_EQ(run({"reset-offsets", "g", "--topic", "t:x", "--to-latest"}),
              "error: topic t has partitions 0 to 1, not x");
    EXPECT_EQ(run({"reset-offsets", "g", "--topic", "t:0", "--shift-by", "1"}),
              "error: nothing is committed yet that could be shifted: t-0");
    EXPECT_EQ(run({"reset-offsets", "g", "--topic", "t:0", "--to-datetime", "soon"}),
              "error: not a time such as 2026-01-31T12:00:00Z: soon");
    EXPECT_NE(run({"reset-offsets", "g", "--topic", "t"}).find("millrace: "), std::string::npos);
    EXPECT_NE(run({"reset-offsets", "g", "--topic", "t", "--to-latest", "--to-earliest"})
                  .find("millrace: "),
              std::string::npos);
    join();
    EXPECT_EQ(run({"reset-offsets", "g", "--topic", "t", "--to-latest"}),
              "error: group g has 1 member: stop its consumers, or wait until their sessions end; "
              "then reset");
    EXPECT_EQ(
        run({"reset-offsets", "g", "--topic", "t", "--to-latest", "--dry-run"}).rfind("error: ", 0),
        0U);
    leave();
    EXPECT_EQ(run({"reset-offsets", "g", "--topic", "t", "--to-latest"}).rfind("TOPIC", 0), 0U);
}

TEST_F(GroupCommands, ListsAndDescribesGroups) {
    EXPECT_EQ(run({"describe", "g"}), "error: unknown group: g");
    run({"reset-offsets", "g", "--topic", "t", "--to-offset", "1"});
    run({"reset-offsets", "only-offsets", "--topic", "t:0", "--to-offset", "4"});
    join();
    EXPECT_EQ(run({"list"}),
              "GROUP         STATE   TYPE      MEMBERS  LAG\n"
              "------------  ------  --------  -------  ---\n"
              "g             Stable  consumer        1   12\n"
              "only-offsets  Empty   NULL            0    6\n");
    EXPECT_EQ(
        run({"list", "-o", "json"}),
        "{\"GROUP\":\"g\",\"STATE\":\"Stable\",\"TYPE\":\"consumer\",\"MEMBERS\":1,\"LAG\":12}\n"
        "{\"GROUP\":\"only-offsets\",\"STATE\":\"Empty\",\"TYPE\":null,\"MEMBERS\":0,"
        "\"LAG\":6}\n");
    const std::string described = run({"describe", "g"});
    EXPECT_EQ(described.rfind("group       g\n"
                              "state       Stable\n"
                              "generation  1\n"
                              "type        consumer\n"
                              "assignor    range\n"
                              "members     1\n",
                              0),
              0U)
        << described;
    EXPECT_EQ(
        run({"describe", "g", "-o", "json"}),
        "{\"TOPIC\":\"t\",\"PARTITION\":0,\"COMMITTED\":1,\"END\":10,\"LAG\":9,\"MEMBER\":\"" +
            member_ +
            "\",\"CLIENT\":\"reader\",\"HOST\":\"/127.0.0.1\"}\n"
            "{\"TOPIC\":\"t\",\"PARTITION\":1,\"COMMITTED\":1,\"END\":4,\"LAG\":3,"
            "\"MEMBER\":null,\"CLIENT\":null,\"HOST\":null}\n");
    EXPECT_EQ(run({"describe", "only-offset"}),
              "error: unknown group: only-offset; did you mean only-offsets?");
}

TEST_F(GroupCommands, DeletesGroupsAndOffsets) {
    run({"reset-offsets", "g", "--topic", "t", "--to-offset", "1"});
    EXPECT_EQ(run({"delete-offsets", "g", "--topic", "t:1"}),
              "deleted the offsets of group g for 1 partition\n");
    EXPECT_EQ(committed(0), "1");
    EXPECT_EQ(committed(1), "");
    join();
    EXPECT_EQ(run({"delete", "g"}),
              "error: group g has members: stop its consumers, or wait until their sessions end");
    EXPECT_EQ(run({"delete-offsets", "g", "--topic", "t:0"}),
              "error: group g has members that read this topic: stop them first");
    leave();
    EXPECT_EQ(run({"delete", "g"}), "deleted group g and its offsets\n");
    EXPECT_EQ(run({"delete", "g"}), "error: unknown group: g");
}

TEST_F(GroupCommands, LeaveOffsetsOfQueriesAlone) {
    Unit unit;
    unit.offsets.push_back({"QUERY", {topic_.id, Partition{0}}, Offset{3}});
    ASSERT_TRUE(append_and_wait(node_->log(), std::move(unit)).ok());
    const std::string no =
        "error: group QUERY belongs to a query or connector, which keeps its offsets itself";
    EXPECT_EQ(run({"reset-offsets", "QUERY", "--topic", "t", "--to-latest"}), no);
    EXPECT_EQ(run({"delete", "QUERY"}), no);
    EXPECT_EQ(run({"delete-offsets", "QUERY", "--topic", "t"}), no);
    EXPECT_NE(run({"list"}).find("QUERY  Empty  millrace        0    7"), std::string::npos);
}

TEST(Datetimes, AreReadInIsoFormOrAsMilliseconds) {
    EXPECT_EQ(parse_datetime("0"), Timestamp{0});
    EXPECT_EQ(parse_datetime("1700000000123"), Timestamp{1'700'000'000'123});
    EXPECT_EQ(parse_datetime("1970-01-02"), Timestamp{86'400'000});
    EXPECT_EQ(parse_datetime("1970-01-01T01:02"), Timestamp{3'720'000});
    EXPECT_EQ(parse_datetime("1970-01-01 01:02:03"), Timestamp{3'723'000});
    EXPECT_EQ(parse_datetime("1970-01-01T00:00:01.5Z"), Timestamp{1'500});
    EXPECT_EQ(parse_datetime("1970-01-01T02:00:00+02:00"), Timestamp{0});
    EXPECT_EQ(parse_datetime("1969-12-31T22:00:00.001-0200"), Timestamp{1});
    for (const char* bad : {"",
                            "x",
                            "1970-13-01",
                            "1970-02-30",
                            "1970-01-01T",
                            "1970-01-01T25:00",
                            "1970-01-01T00:00:00.1234",
                            "1970-01-01T00:00Zx",
                            "-5",
                            "1970-1-1"}) {
        EXPECT_EQ(parse_datetime(bad), std::nullopt) << bad;
    }
}

}  // namespace
}  // namespace millrace::server
