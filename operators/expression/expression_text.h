// How expressions are spelled.
#pragma once

#include <string>
#include <string_view>

#include "operators/expression/expression.h"

namespace millrace::operators {

/// "=", "<>", ...
[[nodiscard]] std::string_view name_of(CompareOp op);
/// "EQUAL", "LESS_THAN", ...: as messages say it.
[[nodiscard]] std::string_view word_of(CompareOp op);
/// The type as messages say it: "null" for an untyped NULL.
[[nodiscard]] std::string type_text(const Expr& expr);
/// Without parameters: "DECIMAL", "ARRAY".
[[nodiscard]] std::string kind_text(const DataType& type);
/// "+", "-", ...
[[nodiscard]] std::string_view name_of(ArithmeticOp op);

}  // namespace millrace::operators
