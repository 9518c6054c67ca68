#include <cmath>
#include <limits>

#include "tests/core/row/row_test_support.h"

namespace millrace {
namespace {

const FormatSpec kJson{};
const FormatSpec kBare{Format::kJson, ',', false};
using Kind = TypeKind;

Value read_as(const DataType& type, const std::string& json) {
    const Decoded decoded = decode(kJson, {{"A", type}}, {"{\"A\":" + json + "}"});
    EXPECT_TRUE(decoded.errors.empty()) << decoded.errors[0].message;
    return decoded.at(0);
}
std::string refusal(const DataType& type, const std::string& json) {
    return error_of(kJson, {{"A", type}}, "{\"A\":" + json + "}");
}

TEST(JsonDecoder, ReadsEveryPlainType) {
    EXPECT_EQ(read_as(Kind::kBoolean, "true"), Value(true));
    EXPECT_EQ(read_as(Kind::kInt, "-2147483648"), Value(std::numeric_limits<std::int32_t>::min()));
    EXPECT_EQ(read_as(Kind::kBigint, "9223372036854775807"),
              Value(std::numeric_limits<std::int64_t>::max()));
    EXPECT_EQ(read_as(Kind::kDouble, "1.5e3"), Value(1500.0));
    EXPECT_EQ(read_as(DataType::decimal(4, 2), "10.1"), Value(Decimal{1010, 2}));
    EXPECT_EQ(read_as(Kind::kString, "\"abc\""), Value("abc"));
    EXPECT_EQ(read_as(Kind::kBytes, "\"AAEC/w==\""), Value(std::string("\0\1\2\xff", 4)));
    EXPECT_EQ(read_as(Kind::kDate, "19000"), Value(19000));
    EXPECT_EQ(read_as(Kind::kTime, "86399999"), Value(86399999));
    EXPECT_EQ(read_as(Kind::kTimestamp, "-1"), Value(std::int64_t{-1}));
}

TEST(JsonDecoder, ReadsNestedTypes) {
    EXPECT_EQ(read_as(DataType::array(Kind::kInt), "[1, null, 3]"),
              Value(Value::List{1, Value(), 3}));
    EXPECT_EQ(read_as(DataType::map(Kind::kString, Kind::kDouble), R"({"a":1,"b":null})"),
              Value(Value::List{Value::List{"a", "b"}, Value::List{1.0, Value()}}));
    const DataType structure =
        DataType::structure({{"X", Kind::kInt}, {"Y", DataType::array(Kind::kString)}});
    EXPECT_EQ(read_as(structure, R"({"y":["p","q"],"other":{"deep":[1]},"x":1})"),
              Value(Value::List{1, Value::List{"p", "q"}}));
    EXPECT_EQ(
        read_as(DataType::array(structure), R"([{"x":1},null,{"y":[]}])"),
        Value(Value::List{Value::List{1, Value()}, Value(), Value::List{Value(), Value::List{}}}));
}

TEST(JsonDecoder, TurnsTextAndNumbersIntoEachOther) {
    EXPECT_EQ(read_as(Kind::kString, "1.50"), Value("1.50"));
    EXPECT_EQ(read_as(Kind::kString, "12345678901234567890123"), Value("12345678901234567890123"));
    EXPECT_EQ(read_as(Kind::kString, "true"), Value("true"));
    EXPECT_EQ(read_as(Kind::kString, R"({"b":[1, 2],"a":"x"})"), Value(R"({"b":[1, 2],"a":"x"})"));
    EXPECT_EQ(read_as(Kind::kInt, "\"42\""), Value(42));
    EXPECT_EQ(read_as(Kind::kBigint, "\"-42\""), Value(std::int64_t{-42}));
    EXPECT_EQ(read_as(Kind::kDouble, "\"1e2\""), Value(100.0));
    EXPECT_EQ(read_as(Kind::kDouble, "\"Infinity\""), Value(HUGE_VAL));
    EXPECT_EQ(read_as(DataType::decimal(5, 3), "\"1.5\""), Value(Decimal{1500, 3}));
    EXPECT_EQ(read_as(Kind::kInt, "5.0"), Value(5));
    EXPECT_EQ(read_as(Kind::kBigint, "12e3"), Value(std::int64_t{12000}));
}

TEST(JsonDecoder, RefusesValuesThatDoNotFitAndNamesFieldTypeAndText) {
    EXPECT_EQ(refusal(Kind::kInt, "1.5"), "column A INTEGER: not a whole number: 1.5");
    EXPECT_EQ(refusal(Kind::kInt, "2147483648"), "column A INTEGER: out of range: 2147483648");
    EXPECT_EQ(refusal(Kind::kBigint, "9223372036854775808"),
              "column A BIGINT: out of range: 9223372036854775808");
    EXPECT_EQ(refusal(Kind::kBigint, "1e400"), "column A BIGINT: out of range: 1e400");
    EXPECT_EQ(refusal(Kind::kBoolean, "1"),
              "column A BOOLEAN: a number cannot become that type: 1");
    EXPECT_EQ(refusal(Kind::kBoolean, "\"true\""),
              "column A BOOLEAN: a string cannot become that type: \"true\"");
    EXPECT_EQ(refusal(Kind::kInt, "true"),
              "column A INTEGER: a boolean cannot become that type: true");
    EXPECT_EQ(refusal(Kind::kInt, "[1]"),
              "column A INTEGER: an array cannot become that type: [1]}");
    EXPECT_EQ(refusal(Kind::kDouble, "\"x\\ny\""), "column A DOUBLE: not a number: \"x\\ny\"");
    EXPECT_EQ(refusal(DataType::decimal(4, 2), "1.234"),
              "column A DECIMAL(4, 2): more digits behind the point than the type has: 1.234");
    EXPECT_EQ(refusal(DataType::decimal(4, 2), "100"), "column A DECIMAL(4, 2): out of range: 100");
    EXPECT_EQ(refusal(Kind::kBytes, "\"***\""), "column A BYTES: not base64: \"***\"");
    EXPECT_EQ(refusal(Kind::kTime, "86400000"), "column A TIME: out of range: 86400000");
    EXPECT_EQ(refusal(DataType::array(Kind::kInt), "{}"),
              "column A ARRAY<INTEGER>: not an array: {}}");
    EXPECT_EQ(refusal(DataType::array(Kind::kInt), "[1,\"x\"]"),
              "column A ARRAY<INTEGER>: not a number: \"x\"");
    EXPECT_EQ(refusal(DataType::map(Kind::kString, Kind::kInt), R"({"a":1,"\u0061":2})"),
              "column A MAP<STRING, INTEGER>: a map has a key twice: 2");
    EXPECT_EQ(refusal(Kind::kString, R"("\ud800")"),
              "column A STRING: half of a surrogate pair: \"\\ud800\"");
}

TEST(JsonDecoder, MatchesNamesWithoutRegardToCaseButPrefersTheExactOne) {
    const std::vector<Field> fields{{"NAME", Kind::kInt}, {"name", Kind::kInt}};
    const Decoded decoded =
        decode(kJson, fields, {R"({"Name":1,"name":2})", R"({"NAME":3,"Name":4})"});
    EXPECT_EQ(decoded.at(0, 0), Value(1));
    EXPECT_EQ(decoded.at(1, 0), Value(2));
    EXPECT_EQ(decoded.at(0, 1), Value(3));
    EXPECT_TRUE(decoded.at(1, 1).is_null());
}

TEST(JsonDecoder, TakesTheLastOfEqualNames) {
    const std::vector<Field> fields{{"A", Kind::kInt}, {"L", DataType::array(Kind::kInt)}};
    const Decoded decoded = decode(
        kJson, fields, {R"({"a":null,"L":[1,2],"a":1,"L":[3]})", R"({"A":1,"A":null,"L":[4]})"});
    EXPECT_EQ(decoded.at(0, 0), Value(1));
    EXPECT_EQ(decoded.at(1, 0), Value(Value::List{3}));
    EXPECT_TRUE(decoded.at(0, 1).is_null());
    EXPECT_EQ(decoded.at(1, 1), Value(Value::List{4}));
}

TEST(JsonDecoder, ReadsEscapesInValuesAndNames) {
    const Decoded decoded = decode(kJson,
                                   {{"A/B", Kind::kString}},
                                   {R"({"a\/b":"q\" b\\ s\/ \b\f\n\r\t \u00e9 \ud83d\ude00"})"});
    EXPECT_EQ(decoded.at(0), Value("q\" b\\ s/ \b\f\n\r\t \xc3\xa9 \xf0\x9f\x98\x80"));
}

TEST(JsonDecoder, LongStringsPointIntoThePageUnlessTheyHaveEscapes) {
    const PagedRows rows({R"({"A":"a string of more than twelve bytes"})",
                          R"({"A":"an escape \n in a longer string"})"});
    auto decoder = make_decoder(kJson, {{"A", Kind::kString}}, {true});
    std::vector<ColumnPtr> columns;
    std::vector<RowError> errors;
    decoder.value()->decode(rows.payloads, rows.page, columns, errors);
    const auto in_page = [&](std::string_view text) {
        const char* begin = as_text(rows.page->view()).data();
        return text.data() >= begin && text.data() < begin + rows.page->size();
    };
    EXPECT_TRUE(in_page(columns[0]->text(0)));
    EXPECT_FALSE(in_page(columns[0]->text(1)));
    EXPECT_EQ(columns[0]->text(1), "an escape \n in a longer string");
}

TEST(JsonDecoder, BadRowsAreNullAndListedAndLeaveTheOthersAlone) {
    const std::vector<Field> fields{
        {"A", Kind::kInt}, {"L", DataType::array(Kind::kString)}, {"S", Kind::kString}};
    const Decoded decoded = decode(kJson,
                                   fields,
                                   {R"({"A":1,"L":["x"],"S":"s"})",
                                    R"({"A":2,"L":["y","z"],"S":"s"}x)",
                                    std::nullopt,
                                    "null",
                                    R"({"L":["w",{}],"A":3)",
                                    R"({"L":["w"],"A":"three"})",
                                    R"({"A":4,"L":["v"],"S":"t"})"});
    ASSERT_EQ(decoded.errors.size(), 3U);
    EXPECT_EQ(decoded.errors[0].row, 1U);
    EXPECT_EQ(decoded.errors[1].row, 4U);
    EXPECT_EQ(decoded.errors[2].row, 5U);
    EXPECT_EQ(decoded.errors[2].code, ErrorCode::kUndecodableRow);
    for (std::uint32_t row = 1; row < 6; ++row) {
        for (std::size_t column = 0; column < 3; ++column) {
            EXPECT_TRUE(decoded.at(column, row).is_null()) << row << ' ' << column;
        }
    }
    EXPECT_EQ(decoded.at(1, 0), Value(Value::List{"x"}));
    EXPECT_EQ(decoded.at(0, 6), Value(4));
    EXPECT_EQ(decoded.at(1, 6), Value(Value::List{"v"}));
    EXPECT_EQ(decoded.at(2, 6), Value("t"));
}

TEST(JsonDecoder, DecodesOnlyWhatIsWanted) {
    std::vector<Field> fields;
    std::string row = "{";
    for (int i = 0; i < 12; ++i) {
        const std::string name = "F" + std::to_string(i);
        fields.push_back({name, Kind::kBigint});
        row += (i == 0 ? "\"" : ",\"") + name + "\":" + std::to_string(i);
    }
    row += "}";
    std::vector<bool> wanted(12, false);
    wanted[1] = wanted[5] = wanted[11] = true;
    auto decoder = make_decoder(kJson, fields, wanted);
    const Decoded decoded = decode(*decoder.value(), {row, row, row, row, row});
    EXPECT_EQ(decoder.value()->fields_decoded(), 15U);
    EXPECT_EQ(decoded.columns[0], nullptr);
    EXPECT_EQ(decoded.at(11, 4), Value(std::int64_t{11}));
}

TEST(JsonDecoder, ChecksDocumentsToTheirEndAlsoWhereNobodyLooks) {
    const std::vector<Field> fields{{"A", Kind::kInt}};
    for (const char* valid : {R"({})",
                              R"( {"A":1} )",
                              R"({"b":[[],{},[{"c":[1.5e-7,true,null,"\u1234"]}]],"A":1})",
                              "{\n\t\"b\" :\r [ ] , \"A\" : 1 }"}) {
        EXPECT_EQ(error_of(kJson, fields, valid), "") << valid;
    }
    for (const char* broken : {"",
                               " ",
                               "{",
                               "}",
                               "[1]",
                               "1",
                               "nul",
                               "{\"A\"}",
                               "{\"A\":}",
                               "{\"A\":1,}",
                               "{,\"A\":1}",
                               "{\"A\":1 \"b\":2}",
                               "{\"A\":1}{}",
                               "{\"A\":1}}",
                               "{\"b\":{}",
                               "{\"b\":[}",
                               "{\"b\":[1,]}",
                               "{\"b\":[,1]}",
                               "{\"b\":{\"c\"}}",
                               "{\"b\":tru}",
                               "{\"b\":truee}",
                               "{\"b\":01}",
                               "{\"b\":-}",
                               "{\"b\":1.}",
                               "{\"b\":.5}",
                               "{\"b\":1e}",
                               "{\"b\":+1}",
                               "{\"b\":NaN}",
                               "{\"b\":'x'}",
                               "{b:1}",
                               "{\"b\":\"\\x\"}",
                               "{\"b\":\"\\u12g4\"}",
                               "{\"b\":\"a\nb\"}",
                               "{\"b\":\"open}",
                               "{\"b\":1}\f",
                               "{\"b\":1\f}",
                               "{\"b\":\"\xff\"}",
                               "{\"b\":\"c\":1}",
                               "{\"b\":\"c\" : {}},\"A\":1}",
                               "{\"A\":1]"}) {
        EXPECT_NE(error_of(kJson, fields, broken), "") << broken;
    }
}

TEST(JsonDecoder, DoesNotReadTheNextPayloadIntoAnOpenDocument) {
    const Decoded decoded = decode(
        kJson, {{"A", Kind::kInt}}, {R"({"A":1,"b":{})", "}", R"({"b":[{})", "]}", R"({"A":2})"});
    EXPECT_EQ(decoded.errors.size(), 4U);
    EXPECT_EQ(decoded.at(0, 4), Value(2));
}

TEST(JsonDecoder, BoundsTheDepth) {
    const auto nested = [](int depth) {
        return "{\"b\":" + std::string(static_cast<std::size_t>(depth), '[') +
               std::string(static_cast<std::size_t>(depth), ']') + "}";
    };
    EXPECT_EQ(error_of(kJson, {{"A", Kind::kInt}}, nested(127)), "");
    EXPECT_NE(error_of(kJson, {{"A", Kind::kInt}}, nested(128)), "");
    EXPECT_NE(error_of(kJson, {{"A", Kind::kInt}}, nested(100'000)), "");
    EXPECT_NE(error_of(kJson, {{"B", Kind::kString}}, nested(128)), "");
}

TEST(JsonDecoder, ReadsBareValues) {
    EXPECT_EQ(decode(kBare, {{"A", Kind::kInt}}, {" 7 "}).at(0), Value(7));
    EXPECT_EQ(decode(kBare, {{"A", Kind::kInt}}, {"12", "34"}).at(0), Value(12));
    EXPECT_EQ(decode(kBare, {{"A", Kind::kString}}, {"\"x\""}).at(0), Value("x"));
    EXPECT_EQ(decode(kBare, {{"A", DataType::array(Kind::kInt)}}, {"[1,2]"}).at(0),
              Value(Value::List{1, 2}));
    EXPECT_EQ(decode(kBare, {{"A", DataType::structure({{"B", Kind::kInt}})}}, {"{\"b\":1}"}).at(0),
              Value(Value::List{1}));
    EXPECT_TRUE(decode(kBare, {{"A", Kind::kInt}}, {"null"}).at(0).is_null());
    EXPECT_EQ(decode(kBare, {{"A", Kind::kString}}, {"[1, {}]"}).at(0), Value("[1, {}]"));
    EXPECT_NE(error_of(kBare, {{"A", Kind::kString}}, "[1, {}"), "");
    EXPECT_NE(error_of(kBare, {{"A", Kind::kInt}}, "7 7"), "");
    EXPECT_NE(error_of(kBare, {{"A", DataType::array(Kind::kInt)}}, "[1]]"), "");
    EXPECT_NE(error_of(kBare, {{"A", DataType::array(Kind::kInt)}}, "[1"), "");
}

TEST(JsonDecoder, SaysWhatItCannotHold) {
    const auto decoder =
        make_decoder(kJson, {{"m", DataType::map(Kind::kInt, Kind::kInt)}}, {true});
    ASSERT_FALSE(decoder.ok());
    EXPECT_EQ(decoder.error().code, ErrorCode::kNotSupported);
    EXPECT_EQ(decoder.error().message,
              "JSON only supports MAP types with STRING keys: column `m` MAP<INTEGER, INTEGER>");
}

TEST(JsonEncoder, WritesEveryTypeAsJavaWould) {
    const std::vector<Field> fields{{"B", Kind::kBoolean},
                                    {"I", Kind::kInt},
                                    {"D", Kind::kDouble},
                                    {"M", DataType::decimal(6, 3)},
                                    {"s\"x", Kind::kString},
                                    {"Y", Kind::kBytes},
                                    {"T", Kind::kTime},
                                    {"L", DataType::array(Kind::kDouble)},
                                    {"P", DataType::map(Kind::kString, Kind::kInt)},
                                    {"R", DataType::structure({{"A", Kind::kInt}})},
                                    {"N", Kind::kBigint}};
    EXPECT_EQ(encode(kJson,
                     fields,
                     {true,
                      -5,
                      1e10,
                      Decimal{-1500, 3},
                      "tab\t \x01 \xc3\xa9",
                      std::string("\0\xff", 2),
                      1000,
                      Value::List{1.0, std::nan(""), Value()},
                      Value::List{Value::List{"k"}, Value::List{1}},
                      Value::List{7},
                      Value()}),
              R"({"B":true,"I":-5,"D":1.0E10,"M":-1.500,"s\"x":"tab\t \u0001 )"
              "\xc3\xa9"
              R"(","Y":"AP8=","T":1000,"L":[1.0,"NaN",null],"P":{"k":1},"R":{"A":7},"N":null})");
}

TEST(JsonEncoder, WritesBareValues) {
    EXPECT_EQ(encode(kBare, {{"A", Kind::kString}}, {"x"}), "\"x\"");
    EXPECT_EQ(encode(kBare, {{"A", Kind::kInt}}, {Value()}), std::nullopt);
    EXPECT_EQ(encode(kJson, {{"A", Kind::kInt}}, {Value()}), "{\"A\":null}");
}

}  // namespace
}  // namespace millrace
