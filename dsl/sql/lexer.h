// Lexer: SQL text to tokens with positions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "dsl/sql/source_text.h"

namespace millrace::dsl::sql {

enum class TokenKind : std::uint8_t {
    kWord,        // a keyword or an unquoted name; text is upper-cased
    kQuotedName,  // `name` or "name"; text is what stands between the quotes
    kString,      // 'text'; text is what it means
    kInteger,     // 12
    kDecimal,     // 1.5
    kFloat,       // 1.5e3
    kSymbol,      // ( ) [ ] , . ; = <> != < <= > >= + - * / % || -> => :=
    kEnd,
};

struct Token {
    TokenKind kind = TokenKind::kEnd;
    std::string text;
    Span at;
};

/// Longest text taken.
inline constexpr std::size_t kSqlTextBytesMax = std::size_t{1} << 20;

/// All tokens, the last one kEnd. Comments (-- to the end of the line, and /* */) are skipped.
/// kSqlSyntax: an open quote or comment, a character no token starts with, text that is no UTF-8
/// or above the limit.
[[nodiscard]] Result<std::vector<Token>> tokenize(const SourceText& source);

/// A word that cannot be a name without quotes. `upper` is upper-cased.
[[nodiscard]] bool is_reserved(std::string_view upper);
/// A name as SQL text that reads back the same: in backquotes when it is reserved or not plain.
[[nodiscard]] std::string name_text(std::string_view name);
/// 'text' with quotes doubled.
[[nodiscard]] std::string string_text(std::string_view text);
/// ASCII letters upper-cased.
[[nodiscard]] std::string upper_case(std::string_view text);

}  // namespace millrace::dsl::sql
