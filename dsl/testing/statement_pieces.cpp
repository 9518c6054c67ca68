#include "dsl/testing/statement_pieces.h"

#include <algorithm>
#include <cstddef>

namespace millrace::dsl::testing {

namespace {

/// The position behind the quote, comment or character at `at`.
std::size_t skip(std::string_view sql, std::size_t at) {
    const auto through = [&](std::string_view end, std::size_t from) {
        const std::size_t found = sql.find(end, from);
        return found == std::string_view::npos ? sql.size() : found + end.size();
    };
    const std::string_view rest = sql.substr(at);
    if (rest.starts_with("--")) {
        return through("\n", at);
    }
    if (rest.starts_with("/*")) {
        return through("*/", at + 2);
    }
    const char c = rest.front();
    // A doubled quote ends and begins at once, which comes to the same.
    return c == '\'' || c == '"' || c == '`' ? through(rest.substr(0, 1), at + 1) : at + 1;
}

bool is_comment(std::string_view sql, std::size_t at) {
    const std::string_view rest = sql.substr(at, 2);
    return rest == "--" || rest == "/*";
}

std::string padding(std::string_view before) {
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::size_t last = before.rfind('\n');
    const std::string_view line = before.substr(last == std::string_view::npos ? 0 : last + 1);
    const auto columns = std::count_if(line.begin(), line.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    });
    return std::string(static_cast<std::size_t>(lines), '\n') +
           std::string(static_cast<std::size_t>(columns), ' ');
}

}  // namespace

std::vector<std::string> statement_pieces(std::string_view sql) {
    std::vector<std::string> pieces;
    std::size_t begin = std::string_view::npos;  // of the statement's first word
    for (std::size_t at = 0; at <= sql.size();) {
        const bool is_end = at == sql.size();
        if (is_end || sql[at] == ';') {
            if (begin != std::string_view::npos) {
                const std::size_t end = is_end ? at : at + 1;
                pieces.push_back(padding(sql.substr(0, begin)) +
                                 std::string(sql.substr(begin, end - begin)));
            }
            begin = std::string_view::npos;
            ++at;
            continue;
        }
        const bool is_blank =
            sql[at] == ' ' || sql[at] == '\t' || sql[at] == '\n' || sql[at] == '\r';
        if (begin == std::string_view::npos && !is_blank && !is_comment(sql, at)) {
            begin = at;
        }
        at = skip(sql, at);
    }
    return pieces;
}

}  // namespace millrace::dsl::testing
