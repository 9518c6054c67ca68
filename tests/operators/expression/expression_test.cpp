#include "operators/expression/expression.h"

#include <gtest/gtest.h>

#include "tests/operators/expression/mini_sql.h"

namespace millrace::operators {
namespace {

struct Case {
    std::string_view sql;
    std::string_view result;
};

template <std::size_t N>
void expect_all(const Case (&cases)[N]) {
    for (const Case& one : cases) {
        EXPECT_EQ(result_of(one.sql), one.result) << one.sql;
    }
}

std::string type_of(std::string_view sql, const std::vector<Field>& fields = {}) {
    const auto expr = parse_expr(sql, fields);
    return expr.ok() ? expr.value()->type.to_string() : "error: " + expr.error().message;
}

const std::vector<Field> kFields = {{"I", TypeKind::kInt},
                                    {"L", TypeKind::kBigint},
                                    {"D", TypeKind::kDouble},
                                    {"C", DataType::decimal(4, 2)},
                                    {"S", TypeKind::kString},
                                    {"B", TypeKind::kBoolean},
                                    {"DAY", TypeKind::kDate},
                                    {"T", TypeKind::kTime},
                                    {"TS", TypeKind::kTimestamp},
                                    {"Y", TypeKind::kBytes},
                                    {"A", DataType::array(TypeKind::kInt)}};

TEST(ExpressionTypes, PromoteInRankOrder) {
    EXPECT_EQ(type_of("i + i", kFields), "INTEGER");
    EXPECT_EQ(type_of("i + l", kFields), "BIGINT");
    EXPECT_EQ(type_of("l + c", kFields), "DECIMAL(22, 2)");
    EXPECT_EQ(type_of("i + c", kFields), "DECIMAL(13, 2)");
    EXPECT_EQ(type_of("c * d", kFields), "DOUBLE");
    EXPECT_EQ(type_of("s + s", kFields), "STRING");
}

TEST(ExpressionTypes, FollowTheDecimalRules) {
    EXPECT_EQ(type_of("c + c", kFields), "DECIMAL(5, 2)");
    EXPECT_EQ(type_of("c * c", kFields), "DECIMAL(9, 4)");
    EXPECT_EQ(type_of("c / c", kFields), "DECIMAL(11, 7)");
    EXPECT_EQ(type_of("c % c", kFields), "DECIMAL(4, 2)");
    const auto wide = [](std::string_view op) {
        return type_of("CAST(1 AS DECIMAL(38, 10)) " + std::string(op) +
                       " CAST(1 AS DECIMAL(38, 10))");
    };
    EXPECT_EQ(wide("+"), "DECIMAL(38, 9)");
    EXPECT_EQ(wide("*"), "DECIMAL(38, 6)");
    EXPECT_EQ(wide("/"), "DECIMAL(38, 6)");
}

TEST(ExpressionTypes, AreCheckedWithTheTypesInTheMessage) {
    const Case cases[] = {
        {"b + i",
         "error: Error processing expression: (B + I). Unsupported arithmetic types. BOOLEAN "
         "INTEGER"},
        {"NULL + NULL",
         "error: Error processing expression: (null + null). Arithmetic on types null and null are "
         "not supported."},
        {"-s", "error: unary minus needs a number, got S (STRING)"},
        {"i >= 'x'",
         "error: Cannot compare I (INTEGER) to 'x' (STRING) with GREATER_THAN_OR_EQUAL."},
        {"b < b", "error: Cannot compare B (BOOLEAN) to B (BOOLEAN) with LESS_THAN."},
        {"a < a", "error: Cannot compare A (ARRAY<INTEGER>) to A (ARRAY<INTEGER>) with LESS_THAN."},
        {"i = NULL",
         "error: Comparison with NULL not supported: INTEGER = NULL\nUse 'IS NULL' or 'IS NOT "
         "NULL' "
         "instead."},
        {"i AND b", "error: AND needs BOOLEAN operands, got I (INTEGER)"},
        {"NOT s", "error: NOT needs BOOLEAN operands, got S (STRING)"},
        {"i LIKE 'x'", "error: LIKE needs STRING operands, got I (INTEGER) and 'x' (STRING)"},
        {"s LIKE 'x' ESCAPE '!!'", "error: the escape of LIKE must be one character: '!!'"},
        {"i IN (10, '10 - not a number')",
         "error: invalid input syntax for type INTEGER: \"10 - not a number\"."},
        {"c IN ('x')", "error: invalid input syntax for type DECIMAL: \"x\"."},
        {"b IN (TRUE, 'Not a boolean')",
         "error: invalid input syntax for type BOOLEAN: \"Not a boolean\"."},
        {"b IN (s)",
         "error: operator does not exist: BOOLEAN = STRING (S)\nHint: You might need to "
         "add explicit type casts."},
        {"CAST(s AS ARRAY<INTEGER>)", "error: Cast of STRING to ARRAY<INTEGER> is not supported"},
        {"CAST(y AS STRING)", "error: Cast of BYTES to STRING is not supported"},
        {"CASE WHEN b THEN NULL ELSE NULL END",
         "error: Invalid Case expression. All case branches have NULL type; write CAST(NULL AS "
         "type) in one of them"},
        {"CASE WHEN b THEN 1 ELSE 'x' END",
         "error: CASE needs one type, got 1 (INTEGER) and 'x' (STRING)"},
        {"CASE WHEN i THEN 1 END", "error: WHEN needs BOOLEAN operands, got I (INTEGER)"},
        {"day = 'today'", "error: cannot read as DATE: 'today'"},
        {"ts = '2001-13-01'", "error: cannot read as TIMESTAMP: '2001-13-01'"},
        {"s || i",
         "error: || needs two STRING or two BYTES operands, got S (STRING) and I (INTEGER)"},
        {"SUBSTR(s, 1)",
         "error: Can't find any functions with the name 'SUBSTR'; did you mean SUBSTRING?"},
        {"NO_SUCH(s)", "error: Can't find any functions with the name 'NO_SUCH'"},
        {"UCASS(s)", "error: Can't find any functions with the name 'UCASS'; did you mean UCASE?"},
        {"UCASE(i)",
         "error: Function 'ucase' does not accept parameters (INTEGER). Valid alternatives are: "
         "UCASE(STRING)"},
        {"MAP_KEYS()",
         "error: Function 'map_keys' does not accept parameters (). Valid alternatives are: "
         "MAP_KEYS(MAP<K, V>)"},
        {"LEN(NULL)",
         "error: Function 'len' cannot be resolved due to ambiguous method parameters (null). "
         "Write CAST(... AS type) to choose one."},
    };
    for (const Case& one : cases) {
        EXPECT_EQ(type_of(one.sql, kFields), one.result) << one.sql;
    }
    EXPECT_EQ(parse_expr("UCASS('x')").error().code, ErrorCode::kUnknownName);
    EXPECT_EQ(parse_expr("UCASE(1)").error().code, ErrorCode::kSqlSemantic);
    EXPECT_EQ(result_of("NULL"), "error: cannot infer the type of NULL, write CAST(NULL AS type)");
}

TEST(ExpressionTypes, ChooseTheOverloadByExactTypeThenByTheShortestWidening) {
    EXPECT_EQ(type_of("ABS(i)", kFields), "INTEGER");
    EXPECT_EQ(type_of("ABS(c)", kFields), "DECIMAL(4, 2)");
    EXPECT_EQ(type_of("ROUND(d)", kFields), "BIGINT");
    EXPECT_EQ(type_of("ROUND(c)", kFields), "DECIMAL(2, 0)");
    EXPECT_EQ(type_of("ROUND(c, 1)", kFields), "DECIMAL(4, 2)");
    EXPECT_EQ(type_of("SQRT(c)", kFields), "DOUBLE");
    EXPECT_EQ(type_of("TIMESTAMPTOSTRING(i, 'yyyy')", kFields), "STRING");
    EXPECT_EQ(type_of("COALESCE(i, l, NULL)", kFields), "BIGINT");
    EXPECT_EQ(type_of("IFNULL(c, i)", kFields), "DECIMAL(12, 2)");
    EXPECT_EQ(type_of("SUBSTRING(y, 1)", kFields), "BYTES");
    EXPECT_EQ(type_of("AS_VALUE(a)", kFields), "ARRAY<INTEGER>");
}

TEST(Arithmetic, WrapsAndTruncatesAsJava) {
    expect_all({{"1 + 2 * 3", "7"},
                {"2147483647 + 1", "-2147483648"},
                {"9223372036854775807 + 1", "-9223372036854775808"},
                {"-7 / 2", "-3"},
                {"-7 % 3", "-1"},
                {"65536 * 65536", "0"},
                {"(-2147483647 - 1) / -1", "-2147483648"},
                {"(-2147483647 - 1) % -1", "0"},
                {"7 / 2E0", "3.5"},
                {"1E0 / 0", "Infinity"},
                {"0E0 / 0", "NaN"},
                {"-5.5E0 % 2", "-1.5"},
                {"-(-3)", "3"},
                {"1 + CAST(NULL AS INT)", "NULL"},
                {"1 / 0", "error: division by zero: 1 / 0"},
                {"5 % 0", "error: division by zero: 5 % 0"}});
}

TEST(Arithmetic, IsExactOnDecimals) {
    expect_all({{"1.10 + 2.345", "3.445"},
                {"10.01 + 5", "15.01"},
                {"10.1 - 5.15", "4.95"},
                {"10.10 * -2.0", "-20.200"},
                {"10.1 / 2.0", "5.050000"},
                {"1.0 / 3.0", "0.333333"},
                {"2.0 / 3.0", "0.666667"},
                {"-2.0 / 3.0", "-0.666667"},
                {"10.1 % -2.0", "0.1"},
                {"-10.1 % 2.0", "-0.1"},
                {"1.0 / 0.0", "error: division by zero"},
                {"1.0 % 0.0", "error: division by zero"},
                {"0.1 + 0.2 = 0.3", "true"},
                // 44 digits, so the scale gives way; the product itself needs 256 bits.
                {"CAST(123456789012345678 AS DECIMAL(30, 12)) * 100000000000.0",
                 "12345678901234567800000000000.0000000"},
                {"CAST('99999999999999999999999999999999999999' AS DECIMAL(38, 0)) + 1",
                 "error: result does not fit into DECIMAL(38, 0)"}});
}

TEST(Comparison, IsTwoValued) {
    expect_all(
        {{"1 = 1.0", "true"},
         {"1.1 = 1.1E0", "true"},
         {"1.10 = 1.1", "true"},
         {"2 > 10", "false"},
         {"'2' > '10'", "true"},
         {"'a' < 'b' AND NOT 'b' <= 'a'", "true"},
         {"TRUE = FALSE", "false"},
         {"CAST(NULL AS INT) = 1", "false"},
         {"CAST(NULL AS INT) <> 1", "false"},
         {"NOT (CAST(NULL AS INT) = 1)", "true"},
         {"NULL IS NULL", "true"},
         {"NULL IS NOT NULL", "false"},
         {"CAST(NULL AS BOOLEAN) AND TRUE", "false"},
         {"CAST(NULL AS BOOLEAN) OR TRUE", "true"},
         {"NOT CAST(NULL AS BOOLEAN)", "NULL"},
         {"0E0 / 0 = 0E0 / 0", "false"},
         {"0E0 / 0 <> 0E0 / 0", "true"},
         {"CAST('99999999999999999999999999999999999999' AS DECIMAL(38, 0)) > 0.00001", "true"},
         {"CAST('-99999999999999999999999999999999999999' AS DECIMAL(38, 0)) > 0.00001", "false"}});
}

TEST(Comparison, ReadsTextsAsTimes) {
    expect_all({{"FROM_DAYS(10) = '1970-01-11'", "true"},
                {"FROM_DAYS(10) > FROM_UNIXTIME(300)", "true"},
                {"FROM_DAYS(10) BETWEEN '1970-01-04' AND '1970-01-11'", "true"},
                {"FROM_UNIXTIME(1000) = '1970-01-01T00:00:01'", "true"},
                {"'1970-01-01T01:00:01+01:00' = FROM_UNIXTIME(1000)", "true"},
                {"PARSE_TIME('10:15', 'HH:mm') < '10:15:00.001'", "true"},
                {"FROM_DAYS(10) IN ('1970-01-11', '1980-01-01')", "true"},
                {"FROM_DAYS(10) = UCASE('1970-01-11')", "true"},
                {"FROM_DAYS(10) = UCASE('x')", "error: not a DATE: 'X'"}});
}

TEST(In, CoercesItsItems) {
    expect_all({{"1 IN (1, 2.0, '4.000')", "true"},
                {"4 IN (1, 2.0, '4.000')", "true"},
                {"3 IN (1, 2.0, '4.000')", "false"},
                {"-2147483648 IN (1, '2147483648')", "false"},
                {"2.0 IN (2)", "true"},
                {"2E0 IN ('2', 3)", "true"},
                {"'10' IN (10, 'x')", "true"},
                {"TRUE IN ('f', 'Y')", "true"},
                {"5 NOT IN (1, 2, 3)", "true"},
                {"CAST(NULL AS INT) IN (1, 2)", "false"},
                {"CAST(NULL AS INT) NOT IN (1, 2)", "true"},
                {"1 IN (NULL, 1)", "true"},
                {"'b' IN ('c', 'b', 'a')", "true"},
                {"'a long text beyond twelve' IN ('x', 'a long text beyond twelve')", "true"}});
}

TEST(Between, IncludesItsBounds) {
    expect_all({{"2 BETWEEN 2 AND 4", "true"},
                {"4 BETWEEN 2 AND 4", "true"},
                {"5 BETWEEN 2 AND 4", "false"},
                {"2 NOT BETWEEN 2 AND 4", "false"},
                {"2 BETWEEN 1.5 AND 2E0", "true"},
                {"'foo' BETWEEN 'eoo' AND 'goo'", "true"},
                {"CAST(NULL AS INT) BETWEEN 1 AND 2", "false"},
                {"CAST(NULL AS INT) NOT BETWEEN 1 AND 2", "true"}});
}

TEST(Like, MatchesCodePoints) {
    expect_all({{"'foo' LIKE 'f%'", "true"},
                {"'foo' LIKE 'f'", "false"},
                {"'' LIKE ''", "true"},
                {"'' LIKE '%'", "true"},
                {"'' LIKE '_'", "false"},
                {"'abc' LIKE '_b_'", "true"},
                {"'abc' LIKE '__'", "false"},
                {"'mississippi' LIKE '%iss%ip%'", "true"},
                {"'mississippi' LIKE '%iss%ipp'", "false"},
                {"'aab' LIKE '%ab'", "true"},
                {"'aXbXc' LIKE 'a_b_c'", "true"},
                {"'this is not' LIKE '%n_t%'", "true"},
                {"'abab' LIKE '%a_'", "true"},
                {"'h\xC3\xA9t\xC3\xA9' LIKE 'h_t_'", "true"},
                {"'\xF0\x9F\x98\x80' LIKE '_'", "true"},
                {"'50%' LIKE '50!%' ESCAPE '!'", "true"},
                {"'50x' LIKE '50!%' ESCAPE '!'", "false"},
                {"'a_b' LIKE 'a!_%' ESCAPE '!'", "true"},
                {"'a!' LIKE 'a!!' ESCAPE '!'", "true"},
                {"'a!' LIKE 'a!' ESCAPE '!'", "true"},
                {"'.*' LIKE '.*'", "true"},
                {"'xx' LIKE '.*'", "false"},
                {"'foo' NOT LIKE 'f%'", "false"},
                {"CAST(NULL AS STRING) LIKE '%'", "false"},
                {"CAST(NULL AS STRING) NOT LIKE '%'", "true"}});
}

TEST(Case, TakesTheFirstTrueBranch) {
    expect_all({{"CASE WHEN 1 > 2 THEN 'a' WHEN 2 > 1 THEN 'b' ELSE 'c' END", "b"},
                {"CASE WHEN 1 > 2 THEN 'a' END", "NULL"},
                {"CASE WHEN CAST(NULL AS INT) > 2 THEN 'foo' ELSE 'default' END", "default"},
                {"CASE WHEN TRUE THEN NULL ELSE 'x' END", "NULL"},
                {"CASE WHEN TRUE THEN 1 ELSE 2.5 END", "1.0"},
                {"CASE WHEN NULL THEN 1 ELSE 2 END", "2"}});
}

TEST(Cast, ConvertsNumbersAsJava) {
    expect_all({{"CAST(2147483648 AS INT)", "-2147483648"},
                {"CAST(3.99E0 AS INT)", "3"},
                {"CAST(-3.99E0 AS BIGINT)", "-3"},
                {"CAST(1E300 AS BIGINT)", "9223372036854775807"},
                {"CAST(-1E300 AS INT)", "-2147483648"},
                {"CAST(0E0 / 0 AS INT)", "0"},
                {"CAST(10.99 AS INT)", "10"},
                {"CAST(10.01 AS DOUBLE)", "10.01"},
                {"CAST(12345678901234567.89 AS DOUBLE)", "1.2345678901234568E16"},
                {"CAST(0.99E0 AS DECIMAL(2, 1))", "1.0"},
                {"CAST(0.1E0 AS DECIMAL(20, 19))", "0.1000000000000000000"},
                {"CAST(-0.05E0 AS DECIMAL(2, 1))", "-0.1"},
                {"CAST(10.12 AS DECIMAL(5, 3))", "10.120"},
                {"CAST(99.99 AS DECIMAL(3, 1))", "error: 99.99 does not fit into DECIMAL(3, 1)"},
                {"CAST(100 AS DECIMAL(2, 0))", "error: 100 does not fit into DECIMAL(2, 0)"},
                {"CAST(1E30 AS DECIMAL(20, 0))", "error: 1.0E30 does not fit into DECIMAL(20, 0)"},
                {"CAST(0E0 / 0 AS DECIMAL(2, 0))", "error: NaN does not fit into DECIMAL(2, 0)"}});
}

TEST(Cast, ReadsAndWritesText) {
    expect_all(
        {{"CAST('12' AS INT) + 1", "13"},
         {"CAST(' +12 ' AS BIGINT)", "12"},
         {"CAST('1.0' AS INT)", "error: not a INTEGER: '1.0'"},
         {"CAST('2147483648' AS INT)", "error: not a INTEGER: '2147483648'"},
         {"CAST('' AS INT)", "error: not a INTEGER: ''"},
         {"CAST('1e3' AS DOUBLE)", "1000.0"},
         {"CAST('-Infinity' AS DOUBLE)", "-Infinity"},
         {"CAST('1e999' AS DOUBLE)", "Infinity"},
         {"CAST('1e-999' AS DOUBLE)", "0.0"},
         {"CAST('x' AS DOUBLE)", "error: not a DOUBLE: 'x'"},
         {"CAST('0.99' AS DECIMAL(2, 1))", "1.0"},
         {"CAST('abc' AS DECIMAL(2, 1))", "error: not a DECIMAL(2, 1): 'abc'"},
         {"CAST('TrU' AS BOOLEAN)", "true"},
         {"CAST('whatever' AS BOOLEAN)", "false"},
         {"CAST(1.10 AS STRING)", "1.10"},
         {"CAST(1E7 AS STRING)", "1.0E7"},
         {"CAST(-12 AS STRING)", "-12"},
         {"CAST(1 = 1 AS STRING)", "true"},
         {"CAST('1970-01-02' AS DATE)", "1970-01-02"},
         {"CAST('1970-01' AS DATE)", "1970-01-01"},
         {"CAST('2001-02-29' AS DATE)", "error: not a DATE: '2001-02-29'"},
         {"CAST('foo' AS DATE)", "error: not a DATE: 'foo'"},
         {"CAST('10:15' AS TIME)", "10:15:00.000"},
         {"CAST('25:00' AS TIME)", "error: not a TIME: '25:00'"},
         {"CAST('2001-02-03T04:05:06.789' AS TIMESTAMP)", "2001-02-03T04:05:06.789"},
         {"CAST('2001-02-03T04:05Z' AS TIMESTAMP)", "2001-02-03T04:05:00.000"},
         {"CAST(CAST('2001-02-03T04:05' AS TIMESTAMP) AS STRING)", "2001-02-03T04:05:00.000"},
         {"CAST(CAST('2001-02-03' AS DATE) AS STRING)", "2001-02-03"},
         {"CAST(CAST('10:15' AS TIME) AS STRING)", "10:15"},
         {"CAST(CAST('10:15:00.5' AS TIME) AS STRING)", "10:15:00.500"},
         {"CAST(FROM_UNIXTIME(-1) AS DATE)", "1969-12-31"},
         {"CAST(FROM_UNIXTIME(-1) AS TIME)", "23:59:59.999"},
         {"CAST(FROM_DAYS(1) AS TIMESTAMP)", "1970-01-02T00:00:00.000"}});
}

TEST(StringFunctions, CountAsJava) {
    expect_all(
        {{"LEN('')", "0"},
         {"LEN('h\xC3\xA9t\xC3\xA9')", "4"},
         {"LEN('\xF0\x9F\x98\x80')", "2"},
         {"SUBSTRING('stream', 3)", "ream"},
         {"SUBSTRING('stream', 0, 2)", "st"},
         {"SUBSTRING('stream', -3)", "eam"},
         {"SUBSTRING('stream', -30, 2)", "st"},
         {"SUBSTRING('stream', 7)", ""},
         {"SUBSTRING('stream', 70, 3)", ""},
         {"SUBSTRING('stream', 2, 0)", ""},
         {"SUBSTRING('stream', 2, -1)", ""},
         {"SUBSTRING('stream', 2, 2147483647)", "tream"},
         {"SUBSTRING('h\xC3\xA9t\xC3\xA9', 2, 2)", "\xC3\xA9t"},
         {"SUBSTRING('a\xF0\x9F\x98\x80z', 2, 2)", "\xF0\x9F\x98\x80"},
         {"SUBSTRING('a\xF0\x9F\x98\x80z', 4)", "z"},
         {"SUBSTRING('a\xF0\x9F\x98\x80z', 2, 1)", ""},
         {"SUBSTRING('x', NULL)", "NULL"},
         {"UCASE('stra\xC3\x9F"
          "e \xC3\xA9')",
          "STRASSE \xC3\x89"},
         {"LCASE('\xC3\x89T\xC3\x89 \xD0\x96')", "\xC3\xA9t\xC3\xA9 \xD0\xB6"},
         {"UCASE('a text of more than twelve bytes')", "A TEXT OF MORE THAN TWELVE BYTES"},
         {"INITCAP('the qUICK fox')", "The Quick Fox"},
         {"TRIM('   ')", ""},
         {"TRIM('  a long text beyond twelve  ')", "a long text beyond twelve"},
         {"CONCAT('a', CAST(NULL AS STRING))", "a"},
         {"CONCAT(CAST(NULL AS STRING), NULL)", ""},
         {"'a' || 'b' || 'c'", "abc"},
         {"REPLACE('aaa', 'aa', 'b')", "ba"},
         {"REPLACE('ab', '', '-')", "-a-b-"},
         {"LPAD('foo', 7, 'Bar')", "BarBfoo"},
         {"RPAD('foo', 7, 'Bar')", "fooBarB"},
         {"LPAD('foo', 2, 'x')", "fo"},
         {"LPAD('foo', -1, 'x')", "NULL"},
         {"RPAD('foo', 5, '')", "NULL"},
         {"RPAD('x', 2147483647, 'y')", "error: padded length is above the limit: 2147483647"},
         {"INSTR('abc', 'd')", "0"},
         {"INSTR('\xC3\xA9t\xC3\xA9', 't')", "2"}});
}

TEST(MathFunctions, RoundTiesUp) {
    expect_all(
        {{"ROUND(2.5E0)", "3"},
         {"ROUND(-2.5E0)", "-2"},
         {"ROUND(0.49999999999999994E0)", "0"},
         {"ROUND(1E300)", "9223372036854775807"},
         {"ROUND(1.005E0, 2)", "1.01"},
         {"ROUND(-1.005E0, 2)", "-1.0"},
         {"ROUND(1234.567E0, -2)", "1200.0"},
         {"ROUND(1.234567E0, 10)", "1.234567"},
         {"ROUND(1.7E0, -2)", "0.0"},
         {"ROUND(2.5)", "3"},
         {"ROUND(-2.5)", "-2"},
         {"ROUND(-2.51)", "-3"},
         {"ROUND(2.345, 1)", "2.300"},
         {"ROUND(99.95, 1)", "error: 99.95 rounded does not fit into DECIMAL(4, 2)"},
         {"ROUND(12345678987654321.2345678987654321, 2)", "12345678987654321.2300000000000000"},
         {"ROUND(1250, -2)", "1300"},
         {"ROUND(-1250, -2)", "-1200"},
         {"ROUND(2147483647, -1)", "error: 2147483647 rounded does not fit into INTEGER"},
         {"ROUND(15, -3)", "0"},
         {"ABS(-2147483648)", "2147483648"},
         {"ABS(-1.50)", "1.50"},
         {"ABS(-0.5E0)", "0.5"},
         {"FLOOR(-1.5)", "-2.0"},
         {"FLOOR(7)", "7"},
         {"CEIL(1.1)", "2.0"},
         {"CEIL(9.9)", "error: 9.9 rounded does not fit into DECIMAL(2, 1)"},
         {"CEIL(-1.5E0)", "-1.0"},
         {"SIGN(-7)", "-1"},
         {"SQRT(-1)", "NaN"},
         {"LN(0)", "-Infinity"},
         {"GREATEST(1.0, 2.5, 2.0)", "2.5"},
         {"LEAST(NULL, 'a long text beyond twelve', 'b')", "a long text beyond twelve"},
         {"NULLIF(1, 2)", "1"},
         {"NULLIF(1, 1.0)", "NULL"}});
}

TEST(TimeFunctions, ReportWhatDoesNotFit) {
    expect_all({{"PARSE_TIMESTAMP('2018-05-11T21:58:33 PST', 'yyyy-MM-dd''T''HH:mm:ss zzz')",
                 "2018-05-12T04:58:33.000"},
                {"TIMESTAMPTOSTRING(1526075913000, 'yyyy-MM-dd HH:mm:ss zzz', "
                 "'America/Los_Angeles')",
                 "2018-05-11 14:58:33 PDT"},
                {"PARSE_TIMESTAMP('x', 'yyyy')",
                 "error: text does not fit the date pattern 'yyyy', expected 4 digits of the year "
                 "at position 1: 'x'"},
                {"FORMAT_TIMESTAMP(FROM_UNIXTIME(0), 'yyyy', 'Mars/Base')",
                 "error: unknown time zone: Mars/Base"},
                {"FORMAT_TIMESTAMP(FROM_UNIXTIME(0), 'ww')",
                 "error: unknown pattern letter 'w' at position 1 of the date pattern 'ww'"}});
}

}  // namespace
}  // namespace millrace::operators
