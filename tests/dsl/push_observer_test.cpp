// Push queries as values: what tells the rows of a table apart, and that rows leave it.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/dsl/engine_fixture.h"

namespace millrace::dsl {
namespace {

using Lines = std::vector<std::string>;

/// Writes down what it is told, until it has so many rows.
class Notes final : public PushObserver {
  public:
    explicit Notes(std::size_t wanted) : wanted_(wanted) {}

    void begin(const std::vector<Field>& columns, bool is_table) override {
        columns_ = columns;
        std::string line = is_table ? "table" : "stream";
        for (const Field& field : columns) {
            line += " " + field.name + " " + field.type.to_string();
        }
        lines.push_back(line);
    }
    bool next(const PushRow& row) override {
        std::string line = row.key;
        for (char& c : line) {
            c = c == '\x1f' ? '/' : c;
        }
        line += row.values.empty() ? " gone" : "";
        for (std::size_t i = 0; i < row.values.size(); ++i) {
            line += " " + to_text(row.values[i], columns_[i].type);
        }
        lines.push_back(line);
        return lines.size() < wanted_ + 1;
    }
    bool wants_more() override { return true; }

    Lines lines;

  private:
    std::size_t wanted_;
    std::vector<Field> columns_;
};

class PushRows : public EngineFixture {
  protected:
    void SetUp() override {
        EngineFixture::SetUp();
        run("CREATE STREAM s (k VARCHAR KEY, a INT) WITH (VALUE_FORMAT='JSON');"
            "INSERT INTO s (k, a, ROWTIME) VALUES ('x', 4, 1000);"
            "INSERT INTO s (k, a, ROWTIME) VALUES ('y', 1, 1500);"
            "INSERT INTO s (k, a, ROWTIME) VALUES ('x', 8, 11000);"
            "INSERT INTO s (k, a, ROWTIME) VALUES ('x', -5, 11500);");
    }
    Lines observe(const std::string& sql, std::size_t rows) {
        Notes notes(rows);
        const auto done = engine_->execute(sql, "test.sql", session_, {}, {}, {}, nullptr, &notes);
        EXPECT_TRUE(done.ok()) << done.error().message;
        return notes.lines;
    }
};

TEST_F(PushRows, OfAStreamHaveNoKey) {
    EXPECT_EQ(observe("SELECT k, a * 2 AS b FROM s EMIT CHANGES;", 2),
              (Lines{"stream K STRING B INTEGER", " x 8", " y 2"}));
}

TEST_F(PushRows, OfATableAreToldApartByAKeyThatNeedNotBeSelected) {
    EXPECT_EQ(observe("SELECT SUM(a) AS total FROM s GROUP BY k EMIT CHANGES;", 4),
              (Lines{"table TOTAL INTEGER", "x/ 4", "y/ 1", "x/ 12", "x/ 7"}));
    EXPECT_EQ(observe("SELECT COUNT(*) AS n FROM s GROUP BY k, (a > 0) EMIT CHANGES;", 4),
              (Lines{"table N BIGINT", "x/true/ 1", "y/true/ 1", "x/true/ 2", "x/false/ 1"}));
}

TEST_F(PushRows, OfWindowsAreToldApartByTheWindowToo) {
    EXPECT_EQ(observe("SELECT k, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY k "
                      "EMIT CHANGES;",
                      4),
              (Lines{"table K STRING N BIGINT",
                     "x/0/10000/ x 1",
                     "y/0/10000/ y 1",
                     "x/10000/20000/ x 1",
                     "x/10000/20000/ x 2"}));
}

TEST_F(PushRows, LeaveTheTableAndAreNotCountedByLimit) {
    EXPECT_EQ(observe("SELECT k, SUM(a) AS total FROM s GROUP BY k HAVING SUM(a) > 3 EMIT CHANGES "
                      "LIMIT 3;",
                      100),
              (Lines{"table K STRING TOTAL INTEGER", "x/ x 4", "x/ x 12", "x/ x 7"}));
    EXPECT_EQ(observe("SELECT k, SUM(a) AS total FROM s GROUP BY k HAVING SUM(a) > 10 EMIT "
                      "CHANGES;",
                      2),
              (Lines{"table K STRING TOTAL INTEGER", "x/ x 12", "x/ gone"}));
}

TEST_F(PushRows, SeeTheCatalogAsPlainData) {
    run("CREATE TYPE address AS STRUCT<city STRING>;");
    const CatalogView view = engine_->view();
    ASSERT_EQ(view.sources.size(), 1U);
    EXPECT_EQ(view.sources[0],
              (SourceView{"S", false, false, {{"K", "STRING"}, {"A", "INTEGER"}}}));
    EXPECT_EQ(view.types, Lines{"ADDRESS"});
    EXPECT_EQ(view.topics, Lines{"S"});
    EXPECT_FALSE(view.functions.empty());
    EXPECT_FALSE(view.settings.empty());
}

}  // namespace
}  // namespace millrace::dsl
