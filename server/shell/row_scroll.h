// RowScroll: rows without end as a table whose columns are fitted to what came lately.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "server/shell/table_layout.h"

namespace millrace::server {

/// The first rows are held back until there are kRowsToFit or flush() is called; they say how wide
/// the columns are. Later cells are cut to that. The heading comes again, fitted anew, after every
/// screen of rows.
class RowScroll {
  public:
    static constexpr std::size_t kRowsToFit = 50;

    explicit RowScroll(std::vector<std::string> columns);
    /// Lines that are ready, with their ends.
    [[nodiscard]] std::string add(const std::vector<std::string>& cells, const ScreenSize& size);
    [[nodiscard]] std::string flush(const ScreenSize& size);
    /// What was left out, and how many rows there were: one line.
    [[nodiscard]] std::string note() const;

  private:
    TextTable held_;    // rows not yet written; the columns' names
    TextTable recent_;  // rows under this heading: what the next one is fitted to
    TableLayout layout_;
    bool has_layout_ = false;
    std::size_t rows_ = 0;
    std::size_t cut_ = 0;
};

}  // namespace millrace::server
