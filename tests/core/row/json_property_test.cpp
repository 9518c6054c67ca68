// Random rows: what is written reads back, and both ways of reading JSON agree on every document.
#include "core/base/json.h"
#include "core/row/format_factories.h"
#include "tests/core/row/random_rows.h"
#include "tests/core/row/row_test_support.h"

namespace millrace {
namespace {

constexpr std::uint64_t kSeed = 20'260'101;

void expect_round_trip(const FormatSpec& format,
                       const std::vector<Field>& fields,
                       RandomRows& random) {
    constexpr std::uint32_t kRows = 20;
    std::vector<ColumnPtr> columns;
    for (const Field& field : fields) {
        std::vector<Value> values;
        for (std::uint32_t row = 0; row < kRows; ++row) {
            values.push_back(random.value(field.type));
        }
        columns.push_back(column_of(field.type, values));
    }
    std::vector<std::uint32_t> rows(kRows);
    for (std::uint32_t row = 0; row < kRows; ++row) {
        rows[row] = row;
    }
    EncodedRows encoded;
    auto encoder = make_encoder(format, fields);
    ASSERT_TRUE(encoder.ok()) << encoder.error().message;
    encoder.value()->encode(columns, rows, encoded);
    std::vector<std::optional<std::string>> texts;
    for (std::uint32_t row = 0; row < kRows; ++row) {
        const auto bytes = encoded.row(row);
        texts.push_back(bytes ? std::optional<std::string>(as_text(*bytes)) : std::nullopt);
    }
    const Decoded decoded = decode(format, fields, texts);
    for (const RowError& error : decoded.errors) {
        ADD_FAILURE() << error.message << "\n" << *texts[error.row];
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
        for (std::uint32_t row = 0; row < kRows; ++row) {
            ASSERT_EQ(decoded.at(i, row), value_at(*columns[i], row))
                << fields[i].type.to_string() << "\n"
                << texts[row].value_or("null");
        }
    }
}

TEST(RoundTrip, JsonOfAnySchema) {
    for (std::uint64_t i = 0; i < 300; ++i) {
        SCOPED_TRACE("seed " + std::to_string(kSeed + i));
        RandomRows random(kSeed + i);
        expect_round_trip({}, random.fields(1 + random.below(8)), random);
        expect_round_trip({Format::kJson, ',', false}, random.fields(1), random);
    }
}

TEST(RoundTrip, DelimitedOfAnyPlainSchema) {
    for (std::uint64_t i = 0; i < 300; ++i) {
        SCOPED_TRACE("seed " + std::to_string(kSeed + i));
        RandomRows random(kSeed + i);
        std::vector<Field> fields;
        for (std::uint32_t count = 1 + random.below(8); count > 0; --count) {
            fields.push_back({"F" + std::to_string(count), random.plain_type()});
        }
        expect_round_trip({Format::kDelimited, random.one_in(2) ? ',' : '|'}, fields, random);
    }
}

TEST(RoundTrip, KafkaOfEveryTypeItHolds) {
    RandomRows random(kSeed);
    for (const TypeKind kind : {TypeKind::kInt,
                                TypeKind::kBigint,
                                TypeKind::kDouble,
                                TypeKind::kString,
                                TypeKind::kBytes}) {
        expect_round_trip({Format::kKafka}, {{"A", kind}}, random);
    }
}

TEST(JsonReaders, AgreeOnEveryDocument) {
    std::size_t accepted = 0;
    std::size_t refused = 0;
    for (std::uint64_t i = 0; i < 400; ++i) {
        SCOPED_TRACE("seed " + std::to_string(kSeed + i));
        RandomRows random(kSeed + i);
        std::vector<Field> fields;
        for (std::uint32_t count = 1 + random.below(8); count > 0; --count) {
            fields.push_back({"F" + std::to_string(count),
                              random.one_in(10) ? random.type(1) : random.plain_type()});
        }
        std::vector<bool> wanted;
        for (std::size_t field = 0; field < fields.size(); ++field) {
            // Nested fields are mostly skipped: wanted ones switch prediction off.
            wanted.push_back(!random.one_in(fields[field].type.is_nested() ? 2 : 4));
        }
        std::vector<std::optional<std::string>> texts;
        for (int row = 0; row < 50; ++row) {
            texts.emplace_back(random.document(fields));
        }
        auto fast = make_json_decoder({}, fields, wanted, JsonReading::kPredicting);
        auto general = make_json_decoder({}, fields, wanted, JsonReading::kGeneral);
        const Decoded by_fast = decode(*fast.value(), texts);
        const Decoded by_general = decode(*general.value(), texts);
        ASSERT_EQ(by_fast.errors.size(), by_general.errors.size());
        for (std::size_t e = 0; e < by_fast.errors.size(); ++e) {
            EXPECT_EQ(by_fast.errors[e].row, by_general.errors[e].row);
            EXPECT_EQ(by_fast.errors[e].message, by_general.errors[e].message);
        }
        for (std::size_t field = 0; field < fields.size(); ++field) {
            ASSERT_EQ(by_fast.columns[field] != nullptr, wanted[field]);
            for (std::uint32_t row = 0; wanted[field] && row < texts.size(); ++row) {
                ASSERT_EQ(by_fast.at(field, row), by_general.at(field, row))
                    << fields[field].name << ' ' << fields[field].type.to_string() << '\n'
                    << *texts[row];
            }
        }
        accepted += texts.size() - by_fast.errors.size();
        refused += by_fast.errors.size();
    }
    // The generator is worth something: neither side is rare.
    EXPECT_GT(accepted, 2000U);
    EXPECT_GT(refused, 2000U);
}

// With no column wanted what is left is the question whether a document is JSON; another parser
// answers it too.
TEST(JsonReaders, AcceptWhatAnotherParserAccepts) {
    const std::vector<Field> fields{{"A", TypeKind::kInt}, {"B", TypeKind::kString}};
    RandomRows random(kSeed);
    auto decoder = make_decoder({}, fields, {false, false});
    for (int i = 0; i < 20'000; ++i) {
        const std::string text = random.document(random.fields(1 + random.below(4)));
        const bool is_accepted = decode(*decoder.value(), {text}).errors.empty();
        const auto parsed = Json::parse(text);
        // That parser refuses numbers beyond a double and names given twice, which a row may have.
        const bool is_comparable =
            parsed.ok() || (parsed.error().message.find("twice") == std::string::npos &&
                            parsed.error().message.find("overflow") == std::string::npos);
        if (is_comparable) {
            ASSERT_EQ(is_accepted, parsed.ok() && parsed.value().if_object() != nullptr)
                << text << '\n'
                << (parsed.ok() ? "" : parsed.error().message);
        }
    }
}

}  // namespace
}  // namespace millrace
