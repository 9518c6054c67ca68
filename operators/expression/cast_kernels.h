// Kernels of CAST and of the implicit widenings.
#pragma once

#include <optional>
#include <string_view>

#include "operators/expression/kernel.h"

namespace millrace::operators {

/// The kernel for can_cast(from, to) and from != to, unless both are nested.
///   BIGINT -> INTEGER wraps, DOUBLE -> integer truncates and saturates (NaN is 0), DECIMAL ->
///   integer truncates and wraps, as Java does; -> DECIMAL rounds HALF_UP, too many digits are an
///   error; STRING -> BOOLEAN is true for prefixes of "true" and "yes", else false; other texts
///   that cannot be read are errors; DOUBLE -> STRING as Java spells it.
[[nodiscard]] KernelInfo cast_kernel(const DataType& from, const DataType& to);

/// "t", "tru", "Y", "yes" and so on; false for "f..", "n.."; nullopt for anything else.
[[nodiscard]] std::optional<bool> parse_boolean(std::string_view text);
/// Java's Integer.parseInt and Long.parseLong: an optional sign and digits, blanks around trimmed.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);
/// Java's Double.parseDouble without type suffixes: "1", "1.5e3", "NaN", "-Infinity".
[[nodiscard]] std::optional<double> parse_double(std::string_view text);

}  // namespace millrace::operators
