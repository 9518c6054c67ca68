// The file sink and the datagen source through the worker and a real log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/datagen/datagen_source.h"
#include "tests/connectors/pipeline.h"

namespace millrace::connectors {
namespace {

using testing::HasSubstr;
using Settings = std::map<std::string, std::string>;

class FileSinkTest : public testing::Test {
  protected:
    Settings sink(const std::string& format, Settings more = {}) {
        more.insert({{"connector.class", "file-sink"},
                     {"file", pipeline_.path("out")},
                     {"topics", "t"},
                     {"format", format}});
        return more;
    }
    ConnectorStatus drain(const Settings& settings) {
        pipeline_.kill();
        const Status added = pipeline_.add("out", settings, true);
        EXPECT_TRUE(added.ok()) << added.error().message;
        pipeline_.finish("t");
        pipeline_.start();
        EXPECT_TRUE(pipeline_.reaches_end("out"));
        return pipeline_.status("out");
    }
    void produce(int begin, int end) {
        Pipeline::Texts records;
        for (int i = begin; i < end; ++i) {
            records.push_back(
                {"k" + std::to_string(i), "{\"N\":" + std::to_string(i) + ",\"S\":\"a,b\"}"});
        }
        pipeline_.produce("t", records);
    }

    Pipeline pipeline_;
};

TEST_F(FileSinkTest, AppendsValuesAsTheyAre) {
    pipeline_.create_topic("t");
    pipeline_.write("out", "before\n");
    pipeline_.produce("t", {{std::nullopt, "one"}, {std::nullopt, "two"}});
    EXPECT_EQ(drain(sink("lines")).state, ConnectorState::kFinished);
    EXPECT_EQ(pipeline_.read("out"), "before\none\ntwo\n");
}

TEST_F(FileSinkTest, WritesAllColumnsAsJsonAndCsv) {
    pipeline_.create_topic("t", schema_of("ID STRING", "N INT, S STRING"));
    produce(1, 2);
    EXPECT_EQ(drain(sink("ndjson")).state, ConnectorState::kFinished);
    EXPECT_EQ(pipeline_.read("out"), "{\"ID\":\"k1\",\"N\":1,\"S\":\"a,b\"}\n");
    const Settings csv = sink("csv", {{"file", pipeline_.path("csv")}});
    EXPECT_EQ(drain(csv).state, ConnectorState::kFinished);
    produce(2, 3);
    EXPECT_EQ(drain(csv).state, ConnectorState::kFinished);
    EXPECT_EQ(pipeline_.read("csv"), "ID,N,S\nk1,1,\"a,b\"\nk2,2,\"a,b\"\n");
}

TEST_F(FileSinkTest, CutsOffWhatACrashLeftBehindTheCommit) {
    pipeline_.create_topic("t", schema_of("ID STRING", "N INT, S STRING"));
    produce(0, 2);
    EXPECT_EQ(drain(sink("ndjson")).state, ConnectorState::kFinished);
    const std::string committed = pipeline_.read("out");
    pipeline_.append("out", "{\"half a li");
    produce(2, 3);
    EXPECT_EQ(drain(sink("ndjson")).state, ConnectorState::kFinished);
    EXPECT_EQ(pipeline_.read("out"), committed + "{\"ID\":\"k2\",\"N\":2,\"S\":\"a,b\"}\n");
}

TEST_F(FileSinkTest, WritesEachRecordOnceWhenKilledAnywhere) {
    pipeline_.create_topic("t", schema_of("ID STRING", "N INT, S STRING"));
    std::string expected;
    for (int begin = 0; begin < 2000; begin += 50) {
        produce(begin, begin + 50);
    }
    for (int i = 0; i < 2000; ++i) {
        expected += "{\"ID\":\"k" + std::to_string(i) + "\",\"N\":" + std::to_string(i) +
                    ",\"S\":\"a,b\"}\n";
    }
    const Settings settings = sink("ndjson", {{"batch.size", "70"}});
    for (int i = 0; i < 5; ++i) {
        pipeline_.kill();
        ASSERT_TRUE(pipeline_.add("out", settings, false).ok());
        pipeline_.start();
        ASSERT_TRUE(pipeline_.reaches("out", ConnectorState::kRunning));
    }
    EXPECT_EQ(drain(settings).state, ConnectorState::kFinished);
    EXPECT_EQ(pipeline_.read("out"), expected);
}

TEST_F(FileSinkTest, RefusesAFileThatLostCommittedLines) {
    pipeline_.create_topic("t");
    pipeline_.produce("t", {{std::nullopt, "one"}});
    EXPECT_EQ(drain(sink("lines")).state, ConnectorState::kFinished);
    pipeline_.write("out", "");
    const ConnectorStatus status = drain(sink("lines"));
    EXPECT_EQ(status.state, ConnectorState::kFailed);
    EXPECT_THAT(status.error->message, HasSubstr("shorter than what was committed"));
}

TEST(Datagen, GoesOnExactlyWhereItStopped) {
    Pipeline pipeline;
    Settings settings{{"connector.class", "datagen"},
                      {"quickstart", "orders"},
                      {"topic", "t"},
                      {"seed", "42"},
                      {"iterations", "5000"}};
    EXPECT_EQ(pipeline.run("gen", settings).state, ConnectorState::kFinished);
    settings["iterations"] = "9000";
    const ConnectorStatus status = pipeline.run("gen", settings);
    EXPECT_EQ(status.state, ConnectorState::kFinished);
    EXPECT_EQ(status.records, 4000U);
    const std::vector<StoredRecord> records = pipeline.records("t");
    ASSERT_EQ(records.size(), 9000U);
    for (std::size_t i = 0; i < records.size(); ++i) {
        const SampleRecord wanted = sample_record("orders", 42, static_cast<std::int64_t>(i));
        ASSERT_EQ(records[i].key, wanted.key);
        ASSERT_EQ(records[i].value, wanted.value);
    }
}

}  // namespace
}  // namespace millrace::connectors
