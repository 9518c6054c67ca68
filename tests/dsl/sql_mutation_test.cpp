// Any text gives answers or a coded error with a place, and a statement that fails changes nothing:
// tried with mutations of the fuzzing corpus.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/base/sql_error.h"
#include "dsl/sql/parser.h"
#include "tests/dsl/engine_fixture.h"
#include "tests/support/test_data.h"

namespace millrace::dsl {
namespace {

constexpr const char* kSources =
    "CREATE STREAM s (k STRING KEY, a INT, b STRING, c ARRAY<INT>) WITH (KAFKA_TOPIC='s',"
    " VALUE_FORMAT='JSON');"
    "CREATE STREAM r (k STRING KEY, a INT) WITH (KAFKA_TOPIC='r', VALUE_FORMAT='JSON');"
    "CREATE TABLE t (k STRING PRIMARY KEY, a INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');";

/// Texts whose mutations reach the rules behind the parser.
constexpr const char* kSeeds[] = {
    "CREATE STREAM x AS SELECT k, a + 1 AS n, UCASE(b) FROM s WHERE a > 10 AND b LIKE 'x%';",
    "CREATE TABLE x AS SELECT k, COUNT(*) AS n, SUM(a) FROM s WINDOW TUMBLING (SIZE 10 SECONDS,"
    " GRACE PERIOD 1 SECOND) GROUP BY k HAVING COUNT(*) > 1 EMIT CHANGES;",
    "CREATE STREAM x AS SELECT s.k, s.a, t.a FROM s LEFT JOIN t ON s.k = t.k;",
    "CREATE STREAM x AS SELECT * FROM s JOIN r WITHIN 1 HOUR GRACE PERIOD 1 MINUTE ON s.k = r.k;",
    "CREATE TABLE x (k INT PRIMARY KEY, v STRUCT<a INT, b MAP<STRING, DOUBLE>>, d DECIMAL(4, 2))"
    " WITH (KAFKA_TOPIC='x', FORMAT='JSON', PARTITIONS=2);",
    "CREATE STREAM x AS SELECT k, TRANSFORM(c, (v) => v * 2), EXPLODE(c) FROM s PARTITION BY k;",
    "INSERT INTO r SELECT k, a FROM s; INSERT INTO r (k, a) VALUES ('x', 1 + 2);",
    "CREATE TYPE y AS STRUCT<a INT>; DROP TYPE y; DROP STREAM IF EXISTS z DELETE TOPIC;",
    "ALTER STREAM s ADD COLUMN z INT; EXPLAIN SELECT a FROM s EMIT CHANGES; SHOW STREAMS;",
    "SET 'semantics'='ksql'; DEFINE v = 'a'; EXPLAIN CREATE STREAM x AS SELECT ${v} FROM s;",
};

class Mutations : public EngineFixture {
  protected:
    void SetUp() override {
        const auto made = engine_->execute(kSources, "sources.sql", session_, {}, {});
        ASSERT_TRUE(made.ok()) << made.error().message;
        const std::string folder = test_data_path("../fuzz/corpus/sql");
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            std::stringstream content;
            content << std::ifstream(entry.path(), std::ios::binary).rdbuf();
            seeds_.push_back(content.str());
        }
        std::sort(seeds_.begin(), seeds_.end());
        ASSERT_GT(seeds_.size(), 10U);
        seeds_.insert(seeds_.end(), std::begin(kSeeds), std::end(kSeeds));
    }
    std::string catalog() {
        return run("SHOW STREAMS; SHOW TABLES; SHOW TYPES; SHOW ALL TOPICS; SHOW QUERIES;");
    }
    std::size_t below(std::size_t bound) {
        return bound == 0 ? 0 : static_cast<std::size_t>(random_.next() % bound);
    }
    /// One edit: a piece is taken out, doubled, moved or exchanged for a piece of another text.
    std::string mutated(std::string text) {
        const std::size_t at = below(text.size() + 1);
        const std::size_t length = std::min(below(12), text.size() - at);
        const std::string& other = seeds_[below(seeds_.size())];
        const std::size_t from = below(other.size() + 1);
        switch (below(4)) {
            case 0:
                return text.erase(at, length);
            case 1:
                return text.insert(at, text.substr(at, length));
            case 2:
                return text.insert(at, other.substr(from, below(16)));
            default:
                return text.replace(at, length, other.substr(from, below(16)));
        }
    }
    /// SELECT and PRINT wait for rows.
    static bool waits(const std::string& text) {
        const auto parsed = sql::parse(sql::SourceText("mutation", text));
        if (!parsed.ok()) {
            return text.find("${") != std::string::npos;  // parsed once they are replaced
        }
        for (const sql::Statement& statement : parsed.value()) {
            if (std::holds_alternative<sql::Select>(statement.node) ||
                std::holds_alternative<sql::Print>(statement.node)) {
                return true;
            }
        }
        return false;
    }

    std::vector<std::string> seeds_;
};

TEST_F(Mutations, GiveAnswersOrACodedErrorThatChangesNothing) {
    constexpr int kRounds = 30;
    const std::size_t count = seeds_.size();
    std::string known = catalog();
    for (std::size_t seed = 0; seed < count; ++seed) {
        for (int round = 0; round < kRounds; ++round) {
            std::string text = seeds_[seed];
            for (std::size_t edits = below(4); edits > 0; --edits) {
                text = mutated(std::move(text));
            }
            if (waits(text)) {
                continue;
            }
            Properties session;
            const auto done = engine_->execute(
                text, "mutation.sql", session, {}, {}, [&](const auto&) { known = catalog(); });
            if (done.ok()) {
                continue;
            }
            EXPECT_NE(done.error().sql, SqlError::kNone) << text << "\n" << done.error().message;
            EXPECT_NE(done.error().message.find("mutation.sql:"), std::string::npos)
                << text << "\n"
                << done.error().message;
            EXPECT_EQ(catalog(), known) << text << "\n" << done.error().message;
        }
    }
}

}  // namespace
}  // namespace millrace::dsl
