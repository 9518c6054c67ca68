// The SQLite sink through the worker and a real log; results are read with SQL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/sqlite/sqlite_database.h"
#include "core/row/serde.h"
#include "tests/connectors/pipeline.h"

namespace millrace::connectors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Settings = std::map<std::string, std::string>;

class SqliteSinkTest : public testing::Test {
  protected:
    Settings sink(Settings more = {}) {
        more.insert({{"connector.class", "sqlite-sink"},
                     {"connection.url", "jdbc:sqlite:" + pipeline_.path("out.sqlite")},
                     {"topics", "t"},
                     {"table.name.format", "rows"}});
        return more;
    }
    Settings upsert(Settings more = {}) {
        more.insert({{"insert.mode", "upsert"}, {"pk.mode", "record_key"}});
        return sink(more);
    }
    /// Runs until all that the topic holds is written.
    ConnectorStatus drain(const Settings& settings) {
        pipeline_.kill();
        const Status added = pipeline_.add("out", settings, true);
        EXPECT_TRUE(added.ok()) << added.error().message;
        pipeline_.finish("t");
        pipeline_.start();
        static_cast<void>(pipeline_.reaches_end("out"));
        return pipeline_.status("out");
    }
    /// Rows as "a|b|c".
    std::vector<std::string> query(const std::string& sql, int columns) {
        Database database = Database::open(pipeline_.path("out.sqlite")).value();
        Statement statement = database.prepare(sql).value();
        std::vector<std::string> rows;
        while (statement.step().value()) {
            std::string row;
            for (int i = 0; i < columns; ++i) {
                row += (i == 0 ? "" : "|") +
                       (statement.is_null(i) ? std::string("NULL") : statement.text(i));
            }
            rows.push_back(row);
        }
        return rows;
    }

    Pipeline pipeline_;
};

TEST_F(SqliteSinkTest, UpsertsTheLastValueOfEachKey) {
    pipeline_.create_topic("t", schema_of("ID STRING", "N INT, X DOUBLE, B BOOLEAN"));
    pipeline_.produce("t",
                      {{"a", "{\"N\":1,\"X\":0.5,\"B\":true}"},
                       {"b", "{\"N\":2,\"X\":null}"},
                       {"a", "{\"N\":3,\"X\":1.5,\"B\":false}"}});
    const ConnectorStatus status = drain(upsert());
    EXPECT_EQ(status.state, ConnectorState::kFinished)
        << (status.error ? status.error->message : "");
    EXPECT_EQ(status.records, 3U);
    EXPECT_EQ(status.lag, 0);
    EXPECT_THAT(query("SELECT id, n, x, b FROM rows ORDER BY id", 4),
                ElementsAre("a|3|1.5|0", "b|2|NULL|NULL"));
    EXPECT_THAT(query("SELECT topic, next_offset FROM _millrace_offsets", 2), ElementsAre("t|3"));
}

TEST_F(SqliteSinkTest, InsertsEachRecordOnceOverRestarts) {
    pipeline_.create_topic("t", schema_of("", "N INT"));
    pipeline_.produce("t", {{std::nullopt, "{\"N\":1}"}, {std::nullopt, "{\"N\":2}"}});
    EXPECT_EQ(drain(sink()).state, ConnectorState::kFinished);
    EXPECT_EQ(drain(sink()).state, ConnectorState::kFinished);
    pipeline_.produce("t", {{std::nullopt, "{\"N\":3}"}});
    EXPECT_EQ(drain(sink()).records, 1U);
    EXPECT_THAT(query("SELECT n FROM rows ORDER BY n", 1), ElementsAre("1", "2", "3"));
}

TEST_F(SqliteSinkTest, PutsTheWindowIntoThePrimaryKey) {
    TopicSchema schema = schema_of("ORIGIN STRING", "FLIGHTS BIGINT");
    schema.schema.window = {WindowKind::kTumbling, 1000};
    pipeline_.create_topic("t", schema);
    const auto key = [&](std::int64_t start) {
        Buffer bytes(std::string_view("DTW"));
        append_window(bytes, schema.schema.window, start, start + 1000);
        return std::string(bytes.text());
    };
    pipeline_.produce(
        "t",
        {{key(0), "{\"FLIGHTS\":1}"}, {key(1000), "{\"FLIGHTS\":5}"}, {key(0), "{\"FLIGHTS\":2}"}});
    const ConnectorStatus status = drain(upsert());
    EXPECT_EQ(status.state, ConnectorState::kFinished)
        << (status.error ? status.error->message : "");
    EXPECT_THAT(query("SELECT origin, window_start, window_end, flights FROM rows ORDER BY 2", 4),
                ElementsAre("DTW|0|1000|2", "DTW|1000|2000|5"));
}

TEST_F(SqliteSinkTest, DeletesRowsOfTombstones) {
    pipeline_.create_topic("t", schema_of("ID STRING", "N INT"));
    pipeline_.produce("t", {{"a", "{\"N\":1}"}, {"b", "{\"N\":2}"}});
    EXPECT_EQ(drain(upsert({{"delete.enabled", "true"}})).state, ConnectorState::kFinished);
    pipeline_.produce("t", {{"a", std::nullopt}});
    EXPECT_EQ(drain(upsert({{"delete.enabled", "true"}})).state, ConnectorState::kFinished);
    EXPECT_THAT(query("SELECT id FROM rows", 1), ElementsAre("b"));
}

TEST_F(SqliteSinkTest, FailsAtATombstoneItMayNotUse) {
    pipeline_.create_topic("t", schema_of("ID STRING", "N INT"));
    pipeline_.produce("t", {{"a", std::nullopt}});
    const ConnectorStatus status = drain(upsert());
    EXPECT_EQ(status.state, ConnectorState::kFailed);
    EXPECT_THAT(status.error->message, HasSubstr("topic t partition 0 offset 0"));
    EXPECT_THAT(status.error->message, HasSubstr("delete.enabled=true"));
}

TEST_F(SqliteSinkTest, SkipsBadRecordsAndDeadLettersThemOnce) {
    pipeline_.create_topic("t", schema_of("", "N INT"));
    pipeline_.produce("t",
                      {{std::nullopt, "{\"N\":1}"},
                       {std::nullopt, "{\"N\":\"x\"}"},
                       {std::nullopt, "nonsense"},
                       {std::nullopt, "{\"N\":2}"}});
    const Settings settings =
        sink({{"errors.tolerance", "all"}, {"errors.deadletterqueue.topic.name", "bad"}});
    const ConnectorStatus status = drain(settings);
    EXPECT_EQ(status.state, ConnectorState::kFinished)
        << (status.error ? status.error->message : "");
    EXPECT_EQ(status.dead_lettered, 2U);
    EXPECT_THAT(query("SELECT n FROM rows ORDER BY n", 1), ElementsAre("1", "2"));
    const std::vector<StoredRecord> bad = pipeline_.records("bad");
    ASSERT_EQ(bad.size(), 2U);
    EXPECT_EQ(bad[1].value, "nonsense");
    EXPECT_EQ(bad[1].headers.at("__connect.errors.offset"), "2");
    drain(settings);
    EXPECT_EQ(pipeline_.records("bad").size(), 2U);
}

TEST_F(SqliteSinkTest, SkipsWhatTheTableRefuses) {
    {
        Database database = Database::open(pipeline_.path("out.sqlite")).value();
        ASSERT_TRUE(database.execute("CREATE TABLE rows (n INTEGER CHECK (n < 10))").ok());
    }
    pipeline_.create_topic("t", schema_of("", "N INT"));
    pipeline_.produce(
        "t",
        {{std::nullopt, "{\"N\":1}"}, {std::nullopt, "{\"N\":11}"}, {std::nullopt, "{\"N\":2}"}});
    const ConnectorStatus status = drain(sink({{"errors.tolerance", "all"}}));
    EXPECT_EQ(status.skipped, 1U);
    EXPECT_THAT(query("SELECT n FROM rows ORDER BY n", 1), ElementsAre("1", "2"));
}

TEST_F(SqliteSinkTest, AddsColumnsOnlyWhenAllowed) {
    {
        Database database = Database::open(pipeline_.path("out.sqlite")).value();
        ASSERT_TRUE(database.execute("CREATE TABLE rows (n INTEGER)").ok());
    }
    pipeline_.create_topic("t", schema_of("", "N INT, M STRING"));
    pipeline_.produce("t", {{std::nullopt, "{\"N\":1,\"M\":\"new\"}"}});
    const ConnectorStatus refused = drain(sink());
    EXPECT_EQ(refused.state, ConnectorState::kFailed);
    EXPECT_THAT(refused.error->message, HasSubstr("has no column m; auto.evolve=true"));
    EXPECT_EQ(drain(sink({{"auto.evolve", "true"}})).state, ConnectorState::kFinished);
    EXPECT_THAT(query("SELECT n, m FROM rows", 2), ElementsAre("1|new"));
}

TEST_F(SqliteSinkTest, KeysRowsByTheirPlaceInTheLog) {
    pipeline_.create_topic("t", schema_of("", "N INT"));
    pipeline_.produce("t", {{std::nullopt, "{\"N\":5}"}});
    EXPECT_EQ(drain(sink({{"pk.mode", "kafka"}})).state, ConnectorState::kFinished);
    EXPECT_THAT(
        query("SELECT n, __connect_topic, __connect_partition, __connect_offset FROM rows", 4),
        ElementsAre("5|t|0|0"));
}

TEST_F(SqliteSinkTest, KeysRowsByColumnsOfTheValue) {
    pipeline_.create_topic("t", schema_of("", "ID INT, N INT"));
    pipeline_.produce("t",
                      {{std::nullopt, "{\"ID\":1,\"N\":1}"}, {std::nullopt, "{\"ID\":1,\"N\":2}"}});
    EXPECT_EQ(
        drain(sink({{"pk.mode", "record_value"}, {"pk.fields", "id"}, {"insert.mode", "upsert"}}))
            .state,
        ConnectorState::kFinished);
    EXPECT_THAT(query("SELECT id, n FROM rows", 2), ElementsAre("1|2"));
}

TEST_F(SqliteSinkTest, FencesAnOlderInstance) {
    pipeline_.create_topic("t", schema_of("", "N INT"));
    pipeline_.produce("t", {{std::nullopt, "{\"N\":1}"}});
    EXPECT_EQ(drain(sink()).state, ConnectorState::kFinished);
    pipeline_.kill();
    ASSERT_TRUE(pipeline_.add("out", sink(), false).ok());
    pipeline_.start();
    ASSERT_TRUE(pipeline_.reaches("out", ConnectorState::kRunning));
    {
        Database database = Database::open(pipeline_.path("out.sqlite")).value();
        ASSERT_TRUE(database.execute("UPDATE _millrace_offsets SET epoch=epoch+1").ok());
    }
    pipeline_.produce("t", {{std::nullopt, "{\"N\":2}"}});
    EXPECT_TRUE(pipeline_.reaches("out", ConnectorState::kFailed));
    EXPECT_EQ(pipeline_.status("out").error->code, ErrorCode::kFenced);
    EXPECT_THAT(query("SELECT n FROM rows", 1), ElementsAre("1"));
}

TEST_F(SqliteSinkTest, WritesEachRecordOnceWhenKilledAnywhere) {
    pipeline_.create_topic("t", schema_of("", "N INT"));
    constexpr int kRecords = 4000;
    for (int begin = 0; begin < kRecords; begin += 100) {
        Pipeline::Texts records;
        for (int i = begin; i < begin + 100; ++i) {
            records.push_back({std::nullopt, "{\"N\":" + std::to_string(i) + "}"});
        }
        pipeline_.produce("t", records);
    }
    const Settings settings = sink({{"batch.size", "150"}});
    for (int i = 0; i < 6; ++i) {
        pipeline_.kill();
        ASSERT_TRUE(pipeline_.add("out", settings, false).ok());
        pipeline_.start();
        ASSERT_TRUE(pipeline_.reaches("out", ConnectorState::kRunning));
    }
    EXPECT_EQ(drain(settings).state, ConnectorState::kFinished);
    EXPECT_THAT(query("SELECT count(*), count(DISTINCT n), sum(n) FROM rows", 3),
                ElementsAre("4000|4000|" + std::to_string(kRecords * (kRecords - 1) / 2)));
}

TEST_F(SqliteSinkTest, WaitsUntilItsTopicIsMade) {
    ASSERT_TRUE(pipeline_.add("out", sink(), true).ok());
    pipeline_.start();
    pipeline_.create_topic("t", schema_of("", "N INT"));
    pipeline_.produce("t", {{std::nullopt, "{\"N\":1}"}});
    pipeline_.finish("t");
    ASSERT_TRUE(pipeline_.reaches("out", ConnectorState::kFinished));
    EXPECT_THAT(query("SELECT n FROM rows", 1), ElementsAre("1"));
}

}  // namespace
}  // namespace millrace::connectors
