// DELIMITED, KAFKA, NONE, names of formats, windowed keys.
#include "tests/core/row/row_test_support.h"

namespace millrace {
namespace {

using Kind = TypeKind;
const FormatSpec kDelimited{Format::kDelimited};
const FormatSpec kKafka{Format::kKafka};

TEST(Format, IsFoundByNameInAnyCase) {
    EXPECT_EQ(parse_format("json").value(), Format::kJson);
    EXPECT_EQ(parse_format("Delimited").value(), Format::kDelimited);
    EXPECT_EQ(parse_format("KAFKA").value(), Format::kKafka);
    EXPECT_EQ(parse_format("none").value(), Format::kNone);
    const auto unknown = parse_format("AVRO");
    ASSERT_FALSE(unknown.ok());
    EXPECT_EQ(unknown.error().code, ErrorCode::kConfigInvalid);
    EXPECT_EQ(unknown.error().message,
              "unknown format; there are JSON, DELIMITED, KAFKA and NONE: AVRO");
}

TEST(Delimited, ReadsEveryPlainType) {
    const std::vector<Field> fields{{"B", Kind::kBoolean},
                                    {"I", Kind::kInt},
                                    {"L", Kind::kBigint},
                                    {"D", Kind::kDouble},
                                    {"M", DataType::decimal(4, 2)},
                                    {"S", Kind::kString},
                                    {"Y", Kind::kBytes},
                                    {"DA", Kind::kDate},
                                    {"TI", Kind::kTime},
                                    {"TS", Kind::kTimestamp}};
    const Decoded decoded =
        decode(kDelimited, fields, {"True, 1,2 ,3,1.5,a b,AAE=,10,20,30\r\n", ",,,,,,,,,"});
    ASSERT_TRUE(decoded.errors.empty()) << decoded.errors[0].message;
    EXPECT_EQ(decoded.at(0), Value(true));
    EXPECT_EQ(decoded.at(1), Value(1));
    EXPECT_EQ(decoded.at(2), Value(std::int64_t{2}));
    EXPECT_EQ(decoded.at(3), Value(3.0));
    EXPECT_EQ(decoded.at(4), Value(Decimal{150, 2}));
    EXPECT_EQ(decoded.at(5), Value("a b"));
    EXPECT_EQ(decoded.at(6), Value(std::string("\0\1", 2)));
    EXPECT_EQ(decoded.at(7), Value(10));
    EXPECT_EQ(decoded.at(8), Value(20));
    EXPECT_EQ(decoded.at(9), Value(std::int64_t{30}));
    for (std::size_t i = 0; i < fields.size(); ++i) {
        EXPECT_TRUE(decoded.at(i, 1).is_null()) << i;
    }
}

TEST(Delimited, ReadsQuotedCells) {
    const std::vector<Field> fields{{"A", Kind::kString}, {"B", Kind::kString}};
    const Decoded decoded = decode(kDelimited,
                                   fields,
                                   {R"("a,b","say ""hi""")",
                                    "\"two\nlines\",\"\"",
                                    R"(a "b" c,d)",
                                    "\"a long cell with \"\"doubled\"\" quotes\",x"});
    ASSERT_TRUE(decoded.errors.empty());
    EXPECT_EQ(decoded.at(0, 0), Value("a,b"));
    EXPECT_EQ(decoded.at(1, 0), Value("say \"hi\""));
    EXPECT_EQ(decoded.at(0, 1), Value("two\nlines"));
    EXPECT_EQ(decoded.at(1, 1), Value(""));
    EXPECT_EQ(decoded.at(0, 2), Value("a \"b\" c"));
    EXPECT_EQ(decoded.at(0, 3), Value("a long cell with \"doubled\" quotes"));
}

TEST(Delimited, RefusesLinesThatDoNotFit) {
    const std::vector<Field> fields{{"A", Kind::kInt}, {"B", Kind::kString}};
    EXPECT_EQ(error_of(kDelimited, fields, "1"), "line has 1 values for 2 columns: 1");
    EXPECT_EQ(error_of(kDelimited, fields, "1,2,3"), "line has 3 values for 2 columns: 1,2,3");
    EXPECT_EQ(error_of(kDelimited, fields, "x,y"), "column A INTEGER: not a number: x");
    EXPECT_EQ(error_of(kDelimited, fields, "1,\"y"),
              "line is not DELIMITED: quote is not closed: 1,\"y");
    EXPECT_EQ(error_of(kDelimited, fields, "1,\"y\"z"),
              "line is not DELIMITED: text behind a closing quote: 1,\"y\"z");
    EXPECT_EQ(error_of(kDelimited, fields, "1,y\nz"),
              "line is not DELIMITED: line break outside quotes: 1,y\\x0az");
    EXPECT_EQ(error_of(kDelimited, fields, "1,\xff"), "column B STRING: not UTF-8: \\xff");
    EXPECT_EQ(error_of({Format::kDelimited}, {{"A", Kind::kBoolean}}, "yes"),
              "column A BOOLEAN: not true or false: yes");
}

TEST(Delimited, TakesAnotherDelimiterAndDecodesOnlyWhatIsWanted) {
    const std::vector<Field> fields{{"A", Kind::kInt}, {"B", Kind::kString}, {"C", Kind::kInt}};
    auto decoder = make_decoder({Format::kDelimited, '\t'}, fields, {false, true, false});
    const Decoded decoded = decode(*decoder.value(), {"x\ta,b\ty", "1\tc\t2"});
    EXPECT_TRUE(decoded.errors.empty());
    EXPECT_EQ(decoder.value()->fields_decoded(), 2U);
    EXPECT_EQ(decoded.columns[0], nullptr);
    EXPECT_EQ(decoded.at(1, 0), Value("a,b"));
    EXPECT_EQ(encode({Format::kDelimited, '|'}, fields, {1, "a|b", Value()}), "1|\"a|b\"|");
}

TEST(Delimited, QuotesWhereItMust) {
    const std::vector<Field> two{{"A", Kind::kString}, {"B", Kind::kString}};
    EXPECT_EQ(encode(kDelimited, two, {"a,b", "c\"d"}), "\"a,b\",\"c\"\"d\"");
    EXPECT_EQ(encode(kDelimited, two, {"x", ""}), "x,\"\"");
    EXPECT_EQ(encode(kDelimited, two, {"x", Value()}), "x,");
    EXPECT_EQ(encode(kDelimited, two, {" lead", "trail "}), "\" lead\",\"trail \"");
    EXPECT_EQ(encode(kDelimited, {{"A", Kind::kInt}}, {Value()}), std::nullopt);
    EXPECT_EQ(encode(kDelimited, {{"A", Kind::kDouble}}, {1e-5}), "1.0E-5");
    EXPECT_EQ(encode(kDelimited, {{"A", DataType::decimal(5, 2)}}, {Decimal{-100, 2}}),
              "\"-1.00\"");
    EXPECT_EQ(encode(kDelimited, {{"A", Kind::kInt}, {"B", Kind::kInt}}, {-5, -6}), "\"-5\",-6");
}

TEST(Delimited, SaysWhatItCannotHold) {
    const auto nested = make_decoder(kDelimited, {{"A", DataType::array(Kind::kInt)}}, {true});
    ASSERT_FALSE(nested.ok());
    EXPECT_EQ(nested.error().message,
              "The 'DELIMITED' format does not support type 'ARRAY', column: `A`");
    const auto quote = make_encoder({Format::kDelimited, '"'}, {{"A", Kind::kInt}});
    ASSERT_FALSE(quote.ok());
    EXPECT_EQ(quote.error().code, ErrorCode::kConfigInvalid);
}

TEST(Kafka, WritesAndReadsWhatKafkasSerializersDo) {
    EXPECT_EQ(encode(kKafka, {{"A", Kind::kInt}}, {258}), std::string("\0\0\1\2", 4));
    EXPECT_EQ(encode(kKafka, {{"A", Kind::kBigint}}, {std::int64_t{-2}}),
              "\xff\xff\xff\xff\xff\xff\xff\xfe");
    EXPECT_EQ(encode(kKafka, {{"A", Kind::kDouble}}, {1.0}),
              std::string("\x3f\xf0\0\0\0\0\0\0", 8));
    EXPECT_EQ(encode(kKafka, {{"A", Kind::kString}}, {"abc"}), "abc");
    EXPECT_EQ(encode(kKafka, {{"A", Kind::kString}}, {Value()}), std::nullopt);
    EXPECT_EQ(decode(kKafka, {{"A", Kind::kInt}}, {std::string("\0\0\1\2", 4)}).at(0), Value(258));
    EXPECT_EQ(
        decode(kKafka, {{"A", Kind::kDouble}}, {std::string("\x3f\xf0\0\0\0\0\0\0", 8)}).at(0),
        Value(1.0));
    EXPECT_EQ(decode(kKafka, {{"A", Kind::kBytes}}, {"\xff"}).at(0), Value("\xff"));
    EXPECT_EQ(decode(kKafka, {{"A", Kind::kString}}, {""}).at(0), Value(""));
    EXPECT_TRUE(decode(kKafka, {{"A", Kind::kString}}, {std::nullopt}).at(0).is_null());
}

TEST(Kafka, RefusesOtherSizesTypesAndSecondColumns) {
    EXPECT_EQ(error_of(kKafka, {{"A", Kind::kInt}}, "abc"),
              "column A INTEGER takes 4 bytes, not 3: abc");
    EXPECT_EQ(error_of(kKafka, {{"A", Kind::kString}}, "\xc0"),
              "column A STRING: not UTF-8: \\xc0");
    EXPECT_EQ(
        make_decoder(kKafka, {{"A", Kind::kInt}, {"b", Kind::kInt}}, {true, true}).error().message,
        "format KAFKA holds exactly one column, not 2: column `b` INTEGER");
    EXPECT_EQ(make_encoder(kKafka, {{"A", Kind::kTimestamp}}).error().code,
              ErrorCode::kNotSupported);
}

TEST(None, HoldsNothing) {
    const Decoded decoded = decode({Format::kNone}, {{"A", Kind::kInt}}, {"ignored", std::nullopt});
    EXPECT_TRUE(decoded.errors.empty());
    EXPECT_TRUE(decoded.at(0, 0).is_null());
    EXPECT_EQ(encode({Format::kNone}, {{"A", Kind::kInt}}, {1}), std::nullopt);
    EXPECT_EQ(encode({Format::kJson}, {}, {}), std::nullopt);
}

TEST(WindowedKey, IsThePlainKeyAndTheWindow) {
    Buffer key(std::string_view("k"));
    append_window(key, {WindowKind::kTumbling, 10}, 20, 30);
    EXPECT_EQ(key.text(), std::string_view("k\0\0\0\0\0\0\0\x14", 9));
    const auto split = split_window(key, {WindowKind::kTumbling, 10});
    ASSERT_TRUE(split.ok());
    EXPECT_EQ(as_text(split.value().key), "k");
    EXPECT_EQ(split.value().start_ms, 20);
    EXPECT_EQ(split.value().end_ms, 30);
}

TEST(WindowedKey, OfASessionHoldsItsEndFirst) {
    Buffer key;
    append_window(key, {WindowKind::kSession, 0}, 1, 2);
    EXPECT_EQ(key.text(), std::string_view("\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\1", 16));
    const auto split = split_window(key, {WindowKind::kSession, 0});
    EXPECT_EQ(split.value().start_ms, 1);
    EXPECT_EQ(split.value().end_ms, 2);
    EXPECT_TRUE(split.value().key.empty());
}

TEST(WindowedKey, RefusesBytesThatAreTooFew) {
    const auto split = split_window(as_bytes("1234567"), {WindowKind::kHopping, 10});
    ASSERT_FALSE(split.ok());
    EXPECT_EQ(split.error().code, ErrorCode::kUndecodableRow);
    EXPECT_EQ(split.error().message, "windowed key is shorter than its window's 8 bytes: 7");
    Buffer late;
    append_window(late, {WindowKind::kTumbling, 10}, INT64_MAX, 0);
    EXPECT_FALSE(split_window(late, {WindowKind::kTumbling, 10}).ok());
}

}  // namespace
}  // namespace millrace
