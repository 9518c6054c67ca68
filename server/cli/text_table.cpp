#include "server/cli/text_table.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include "core/base/json.h"
#include "server/shell/display_text.h"

namespace millrace::server {

bool is_number(std::string_view cell) {
    if (cell.empty() || (cell.size() > 1 && cell[0] == '0' && cell[1] != '.')) {
        return false;
    }
    bool has_digit = false;
    for (std::size_t i = 0; i < cell.size(); ++i) {
        const char c = cell[i];
        has_digit = has_digit || (c >= '0' && c <= '9');
        if (!(c >= '0' && c <= '9') && c != '.' && !(c == '-' && i == 0)) {
            return false;
        }
    }
    return has_digit && cell.back() != '.' && std::count(cell.begin(), cell.end(), '.') <= 1;
}

std::string format_table(const TextTable& table) {
    std::vector<std::size_t> widths;
    std::vector<bool> is_right(table.columns.size(), !table.rows.empty());
    for (const std::string& column : table.columns) {
        widths.push_back(display_width(shown_text(column)));
    }
    for (const auto& row : table.rows) {
        for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(shown_text(row[i])));
            is_right[i] = is_right[i] && (is_number(row[i]) || row[i] == "NULL");
        }
    }
    std::string out;
    const auto add_line = [&](const std::vector<std::string>& cells) {
        std::string line;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const std::string cell = i < cells.size() ? shown_text(cells[i]) : "";
            const std::string pad(widths[i] - display_width(cell), ' ');
            line += i == 0 ? "" : "  ";
            line += is_right[i] ? pad + cell : cell + pad;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    };
    add_line(table.columns);
    std::vector<std::string> rule;
    for (const std::size_t width : widths) {
        rule.emplace_back(width, '-');
    }
    add_line(rule);
    for (const auto& row : table.rows) {
        add_line(row);
    }
    return out;
}

std::string format_json_lines(const TextTable& table) {
    std::string out;
    for (const auto& row : table.rows) {
        out += '{';
        for (std::size_t i = 0; i < table.columns.size() && i < row.size(); ++i) {
            out += (i == 0 ? "" : ",") + Json(table.columns[i]).dump() + ":";
            const bool is_word = row[i] == "true" || row[i] == "false";
            out += row[i] == "NULL"               ? "null"
                   : is_word || is_number(row[i]) ? row[i]
                                                  : Json(row[i]).dump();
        }
        out += "}\n";
    }
    return out;
}

std::string with_thousands(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3;) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

std::string human_bytes(std::uint64_t bytes) {
    constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1000 && unit + 1 < std::size(kUnits)) {
        value /= 1000;
        ++unit;
    }
    char text[32];
    std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
    return text;
}

std::string human_seconds(double seconds) {
    const auto whole = static_cast<std::uint64_t>(std::max(0.0, std::ceil(seconds)));
    char text[48];
    if (whole < 60) {
        std::snprintf(text, sizeof text, "%llus", static_cast<unsigned long long>(whole));
    } else if (whole < 3600) {
        std::snprintf(text,
                      sizeof text,
                      "%llum%02llus",
                      static_cast<unsigned long long>(whole / 60),
                      static_cast<unsigned long long>(whole % 60));
    } else {
        std::snprintf(text,
                      sizeof text,
                      "%lluh%02llum",
                      static_cast<unsigned long long>(whole / 3600),
                      static_cast<unsigned long long>(whole / 60 % 60));
    }
    return text;
}

}  // namespace millrace::server
