// Encoded values: one value of any type as bytes, for aggregates that keep values as they are.
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/row/column.h"
#include "core/row/data_type.h"

namespace millrace::operators {

/// The value's bytes, as in docs/formats/deltas.md; equal values have equal bytes, but for MAPs in
/// another order.
[[nodiscard]] std::string encoded_value(const Column& column, std::uint32_t row);
/// Decodes what encoded_value() made; a NULL when the bytes do not fit.
void write_encoded(std::string_view bytes, ColumnBuilder& builder, std::uint32_t row);
/// The bytes are one value of the type.
[[nodiscard]] bool is_encoded_value(const DataType& type, std::string_view bytes);
/// The bytes are values of the types, one behind the other.
[[nodiscard]] bool are_encoded_values(const std::vector<DataType>& types, std::string_view bytes);

/// Whether values of the type have an order, see compare_encoded().
[[nodiscard]] bool has_order(const DataType& type);
/// Below, at or above 0: two encoded values of one kind that are not null. Text by bytes, DOUBLE as
/// Java's compareTo.
[[nodiscard]] int compare_encoded(TypeKind kind, std::string_view a, std::string_view b);

}  // namespace millrace::operators
