#include "dsl/testing/cells.h"

#include <algorithm>
#include <array>

#include "core/base/json.h"

namespace millrace::dsl::testing {

namespace {

constexpr std::string_view kBlanks = " \t\r";

/// Where the string that begins at `at` ends, behind its quote; npos when it does not.
std::size_t end_of_string(std::string_view line, std::size_t at) {
    for (++at; at < line.size(); ++at) {
        if (line[at] == '\\') {
            ++at;
        } else if (line[at] == '"') {
            return at + 1;
        }
    }
    return std::string_view::npos;
}

/// The same for brackets. A window's "[0,10)" closes too.
std::size_t end_of_brackets(std::string_view line, std::size_t at) {
    int depth = 0;
    while (at < line.size()) {
        const char c = line[at];
        if (c == '"') {
            at = end_of_string(line, at);
            if (at == std::string_view::npos) {
                return at;
            }
            continue;
        }
        depth += c == '[' || c == '{' ? 1 : 0;
        depth -= c == ']' || c == '}' || c == ')' ? 1 : 0;
        ++at;
        if (depth == 0) {
            return at;
        }
    }
    return std::string_view::npos;
}

}  // namespace

Result<std::string> Cell::text() const {
    if (!is_quoted) {
        return raw;
    }
    MILLRACE_TRY(const Json json, Json::parse(raw, "string"));
    return *json.if_string();
}

Result<std::vector<Cell>> split_cells(std::string_view line,
                                      const std::vector<std::string_view>& names) {
    std::vector<Cell> cells;
    for (std::size_t at = 0;;) {
        at = line.find_first_not_of(kBlanks, at);
        if (at == std::string_view::npos || line[at] == '#') {
            return cells;
        }
        Cell cell;
        for (const std::string_view name : names) {
            if (line.substr(at).starts_with(name) &&
                line.substr(at + name.size()).starts_with('=')) {
                cell.name = std::string(name);
                at += name.size() + 1;
                break;
            }
        }
        const char first = at < line.size() ? line[at] : ' ';
        cell.is_quoted = first == '"';
        std::size_t end = std::min(line.find_first_of(kBlanks, at), line.size());
        if (cell.is_quoted) {
            end = end_of_string(line, at);
        } else if (first == '[' || first == '{') {
            end = end_of_brackets(line, at);
        }
        if (end == std::string_view::npos) {
            return Error{ErrorCode::kInvalidArgument,
                         "nothing closes " + std::string(line.substr(at, 60))};
        }
        if (end < line.size() && kBlanks.find(line[end]) == std::string_view::npos) {
            return Error{ErrorCode::kInvalidArgument,
                         "expected a blank behind " + std::string(line.substr(at, end - at)) +
                             ", found " + std::string(line.substr(end, 20))};
        }
        cell.raw = std::string(line.substr(at, end - at));
        cells.push_back(std::move(cell));
        at = end;
    }
}

std::string cell_of(std::string_view text) {
    constexpr std::array<std::string_view, 2> kWords{"NULL", "tombstone"};
    const bool is_bare = !text.empty() &&
                         std::find(kWords.begin(), kWords.end(), text) == kWords.end() &&
                         std::string_view("\"[{#@").find(text.front()) == std::string_view::npos &&
                         std::none_of(text.begin(), text.end(), [](char c) {
                             return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
                         });
    return is_bare ? std::string(text) : Json(text).dump();
}

}  // namespace millrace::dsl::testing
