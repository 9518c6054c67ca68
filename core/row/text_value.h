// Text <-> values of the plain types, by the rules that JSON and DELIMITED share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/row/column.h"

namespace millrace {

/// Why a text does not fit a type, as the end of a sentence; nullptr when it does. Static storage.
using Reason = const char*;

/// Whether strings that need no change may point at the caller's text (which the column pins).
enum class Borrow : std::uint8_t { kNo, kYes };

/// Sets `row` of a plain column from a text: numbers by their decimal text, BOOLEAN true or false
/// (any case), DATE days, TIME and TIMESTAMP milliseconds, BYTES base64, STRING as it is.
[[nodiscard]] Reason set_from_text(ColumnBuilder& builder,
                                   std::uint32_t row,
                                   std::string_view text,
                                   Borrow borrow);
/// Sets a numeric or date/time column from the text of a number. 5.0 and 5e2 are whole numbers.
[[nodiscard]] Reason set_from_number(ColumnBuilder& builder,
                                     std::uint32_t row,
                                     std::string_view text);

/// Well-formed UTF-8: no overlong forms, no surrogates.
[[nodiscard]] bool is_utf8(std::string_view text);

/// A text for an error message: at most 60 bytes, control characters and broken UTF-8 as \xNN.
[[nodiscard]] std::string shortened(std::string_view text);

/// Standard base64, with padding.
void append_base64(Buffer& out, std::string_view bytes);
/// Appends the decoded bytes; false (and nothing appended) when `text` is not base64. Padding may
/// be left out.
[[nodiscard]] bool append_from_base64(std::string& out, std::string_view text);

/// Appends decimal digits; DOUBLE as Java's Double.toString.
void append_integer(Buffer& out, std::int64_t value);
void append_double(Buffer& out, double value);
/// Unscaled value and scale as plain digits: "-1.20".
void append_decimal(Buffer& out, Int128 unscaled, std::uint8_t scale);
/// The text of a plain value other than STRING, as DELIMITED writes it and JSON quotes it or not.
void append_plain(Buffer& out, const Column& column, std::uint32_t row);

}  // namespace millrace
