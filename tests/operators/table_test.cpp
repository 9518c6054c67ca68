#include "operators/table.h"

#include "tests/operators/operator_harness.h"

namespace millrace::operators {
namespace {

const Value kNull;

SchemaPtr cities() {
    return make_schema({{"CODE", TypeKind::kString}},
                       {{"CITY", TypeKind::kString}, {"SIZE", TypeKind::kInt}});
}
InputRow city(std::string_view code, std::string_view name, std::int32_t size) {
    return {.values = {code, name, size}};
}
InputRow gone(std::string_view code) {
    return {.values = {code}, .has_value = false};
}

OperatorHarness make_cities() {
    return {make_table({.schema = cities(), .key_format = {}, .name = "CITIES"}), {cities()}};
}

TEST(Table, EmitsEveryChangeWithTheRowBefore) {
    OperatorHarness harness = make_cities();
    harness.feed({city("sfo", "San Francisco", 1),
                  city("oak", "Oakland", 2),
                  city("sfo", "San Francisco, California", 3),
                  gone("sfo"),
                  gone("sfo"),
                  city("sfo", "S", 4)});
    EXPECT_EQ(harness.out().lines,
              (Lines{"0 sfo | San Francisco 1",
                     "0 oak | Oakland 2",
                     "0 sfo | San Francisco, California 3 (was San Francisco 1)",
                     "0 sfo | null (was San Francisco, California 3)",
                     "0 sfo | null",
                     "0 sfo | S 4"}));
}

TEST(Table, DropsNullKeysAndKeepsNullColumns) {
    OperatorHarness harness = make_cities();
    harness.feed(
        {{.values = {kNull, "x", 1}}, {.values = {"a", kNull, 1}}, {.values = {"a", "b", kNull}}});
    EXPECT_EQ(harness.out().lines, (Lines{"0 a | NULL 1", "0 a | b NULL (was NULL 1)"}));
    EXPECT_EQ(harness.out().dropped["null_key"], 1U);
}

TEST(Table, StagesOneDeltaPerChangedKeyAndForgetsRemovedKeys) {
    OperatorHarness harness = make_cities();
    harness.feed(
        {city("a", "1", 1), city("a", "2", 2), city("b", "3", 3), city("c", "4", 4), gone("c")});
    harness.barrier();
    EXPECT_EQ(harness.out().deltas.size(), 2U);  // c came and went unseen
    harness.feed({gone("b")});
    harness.barrier();
    EXPECT_EQ(harness.out().deltas.size(), 1U);
    harness.restart();
    harness.feed({city("b", "5", 5), city("a", "6", 6)});
    EXPECT_EQ(harness.out().lines.back(), "0 a | 6 6 (was 2 2)");
    EXPECT_EQ(harness.out().lines[harness.out().lines.size() - 2], "0 b | 5 5");
}

TEST(Table, DoesNotGrowWhenKeysComeAndGo) {
    OperatorHarness harness = make_cities();
    std::size_t early = 0;
    for (int n = 0; n < 3000; ++n) {
        const std::string key = "a rather long key number " + std::to_string(n);
        harness.feed({city(key, std::string(100, 'x'), n), gone(key)});
        harness.barrier();
        early = n == 300 ? harness.out().state_bytes : early;
    }
    EXPECT_TRUE(harness.out().deltas.empty());
    EXPECT_LE(harness.out().state_bytes, early + 200'000);
}

TEST(Table, KeepsNestedTypesOverARestart) {
    const SchemaPtr schema =
        make_schema({{"K", TypeKind::kBigint}},
                    {{"L", DataType::array(TypeKind::kString)},
                     {"M", DataType::map(TypeKind::kString, TypeKind::kInt)},
                     {"S", DataType::structure({{"A", TypeKind::kInt}, {"B", TypeKind::kDouble}})},
                     {"D", DataType::decimal(5, 2)},
                     {"T", TypeKind::kTimestamp}});
    using List = Value::List;
    const auto row = [](std::int64_t key, const std::string& text) {
        InputRow made;
        add_value(made.values, key);
        add_value(made.values, List{text, kNull, "c"});
        add_value(made.values, List{List{"k", "l"}, List{1, kNull}});
        add_value(made.values, List{7, 0.5});
        add_value(made.values, Decimal{.unscaled = 123, .scale = 2});
        add_value(made.values, std::int64_t{0});
        return made;
    };
    const InputRow nulls{.values = {std::int64_t{1}, kNull, kNull, kNull, kNull, kNull}};
    OperatorHarness harness(make_table({.schema = schema, .key_format = {}, .name = "T"}),
                            {schema});
    harness.feed({row(1, "a long text that is not inline"), row(2, "x"), row(-3, "")});
    harness.barrier();
    harness.restart();
    harness.feed({nulls, row(2, "y"), row(1, "z")});
    const std::string rest = "{A=7, B=0.5} 1.23 1970-01-01T00:00:00.000";
    const Lines& lines = harness.out().lines;
    ASSERT_EQ(lines.size(), 6U);
    EXPECT_NE(lines[3].find("(was [a long text that is not inline, NULL, c]"), std::string::npos)
        << lines[3];
    EXPECT_NE(lines[4].find("(was [x, NULL, c]"), std::string::npos) << lines[4];
    EXPECT_NE(lines[4].find(rest + " (was"), std::string::npos) << lines[4];
    EXPECT_NE(lines[5].find("(was NULL NULL NULL NULL NULL)"), std::string::npos) << lines[5];
}

TEST(Table, RefusesDeltasItCannotRead) {
    OperatorHarness harness = make_cities();
    EXPECT_EQ(harness.restore(0, "k", Buffer(std::string_view("\x09"))).error().code,
              ErrorCode::kNewerFormat);
    EXPECT_EQ(harness.restore(0, "k", Buffer(std::string_view("\x01\x01"))).error().code,
              ErrorCode::kCorruptJournal);
    EXPECT_EQ(harness.restore(3, "k", Buffer(std::string_view("\x01"))).error().code,
              ErrorCode::kCorruptJournal);
}

TEST(Table, NeedsAKeyAndAFormatForIt) {
    EXPECT_EQ(make_table({.schema = cities(), .key_format = {.format = Format::kNone}, .name = "T"})
                  .error()
                  .code,
              ErrorCode::kNotSupported);
    const SchemaPtr schema = make_schema({}, {{"A", TypeKind::kInt}});
    EXPECT_EQ(make_table({.schema = schema, .key_format = {}, .name = "T"}).error().code,
              ErrorCode::kInvalidArgument);
}

TEST(Table, OutputDoesNotDependOnHowRowsAreCutAndRestarted) {
    SeededRandom random(3);
    std::vector<InputRow> rows;
    std::map<std::string, std::string> table;
    Lines wanted;
    for (int n = 0; n < 12'000; ++n) {
        const std::string key = "k" + std::to_string(random.below(300));
        const std::string before =
            table.contains(key) ? " (was " + table[key] + ")" : std::string();
        if (random.below(4) == 0) {
            rows.push_back(gone(key));
            table.erase(key);
            wanted.push_back("0 " + key + " | null" + before);
            continue;
        }
        const std::string name(1 + random.below(30), static_cast<char>('a' + n % 26));
        rows.push_back(city(key, name, n));
        table[key] = name + " " + std::to_string(n);
        wanted.push_back("0 " + key + " | " + table[key] + before);
    }
    for (const Cut& cut : all_cuts()) {
        OperatorHarness harness = make_cities();
        harness.feed(rows, cut);
        ASSERT_TRUE(harness.out().lines == wanted) << "cut " << cut.seed;
    }
}

}  // namespace
}  // namespace millrace::operators
