// Table layout: how wide the columns of a table are on a terminal, and its lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "server/cli/text_table.h"

namespace millrace::server {

struct ScreenSize {
    std::size_t columns = 80;
    std::size_t rows = 24;
};

struct TableLayout {
    std::vector<std::size_t> widths;  // of the columns that are shown, the first ones
    std::vector<bool> is_right;       // numbers stand to the right
    std::size_t hidden = 0;           // columns for which there is no room
};

/// Columns as wide as their widest cell; when that is more than `width` in all, the widest ones get
/// narrower, down to kColumnLeast; when that is not enough, the last ones are hidden. Cells and
/// names are as shown_text() gives them.
inline constexpr std::size_t kColumnLeast = 6;
[[nodiscard]] TableLayout fit_columns(const TextTable& table, std::size_t width);

/// One line: longer cells are cut with an ellipsis. `cut` counts them.
[[nodiscard]] std::string cut_row(const TableLayout& layout,
                                  const std::vector<std::string>& cells,
                                  std::size_t& cut);
/// The dashes under the heading.
[[nodiscard]] std::string rule_of(const TableLayout& layout);
/// "3 of 8 columns shown, not: A, B, ...", at most `width` wide; empty when none is hidden.
[[nodiscard]] std::string hidden_columns_note(const TableLayout& layout,
                                              const std::vector<std::string>& columns,
                                              std::size_t width);
/// A whole table: longer cells are wrapped, so that only hidden columns are lost; it says which.
/// Cells as they are: escapes are put in here.
[[nodiscard]] std::string format_wrapped(const TextTable& table, std::size_t width);
/// Every cell and name as shown_text() has it.
[[nodiscard]] TextTable shown_table(const TextTable& table);

}  // namespace millrace::server
