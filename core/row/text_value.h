// Text <-> values of the plain types, by the rules that JSON and DELIMITED share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/row/byte_writer.h"
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

/// Appends standard base64, with padding.
void put_base64(ByteWriter& out, std::string_view bytes);
/// Appends the decoded bytes; false (and nothing appended) when `text` is not base64. Padding may
/// be left out.
[[nodiscard]] bool append_from_base64(std::string& out, std::string_view text);

/// Writes as Java's Double.toString and returns the end; at most kDoubleTextMax bytes.
constexpr std::size_t kDoubleTextMax = 32;
char* write_double(char* to, double value);
/// Appends the text of a plain value: as DELIMITED writes it, and JSON inside or without quotes.
void put_plain(ByteWriter& out, const Column& column, std::uint32_t row);

}  // namespace millrace
