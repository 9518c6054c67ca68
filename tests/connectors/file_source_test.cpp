// The file source through the worker and a real log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/connectors/pipeline.h"

namespace millrace::connectors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Settings = std::map<std::string, std::string>;

class FileSourceTest : public testing::Test {
  protected:
    Settings source(const std::string& format, Settings more = {}) {
        more.insert({{"connector.class", "file-source"},
                     {"file", pipeline_.path("in")},
                     {"topic", "t"},
                     {"poll.interval.ms", "2"},
                     {"format", format}});
        return more;
    }
    ConnectorStatus run(const Settings& settings) { return pipeline_.run("in", settings); }
    void tail(const Settings& settings) {
        pipeline_.kill();
        const Status added = pipeline_.add("in", settings, false);
        ASSERT_TRUE(added.ok()) << added.error().message;
        pipeline_.start();
    }

    Pipeline pipeline_;
};

TEST_F(FileSourceTest, ReadsLinesAndFinishes) {
    pipeline_.write("in", "one\ntwo\r\n\nlast without an end");
    const ConnectorStatus status = run(source("lines"));
    EXPECT_EQ(status.state, ConnectorState::kFinished)
        << (status.error ? status.error->message : "");
    EXPECT_EQ(status.records, 4U);
    EXPECT_EQ(status.bytes_done, status.bytes_total);
    EXPECT_THAT(pipeline_.values("t"), ElementsAre("one", "two", "", "last without an end"));
    run(source("lines"));
    EXPECT_EQ(pipeline_.values("t").size(), 4U) << "a second run reads nothing twice";
}

TEST_F(FileSourceTest, TakesTheKeyOutOfJson) {
    pipeline_.write("in",
                    "{\"id\":\"a\\u0062\",\"n\":1}\n"
                    "\n"
                    "{\"n\":2,\"ID\":17}\n"
                    "{\"ID\":1,\"id\":\"exact\"}\n");
    EXPECT_EQ(run(source("ndjson", {{"key.field", "id"}})).state, ConnectorState::kFinished);
    std::vector<std::string> keys;
    for (const StoredRecord& record : pipeline_.records("t")) {
        keys.push_back(record.key.value_or("(null)"));
    }
    EXPECT_THAT(keys, ElementsAre("ab", "17", "exact"));
    EXPECT_EQ(pipeline_.values("t")[1], "{\"n\":2,\"ID\":17}");
}

TEST_F(FileSourceTest, WritesTypedKeysWhenTheTopicHasASchema) {
    pipeline_.create_topic("t", schema_of("ID BIGINT", "N INT"));
    pipeline_.write("in", "{\"id\":258,\"n\":1}\n");
    EXPECT_EQ(run(source("ndjson", {{"key.field", "id"}})).state, ConnectorState::kFinished);
    EXPECT_EQ(pipeline_.records("t").at(0).key, std::string("\0\0\0\0\0\0\x01\x02", 8));
}

TEST_F(FileSourceTest, FailsAtABadLineNamingFileLineAndReason) {
    pipeline_.write("in", "{\"a\":1}\n{\"a\":1,}\n");
    const ConnectorStatus status = run(source("ndjson"));
    EXPECT_EQ(status.state, ConnectorState::kFailed);
    EXPECT_EQ(status.error->message,
              "in:2: not a JSON object: column 8: expected a name in quotes");
}

TEST_F(FileSourceTest, SkipsCountsAndReportsBadLines) {
    pipeline_.write("in", "{\"a\":1}\nnonsense\n[1]\n{\"a\":2}\n{\"a\":\"\xff\"}\n{\"a\"");
    const ConnectorStatus status = run(source("ndjson", {{"errors.tolerance", "all"}}));
    EXPECT_EQ(status.state, ConnectorState::kFinished);
    EXPECT_EQ(status.skipped, 4U);
    EXPECT_THAT(pipeline_.values("t"), ElementsAre("{\"a\":1}", "{\"a\":2}"));
    std::vector<std::string> places;
    for (const ConnectorProblem& problem : pipeline_.problems()) {
        places.push_back(problem.place);
    }
    EXPECT_THAT(places, ElementsAre("in:2", "in:3", "in:5", "in:6"));
}

TEST_F(FileSourceTest, DeadLettersBadLinesBesideTheGoodOnes) {
    pipeline_.write("in", "{\"a\":1}\nnonsense\n");
    const ConnectorStatus status = run(source(
        "ndjson", {{"errors.tolerance", "all"}, {"errors.deadletterqueue.topic.name", "bad"}}));
    EXPECT_EQ(status.dead_lettered, 1U);
    const std::vector<StoredRecord> bad = pipeline_.records("bad");
    ASSERT_EQ(bad.size(), 1U);
    EXPECT_EQ(bad[0].value, "nonsense");
    EXPECT_EQ(bad[0].headers.at("__connect.errors.file"), "in");
    EXPECT_EQ(bad[0].headers.at("__connect.errors.line"), "2");
    EXPECT_EQ(bad[0].headers.at("__connect.errors.exception.message"),
              "not a JSON object: column 1: expected a JSON object");
}

TEST_F(FileSourceTest, WritesCsvAsJsonTexts) {
    pipeline_.write("in",
                    "\xEF\xBB\xBFid,\"full name\"\r\n"
                    "1,\"Last, \"\"First\"\"\r\nline two\"\r\n"
                    "2,\r\n");
    EXPECT_EQ(run(source("csv", {{"key.field", "ID"}})).state, ConnectorState::kFinished);
    EXPECT_THAT(pipeline_.values("t"),
                ElementsAre("{\"id\":\"1\",\"full name\":\"Last, \\\"First\\\"\\u000d\\u000aline "
                            "two\"}",
                            "{\"id\":\"2\",\"full name\":\"\"}"));
    EXPECT_EQ(pipeline_.records("t").at(1).key, "2");
}

TEST_F(FileSourceTest, WritesCsvInTheTopicsTypes) {
    pipeline_.create_topic("t", schema_of("IATA STRING", "CITY STRING, LAT DOUBLE, N INT"));
    pipeline_.write("in",
                    "iata,lat,city,n,other\nAAA,1.5,\"\",7,x\nBBB,,,,\nCCC,here,C,1,x\n"
                    "DDD,1\n");
    const ConnectorStatus status =
        run(source("csv", {{"key.field", "iata"}, {"errors.tolerance", "all"}}));
    EXPECT_EQ(status.state, ConnectorState::kFinished)
        << (status.error ? status.error->message : "");
    EXPECT_THAT(pipeline_.values("t"),
                ElementsAre("{\"CITY\":\"\",\"LAT\":1.5,\"N\":7}",
                            "{\"CITY\":null,\"LAT\":null,\"N\":null}"));
    const std::vector<ConnectorProblem> problems = pipeline_.problems();
    ASSERT_EQ(problems.size(), 2U);
    EXPECT_EQ(problems[0].place, "in:4");
    EXPECT_EQ(problems[0].error.message, "column lat is no DOUBLE: here");
    EXPECT_EQ(problems[1].error.message, "expected 5 columns, found 2");
}

TEST_F(FileSourceTest, NamesACsvColumnThatIsNotThere) {
    pipeline_.write("in", "iata,city\nAAA,x\n");
    const ConnectorStatus status = run(source("csv", {{"key.field", "iatta"}}));
    EXPECT_EQ(status.state, ConnectorState::kFailed);
    EXPECT_THAT(status.error->message,
                HasSubstr("key.field iatta is not among the file's columns"));
    EXPECT_THAT(status.error->message, HasSubstr("iata"));
}

TEST_F(FileSourceTest, FailsWhenTheFileIsMissing) {
    const ConnectorStatus status = run(source("lines"));
    EXPECT_EQ(status.state, ConnectorState::kFailed);
    EXPECT_EQ(status.error->code, ErrorCode::kNotFound);
    EXPECT_THAT(status.error->message, HasSubstr(pipeline_.path("in")));
}

TEST_F(FileSourceTest, SkipsALineThatIsTooLong) {
    pipeline_.write("in",
                    "ok\n" + std::string(5000, 'x') + "\n" + std::string(60, 'y') + "\nend\n");
    const ConnectorStatus status = run(source(
        "lines", {{"max.line.bytes", "50"}, {"batch.bytes", "64"}, {"errors.tolerance", "all"}}));
    EXPECT_EQ(status.state, ConnectorState::kFinished);
    EXPECT_THAT(pipeline_.values("t"), ElementsAre("ok", "end"));
    EXPECT_EQ(status.skipped, 2U);
    EXPECT_EQ(pipeline_.problems().at(1).place, "in:3");
}

TEST_F(FileSourceTest, FollowsAGrowingFileWithoutTakingHalfLines) {
    tail(source("lines"));  // the file is not there yet
    pipeline_.write("in", "a\nhal");
    ASSERT_TRUE(pipeline_.has_records("t", 1));
    pipeline_.append("in", "f\n");
    ASSERT_TRUE(pipeline_.has_records("t", 2));
    EXPECT_THAT(pipeline_.values("t"), ElementsAre("a", "half"));
    pipeline_.stop();
    EXPECT_EQ(pipeline_.status("in").state, ConnectorState::kStopped);
}

TEST_F(FileSourceTest, ReadsARotatedFileToItsEndAndThenTheNewOne) {
    pipeline_.write("in", "a\n");
    tail(source("lines"));
    ASSERT_TRUE(pipeline_.has_records("t", 1));
    pipeline_.rename("in", "in.1");
    pipeline_.append("in.1", "b");
    pipeline_.write("in", "c\n");
    ASSERT_TRUE(pipeline_.has_records("t", 3));
    EXPECT_THAT(pipeline_.values("t"), ElementsAre("a", "b", "c"));
}

TEST_F(FileSourceTest, FindsTheFileThatWasRotatedWhileItWasAway) {
    pipeline_.write("in", "a\nb\n");
    EXPECT_EQ(run(source("lines")).state, ConnectorState::kFinished);
    pipeline_.append("in", "c\n");
    pipeline_.rename("in", "in.1");
    pipeline_.write("in", "a\nb\nd\n");
    EXPECT_EQ(run(source("lines")).state, ConnectorState::kFinished);
    EXPECT_THAT(pipeline_.values("t"), ElementsAre("a", "b", "c", "a", "b", "d"));
}

TEST_F(FileSourceTest, GoesOnInACopyOfTheSameContent) {
    pipeline_.write("in", "a\nb\n");
    EXPECT_EQ(run(source("lines")).state, ConnectorState::kFinished);
    pipeline_.remove("in");
    pipeline_.write("in", "a\nb\nc\n");
    EXPECT_EQ(run(source("lines")).state, ConnectorState::kFinished);
    EXPECT_THAT(pipeline_.values("t"), ElementsAre("a", "b", "c"));
}

TEST_F(FileSourceTest, StartsAgainAfterTruncation) {
    pipeline_.write("in", "a\nb\n");
    tail(source("lines"));
    ASSERT_TRUE(pipeline_.has_records("t", 2));
    pipeline_.write("in", "longer than before\n");  // same inode, other content
    ASSERT_TRUE(pipeline_.has_records("t", 3));
    EXPECT_THAT(pipeline_.values("t"), ElementsAre("a", "b", "longer than before"));
}

TEST_F(FileSourceTest, LosesAndDoublesNothingWhenKilledAnywhere) {
    std::string text;
    std::vector<std::string> expected;
    for (int i = 0; i < 3000; ++i) {
        expected.push_back("line " + std::to_string(i));
        text += expected.back() + "\n";
    }
    pipeline_.write("in", text);
    for (const std::int64_t stop_after : {1, 400, 900, 1700, 2500}) {
        tail(source("lines", {{"batch.bytes", "300"}}));
        ASSERT_TRUE(pipeline_.has_records("t", stop_after));
        pipeline_.kill();
    }
    EXPECT_EQ(run(source("lines", {{"batch.bytes", "700"}})).state, ConnectorState::kFinished);
    EXPECT_EQ(pipeline_.values("t"), expected);
}

TEST_F(FileSourceTest, SpreadsKeysOverPartitionsAsKafkaDoes) {
    pipeline_.create_topic("t", std::nullopt, 3);
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += "{\"id\":\"k" + std::to_string(i % 10) + "\"}\n";
    }
    pipeline_.write("in", text);
    EXPECT_EQ(run(source("ndjson", {{"key.field", "id"}})).state, ConnectorState::kFinished);
    EXPECT_EQ(pipeline_.records("t").size(), 100U);
    for (const Offset& end : pipeline_.ends("t")) {
        EXPECT_EQ(end.value % 10, 0) << "all records of a key are in one partition";
        EXPECT_LT(end.value, 100);
    }
}

}  // namespace
}  // namespace millrace::connectors
