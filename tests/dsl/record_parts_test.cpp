#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/record/record_batch_builder.h"
#include "tests/dsl/engine_fixture.h"

namespace millrace::dsl {
namespace {

using Texts = std::vector<std::string>;

class RecordParts : public EngineFixture {
  protected:
    struct Given {
        std::optional<std::string> key;
        std::optional<std::string> value;
        std::vector<HeaderView> headers{};
    };

    void SetUp() override { session_["semantics"] = "ksql"; }

    void produce(const std::string& topic, const std::vector<Given>& records) {
        const auto info = log_.describe_topic(topic);
        ASSERT_TRUE(info.ok()) << topic;
        RecordBatchBuilder builder;
        std::int64_t time = 0;
        for (const Given& record : records) {
            const auto bytes = [](const std::optional<std::string>& text) {
                return text ? std::optional(as_bytes(*text)) : std::nullopt;
            };
            builder.add(bytes(record.key), bytes(record.value), Timestamp{time++}, record.headers);
        }
        auto batch = builder.finish();
        ASSERT_TRUE(batch.ok());
        Unit unit;
        unit.pieces.push_back(
            Piece{TopicPartition{info.value().id, Partition{0}}, std::move(batch).value()});
        ASSERT_TRUE(append_and_wait(log_, std::move(unit)).ok());
    }
    static HeaderView header(std::string_view key, std::string_view value) {
        return {key, as_bytes(value)};
    }
    /// "key=value [header=value ...]" of every record.
    Texts with_headers(const std::string& topic) {
        Texts lines;
        const auto info = log_.describe_topic(topic);
        EXPECT_TRUE(info.ok()) << topic;
        FetchRequest request;
        request.from = {info.value().id, Partition{0}};
        const Offset end = log_.snapshot().end_of(request.from);
        while (request.offset < end) {
            const auto fetched = fetch_and_wait(log_, request);
            EXPECT_TRUE(fetched.ok());
            RecordBatchCursor batches(fetched.value().batches);
            for (auto batch = batches.next(); batch.ok() && batch.value(); batch = batches.next()) {
                const auto payload = payload_of(*batch.value(), fetched.value().page);
                RecordCursor cursor(*batch.value(), payload.value().bytes);
                RecordView record;
                while (cursor.next(record)) {
                    lines.push_back(line_of(record));
                }
                request.offset = next(batch.value()->last_offset());
            }
        }
        return lines;
    }
    static std::string line_of(const RecordView& record) {
        const auto text = [](const std::optional<ByteView>& bytes) {
            return bytes ? std::string(as_text(*bytes)) : std::string("null");
        };
        std::string line = text(record.key) + "=" + text(record.value) + " [";
        for (const HeaderView& given : record.headers) {
            line +=
                (line.back() == '[' ? "" : " ") + std::string(given.key) + "=" + text(given.value);
        }
        return line + "]";
    }
};

TEST_F(RecordParts, HeadersOfARecordAreAColumnAndGoOnWithItsResults) {
    run("CREATE STREAM s (k VARCHAR KEY, h ARRAY<STRUCT<key STRING, value BYTES>> HEADERS, v INT) "
        "WITH (VALUE_FORMAT='JSON');"
        "CREATE STREAM o AS SELECT * FROM s;"
        "CREATE STREAM p AS SELECT k, v + 1 AS w FROM s WHERE v > 1;");
    produce("S",
            {{"a", "{\"v\":1}", {}},
             {"b", "{\"v\":2}", {header("x", "!"), {"y", std::nullopt}}},
             {"c", std::nullopt, {header("x", "z")}}});
    run_once();
    EXPECT_EQ(with_headers("O"),
              (Texts{"a={\"V\":1,\"H\":[]} []",
                     "b={\"V\":2,\"H\":[{\"KEY\":\"x\",\"VALUE\":\"IQ==\"},{\"KEY\":\"y\","
                     "\"VALUE\":null}]} [x=! y=null]",
                     "c=null [x=z]"}));
    EXPECT_EQ(with_headers("P"), (Texts{"b={\"W\":3} [x=! y=null]"}));
}

TEST_F(RecordParts, HeadersOfOneKeyAreTheLastOfIt) {
    run("CREATE STREAM s (v INT, x BYTES HEADER('x'), y BYTES HEADER('y')) WITH "
        "(VALUE_FORMAT='DELIMITED');"
        "CREATE STREAM o WITH (VALUE_FORMAT='JSON') AS SELECT v, FROM_BYTES(x, 'utf8') AS x, y IS "
        "NULL AS none FROM s;");
    produce("S",
            {{std::nullopt, "1", {header("x", "first"), header("y", "1"), header("x", "last")}},
             {std::nullopt, "2", {{"x", std::nullopt}}},
             {std::nullopt, "3", {}}});
    run_once();
    EXPECT_EQ(with_headers("O"),
              (Texts{"null={\"V\":1,\"X\":\"last\",\"NONE\":false} [x=first y=1 x=last]",
                     "null={\"V\":2,\"X\":null,\"NONE\":true} [x=null]",
                     "null={\"V\":3,\"X\":null,\"NONE\":true} []"}));
}

TEST_F(RecordParts, HeadersAreThoseOfTheRecordThatBringsAResultAbout) {
    run("CREATE STREAM s (k VARCHAR KEY, v INT, h BYTES HEADER('h')) WITH (VALUE_FORMAT='JSON');"
        "CREATE TABLE t (k VARCHAR PRIMARY KEY, name VARCHAR) WITH (VALUE_FORMAT='JSON');"
        "CREATE TABLE counts AS SELECT FROM_BYTES(h, 'utf8') AS g, COUNT(*) AS n FROM s GROUP BY "
        "FROM_BYTES(h, 'utf8');"
        "CREATE TABLE last WITH (KAFKA_TOPIC='LAST') AS SELECT k, COUNT(*) AS n FROM s WINDOW "
        "TUMBLING (SIZE 2 MILLISECONDS) GROUP BY k EMIT FINAL;"
        "CREATE STREAM spread AS SELECT k, EXPLODE(ARRAY[v, v + 1]) AS e FROM s;"
        "CREATE STREAM moved AS SELECT h, k, v FROM s PARTITION BY h;"
        "CREATE STREAM named AS SELECT s.k, t.name FROM s LEFT JOIN t ON s.k = t.k;");
    produce("T", {{"a", "{\"name\":\"A\"}", {header("t", "table")}}});
    produce("S",
            {{"a", "{\"v\":1}", {header("h", "1")}},
             {"a", "{\"v\":2}", {header("h", "2")}},
             {"a", "{\"v\":3}", {header("h", "1")}}});
    run_once();
    EXPECT_EQ(with_headers("COUNTS"),
              (Texts{"1={\"N\":1} [h=1]", "2={\"N\":1} [h=2]", "1={\"N\":2} [h=1]"}));
    const Texts last = with_headers("LAST");
    ASSERT_EQ(last.size(), 1U);
    EXPECT_EQ(last[0].substr(last[0].find('=')), "={\"N\":2} [h=1]");
    EXPECT_EQ(with_headers("SPREAD"),
              (Texts{"a={\"E\":1} [h=1]",
                     "a={\"E\":2} [h=1]",
                     "a={\"E\":2} [h=2]",
                     "a={\"E\":3} [h=2]",
                     "a={\"E\":3} [h=1]",
                     "a={\"E\":4} [h=1]"}));
    EXPECT_EQ(with_headers("MOVED"),
              (Texts{"1={\"K\":\"a\",\"V\":1} [h=1]",
                     "2={\"K\":\"a\",\"V\":2} [h=2]",
                     "1={\"K\":\"a\",\"V\":3} [h=1]"}));
    EXPECT_EQ(with_headers("NAMED").front().substr(0, 2), "a=");
    for (const std::string& line : with_headers("NAMED")) {
        EXPECT_NE(line.find(" [h="), std::string::npos) << line;
    }
}

TEST_F(RecordParts, HeadersAreDeclaredAndShownButNotWritten) {
    EXPECT_EQ(run("CREATE STREAM s (k INT KEY, h ARRAY<STRUCT<key STRING, value BYTES>> HEADERS, v "
                  "INT, w INT) WITH (VALUE_FORMAT='JSON');"),
              "created stream S");
    open();  // the catalog keeps them
    EXPECT_EQ(run("DESCRIBE s;"),
              "S: stream, topic S, key KAFKA, value JSON\n"
              "K|INTEGER|KEY\n"
              "H|ARRAY<STRUCT<`KEY` STRING, `VALUE` BYTES>>|HEADERS\n"
              "V|INTEGER|\n"
              "W|INTEGER|");
    EXPECT_EQ(rejection("INSERT INTO s (k, h) VALUES (1, NULL);"),
              "Cannot insert into HEADER columns: H");
    EXPECT_EQ(rejection("INSERT INTO s SELECT * FROM s;"),
              "Cannot insert into S because it has header columns");
    run("INSERT INTO s VALUES (1, 2, 3);");
    EXPECT_EQ(with_headers("S").front().substr(4), "={\"V\":2,\"W\":3} []");
}

TEST_F(RecordParts, HeadersAreRefusedWhereTheyMakeNoSense) {
    const auto declared = [&](const std::string& columns) {
        return rejection("CREATE STREAM s (" + columns + ") WITH (VALUE_FORMAT='JSON');");
    };
    EXPECT_EQ(declared("v INT, h INT HEADER('key')"),
              "Invalid type for HEADER('key') column: expected BYTES, got INTEGER");
    EXPECT_EQ(
        declared("v INT, h BYTES HEADERS"),
        "Invalid type for HEADERS column: expected ARRAY<STRUCT<`KEY` STRING, `VALUE` BYTES>>, "
        "got BYTES");
    const std::string all = "h ARRAY<STRUCT<key STRING, value BYTES>> HEADERS";
    EXPECT_TRUE(declared("v INT, " + all + ", g" + all.substr(1))
                    .starts_with("Schema already contains a HEADERS column."));
    EXPECT_TRUE(declared("v INT, " + all + ", g BYTES HEADER('g')")
                    .starts_with("Schema already contains a HEADERS column."));
    EXPECT_TRUE(declared("v INT, f BYTES HEADER('g'), g BYTES HEADER('g')")
                    .starts_with("Schema already contains a HEADER('g') column."));
    EXPECT_EQ(declared("v INT, f BYTES HEADER('f'), g BYTES HEADER('g')"), "created stream S");
}

TEST_F(RecordParts, HeadersAreNotReadByThoseWhoDoNotAsk) {
    run("CREATE STREAM s (v INT, h ARRAY<STRUCT<key STRING, value BYTES>> HEADERS) WITH "
        "(VALUE_FORMAT='JSON');"
        "CREATE STREAM o AS SELECT v FROM s;");
    EXPECT_NE(run("EXPLAIN O;").find("value JSON, columns V\n"), std::string::npos);
    produce("S", {{std::nullopt, "{\"v\":1}", {header("\xff", "!")}}});
    run_once();
    EXPECT_EQ(with_headers("O"), (Texts{"null={\"V\":1} [\xff=!]"}));
}

TEST_F(RecordParts, NullKeysOfSeveralColumnsStayNull) {
    run("CREATE STREAM s (a INT KEY, b INT KEY, v INT) WITH (FORMAT='JSON');"
        "CREATE STREAM same AS SELECT * FROM s WHERE v > 0;"
        "CREATE STREAM spread AS SELECT a, b, EXPLODE(ARRAY[v, v]) AS e FROM s;"
        "CREATE STREAM turned AS SELECT a, b, v FROM s PARTITION BY b, a;");
    const std::string nulls = "{\"A\":null,\"B\":null}";
    produce("S", {{std::nullopt, "{\"v\":1}"}, {nulls, "{\"v\":2}"}});
    run_once();
    EXPECT_EQ(with_headers("SAME"), (Texts{"null={\"V\":1} []", nulls + "={\"V\":2} []"}));
    EXPECT_EQ(with_headers("SPREAD"),
              (Texts{"null={\"E\":1} []",
                     "null={\"E\":1} []",
                     nulls + "={\"E\":2} []",
                     nulls + "={\"E\":2} []"}));
    const std::string turned = "{\"B\":null,\"A\":null}";
    EXPECT_EQ(with_headers("TURNED"), (Texts{turned + "={\"V\":1} []", turned + "={\"V\":2} []"}));
}

TEST_F(RecordParts, TheSelectListMayDecideAboutTheKey) {
    run("CREATE STREAM s (a INT KEY, b INT KEY, v INT) WITH (FORMAT='JSON');");
    EXPECT_NE(run("CREATE STREAM x AS SELECT v FROM s;")
                  .find("must include the key columns A and "
                        "B"),
              std::string::npos);
    session_["ksql.new.query.planner.enabled"] = "true";
    run("CREATE STREAM turned AS SELECT b, a, v FROM s;"
        "CREATE STREAM none AS SELECT v FROM s;");
    produce("S", {{"{\"A\":1,\"B\":2}", "{\"v\":3}"}});
    open();  // the queries keep the property
    run_once();
    EXPECT_EQ(with_headers("TURNED"), (Texts{"{\"B\":2,\"A\":1}={\"V\":3} []"}));
    EXPECT_EQ(with_headers("NONE"), (Texts{"null={\"V\":3} []"}));
}

}  // namespace
}  // namespace millrace::dsl
