#include "operators/expression/timestamp_extractor.h"

#include <gtest/gtest.h>

#include "tests/operators/expression/mini_sql.h"

namespace millrace::operators {
namespace {

const std::vector<Field> kFields = {{"K", TypeKind::kString},
                                    {"MS", TypeKind::kBigint},
                                    {"AT", TypeKind::kString},
                                    {"TS", TypeKind::kTimestamp},
                                    {"D", TypeKind::kDouble}};

SchemaPtr schema() {
    return std::make_shared<const Schema>(
        Schema{.key = {kFields[0]}, .value = {kFields.begin() + 1, kFields.end()}, .window = {}});
}

TEST(TimestampExtractor, ReadsIntegersAndTimestamps) {
    const RowBatch rows = batch_of(kFields,
                                   {{"k", std::int64_t{5}, "", std::int64_t{6}, 0.0},
                                    {"k", std::int64_t{-1}, "", Value(), 0.0},
                                    {"k", Value(), "", std::int64_t{7}, 0.0}});
    std::vector<RowError> errors;
    const auto of_column = [&](std::size_t column) {
        errors.clear();
        return make_timestamp_extractor(schema(), column, std::nullopt).value()(rows, errors);
    };
    EXPECT_EQ(of_column(1)[0], 5);
    ASSERT_EQ(errors.size(), 2U);
    EXPECT_EQ(errors[0].row, 1U);
    EXPECT_EQ(errors[0].code, ErrorCode::kEvaluation);
    EXPECT_EQ(errors[0].message, "timestamp column MS: value is negative: -1");
    EXPECT_EQ(errors[1].message, "timestamp column MS: value is NULL");
    EXPECT_EQ(of_column(3)[2], 7);
    EXPECT_EQ(errors.size(), 1U);
}

TEST(TimestampExtractor, ReadsTextsByAPatternInUtc) {
    RowBatch rows = batch_of(kFields,
                             {{"k", Value(), "2001/01/10 18:20", Value(), 0.0},
                              {"k", Value(), "yesterday", Value(), 0.0},
                              {"k", Value(), "1969/12/31 23:59", Value(), 0.0},
                              {"k", Value(), "never read", Value(), 0.0}});
    rows.selection =
        std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{0, 1, 2});
    const auto extractor = make_timestamp_extractor(schema(), 2, "yyyy/MM/dd HH:mm").value();
    std::vector<RowError> errors;
    const auto times = extractor(rows, errors);
    ASSERT_EQ(times.size(), 4U);
    EXPECT_EQ(times[0], 979'150'800'000);
    ASSERT_EQ(errors.size(), 2U);
    EXPECT_EQ(errors[0].row, 1U);
    EXPECT_EQ(errors[1].message, "timestamp column AT: value is negative: -60000");
}

TEST(TimestampExtractor, RefusesColumnsAndFormatsThatDoNotFit) {
    const auto message = [](std::size_t column, const std::optional<std::string>& format) {
        const auto made = make_timestamp_extractor(schema(), column, format);
        EXPECT_EQ(made.error().code, ErrorCode::kSqlSemantic);
        return made.error().message;
    };
    EXPECT_EQ(message(2, std::nullopt),
              "a timestamp column of type STRING needs TIMESTAMP_FORMAT: AT STRING");
    EXPECT_EQ(message(1, "yyyy"),
              "TIMESTAMP_FORMAT is for timestamp columns of type STRING only: MS BIGINT");
    EXPECT_EQ(message(4, std::nullopt),
              "a timestamp column must be BIGINT, TIMESTAMP or STRING: D DOUBLE");
    EXPECT_EQ(message(2, "yyyy-QQ"),
              "unknown pattern letter 'Q' at position 6 of the date pattern 'yyyy-QQ'");
}

}  // namespace
}  // namespace millrace::operators
