#include "operators/expression/lambda_functions.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/sql_error.h"

namespace millrace::operators {

namespace {

struct Entry {
    std::string_view name;
    LambdaFunction function;
    std::array<std::string_view, 2> forms;
};
constexpr Entry kFunctions[] = {
    {"FILTER",
     LambdaFunction::kFilter,
     {"FILTER(ARRAY<T>, x => BOOLEAN) -> ARRAY<T>",
      "FILTER(MAP<K, V>, (k, v) => BOOLEAN) -> MAP<K, V>"}},
    {"REDUCE",
     LambdaFunction::kReduce,
     {"REDUCE(ARRAY<T>, S, (s, x) => S) -> S", "REDUCE(MAP<K, V>, S, (s, k, v) => S) -> S"}},
    {"TRANSFORM",
     LambdaFunction::kTransform,
     {"TRANSFORM(ARRAY<T>, x => U) -> ARRAY<U>",
      "TRANSFORM(MAP<K, V>, (k, v) => L, (k, v) => W) -> MAP<L, W>"}},
};

constexpr FunctionDoc kDocs[] = {
    {"FILTER",
     "Lambdas",
     "The elements or entries for which the lambda is true.",
     "FILTER(ARRAY[3, 6, 10], x => x > 5)",
     "[6, 10]"},
    {"REDUCE",
     "Lambdas",
     "The last state: the lambda makes the next one of a state and an element or entry.",
     "REDUCE(ARRAY[3, 6], 2, (s, x) => s + x)",
     "11"},
    {"TRANSFORM",
     "Lambdas",
     "What the lambda makes of each element; of a MAP: two lambdas, for keys and values.",
     "TRANSFORM(ARRAY[3, 6], x => x + 5)",
     "[8, 11]"},
};

const Entry* find(std::string_view name) {
    const auto equals = [&](const Entry& entry) {
        return std::equal(
            entry.name.begin(), entry.name.end(), name.begin(), name.end(), [](char upper, char c) {
                return upper == (c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
            });
    };
    const auto* const found = std::find_if(std::begin(kFunctions), std::end(kFunctions), equals);
    return found == std::end(kFunctions) ? nullptr : found;
}

std::string forms_of(const Entry& entry) {
    return std::string(entry.forms[0]) + ", " + std::string(entry.forms[1]);
}

Error misused(const Entry& entry, std::span<const ExprPtr> args) {
    std::string given;
    for (const ExprPtr& arg : args) {
        given +=
            (given.empty() ? "" : ", ") + (arg->kind == ExprKind::kLambda ? std::string("LAMBDA")
                                           : arg->is_null_literal         ? std::string("null")
                                                                          : arg->type.to_string());
    }
    return sql_error(SqlError::kBadParameters,
                     "Function '" + std::string(entry.name) + "' does not accept parameters (" +
                         given + "). Valid alternatives are: " + forms_of(entry));
}

bool is_lambda(const ExprPtr& arg) {
    return arg->kind == ExprKind::kLambda;
}

/// In Java a null operand of an arithmetic operator stops the whole lambda.
ExprPtr with_required_operands(const ExprPtr& expr) {
    std::vector<ExprPtr> args;
    bool is_changed = false;
    for (const ExprPtr& arg : expr->args) {
        args.push_back(with_required_operands(arg));
        is_changed = is_changed || args.back() != arg;
    }
    const bool is_arithmetic =
        expr->kind == ExprKind::kArithmetic || expr->kind == ExprKind::kNegate;
    if (!is_changed && (!is_arithmetic || expr->fails_on_null)) {
        return expr;
    }
    auto made = std::make_shared<Expr>(*expr);
    made->args = std::move(args);
    made->fails_on_null = made->fails_on_null || is_arithmetic;
    return made;
}

ExprPtr with_type(const ExprPtr& lambda, ExprPtr body) {
    auto made = std::make_shared<Expr>(*lambda);
    made->type = body->type;
    made->args = {std::move(body)};
    return made;
}

/// The body as `type`, when it widens to it.
Result<ExprPtr> returning(const Entry& entry, const ExprPtr& lambda, const DataType& type) {
    auto body = coerce(lambda->args[0], type);
    if (!body.ok()) {
        return sql_error(SqlError::kLambdaResult,
                         "the lambda of " + std::string(entry.name) + " must give " +
                             type.to_string() + ", not " + lambda->args[0]->type.to_string() +
                             ": " + lambda->to_string());
    }
    return with_type(lambda, std::move(body).value());
}

Result<DataType> result_of(const Entry& entry, const ExprPtr& lambda) {
    if (lambda->args[0]->is_null_literal) {
        return sql_error(SqlError::kLambdaResult,
                         "the lambda of " + std::string(entry.name) +
                             " gives NULL only, write CAST(NULL AS type)");
    }
    return lambda->args[0]->type;
}

}  // namespace

bool takes_lambda(std::string_view function) {
    return find(function) != nullptr;
}

Result<std::vector<DataType>> lambda_parameters(std::string_view function,
                                                std::span<const ExprPtr> args,
                                                std::size_t count) {
    const Entry* entry = find(function);
    if (entry == nullptr) {
        return sql_error(SqlError::kLambdaMisplaced,
                         "function '" + std::string(function) +
                             "' takes no lambda; TRANSFORM, FILTER and REDUCE do");
    }
    const bool is_reduce = entry->function == LambdaFunction::kReduce;
    const std::size_t plain = is_reduce ? 2 : 1;
    const bool fits =
        args.size() >= plain && !args[0]->is_null_literal &&
        (args[0]->type.is(TypeKind::kArray) || args[0]->type.is(TypeKind::kMap)) &&
        std::none_of(args.begin(), args.begin() + static_cast<std::ptrdiff_t>(plain), is_lambda) &&
        std::all_of(args.begin() + static_cast<std::ptrdiff_t>(plain), args.end(), is_lambda);
    if (!fits || (is_reduce && args[1]->is_null_literal)) {
        return misused(*entry, args);
    }
    std::vector<DataType> types;
    if (is_reduce) {
        types.push_back(args[1]->type);
    }
    for (const Field& part : args[0]->type.children()) {
        types.push_back(part.type);
    }
    if (types.size() != count) {
        return sql_error(SqlError::kLambdaVariables,
                         "this lambda of " + std::string(entry->name) + " needs " +
                             std::to_string(types.size()) + " variables, found " +
                             std::to_string(count) + ": " + forms_of(*entry));
    }
    return types;
}

ExprPtr lambda_variable(std::string_view name, DataType type, std::size_t id) {
    auto made = std::make_shared<Expr>();
    made->kind = ExprKind::kLambdaVariable;
    made->type = std::move(type);
    made->column = id;
    made->name = name;
    return made;
}

ExprPtr make_lambda(std::vector<ExprPtr> variables, ExprPtr body) {
    auto made = std::make_shared<Expr>();
    made->kind = ExprKind::kLambda;
    made->type = body->type;
    made->params = std::move(variables);
    made->args = {with_required_operands(body)};
    return made;
}

Result<ExprPtr> call_with_lambdas(std::string_view function, std::vector<ExprPtr> args) {
    const Entry* entry = find(function);
    CHECK(entry != nullptr);
    const bool is_map = !args.empty() && args[0]->type.is(TypeKind::kMap);
    const bool has_two = is_map && entry->function == LambdaFunction::kTransform;
    const std::size_t plain = entry->function == LambdaFunction::kReduce ? 2 : 1;
    if (args.size() != plain + (has_two ? 2 : 1) || !is_lambda(args.back()) || is_lambda(args[0])) {
        return misused(*entry, args);
    }
    DataType type = args[0]->type;
    switch (entry->function) {
        case LambdaFunction::kTransform: {
            MILLRACE_TRY(DataType first, result_of(*entry, args[1]));
            if (has_two) {
                MILLRACE_TRY(DataType second, result_of(*entry, args[2]));
                if (first.is_nested()) {
                    return sql_error(SqlError::kBadKeyType,
                                     "the keys of a MAP cannot be " + first.to_string());
                }
                type = DataType::map(std::move(first), std::move(second));
            } else {
                type = DataType::array(std::move(first));
            }
            break;
        }
        case LambdaFunction::kFilter: {
            MILLRACE_TRY(args[1], returning(*entry, args[1], TypeKind::kBoolean));
            break;
        }
        case LambdaFunction::kReduce: {
            type = args[1]->type;
            MILLRACE_TRY(args[2], returning(*entry, args[2], type));
            break;
        }
    }
    auto made = std::make_shared<Expr>();
    made->kind = ExprKind::kLambdaCall;
    made->type = std::move(type);
    made->lambda_function = entry->function;
    made->name = entry->name;
    made->args = std::move(args);
    return ExprPtr(std::move(made));
}

std::span<const std::string_view> lambda_signatures(std::string_view function) {
    const Entry* entry = find(function);
    return entry == nullptr ? std::span<const std::string_view>() : entry->forms;
}

std::span<const FunctionDoc> lambda_function_docs() {
    return kDocs;
}

}  // namespace millrace::operators
