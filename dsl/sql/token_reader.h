// TokenReader: what the parsers share: looking at tokens, taking them, saying what was expected.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/lexer.h"

namespace millrace::dsl::sql {

/// Longest statement.
inline constexpr std::size_t kStatementTokensMax = 10'000;
/// Deepest nesting of parentheses, calls, CASE and the like.
inline constexpr int kNestingMax = 200;
/// Highest tree of one expression: long chains of AND, OR, + count too.
inline constexpr std::uint32_t kExprHeightMax = 1000;

/// Names that CREATE TYPE gave.
using TypeNames = std::map<std::string, DataType>;

/// Borrows the source. One thread.
class TokenReader {
  public:
    TokenReader(const SourceText& source, std::vector<Token> tokens, TypeNames types = {})
        : source_(source), tokens_(std::move(tokens)), types_(std::move(types)) {}

    [[nodiscard]] const SourceText& source() const { return source_; }
    [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
        return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
    }
    /// The token before the next one; there must be one.
    [[nodiscard]] const Token& last() const { return tokens_[at_ == 0 ? 0 : at_ - 1]; }
    [[nodiscard]] bool at_end() const { return peek().kind == TokenKind::kEnd; }
    Token take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
    [[nodiscard]] std::size_t position() const { return at_; }
    void rewind(std::size_t position) { at_ = position; }

    [[nodiscard]] bool is_word(std::string_view word, std::size_t ahead = 0) const {
        const Token& token = peek(ahead);
        return token.kind == TokenKind::kWord && token.text == word;
    }
    [[nodiscard]] bool is_symbol(std::string_view symbol, std::size_t ahead = 0) const {
        const Token& token = peek(ahead);
        return token.kind == TokenKind::kSymbol && token.text == symbol;
    }
    bool take_word(std::string_view word);
    /// All of the words, or none of them.
    bool take_words(std::initializer_list<std::string_view> words);
    bool take_symbol(std::string_view symbol);
    Status expect_word(std::string_view word);
    Status expect_words(std::initializer_list<std::string_view> words);
    Status expect_symbol(std::string_view symbol);
    /// A word that is not reserved, or a quoted name. `what` is for the message: "a stream or
    /// table name".
    [[nodiscard]] bool is_name(std::size_t ahead = 0) const;
    Result<Name> expect_name(std::string_view what);
    /// As expect_name(), reserved words included: where no keyword can stand (struct fields).
    Result<Name> expect_any_name(std::string_view what);
    Result<std::string> expect_string(std::string_view what);
    /// Digits that fit an int64.
    Result<std::int64_t> expect_integer(std::string_view what);
    /// A type: INT, DECIMAL(4, 2), ARRAY<...>, MAP<..., ...>, STRUCT<name type, ...>.
    Result<DataType> expect_type();
    /// From here on the name is a type for expect_type().
    void define_type(const std::string& name, DataType type) {
        types_.insert_or_assign(name, std::move(type));
    }
    void forget_type(const std::string& name) { types_.erase(name); }

    /// "expected ..., found ..." at the next token.
    [[nodiscard]] Error unexpected(std::string_view expected) const;
    [[nodiscard]] Error fail(const Span& at, SqlError error, std::string_view message) const {
        return source_.error_at(at, error, message);
    }

    /// Counts nesting; enter() fails at the limit.
    Status enter();
    void leave() { --nesting_; }

  private:
    Result<DataType> expect_decimal();
    Result<DataType> expect_struct();

    const SourceText& source_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int nesting_ = 0;
    TypeNames types_;
};

}  // namespace millrace::dsl::sql
