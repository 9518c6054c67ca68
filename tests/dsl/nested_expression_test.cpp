#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/memory_files.h"
#include "core/base/random.h"
#include "core/row/value.h"
#include "dsl/binder.h"
#include "dsl/sql/parser.h"
#include "operators/expression/expression.h"
#include "operators/expression/lambda_functions.h"

namespace millrace::dsl {
namespace {

using List = Value::List;
using Texts = std::vector<std::string>;

Value null() {
    return {};
}
Value list(List items) {
    return Value(std::move(items));
}
Value map(List keys, List values) {
    return Value(List{Value(std::move(keys)), Value(std::move(values))});
}

DataType item_type() {
    return DataType::structure({{"NAME", TypeKind::kString}, {"N", TypeKind::kInt}});
}

Schema schema() {
    Schema made;
    made.value = {{"ID", TypeKind::kInt},
                  {"A", DataType::array(TypeKind::kInt)},
                  {"M", DataType::map(TypeKind::kString, TypeKind::kBigint)},
                  {"ST", item_type()},
                  {"AA", DataType::array(DataType::array(TypeKind::kInt))},
                  {"T", DataType::array(TypeKind::kString)},
                  {"ITEMS", DataType::array(item_type())}};
    return made;
}

const std::vector<List> kRows = {{1,
                                  list({3, 6, 2}),
                                  map({"a", "b"}, {std::int64_t{10}, std::int64_t{20}}),
                                  list({"x", 7}),
                                  list({list({1, 2}), list({3})}),
                                  list({"1", "a text that is longer than what fits inline"}),
                                  list({list({"p", 1}), list({"q", 2})})},
                                 {2, null(), null(), null(), null(), null(), null()},
                                 {3,
                                  list({null(), 5}),
                                  map({"c"}, {null()}),
                                  list({null(), null()}),
                                  list({null(), list({})}),
                                  list({"x"}),
                                  list({null()})}};

RowBatch rows() {
    RowBatch batch;
    const Schema columns = schema();
    batch.size = static_cast<std::uint32_t>(kRows.size());
    for (std::size_t c = 0; c < columns.size(); ++c) {
        ColumnBuilder builder(columns.field(c).type, batch.size);
        for (std::uint32_t r = 0; r < batch.size; ++r) {
            set_value(builder, r, kRows[r][c]);
        }
        batch.columns.push_back(builder.finish(batch.size));
    }
    return batch;
}

struct Outcome {
    std::string type;
    Texts texts;
    Texts errors;
};

Result<operators::ExprPtr> bound(const std::string& text) {
    const sql::SourceText source("t", "SELECT " + text + " FROM s;");
    MILLRACE_TRY(const auto statements, sql::parse(source));
    const auto& query = std::get<sql::Select>(statements.front().node).query;
    return bind(*query.items.front().expr, schema(), source);
}

Outcome evaluate(const RowBatch& batch, const std::string& text) {
    Outcome outcome;
    const auto expr = bound(text);
    EXPECT_TRUE(expr.ok()) << text << ": " << expr.error().message;
    if (!expr.ok()) {
        return outcome;
    }
    outcome.type = expr.value()->type.to_string();
    const auto program = operators::Program::compile({expr.value()});
    EXPECT_TRUE(program.ok()) << text << ": " << program.error().message;
    if (!program.ok()) {
        return outcome;
    }
    // Twice: nothing of a batch may stay behind.
    for (int round = 0; round < 2; ++round) {
        std::vector<ColumnPtr> outputs;
        std::vector<RowError> errors;
        program.value()->evaluate(batch, outputs, errors);
        Texts texts;
        for (std::uint32_t i = 0; i < batch.selected(); ++i) {
            texts.push_back(to_text(value_at(*outputs[0], batch.row(i)), expr.value()->type));
        }
        EXPECT_TRUE(round == 0 || texts == outcome.texts) << text;
        outcome.texts = std::move(texts);
        outcome.errors.clear();
        for (const RowError& error : errors) {
            outcome.errors.push_back(std::to_string(error.row) + ": " + error.message);
        }
    }
    return outcome;
}

Texts values(const std::string& text) {
    const Outcome outcome = evaluate(rows(), text);
    EXPECT_TRUE(outcome.errors.empty()) << text << ": " << outcome.errors.front();
    return outcome.texts;
}
std::string value(const std::string& text) {
    const Texts all = values(text);
    return all.empty() ? "" : all.front();
}
/// Of the first row, whatever fails elsewhere.
std::string first(const std::string& text) {
    const Outcome outcome = evaluate(rows(), text);
    return outcome.texts.empty() ? "" : outcome.texts.front();
}
std::string type(const std::string& text) {
    const auto expr = bound(text);
    return expr.ok() ? expr.value()->type.to_string() : expr.error().message;
}
std::string refusal(const std::string& text) {
    const auto expr = bound(text);
    EXPECT_FALSE(expr.ok()) << text;
    return expr.ok() ? "" : expr.error().message;
}
void expect_refusal(const std::string& text, const std::string& part) {
    const std::string message = refusal(text);
    EXPECT_NE(message.find(part), std::string::npos) << text << ": " << message;
}

TEST(NestedConstructors, MakeValues) {
    EXPECT_EQ(values("ARRAY[id, id + 1, NULL]"),
              (Texts{"[1, 2, NULL]", "[2, 3, NULL]", "[3, 4, NULL]"}));
    EXPECT_EQ(values("MAP('k' := id, 'l' := 5)"),
              (Texts{"{k=1, l=5}", "{k=2, l=5}", "{k=3, l=5}"}));
    EXPECT_EQ(values("STRUCT(x := id, y := a)"),
              (Texts{"{X=1, Y=[3, 6, 2]}", "{X=2, Y=NULL}", "{X=3, Y=[NULL, 5]}"}));
    EXPECT_EQ(value("ARRAY[STRUCT(a := 1), STRUCT(a := 1)]"), "[{A=1}, {A=1}]");
    EXPECT_EQ(value("STRUCT()"), "{}");
    EXPECT_EQ(values("ARRAY[t, ARRAY['z']]").front(),
              "[[1, a text that is longer than what fits inline], [z]]");
    EXPECT_EQ(value("MAP('k' := 1, 'l' := 2, 'k' := 3)"), "{k=3, l=2}");
}

TEST(NestedConstructors, BringElementsToOneType) {
    EXPECT_EQ(type("ARRAY[1, 2.5]"), "ARRAY<DECIMAL(11, 1)>");
    EXPECT_EQ(type("ARRAY[1, 9999999999]"), "ARRAY<BIGINT>");
    EXPECT_EQ(type("ARRAY[id, '7']"), "ARRAY<INTEGER>");
    EXPECT_EQ(value("ARRAY[id, '7']"), "[1, 7]");
    EXPECT_EQ(value("ARRAY['a', 7, TRUE]"), "[a, 7, true]");
    EXPECT_EQ(value("MAP('a' := TRUE, 10 := 'no')"), "{a=true, 10=false}");
    EXPECT_EQ(value("ARRAY[NULL, STRUCT(x := id, y := 1), STRUCT(y := id, z := 2)]"),
              "[NULL, {Y=1, Z=NULL, X=1}, {Y=1, Z=2, X=NULL}]");
    EXPECT_EQ(type("ARRAY[ARRAY[1], ARRAY[1E0]]"), "ARRAY<ARRAY<DOUBLE>>");
    expect_refusal("ARRAY[1, 'not a number']", "invalid input syntax for type INTEGER");
    expect_refusal("ARRAY[NULL, NULL]", "Cannot construct an array with all NULL elements");
    expect_refusal("ARRAY[id, t]", "operator does not exist: INTEGER = ARRAY<STRING> (T)");
    expect_refusal("MAP(NULL := 1)", "Cannot construct a map with all NULL keys");
    expect_refusal("STRUCT(x := 1, x := 2)", "Duplicate field names found in STRUCT: X");
}

TEST(NestedConstructors, KeepFailuresInTheirElement) {
    const Outcome outcome = evaluate(rows(), "ARRAY[44, 1 / (id - 1), CAST('x' AS INT)]");
    EXPECT_EQ(outcome.texts, (Texts{"[44, NULL, NULL]", "[44, 1, NULL]", "[44, 0, NULL]"}));
    EXPECT_EQ(outcome.errors.size(), 4U);
    EXPECT_EQ(evaluate(rows(), "STRUCT(x := 1 / (id - 1), y := 2)").texts.front(), "{X=NULL, Y=2}");
    EXPECT_EQ(evaluate(rows(), "MAP('k' := COALESCE(1 / (id - 1), 9))").texts.front(), "{k=NULL}");
}

TEST(NestedAccess, TakesElementsEntriesAndFields) {
    EXPECT_EQ(values("a[1]"), (Texts{"3", "NULL", "NULL"}));
    EXPECT_EQ(values("a[-1]"), (Texts{"2", "NULL", "5"}));
    EXPECT_EQ(values("a[id + 2]"), (Texts{"2", "NULL", "NULL"}));
    EXPECT_EQ(value("a[0]"), "NULL");
    EXPECT_EQ(value("a[-4]"), "NULL");
    EXPECT_EQ(values("aa[1][2]"), (Texts{"2", "NULL", "NULL"}));
    EXPECT_EQ(values("aa[2]"), (Texts{"[3]", "NULL", "[]"}));
    EXPECT_EQ(values("m['b']"), (Texts{"20", "NULL", "NULL"}));
    EXPECT_EQ(values("st->name"), (Texts{"x", "NULL", "NULL"}));
    EXPECT_EQ(values("st->n + 1"), (Texts{"8", "NULL", "NULL"}));
    EXPECT_EQ(values("items[-1]->name"), (Texts{"q", "NULL", "NULL"}));
    EXPECT_EQ(values("STRUCT(x := STRUCT(y := t))->x->y[2]").front(),
              "a text that is longer than what fits inline");
    expect_refusal(
        "st->nam",
        "unknown field NAM of ST (STRUCT<`NAME` STRING, `N` INTEGER>); did you mean NAME?");
    expect_refusal("id[1]", "only an ARRAY or a MAP takes [...]");
    expect_refusal("a['x']", "whole number");
    expect_refusal("id->x", "-> needs a STRUCT");
}

TEST(NestedAccess, WorksOnPartsOfABatch) {
    RowBatch some = rows();
    some.selection =
        std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{0, 2});
    EXPECT_EQ(evaluate(some, "ARRAY[a[2], id]").texts, (Texts{"[6, 1]", "[5, 3]"}));
    EXPECT_EQ(evaluate(some, "TRANSFORM(a, x => id)").texts, (Texts{"[1, 1, 1]", "[3, 3]"}));
    const std::vector<std::uint32_t> twice{2, 0, 0, 1};
    RowBatch shuffled = rows();
    for (ColumnPtr& column : shuffled.columns) {
        column = Column::dictionary(column, twice.data(), 4);
    }
    shuffled.size = 4;
    EXPECT_EQ(evaluate(shuffled, "st->n").texts, (Texts{"NULL", "7", "7", "NULL"}));
    EXPECT_EQ(evaluate(shuffled, "CAST(a AS ARRAY<STRING>)").texts,
              (Texts{"[NULL, 5]", "[3, 6, 2]", "[3, 6, 2]", "NULL"}));
    EXPECT_EQ(evaluate(shuffled, "REDUCE(a, id, (r, x) => x)").texts, (Texts{"5", "2", "2", "2"}));
    RowBatch constant = rows();
    for (ColumnPtr& column : constant.columns) {
        column = Column::constant(column, 0, 3);
    }
    EXPECT_EQ(evaluate(constant, "STRUCT(f := st->n, g := a)").texts[2], "{F=7, G=[3, 6, 2]}");
    EXPECT_EQ(evaluate(constant, "FILTER(a, x => x > id + 1)").texts,
              (Texts{"[3, 6]", "[3, 6]", "[3, 6]"}));
}

TEST(NestedComparison, ComparesByValue) {
    EXPECT_EQ(values("a = ARRAY[3, 6, 2]"), (Texts{"true", "false", "false"}));
    EXPECT_EQ(values("a <> ARRAY[3, 6, 2]"), (Texts{"false", "false", "true"}));
    EXPECT_EQ(values("st = STRUCT(name := 'x', n := 7)"), (Texts{"true", "false", "false"}));
    EXPECT_EQ(values("m IS DISTINCT FROM MAP('b' := 20, 'a' := 10)"),
              (Texts{"false", "true", "true"}));
    EXPECT_EQ(values("a IN (ARRAY[1], ARRAY['3', 6, 2])"), (Texts{"true", "false", "false"}));
    EXPECT_EQ(values("st IN (STRUCT(n := '7', name := 'x'), STRUCT(name := 'x', n := 7, o := 1))"),
              (Texts{"true", "false", "false"}));
    expect_refusal("st < st", "Cannot compare ST");
    expect_refusal("a IN (ARRAY[TRUE])",
                   "operator does not exist: ARRAY<INTEGER> = ARRAY<BOOLEAN> (ARRAY[true])");
    expect_refusal("a IN (ARRAY['x'])", "invalid input syntax for type INTEGER: \"x\"");
}

TEST(NestedCase, ChoosesNestedValues) {
    EXPECT_EQ(values("CASE WHEN id = 1 THEN ARRAY[9] WHEN id = 3 THEN a END"),
              (Texts{"[9]", "NULL", "[NULL, 5]"}));
    EXPECT_EQ(values("CASE id WHEN 1 THEN st ELSE STRUCT(name := 'none') END"),
              (Texts{"{NAME=x, N=7}", "{NAME=none, N=NULL}", "{NAME=none, N=NULL}"}));
}

TEST(NestedCast, CastsPartByPart) {
    EXPECT_EQ(values("CAST(a AS STRING)"), (Texts{"[3, 6, 2]", "NULL", "[null, 5]"}));
    EXPECT_EQ(values("CAST(st AS STRING)"), (Texts{"Struct{NAME=x,N=7}", "NULL", "Struct{}"}));
    EXPECT_EQ(values("CAST(m AS STRING)"), (Texts{"{a=10, b=20}", "NULL", "{c=null}"}));
    EXPECT_EQ(values("CAST(aa AS ARRAY<ARRAY<STRING>>)"),
              (Texts{"[[1, 2], [3]]", "NULL", "[NULL, []]"}));
    EXPECT_EQ(values("CAST(m AS MAP<STRING, INT>)"), (Texts{"{a=10, b=20}", "NULL", "{c=NULL}"}));
    EXPECT_EQ(values("CAST(st AS STRUCT<N STRING, o INT>)"),
              (Texts{"{N=7, O=NULL}", "NULL", "{N=NULL, O=NULL}"}));
    EXPECT_EQ(value("CAST(NULL AS ARRAY<INT>)"), "NULL");
    const Outcome failing = evaluate(rows(), "CAST(t AS ARRAY<INT>)");
    EXPECT_EQ(failing.texts, (Texts{"NULL", "NULL", "NULL"}));
    EXPECT_EQ(failing.errors.size(), 2U);
    expect_refusal("CAST('x' AS ARRAY<INT>)", "Cast of STRING to ARRAY<INTEGER> is not supported");
    expect_refusal("CAST(a AS MAP<STRING, INT>)", "is not supported");
}

TEST(Lambdas, TransformFilterAndReduceArrays) {
    EXPECT_EQ(values("TRANSFORM(a, x => x > 2)").back(), "[false, true]");
    EXPECT_EQ(values("FILTER(a, x => x > 2)"), (Texts{"[3, 6]", "NULL", "[5]"}));
    EXPECT_EQ(values("REDUCE(t, '', (r, x) => r + x)").back(), "x");
    EXPECT_EQ(first("REDUCE(a, 2, (r, x) => r + x)"), "13");
    EXPECT_EQ(type("TRANSFORM(a, x => CAST(x AS STRING))"), "ARRAY<STRING>");
    EXPECT_EQ(value("TRANSFORM(items, i => i->name)"), "[p, q]");
}

TEST(Lambdas, TransformFilterAndReduceMaps) {
    EXPECT_EQ(first("TRANSFORM(m, (k, v) => UCASE(k), (k, v) => v * 2)"), "{A=20, B=40}");
    EXPECT_EQ(value("FILTER(m, (k, v) => k = 'a' AND v < 15)"), "{a=10}");
    EXPECT_EQ(first("REDUCE(m, CAST(1 AS BIGINT), (r, k, v) => r + v)"), "31");
    const Outcome doubled = evaluate(rows(), "TRANSFORM(m, (k, v) => 'same', (k, v) => v)");
    EXPECT_EQ(doubled.texts, (Texts{"NULL", "NULL", "NULL"}));
    EXPECT_EQ(doubled.errors,
              (Texts{"0: TRANSFORM made the same key twice",
                     "2: TRANSFORM made a NULL value for a MAP"}));
}

TEST(Lambdas, SeeColumnsAndTheLambdasAround) {
    EXPECT_EQ(first("TRANSFORM(a, x => x * id + st->n)"), "[10, 13, 9]");
    EXPECT_EQ(value("TRANSFORM(aa, x => TRANSFORM(x, y => y + x[1] + id))"), "[[3, 4], [7]]");
    EXPECT_EQ(value("TRANSFORM(aa, x => REDUCE(x, id, (r, x) => r + x))"), "[4, 4]");
}

TEST(Lambdas, FailTheRowOnNullOperandsAndFailures) {
    const Outcome sums = evaluate(rows(), "TRANSFORM(a, x => x + 5)");
    EXPECT_EQ(sums.texts, (Texts{"[8, 11, 7]", "NULL", "NULL"}));
    EXPECT_EQ(sums.errors, (Texts{"2: NULL in the arithmetic of a lambda"}));
    EXPECT_EQ(evaluate(rows(), "REDUCE(a, 0, (r, x) => r + x)").texts, (Texts{"11", "0", "NULL"}));
    EXPECT_EQ(evaluate(rows(), "TRANSFORM(a, x => 6 / (x - 3))").texts.front(), "NULL");
    EXPECT_EQ(values("REDUCE(a, CAST(NULL AS INT), (r, x) => r + x)"),
              (Texts{"NULL", "NULL", "NULL"}));
    EXPECT_EQ(evaluate(rows(), "FILTER(a, x => x / 0 > 1)").texts.front(), "NULL");
}

TEST(Lambdas, AreChecked) {
    expect_refusal("TRANSFORM(a, (x, y) => x)", "needs 1 variables, found 2");
    expect_refusal("ABS(x => x)", "takes no lambda");
    expect_refusal("FILTER(a, x => x + 1)", "must give BOOLEAN");
    expect_refusal("REDUCE(a, 0, (r, x) => 'x')", "must give INTEGER");
    expect_refusal("REDUCE(m, 0, (r, r, v) => v)", "two variables R");
    expect_refusal("TRANSFORM(id, x => x)", "does not accept parameters");
    expect_refusal("TRANSFORM(a)", "does not accept parameters");
    expect_refusal("TRANSFORM(a, x => NULL)", "gives NULL only");
}

TEST(Lambdas, HaveWorkingExamples) {
    for (const operators::FunctionDoc& doc : operators::lambda_function_docs()) {
        EXPECT_EQ(value(std::string(doc.example)), doc.result) << doc.name;
    }
}

TEST(RowTimes, AreComparedWithTextLiterals) {
    EXPECT_EQ(type("ROWTIME > '2019-01-01T00:00:00'"), "BOOLEAN");
    EXPECT_EQ(type("ROWTIME BETWEEN '2019' AND '2020-02'"), "BOOLEAN");
    expect_refusal("ROWTIME > 'soon'", "cannot read as TIMESTAMP");
}

TEST(NestedLambdas, DrawAnewForEveryElement) {
    MemoryFileSystem files;
    ManualClock clock(1'000);
    SeededRandom random(1);
    ManualIoExecutor io(clock);
    Logger logger(clock, LogLevel::kOff, [](LogLevel, std::string_view) {});
    const Env env{files, clock, random, io, logger};
    for (const std::string text :
         {"TRANSFORM(GENERATE_SERIES(1, 8), x => RANDOM())",
          "TRANSFORM(FILTER(GENERATE_SERIES(1, 8), x => RANDOM() < 2), x => RANDOM() + x - x)",
          "REDUCE(GENERATE_SERIES(1, 8), ARRAY[RANDOM()], (s, x) => ARRAY_CONCAT(s, "
          "ARRAY[RANDOM()]))"}) {
        const auto expr = bound(text);
        ASSERT_TRUE(expr.ok()) << text << ": " << expr.error().message;
        const auto program = operators::Program::compile({operators::with_env(expr.value(), env)});
        ASSERT_TRUE(program.ok());
        std::vector<ColumnPtr> outputs;
        std::vector<RowError> errors;
        program.value()->evaluate(rows(), outputs, errors);
        EXPECT_TRUE(errors.empty()) << text << ": " << errors.front().message;
        std::set<double> drawn;
        std::size_t all = 0;
        for (std::uint32_t row = 0; row < 2; ++row) {
            const Value made = value_at(*outputs[0], row);
            for (const Value& item : std::get<Value::List>(made.data)) {
                drawn.insert(std::get<double>(item.data));
                ++all;
            }
        }
        EXPECT_GE(all, 16U) << text;
        EXPECT_EQ(drawn.size(), all) << text;
    }
}

}  // namespace
}  // namespace millrace::dsl
