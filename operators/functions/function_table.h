// The entries of the function table, as the families of functions write them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "operators/expression/scalar_functions.h"

namespace millrace::operators {

/// One overload. The signature is text: parameters, "->", result. Types as the dialect spells them;
/// T, K and V stand for any type, the same everywhere in the signature; DECIMAL and STRUCT stand
/// for any of that kind; UNIT is a word such as DAYS; "..." behind the last parameter: any number
/// of it, at least one.
struct OverloadSpec {
    std::string_view signature;  // "ARRAY<T>, T -> BOOLEAN"
    KernelInfo kernel{};
    ResultRule result = nullptr;  // when the signature cannot say it
    FunctionForm form = FunctionForm::kKernel;
};

/// One function.
struct FunctionSpec {
    std::string_view name;         // upper case
    std::string_view description;  // one line
    std::string_view example;      // SQL over literals; runs as a test
    std::string_view result;       // of the example, as the shell prints it
    std::vector<OverloadSpec> overloads;
};

struct FunctionFamily {
    std::string_view title;
    std::vector<FunctionSpec> functions;
};

[[nodiscard]] FunctionFamily string_functions();
[[nodiscard]] FunctionFamily mask_functions();
[[nodiscard]] FunctionFamily regexp_functions();
[[nodiscard]] FunctionFamily bytes_functions();
[[nodiscard]] FunctionFamily json_functions();
[[nodiscard]] FunctionFamily url_functions();
[[nodiscard]] FunctionFamily math_functions();
[[nodiscard]] FunctionFamily date_functions();
[[nodiscard]] FunctionFamily array_functions();
[[nodiscard]] FunctionFamily map_functions();
[[nodiscard]] FunctionFamily null_functions();

// How kernels treat nulls and errors.

/// A null argument gives null; never fails.
[[nodiscard]] inline KernelInfo strict(Kernel run) {
    return {run};
}
/// A null argument gives null; rows may fail.
[[nodiscard]] inline KernelInfo fallible(Kernel run) {
    return {run, NullPolicy::kStrict, true};
}
/// A null argument gives null; results may point into the arguments.
[[nodiscard]] inline KernelInfo borrowing(Kernel run) {
    return {run, NullPolicy::kStrict, false, true};
}
/// The kernel looks at nulls itself; never fails.
[[nodiscard]] inline KernelInfo null_aware(Kernel run) {
    return {run, NullPolicy::kOwn};
}
/// The kernel looks at nulls itself; rows may fail.
[[nodiscard]] inline KernelInfo null_aware_fallible(Kernel run) {
    return {run, NullPolicy::kOwn, true};
}
/// A new value at every row and evaluation.
[[nodiscard]] inline KernelInfo drawn(Kernel run) {
    return {.run = run, .can_fail = true, .is_volatile = true};
}

/// Longest list that a function makes.
constexpr std::int64_t kListMax = 1'000'000;

}  // namespace millrace::operators
