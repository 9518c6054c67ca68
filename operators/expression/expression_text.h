// How expressions are spelled.
#pragma once

#include <string_view>

#include "operators/expression/expression.h"

namespace millrace::operators {

/// "=", "<>", ...
[[nodiscard]] std::string_view name_of(CompareOp op);
/// "+", "-", ...
[[nodiscard]] std::string_view name_of(ArithmeticOp op);

}  // namespace millrace::operators
