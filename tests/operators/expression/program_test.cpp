#include <gtest/gtest.h>

#include "operators/expression/expression.h"
#include "tests/operators/expression/mini_sql.h"

namespace millrace::operators {
namespace {

const std::vector<Field> kFields = {
    {"A", TypeKind::kInt}, {"B", TypeKind::kInt}, {"S", TypeKind::kString}};

std::unique_ptr<Program> compile(const std::vector<std::string_view>& sqls,
                                 const std::vector<Field>& fields = kFields) {
    std::vector<ExprPtr> exprs;
    for (const std::string_view sql : sqls) {
        auto expr = parse_expr(sql, fields);
        EXPECT_TRUE(expr.ok()) << sql << ": " << expr.error().message;
        exprs.push_back(std::move(expr).value());
    }
    return Program::compile(std::move(exprs)).value();
}

std::vector<std::string> texts(const ColumnPtr& column) {
    std::vector<std::string> out;
    for (std::uint32_t row = 0; row < column->size(); ++row) {
        out.push_back(to_text(value_at(*column, row), column->type()));
    }
    return out;
}

using Texts = std::vector<std::string>;

std::vector<std::uint32_t> rows_of(const std::vector<RowError>& errors) {
    std::vector<std::uint32_t> rows;
    for (const RowError& error : errors) {
        rows.push_back(error.row);
    }
    return rows;
}

Value null() {
    return {};
}

TEST(ProgramErrors, StayInTheirRowAndMakeTheWholeOutputNull) {
    const RowBatch rows =
        batch_of(kFields, {{6, 2, "x"}, {7, 0, "y"}, {null(), 0, "z"}, {8, 4, "w"}});
    auto program = compile({"a / b + 1", "(a / b) IS NULL", "s", "COALESCE(a / b, -1)"});
    std::vector<ColumnPtr> outputs;
    std::vector<RowError> errors;
    program->evaluate(rows, outputs, errors);
    EXPECT_EQ(texts(outputs[0]), (Texts{"4", "NULL", "NULL", "3"}));
    EXPECT_EQ(texts(outputs[1]), (Texts{"false", "NULL", "true", "false"}));
    EXPECT_EQ(texts(outputs[2]), (Texts{"x", "y", "z", "w"}));
    EXPECT_EQ(texts(outputs[3]), (Texts{"3", "NULL", "-1", "2"}));
    // One failing division, shared by three outputs, is told once.
    EXPECT_EQ(rows_of(errors), (std::vector<std::uint32_t>{1}));
    EXPECT_EQ(errors[0].code, ErrorCode::kEvaluation);
    EXPECT_EQ(errors[0].message, "division by zero: 7 / 0");
}

TEST(ProgramErrors, OfConstantsHitEverySelectedRow) {
    RowBatch rows = batch_of(kFields, {{1, 1, "x"}, {2, 2, "y"}, {3, 3, "z"}});
    rows.selection =
        std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{0, 2});
    auto program = compile({"a + 1 / 0", "1 / 0", "(1 / 0) IS NULL"});
    for (int round = 0; round < 2; ++round) {
        std::vector<ColumnPtr> outputs;
        std::vector<RowError> errors;
        program->evaluate(rows, outputs, errors);
        EXPECT_EQ(rows_of(errors), (std::vector<std::uint32_t>{0, 2}));
        for (const ColumnPtr& output : outputs) {
            EXPECT_FALSE(output->is_valid(0));
            EXPECT_FALSE(output->is_valid(2));
        }
    }
}

TEST(ProgramErrors, OfOneRowLeaveAConstantNullAtTheOthersAlone) {
    const std::vector<Field> fields = {{"A", TypeKind::kInt}, {"B", TypeKind::kInt}};
    RowBatch rows = batch_of(fields, {{6, 2}, {7, 0}, {8, 4}});
    auto program = compile({"(CAST(NULL AS INT) + a / b) IS NULL", "(1 / 0) IS NULL"}, fields);
    for (const std::uint32_t size : {3U, 2U, 3U}) {
        RowBatch some = rows;
        some.size = size;
        for (ColumnPtr& column : some.columns) {
            column = Column::slice(column, 0, size);
        }
        std::vector<ColumnPtr> outputs;
        std::vector<RowError> errors;
        program->evaluate(some, outputs, errors);
        EXPECT_EQ(value_at(*outputs[0], 0), Value(true));
        EXPECT_EQ(value_at(*outputs[0], 1), Value());
        EXPECT_EQ(value_at(*outputs[1], size - 1), Value());
        EXPECT_EQ(errors.size(), size + 1);  // 1 / 0 at every row, 7 / 0 at one
    }
}

TEST(ProgramErrors, DoNotComeFromRowsThatAreNotSelected) {
    RowBatch rows = batch_of(kFields, {{1, 0, "x"}, {6, 3, "y"}, {1, 0, "z"}, {8, 0, "w"}});
    rows.selection =
        std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{1, 3});
    auto program = compile({"a / b > 0"});
    std::vector<ColumnPtr> outputs;
    std::vector<RowError> errors;
    program->evaluate(rows, outputs, errors);
    EXPECT_EQ(outputs[0]->size(), 4U);
    EXPECT_EQ(value_at(*outputs[0], 1), Value(true));
    EXPECT_EQ(rows_of(errors), (std::vector<std::uint32_t>{3}));
    std::vector<std::uint32_t> passing;
    errors.clear();
    program->filter(rows, passing, errors);
    EXPECT_EQ(passing, (std::vector<std::uint32_t>{1}));
    EXPECT_EQ(rows_of(errors), (std::vector<std::uint32_t>{3}));
}

TEST(ProgramLaziness, LeavesBranchesThatARowDoesNotTake) {
    const RowBatch rows = batch_of(kFields, {{6, 2, "x"}, {7, 0, "y"}, {null(), 0, "z"}});
    const Texts safe[] = {{"3", "0", "0"},
                          {"true", "false", "false"},
                          {"false", "true", "true"},
                          {"6", "7", "NULL"},
                          {"6", "7", "-1"}};
    auto program = compile({"CASE WHEN b <> 0 THEN a / b ELSE 0 END",
                            "b <> 0 AND a / b = 3",
                            "b = 0 OR a / b < 3",
                            "COALESCE(a, CASE WHEN b <> 0 THEN a / b END)",
                            "IFNULL(a, CASE WHEN s = 'z' THEN -1 ELSE 1 / b END)"});
    std::vector<ColumnPtr> outputs;
    std::vector<RowError> errors;
    program->evaluate(rows, outputs, errors);
    EXPECT_TRUE(errors.empty());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        EXPECT_EQ(texts(outputs[i]), safe[i]) << i;
    }
}

TEST(ProgramLaziness, DoesNotBorrowAFailingValueFromAnotherOutput) {
    const RowBatch rows = batch_of(kFields, {{6, 0, "x"}, {6, 3, "y"}});
    auto program = compile({"a / b", "CASE WHEN b = 0 THEN 0 ELSE a / b END"});
    std::vector<ColumnPtr> outputs;
    std::vector<RowError> errors;
    program->evaluate(rows, outputs, errors);
    EXPECT_EQ(texts(outputs[0]), (Texts{"NULL", "2"}));
    EXPECT_EQ(texts(outputs[1]), (Texts{"0", "2"}));
    EXPECT_EQ(rows_of(errors), (std::vector<std::uint32_t>{0}));
}

TEST(ProgramLaziness, StopsAtTheFirstFailureOfARow) {
    const RowBatch rows = batch_of(kFields, {{6, 0, "x"}});
    auto program = compile({"COALESCE(a / b, CAST(s AS INT))"});
    std::vector<ColumnPtr> outputs;
    std::vector<RowError> errors;
    program->evaluate(rows, outputs, errors);
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].message, "division by zero: 6 / 0");
    EXPECT_FALSE(outputs[0]->is_valid(0));
}

TEST(ProgramFilter, GivesTheSelectedRowsForWhichItIsTrue) {
    RowBatch rows = batch_of(kFields,
                             {{1, 10, "SFO"},
                              {20, 10, "JFK"},
                              {null(), 10, "SFO"},
                              {30, null(), "SFO"},
                              {40, 50, "SFO"}});
    const std::pair<std::string_view, std::vector<std::uint32_t>> cases[] = {
        {"a > 10", {1, 3, 4}},
        {"10 < a", {1, 3, 4}},
        {"a > b", {1}},
        {"a > 10 AND s = 'SFO'", {3, 4}},
        {"a > 10 AND s = 'SFO' AND b IS NOT NULL", {4}},
        {"a BETWEEN 20 AND 30", {1, 3}},
        {"NOT (a > 10)", {0, 2}},
        {"a > 10 OR b = 10", {0, 1, 2, 3, 4}},
        {"a IN (1, 40)", {0, 4}},
        {"s LIKE '%F%'", {0, 1, 2, 3, 4}},
        {"TRUE", {0, 1, 2, 3, 4}},
        {"FALSE", {}},
        {"CAST(NULL AS BOOLEAN)", {}},
        {"a > 10 AND CASE WHEN b = 50 THEN TRUE ELSE FALSE END", {4}},
    };
    for (const auto& [sql, expected] : cases) {
        auto program = compile({sql});
        std::vector<std::uint32_t> passing;
        std::vector<RowError> errors;
        program->filter(rows, passing, errors);
        EXPECT_EQ(passing, expected) << sql;
        RowBatch some = rows;
        some.selection =
            std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{1, 4});
        std::vector<std::uint32_t> expected_of_some;
        for (const std::uint32_t row : expected) {
            if (row == 1 || row == 4) {
                expected_of_some.push_back(row);
            }
        }
        program->filter(some, passing, errors);
        EXPECT_EQ(passing, expected_of_some) << sql;
        EXPECT_TRUE(errors.empty()) << sql;
    }
}

TEST(ProgramInputs, TakeConstantAndDictionaryColumns) {
    RowBatch rows =
        batch_of(kFields, {{1, 2, "a long text beyond twelve"}, {3, 4, "y"}, {5, null(), "z"}});
    const std::uint32_t indices[] = {2, 0, 2, 1};
    RowBatch encoded;
    encoded.size = 4;
    encoded.columns = {Column::dictionary(rows.columns[0], indices, 4),
                       Column::constant(rows.columns[1], 0, 4),
                       Column::dictionary(rows.columns[2], indices, 4)};
    auto program =
        compile({"a + b", "b * 2", "UCASE(s)", "s", "a > b AND s LIKE 'a%'", "SUBSTRING(s, 3)"});
    std::vector<ColumnPtr> outputs;
    std::vector<RowError> errors;
    program->evaluate(encoded, outputs, errors);
    EXPECT_EQ(texts(outputs[0]), (Texts{"7", "3", "7", "5"}));
    EXPECT_EQ(texts(outputs[1]), (Texts{"4", "4", "4", "4"}));
    EXPECT_EQ(outputs[1]->encoding(), Encoding::kConstant);
    EXPECT_EQ(texts(outputs[2]), (Texts{"Z", "A LONG TEXT BEYOND TWELVE", "Z", "Y"}));
    EXPECT_EQ(outputs[3], encoded.columns[2]);  // passed on as it came
    EXPECT_EQ(texts(outputs[4]), (Texts{"false", "false", "false", "false"}));
    EXPECT_EQ(texts(outputs[5]), (Texts{"", "long text beyond twelve", "", ""}));
    EXPECT_TRUE(errors.empty());
}

TEST(ProgramInputs, ReadPseudoColumns) {
    RowBatch rows = batch_of(kFields, {{1, 2, "x"}, {3, 4, "y"}});
    rows.source_partition = Partition{3};
    auto program = Program::compile({pseudo_column(ExprKind::kRowTime),
                                     pseudo_column(ExprKind::kWindowStart),
                                     pseudo_column(ExprKind::kRowPartition),
                                     pseudo_column(ExprKind::kRowOffset)})
                       .value();
    std::vector<ColumnPtr> outputs;
    std::vector<RowError> errors;
    program->evaluate(rows, outputs, errors);
    EXPECT_EQ(texts(outputs[0]), (Texts{"0", "1000"}));
    EXPECT_EQ(texts(outputs[1]), (Texts{"NULL", "NULL"}));
    EXPECT_EQ(texts(outputs[2]), (Texts{"3", "3"}));
    EXPECT_EQ(texts(outputs[3]), (Texts{"NULL", "NULL"}));
}

TEST(ProgramInputs, AreListed) {
    auto program = compile({"s || 'x'", "a + 1"});
    EXPECT_EQ(program->columns_read(), (std::vector<std::size_t>{0, 2}));
    EXPECT_TRUE(compile({"1 + 1"})->columns_read().empty());
}

TEST(ProgramOutputs, OutliveTheBatchAndTheNextOne) {
    auto program = compile({"SUBSTRING(UCASE(s), 2)",
                            "TRIM(s)",
                            "s || '!'",
                            "CASE WHEN a = 1 THEN LCASE(s) ELSE s END",
                            "GREATEST(s, UCASE(s))"});
    std::vector<std::vector<ColumnPtr>> kept;
    for (int round = 0; round < 3; ++round) {
        const std::string text = "  Some Text Longer Than Twelve " + std::to_string(round) + "  ";
        const RowBatch rows = batch_of(kFields, {{1, 0, text}, {2, 0, text}});
        std::vector<RowError> errors;
        program->evaluate(rows, kept.emplace_back(), errors);
    }
    program.reset();
    for (int round = 0; round < 3; ++round) {
        const std::string number = std::to_string(round);
        const auto& outputs = kept[static_cast<std::size_t>(round)];
        EXPECT_EQ(texts(outputs[0])[1], " SOME TEXT LONGER THAN TWELVE " + number + "  ");
        EXPECT_EQ(texts(outputs[1])[0], "Some Text Longer Than Twelve " + number);
        EXPECT_EQ(texts(outputs[2])[0], "  Some Text Longer Than Twelve " + number + "  !");
        EXPECT_EQ(texts(outputs[3])[0], "  some text longer than twelve " + number + "  ");
        EXPECT_EQ(texts(outputs[3])[1], "  Some Text Longer Than Twelve " + number + "  ");
        EXPECT_EQ(texts(outputs[4])[0], "  Some Text Longer Than Twelve " + number + "  ");
    }
}

TEST(ProgramOutputs, AreWholeColumnsEvenWithoutRows) {
    auto program = compile({"a + 1", "s || 'x'", "TRUE"});
    std::vector<ColumnPtr> outputs;
    std::vector<RowError> errors;
    program->evaluate(batch_of(kFields, {}), outputs, errors);
    for (const ColumnPtr& output : outputs) {
        EXPECT_EQ(output->size(), 0U);
    }
    RowBatch none = batch_of(kFields, {{1, 2, "x"}});
    none.selection = std::make_shared<const std::vector<std::uint32_t>>();
    program->evaluate(none, outputs, errors);
    for (const ColumnPtr& output : outputs) {
        EXPECT_EQ(output->size(), 1U);
    }
    EXPECT_EQ(outputs[1]->type(), DataType(TypeKind::kString));
}

TEST(ProgramOutputs, CompareNestedValues) {
    const std::vector<Field> fields = {{"X", DataType::array(TypeKind::kInt)},
                                       {"Y", DataType::array(TypeKind::kInt)}};
    using List = Value::List;
    const RowBatch rows = batch_of(fields,
                                   {{List{1, 2}, List{1, 2}},
                                    {List{1, 2}, List{1}},
                                    {List{null()}, List{null()}},
                                    {null(), List{1}}});
    auto program = compile({"x = y", "x <> y", "x IN (y)", "x IS NULL"}, fields);
    std::vector<ColumnPtr> outputs;
    std::vector<RowError> errors;
    program->evaluate(rows, outputs, errors);
    EXPECT_EQ(texts(outputs[0]), (Texts{"true", "false", "true", "false"}));
    EXPECT_EQ(texts(outputs[1]), (Texts{"false", "true", "false", "false"}));
    EXPECT_EQ(texts(outputs[2]), (Texts{"true", "false", "true", "false"}));
    EXPECT_EQ(texts(outputs[3]), (Texts{"false", "false", "false", "true"}));
}

}  // namespace
}  // namespace millrace::operators
