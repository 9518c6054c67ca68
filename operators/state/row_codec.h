// Rows of any types as bytes in state, and back. docs/formats/deltas.md
#pragma once

#include <span>
#include <vector>

#include "core/base/bytes.h"
#include "core/row/column.h"

namespace millrace::operators {

/// Appends one value, nested ones too.
void encode_value(const Column& column, std::uint32_t row, Buffer& out);
/// Writes one value at `row` of a builder of the type that was encoded. False when the bytes do not
/// fit; the row is then undefined.
[[nodiscard]] bool decode_value(Cursor& in, ColumnBuilder& builder, std::uint32_t row);

/// Appends row `row` of `columns`. A null pointer (a column that nobody decoded) is written as
/// null.
void encode_row(std::span<const ColumnPtr> columns, std::uint32_t row, Buffer& out);

/// Writes the values at row `row` of `builders`, one per column and of the types that were encoded.
/// False when the bytes do not fit; the row is then undefined.
[[nodiscard]] bool decode_row(Cursor& in, std::span<ColumnBuilder> builders, std::uint32_t row);

}  // namespace millrace::operators
