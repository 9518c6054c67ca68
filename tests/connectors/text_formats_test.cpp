// CSV records, JSON lines and typed texts, without files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/file/csv_reader.h"
#include "connectors/file/json_line.h"
#include "connectors/file/text_column.h"
#include "core/base/json.h"
#include "core/base/random.h"
#include "core/row/value.h"

namespace millrace::connectors {
namespace {

using testing::ElementsAre;
using Outcome = CsvReader::Outcome;

std::vector<std::string> fields_of(const CsvReader& reader) {
    std::vector<std::string> fields;
    for (const CsvField& field : reader.fields()) {
        fields.emplace_back(field.text);
    }
    return fields;
}

TEST(CsvReader, ReadsPlainAndQuotedFields) {
    CsvReader reader(',');
    EXPECT_EQ(reader.read("a,\"b,\"\"c\"\"\",,\"\"\r\nnext", false), Outcome::kRecord);
    EXPECT_THAT(fields_of(reader), ElementsAre("a", "b,\"c\"", "", ""));
    EXPECT_FALSE(reader.fields()[2].is_quoted);
    EXPECT_TRUE(reader.fields()[3].is_quoted);
    EXPECT_EQ(reader.consumed(), 17U);
    EXPECT_EQ(reader.lines(), 1U);
}

TEST(CsvReader, KeepsLineBreaksInsideQuotes) {
    CsvReader reader(';');
    EXPECT_EQ(reader.read("\"one\ntwo\";3\n", false), Outcome::kRecord);
    EXPECT_THAT(fields_of(reader), ElementsAre("one\ntwo", "3"));
    EXPECT_EQ(reader.lines(), 2U);
}

TEST(CsvReader, WaitsForTheRestOfARecord) {
    CsvReader reader(',');
    const std::string record = "a,\"b\"\"c\",d\r\n";
    for (std::size_t size = 0; size < record.size(); ++size) {
        EXPECT_EQ(reader.read(record.substr(0, size), false), Outcome::kIncomplete) << size;
    }
    EXPECT_EQ(reader.read(record, false), Outcome::kRecord);
    EXPECT_EQ(reader.read("a,\"b\"\r", true), Outcome::kRecord);
    EXPECT_THAT(fields_of(reader), ElementsAre("a", "b"));
}

TEST(CsvReader, GivesUpABrokenRecordAtItsFirstLine) {
    CsvReader reader(',');
    EXPECT_EQ(reader.read("a,\"b\"x\nc,d\n", true), Outcome::kBroken);
    EXPECT_EQ(reader.problem(), "column 2: text behind a closing quote");
    EXPECT_EQ(reader.consumed(), 7U);
    EXPECT_EQ(reader.read("\"never\nends", true), Outcome::kBroken);
    EXPECT_EQ(reader.problem(), "column 1: the quote never closes");
    EXPECT_EQ(reader.consumed(), 7U);
}

TEST(JsonLine, AgreesWithTheJsonParserOnMutatedObjects) {
    const std::string seed = R"({"a":[1,-2.5e+3,true],"b\u00e9":"x\n\ud83d\ude00","c":{"d":null}})";
    SeededRandom random(11);
    JsonLine line("a");
    int valid = 0;
    for (int i = 0; i < 20000; ++i) {
        std::string text = seed;
        for (std::uint64_t changes = random.below(3); changes > 0; --changes) {
            const std::size_t at = random.below(text.size());
            constexpr std::string_view kBytes = "{}[]\",:0123456789eE+-.\\untrfalse \xC3\xA9\x01";
            if (random.below(2) == 0) {
                text[at] = kBytes[random.below(kBytes.size())];
            } else {
                text.erase(at, 1 + random.below(3));
            }
        }
        const Result<Json> parsed = Json::parse(text);
        const bool is_duplicate =
            !parsed.ok() && parsed.error().message.find("given twice") != std::string::npos;
        if (is_duplicate) {
            continue;  // rows may repeat a name; settings may not
        }
        const bool is_object = parsed.ok() && parsed.value().if_object() != nullptr;
        EXPECT_EQ(line.read(text), is_object) << text << "\n" << line.problem();
        valid += is_object ? 1 : 0;
    }
    EXPECT_GT(valid, 1000);
}

TEST(JsonLine, SaysWhereItBreaks) {
    JsonLine line("");
    EXPECT_FALSE(line.read(R"({"a":01})"));
    EXPECT_EQ(line.problem(), "column 7: expected ',' or '}'");
    EXPECT_FALSE(line.read(R"({"a":"x)"));
    EXPECT_EQ(line.problem(), "column 8: expected a closing quote");
    EXPECT_FALSE(line.read(std::string(200, '[')));
    EXPECT_FALSE(line.read("{\"a\":" + std::string(200, '[')));
    EXPECT_THAT(line.problem(), testing::HasSubstr("at most 128 levels"));
}

std::string converted(const DataType& type, std::string_view text) {
    ColumnBuilder builder(type, 1);
    if (!set_from_text(builder, 0, text)) {
        return "no";
    }
    return to_text(value_at(*builder.finish(1), 0), type);
}

TEST(TextColumn, ReadsEveryPlainType) {
    EXPECT_EQ(converted(TypeKind::kBoolean, " True "), "true");
    EXPECT_EQ(converted(TypeKind::kBoolean, "1"), "no");
    EXPECT_EQ(converted(TypeKind::kInt, "+12"), "12");
    EXPECT_EQ(converted(TypeKind::kInt, "2147483648"), "no");
    EXPECT_EQ(converted(TypeKind::kBigint, "-9223372036854775808"), "-9223372036854775808");
    EXPECT_EQ(converted(TypeKind::kDouble, "-31.95376472"), "-31.95376472");
    EXPECT_EQ(converted(TypeKind::kDouble, "1x"), "no");
    EXPECT_EQ(converted(DataType::decimal(4, 2), "1.5"), "1.50");
    EXPECT_EQ(converted(DataType::decimal(4, 2), "1.505"), "no");
    EXPECT_EQ(converted(DataType::decimal(4, 2), "100"), "no");
    EXPECT_EQ(converted(TypeKind::kString, " x "), " x ");
    EXPECT_EQ(converted(TypeKind::kDate, "2024-02-29"), "2024-02-29");
    EXPECT_EQ(converted(TypeKind::kDate, "2023-02-29"), "no");
    EXPECT_NE(converted(TypeKind::kTime, "23:59:59.999"), "no");
    EXPECT_EQ(converted(TypeKind::kTime, "24:00"), "no");
    EXPECT_EQ(converted(TypeKind::kTimestamp, "1970-01-02T00:00:01Z"),
              converted(TypeKind::kTimestamp, "86401000"));
}

}  // namespace
}  // namespace millrace::connectors
