// Display text: text of unknown origin as a terminal may get it, measured, cut and wrapped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::server {

/// The text on one line, unable to steer a terminal: control characters, characters that turn the
/// direction of writing and bytes that are no UTF-8 are shown as escapes: \n, \x1b, \u202e.
[[nodiscard]] std::string shown_text(std::string_view text);
/// The same for text of several lines: line feeds stay, tabs are four blanks.
[[nodiscard]] std::string shown_lines(std::string_view text);

/// A JSON document with what steers a terminal inside of its strings as \u escapes; the same value.
[[nodiscard]] std::string shown_json(std::string_view json);

// What follows takes text as shown_text() gives it.

/// Columns of a terminal that it takes.
[[nodiscard]] std::size_t display_width(std::string_view text);
/// At most `width` columns of it; when something is left out, the last of them is an ellipsis.
[[nodiscard]] std::string cut_to_width(std::string_view text, std::size_t width);
/// Lines of at most `width` columns, broken at blanks where there are some. At least one line.
[[nodiscard]] std::vector<std::string> wrap_to_width(std::string_view text, std::size_t width);

}  // namespace millrace::server
