// Kernels over ARRAY, MAP and STRUCT values: constructors, subscripts, fields, their text.
#pragma once

#include "operators/expression/kernel.h"

namespace millrace::operators {

/// ARRAY[...] of its arguments, all of the element's type.
[[nodiscard]] KernelInfo array_kernel();
/// MAP(...) of keys and values in turn; of equal keys the last one counts, at the first one's
/// place.
[[nodiscard]] KernelInfo map_kernel();
/// array[index], index INTEGER or BIGINT, and map[key] by the operand's type.
[[nodiscard]] KernelInfo subscript_kernel(const DataType& operand, const DataType& index);
/// A field of a STRUCT, by the call's `field`.
[[nodiscard]] KernelInfo dereference_kernel();
/// CAST(nested AS STRING), as Java's toString() spells lists, maps and structs: "[1, null]",
/// "{a=1}", "Struct{A=1,B=2}" (a struct leaves out fields that are null).
[[nodiscard]] KernelInfo nested_text_kernel();
/// The argument; a null fails the row.
[[nodiscard]] KernelInfo required_kernel();

}  // namespace millrace::operators
