// Table functions: each gives rows out of one row. EXPLODE and CUBE_EXPLODE.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "operators/expression/expression.h"
#include "operators/expression/scalar_functions.h"

namespace millrace::operators {

/// One entry per name, ascending; the example is a SELECT list.
[[nodiscard]] std::span<const FunctionDoc> table_function_docs();
/// In any case.
[[nodiscard]] bool is_table_function(std::string_view name);
/// The ARRAY whose elements a call makes rows of. kSqlSemantic when the arguments do not fit.
[[nodiscard]] Result<ExprPtr> table_function_rows(std::string_view name, std::vector<ExprPtr> args);

}  // namespace millrace::operators
