#include "dsl/sql/parser.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "dsl/sql/printer.h"

namespace millrace::dsl::sql {
namespace {

std::string error_of(const std::string& text) {
    const auto parsed = parse(SourceText("test.sql", text));
    return parsed.ok() ? "no error" : parsed.error().message;
}

/// The text of the first statement, printed; or its error.
std::string printed(const std::string& text) {
    const auto parsed = parse(SourceText("test.sql", text));
    return parsed.ok() ? to_text(parsed.value().at(0)) : parsed.error().message;
}

std::string printed_expr(const std::string& text) {
    const std::string select = printed("SELECT " + text + " FROM S");
    const std::string head = "SELECT ";
    const std::string tail = " FROM S";
    if (select.size() < head.size() + tail.size() || select.compare(0, head.size(), head) != 0) {
        return select;
    }
    return select.substr(head.size(), select.size() - head.size() - tail.size());
}

TEST(ParserErrors, NameLineColumnAndWhatWasExpected) {
    EXPECT_EQ(error_of("SELECT a FORM s"),
              "test.sql:1:15: error SQL1001: Syntax Error: expected ',' or FROM, found s\n"
              "  SELECT a FORM s\n"
              "                ^");
    EXPECT_EQ(error_of("CREATE STREAM s (a INT);\nDROP s;"),
              "test.sql:2:6: error SQL1001: Syntax Error: expected STREAM or TABLE, found s\n"
              "  DROP s;\n"
              "       ^");
    EXPECT_EQ(error_of("SELECT a FROM s WHERE"),
              "test.sql:1:22: error SQL1001: Syntax Error: expected an expression, found the end "
              "of the text\n"
              "  SELECT a FROM s WHERE\n"
              "                       ^");
}

TEST(ParserErrors, MarkTheWholeToken) {
    EXPECT_EQ(error_of("\tSELEKT a FROM s"),
              "test.sql:1:2: error SQL1002: Syntax Error\n"
              "Unknown statement 'SELEKT'; expected SELECT or another statement\n"
              "  \tSELEKT a FROM s\n"
              "  \t^~~~~~");
}

TEST(ParserErrors, CountCharactersNotBytes) {
    EXPECT_EQ(error_of("SELECT 'žluť' a b FROM s"),
              "test.sql:1:17: error SQL1001: Syntax Error: expected ',' or FROM, found b\n"
              "  SELECT 'žluť' a b FROM s\n"
              "                  ^");
}

TEST(ParserErrors, ForOpenQuotesCommentsAndStrayCharacters) {
    EXPECT_EQ(error_of("SELECT 'a FROM s"),
              "test.sql:1:8: error SQL1003: this string has no end: expected ', found the end of "
              "the text\n"
              "  SELECT 'a FROM s\n"
              "         ^");
    EXPECT_NE(error_of("SELECT /* a").find("this comment has no end"), std::string::npos);
    EXPECT_NE(error_of("SELECT a ? b").find("unexpected character '?'"), std::string::npos);
    EXPECT_NE(error_of("SELECT 1.5abc").find("a number ends here, but a letter follows"),
              std::string::npos);
    EXPECT_NE(error_of(std::string("SELECT '\xff'")).find("this is not UTF-8 text"),
              std::string::npos);
}

TEST(ParserErrors, BoundNestingHeightAndLength) {
    EXPECT_NE(error_of("SELECT " + std::string(300, '(') + "1").find("nested deeper than 200"),
              std::string::npos);
    std::string chain = "SELECT 1";
    for (int i = 0; i < 2000; ++i) {
        chain += "+1";
    }
    EXPECT_NE(error_of(chain + " FROM s").find("more than 1000 levels"), std::string::npos);
    std::string list = "SELECT a";
    for (int i = 0; i < 5000; ++i) {
        list += ", a";
    }
    EXPECT_NE(error_of(list + " FROM s").find("this statement has more than 10000 words"),
              std::string::npos);
    EXPECT_NE(error_of(std::string((1 << 20) + 1, ' ')).find("the text is longer than"),
              std::string::npos);
}

TEST(ParserExpressions, KeepPrecedence) {
    EXPECT_EQ(printed_expr("1 + 2 * 3 - 4"), "1 + 2 * 3 - 4");
    EXPECT_EQ(printed_expr("(1 + 2) * 3"), "(1 + 2) * 3");
    EXPECT_EQ(printed_expr("1 - (2 - 3)"), "1 - (2 - 3)");
    EXPECT_EQ(printed_expr("a or b and not c = 1 + 2"), "A OR B AND NOT C = 1 + 2");
    EXPECT_EQ(printed_expr("(a or b) and c"), "(A OR B) AND C");
    EXPECT_EQ(printed_expr("not (a and b)"), "NOT (A AND B)");
    EXPECT_EQ(printed_expr("-(-1)"), "- -1");
    EXPECT_EQ(printed_expr("a || b = c"), "A || B = C");
}

TEST(ParserExpressions, CoverTheDialect) {
    const std::vector<std::string> same{"A BETWEEN 1 AND 2 AND B",
                                        "A NOT IN (1, 2.5, 1e3)",
                                        "A NOT LIKE 'x!_%' ESCAPE '!'",
                                        "A IS NOT DISTINCT FROM B",
                                        "CASE A WHEN 1 THEN 'a' ELSE NULL END",
                                        "CASE WHEN A IS NULL THEN 1 END",
                                        "CAST(A AS DECIMAL(4, 2))",
                                        "ARRAY[1, 2][1]",
                                        "MAP('a' := 1, 'b' := 2)['a']",
                                        "STRUCT(A := 1, `b` := 'x')->A",
                                        "TRANSFORM(A, (X) => X + 1)",
                                        "REDUCE(A, 0, (S, X) => S + X)",
                                        "COUNT(*)",
                                        "S.A->B->C",
                                        "'it''s'",
                                        "`a``b`"};
    for (const std::string& text : same) {
        EXPECT_EQ(printed_expr(text), text);
    }
}

TEST(ParserNames, AreUpperCasedUnlessQuoted) {
    EXPECT_EQ(printed_expr("origin"), "ORIGIN");
    EXPECT_EQ(printed_expr("`origin`"), "`origin`");
    EXPECT_EQ(printed_expr("\"Origin\""), "`Origin`");
    EXPECT_EQ(printed_expr("`FROM`"), "`FROM`");
    EXPECT_EQ(printed_expr("`ORIGIN`"), "ORIGIN");
}

TEST(ParserStatements, ReadBackAsPrinted) {
    const std::vector<std::string> same{
        "CREATE STREAM S (A INTEGER KEY, `b` STRING) WITH (KAFKA_TOPIC = 't', PARTITIONS = 3)",
        "CREATE OR REPLACE SOURCE TABLE IF NOT EXISTS T (A BIGINT PRIMARY KEY) WITH (FORMAT = "
        "'JSON')",
        "CREATE TABLE T WITH (KEY_FORMAT = 'JSON') AS SELECT A, COUNT(*) AS N FROM S WINDOW "
        "TUMBLING (SIZE 1 DAY, GRACE PERIOD 2 HOURS) WHERE A > 1 GROUP BY A HAVING COUNT(*) > 1 "
        "EMIT CHANGES",
        "CREATE STREAM X AS SELECT * FROM A JOIN B AS C ON A.K = C.K PARTITION BY C.V",
        "CREATE STREAM X AS SELECT * FROM A PARTITION BY (V IS NULL), W + 1",
        "SELECT A, COUNT(*) AS N FROM S GROUP BY (A = 1 OR B), C",
        "CREATE STREAM S (A BYTES HEADER('it''s'), H ARRAY<STRUCT<`KEY` STRING, `VALUE` BYTES>> "
        "HEADERS) WITH (FORMAT = 'JSON')",
        "SELECT *, S.* FROM S LEFT JOIN B WITHIN (1 DAY, 2 DAYS) GRACE PERIOD 1 HOUR ON S.K = B.K "
        "EMIT FINAL LIMIT 3",
        "INSERT INTO S (A, B) VALUES (1, -2.5)",
        "INSERT INTO S SELECT A FROM T",
        "DROP TABLE IF EXISTS T DELETE TOPIC",
        "SHOW ALL TOPICS",
        "DESCRIBE S EXTENDED",
        "EXPLAIN Q",
        "EXPLAIN SELECT A FROM S EMIT CHANGES",
        "PRINT `my topic` FROM BEGINNING INTERVAL 2 LIMIT 3",
        "ASSERT VALUES S (ID, ROWTIME) VALUES (1, 2 + 3)",
        "ASSERT VALUES S VALUES ('a', NULL)",
        "ASSERT NULL VALUES T (ID) KEY (1)",
        "ASSERT STREAM S (ID INTEGER KEY, V MAP<STRING, INTEGER>) WITH (KAFKA_TOPIC = 's')",
        "ASSERT TABLE T",
        "ASSERT TOPIC S WITH (PARTITIONS = 3) TIMEOUT 2 SECONDS",
        "ASSERT NOT EXISTS TOPIC `my-topic`",
        "ASSERT NOT EXISTS SCHEMA SUBJECT 'foo-value' ID 3 TIMEOUT 1 SECOND",
        "SET 'a' = 'b'",
        "UNSET 'a'",
        "TERMINATE ALL",
        "PAUSE ALL",
        "PAUSE Q1",
        "RESUME Q1",
        "ALTER STREAM S ADD COLUMN A INTEGER, ADD COLUMN `b` ARRAY<STRING>",
        "ALTER TABLE T ADD COLUMN C DECIMAL(4, 2)",
        "DEFINE topic_name = 'it''s'",
        "UNDEFINE topic_name",
        "RUN SCRIPT 'a/b.sql'",
        "SHOW VARIABLES",
        "SHOW TYPES",
        "CREATE TYPE IF NOT EXISTS A AS STRUCT<`b` INTEGER, `C` ARRAY<STRING>>",
        "DROP TYPE IF EXISTS A"};
    for (const std::string& text : same) {
        EXPECT_EQ(printed(text), text);
    }
}

TEST(ParserTypes, TakeNamesThatWereGiven) {
    const SourceText source("t",
                            "CREATE TYPE address AS STRUCT<n INT>; CREATE TYPE person AS "
                            "STRUCT<home ADDRESS, work `ADDRESS`>; CREATE STREAM s (p PERSON, m "
                            "MAP<STRING, money>) WITH (KAFKA_TOPIC='s'); DROP TYPE person;");
    const auto parsed = parse(source, {{"MONEY", DataType::decimal(9, 2)}});
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    const auto& create = std::get<CreateSource>(parsed.value()[2].node);
    EXPECT_EQ(create.columns[0].type.to_string(),
              "STRUCT<`HOME` STRUCT<`N` INTEGER>, `WORK` STRUCT<`N` INTEGER>>");
    EXPECT_EQ(create.columns[1].type.to_string(), "MAP<STRING, DECIMAL(9, 2)>");
    const auto unknown = parse(SourceText("t",
                                          "CREATE TYPE a AS INT; DROP TYPE a; CREATE STREAM s "
                                          "(x A) WITH (KAFKA_TOPIC='s');"));
    ASSERT_FALSE(unknown.ok());
    EXPECT_NE(unknown.error().message.find("expected a type, found 'A'"), std::string::npos);
}

TEST(ParserStatements, GroupByValuesNotConditions) {
    EXPECT_EQ(
        error_of("SELECT a FROM s PARTITION BY a AND b"),
        "test.sql:1:32: error SQL1001: Syntax Error: expected HAVING, EMIT, LIMIT, ';' or the "
        "end of the text, found AND\n"
        "  SELECT a FROM s PARTITION BY a AND b\n"
        "                                 ^~~");
    EXPECT_EQ(error_of("SELECT a FROM s GROUP BY a = b").substr(0, 14), "test.sql:1:28:");
    EXPECT_EQ(error_of("SELECT a FROM s GROUP BY (a = b), (NOT c)"), "no error");
    EXPECT_EQ(error_of("SELECT a FROM s GROUP BY (a, b)"), "no error");
}

TEST(ParserStatements, AreSeparatedBySemicolons) {
    const SourceText source("t", ";; SELECT a FROM s -- end\n; DROP STREAM s;");
    const auto parsed = parse(source);
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    ASSERT_EQ(parsed.value().size(), 2U);
    EXPECT_EQ(written_text(source, parsed.value()[0]), "SELECT a FROM s");
    EXPECT_EQ(written_text(source, parsed.value()[1]), "DROP STREAM s");
    EXPECT_EQ(parsed.value()[1].at.line, 2U);
    EXPECT_EQ(parsed.value()[1].at.column, 3U);
}

}  // namespace
}  // namespace millrace::dsl::sql
