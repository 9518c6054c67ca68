#include "operators/expression/expression.h"

#include <algorithm>
#include <utility>

#include "core/base/nearest_name.h"
#include "core/base/sql_error.h"
#include "operators/expression/expression_text.h"
#include "operators/expression/item_list.h"
#include "operators/expression/lambda_functions.h"
#include "operators/expression/scalar_functions.h"
#include "operators/expression/temporal_text.h"
#include "operators/expression/type_rules.h"
#include "operators/expression/wide_decimal.h"

namespace millrace::operators {

namespace {

ExprPtr share(Expr expr) {
    return std::make_shared<const Expr>(std::move(expr));
}

Expr node(ExprKind kind, DataType type, std::vector<ExprPtr> args) {
    Expr expr;
    expr.kind = kind;
    expr.type = std::move(type);
    expr.args = std::move(args);
    return expr;
}

/// "ID (INTEGER)", for messages.
std::string described(const Expr& expr) {
    return expr.is_null_literal ? "NULL" : expr.to_string() + " (" + expr.type.to_string() + ")";
}

bool is_text_literal(const Expr& expr) {
    return expr.kind == ExprKind::kLiteral && !expr.is_null_literal &&
           expr.type.is(TypeKind::kString) && !expr.literal.is_null();
}

/// The literal's value converted at planning time; nullptr when it does not convert.
ExprPtr folded(const ExprPtr& expr) {
    auto program = Program::compile({expr});
    if (!program.ok()) {
        return nullptr;
    }
    RowBatch one;
    one.size = 1;
    std::vector<ColumnPtr> outputs;
    std::vector<RowError> errors;
    program.value()->evaluate(one, outputs, errors);
    return errors.empty() ? literal(value_at(*outputs[0], 0), expr->type) : nullptr;
}

ExprPtr cast_node(ExprPtr operand, const DataType& to) {
    const bool is_literal = operand->kind == ExprKind::kLiteral;
    ExprPtr made = share(node(ExprKind::kCast, to, {std::move(operand)}));
    if (is_literal) {
        if (ExprPtr value = folded(made)) {
            return value;
        }
    }
    return made;
}

/// A text literal read as DATE, TIME or TIMESTAMP.
Result<ExprPtr> temporal_literal(const Expr& text, const DataType& type) {
    const auto& value = std::get<std::string>(text.literal.data);
    if (type.is(TypeKind::kTimestamp)) {
        if (const auto ms = parse_timestamp(value)) {
            return literal(Value(*ms), type);
        }
    } else if (const auto part = type.is(TypeKind::kDate) ? parse_date(value) : parse_time(value)) {
        return literal(Value(*part), type);
    }
    return sql_error(SqlError::kUnreadableText,
                     "cannot read as " + type.to_string() + ": '" + value + "'");
}

Error cannot_compare(const Expr& left, const Expr& right, CompareOp op) {
    return sql_error(SqlError::kCannotCompare,
                     "Cannot compare " + described(left) + " to " + described(right) + " with " +
                         std::string(word_of(op)) + ".");
}

/// Brings two operands of a comparison to one type; false in the pair's first means that they do
/// not fit.
Result<std::pair<ExprPtr, ExprPtr>> comparable(ExprPtr left, ExprPtr right, CompareOp op) {
    const auto unfit = [&] { return cannot_compare(*left, *right, op); };
    if (left->is_null_literal || right->is_null_literal) {
        const auto side = [](const Expr& expr) {
            return expr.is_null_literal ? "NULL" : expr.type.to_string();
        };
        return sql_error(SqlError::kNullComparison,
                         "Comparison with NULL not supported: " + side(*left) + " " +
                             std::string(name_of(op)) + " " + side(*right) +
                             "\nUse 'IS NULL' or 'IS NOT NULL' instead.");
    }
    const auto read_text = [](ExprPtr text, const DataType& type) -> Result<ExprPtr> {
        if (is_text_literal(*text)) {
            return temporal_literal(*text, type);
        }
        return cast_node(std::move(text), type);
    };
    if (is_temporal(left->type) && right->type.is(TypeKind::kString)) {
        MILLRACE_TRY(right, read_text(right, left->type));
    } else if (is_temporal(right->type) && left->type.is(TypeKind::kString)) {
        MILLRACE_TRY(left, read_text(left, right->type));
    }
    // ROWTIME, WINDOWSTART and WINDOWEND are milliseconds; beside a text literal they are times.
    const auto is_row_time = [](const Expr& expr) {
        return expr.kind == ExprKind::kRowTime || expr.kind == ExprKind::kWindowStart ||
               expr.kind == ExprKind::kWindowEnd;
    };
    for (const auto& [time, text] : {std::pair(&left, &right), std::pair(&right, &left)}) {
        if (is_row_time(**time) && is_text_literal(**text)) {
            MILLRACE_TRY(const ExprPtr read, temporal_literal(**text, TypeKind::kTimestamp));
            *text = literal(read->literal, TypeKind::kBigint);
        }
    }
    if (left->type.is(TypeKind::kDecimal) && right->type.is(TypeKind::kDecimal)) {
        return std::pair(std::move(left), std::move(right));  // kernels take any two scales
    }
    const auto type = common_type(left->type, right->type);
    if (!type) {
        return unfit();
    }
    const auto widened = [&](ExprPtr side) {
        const DataType to = type->is(TypeKind::kDecimal) ? as_decimal(side->type) : *type;
        return side->type == to ? side : cast_node(std::move(side), to);
    };
    left = widened(std::move(left));
    right = widened(std::move(right));
    return std::pair(std::move(left), std::move(right));
}

Result<ExprPtr> boolean_operand(ExprPtr operand, std::string_view what) {
    if (operand->is_null_literal) {
        return literal(Value(), TypeKind::kBoolean);
    }
    if (!operand->type.is(TypeKind::kBoolean)) {
        return sql_error(SqlError::kNotBoolean,
                         std::string(what) + " needs BOOLEAN operands, got " + described(*operand));
    }
    return operand;
}

Result<ExprPtr> negated_if(bool negated, ExprPtr operand) {
    return negated ? logical_not(std::move(operand)) : Result<ExprPtr>(std::move(operand));
}

/// A type for all of `items`; untyped NULLs do not count. `what` names the place in messages.
Result<DataType> type_of_all(const std::vector<ExprPtr>& items, std::string_view what) {
    const Expr* first = nullptr;
    DataType type;
    for (const ExprPtr& item : items) {
        if (item->is_null_literal) {
            continue;
        }
        if (first == nullptr) {
            first = item.get();
            type = item->type;
            continue;
        }
        const auto both = common_type(type, item->type);
        if (!both) {
            return sql_error(SqlError::kMixedTypes,
                             std::string(what) + " needs one type, got " + described(*first) +
                                 " and " + described(*item));
        }
        type = *both;
    }
    if (first == nullptr) {
        return sql_error(SqlError::kOnlyNulls,
                         what == "CASE"
                             ? std::string("Invalid Case expression. All case branches have NULL "
                                           "type; write CAST(NULL AS type) in one of them")
                             : std::string(what) + " needs a type, but every branch is NULL");
    }
    return type;
}

}  // namespace

ExprPtr literal(Value value, DataType type) {
    Expr expr = node(ExprKind::kLiteral, std::move(type), {});
    expr.literal = std::move(value);
    return share(std::move(expr));
}

ExprPtr null_literal() {
    Expr expr = node(ExprKind::kLiteral, TypeKind::kBoolean, {});
    expr.is_null_literal = true;
    return share(std::move(expr));
}

ExprPtr column(std::size_t index, const Field& field) {
    return column(index, field.type, quoted_name(field.name));
}

ExprPtr column(std::size_t index, DataType type, std::string text) {
    Expr expr = node(ExprKind::kColumn, std::move(type), {});
    expr.column = index;
    expr.name = std::move(text);
    return share(std::move(expr));
}

ExprPtr pseudo_column(ExprKind kind) {
    CHECK(kind >= ExprKind::kRowTime && kind <= ExprKind::kRowOffset);
    return share(
        node(kind, kind == ExprKind::kRowPartition ? TypeKind::kInt : TypeKind::kBigint, {}));
}

Result<ExprPtr> arithmetic(ArithmeticOp op, ExprPtr left, ExprPtr right) {
    const auto refused = [&](const std::string& why) {
        return sql_error(SqlError::kBadArithmetic,
                         "Error processing expression: (" + left->to_string() + " " +
                             std::string(name_of(op)) + " " + right->to_string() + "). " + why);
    };
    if (left->is_null_literal || right->is_null_literal) {
        return refused("Arithmetic on types " + type_text(*left) + " and " + type_text(*right) +
                       " are not supported.");
    }
    if (op == ArithmeticOp::kAdd && left->type.is(TypeKind::kString) &&
        right->type.is(TypeKind::kString)) {
        return concat(std::move(left), std::move(right));
    }
    if (!left->type.is_numeric() || !right->type.is_numeric()) {
        return refused("Unsupported arithmetic types. " + std::string(kind_text(left->type)) + " " +
                       std::string(kind_text(right->type)));
    }
    DataType type = *common_type(left->type, right->type);
    if (type.is(TypeKind::kDecimal)) {
        left = cast(left, as_decimal(left->type)).value();
        right = cast(right, as_decimal(right->type)).value();
        type = decimal_result(op, left->type, right->type);
    } else {
        left = cast(left, type).value();
        right = cast(right, type).value();
    }
    Expr expr = node(ExprKind::kArithmetic, type, {std::move(left), std::move(right)});
    expr.arithmetic = op;
    return share(std::move(expr));
}

Result<ExprPtr> negate(ExprPtr operand) {
    if (operand->is_null_literal || !operand->type.is_numeric()) {
        return sql_error(SqlError::kBadArithmetic,
                         "unary minus needs a number, got " + described(*operand));
    }
    const DataType type = operand->type;
    const bool is_literal = operand->kind == ExprKind::kLiteral;
    ExprPtr made = share(node(ExprKind::kNegate, type, {std::move(operand)}));
    return is_literal ? folded(made) : made;
}

Result<ExprPtr> compare(CompareOp op, ExprPtr left, ExprPtr right) {
    MILLRACE_TRY(auto both, comparable(std::move(left), std::move(right), op));
    const DataType& type = both.first->type;
    if ((type.is_nested() || type.is(TypeKind::kBoolean)) && op != CompareOp::kEqual &&
        op != CompareOp::kNotEqual) {
        return cannot_compare(*both.first, *both.second, op);
    }
    Expr expr = node(
        ExprKind::kCompare, TypeKind::kBoolean, {std::move(both.first), std::move(both.second)});
    expr.compare = op;
    return share(std::move(expr));
}

Result<ExprPtr> logical_and(ExprPtr left, ExprPtr right) {
    MILLRACE_TRY(left, boolean_operand(std::move(left), "AND"));
    MILLRACE_TRY(right, boolean_operand(std::move(right), "AND"));
    return share(node(ExprKind::kAnd, TypeKind::kBoolean, {std::move(left), std::move(right)}));
}

Result<ExprPtr> logical_or(ExprPtr left, ExprPtr right) {
    MILLRACE_TRY(left, boolean_operand(std::move(left), "OR"));
    MILLRACE_TRY(right, boolean_operand(std::move(right), "OR"));
    return share(node(ExprKind::kOr, TypeKind::kBoolean, {std::move(left), std::move(right)}));
}

Result<ExprPtr> logical_not(ExprPtr operand) {
    MILLRACE_TRY(operand, boolean_operand(std::move(operand), "NOT"));
    return share(node(ExprKind::kNot, TypeKind::kBoolean, {std::move(operand)}));
}

Result<ExprPtr> is_null(ExprPtr operand, bool negated) {
    return share(node(negated ? ExprKind::kIsNotNull : ExprKind::kIsNull,
                      TypeKind::kBoolean,
                      {std::move(operand)}));
}

Result<ExprPtr> like(ExprPtr operand, ExprPtr pattern, std::string escape, bool negated) {
    const auto is_text = [](const Expr& expr) {
        return expr.is_null_literal || expr.type.is(TypeKind::kString);
    };
    if (!is_text(*operand) || !is_text(*pattern)) {
        return sql_error(SqlError::kBadLike,
                         "LIKE needs STRING operands, got " + described(*operand) + " and " +
                             described(*pattern));
    }
    const auto points = std::count_if(escape.begin(), escape.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    });
    if (points > 1) {
        return sql_error(SqlError::kBadLike,
                         "the escape of LIKE must be one character: '" + escape + "'");
    }
    MILLRACE_TRY(operand, coerce(std::move(operand), TypeKind::kString));
    MILLRACE_TRY(pattern, coerce(std::move(pattern), TypeKind::kString));
    Expr expr = node(ExprKind::kLike, TypeKind::kBoolean, {std::move(operand), std::move(pattern)});
    expr.like_escape = std::move(escape);
    return negated_if(negated, share(std::move(expr)));
}

Result<ExprPtr> in_list(ExprPtr operand, std::vector<ExprPtr> items, bool negated) {
    if (items.empty()) {
        return sql_error(SqlError::kEmptyConstructor, "IN needs at least one item");
    }
    if (operand->is_null_literal) {
        return sql_error(SqlError::kNullComparison, "NULL IN (...) is never true");
    }
    DataType type = operand->type;
    for (ExprPtr& item : items) {
        MILLRACE_TRY(type, widened_by(type, *item));
    }
    for (ExprPtr& item : items) {
        MILLRACE_TRY(item, as_item(std::move(item), type));
    }
    std::vector<ExprPtr> all = {operand};
    all.insert(all.end(), items.begin(), items.end());
    if (type.is_nested()) {
        ExprPtr any;
        for (ExprPtr& item : items) {
            MILLRACE_TRY(ExprPtr equal, compare(CompareOp::kEqual, operand, std::move(item)));
            if (any) {
                MILLRACE_TRY(any, logical_or(std::move(any), std::move(equal)));
            } else {
                any = std::move(equal);
            }
        }
        return negated_if(negated, std::move(any));
    }
    for (ExprPtr& arg : all) {
        MILLRACE_TRY(arg, cast(std::move(arg), type));
    }
    // Literals first: the kernel sorts them once.
    std::stable_partition(all.begin() + 1, all.end(), [](const ExprPtr& item) {
        return item->kind == ExprKind::kLiteral;
    });
    return negated_if(negated, share(node(ExprKind::kIn, TypeKind::kBoolean, std::move(all))));
}

Result<ExprPtr> between(ExprPtr operand, ExprPtr low, ExprPtr high, bool negated) {
    for (const auto& [bound, op] :
         {std::pair(&low, CompareOp::kGreaterOrEqual), std::pair(&high, CompareOp::kLessOrEqual)}) {
        // Checked here, coerced per bound when compiled.
        MILLRACE_TRY(const ExprPtr checked, compare(op, operand, *bound));
    }
    return negated_if(negated,
                      share(node(ExprKind::kBetween,
                                 TypeKind::kBoolean,
                                 {std::move(operand), std::move(low), std::move(high)})));
}

Result<ExprPtr> case_when(std::vector<ExprPtr> whens,
                          std::vector<ExprPtr> thens,
                          ExprPtr otherwise) {
    CHECK(whens.size() == thens.size() && !whens.empty());
    std::vector<ExprPtr> results = thens;
    if (otherwise) {
        results.push_back(otherwise);
    }
    MILLRACE_TRY(const DataType type, type_of_all(results, "CASE"));
    Expr expr = node(ExprKind::kCase, type, {});
    for (std::size_t i = 0; i < whens.size(); ++i) {
        MILLRACE_TRY(ExprPtr condition, boolean_operand(std::move(whens[i]), "WHEN"));
        MILLRACE_TRY(ExprPtr result, cast(std::move(thens[i]), type));
        expr.args.push_back(std::move(condition));
        expr.args.push_back(std::move(result));
    }
    if (otherwise) {
        MILLRACE_TRY(ExprPtr result, cast(std::move(otherwise), type));
        expr.args.push_back(std::move(result));
        expr.has_else = true;
    }
    return share(std::move(expr));
}

Result<ExprPtr> cast(ExprPtr operand, const DataType& to) {
    if (operand->is_null_literal) {
        return literal(Value(), to);
    }
    if (operand->type == to) {
        return operand;
    }
    if (!can_cast(operand->type, to)) {
        return sql_error(
            SqlError::kBadCast,
            "Cast of " + operand->type.to_string() + " to " + to.to_string() + " is not supported");
    }
    return cast_node(std::move(operand), to);
}

Result<ExprPtr> concat(ExprPtr left, ExprPtr right) {
    const auto resolved = resolve_call("CONCAT", {left, right});
    if (!resolved.ok()) {
        return sql_error(SqlError::kBadConcat,
                         "|| needs two STRING or two BYTES operands, got " + described(*left) +
                             " and " + described(*right));
    }
    const ResolvedCall& found = resolved.value();
    MILLRACE_TRY(left, coerce(std::move(left), found.arg_types[0]));
    MILLRACE_TRY(right, coerce(std::move(right), found.arg_types[1]));
    Expr expr = node(ExprKind::kConcat, found.result, {std::move(left), std::move(right)});
    expr.function = found.function;
    return share(std::move(expr));
}

Result<ExprPtr> make_array(std::vector<ExprPtr> elements) {
    if (elements.empty()) {
        return sql_error(
            SqlError::kEmptyConstructor,
            "Array constructor cannot be empty. Please supply at least one element (see "
            "https://github.com/confluentinc/ksql/issues/4239).");
    }
    MILLRACE_TRY(DataType type, one_type(elements, "an array with all NULL elements"));
    return share(node(ExprKind::kArray, DataType::array(std::move(type)), std::move(elements)));
}

Result<ExprPtr> make_map(std::vector<ExprPtr> keys, std::vector<ExprPtr> values) {
    CHECK(keys.size() == values.size());
    if (keys.empty()) {
        return sql_error(
            SqlError::kEmptyConstructor,
            "Map constructor cannot be empty. Please supply at least one key value pair (see "
            "https://github.com/confluentinc/ksql/issues/4239).");
    }
    MILLRACE_TRY(DataType key_type, one_type(keys, "a map with all NULL keys"));
    MILLRACE_TRY(DataType value_type, one_type(values, "a map with all NULL values"));
    if (key_type.is_nested()) {
        return sql_error(SqlError::kBadKeyType,
                         "the keys of a MAP cannot be " + key_type.to_string());
    }
    std::vector<ExprPtr> args;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        args.push_back(std::move(keys[i]));
        args.push_back(std::move(values[i]));
    }
    return share(node(ExprKind::kMap,
                      DataType::map(std::move(key_type), std::move(value_type)),
                      std::move(args)));
}

Result<ExprPtr> make_struct(const std::vector<std::string>& names, std::vector<ExprPtr> values) {
    CHECK(names.size() == values.size());
    std::vector<Field> fields;
    for (std::size_t i = 0; i < names.size(); ++i) {
        for (const Field& field : fields) {
            if (field.name == names[i]) {
                return sql_error(SqlError::kDuplicateField,
                                 "Duplicate field names found in STRUCT: " + quoted_name(names[i]));
            }
        }
        if (values[i]->is_null_literal) {
            return sql_error(SqlError::kUntypedNull,
                             "cannot infer the type of field " + quoted_name(names[i]) +
                                 ", write CAST(NULL AS type)");
        }
        fields.push_back(Field{names[i], values[i]->type});
    }
    return share(
        node(ExprKind::kStruct, DataType::structure(std::move(fields)), std::move(values)));
}

Result<ExprPtr> subscript(ExprPtr operand, ExprPtr index) {
    DataType type;
    if (operand->type.is(TypeKind::kArray) && !operand->is_null_literal) {
        if (!index->is_null_literal && !index->type.is(TypeKind::kInt) &&
            !index->type.is(TypeKind::kBigint)) {
            return sql_error(
                SqlError::kBadSubscript,
                "an ARRAY takes a whole number between [ and ], got " + described(*index));
        }
        if (index->is_null_literal) {
            index = literal(Value(), TypeKind::kInt);
        }
        type = operand->type.children()[0].type;
    } else if (operand->type.is(TypeKind::kMap) && !operand->is_null_literal) {
        const DataType& key = operand->type.children()[0].type;
        auto fitting = coerce(index, key);
        if (!fitting.ok()) {
            return sql_error(SqlError::kBadSubscript,
                             "this MAP takes a key of type " + key.to_string() +
                                 " between [ and ], got " + described(*index));
        }
        index = std::move(fitting).value();
        type = operand->type.children()[1].type;
    } else {
        return sql_error(SqlError::kBadSubscript,
                         "only an ARRAY or a MAP takes [...], got " + described(*operand));
    }
    return share(
        node(ExprKind::kSubscript, std::move(type), {std::move(operand), std::move(index)}));
}

Result<ExprPtr> dereference(ExprPtr operand, std::string_view field) {
    if (operand->is_null_literal || !operand->type.is(TypeKind::kStruct)) {
        return sql_error(SqlError::kNotAStruct,
                         "-> needs a STRUCT before it, got " + described(*operand));
    }
    const std::vector<Field>& fields = operand->type.children();
    std::vector<std::string> names;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].name == field) {
            Expr expr = node(ExprKind::kDereference, fields[i].type, {std::move(operand)});
            expr.column = i;
            return share(std::move(expr));
        }
        names.push_back(fields[i].name);
    }
    return sql_error(SqlError::kUnknownField,
                     "unknown field " + quoted_name(field) + " of " + described(*operand) +
                         did_you_mean(field, names));
}

Result<ExprPtr> call(std::string_view name, std::vector<ExprPtr> args) {
    if (takes_lambda(name)) {
        return call_with_lambdas(name, std::move(args));
    }
    MILLRACE_TRY(const ResolvedCall resolved, resolve_call(name, args));
    for (std::size_t i = 0; i < args.size(); ++i) {
        const bool is_text_for_time =
            is_temporal(resolved.arg_types[i]) && args[i]->type.is(TypeKind::kString);
        MILLRACE_TRY(args[i],
                     is_text_for_time ? cast(std::move(args[i]), resolved.arg_types[i])
                                      : coerce(std::move(args[i]), resolved.arg_types[i]));
    }
    if (resolved.function->form == FunctionForm::kNullIf) {
        std::vector<ExprPtr> whens;
        MILLRACE_TRY(ExprPtr equal, compare(CompareOp::kEqual, args[0], args[1]));
        whens.push_back(std::move(equal));
        return case_when(std::move(whens), {null_literal()}, args[0]);
    }
    Expr expr = node(ExprKind::kCall, resolved.result, std::move(args));
    expr.function = resolved.function;
    return share(std::move(expr));
}

ExprPtr with_env(const ExprPtr& expr, const Env& env) {
    if (expr == nullptr) {
        return expr;
    }
    std::vector<ExprPtr> args;
    for (const ExprPtr& arg : expr->args) {
        args.push_back(with_env(arg, env));
    }
    const bool draws = expr->function != nullptr && expr->function->kernel.is_volatile;
    if (!draws && args == expr->args) {
        return expr;
    }
    Expr copy = *expr;
    copy.args = std::move(args);
    copy.env = draws ? &env : nullptr;
    return share(std::move(copy));
}

Result<ExprPtr> coerce(ExprPtr operand, const DataType& to) {
    if (operand->is_null_literal || operand->type == to) {
        return cast(std::move(operand), to);
    }
    if (!widens(operand->type, to)) {
        return sql_error(SqlError::kCannotConvert,
                         "cannot use " + described(*operand) + " as " + to.to_string());
    }
    return cast_node(std::move(operand), to);
}

}  // namespace millrace::operators
