#include "dsl/binder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/base/sql_error.h"
#include "dsl/sql/lexer.h"
#include "dsl/sql/printer.h"
#include "operators/expression/cast_kernels.h"
#include "operators/expression/lambda_functions.h"
#include "operators/functions/table_functions.h"

namespace millrace::dsl {

namespace {

using operators::ArithmeticOp;
using operators::CompareOp;
using operators::ExprPtr;
using sql::ExprKind;

struct PseudoColumn {
    std::string_view name;
    operators::ExprKind kind;
};
constexpr std::array<PseudoColumn, 5> kPseudoColumns{
    {{"ROWTIME", operators::ExprKind::kRowTime},
     {"WINDOWSTART", operators::ExprKind::kWindowStart},
     {"WINDOWEND", operators::ExprKind::kWindowEnd},
     {"ROWPARTITION", operators::ExprKind::kRowPartition},
     {"ROWOFFSET", operators::ExprKind::kRowOffset}}};

ArithmeticOp arithmetic_of(std::string_view symbol) {
    switch (symbol[0]) {
        case '+':
            return ArithmeticOp::kAdd;
        case '-':
            return ArithmeticOp::kSubtract;
        case '*':
            return ArithmeticOp::kMultiply;
        case '/':
            return ArithmeticOp::kDivide;
        default:
            return ArithmeticOp::kModulo;
    }
}

CompareOp compare_of(std::string_view symbol) {
    if (symbol == "=") {
        return CompareOp::kEqual;
    }
    if (symbol == "<>") {
        return CompareOp::kNotEqual;
    }
    if (symbol == "<") {
        return CompareOp::kLess;
    }
    if (symbol == "<=") {
        return CompareOp::kLessOrEqual;
    }
    return symbol == ">" ? CompareOp::kGreater : CompareOp::kGreaterOrEqual;
}

class Binder {
  public:
    Binder(const Schema& schema, const sql::SourceText& source, const BindPlace& place = {})
        : schema_(schema), source_(source), place_(place) {}

    Result<ExprPtr> table_function(const sql::Expr& call) {
        MILLRACE_TRY(std::vector<ExprPtr> arguments, bind_all(call.children));
        return placed(call, operators::table_function_rows(call.text, std::move(arguments)));
    }
    Result<ExprPtr> bind(const sql::Expr& expr) {
        switch (expr.kind) {
            case ExprKind::kNull:
                return operators::null_literal();
            case ExprKind::kBoolean:
                return operators::literal(Value(expr.text == "TRUE"), TypeKind::kBoolean);
            case ExprKind::kInteger:
                return integer(expr, expr.text);
            case ExprKind::kDecimal:
                return decimal(expr, expr.text);
            case ExprKind::kDouble:
                return floating(expr, expr.text);
            case ExprKind::kString:
                return operators::literal(Value(expr.text), TypeKind::kString);
            case ExprKind::kColumn:
                return column(expr);
            case ExprKind::kCall:
                return call(expr);
            case ExprKind::kNegate:
                return negate(expr);
            case ExprKind::kArithmetic:
                return binary(expr, [&](ExprPtr left, ExprPtr right) {
                    return operators::arithmetic(
                        arithmetic_of(expr.text), std::move(left), std::move(right));
                });
            case ExprKind::kConcat:
                return binary(expr, operators::concat);
            case ExprKind::kCompare:
                return compare(expr);
            case ExprKind::kDistinctFrom:
                return distinct_from(expr);
            case ExprKind::kAnd:
                return binary(expr, operators::logical_and);
            case ExprKind::kOr:
                return binary(expr, operators::logical_or);
            case ExprKind::kNot: {
                MILLRACE_TRY(ExprPtr operand, bind(*expr.children[0]));
                return placed(expr, operators::logical_not(std::move(operand)));
            }
            case ExprKind::kIsNull: {
                MILLRACE_TRY(ExprPtr operand, bind(*expr.children[0]));
                return placed(expr, operators::is_null(std::move(operand), expr.is_negated));
            }
            case ExprKind::kLike:
                return like(expr);
            case ExprKind::kIn: {
                MILLRACE_TRY(std::vector<ExprPtr> all, bind_all(expr.children));
                ExprPtr operand = all.front();
                all.erase(all.begin());
                return placed(
                    expr, operators::in_list(std::move(operand), std::move(all), expr.is_negated));
            }
            case ExprKind::kBetween: {
                MILLRACE_TRY(std::vector<ExprPtr> all, bind_all(expr.children));
                return placed(expr, operators::between(all[0], all[1], all[2], expr.is_negated));
            }
            case ExprKind::kCase:
                return case_when(expr);
            case ExprKind::kCast: {
                MILLRACE_TRY(ExprPtr operand, bind(*expr.children[0]));
                return placed(expr, operators::cast(std::move(operand), expr.type));
            }
            case ExprKind::kArray: {
                MILLRACE_TRY(std::vector<ExprPtr> elements, bind_all(expr.children));
                return placed(expr, operators::make_array(std::move(elements)));
            }
            case ExprKind::kMap:
                return map(expr);
            case ExprKind::kStruct: {
                MILLRACE_TRY(std::vector<ExprPtr> values, bind_all(expr.children));
                return placed(expr, operators::make_struct(expr.names, std::move(values)));
            }
            case ExprKind::kSubscript:
                return binary(expr, operators::subscript);
            case ExprKind::kDereference: {
                MILLRACE_TRY(ExprPtr operand, bind(*expr.children[0]));
                return placed(expr, operators::dereference(std::move(operand), expr.text));
            }
            case ExprKind::kLambdaVariable:
                if (ExprPtr variable = variable_named(expr.text)) {
                    return variable;
                }
                break;
            case ExprKind::kLambda:
                break;
        }
        return fail(expr,
                    SqlError::kLambdaMisplaced,
                    "a lambda (=>) stands only among the arguments of a function");
    }

  private:
    Error fail(const sql::Expr& expr, SqlError error, std::string_view message) const {
        return refused(expr, sql_error(error, std::string(message)));
    }
    Error refused(const sql::Expr& expr, Error error) const {
        error.message = prefix(error.sql) + error.message;
        return source_.place(expr.at, error, SqlError::kBadParameters);
    }
    /// The dialect names the clause, in words that depend on when it finds the error.
    [[nodiscard]] std::string prefix(SqlError error) const {
        const bool is_late = error == SqlError::kBadCast || error == SqlError::kNoSuchOperator ||
                             error == SqlError::kUnreadableText;
        switch (place_.clause) {
            case Clause::kOther:
                break;
            case Clause::kSelect:
                return is_late ? "Invalid Select: " : "";
            case Clause::kWhere:
                return is_late ? "Invalid Predicate: " : "Error in WHERE expression: ";
            case Clause::kHaving:
                return is_late ? "Invalid Predicate: " : "Error in HAVING expression: ";
        }
        return "";
    }
    /// Gives an error of the operators, which know no text, its place.
    Result<ExprPtr> placed(const sql::Expr& expr, Result<ExprPtr> made) const {
        if (made.ok()) {
            return made;
        }
        return refused(expr, made.error());
    }
    Result<std::vector<ExprPtr>> bind_all(const std::vector<sql::ExprPtr>& exprs) {
        std::vector<ExprPtr> bound;
        for (const sql::ExprPtr& expr : exprs) {
            MILLRACE_TRY(ExprPtr one, bind(*expr));
            bound.push_back(std::move(one));
        }
        return bound;
    }
    template <class Make>
    Result<ExprPtr> binary(const sql::Expr& expr, Make make) {
        MILLRACE_TRY(ExprPtr left, bind(*expr.children[0]));
        MILLRACE_TRY(ExprPtr right, bind(*expr.children[1]));
        return placed(expr, make(std::move(left), std::move(right)));
    }

    Result<ExprPtr> integer(const sql::Expr& expr, const std::string& text) const {
        std::int64_t value = 0;
        const char* end = text.data() + text.size();
        if (std::from_chars(text.data(), end, value).ec != std::errc{}) {
            return fail(
                expr, SqlError::kBigintOverflow, "this number does not fit a BIGINT: " + text);
        }
        const auto narrow = static_cast<std::int32_t>(value);
        if (narrow == value) {
            return operators::literal(Value(narrow), TypeKind::kInt);
        }
        return operators::literal(Value(value), TypeKind::kBigint);
    }
    Result<ExprPtr> decimal(const sql::Expr& expr, const std::string& text) const {
        auto value = Decimal::parse(text);
        if (!value.ok()) {
            return fail(
                expr, SqlError::kDecimalOverflow, "this number does not fit a DECIMAL: " + text);
        }
        const Decimal number = value.value();
        std::uint8_t digits = 0;
        for (Int128 rest = number.unscaled; rest != 0; rest /= 10) {
            ++digits;
        }
        const std::uint8_t precision = std::max<std::uint8_t>(1, std::max(digits, number.scale));
        if (precision > 38) {
            return fail(
                expr, SqlError::kDecimalOverflow, "this number has more than 38 digits: " + text);
        }
        return operators::literal(Value(number), DataType::decimal(precision, number.scale));
    }
    Result<ExprPtr> floating(const sql::Expr& expr, const std::string& text) const {
        const auto value = operators::parse_double(text);
        if (!value || std::isinf(*value)) {
            return fail(expr, SqlError::kDoubleOverflow, "number overflows DOUBLE: " + text);
        }
        return operators::literal(Value(*value), TypeKind::kDouble);
    }
    /// The sign belongs to a literal, or the smallest INT and BIGINT could not be written.
    Result<ExprPtr> negate(const sql::Expr& expr) {
        const sql::Expr& operand = *expr.children[0];
        if (operand.kind == ExprKind::kInteger) {
            return integer(expr, "-" + operand.text);
        }
        if (operand.kind == ExprKind::kDecimal) {
            return decimal(expr, "-" + operand.text);
        }
        if (operand.kind == ExprKind::kDouble) {
            return floating(expr, "-" + operand.text);
        }
        MILLRACE_TRY(ExprPtr bound, bind(operand));
        return placed(expr, operators::negate(std::move(bound)));
    }

    Result<ExprPtr> column(const sql::Expr& expr) const {
        const std::string name = internal_name(expr);
        for (const PseudoColumn& pseudo : kPseudoColumns) {
            if (expr.qualifier.empty() && expr.text == pseudo.name) {
                return operators::pseudo_column(pseudo.kind);
            }
        }
        const auto index = schema_.find(name);
        if (!index) {
            // Where no analyzer was at work (INSERT VALUES), variables are not told apart yet.
            if (ExprPtr variable = expr.qualifier.empty() ? variable_named(expr.text) : nullptr) {
                return variable;
            }
            return fail(expr, SqlError::kUnknownColumn, "column " + name + " cannot be used here");
        }
        const DataType& type = schema_.field(*index).type;
        if (place_.texts != nullptr && place_.texts->count(name) != 0) {
            return operators::column(*index, type, place_.texts->at(name));
        }
        return operators::column(*index, type, sql::to_text(expr));
    }

    Result<ExprPtr> call(const sql::Expr& expr) {
        if (expr.is_star) {
            // As if without arguments: the message lists what the function takes.
            auto made = operators::call(expr.text, {});
            return made.ok()
                       ? fail(expr, SqlError::kStarParameter, "only COUNT takes *: " + expr.text)
                       : placed(expr, std::move(made));
        }
        if (operators::is_table_function(expr.text)) {
            return fail(expr,
                        SqlError::kTableFunctionMisplaced,
                        expr.text +
                            " makes rows: it can only stand in the SELECT list, and not "
                            "inside another table function");
        }
        std::vector<ExprPtr> arguments;
        for (const sql::ExprPtr& child : expr.children) {
            MILLRACE_TRY(ExprPtr one,
                         child->kind == ExprKind::kLambda ? lambda(expr.text, *child, arguments)
                                                          : bind(*child));
            arguments.push_back(std::move(one));
        }
        return placed(expr, operators::call(expr.text, std::move(arguments)));
    }
    /// before  the arguments in front of it, which say the types of its variables
    Result<ExprPtr> lambda(const std::string& function,
                           const sql::Expr& expr,
                           const std::vector<ExprPtr>& before) {
        auto types = operators::lambda_parameters(function, before, expr.names.size());
        if (!types.ok()) {
            return refused(expr, types.error());
        }
        std::vector<ExprPtr> variables;
        for (std::size_t i = 0; i < expr.names.size(); ++i) {
            if (std::count(expr.names.begin(), expr.names.end(), expr.names[i]) > 1) {
                return fail(expr,
                            SqlError::kDuplicateVariable,
                            "this lambda has two variables " + sql::name_text(expr.names[i]));
            }
            variables.push_back(
                operators::lambda_variable(expr.names[i], types.value()[i], next_variable_++));
        }
        variables_.insert(variables_.end(), variables.begin(), variables.end());
        auto body = bind(*expr.children[0]);
        variables_.resize(variables_.size() - variables.size());
        if (!body.ok()) {
            return body;
        }
        return operators::make_lambda(std::move(variables), std::move(body).value());
    }
    /// The innermost one; nullptr when no lambda around has it.
    ExprPtr variable_named(const std::string& name) const {
        const auto found =
            std::find_if(variables_.rbegin(), variables_.rend(), [&](const ExprPtr& variable) {
                return variable->name == name;
            });
        return found == variables_.rend() ? nullptr : *found;
    }
    Result<ExprPtr> map(const sql::Expr& expr) {
        std::vector<ExprPtr> keys;
        std::vector<ExprPtr> values;
        for (std::size_t i = 0; i < expr.children.size(); ++i) {
            MILLRACE_TRY(ExprPtr one, bind(*expr.children[i]));
            (i % 2 == 0 ? keys : values).push_back(std::move(one));
        }
        return placed(expr, operators::make_map(std::move(keys), std::move(values)));
    }
    Result<ExprPtr> compare(const sql::Expr& expr) {
        return binary(expr, [&](ExprPtr left, ExprPtr right) {
            return operators::compare(compare_of(expr.text), std::move(left), std::move(right));
        });
    }
    /// a IS NOT DISTINCT FROM b: (a = b) OR (a IS NULL AND b IS NULL); comparisons are two-valued.
    Result<ExprPtr> distinct_from(const sql::Expr& expr) {
        MILLRACE_TRY(ExprPtr left, bind(*expr.children[0]));
        MILLRACE_TRY(ExprPtr right, bind(*expr.children[1]));
        MILLRACE_TRY(ExprPtr left_null, placed(expr, operators::is_null(left, false)));
        MILLRACE_TRY(ExprPtr right_null, placed(expr, operators::is_null(right, false)));
        MILLRACE_TRY(ExprPtr nulls, placed(expr, operators::logical_and(left_null, right_null)));
        ExprPtr same = nulls;
        if (!left->is_null_literal && !right->is_null_literal) {
            MILLRACE_TRY(ExprPtr equal,
                         placed(expr, operators::compare(CompareOp::kEqual, left, right)));
            MILLRACE_TRY(same, placed(expr, operators::logical_or(equal, nulls)));
        }
        return expr.is_negated ? Result<ExprPtr>(same) : placed(expr, operators::logical_not(same));
    }
    Result<ExprPtr> like(const sql::Expr& expr) {
        MILLRACE_TRY(ExprPtr operand, bind(*expr.children[0]));
        MILLRACE_TRY(ExprPtr pattern, bind(*expr.children[1]));
        const std::string escape = expr.children.size() > 2 ? expr.children[2]->text : "";
        if (expr.children.size() > 2 && escape.size() != 1) {
            return fail(*expr.children[2], SqlError::kBadLike, "ESCAPE takes one character");
        }
        return placed(expr, operators::like(operand, pattern, escape, expr.is_negated));
    }
    Result<ExprPtr> case_when(const sql::Expr& expr) {
        MILLRACE_TRY(std::vector<ExprPtr> all, bind_all(expr.children));
        std::size_t i = expr.has_operand ? 1 : 0;
        const std::size_t end = all.size() - (expr.has_else ? 1 : 0);
        std::vector<ExprPtr> whens;
        std::vector<ExprPtr> thens;
        for (; i < end; i += 2) {
            ExprPtr when = all[i];
            if (expr.has_operand) {
                MILLRACE_TRY(
                    when,
                    placed(*expr.children[i], operators::compare(CompareOp::kEqual, all[0], when)));
            }
            whens.push_back(std::move(when));
            thens.push_back(all[i + 1]);
        }
        return placed(
            expr,
            operators::case_when(
                std::move(whens), std::move(thens), expr.has_else ? all.back() : nullptr));
    }

    const Schema& schema_;
    const sql::SourceText& source_;
    const BindPlace place_;
    std::vector<ExprPtr> variables_;  // of the lambdas around, innermost last
    std::size_t next_variable_ = 0;
};

}  // namespace

std::string internal_name(const sql::Expr& column) {
    return column.qualifier.empty() ? column.text : column.qualifier + "." + column.text;
}

bool is_pseudo_column(std::string_view name) {
    for (const PseudoColumn& pseudo : kPseudoColumns) {
        if (pseudo.name == name) {
            return true;
        }
    }
    return false;
}

Result<operators::ExprPtr> bind(const sql::Expr& expr,
                                const Schema& schema,
                                const sql::SourceText& source,
                                const BindPlace& place) {
    return Binder(schema, source, place).bind(expr);
}

Result<operators::ExprPtr> bind_table_function(const sql::Expr& call,
                                               const Schema& schema,
                                               const sql::SourceText& source) {
    return Binder(schema, source).table_function(call);
}

Result<Value> evaluate_constant(const sql::Expr& expr,
                                const DataType& type,
                                const sql::SourceText& source,
                                const Env* env) {
    const auto schema = std::make_shared<const Schema>();
    MILLRACE_TRY(operators::ExprPtr bound, bind(expr, *schema, source));
    auto converted = operators::coerce(bound, type);
    if (!converted.ok() && bound->type.is(TypeKind::kString)) {
        converted = operators::cast(bound, type);  // '2001-01-01' for a DATE
    } else if (!converted.ok() && bound->type.is_numeric() && type.is_numeric()) {
        converted = operators::cast(bound, type);  // 1.5 for a DECIMAL(4, 2)
    }
    if (!converted.ok()) {
        return source.error_at(
            expr.at,
            SqlError::kCannotConvert,
            "expected a value of type " + type.to_string() + ", found " + bound->type.to_string());
    }
    const operators::ExprPtr constant =
        env == nullptr ? converted.value() : operators::with_env(converted.value(), *env);
    MILLRACE_TRY(const auto program, operators::Program::compile({constant}));
    RowBatch row;
    row.schema = schema;
    row.size = 1;
    std::vector<ColumnPtr> outputs;
    std::vector<RowError> errors;
    program->evaluate(row, outputs, errors);
    if (!errors.empty()) {
        return source.error_at(expr.at, SqlError::kConstantFailed, errors.front().message);
    }
    return value_at(*outputs.front(), 0);
}

}  // namespace millrace::dsl
