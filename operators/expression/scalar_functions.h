// The table of scalar functions: names, signatures, kernels, one line of documentation and an
// example each; and the choice among overloads.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/row/data_type.h"
#include "operators/expression/expression.h"
#include "operators/expression/kernel.h"

namespace millrace::operators {

/// What a parameter takes: a type, DECIMAL of any precision, or any type that all kAny arguments of
/// the call share.
enum class ParamKind : std::uint8_t {
    kBoolean,
    kInt,
    kBigint,
    kDouble,
    kDecimal,
    kString,
    kBytes,
    kDate,
    kTime,
    kTimestamp,
    kAny,
};

enum class FunctionForm : std::uint8_t {
    kKernel,    // all arguments, then the kernel
    kCoalesce,  // the first argument that is not null; later ones are not computed
    kNullIf,    // NULL when both are equal, else the first
    kAlias,     // its only argument
};

/// One overload. Static storage.
struct ScalarFunction {
    std::string_view name;  // upper case
    std::vector<ParamKind> params{};
    bool is_variadic = false;  // the last parameter any number of times, at least once
    /// From the argument types after widening.
    DataType (*result)(std::span<const DataType> args) = nullptr;
    FunctionForm form = FunctionForm::kKernel;
    KernelInfo kernel{};
};

/// For SHOW FUNCTIONS, DESCRIBE FUNCTION and docs/sql_functions.md.
struct FunctionDoc {
    std::string_view name;
    std::string_view description;  // one line
    std::string_view example;      // SQL over literals; runs as a test
    std::string_view result;       // of the example, as the shell prints it
};

/// All overloads, those of one name side by side, names ascending.
[[nodiscard]] const std::vector<ScalarFunction>& scalar_functions();
/// One entry per name, ascending.
[[nodiscard]] std::span<const FunctionDoc> scalar_function_docs();
/// "SUBSTRING(STRING, INTEGER)", "CONCAT(STRING, ...)".
[[nodiscard]] std::string signature_of(const ScalarFunction& function);

/// The overload for the arguments: exact types win, then the fewest and shortest widenings. An
/// untyped NULL fits everywhere; when that leaves more than one, the call is ambiguous.
/// kSqlSemantic; kUnknownName for a name that is no function, with the nearest one.
struct ResolvedCall {
    const ScalarFunction* function = nullptr;
    std::vector<DataType> arg_types{};  // to coerce the arguments to
    DataType result{};
};
[[nodiscard]] Result<ResolvedCall> resolve_call(std::string_view name,
                                                const std::vector<ExprPtr>& args);

}  // namespace millrace::operators
