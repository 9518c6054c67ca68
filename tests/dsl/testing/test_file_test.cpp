// Test files: how they are read, what they say when they are wrong, how they fail.
#include "dsl/testing/test_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dsl/testing/cells.h"
#include "dsl/testing/row_diff.h"
#include "dsl/testing/statement_pieces.h"
#include "dsl/testing/test_run.h"

namespace millrace::dsl::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string read_error(const std::string& text) {
    const auto tests = read_test_file("a.test", text);
    return tests.ok() ? "no error" : tests.error().message;
}

/// The message of the first failure; empty: none.
std::string run(const std::string& text) {
    const auto tests = read_test_file("a.test", text);
    if (!tests.ok()) {
        return tests.error().message;
    }
    for (const TestCase& test : tests.value()) {
        if (const auto failure = run_test("a.test", test, {})) {
            return std::to_string(failure->line) + "|" + failure->message;
        }
    }
    return "";
}

std::vector<std::string> raw(const std::string& line) {
    const auto cells = split_cells(line, {"key"});
    if (!cells.ok()) {
        return {cells.error().message};
    }
    std::vector<std::string> texts;
    for (const Cell& cell : cells.value()) {
        texts.push_back(cell.name + (cell.name.empty() ? "" : ":") + cell.raw);
    }
    return texts;
}

const std::string kStream =
    "statement ok\n"
    "CREATE STREAM s (id INT KEY, v INT) WITH (kafka_topic='s', value_format='json');\n"
    "query q\n"
    "SELECT id, v * 2 AS w FROM s;\n";

TEST(TestFile, HasBlocksWithTheirLines) {
    const auto tests = read_test_file(
        "a.test",
        "# story\n\nstatement ok\nSHOW\n  TABLES;\n\nfeed t  # why\n 1 {\"a\":1}\n# no\n 2 x\n");
    ASSERT_TRUE(tests.ok()) << tests.error().message;
    const auto& blocks = tests.value().front().blocks;
    ASSERT_EQ(blocks.size(), 2U);
    EXPECT_EQ(blocks[0].line, 3);
    EXPECT_EQ(blocks[0].sql, "\n\n\nSHOW\n  TABLES;\n");
    EXPECT_EQ(blocks[1].name, "t");
    ASSERT_EQ(blocks[1].lines.size(), 2U);
    EXPECT_EQ(blocks[1].lines[1].line, 10);
}

TEST(TestFile, SaysWhatIsWrongWhere) {
    EXPECT_EQ(read_error("SELECT 1;\n"), "a.test:1: expected a directive, found SELECT 1;");
    EXPECT_EQ(read_error("\nfed s\n"),
              "a.test:2: expected a directive, found fed s; did you mean feed?");
    EXPECT_EQ(read_error("feed\n"), "a.test:1: 'feed' needs a name");
    EXPECT_EQ(read_error("restart now\n"), "a.test:1: 'restart' takes nothing, found now");
    EXPECT_EQ(read_error("batch 0\n"), "a.test:1: 'batch' takes a number from 1 to 4096");
    EXPECT_EQ(read_error("advance 1 YEAR\n"),
              "a.test:1: 'advance' takes a time such as 10 SECONDS, found YEAR");
    EXPECT_EQ(read_error("restart\nx\n"), "a.test:2: nothing can stand here: x");
    EXPECT_EQ(read_error(std::string(kTestFileBytesMax + 1, '#')),
              "a.test is longer than 4194304 bytes");
}

TEST(TestFile, TakesKsqlsHeaders) {
    const auto tests = read_test_file("a.sql",
                                      "-- about\n--@test: one\nSHOW TABLES;\n----@test: no\n"
                                      "--@test: two\n--@expected.message: bad\nSHOW X;\n");
    ASSERT_TRUE(tests.ok());
    ASSERT_EQ(tests.value().size(), 2U);
    EXPECT_EQ(tests.value()[0].name, "one");
    EXPECT_EQ(tests.value()[0].blocks[0].kind, BlockKind::kStatementOk);
    EXPECT_EQ(tests.value()[1].line, 5);
    EXPECT_EQ(tests.value()[1].blocks[0].kind, BlockKind::kStatementError);
    EXPECT_EQ(tests.value()[1].blocks[0].words, "bad");
}

TEST(TestCells, ArePartedAtBlanksOutsideOfBracketsAndStrings) {
    EXPECT_THAT(raw("  a  -1.5 # no"), ElementsAre("a", "-1.5"));
    EXPECT_THAT(raw("1 key=\"a b\" {\"x\": [1, \"}\"]}"),
                ElementsAre("1", "key:\"a b\"", "{\"x\": [1, \"}\"]}"));
    EXPECT_THAT(raw("a [0, 10) [1,2]"), ElementsAre("a", "[0, 10)", "[1,2]"));
    EXPECT_THAT(raw("a#b x=y"), ElementsAre("a#b", "x=y"));
    EXPECT_THAT(raw("{\"a\""), ElementsAre("nothing closes {\"a\""));
    EXPECT_THAT(raw("\"a\"b"), ElementsAre("expected a blank behind \"a\", found b"));
}

TEST(TestCells, QuoteWhatWouldMeanSomethingElse) {
    for (const std::string text : {"", "a b", "NULL", "tombstone", "[x", "#1", "@1", "\"", "\n"}) {
        const std::string cell = cell_of(text);
        EXPECT_EQ(cell.front(), '"') << text;
        const auto cells = split_cells(cell, {});
        ASSERT_TRUE(cells.ok()) << cell;
        EXPECT_EQ(cells.value().front().text().value(), text);
    }
    EXPECT_EQ(cell_of("plain-text"), "plain-text");
}

TEST(TestStatements, ArePartedOutsideOfQuotesAndCommentsAndKeepTheirPlaces) {
    EXPECT_THAT(statement_pieces("A ';' -- ;\n ; /* ; */ B\n"),
                ElementsAre("A ';' -- ;\n ;", "\n           B\n"));
    EXPECT_THAT(statement_pieces(" -- nothing\n;;"), ElementsAre());
}

TEST(TestRows, DifferByWhatIsMissingAndWhatIsThere) {
    const auto row = [](const std::string& cell, int partition) {
        RowText text;
        text.cells = {cell};
        text.partition = partition;
        return text;
    };
    EXPECT_EQ(row_diff({row("a", 0), row("b", 0)}, {row("a", 0), row("b", 0)}, RowOrder::kAll), "");
    EXPECT_EQ(row_diff({row("a", 0), row("b", 0), row("c", 0)},
                       {row("a", 0), row("x", 0), row("c", 0)},
                       RowOrder::kAll),
              "  a  partition=0\n- b  partition=0\n+ x  partition=0\n  c  partition=0\n");
    EXPECT_EQ(
        row_diff({row("a", 1), row("b", 0)}, {row("b", 0), row("a", 1)}, RowOrder::kPartition), "");
    EXPECT_EQ(row_diff({row("b", 0), row("a", 0)}, {row("a", 0), row("b", 0)}, RowOrder::kNone),
              "");
    EXPECT_NE(row_diff({row("b", 0), row("a", 0)}, {row("a", 0), row("b", 0)}, RowOrder::kAll), "");
}

TEST(TestRun, PassesWhenEverythingIsAsTheFileSays) {
    EXPECT_EQ(run(kStream + "feed s\n 1 key=1 {\"v\":3}\nexpect q\n1  6  @1\n"), "");
}

TEST(TestRun, FailsWithRowsSideBySide) {
    const std::string message =
        run(kStream + "feed s\n 1 key=1 {\"v\":3}\n 2 key=2 {\"v\":4}\nexpect q\n1  6\n2  9\n");
    EXPECT_THAT(message, HasSubstr("8|a.test:8: other rows than expected in q"));
    EXPECT_THAT(message, HasSubstr("  ID  W\n  1  6\n- 2  9    (line 10)\n+ 2  8\n"));
}

TEST(TestRun, ExpectsAllRowsAndNoOthers) {
    EXPECT_THAT(run(kStream + "expect q\n1  6\n"), HasSubstr("- 1  6"));
    EXPECT_THAT(run(kStream + "feed s\n 1 key=1 {\"v\":3}\nexpect q\n"), HasSubstr("+ 1  6"));
}

TEST(TestRun, PlacesErrorsOfStatementsAndRows) {
    EXPECT_THAT(
        run(kStream + "statement ok\nSHOW STREAMS;  CREATE STREAM t AS SELECT nope FROM s;\n"),
        HasSubstr("6|a.test:6:42: "));
    EXPECT_THAT(run(kStream + "query r\nSELECT id,\n  nope FROM s;\n"),
                HasSubstr("7|a.test:7:3: "));
    EXPECT_THAT(run(kStream + "feed s\n\n x key=1 {}\n"),
                HasSubstr("7|a.test:7: expected a timestamp, found x"));
    EXPECT_THAT(run(kStream + "feed s\n 1 key=x {}\n"), HasSubstr("6|a.test:6: "));
    EXPECT_THAT(run(kStream + "feed s\n 1 key=1 {} partition=1\n"),
                HasSubstr("topic s has 1 partitions"));
    EXPECT_THAT(run(kStream + "expect q\n1  2  3\n"),
                HasSubstr("6|a.test:6: expected 2 cells (ID  W), found 3"));
    EXPECT_THAT(run(kStream + "expect nobody\n"), HasSubstr("no stream, table or query nobody"));
}

TEST(TestRun, WantsTheErrorThatIsNamed) {
    const std::string bad = "CREATE STREAM t AS SELECT nope FROM s;\n";
    EXPECT_EQ(run(kStream + "statement error\n" + bad), "");
    for (const std::string code : {"SQL1202", "unknown_column", "unknown_name", "1004"}) {
        EXPECT_EQ(run(kStream + "statement error " + code + " NOPE\n" + bad), "");
    }
    EXPECT_THAT(run(kStream + "statement error sql_syntax NOPE\n" + bad),
                HasSubstr("the error is another one (unknown_name)"));
    EXPECT_THAT(run(kStream + "statement error\nSHOW STREAMS;\n"), HasSubstr("no error"));
}

TEST(TestRun, FailsWhenAQueryFails) {
    const std::string query =
        "statement ok\nSET 'errors.tolerance' = 'none';\n" + kStream + "feed s\n 1 key=1 5\n";
    EXPECT_THAT(run(query), HasSubstr("query Q failed: "));
    EXPECT_EQ(run(query + "expect failed q JSON\n"), "");
    EXPECT_THAT(run(query + "expect failed q other words\n"), HasSubstr("it failed otherwise"));
    EXPECT_THAT(run(kStream + "expect failed q\n"), HasSubstr("query Q did not fail"));
}

TEST(TestRun, NeedsAnOracleToAskOne) {
    EXPECT_THAT(run(kStream + "oracle sqlite q\n"), HasSubstr("there is no SQLite here"));
}

}  // namespace
}  // namespace millrace::dsl::testing
