#include "core/row/schema_config.h"

#include <string>

#include <gtest/gtest.h>

#include "core/row/record_headers.h"

namespace millrace {
namespace {

TopicSchema delays() {
    TopicSchema schema;
    schema.is_table = true;
    schema.schema.key = {{"ORIGIN", TypeKind::kString}};
    schema.schema.value = {
        {"FLIGHTS", TypeKind::kBigint},
        {"price", DataType::decimal(4, 2)},
        {"TAGS", DataType::array(TypeKind::kString)},
        {"AT",
         DataType::structure({{"lat", TypeKind::kDouble},
                              {"M", DataType::map(TypeKind::kString, TypeKind::kInt)}})}};
    schema.schema.window = {WindowKind::kTumbling, 86'400'000};
    schema.key.format = Format::kKafka;
    schema.value.format = Format::kDelimited;
    schema.value.delimiter = '\t';
    return schema;
}

TEST(SchemaConfig, DecodesWhatItEncodes) {
    const auto decoded = decode_topic_schema(encode_topic_schema(delays()));
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_EQ(decoded.value(), delays());
}

TEST(SchemaConfig, KeepsHeaderColumns) {
    TopicSchema schema = delays();
    schema.schema.headers = {{{"A", TypeKind::kBytes}, "a", 1}, {{"B", TypeKind::kBytes}, "", 4}};
    auto decoded = decode_topic_schema(encode_topic_schema(schema));
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_EQ(decoded.value(), schema);
    schema.schema.headers = {{{"ALL", record_headers_type()}, std::nullopt, 0}};
    decoded = decode_topic_schema(encode_topic_schema(schema));
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_EQ(decoded.value(), schema);
}

TEST(SchemaConfig, IsTheDocumentedText) {
    TopicSchema schema;
    schema.schema.key = {{"ID", TypeKind::kInt}};
    schema.schema.value = {{"NAME", TypeKind::kString}};
    schema.key.format = Format::kKafka;
    EXPECT_EQ(encode_topic_schema(schema),
              R"({"version":1,"kind":"stream",)"
              R"("key":{"format":"KAFKA","columns":[{"name":"ID","type":"INTEGER"}]},)"
              R"("value":{"format":"JSON","wrap_single_value":true,)"
              R"("columns":[{"name":"NAME","type":"STRING"}]}})");
}

TEST(SchemaConfig, RejectsBrokenDocuments) {
    EXPECT_EQ(decode_topic_schema("{").error().code, ErrorCode::kConfigInvalid);
    EXPECT_EQ(decode_topic_schema("{}").error().message,
              "millrace.schema: member \"version\" must be a number");
    EXPECT_EQ(decode_topic_schema(R"({"version":2})").error().code, ErrorCode::kNewerFormat);
    EXPECT_EQ(decode_topic_schema(R"({"version":1,"kind":"view"})").error().message,
              "millrace.schema: \"kind\" must be \"stream\" or \"table\": view");
    EXPECT_EQ(decode_topic_schema(R"({"version":1,"kind":"stream","key":{"format":"KAFKA",)"
                                  R"("columns":[{"name":"A","type":"INTT"}]}})")
                  .error()
                  .message,
              "millrace.schema: column A: type 'INTT': expected a type, found 'INTT'");
}

TEST(ParseType, ReadsEverySpelling) {
    const auto same = [](std::string_view text, const DataType& type) {
        const auto parsed = parse_type(text);
        ASSERT_TRUE(parsed.ok()) << parsed.error().message;
        EXPECT_EQ(parsed.value(), type) << text;
        EXPECT_EQ(parse_type(type.to_string()).value(), type);
    };
    same("int", TypeKind::kInt);
    same("VARCHAR", TypeKind::kString);
    same("varchar(255)", TypeKind::kString);
    same("DECIMAL(4, 2)", DataType::decimal(4, 2));
    same("dec(4)", DataType::decimal(4, 0));
    same("ARRAY<MAP<STRING, BIGINT>>",
         DataType::array(DataType::map(TypeKind::kString, TypeKind::kBigint)));
    same("STRUCT<a INT, `b` STRING>",
         DataType::structure({{"A", TypeKind::kInt}, {"b", TypeKind::kString}}));
    same("STRUCT< >", DataType::structure({}));
}

TEST(ParseType, SaysWhatItExpected) {
    EXPECT_EQ(parse_type("ARRAY<INT").error().message,
              "type 'ARRAY<INT': expected '>', found the end");
    EXPECT_EQ(parse_type("DECIMAL(39, 2)").error().message,
              "type 'DECIMAL(39, 2)': expected a number up to 38, found '39'");
    EXPECT_EQ(parse_type("INT INT").error().message,
              "type 'INT INT': expected the end of the type, found 'INT'");
    EXPECT_FALSE(parse_type("DECIMAL(2, 3)").ok());
    EXPECT_FALSE(parse_type("STRUCT<A INT, A INT>").ok());
    std::string deep;
    for (int i = 0; i < 40; ++i) {
        deep += "ARRAY<";
    }
    EXPECT_FALSE(parse_type(deep).ok());
}

}  // namespace
}  // namespace millrace
