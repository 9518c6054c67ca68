#include "operators/map.h"

#include "operators/table.h"
#include "tests/operators/operator_harness.h"

namespace millrace::operators {
namespace {

const Value kNull;

SchemaPtr orders() {
    return make_schema({{"ID", TypeKind::kInt}},
                       {{"AMOUNT", TypeKind::kInt}, {"WHO", TypeKind::kString}});
}
InputRow order(const Value& id, const Value& amount, const Value& who) {
    InputRow row{.time = 7};
    add_value(row.values, id);
    add_value(row.values, amount);
    add_value(row.values, who);
    return row;
}
InputRow no_order(std::int32_t id) {
    InputRow row{.time = 7, .has_value = false};
    add_value(row.values, id);
    return row;
}
ExprPtr field(std::size_t i) {
    return column(i, orders()->field(i));
}
ExprPtr number(std::int32_t n) {
    return literal(n, TypeKind::kInt);
}
/// AMOUNT > 10
ExprPtr is_large() {
    return compare(CompareOp::kGreater, field(1), number(10)).value();
}
/// 100 / AMOUNT > 10: fails for 0
ExprPtr may_fail() {
    const ExprPtr quotient = arithmetic(ArithmeticOp::kDivide, number(100), field(1)).value();
    return compare(CompareOp::kGreater, quotient, number(10)).value();
}

OperatorHarness make_stream_filter(ExprPtr predicate) {
    return {make_filter(std::move(predicate), orders(), {}, false), {orders()}};
}

TEST(Filter, KeepsRowsForWhichThePredicateIsTrue) {
    OperatorHarness harness = make_stream_filter(is_large());
    harness.feed({order(1, 11, "a"),
                  order(2, 10, "b"),
                  order(3, kNull, "c"),
                  no_order(4),
                  order(kNull, 99, kNull)});
    EXPECT_EQ(harness.out().lines, (Lines{"7 1 | 11 a", "7 NULL | 99 NULL"}));
    EXPECT_EQ(harness.out().dropped["null_value"], 1U);
}

TEST(Filter, DropsAndReportsRowsThatFail) {
    OperatorHarness harness = make_stream_filter(may_fail());
    harness.feed({order(1, 5, "a"), order(2, 0, "b"), order(3, 4, "c")});
    EXPECT_EQ(harness.out().lines, (Lines{"7 1 | 5 a", "7 3 | 4 c"}));
    ASSERT_EQ(harness.out().errors.size(), 1U);
    EXPECT_EQ(harness.out().errors[0].substr(0, 3), "2: ");
}

TEST(Filter, MustBeBoolean) {
    EXPECT_EQ(make_filter(field(1), orders(), {}, false).error().code, ErrorCode::kSqlSemantic);
}

/// A table operator and a filter behind it.
class TableFilter : public testing::Test {
  public:
    TableFilter()
        : table_(make_table({.schema = orders(), .key_format = {}, .name = "ORDERS"}), {orders()}),
          filter_(make_filter(is_large(), orders(), {}, true).value().factory(Partition{0})) {}

    Lines feed(const std::vector<InputRow>& rows, const Cut& cut = {}) {
        table_.feed(rows, cut);
        for (const RowBatchPtr& batch : table_.out().batches) {
            const runtime::Run run{
                .port = runtime::InputPort{0}, .rows = batch, .begin = 0, .end = batch->selected()};
            EXPECT_TRUE(filter_->process({&run, 1}, filtered_).ok());
        }
        return filtered_.lines;
    }

  private:
    OperatorHarness table_;
    std::unique_ptr<runtime::Operator> filter_;
    CapturingContext filtered_;
};

TEST_F(TableFilter, TurnsNoLongerPassingIntoATombstoneAndIsSilentOtherwise) {
    EXPECT_EQ(feed({order(1, 5, "never in"),
                    order(2, 50, "in"),
                    order(2, 60, "stays"),
                    order(2, 6, "leaves"),
                    order(2, 7, "still out"),
                    order(2, 70, "back"),
                    no_order(2),
                    no_order(2),
                    no_order(1)}),
              (Lines{"7 2 | 50 in",
                     "7 2 | 60 stays (was 50 in)",
                     "7 2 | null (was 60 stays)",
                     "7 2 | 70 back",
                     "7 2 | null (was 70 back)"}));
}

TEST(FilterOfATable, SendsEveryTombstoneWhenOldValuesAreNotKnown) {
    OperatorHarness harness(make_filter(is_large(), orders(), {}, true), {orders()});
    harness.feed({order(1, 50, "in"), order(1, 5, "out"), no_order(2)});
    EXPECT_EQ(harness.out().lines, (Lines{"7 1 | 50 in", "7 1 | null", "7 2 | null"}));
}

TEST(Project, ComputesKeyAndValueColumnsAndCarriesTheRest) {
    ProjectSpec spec;
    spec.output = make_schema({{"WHO", TypeKind::kString}},
                              {{"ID", TypeKind::kInt}, {"NEXT", TypeKind::kInt}});
    spec.key = {field(2)};
    spec.value = {field(0), arithmetic(ArithmeticOp::kAdd, field(1), number(1)).value()};
    OperatorHarness harness(make_project(spec), {orders()});
    harness.feed({order(1, 5, "ana"), order(2, kNull, kNull), no_order(3)});
    EXPECT_EQ(harness.out().lines, (Lines{"7 ana | 1 6", "7 NULL | 2 NULL", "7 NULL | null"}));
}

TEST(Project, DropsNullValuesAndNullKeysWhenTold) {
    ProjectSpec spec;
    spec.output = make_schema({{"WHO", TypeKind::kString}}, {{"ID", TypeKind::kInt}});
    spec.key = {field(2)};
    spec.value = {field(0)};
    spec.keeps_null_values = false;
    spec.drops_null_keys = true;
    OperatorHarness harness(make_project(spec), {orders()});
    harness.feed({order(1, 5, "ana"), order(2, 5, kNull), no_order(3)});
    EXPECT_EQ(harness.out().lines, (Lines{"7 ana | 1"}));
    EXPECT_EQ(harness.out().dropped,
              (std::map<std::string, std::uint64_t>{{"null_key", 1}, {"null_value", 1}}));
}

TEST(Project, ReportsRowsThatFailAndLeavesThemNull) {
    ProjectSpec spec;
    spec.output = make_schema({{"ID", TypeKind::kInt}}, {{"Q", TypeKind::kInt}});
    spec.key = {field(0)};
    spec.value = {arithmetic(ArithmeticOp::kDivide, number(100), field(1)).value()};
    OperatorHarness harness(make_project(spec), {orders()});
    harness.feed({order(1, 5, "a"), order(2, 0, "b")});
    EXPECT_EQ(harness.out().lines, (Lines{"7 1 | 20", "7 2 | NULL"}));
    ASSERT_EQ(harness.out().errors.size(), 1U);
    EXPECT_EQ(harness.out().errors[0].substr(0, 3), "2: ");
}

TEST(Project, ProjectsOldValuesOfTables) {
    ProjectSpec spec;
    spec.output = make_schema({{"ID", TypeKind::kInt}}, {{"TWICE", TypeKind::kInt}});
    spec.key = {field(0)};
    spec.value = {arithmetic(ArithmeticOp::kMultiply, field(1), number(2)).value()};
    spec.is_table = true;
    const auto project = make_project(spec).value().factory(Partition{0});
    OperatorHarness table(make_table({.schema = orders(), .key_format = {}, .name = "T"}),
                          {orders()});
    table.feed({order(1, 5, "a"), order(1, 6, "a"), no_order(1)});
    CapturingContext out;
    const RowBatchPtr batch = table.out().batches[0];
    const runtime::Run run{
        .port = runtime::InputPort{0}, .rows = batch, .begin = 0, .end = batch->selected()};
    ASSERT_TRUE(project->process({&run, 1}, out).ok());
    EXPECT_EQ(out.lines, (Lines{"7 1 | 10", "7 1 | 12 (was 10)", "7 1 | null (was 12)"}));
}

TEST(Project, RefusesExpressionsThatDoNotFitTheColumns) {
    ProjectSpec spec;
    spec.output = make_schema({}, {{"Q", TypeKind::kString}});
    EXPECT_EQ(make_project(spec).error().code, ErrorCode::kInvalidArgument);
    spec.value = {field(1)};
    EXPECT_EQ(make_project(spec).error().code, ErrorCode::kInvalidArgument);
}

TEST(MapInvariance, OutputDoesNotDependOnHowRowsAreCut) {
    SeededRandom random(9);
    std::vector<InputRow> rows;
    Lines filtered;
    Lines projected;
    std::size_t errors = 0;
    for (int n = 0; n < 12'000; ++n) {
        const auto amount = static_cast<std::int32_t>(random.below(20));
        const Value who = "who-is-it-" + std::to_string(random.below(5));
        if (random.below(10) == 0) {
            rows.push_back(no_order(n));
            projected.push_back("7 NULL | null");
            continue;
        }
        rows.push_back(order(n, amount, who));
        const std::string text = std::to_string(n);
        const std::string who_text = std::get<std::string>(who.data);
        if (amount > 0 && 100 / amount > 10) {
            filtered.push_back("7 " + text + " | " + std::to_string(amount) + " " + who_text);
        }
        projected.push_back("7 " + who_text + " | " + text + " " +
                            (amount > 0 ? std::to_string(100 / amount) : "NULL"));
        errors += amount > 0 ? 0 : 1;
    }
    ProjectSpec spec;
    spec.output =
        make_schema({{"WHO", TypeKind::kString}}, {{"ID", TypeKind::kInt}, {"Q", TypeKind::kInt}});
    spec.key = {field(2)};
    spec.value = {field(0), arithmetic(ArithmeticOp::kDivide, number(100), field(1)).value()};
    for (const Cut& cut : all_cuts()) {
        OperatorHarness filter = make_stream_filter(may_fail());
        filter.feed(rows, cut);
        ASSERT_TRUE(filter.out().lines == filtered) << "cut " << cut.seed;
        ASSERT_EQ(filter.out().errors.size(), errors) << "cut " << cut.seed;
        OperatorHarness project(make_project(spec), {orders()});
        project.feed(rows, cut);
        // A tombstone's key expressions read columns that are null.
        ASSERT_TRUE(project.out().lines == projected) << "cut " << cut.seed;
        ASSERT_EQ(project.out().errors.size(), errors) << "cut " << cut.seed;
    }
}

}  // namespace
}  // namespace millrace::operators
