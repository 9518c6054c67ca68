// SQL scanner: where words, quotes and comments are in a text that may be half written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::server {

enum class LexemeKind : std::uint8_t { kWord, kQuotedName, kString, kNumber, kSymbol, kComment };

struct Lexeme {
    LexemeKind kind = LexemeKind::kSymbol;
    std::size_t begin = 0;
    std::size_t end = 0;
    bool is_open = false;  // a quote or comment that the text does not end
};

/// Takes any text. "->", "=>", ":=" and comparisons are one symbol each.
[[nodiscard]] std::vector<Lexeme> scan_sql(std::string_view text);

struct SplitText {
    std::vector<std::string> statements;  // each with its semicolon, without blanks around it
    std::string rest;                     // what no semicolon ends; empty when only blanks and
                                          // comments are left
    char open_quote = '\0';               // ' " ` or * for a comment: what the rest is inside of
};
/// Splits at the semicolons outside of quotes and comments.
[[nodiscard]] SplitText split_statements(std::string_view text);

/// The statement as one line for the history: comments dropped, line feeds and the blanks around
/// them one blank, except in quotes.
[[nodiscard]] std::string one_line_statement(std::string_view text);

/// RUN SCRIPT 'relative path' with the path below `directory`: for a script that another process
/// reads, whose working directory is not ours.
[[nodiscard]] std::string with_absolute_scripts(std::string_view text, std::string_view directory);

}  // namespace millrace::server
