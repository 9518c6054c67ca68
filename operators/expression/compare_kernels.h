// Kernels of = <> < <= > >=, as BOOLEAN columns and as selections; IN; IS NULL; NOT, AND, OR.
#pragma once

#include "operators/expression/expression.h"
#include "operators/expression/kernel.h"

namespace millrace::operators {

/// Both arguments of the same kind (two DECIMALs may differ in scale). A null operand gives false.
/// Nested types know only = and <>.
[[nodiscard]] KernelInfo compare_kernel(CompareOp op, TypeKind kind);

/// Appends to `to` the rows of `rows` where `left op right` is true and returns their number.
/// `to` has room for rows.count rows and may be rows.selected itself.
using Selector = std::uint32_t (*)(const Vector& left,
                                   const Vector& right,
                                   const RowSet& rows,
                                   std::uint32_t* to);
/// nullptr when there is no fast one: compute the BOOLEAN and select by it.
[[nodiscard]] Selector compare_selector(CompareOp op, TypeKind kind);

enum class SelectBy : std::uint8_t { kTrue, kNotTrue, kNull };
/// The rows where a BOOLEAN is true, or is not true (false or null), or where any value is null.
std::uint32_t select_rows(const Vector& flags, SelectBy by, const RowSet& rows, std::uint32_t* to);

/// Argument 0 equals one of the others; false for null. All of one type.
[[nodiscard]] KernelInfo in_kernel(TypeKind kind);
/// IS NULL, IS NOT NULL of any type.
[[nodiscard]] KernelInfo is_null_kernel(bool negated);
[[nodiscard]] KernelInfo not_kernel();
/// Both sides computed; a null side counts as false.
[[nodiscard]] KernelInfo and_kernel();
[[nodiscard]] KernelInfo or_kernel();

}  // namespace millrace::operators
