#include "dsl/sql/lexer.h"

#include <algorithm>
#include <array>

#include "core/row/data_type.h"

namespace millrace::dsl::sql {

namespace {

constexpr std::array<std::string_view, 43> kReserved{
    "AND",   "AS",    "BETWEEN", "BY",     "CASE",  "CAST",   "CREATE",  "DELETE", "DESCRIBE",
    "DROP",  "ELSE",  "END",     "EXISTS", "FALSE", "FROM",   "FULL",    "GROUP",  "HAVING",
    "IN",    "INNER", "INSERT",  "INTO",   "IS",    "JOIN",   "LEFT",    "LIKE",   "LIMIT",
    "NOT",   "NULL",  "ON",      "OR",     "OUTER", "RIGHT",  "SELECT",  "THEN",   "TRUE",
    "UNSET", "WHEN",  "WHERE",   "WINDOW", "WITH",  "WITHIN", "DISTINCT"};

constexpr std::array<std::string_view, 8> kLongSymbols{
    "<>", "!=", "<=", ">=", "||", "->", "=>", ":="};
constexpr std::string_view kShortSymbols = "()[],.;=<>+-*/%";

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_word_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_word_char(char c) {
    return is_word_start(c) || is_digit(c);
}

/// Bytes of the UTF-8 character at `text`; 0 when it is none.
std::size_t utf8_size(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto follows = [&](std::size_t count) {
        if (text.size() < count + 1) {
            return false;
        }
        for (std::size_t i = 1; i <= count; ++i) {
            if ((byte(i) & 0xC0U) != 0x80U) {
                return false;
            }
        }
        return true;
    };
    if (byte(0) < 0x80U) {
        return 1;
    }
    if (byte(0) >= 0xC2U && byte(0) <= 0xDFU && follows(1)) {
        return 2;
    }
    if (byte(0) >= 0xE0U && byte(0) <= 0xEFU && follows(2) &&
        !(byte(0) == 0xE0U && byte(1) < 0xA0U) && !(byte(0) == 0xEDU && byte(1) >= 0xA0U)) {
        return 3;
    }
    if (byte(0) >= 0xF0U && byte(0) <= 0xF4U && follows(3) &&
        !(byte(0) == 0xF0U && byte(1) < 0x90U) && !(byte(0) == 0xF4U && byte(1) >= 0x90U)) {
        return 4;
    }
    return 0;
}

class Lexer {
  public:
    explicit Lexer(const SourceText& source) : source_(source), text_(source.text()) {}

    Result<std::vector<Token>> run() {
        if (text_.size() > kSqlTextBytesMax) {
            return source_.error_at(Span{},
                                    SqlError::kTextTooLong,
                                    "the text is longer than " + std::to_string(kSqlTextBytesMax) +
                                        " bytes: " + std::to_string(text_.size()));
        }
        for (;;) {
            MILLRACE_TRY_STATUS(skip_blanks());
            if (at_ >= text_.size()) {
                add(TokenKind::kEnd, "", here());
                return std::move(tokens_);
            }
            MILLRACE_TRY_STATUS(next_token());
        }
    }

  private:
    Span here() const { return Span{static_cast<std::uint32_t>(at_), 0, line_, column_}; }
    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    /// Moves over one character. False when the bytes are no UTF-8.
    bool advance() {
        const std::size_t size = utf8_size(text_.substr(at_));
        if (size == 0) {
            return false;
        }
        if (text_[at_] == '\n') {
            ++line_;
            column_ = 1;
        } else {
            ++column_;
        }
        at_ += size;
        return true;
    }
    void advance_ascii(std::size_t count) {
        at_ += count;
        column_ += static_cast<std::uint32_t>(count);
    }
    Error fail(const Span& at, SqlError error, std::string_view message) const {
        return source_.error_at(at, error, message);
    }
    void add(TokenKind kind, std::string text, Span start) {
        start.length = static_cast<std::uint32_t>(at_) - start.offset;
        tokens_.push_back(Token{kind, std::move(text), start});
    }

    Status skip_blanks() {
        while (at_ < text_.size()) {
            if (is_blank(peek())) {
                advance();
            } else if (peek() == '-' && peek(1) == '-') {
                while (at_ < text_.size() && peek() != '\n') {
                    if (!advance()) {
                        return fail(here(), SqlError::kBadCharacter, "this is not UTF-8 text");
                    }
                }
            } else if (peek() == '/' && peek(1) == '*') {
                MILLRACE_TRY_STATUS(skip_comment());
            } else {
                break;
            }
        }
        return Ok{};
    }
    Status skip_comment() {
        Span start = here();
        start.length = 2;
        advance_ascii(2);
        while (at_ < text_.size()) {
            if (peek() == '*' && peek(1) == '/') {
                advance_ascii(2);
                return Ok{};
            }
            if (!advance()) {
                return fail(here(), SqlError::kBadCharacter, "this is not UTF-8 text");
            }
        }
        return fail(start,
                    SqlError::kUnclosed,
                    "this comment has no end: expected */, found the end of the text");
    }

    Status next_token() {
        const char c = peek();
        if (is_word_start(c)) {
            return word();
        }
        if (is_digit(c) || (c == '.' && is_digit(peek(1)) && !after_name())) {
            return number();
        }
        if (c == '\'') {
            return quoted(TokenKind::kString, "string");
        }
        if (c == '`' || c == '"') {
            return quoted(TokenKind::kQuotedName, "name");
        }
        const Span start = here();
        for (const std::string_view symbol : kLongSymbols) {
            if (text_.substr(at_, 2) == symbol) {
                advance_ascii(2);
                add(TokenKind::kSymbol, std::string(symbol), start);
                return Ok{};
            }
        }
        if (kShortSymbols.find(c) != std::string_view::npos) {
            advance_ascii(1);
            add(TokenKind::kSymbol, std::string(1, c), start);
            return Ok{};
        }
        Span marked = start;
        marked.length = static_cast<std::uint32_t>(utf8_size(text_.substr(at_)));
        if (marked.length == 0) {
            return fail(start, SqlError::kBadCharacter, "this is not UTF-8 text");
        }
        if (static_cast<unsigned char>(c) < 0x20U || c == 0x7F) {
            return fail(marked, SqlError::kBadCharacter, "a control character cannot stand here");
        }
        if (c == '$' && peek(1) == '{') {
            return fail(marked, SqlError::kBadCharacter, "a variable (${name}) cannot stand here");
        }
        return fail(marked,
                    SqlError::kBadCharacter,
                    "unexpected character " + string_text(source_.slice(marked)));
    }
    bool after_name() const {
        return !tokens_.empty() && (tokens_.back().kind == TokenKind::kWord ||
                                    tokens_.back().kind == TokenKind::kQuotedName);
    }
    Status word() {
        const Span start = here();
        while (is_word_char(peek())) {
            advance_ascii(1);
        }
        const std::string_view text =
            text_.substr(start.offset, at_ - static_cast<std::size_t>(start.offset));
        add(TokenKind::kWord, upper_case(text), start);
        return Ok{};
    }
    void digits() {
        while (is_digit(peek())) {
            advance_ascii(1);
        }
    }
    Status number() {
        const Span start = here();
        TokenKind kind = TokenKind::kInteger;
        digits();
        if (peek() == '.') {
            kind = TokenKind::kDecimal;
            advance_ascii(1);
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
            if (is_digit(peek(1 + sign))) {
                kind = TokenKind::kFloat;
                advance_ascii(1 + sign);
                digits();
            }
        }
        if (is_word_char(peek())) {
            if (kind != TokenKind::kInteger) {
                return fail(here(), SqlError::kBadName, "a number ends here, but a letter follows");
            }
            while (is_word_char(peek())) {  // a name may start with digits
                advance_ascii(1);
            }
            add(TokenKind::kWord,
                upper_case(
                    text_.substr(start.offset, at_ - static_cast<std::size_t>(start.offset))),
                start);
            return Ok{};
        }
        std::string text(text_.substr(start.offset, at_ - static_cast<std::size_t>(start.offset)));
        add(kind, std::move(text), start);
        return Ok{};
    }
    Status quoted(TokenKind kind, std::string_view what) {
        Span start = here();
        start.length = 1;
        const char quote = peek();
        advance_ascii(1);
        std::string text;
        while (at_ < text_.size()) {
            if (peek() == quote) {
                if (peek(1) != quote) {
                    advance_ascii(1);
                    if (text.empty() && kind == TokenKind::kQuotedName) {
                        return fail(start, SqlError::kBadName, "a name cannot be empty");
                    }
                    add(kind, std::move(text), start);
                    return Ok{};
                }
                advance_ascii(1);
            }
            const std::size_t begin = at_;
            if (!advance()) {
                return fail(here(), SqlError::kBadCharacter, "this is not UTF-8 text");
            }
            text += text_.substr(begin, at_ - begin);
        }
        return fail(start,
                    SqlError::kUnclosed,
                    "this " + std::string(what) + " has no end: expected " + quote +
                        ", found the end of the text");
    }

    const SourceText& source_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
    std::uint32_t column_ = 1;
    std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> tokenize(const SourceText& source) {
    return Lexer(source).run();
}

bool is_reserved(std::string_view upper) {
    return std::find(kReserved.begin(), kReserved.end(), upper) != kReserved.end();
}

std::string name_text(std::string_view name) {
    return is_reserved(name) ? "`" + std::string(name) + "`" : quoted_name(name);
}

std::string string_text(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        quoted += c;
        if (c == '\'') {
            quoted += c;
        }
    }
    return quoted + "'";
}

std::string upper_case(std::string_view text) {
    std::string upper(text);
    for (char& c : upper) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return upper;
}

}  // namespace millrace::dsl::sql
