#include "operators/aggregate.h"

#include <cmath>
#include <limits>
#include <set>

#include "tests/operators/operator_harness.h"

namespace millrace::operators {
namespace {

const Value kNull;
constexpr FormatSpec kJsonKey{.format = Format::kJson, .wrap_single = false};

struct Call {
    std::string function;
    std::optional<std::size_t> column;  // of the input
};

AggregateSpec make_spec(const SchemaPtr& input,
                        const std::vector<Call>& calls,
                        std::optional<WindowSpec> window = std::nullopt) {
    AggregateSpec spec;
    spec.input = input;
    std::vector<Field> results;
    for (const Call& call : calls) {
        std::vector<DataType> types;
        std::vector<std::size_t> args;
        if (call.column) {
            types.push_back(input->field(*call.column).type);
            args.push_back(*call.column);
        }
        spec.calls.push_back(bind_aggregate(call.function, types, args).value());
        results.push_back({"R" + std::to_string(results.size()), spec.calls.back().type});
    }
    spec.window = window;
    spec.output = make_schema(input->key,
                              std::move(results),
                              window ? WindowInfo{window->kind, window->size_ms} : WindowInfo{});
    spec.key_format = kJsonKey;
    return spec;
}

WindowSpec tumbling(std::int64_t size, std::int64_t grace) {
    return {.kind = WindowKind::kTumbling, .size_ms = size, .advance_ms = size, .grace_ms = grace};
}
WindowSpec hopping(std::int64_t size, std::int64_t advance, std::int64_t grace) {
    return {
        .kind = WindowKind::kHopping, .size_ms = size, .advance_ms = advance, .grace_ms = grace};
}

SchemaPtr who_and_amount() {
    return make_schema({{"WHO", TypeKind::kString}}, {{"AMOUNT", TypeKind::kBigint}});
}
InputRow amount(std::string_view who, std::int64_t time, std::int64_t amount) {
    return {.time = time, .values = {who, amount}};
}

class SumPerWho : public testing::Test {
  public:
    OperatorHarness make(std::optional<WindowSpec> window, Semantics semantics = Semantics::kSafe) {
        AggregateSpec spec = make_spec(who_and_amount(), {{"COUNT", {}}, {"SUM", 1}}, window);
        spec.semantics = semantics;
        return {make_aggregate(spec), {who_and_amount()}};
    }
};

TEST_F(SumPerWho, EmitsTheRunningValueOfEveryRow) {
    OperatorHarness harness = make(std::nullopt);
    harness.feed({amount("ana", 5, 1), amount("ben", 9, 10), amount("ana", 3, 2)});
    // The result's time is the largest of the group's rows.
    EXPECT_EQ(harness.out().lines, (Lines{"5 ana | 1 1", "9 ben | 1 10", "5 ana | 2 3"}));
}

TEST_F(SumPerWho, TakesLateRowsWithinGraceAndDropsThemAfter) {
    OperatorHarness harness = make(tumbling(10'000, 5'000));
    harness.feed({amount("ana", 0, 1),
                  amount("ben", 12'000, 1),   // stream time 12 s: [0,10) ends after 12 - 5
                  amount("ana", 9'000, 1),    // late but taken
                  amount("ben", 15'000, 1),   // closes [0,10)
                  amount("ana", 9'500, 1)});  // dropped
    EXPECT_EQ(harness.out().lines,
              (Lines{"0 [0,10000) ana | 1 1",
                     "12000 [10000,20000) ben | 1 1",
                     "9000 [0,10000) ana | 2 2",
                     "15000 [10000,20000) ben | 2 2"}));
    EXPECT_EQ(harness.out().dropped, (std::map<std::string, std::uint64_t>{{"late", 1}}));
}

TEST_F(SumPerWho, DecidesLatenessWithTheRowsOwnTimeIncluded) {
    OperatorHarness harness = make(tumbling(10, 0));
    harness.feed({amount("a", 9, 1), amount("a", 10, 1), amount("a", 9, 1), amount("a", 19, 1)});
    EXPECT_EQ(harness.out().lines,
              (Lines{"9 [0,10) a | 1 1", "10 [10,20) a | 1 1", "19 [10,20) a | 2 2"}));
}

TEST_F(SumPerWho, GivesOneResultPerHoppingWindowAscending) {
    OperatorHarness harness = make(hopping(10, 4, 100));
    harness.feed({amount("a", 9, 1), amount("a", 3, 10)});
    EXPECT_EQ(
        harness.out().lines,
        (Lines{"9 [0,10) a | 1 1", "9 [4,14) a | 1 1", "9 [8,18) a | 1 1", "9 [0,10) a | 2 11"}));
    EXPECT_EQ(
        harness.out().seqs,
        (std::vector<std::pair<std::uint64_t, std::uint32_t>>{{1, 0}, {1, 1}, {1, 2}, {2, 0}}));
}

TEST_F(SumPerWho, LetsALateRowIntoTheHoppingWindowsThatAreStillOpen) {
    OperatorHarness harness = make(hopping(10, 5, 0));
    harness.feed({amount("a", 21, 1), amount("a", 17, 1)});
    // [10,20) closed at 21; [15,25) is open.
    EXPECT_EQ(harness.out().lines,
              (Lines{"21 [15,25) a | 1 1", "21 [20,30) a | 1 1", "21 [15,25) a | 2 2"}));
    EXPECT_EQ(harness.out().dropped["late"], 1U);
}

TEST_F(SumPerWho, SplitsResultsIntoBatchesOfBoundedSize) {
    OperatorHarness harness = make(hopping(10'000, 1, 100'000));
    harness.feed({amount("a", 20'000, 1), amount("b", 20'001, 2), amount("a", 20'001, 1)});
    ASSERT_EQ(harness.out().lines.size(), 30'000U);  // the context checks sizes and order
    EXPECT_EQ(harness.out().lines.back(), "20001 [20001,30001) a | 1 1");
}

TEST_F(SumPerWho, ClosesOpenWindowsForGoodAtTheEndOfInputWhenSafe) {
    OperatorHarness harness = make(tumbling(10, 1000));
    harness.feed({amount("a", 5, 1), amount("a", 12, 1)});
    harness.end_of_input();
    harness.barrier();
    harness.restart();
    harness.feed({amount("a", 13, 1), amount("a", 6, 1), amount("a", 20, 1)});
    EXPECT_EQ(harness.out().lines,
              (Lines{"5 [0,10) a | 1 1", "12 [10,20) a | 1 1", "20 [20,30) a | 1 1"}));
    EXPECT_EQ(harness.out().dropped["late"], 2U);
}

TEST_F(SumPerWho, KeepsWindowsOpenAtTheEndOfInputUnderKsql) {
    OperatorHarness harness = make(tumbling(10, 1000), Semantics::kKsql);
    harness.feed({amount("a", 5, 1)});
    harness.end_of_input();
    harness.barrier();
    harness.restart();
    harness.feed({amount("a", 6, 1)});
    EXPECT_EQ(harness.out().lines.back(), "6 [0,10) a | 2 2");
}

TEST_F(SumPerWho, RemembersStreamTimeOverARestart) {
    OperatorHarness harness = make(tumbling(10, 0));
    harness.feed({amount("a", 100, 1)});
    harness.barrier();
    harness.restart();
    harness.feed({amount("a", 99, 1)});
    EXPECT_EQ(harness.out().lines.size(), 1U);
    EXPECT_EQ(harness.out().dropped["late"], 1U);
}

TEST_F(SumPerWho, DropsNullKeysNullValuesAndNegativeTimes) {
    OperatorHarness harness = make(tumbling(10, 0));
    harness.feed({{.time = 500, .values = {Value(), std::int64_t{1}}},
                  {.time = 600, .values = {"a"}, .has_value = false},
                  amount("a", -1, 1),
                  amount("a", 5, 1)});
    // None of the dropped rows moved stream time: 5 is not late.
    EXPECT_EQ(harness.out().lines, (Lines{"5 [0,10) a | 1 1"}));
    EXPECT_EQ(harness.out().dropped,
              (std::map<std::string, std::uint64_t>{
                  {"null_key", 1}, {"null_value", 1}, {"negative_time", 1}}));
}

TEST_F(SumPerWho, RemovesClosedWindowsFromMemoryAndFromItsDeltas) {
    OperatorHarness harness = make(tumbling(10, 20));
    std::size_t most = 0;
    for (std::int64_t t = 0; t < 20'000; t += 10) {
        std::vector<InputRow> rows;
        for (int k = 0; k < 20; ++k) {
            rows.push_back(amount("key-that-is-longer-" + std::to_string(t + k), t, 1));
        }
        harness.feed(rows);
        harness.barrier();
        if (t == 1000) {
            most = harness.out().state_bytes;
        }
    }
    EXPECT_LE(harness.out().state_bytes, most * 2);
    // Windows that end after stream time - grace, and the time itself.
    EXPECT_LE(harness.out().deltas.size(), 20U * 3 + 1);
}

TEST_F(SumPerWho, KeepsClosedWindowsForTheRetentionTime) {
    WindowSpec window = tumbling(10, 0);
    window.retention_ms = 100;
    OperatorHarness harness = make(window);
    harness.feed({amount("a", 5, 1), amount("a", 99, 1)});
    harness.barrier();
    EXPECT_EQ(harness.out().deltas.size(), 3U);
    harness.feed({amount("a", 100, 1)});
    harness.barrier();
    EXPECT_EQ(harness.out().deltas.size(), 3U);  // [90,100), [100,110), time
}

TEST_F(SumPerWho, TellsHowMuchStateItHolds) {
    OperatorHarness harness = make(std::nullopt);
    harness.feed({amount("a", 1, 1)});
    const std::size_t before = harness.out().state_bytes;
    std::vector<InputRow> rows;
    for (int i = 0; i < 10'000; ++i) {
        rows.push_back(amount("a-key-of-some-length-" + std::to_string(i), 1, 1));
    }
    harness.feed(rows);
    EXPECT_GE(harness.out().state_bytes, before + 10'000U * (24 + 48));
    EXPECT_LE(harness.out().state_bytes, before + 10'000U * 400);
}

TEST_F(SumPerWho, CarriesOldValuesForAFilterBehindIt) {
    AggregateSpec spec = make_spec(who_and_amount(), {{"COUNT", {}}, {"MAX", 1}});
    spec.emits_old_values = true;
    OperatorHarness harness(make_aggregate(spec), {who_and_amount()});
    harness.feed({amount("a", 1, 7), amount("b", 2, 1), amount("a", 3, 9)});
    EXPECT_EQ(harness.out().lines, (Lines{"1 a | 1 7", "2 b | 1 1", "3 a | 2 9 (was 1 7)"}));
}

TEST_F(SumPerWho, LeavesOutAndReportsWhatWouldOverflow) {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    OperatorHarness harness = make(hopping(10, 5, 100));
    harness.feed({amount("a", 7, kMax), amount("a", 8, 1), amount("a", 8, -1)});
    EXPECT_EQ(harness.out().lines[2], "8 [0,10) a | 2 9223372036854775807");
    EXPECT_EQ(harness.out().lines[5], "8 [5,15) a | 3 9223372036854775806");
    // Once for the row, though it overflowed in two windows.
    EXPECT_EQ(harness.out().errors, (Lines{"2: sum overflows and leaves this value out: BIGINT"}));
}

TEST_F(SumPerWho, RefusesDeltasItCannotRead) {
    OperatorHarness harness = make(std::nullopt);
    const Buffer newer(std::string_view("\x02rest"));
    EXPECT_EQ(harness.restore(0, "\"a\"", newer).error().code, ErrorCode::kNewerFormat);
    const Buffer cut(std::string_view("\x01zz"));
    EXPECT_EQ(harness.restore(0, "\"a\"", cut).error().code, ErrorCode::kCorruptJournal);
    EXPECT_EQ(harness.restore(1, "time", newer).error().code, ErrorCode::kNewerFormat);
    EXPECT_EQ(harness.restore(1, "time", cut).error().code, ErrorCode::kCorruptJournal);
    EXPECT_EQ(harness.restore(7, "x", cut).error().code, ErrorCode::kCorruptJournal);
}

TEST(AggregateBinding, NamesWhatDoesNotFit) {
    EXPECT_TRUE(is_aggregate_function("latest_by_offset"));
    EXPECT_FALSE(is_aggregate_function("UCASE"));
    const auto sum = bind_aggregate("SUM", {TypeKind::kString}, {1});
    EXPECT_EQ(sum.error().code, ErrorCode::kSqlSemantic);
    EXPECT_EQ(
        sum.error().message,
        "Function 'sum' does not accept parameters (STRING). It takes one of (INTEGER; BIGINT; "
        "DOUBLE; DECIMAL)");
    EXPECT_EQ(bind_aggregate("MIN", {TypeKind::kBoolean}, {1}).error().code,
              ErrorCode::kSqlSemantic);
    EXPECT_EQ(bind_aggregate("SUM", {}, {}).error().code, ErrorCode::kSqlSemantic);
    EXPECT_EQ(bind_aggregate("NOPE", {}, {}).error().code, ErrorCode::kSqlSemantic);
}

TEST(AggregateBinding, RefusesWindowsThatAreNone) {
    AggregateSpec spec = make_spec(who_and_amount(), {{"COUNT", {}}}, hopping(10, 20, 0));
    EXPECT_EQ(make_aggregate(spec).error().code, ErrorCode::kInvalidArgument);
    spec.window->kind = WindowKind::kSession;  // and the output's key is of a hopping one
    EXPECT_EQ(make_aggregate(spec).error().code, ErrorCode::kInvalidArgument);
}

// ---- every function over every type, with nulls, against Values compared one by one

struct TypeCase {
    DataType type;
    std::vector<Value> values;  // ascending, no nulls
};

std::vector<TypeCase> type_cases() {
    const auto decimal = [](int unscaled) { return Decimal{.unscaled = unscaled, .scale = 2}; };
    return {{TypeKind::kBoolean, {false, true}},
            {TypeKind::kInt, {-7, 0, 3, 1000}},
            {TypeKind::kBigint, {std::int64_t{-7}, std::int64_t{0}, std::int64_t{1} << 40}},
            {TypeKind::kDouble, {-2.5, -0.0, 0.0, 1.25, std::nan("")}},
            {DataType::decimal(6, 2), {decimal(-150), decimal(0), decimal(99)}},
            {TypeKind::kString,
             {"", "a", "a string that is longer than any inline one", "b", "\xC3\xA4"}},
            {TypeKind::kBytes, {"", "\x01", "\x7f", "\xff"}},
            {TypeKind::kDate, {-1, 0, 12'000}},
            {TypeKind::kTime, {0, 1, 86'399'999}},
            {TypeKind::kTimestamp, {std::int64_t{-5}, std::int64_t{0}, std::int64_t{1} << 41}}};
}

bool is_bound(std::string_view function, const DataType& type) {
    return bind_aggregate(function, {type}, {1}).ok();
}

/// The expected text after `seen` values (positions in the case's ascending values).
std::string expected(const std::string& function,
                     const TypeCase& type_case,
                     const std::vector<std::size_t>& seen) {
    if (function == "COUNT") {
        return std::to_string(seen.size());
    }
    if (function == "SUM" || function == "AVG") {
        double sum = 0;
        Int128 exact = 0;
        for (const std::size_t i : seen) {
            const Value& value = type_case.values[i];
            if (const auto* d = std::get_if<double>(&value.data)) {
                sum += *d;
            } else if (const auto* dec = std::get_if<Decimal>(&value.data)) {
                exact += dec->unscaled;
            } else if (const auto* n = std::get_if<std::int32_t>(&value.data)) {
                exact += *n;
            } else {
                exact += std::get<std::int64_t>(value.data);
            }
        }
        const bool is_double = type_case.type.is(TypeKind::kDouble);
        const bool is_decimal = type_case.type.is(TypeKind::kDecimal);
        if (function == "SUM") {
            return is_double    ? double_to_text(sum)
                   : is_decimal ? Decimal{exact, 2}.to_string()
                                : std::to_string(static_cast<std::int64_t>(exact));
        }
        const double total = is_double ? sum : static_cast<double>(exact) / (is_decimal ? 100 : 1);
        return double_to_text(seen.empty() ? 0.0 : total / static_cast<double>(seen.size()));
    }
    if (seen.empty()) {
        return "NULL";
    }
    const std::size_t picked = function == "MIN"   ? *std::min_element(seen.begin(), seen.end())
                               : function == "MAX" ? *std::max_element(seen.begin(), seen.end())
                               : function == "EARLIEST_BY_OFFSET" ? seen.front()
                                                                  : seen.back();
    return to_text(type_case.values[picked], type_case.type);
}

TEST(AggregateFunctions, GiveTheRightRunningValuesForAllTypesAndNulls) {
    const std::vector<std::string> functions{
        "COUNT", "SUM", "AVG", "MIN", "MAX", "EARLIEST_BY_OFFSET", "LATEST_BY_OFFSET"};
    std::set<std::string> tried;
    for (const TypeCase& type_case : type_cases()) {
        const SchemaPtr input = make_schema({{"K", TypeKind::kInt}}, {{"V", type_case.type}});
        std::vector<Call> calls;
        for (const std::string& function : functions) {
            if (is_bound(function, type_case.type)) {
                calls.push_back({function, 1});
                tried.insert(function + " " + type_case.type.to_string());
            }
        }
        SeededRandom random(7);
        std::map<int, std::vector<std::size_t>> seen;
        std::vector<InputRow> rows;
        Lines lines;
        for (int n = 0; n < 400; ++n) {
            const auto key = static_cast<std::int32_t>(random.below(5));
            const std::size_t pick = random.below(type_case.values.size() + 2);
            const bool is_null = pick >= type_case.values.size();
            InputRow row{.time = n};
            add_value(row.values, key);
            add_value(row.values, is_null ? kNull : type_case.values[pick]);
            rows.push_back(std::move(row));
            if (!is_null) {
                seen[key].push_back(pick);
            }
            std::string line = std::to_string(n) + " " + std::to_string(key) + " |";
            for (const Call& call : calls) {
                line += " " + expected(call.function, type_case, seen[key]);
            }
            lines.push_back(line);
        }
        for (const Cut& cut : all_cuts()) {
            OperatorHarness harness(make_aggregate(make_spec(input, calls)), {input});
            harness.feed(rows, cut);
            ASSERT_EQ(harness.out().lines, lines) << type_case.type.to_string();
            ASSERT_TRUE(harness.out().errors.empty());
        }
    }
    EXPECT_EQ(tried.size(), 10U + 4 + 4 + 9 + 9 + 10 + 10);
}

TEST(AggregateFunctions, SumsOfIntegersAndDecimalsStayInTheirType) {
    const SchemaPtr input = make_schema({{"K", TypeKind::kInt}},
                                        {{"I", TypeKind::kInt}, {"D", DataType::decimal(3, 1)}});
    OperatorHarness harness(make_aggregate(make_spec(input, {{"SUM", 1}, {"SUM", 2}})), {input});
    const auto row = [](std::int32_t i, int d) {
        return InputRow{.values = {1, i, Decimal{.unscaled = d, .scale = 1}}};
    };
    harness.feed({row(2'147'483'647, 999), row(1, 1), row(-1, -1)});
    EXPECT_EQ(harness.out().lines,
              (Lines{"0 1 | 2147483647 99.9", "0 1 | 2147483647 99.9", "0 1 | 2147483646 99.8"}));
    EXPECT_EQ(harness.out().errors,
              (Lines{"2: sum overflows and leaves this value out: INTEGER",
                     "2: sum overflows and leaves this value out: DECIMAL(3, 1)"}));
}

// ---- generated inputs against a row-at-a-time oracle

struct OracleGroup {
    std::int64_t time = 0;
    std::int64_t rows = 0;
    std::int64_t sum = 0;
    std::optional<std::string> least;
    std::optional<std::string> latest;
};

struct OracleResult {
    Lines lines;
    std::uint64_t late = 0;
};

OracleResult oracle(const std::vector<InputRow>& rows, const std::optional<WindowSpec>& window) {
    OracleResult result;
    std::map<std::pair<std::string, std::int64_t>, OracleGroup> groups;
    std::int64_t stream_time = -1;
    for (const InputRow& row : rows) {
        std::string key;
        for (std::size_t c = 0; c + 2 < row.values.size(); ++c) {
            const auto* text = std::get_if<std::string>(&row.values[c].data);
            key += " " + (text != nullptr
                              ? *text
                              : std::to_string(std::get<std::int64_t>(row.values[c].data)));
        }
        const Value& amount = row.values[row.values.size() - 2];
        const Value& name = row.values.back();
        stream_time = std::max(stream_time, row.time);
        const std::int64_t size = window ? window->size_ms : 0;
        const std::int64_t advance = window ? window->advance_ms : 1;
        for (std::int64_t start = 0; window ? start <= row.time : start == 0; start += advance) {
            if (window && start + size <= row.time) {
                continue;
            }
            if (window && start + size <= stream_time - *window->grace_ms) {
                ++result.late;
                continue;
            }
            OracleGroup& group = groups[{key, start}];
            group.time = std::max(group.time, row.time);
            ++group.rows;
            group.sum += amount.is_null() ? 0 : std::get<std::int64_t>(amount.data);
            if (!name.is_null()) {
                group.latest = std::get<std::string>(name.data);
                if (!group.least || *group.latest < *group.least) {
                    group.least = group.latest;
                }
            }
            result.lines.push_back(
                std::to_string(group.time) +
                (window ? " [" + std::to_string(start) + "," + std::to_string(start + size) + ")"
                        : "") +
                key + " | " + std::to_string(group.rows) + " " + std::to_string(group.sum) + " " +
                group.least.value_or("NULL") + " " + group.latest.value_or("NULL"));
        }
    }
    return result;
}

std::vector<InputRow> generate(bool has_wide_key, std::uint64_t seed, std::size_t count) {
    SeededRandom random(seed);
    std::vector<InputRow> rows;
    std::int64_t now = 0;
    for (std::size_t n = 0; n < count; ++n) {
        // Time goes on slowly, jumps now and then, and rows come up to 60 ms late.
        now += static_cast<std::int64_t>(random.below(2));
        if (random.below(500) == 0) {
            now += static_cast<std::int64_t>(random.below(100));
        }
        InputRow row;
        row.time = std::max<std::int64_t>(0, now - static_cast<std::int64_t>(random.below(60)));
        const auto key = static_cast<std::int64_t>(random.below(40) * random.below(40));
        add_value(row.values, key);
        if (has_wide_key) {
            add_value(row.values, "key \"" + std::string(random.below(30), 'x'));
        }
        const Value amount(static_cast<std::int64_t>(random.below(1000)) - 500);
        add_value(row.values, random.below(10) == 0 ? kNull : amount);
        const Value name(std::string(random.below(25), static_cast<char>('a' + random.below(26))) +
                         "!");
        add_value(row.values, random.below(10) == 0 ? kNull : name);
        rows.push_back(std::move(row));
    }
    return rows;
}

class AggregateInvariance
    : public testing::TestWithParam<std::pair<std::string, std::optional<WindowSpec>>> {};

TEST_P(AggregateInvariance, OutputIsTheOraclesHoweverRowsAreCutAndRestarted) {
    const std::optional<WindowSpec> window = GetParam().second;
    for (const bool has_wide_key : {false, true}) {
        std::vector<Field> key{{"K", TypeKind::kBigint}};
        if (has_wide_key) {
            key.push_back({"L", TypeKind::kString});
        }
        const std::size_t first = key.size();
        const SchemaPtr input =
            make_schema(key, {{"AMOUNT", TypeKind::kBigint}, {"NAME", TypeKind::kString}});
        const std::vector<InputRow> rows = generate(has_wide_key, 42, 12'000);
        const OracleResult wanted = oracle(rows, window);
        for (const Cut& cut : all_cuts()) {
            OperatorHarness harness(make_aggregate(make_spec(input,
                                                             {{"COUNT", {}},
                                                              {"SUM", first},
                                                              {"MIN", first + 1},
                                                              {"LATEST_BY_OFFSET", first + 1}},
                                                             window)),
                                    {input});
            harness.feed(rows, cut);
            ASSERT_TRUE(harness.out().lines == wanted.lines) << "cut " << cut.seed;
            ASSERT_EQ(harness.out().dropped["late"], wanted.late) << "cut " << cut.seed;
        }
        EXPECT_EQ(wanted.late > 0, window && *window->grace_ms < 50);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Windows,
    AggregateInvariance,
    testing::Values(std::pair("none", std::optional<WindowSpec>()),
                    std::pair("tumbling", std::optional(tumbling(10, 15))),
                    std::pair("tumbling_no_grace", std::optional(tumbling(7, 0))),
                    std::pair("hopping", std::optional(hopping(30, 7, 20))),
                    std::pair("hopping_long_grace", std::optional(hopping(20, 10, 100'000)))),
    [](const auto& param) { return std::string(param.param.first); });

}  // namespace
}  // namespace millrace::operators
