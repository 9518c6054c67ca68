// Which types go together: promotion, DECIMAL results, implicit widening. Planning only.
#pragma once

#include <optional>

#include "operators/expression/expression.h"

namespace millrace::operators {

constexpr int kDecimalPrecisionMax = 38;

/// INTEGER as DECIMAL(10, 0), BIGINT as DECIMAL(19, 0); DECIMAL as it is.
[[nodiscard]] DataType as_decimal(const DataType& type);

/// A DECIMAL of so many digits; above 38 the integer digits are kept and the scale gives way, down
/// to 6 digits (as SQL Server does).
[[nodiscard]] DataType capped_decimal(int precision, int scale);

/// The DECIMAL that `left op right` gives, both DECIMAL.
[[nodiscard]] DataType decimal_result(ArithmeticOp op, const DataType& left, const DataType& right);

/// The type that both widen to: the same type, a number of the higher rank, TIMESTAMP for DATE and
/// TIMESTAMP; ARRAY and MAP of such types, STRUCT with the fields of both, each of such a type.
/// nullopt: none.
[[nodiscard]] std::optional<DataType> common_type(const DataType& a, const DataType& b);

/// True when `from` becomes `to` without CAST: the same, or a number of higher rank; nested types
/// part by part, where a STRUCT may lack fields of `to`.
[[nodiscard]] bool widens(const DataType& from, const DataType& to);

/// True for DATE, TIME, TIMESTAMP.
[[nodiscard]] bool is_temporal(const DataType& type);

/// True when CAST(from AS to) is defined.
[[nodiscard]] bool can_cast(const DataType& from, const DataType& to);

}  // namespace millrace::operators
