#include "server/shell/live_table.h"

#include <algorithm>
#include <functional>
#include <unordered_set>
#include <utility>

#include "server/shell/display_text.h"

namespace millrace::server {

namespace {

constexpr std::size_t kLinesBesideRows = 4;  // heading, rule, count, and the cursor's line

std::uint64_t hash_of(const std::string& key) {
    return std::hash<std::string>{}(key);
}

}  // namespace

LiveTable::LiveTable(std::vector<std::string> columns) : columns_(std::move(columns)) {}

void LiveTable::put(const std::string& key, const std::vector<std::string>& cells) {
    ++changes_;
    if (counted_.size() < kKeysCounted) {
        counted_.insert(hash_of(key));
    } else if (counted_.count(hash_of(key)) == 0) {
        is_count_exact_ = false;
    }
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
        found->second->cells = cells;
        rows_.splice(rows_.begin(), rows_, found->second);
        return;
    }
    rows_.push_front(Row{key, cells});
    by_key_.emplace(key, rows_.begin());
    if (rows_.size() > kRowsKept) {
        by_key_.erase(rows_.back().key);
        rows_.pop_back();
    }
}

void LiveTable::remove(const std::string& key) {
    ++changes_;
    counted_.erase(hash_of(key));
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
        rows_.erase(found->second);
        by_key_.erase(found);
    }
}

/// The newest `room` rows; those that were placed before keep their order, new ones take the lines
/// of rows that left.
void LiveTable::place(std::size_t room) {
    std::vector<const std::string*> fresh;
    std::unordered_set<std::string_view> newest;
    for (const Row& row : rows_) {
        if (newest.size() == room) {
            break;
        }
        newest.insert(row.key);
    }
    const std::unordered_set<std::string> before(placed_.begin(), placed_.end());
    for (const Row& row : rows_) {
        if (newest.count(row.key) != 0 && before.count(row.key) == 0) {
            fresh.push_back(&row.key);
        }
    }
    // The oldest of the new rows comes first, as if each had been placed when it came.
    std::vector<std::string> placed;
    for (const std::string& key : placed_) {
        if (newest.count(key) != 0) {
            placed.push_back(key);
        } else if (!fresh.empty()) {
            placed.push_back(*fresh.back());
            fresh.pop_back();
        }
    }
    for (; !fresh.empty(); fresh.pop_back()) {
        placed.push_back(*fresh.back());
    }
    placed_ = std::move(placed);
}

std::string LiveTable::status(std::size_t shown) const {
    const std::size_t keys = counted_.size();
    std::string text = std::string(is_count_exact_ ? "" : "at least ") + with_thousands(keys) +
                       (keys == 1 ? " key" : " keys");
    if (keys > shown) {
        text += ", " + with_thousands(keys - shown) + " not shown";
    }
    return text + "; " + with_thousands(changes_) + (changes_ == 1 ? " change" : " changes");
}

std::vector<std::string> LiveTable::lines(const ScreenSize& size) {
    const std::size_t width = size.columns > 1 ? size.columns - 1 : 1;
    place(size.rows > kLinesBesideRows ? size.rows - kLinesBesideRows : 1);
    TextTable table{columns_, {}};
    for (const std::string& key : placed_) {
        table.rows.push_back(by_key_.at(key)->cells);
    }
    table = shown_table(table);
    const TableLayout layout = fit_columns(table, width);
    std::size_t cut = 0;
    std::vector<std::string> lines{cut_row(layout, table.columns, cut), rule_of(layout)};
    for (const auto& row : table.rows) {
        lines.push_back(cut_row(layout, row, cut));
    }
    std::string last = status(table.rows.size());
    if (cut > 0) {
        last += "; " + with_thousands(cut) + (cut == 1 ? " cell" : " cells") + " cut";
    }
    if (layout.hidden > 0) {
        last += "; " + hidden_columns_note(layout, table.columns, width);
    }
    lines.push_back(cut_to_width("(" + last + ")", width));
    return lines;
}

std::string drawn_over(std::size_t before, const std::vector<std::string>& lines) {
    std::string out = before == 0 ? "\r" : "\r\x1b[" + std::to_string(before) + "A";
    for (const std::string& line : lines) {
        out += line + "\x1b[K\n";
    }
    return out + "\x1b[J";
}

}  // namespace millrace::server
