// Kernels of the mathematical functions and of GREATEST and LEAST.
#pragma once

#include "operators/expression/expression.h"
#include "operators/expression/kernel.h"

namespace millrace::operators {

[[nodiscard]] KernelInfo abs_kernel(TypeKind kind);
[[nodiscard]] KernelInfo sign_kernel(TypeKind kind);
/// The same type; DECIMAL keeps its scale.
[[nodiscard]] KernelInfo floor_kernel(TypeKind kind);
[[nodiscard]] KernelInfo ceil_kernel(TypeKind kind);
/// One argument. Ties go up, towards plus infinity, as in ksqlDB: 2.5 is 3, -2.5 is -2.
[[nodiscard]] KernelInfo round_kernel(TypeKind kind);
/// (value, digits behind the point, may be negative): same type and scale.
[[nodiscard]] KernelInfo round_to_kernel(TypeKind kind);
/// As ROUND's, but towards zero.
[[nodiscard]] KernelInfo trunc_kernel(TypeKind kind);
[[nodiscard]] KernelInfo trunc_to_kernel(TypeKind kind);
/// The greatest or least argument that is not null; any plain type.
[[nodiscard]] KernelInfo extreme_kernel(bool greatest);

}  // namespace millrace::operators
