// The table of scalar functions: names, signatures, kernels, one line of documentation and an
// example each; and the choice among overloads. The entries are in operators/functions/.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/row/data_type.h"
#include "operators/expression/expression.h"
#include "operators/expression/kernel.h"
#include "operators/functions/type_pattern.h"

namespace millrace::operators {

enum class FunctionForm : std::uint8_t {
    kKernel,    // all arguments, then the kernel
    kCoalesce,  // the first argument that is not null; later ones are not computed
    kNullIf,    // NULL when both are equal, else the first
    kAlias,     // its only argument
};

/// The result's type from the argument types after widening.
using ResultRule = DataType (*)(std::span<const DataType> args);

/// One overload. Static storage.
struct ScalarFunction {
    std::string_view name;  // upper case
    std::vector<TypePattern> params{};
    bool is_variadic = false;  // the last parameter any number of times, at least once
    TypePattern result{};
    ResultRule result_rule = nullptr;  // instead of `result`
    FunctionForm form = FunctionForm::kKernel;
    KernelInfo kernel{};
};

/// For SHOW FUNCTIONS, DESCRIBE FUNCTION and docs/sql_functions.md.
struct FunctionDoc {
    std::string_view name;
    std::string_view family;       // "Strings"
    std::string_view description;  // one line
    std::string_view example;      // SQL over literals; runs as a test
    std::string_view result;       // of the example, as the shell prints it
};

/// All overloads, those of one name side by side, names ascending.
[[nodiscard]] const std::vector<ScalarFunction>& scalar_functions();
/// The overloads of a name, in any case; none: no such function.
[[nodiscard]] std::span<const ScalarFunction> overloads_of(std::string_view name);
/// One entry per name, ascending.
[[nodiscard]] const std::vector<FunctionDoc>& scalar_function_docs();
/// "SUBSTRING(STRING, INTEGER)", "CONCAT(STRING, ...)".
[[nodiscard]] std::string signature_of(const ScalarFunction& function);
/// docs/sql_functions.md, whole.
[[nodiscard]] std::string function_reference();

/// The overload for the arguments. Overloads that take their types as they are win; only when there
/// is none, numbers widen (INTEGER < BIGINT < DECIMAL < DOUBLE) and texts become times. Among
/// several that fit, fixed parameter lists win over variadic ones and plain types over variables;
/// what is left is ambiguous, as ksqlDB has it. An untyped NULL fits everywhere.
/// kSqlSemantic; kUnknownName for a name that is no function, with the nearest one.
struct ResolvedCall {
    const ScalarFunction* function = nullptr;
    std::vector<DataType> arg_types{};  // to coerce the arguments to
    DataType result{};
};
[[nodiscard]] Result<ResolvedCall> resolve_call(std::string_view name,
                                                const std::vector<ExprPtr>& args);

}  // namespace millrace::operators
