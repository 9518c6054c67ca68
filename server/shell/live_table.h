// LiveTable: the current rows of a table that changes, as lines that are drawn over themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "server/shell/table_layout.h"

namespace millrace::server {

/// Keeps the rows that changed last; how many keys there are besides is only counted. A row stays
/// on its line while its key is among the newest that the screen has room for.
class LiveTable {
  public:
    static constexpr std::size_t kRowsKept = 500;
    static constexpr std::size_t kKeysCounted = 1'000'000;  // above that the count is "at least"

    explicit LiveTable(std::vector<std::string> columns);

    /// The key's row is this one now.
    void put(const std::string& key, const std::vector<std::string>& cells);
    void remove(const std::string& key);
    /// Heading, rows and a last line that counts keys and changes: at most size.rows - 1 lines,
    /// none wider than size.columns - 1.
    [[nodiscard]] std::vector<std::string> lines(const ScreenSize& size);

  private:
    struct Row {
        std::string key;
        std::vector<std::string> cells;
    };
    [[nodiscard]] std::string status(std::size_t shown) const;
    void place(std::size_t room);

    std::vector<std::string> columns_;
    std::list<Row> rows_;  // newest change first
    std::unordered_map<std::string, std::list<Row>::iterator> by_key_;
    std::vector<std::string> placed_;            // keys, line by line
    std::unordered_set<std::uint64_t> counted_;  // hashes of all keys
    bool is_count_exact_ = true;
    std::uint64_t changes_ = 0;
};

/// Draws lines over those drawn before: escape sequences and text.
///
/// before   lines that the last drawing made; the cursor stands in the line below them
[[nodiscard]] std::string drawn_over(std::size_t before, const std::vector<std::string>& lines);

}  // namespace millrace::server
