#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/row/schema_config.h"
#include "tests/dsl/engine_fixture.h"

namespace millrace::dsl {
namespace {

using Lines = std::vector<std::string>;
using Engine = EngineFixture;

constexpr const char* kClicks =
    "CREATE STREAM clicks (who VARCHAR KEY, n INT) WITH (VALUE_FORMAT='JSON');";
constexpr const char* kRows =
    "INSERT INTO clicks (who, n, ROWTIME) VALUES ('ana', 1, 1000);"
    "INSERT INTO clicks (who, n, ROWTIME) VALUES ('ben', 2, 2000);"
    "INSERT INTO clicks (who, n, ROWTIME) VALUES ('ana', 3, 11000);";

TEST_F(Engine, InsertsAndShowsRows) {
    EXPECT_EQ(run(kClicks), "created stream CLICKS");
    run(kRows);
    EXPECT_EQ(records("CLICKS"),
              (Lines{"ana={\"N\":1}@1000", "ben={\"N\":2}@2000", "ana={\"N\":3}@11000"}));
    EXPECT_EQ(select("SELECT who, n * 2 AS twice, ROWTIME AS t FROM clicks WHERE n <> 2 EMIT "
                     "CHANGES LIMIT 2;"),
              (Lines{"WHO|TWICE|T", "ana|2|1000", "ana|6|11000"}));
}

TEST_F(Engine, KeepsTheSchemaWithTheTopic) {
    run(kClicks);
    const auto topic = log_.describe_topic("CLICKS");
    ASSERT_TRUE(topic.ok());
    const auto schema =
        decode_topic_schema(topic.value().config.at(std::string(kTopicSchemaConfig)));
    ASSERT_TRUE(schema.ok());
    EXPECT_EQ(schema.value().schema.key[0].name, "WHO");
    EXPECT_EQ(schema.value().key.format, Format::kKafka);
}

TEST_F(Engine, AggregatesIntoWindows) {
    run(kClicks);
    run(kRows);
    EXPECT_EQ(run("CREATE TABLE sums AS SELECT who, COUNT(*) AS c, SUM(n) AS s FROM clicks WINDOW "
                  "TUMBLING (SIZE 10 SECONDS) GROUP BY who;"),
              "created table SUMS, query SUMS");
    run_once();
    const Lines lines = records("SUMS");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_NE(lines[0].find("{\"C\":1,\"S\":1}@1000"), std::string::npos) << lines[0];
    EXPECT_NE(lines[2].find("{\"C\":1,\"S\":3}@11000"), std::string::npos) << lines[2];
}

TEST_F(Engine, SendsNothingForGroupsThatNeverPassedHavingAndATombstoneWhenOneStopsPassing) {
    run("CREATE STREAM s (k VARCHAR KEY, a INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');"
        "CREATE TABLE t WITH (KAFKA_TOPIC='t') AS SELECT k, SUM(a) AS total FROM s GROUP BY k "
        "HAVING SUM(a) > 10;"
        "INSERT INTO s (k, a) VALUES ('x', 4); INSERT INTO s (k, a) VALUES ('x', 8);"
        "INSERT INTO s (k, a) VALUES ('x', -5); INSERT INTO s (k, a) VALUES ('x', 1);");
    run_once();
    const std::vector<std::string> sent = records("t");
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_NE(sent[0].find("12"), std::string::npos) << sent[0];
    EXPECT_EQ(sent[1].find("{"), std::string::npos) << sent[1];
}

TEST_F(Engine, JoinsATableThatIsNewerThanTheStream) {
    run("CREATE STREAM flights (origin VARCHAR, delay INT) WITH (VALUE_FORMAT='JSON');"
        "CREATE TABLE airports (iata VARCHAR PRIMARY KEY, city VARCHAR) WITH "
        "(VALUE_FORMAT='JSON');"
        "INSERT INTO flights (origin, delay, ROWTIME) VALUES ('SFO', 5, 1000);"
        "INSERT INTO flights (origin, delay, ROWTIME) VALUES ('XXX', 7, 1500);"
        "INSERT INTO airports (iata, city, ROWTIME) VALUES ('SFO', 'San Francisco', 999999);");
    EXPECT_EQ(run("CREATE TABLE delays AS SELECT f.origin AS origin, LATEST_BY_OFFSET(a.city) AS "
                  "city, MAX(f.delay) AS m FROM flights f JOIN airports a ON f.origin = a.iata "
                  "GROUP BY f.origin;"),
              "created table DELAYS, query DELAYS");
    run_once();
    EXPECT_EQ(records("DELAYS"), (Lines{"SFO={\"CITY\":\"San Francisco\",\"M\":5}@1000"}));
}

TEST_F(Engine, EndsQueriesOnceTheirInputsHaveEnded) {
    run(kClicks);
    run(kRows);
    run("CREATE STREAM a AS SELECT who, n + 1 AS n FROM clicks;"
        "CREATE STREAM b AS SELECT who, n + 1 AS n FROM a;"
        "CREATE TABLE c AS SELECT who, SUM(n) AS s FROM b GROUP BY who;");
    run_once();
    EXPECT_EQ(records("C"),
              (Lines{"ana={\"S\":3}@1000", "ben={\"S\":4}@2000", "ana={\"S\":8}@11000"}));
    for (const QueryInfo& query : engine_->queries()) {
        EXPECT_EQ(query.stats.state, runtime::JobState::kFinished) << query.id;
    }
}

TEST_F(Engine, KeepsStreamsQueriesAndTheirStateOverARestart) {
    run(kClicks);
    run(kRows);
    run("CREATE TABLE sums AS SELECT who, SUM(n) AS s FROM clicks GROUP BY who;");
    run_once();
    states_.clear();
    open();
    EXPECT_NE(run("SHOW STREAMS;").find("CLICKS|CLICKS|KAFKA|JSON|no"), std::string::npos);
    ASSERT_EQ(engine_->queries().size(), 1U);
    EXPECT_EQ(engine_->queries()[0].stats.state, runtime::JobState::kFinished);
    EXPECT_EQ(engine_->queries()[0].sink_topic, "SUMS");
    run("INSERT INTO clicks (who, n, ROWTIME) VALUES ('ana', 10, 12000);");
    run_once();
    EXPECT_EQ(records("SUMS").back(), "ana={\"S\":14}@12000");
    EXPECT_EQ(records("SUMS").size(), 4U);
}

TEST_F(Engine, AppliesAFileTwice) {
    const std::string file = std::string(kClicks) + kRows +
                             "CREATE TABLE sums AS SELECT who, SUM(n) AS s FROM clicks GROUP BY "
                             "who;";
    apply(file);
    EXPECT_EQ(records("CLICKS").size(), 3U);
    const std::string again = apply(file);
    EXPECT_NE(again.find("kept stream CLICKS"), std::string::npos) << again;
    EXPECT_NE(again.find("kept table SUMS"), std::string::npos) << again;
    EXPECT_EQ(records("CLICKS").size(), 3U);
}

TEST_F(Engine, RefusesToApplyADifferentStatement) {
    apply(kClicks);
    apply("CREATE TABLE sums AS SELECT who, SUM(n) AS s FROM clicks GROUP BY who;");
    const std::string other =
        apply("CREATE TABLE sums AS SELECT who, MAX(n) AS s FROM clicks GROUP BY who;");
    EXPECT_NE(other.find("table SUMS is there with another query; CREATE OR REPLACE changes it on "
                         "purpose"),
              std::string::npos)
        << other;
    EXPECT_NE(other.find("it is:"), std::string::npos) << other;
    const std::string stream =
        apply("CREATE STREAM clicks (who VARCHAR KEY, n BIGINT) WITH (VALUE_FORMAT='JSON');");
    EXPECT_NE(stream.find("is there with another declaration"), std::string::npos) << stream;
}

TEST_F(Engine, DropsAndMakesAgain) {
    run(kClicks);
    run(kRows);
    run("CREATE STREAM copy AS SELECT * FROM clicks;");
    EXPECT_NE(run("DROP STREAM clicks;").find("CLICKS is used by query COPY; DROP COPY first"),
              std::string::npos);
    run_once();
    EXPECT_EQ(run("DROP STREAM copy DELETE TOPIC;"), "dropped stream COPY and topic COPY");
    EXPECT_FALSE(log_.describe_topic("COPY").ok());
    run("CREATE STREAM copy AS SELECT * FROM clicks;");  // starts afresh
    states_.clear();
    open();
    run_once();
    EXPECT_EQ(records("COPY").size(), 3U);
}

TEST_F(Engine, WritesRowsThatFailIntoTheProcessingLog) {
    run("CREATE STREAM s (a VARCHAR) WITH (VALUE_FORMAT='DELIMITED');"
        "CREATE STREAM n (a INT) WITH (KAFKA_TOPIC='S', VALUE_FORMAT='DELIMITED');"
        "INSERT INTO s VALUES ('12'); INSERT INTO s VALUES ('twelve');"
        "CREATE STREAM good AS SELECT a FROM n;");
    run_once();
    EXPECT_EQ(records("GOOD").size(), 1U);
    ASSERT_EQ(engine_->queries()[0].stats.row_errors, 1U);
}

TEST_F(Engine, SetsPropertiesOfTheSession) {
    EXPECT_EQ(run("SET 'ksql.streams.auto.offset.reset' = 'latest';"),
              "auto.offset.reset = latest");
    EXPECT_NE(run("SHOW PROPERTIES;").find("auto.offset.reset|latest|earliest"), std::string::npos);
    EXPECT_NE(run("SET 'semantics' = 'fast';").find("property semantics takes safe or ksql: fast"),
              std::string::npos);
    EXPECT_NE(run("SET 'emit.coalesce' = 'interval';").find("not supported yet"),
              std::string::npos);
    EXPECT_EQ(run("UNSET 'auto.offset.reset';"), "auto.offset.reset has its default again");
}

TEST_F(Engine, ReplacesVariables) {
    EXPECT_EQ(run("DEFINE t = 'it''s'; SHOW VARIABLES; DEFINE n = '7'; UNDEFINE t;"
                  "CREATE STREAM s${n} (a INT) WITH (KAFKA_TOPIC='t${n}', VALUE_FORMAT='JSON');"
                  "-- ${nothing}\n"
                  "SHOW VARIABLES;"),
              "t = it's\n\nt|it's\nn = 7\nt is not defined any more\ncreated stream S7\n\nn|7");
    EXPECT_TRUE(log_.describe_topic("t7").ok());
    // They end with the text unless the caller keeps them.
    EXPECT_NE(
        run("DROP STREAM s${n};").find("test.sql:1:14: error SQL1209: variable n is not defined"),
        std::string::npos);
    std::map<std::string, std::string> variables;
    const auto keep = [&](const std::string& sql) {
        return joined(engine_->execute(
            sql, "test.sql", session_, nullptr, [](const auto&) { return true; }, {}, &variables));
    };
    EXPECT_EQ(keep("DEFINE n = '7';"), "n = 7");
    EXPECT_EQ(keep("DROP STREAM s${n};"), "dropped stream S7");
}

TEST_F(Engine, AddsColumns) {
    run("CREATE STREAM s (k INT KEY, a INT) WITH (VALUE_FORMAT='JSON');");
    EXPECT_EQ(run("ALTER STREAM s ADD COLUMN b STRING, ADD c ARRAY<INT>;"), "altered stream S");
    open();
    EXPECT_NE(run("DESCRIBE s;").find("K|INTEGER|KEY\nA|INTEGER|\nB|STRING|\nC|ARRAY<INTEGER>|"),
              std::string::npos);
    run("INSERT INTO s (k, b) VALUES (1, 'x');");
    EXPECT_EQ(records("S").size(), 1U);
    run("CREATE STREAM copy AS SELECT k, b FROM s;");
    EXPECT_NE(run("ALTER STREAM s ADD COLUMN d INT;").find("while query COPY uses it"),
              std::string::npos);
    EXPECT_NE(run("ALTER STREAM copy ADD COLUMN d INT;")
                  .find("ALTER command is not supported for CREATE ... AS statements"),
              std::string::npos);
    run("CREATE SOURCE STREAM r (a INT) WITH (KAFKA_TOPIC='S', VALUE_FORMAT='JSON');");
    EXPECT_NE(run("ALTER STREAM r ADD COLUMN d INT;").find("not supported on source streams"),
              std::string::npos);
}

TEST_F(Engine, KeepsAQueryPausedUntilItIsResumed) {
    run(kClicks);
    run("CREATE STREAM copy AS SELECT * FROM clicks;");
    EXPECT_EQ(run("PAUSE copy;"), "paused query COPY");
    open();
    ASSERT_TRUE(engine_->start({}, {}, false).ok());
    run(kRows);
    ASSERT_EQ(engine_->queries().size(), 1U);
    EXPECT_TRUE(engine_->queries()[0].is_paused);
    EXPECT_FALSE(engine_->queries()[0].is_running);
    EXPECT_NE(run("SHOW QUERIES;").find("COPY|paused|COPY"), std::string::npos);
    EXPECT_TRUE(records("COPY").empty());
    EXPECT_EQ(run("RESUME ALL;"), "resumed query COPY");
    EXPECT_EQ(run("RESUME ALL;"), "nothing is paused");
    EXPECT_TRUE(engine_->queries()[0].is_running);
    EXPECT_EQ(run("PAUSE ALL;"), "paused query COPY");  // finishes what it has begun
    EXPECT_EQ(run("TERMINATE copy;"), "terminated query COPY");
    EXPECT_EQ(run("PAUSE ALL;"), "there are no queries");
}

TEST_F(Engine, RunsScripts) {
    ASSERT_TRUE(files_.create_directories("/sql").ok());
    ASSERT_TRUE(files_
                    .write_file_atomically("/sql/a.sql",
                                           as_bytes(std::string("CREATE STREAM s${n} (a INT) WITH "
                                                                "(VALUE_FORMAT='JSON'); DEFINE n "
                                                                "= '2'; RUN SCRIPT '/sql/b.sql';")))
                    .ok());
    ASSERT_TRUE(files_
                    .write_file_atomically(
                        "/sql/b.sql",
                        as_bytes(std::string("CREATE STREAM s${n} (a INT) WITH (VALUE_FORMAT='JSON"
                                             "');\nCREATE STREAM s1 (a INT);")))
                    .ok());
    ASSERT_TRUE(files_
                    .write_file_atomically("/sql/loop.sql",
                                           as_bytes(std::string("RUN SCRIPT '/sql/loop.sql';")))
                    .ok());
    std::map<std::string, std::string> variables;
    const auto shell = [&](const std::string& sql) {
        return joined(engine_->execute(
            sql, "test.sql", session_, nullptr, [](const auto&) { return true; }, {}, &variables));
    };
    EXPECT_NE(run("RUN SCRIPT '/sql/a.sql';").find("Unknown statement 'RUN'"), std::string::npos);
    // A mistake is told where it stands, and what came before it is done.
    EXPECT_NE(shell("DEFINE n = '1'; RUN SCRIPT '/sql/a.sql';").find("/sql/b.sql:2:"),
              std::string::npos);
    EXPECT_NE(run("DESCRIBE s1;").find("A|INTEGER"), std::string::npos);
    EXPECT_NE(run("DESCRIBE s2;").find("A|INTEGER"), std::string::npos);
    EXPECT_NE(shell("RUN SCRIPT '/sql/loop.sql';").find("more than 16 deep"), std::string::npos);
    EXPECT_NE(shell("RUN SCRIPT '/sql/none.sql';").find("test.sql:1:12"), std::string::npos);
}

TEST_F(Engine, PrintsTopics) {
    run(kClicks);
    run(kRows);
    EXPECT_EQ(select("PRINT CLICKS FROM BEGINNING LIMIT 2;"),
              (Lines{"ROWTIME|KEY|VALUE|PARTITION|OFFSET",
                     "1970-01-01T00:00:01.000Z|ana|{\"N\":1}|0|0",
                     "1970-01-01T00:00:02.000Z|ben|{\"N\":2}|0|1"}));
}

TEST_F(Engine, NamesBothPartitionCountsWhenAJoinDoesNotFit) {
    run("CREATE STREAM s (k VARCHAR KEY, v INT) WITH (VALUE_FORMAT='JSON', PARTITIONS=2);"
        "CREATE TABLE t (k VARCHAR PRIMARY KEY, w INT) WITH (VALUE_FORMAT='JSON', PARTITIONS=3);");
    EXPECT_NE(run("CREATE STREAM j AS SELECT s.k, v, w FROM s JOIN t ON s.k = t.k;")
                  .find("Can't join `S` with `T` since the number of partitions don't match. `S` "
                        "partitions = 2; `T` partitions = 3."),
              std::string::npos);
}

TEST_F(Engine, ExplainsQueriesByName) {
    run(kClicks);
    run("CREATE STREAM copy AS SELECT * FROM clicks;");
    const auto text = engine_->explain("copy");
    ASSERT_TRUE(text.ok());
    EXPECT_EQ(text.value().find("Query COPY\nCREATE STREAM COPY AS SELECT * FROM CLICKS\n"), 0U);
    EXPECT_EQ(engine_->explain("copi").error().message, "unknown query: copi; did you mean COPY?");
}

}  // namespace
}  // namespace millrace::dsl
