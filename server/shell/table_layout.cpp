#include "server/shell/table_layout.h"

#include <algorithm>

#include "server/shell/display_text.h"

namespace millrace::server {

namespace {

constexpr std::size_t kGap = 2;

std::size_t total_of(const std::vector<std::size_t>& widths, std::size_t cap) {
    std::size_t total = widths.empty() ? 0 : (widths.size() - 1) * kGap;
    for (const std::size_t width : widths) {
        total += std::min(width, cap);
    }
    return total;
}

/// Narrows the widest columns until all fit; false when kColumnLeast is not narrow enough.
bool squeeze(std::vector<std::size_t>& widths, std::size_t width) {
    std::size_t cap = 0;
    for (const std::size_t each : widths) {
        cap = std::max(cap, each);
    }
    if (total_of(widths, cap) <= width) {
        return true;
    }
    if (total_of(widths, kColumnLeast) > width) {
        return false;
    }
    std::size_t low = kColumnLeast;  // fits
    while (low + 1 < cap) {
        const std::size_t middle = low + (cap - low) / 2;
        (total_of(widths, middle) <= width ? low : cap) = middle;
    }
    std::size_t left = width - total_of(widths, low);
    for (std::size_t& each : widths) {
        if (each > low) {
            each = low + (left > 0 ? 1U : 0U);
            left -= left > 0 ? 1U : 0U;
        }
    }
    return true;
}

std::string padded(const std::string& cell, std::size_t width, bool is_right) {
    const std::size_t used = display_width(cell);
    const std::string pad(used < width ? width - used : 0, ' ');
    return is_right ? pad + cell : cell + pad;
}

std::string joined(const TableLayout& layout, const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < layout.widths.size(); ++i) {
        line += i == 0 ? "" : std::string(kGap, ' ');
        line += padded(i < cells.size() ? cells[i] : "", layout.widths[i], layout.is_right[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

}  // namespace

TableLayout fit_columns(const TextTable& table, std::size_t width) {
    TableLayout layout;
    layout.is_right.assign(table.columns.size(), !table.rows.empty());
    for (const std::string& column : table.columns) {
        layout.widths.push_back(std::max<std::size_t>(display_width(column), 1));
    }
    for (const auto& row : table.rows) {
        for (std::size_t i = 0; i < row.size() && i < layout.widths.size(); ++i) {
            layout.widths[i] = std::max(layout.widths[i], display_width(row[i]));
            layout.is_right[i] = layout.is_right[i] && (is_number(row[i]) || row[i] == "NULL");
        }
    }
    while (!squeeze(layout.widths, width)) {
        if (layout.widths.size() == 1) {
            layout.widths[0] = std::max<std::size_t>(width, 1);
            break;
        }
        layout.widths.pop_back();
        layout.is_right.pop_back();
        ++layout.hidden;
    }
    return layout;
}

std::string cut_row(const TableLayout& layout,
                    const std::vector<std::string>& cells,
                    std::size_t& cut) {
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < layout.widths.size() && i < cells.size(); ++i) {
        cut += display_width(cells[i]) > layout.widths[i] ? 1U : 0U;
        shown.push_back(cut_to_width(cells[i], layout.widths[i]));
    }
    return joined(layout, shown);
}

std::string rule_of(const TableLayout& layout) {
    std::vector<std::string> dashes;
    for (const std::size_t width : layout.widths) {
        dashes.emplace_back(width, '-');
    }
    return joined(layout, dashes);
}

std::string hidden_columns_note(const TableLayout& layout,
                                const std::vector<std::string>& columns,
                                std::size_t width) {
    if (layout.hidden == 0) {
        return {};
    }
    std::string names;
    for (std::size_t i = layout.widths.size(); i < columns.size(); ++i) {
        names += (names.empty() ? "" : ", ") + columns[i];
    }
    return cut_to_width(std::to_string(layout.widths.size()) + " of " +
                            std::to_string(columns.size()) + " columns fit, not: " + names,
                        width);
}

std::string format_wrapped(const TextTable& table, std::size_t width) {
    const TextTable shown = shown_table(table);
    const TableLayout layout = fit_columns(shown, width);
    std::string out;
    const auto add = [&](const std::vector<std::string>& cells) {
        std::vector<std::vector<std::string>> wrapped;
        std::size_t height = 1;
        for (std::size_t i = 0; i < layout.widths.size() && i < cells.size(); ++i) {
            wrapped.push_back(wrap_to_width(cells[i], layout.widths[i]));
            height = std::max(height, wrapped.back().size());
        }
        for (std::size_t line = 0; line < height; ++line) {
            std::vector<std::string> pieces;
            for (const auto& cell : wrapped) {
                pieces.push_back(line < cell.size() ? cell[line] : "");
            }
            out += joined(layout, pieces) + "\n";
        }
    };
    add(shown.columns);
    out += rule_of(layout) + "\n";
    for (const auto& row : shown.rows) {
        add(row);
    }
    if (const std::string note = hidden_columns_note(layout, shown.columns, width); !note.empty()) {
        out += "(" + note + "; -o json has all)\n";
    }
    return out;
}

TextTable shown_table(const TextTable& table) {
    const auto shown = [](const std::vector<std::string>& cells) {
        std::vector<std::string> out;
        out.reserve(cells.size());
        for (const std::string& cell : cells) {
            out.push_back(shown_text(cell));
        }
        return out;
    };
    TextTable out{shown(table.columns), {}};
    out.rows.reserve(table.rows.size());
    for (const auto& row : table.rows) {
        out.rows.push_back(shown(row));
    }
    return out;
}

}  // namespace millrace::server
