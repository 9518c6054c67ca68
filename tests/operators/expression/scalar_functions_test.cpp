#include "operators/expression/scalar_functions.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/operators/expression/mini_sql.h"
#include "tests/support/test_data.h"

namespace millrace::operators {
namespace {

/// The row fails: NULL, and a report.
bool fails(std::string_view sql) {
    return result_of(sql).starts_with("error: ");
}

TEST(FunctionTable, RunsEveryDocumentedExample) {
    for (const FunctionDoc& doc : scalar_function_docs()) {
        if (doc.name != "RANDOM") {  // needs a query to draw from
            EXPECT_EQ(result_of(doc.example), doc.result) << doc.example;
        }
    }
}

TEST(FunctionTable, DocumentsEveryFunctionOnceInOrder) {
    std::vector<std::string_view> names;
    for (const ScalarFunction& function : scalar_functions()) {
        if (names.empty() || names.back() != function.name) {
            names.push_back(function.name);
        }
    }
    std::vector<std::string_view> documented;
    for (const FunctionDoc& doc : scalar_function_docs()) {
        documented.push_back(doc.name);
    }
    EXPECT_EQ(documented, names);
}

TEST(FunctionTable, IsWhatTheReferencePageShows) {
    const std::string path = test_data_path("../../docs/sql_functions.md");
    if (std::getenv("MILLRACE_UPDATE_DOCS") != nullptr) {
        std::ofstream(path) << function_reference();
    }
    std::stringstream page;
    page << std::ifstream(path).rdbuf();
    EXPECT_EQ(page.str(), function_reference())
        << "run this test once with MILLRACE_UPDATE_DOCS=1 to write the page anew";
}

TEST(Overloads, ExactTypesWinAndSeveralWideningsAreAmbiguous) {
    EXPECT_EQ(result_of("GREATEST(1, 2)"), "2");
    EXPECT_NE(result_of("GREATEST(1, 3000000000)").find("ambiguous"), std::string::npos);
    EXPECT_EQ(result_of("GREATEST(1, 3000000000, 1E0)"), "3.0E9");
    EXPECT_EQ(result_of("LN(1)"), "0.0");
    EXPECT_NE(result_of("LEAST(NULL, NULL)").find("ambiguous"), std::string::npos);
    EXPECT_NE(result_of("LEAST('a', 1)").find("does not accept parameters (STRING, INTEGER)"),
              std::string::npos);
    EXPECT_NE(result_of("LEAST()").find("does not accept parameters ()"), std::string::npos);
}

TEST(Overloads, DecimalsShareOneType) {
    EXPECT_EQ(result_of("GREATEST(1234567.89, 0.123456)"), "1234567.890000");
}

TEST(Overloads, TextsBecomeTimes) {
    EXPECT_EQ(result_of("GREATEST(PARSE_TIME('09:15', 'HH:mm'), '09:16:00')"), "09:16:00.000");
}

TEST(Overloads, VariablesBindThroughLists) {
    EXPECT_EQ(result_of("ARRAY_CONTAINS(GENERATE_SERIES(1, 3), 2)"), "true");
    EXPECT_EQ(result_of("ARRAY_CONTAINS(GENERATE_SERIES(CAST(1 AS BIGINT), CAST(3 AS BIGINT)), 2)"),
              "true");
    EXPECT_NE(result_of("ARRAY_CONTAINS(GENERATE_SERIES(1, 3), 'a')").find("does not accept"),
              std::string::npos);
    EXPECT_NE(result_of("ARRAY_LENGTH(NULL)").find("ambiguous"), std::string::npos);
}

TEST(StringFunctions, SearchBothWays) {
    EXPECT_EQ(result_of("INSTR('CORPORATE FLOOR', 'OR', 3)"), "5");
    EXPECT_EQ(result_of("INSTR('CORPORATE FLOOR', 'OR', 3, 2)"), "14");
    EXPECT_EQ(result_of("INSTR('CORPORATE FLOOR', 'OR', -3)"), "5");
    EXPECT_EQ(result_of("INSTR('CORPORATE FLOOR', 'MISSING')"), "0");
}

TEST(StringFunctions, SplitByNothingIntoCharacters) {
    EXPECT_EQ(result_of("SPLIT('aé€', '')"), "[a, é, €]");
    EXPECT_EQ(result_of("SPLIT('', '')"), "[]");  // one empty text
    EXPECT_EQ(result_of("ARRAY_LENGTH(SPLIT('', ''))"), "1");
    EXPECT_EQ(result_of("TO_JSON_STRING(SPLIT('..a', '.'))"), "[\"\",\"\",\"a\"]");
}

TEST(StringFunctions, ReadCodePoints) {
    EXPECT_EQ(result_of("CHR(22909)"), "好");
    EXPECT_EQ(result_of("CHR('\\ud820\\udeb8')"), "\xF0\x98\x8A\xB8");
    EXPECT_EQ(result_of("CHR('004b')"), "NULL");
    EXPECT_EQ(result_of("CHR(-1)"), "NULL");
}

TEST(Regexps, FollowJava) {
    EXPECT_EQ(result_of("REGEXP_EXTRACT('test.', 'some_test_string')"), "test_");
    EXPECT_EQ(result_of("REGEXP_EXTRACT('(?<=a)b', 'ab')"), "b");
    EXPECT_EQ(result_of("REGEXP_EXTRACT('(a)\\1', 'baac')"), "aa");
    EXPECT_EQ(result_of("TO_JSON_STRING(REGEXP_EXTRACT_ALL('a*', 'baa'))"), "[\"\",\"aa\",\"\"]");
    EXPECT_EQ(result_of("REGEXP_SPLIT_TO_ARRAY('abc', '')"), "[a, b, c]");
    EXPECT_TRUE(fails("REGEXP_EXTRACT('(', 'a')"));
    EXPECT_EQ(result_of("REGEXP_EXTRACT('a', 'a', 1)"), "NULL");
    EXPECT_TRUE(fails("REGEXP_EXTRACT('(?=(a+)+$)a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')"));
}

TEST(JsonText, KeepsNumbersAndIgnoresWhatFollows) {
    EXPECT_EQ(result_of("EXTRACTJSONFIELD('{\"a\": [1.23450]} x', '$.a[0]')"), "1.23450");
    EXPECT_EQ(result_of("EXTRACTJSONFIELD('{\"a\": {\"b\" : [ 1, \"x y\" ]}}', '$.a')"),
              "{\"b\":[1,\"x y\"]}");
    EXPECT_EQ(result_of("EXTRACTJSONFIELD('{\"a\": 1, \"a\": 2}', '$[''a'']')"), "2");
    EXPECT_EQ(result_of("EXTRACTJSONFIELD('[1]', '$[-1]')"), "NULL");
    EXPECT_EQ(result_of("JSON_CONCAT('[1, 2]', '3', '[]', '{\"a\": 1}')"), "[1,2,3,{\"a\":1}]");
    EXPECT_EQ(result_of("IS_JSON_STRING('abc')"), "false");
    EXPECT_EQ(result_of("TO_JSON_STRING(NULL)"), "null");
    EXPECT_EQ(result_of("TO_JSON_STRING(FROM_DAYS(1000))"), "\"1972-09-27\"");
}

TEST(Urls, ComeApart) {
    EXPECT_EQ(result_of("URL_EXTRACT_HOST('http://test@confluent.io:8080/x')"), "confluent.io");
    EXPECT_EQ(result_of("URL_EXTRACT_PROTOCOL('www.confluent.io')"), "NULL");
    EXPECT_EQ(result_of("URL_EXTRACT_QUERY('http://test@confluent.io:8080/path')"), "NULL");
    EXPECT_EQ(result_of("URL_EXTRACT_PATH('http://test.com')"), "");
    EXPECT_EQ(result_of("URL_EXTRACT_HOST('http://a b')"), "NULL");
    EXPECT_EQ(result_of("URL_EXTRACT_PARAMETER('http://t.com?a=1&b', 'b')"), "");
    EXPECT_TRUE(fails("URL_DECODE_PARAM('%4')"));
}

TEST(Lists, KeepNullsWhereTheyBelong) {
    EXPECT_EQ(result_of("ARRAY_CONCAT(CAST(NULL AS ARRAY<STRING>), SPLIT('a', ','))"), "[a]");
    EXPECT_EQ(result_of("SLICE(GENERATE_SERIES(1, 4), NULL, 2)"), "[1, 2]");
    EXPECT_EQ(result_of("SLICE(GENERATE_SERIES(1, 4), 2, 9)"), "NULL");
    EXPECT_TRUE(fails("GENERATE_SERIES(1, 5, 0)"));
    EXPECT_TRUE(fails("GENERATE_SERIES(1, 50000000)"));
    EXPECT_EQ(result_of("SPLIT_TO_MAP('a:1/a:2', '/', ':')"), "{a=2}");
    EXPECT_EQ(result_of("AS_MAP(SPLIT('a,b,a', ','), GENERATE_SERIES(1, 5))"), "{b=2, a=3}");
}

TEST(Times, ShiftAroundTheClock) {
    EXPECT_EQ(result_of("TIMESUB('MILLISECONDS', 10, PARSE_TIME('00:00', 'HH:mm'))"),
              "23:59:59.990");
    EXPECT_EQ(result_of("DATEADD('HOURS', 23, FROM_DAYS(1))"), "1970-01-02");
    EXPECT_EQ(result_of("CONVERT_TZ(FROM_UNIXTIME(100), 'America/Los_Angeles', "
                        "'America/New_York')"),
              "1970-01-01T03:00:00.100");
    EXPECT_NE(result_of("DATEADD(FROM_DAYS(1), 5, FROM_DAYS(1))")
                  .find("does not accept parameters (DATE, INTEGER, DATE)"),
              std::string::npos);
}

}  // namespace
}  // namespace millrace::operators
