// Tables for people and for programs: aligned columns, or one JSON object per row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::server {

struct TextTable {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
};

/// Columns padded to their widest cell, a line under the heading; numbers to the right. Control
/// characters are shown as escapes.
[[nodiscard]] std::string format_table(const TextTable& table);
/// A cell that reads as a plain decimal number.
[[nodiscard]] bool is_number(std::string_view cell);
/// One line per row: {"column": "cell", ...}; cells that are JSON numbers, true, false or null stay
/// what they are.
[[nodiscard]] std::string format_json_lines(const TextTable& table);

/// 1234567 -> "1,234,567"
[[nodiscard]] std::string with_thousands(std::uint64_t number);
/// "950 B", "1.2 MB"
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);
/// "3s", "2m10s", "1h05m"
[[nodiscard]] std::string human_seconds(double seconds);

}  // namespace millrace::server
