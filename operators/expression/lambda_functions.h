// The functions that take lambdas: TRANSFORM, FILTER, REDUCE over ARRAY and MAP.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "operators/expression/expression.h"
#include "operators/expression/scalar_functions.h"

namespace millrace::operators {

// A lambda is bound in two steps, as the types of its variables come from the arguments before it:
//   types  = lambda_parameters("TRANSFORM", {array}, 1)
//   x      = lambda_variable("X", types[0], 0)
//   lambda = make_lambda({x}, body over x and columns)
//   call("TRANSFORM", {array, lambda})

/// True for the names of this file's functions, in any case.
[[nodiscard]] bool takes_lambda(std::string_view function);
/// Types of the variables of the lambda that follows `args`, for a lambda of `count` variables.
/// kSqlSemantic when no lambda stands there, or one with more or fewer variables.
[[nodiscard]] Result<std::vector<DataType>> lambda_parameters(std::string_view function,
                                                              std::span<const ExprPtr> args,
                                                              std::size_t count);
/// id  tells it apart from every other variable of the whole expression
[[nodiscard]] ExprPtr lambda_variable(std::string_view name, DataType type, std::size_t id);
/// In its body a NULL operand of + - * / % or unary minus fails the row, as in Java.
[[nodiscard]] ExprPtr make_lambda(std::vector<ExprPtr> variables, ExprPtr body);
/// The call with all its arguments; call() of expression.h comes here.
[[nodiscard]] Result<ExprPtr> call_with_lambdas(std::string_view function,
                                                std::vector<ExprPtr> args);
/// One entry per function, names ascending.
[[nodiscard]] std::span<const FunctionDoc> lambda_function_docs();
/// "FILTER(ARRAY<T>, x => BOOLEAN) -> ARRAY<T>" and the like; none for other names.
[[nodiscard]] std::span<const std::string_view> lambda_signatures(std::string_view function);

}  // namespace millrace::operators
