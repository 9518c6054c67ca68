#include "dsl/testing/oracle_check.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <map>
#include <utility>

#include "dsl/testing/row_diff.h"

namespace millrace::dsl::testing {

namespace {

/// Numbers as an oracle's 15 digits give them.
std::string rounded(const std::string& text) {
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
        return text;
    }
    std::array<char, 64> digits{};
    std::snprintf(digits.data(), digits.size(), "%.12g", value);
    return digits.data();
}

std::string oracle_cell(const std::optional<std::string>& text, const DataType& type) {
    if (!text) {
        return "NULL";
    }
    if (type.is(TypeKind::kBoolean)) {
        return *text == "0" ? "false" : "true";
    }
    if (type.is(TypeKind::kDouble)) {
        return rounded(*text);
    }
    return type.is(TypeKind::kString) ? cell_of(*text) : *text;
}

}  // namespace

Result<OracleTable> final_table(const SourceInfo& info,
                                std::vector<TypedRow> rows,
                                bool has_pseudo_columns) {
    const Schema& schema = info.schema.schema;
    OracleTable table;
    table.name = info.name;
    table.columns = schema.key;
    const bool is_windowed = schema.window.kind != WindowKind::kNone;
    if (is_windowed) {
        table.columns.push_back({"WINDOWSTART", TypeKind::kBigint});
        table.columns.push_back({"WINDOWEND", TypeKind::kBigint});
    }
    table.columns.insert(table.columns.end(), schema.value.begin(), schema.value.end());
    if (has_pseudo_columns) {
        table.columns.push_back({"ROWTIME", TypeKind::kBigint});
        table.columns.push_back({"ROWPARTITION", TypeKind::kInt});
    }
    std::map<std::string, std::size_t> last;  // by key
    std::vector<std::optional<std::vector<Value>>> kept;
    for (TypedRow& row : rows) {
        std::string key;
        std::vector<Value> cells = row.key;
        for (std::size_t i = 0; i < row.key.size(); ++i) {
            MILLRACE_TRY(const std::string text, cell_text(row.key[i], schema.key[i]));
            key += text + "\n";
        }
        if (is_windowed && row.window) {
            cells.emplace_back(row.window->first);
            cells.emplace_back(row.window->second);
            key += std::to_string(row.window->first) + "," + std::to_string(row.window->second);
        }
        if (info.schema.is_table) {
            if (const auto before = last.find(key); before != last.end()) {
                kept[before->second].reset();
            }
            last[key] = kept.size();
        }
        if (row.is_tombstone) {
            kept.emplace_back();
            continue;
        }
        std::move(row.value.begin(), row.value.end(), std::back_inserter(cells));
        if (has_pseudo_columns) {
            cells.emplace_back(row.timestamp);
            cells.emplace_back(row.partition);
        }
        kept.emplace_back(std::move(cells));
    }
    for (auto& cells : kept) {
        if (cells) {
            table.rows.push_back(std::move(*cells));
        }
    }
    return table;
}

Result<std::string> oracle_difference(
    const std::vector<std::vector<std::optional<std::string>>>& answer, const OracleTable& table) {
    std::vector<RowText> actual;
    for (const std::vector<Value>& cells : table.rows) {
        actual.emplace_back();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            MILLRACE_TRY(std::string cell, cell_text(cells[i], table.columns[i]));
            const bool is_double = table.columns[i].type.is(TypeKind::kDouble);
            actual.back().cells.push_back(is_double ? rounded(cell) : std::move(cell));
        }
    }
    std::vector<RowText> expected;
    for (const auto& cells : answer) {
        if (cells.size() != table.columns.size()) {
            return Error{ErrorCode::kInvalidArgument,
                         "the oracle's rows have " + std::to_string(cells.size()) +
                             " columns, those of " + table.name + " " +
                             std::to_string(table.columns.size())};
        }
        expected.emplace_back();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            expected.back().cells.push_back(oracle_cell(cells[i], table.columns[i].type));
        }
    }
    return row_diff(std::move(expected), std::move(actual), RowOrder::kNone);
}

}  // namespace millrace::dsl::testing
