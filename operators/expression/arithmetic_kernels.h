// Kernels of + - * / % and of the unary minus.
#pragma once

#include "operators/expression/expression.h"
#include "operators/expression/kernel.h"

namespace millrace::operators {

/// Both arguments of the same kind; two DECIMALs may differ in scale.
///   INTEGER, BIGINT   wrap around on overflow, as Java does; / and % by zero are errors
///   DOUBLE            IEEE 754; % as fmod
///   DECIMAL           exact, rounded HALF_UP to the result's scale; too many digits: an error
[[nodiscard]] KernelInfo arithmetic_kernel(ArithmeticOp op, TypeKind kind);
[[nodiscard]] KernelInfo negate_kernel(TypeKind kind);

}  // namespace millrace::operators
