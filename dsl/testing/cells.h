// Cells: the parts of a line of a test file: "100  key=ana  {"n": 1}  # first".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace millrace::dsl::testing {

/// One part of a line. Blanks part cells; a cell in double quotes is a JSON string, one that begins
/// with [ or { goes on to the bracket that closes it.
struct Cell {
    std::string name;  // of name=value; only for the names that are asked for
    std::string raw;   // as written, without the name
    bool is_quoted = false;

    /// What it means: of a quoted one what the JSON string says. kInvalidArgument.
    [[nodiscard]] Result<std::string> text() const;
    [[nodiscard]] bool is_word(std::string_view word) const { return !is_quoted && raw == word; }
};

/// The cells up to the end or to a cell that begins with #.
///
/// names  those of name=value that are taken apart
[[nodiscard]] Result<std::vector<Cell>> split_cells(std::string_view line,
                                                    const std::vector<std::string_view>& names);

/// The text as a cell that means it: bare where that is possible, else in quotes.
[[nodiscard]] std::string cell_of(std::string_view text);

}  // namespace millrace::dsl::testing
