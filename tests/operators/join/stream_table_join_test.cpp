#include "operators/join/stream_table_join.h"

#include "tests/operators/operator_harness.h"

namespace millrace::operators {
namespace {

const Value kNull;

/// Flights by airport joined with airports; both keyed by the airport's code.
class FlightsJoin : public testing::TestWithParam<TypeKind> {
  public:
    static SchemaPtr flights(DataType key) {
        return make_schema({{"ORIGIN", std::move(key)}}, {{"DELAY", TypeKind::kBigint}});
    }
    static SchemaPtr airports(DataType key) {
        return make_schema({{"CODE", std::move(key)}},
                           {{"CITY", TypeKind::kString}, {"RUNWAYS", TypeKind::kInt}});
    }
    static StreamTableJoinSpec make_spec(JoinKind kind, const DataType& key) {
        return {.stream = flights(key),
                .table = airports(key),
                .kind = kind,
                .output = make_schema({{"ORIGIN", key}},
                                      {{"DELAY", TypeKind::kBigint},
                                       {"CODE", key},
                                       {"CITY", TypeKind::kString},
                                       {"RUNWAYS", TypeKind::kInt}}),
                .key_format = {.wrap_single = false},
                .table_name = "AIRPORTS"};
    }
    static OperatorHarness make(JoinKind kind, const DataType& key = TypeKind::kString) {
        return {make_stream_table_join(make_spec(kind, key)), {flights(key), airports(key)}};
    }
    static InputRow flight(const Value& origin, std::int64_t time, std::int64_t delay) {
        InputRow row{.port = 0, .time = time};
        add_value(row.values, origin);
        add_value(row.values, delay);
        return row;
    }
    static InputRow airport(const Value& code, const std::string& city, std::int32_t runways) {
        InputRow row{.port = 1, .time = 900'000};
        add_value(row.values, code);
        add_value(row.values, city);
        add_value(row.values, runways);
        return row;
    }
    static InputRow closed(const Value& code) {
        InputRow row{.port = 1, .has_value = false};
        add_value(row.values, code);
        return row;
    }
};

TEST_F(FlightsJoin, ShowsAStreamRowTheTableRowsBeforeIt) {
    const std::vector<InputRow> rows{flight("sfo", 1, 10),
                                     airport("sfo", "San Francisco", 4),
                                     flight("sfo", 2, 20),
                                     flight("oak", 3, 30),
                                     airport("sfo", "SF", 5),
                                     flight("sfo", 4, 40),
                                     closed("sfo"),
                                     flight("sfo", 5, 50)};
    OperatorHarness inner = make(JoinKind::kInner);
    inner.feed(rows);
    EXPECT_EQ(inner.out().lines, (Lines{"2 sfo | 20 sfo San Francisco 4", "4 sfo | 40 sfo SF 5"}));
    OperatorHarness left = make(JoinKind::kLeft);
    left.feed(rows);
    EXPECT_EQ(left.out().lines,
              (Lines{"1 sfo | 10 NULL NULL NULL",
                     "2 sfo | 20 sfo San Francisco 4",
                     "3 oak | 30 NULL NULL NULL",
                     "4 sfo | 40 sfo SF 5",
                     "5 sfo | 50 NULL NULL NULL"}));
}

TEST_F(FlightsJoin, DropsStreamRowsWithoutKeyOrValue) {
    for (const JoinKind kind : {JoinKind::kInner, JoinKind::kLeft}) {
        OperatorHarness harness = make(kind);
        InputRow no_value{.port = 0, .has_value = false};
        add_value(no_value.values, "sfo");
        harness.feed({airport("sfo", "SF", 1),
                      airport(kNull, "nowhere", 1),
                      flight(kNull, 1, 1),
                      no_value,
                      flight("sfo", 2, 2)});
        EXPECT_EQ(harness.out().lines, (Lines{"2 sfo | 2 sfo SF 1"}));
        EXPECT_EQ(harness.out().dropped,
                  (std::map<std::string, std::uint64_t>{{"null_key", 2}, {"null_value", 1}}));
    }
}

TEST_F(FlightsJoin, CountsMissesAgainstATableThatNeverHadARow) {
    OperatorHarness harness = make(JoinKind::kInner);
    harness.feed({flight("sfo", 1, 1), flight("oak", 1, 1)});
    EXPECT_EQ(harness.out().dropped["empty_table"], 2U);
    harness.feed(
        {airport("sfo", "SF", 1), flight("oak", 2, 2), closed("sfo"), flight("sfo", 3, 3)});
    EXPECT_EQ(harness.out().dropped["empty_table"], 2U);
}

TEST_F(FlightsJoin, KeepsTheTableOverARestart) {
    OperatorHarness harness = make(JoinKind::kInner);
    harness.feed({airport("sfo", "SF", 1), airport("oak", "Oakland", 2)});
    harness.barrier();
    harness.feed({closed("oak")});
    harness.barrier();
    harness.restart();
    harness.feed({flight("sfo", 1, 1), flight("oak", 2, 2)});
    EXPECT_EQ(harness.out().lines, (Lines{"1 sfo | 1 sfo SF 1"}));
    EXPECT_GT(harness.out().state_bytes, 0U);
    EXPECT_EQ(harness.out().dropped.count("empty_table"), 0U);
}

TEST_F(FlightsJoin, TakesColumnsThatNobodyDecoded) {
    OperatorHarness harness = make(JoinKind::kInner);
    auto table_rows = std::make_shared<RowBatch>(*harness.make_batch({airport("sfo", "SF", 3)}));
    table_rows->columns[1] = nullptr;
    const RowBatchPtr stream_rows = harness.make_batch({flight("sfo", 1, 1)});
    const auto spec = make_stream_table_join(make_spec(JoinKind::kInner, TypeKind::kString));
    const auto join = spec.value().factory(Partition{0});
    const std::vector<runtime::Run> runs{
        {.port = runtime::InputPort{1}, .rows = table_rows, .begin = 0, .end = 1},
        {.port = runtime::InputPort{0}, .rows = stream_rows, .begin = 0, .end = 1}};
    ASSERT_TRUE(join->process(runs, harness.out()).ok());
    EXPECT_EQ(harness.out().lines, (Lines{"1 sfo | 1 sfo NULL 3"}));
}

TEST_F(FlightsJoin, RefusesKeysOfDifferentTypes) {
    StreamTableJoinSpec spec = make_spec(JoinKind::kInner, TypeKind::kString);
    spec.table = airports(TypeKind::kInt);
    EXPECT_EQ(make_stream_table_join(spec).error().code, ErrorCode::kSqlSemantic);
    spec.table = make_schema({}, {});
    EXPECT_EQ(make_stream_table_join(spec).error().code, ErrorCode::kSqlSemantic);
    spec = make_spec(JoinKind::kInner, TypeKind::kString);
    spec.output = spec.stream;
    EXPECT_EQ(make_stream_table_join(spec).error().code, ErrorCode::kInvalidArgument);
}

TEST_P(FlightsJoin, OutputDoesNotDependOnHowRowsAreCutAndRestarted) {
    const DataType key_type(GetParam());
    SeededRandom random(5);
    std::vector<InputRow> rows;
    std::map<std::string, std::string> table;
    Lines inner;
    Lines left;
    for (int n = 0; n < 12'000; ++n) {
        const auto number = static_cast<std::int32_t>(random.below(200)) - 100;
        const std::string key_text = std::to_string(number);
        Value key;
        if (key_type.is(TypeKind::kInt)) {
            key.data = number;
        } else {
            key.data = key_text;
        }
        const std::uint64_t kind = random.below(10);
        if (kind == 0) {
            rows.push_back(closed(key));
            table.erase(key_text);
        } else if (kind < 4) {
            const std::string city(1 + random.below(30), static_cast<char>('a' + n % 26));
            rows.push_back(airport(key, city, n));
            table[key_text] = key_text + " " + city + " " + std::to_string(n);
        } else {
            rows.push_back(flight(key, n, n * 3));
            const std::string start =
                std::to_string(n) + " " + key_text + " | " + std::to_string(n * 3) + " ";
            if (table.contains(key_text)) {
                inner.push_back(start + table[key_text]);
                left.push_back(start + table[key_text]);
            } else {
                left.push_back(start + "NULL NULL NULL");
            }
        }
    }
    for (const Cut& cut : all_cuts()) {
        OperatorHarness inner_join = make(JoinKind::kInner, key_type);
        inner_join.feed(rows, cut);
        ASSERT_TRUE(inner_join.out().lines == inner) << "cut " << cut.seed;
        OperatorHarness left_join = make(JoinKind::kLeft, key_type);
        left_join.feed(rows, cut);
        ASSERT_TRUE(left_join.out().lines == left) << "cut " << cut.seed;
    }
}

INSTANTIATE_TEST_SUITE_P(Keys, FlightsJoin, testing::Values(TypeKind::kInt, TypeKind::kString));

}  // namespace
}  // namespace millrace::operators
