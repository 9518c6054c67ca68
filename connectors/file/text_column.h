// Text -> typed column values: how CSV fields and key texts become the columns of a schema.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/row/column.h"

namespace millrace::connectors {

/// kNotSupported when no text stands for a value of the type (ARRAY, MAP, STRUCT, BYTES).
[[nodiscard]] Status check_text_type(const Field& field);

/// Sets row `row` to the value that `text` spells: whole numbers, numbers, true and false, dates
/// (2001-01-31), times (23:59:59 or 23:59:59.999), timestamps (milliseconds, or
/// 2001-01-31T23:59:59.999 with 'T' or a blank, 'Z' or none: UTC). Blanks around all but strings do
/// not count. False when it does not fit; the row then holds nothing certain.
[[nodiscard]] bool set_from_text(ColumnBuilder& column, std::uint32_t row, std::string_view text);

}  // namespace millrace::connectors
