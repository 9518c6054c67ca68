// Statements of a text, one by one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace::dsl::testing {

/// The statements, parted at semicolons outside of quotes and comments. Before each stand as many
/// line feeds and blanks as it takes for places in it to be those of the whole text. What holds
/// nothing but comments is left out.
[[nodiscard]] std::vector<std::string> statement_pieces(std::string_view sql);

}  // namespace millrace::dsl::testing
