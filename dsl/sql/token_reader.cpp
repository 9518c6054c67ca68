#include "dsl/sql/token_reader.h"

#include <charconv>

#include "core/row/schema_config.h"

namespace millrace::dsl::sql {

bool TokenReader::take_word(std::string_view word) {
    if (!is_word(word)) {
        return false;
    }
    take();
    return true;
}

bool TokenReader::take_words(std::initializer_list<std::string_view> words) {
    std::size_t ahead = 0;
    for (const std::string_view word : words) {
        if (!is_word(word, ahead++)) {
            return false;
        }
    }
    at_ += words.size();
    return true;
}

bool TokenReader::take_symbol(std::string_view symbol) {
    if (!is_symbol(symbol)) {
        return false;
    }
    take();
    return true;
}

Status TokenReader::expect_word(std::string_view word) {
    if (!take_word(word)) {
        return unexpected(word);
    }
    return Ok{};
}

Status TokenReader::expect_words(std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) {
        MILLRACE_TRY_STATUS(expect_word(word));
    }
    return Ok{};
}

Status TokenReader::expect_symbol(std::string_view symbol) {
    if (!take_symbol(symbol)) {
        return unexpected("'" + std::string(symbol) + "'");
    }
    return Ok{};
}

bool TokenReader::is_name(std::size_t ahead) const {
    const Token& token = peek(ahead);
    return token.kind == TokenKind::kQuotedName ||
           (token.kind == TokenKind::kWord && !is_reserved(token.text));
}

Result<Name> TokenReader::expect_name(std::string_view what) {
    if (!is_name()) {
        return unexpected(what);
    }
    Token token = take();
    return Name{std::move(token.text), token.at};
}

Result<Name> TokenReader::expect_any_name(std::string_view what) {
    if (peek().kind != TokenKind::kWord && peek().kind != TokenKind::kQuotedName) {
        return unexpected(what);
    }
    Token token = take();
    return Name{std::move(token.text), token.at};
}

Result<std::string> TokenReader::expect_string(std::string_view what) {
    if (peek().kind != TokenKind::kString) {
        return unexpected(what);
    }
    return take().text;
}

Result<std::int64_t> TokenReader::expect_integer(std::string_view what) {
    if (peek().kind != TokenKind::kInteger) {
        return unexpected(what);
    }
    const Token token = take();
    std::int64_t value = 0;
    const char* end = token.text.data() + token.text.size();
    if (std::from_chars(token.text.data(), end, value).ec != std::errc{}) {
        return fail(token.at, SqlError::kNumberTooLarge, "this number is too large: " + token.text);
    }
    return value;
}

Result<DataType> TokenReader::expect_type() {
    MILLRACE_TRY_STATUS(enter());
    const Token head = peek();
    if (head.kind == TokenKind::kQuotedName) {
        const auto named = types_.find(head.text);
        if (named == types_.end()) {
            return unexpected("a type");
        }
        take();
        leave();
        return named->second;
    }
    if (head.kind != TokenKind::kWord) {
        return unexpected("a type");
    }
    if (head.text == "DECIMAL" || head.text == "DEC") {
        leave();
        return expect_decimal();
    }
    if (head.text == "STRUCT") {
        auto type = expect_struct();
        leave();
        return type;
    }
    take();
    if (head.text == "ARRAY") {
        MILLRACE_TRY_STATUS(expect_symbol("<"));
        MILLRACE_TRY(DataType element, expect_type());
        MILLRACE_TRY_STATUS(expect_symbol(">"));
        leave();
        return DataType::array(std::move(element));
    }
    if (head.text == "MAP") {
        MILLRACE_TRY_STATUS(expect_symbol("<"));
        MILLRACE_TRY(DataType key, expect_type());
        MILLRACE_TRY_STATUS(expect_symbol(","));
        MILLRACE_TRY(DataType value, expect_type());
        MILLRACE_TRY_STATUS(expect_symbol(">"));
        leave();
        return DataType::map(std::move(key), std::move(value));
    }
    auto plain = parse_type(head.text);
    if (!plain.ok()) {
        if (const auto named = types_.find(head.text); named != types_.end()) {
            leave();
            return named->second;
        }
        return fail(head.at,
                    SqlError::kBadType,
                    "Syntax Error: expected a type, found '" + head.text + "'");
    }
    if (plain.value().is(TypeKind::kString) && take_symbol("(")) {  // VARCHAR(n): n says nothing
        MILLRACE_TRY_STATUS(expect_integer("a length"));
        MILLRACE_TRY_STATUS(expect_symbol(")"));
    }
    leave();
    return plain;
}

Result<DataType> TokenReader::expect_decimal() {
    const Span start = take().at;
    MILLRACE_TRY_STATUS(expect_symbol("("));
    MILLRACE_TRY(const std::int64_t precision, expect_integer("the precision"));
    std::int64_t scale = 0;
    if (take_symbol(",")) {
        MILLRACE_TRY(scale, expect_integer("the scale"));
    }
    MILLRACE_TRY_STATUS(expect_symbol(")"));
    if (precision < 1 || precision > 38 || scale > precision) {
        return fail(join(start, last().at),
                    SqlError::kBadType,
                    "DECIMAL takes a precision of 1 to 38 and a scale of at most the precision");
    }
    return DataType::decimal(static_cast<std::uint8_t>(precision),
                             static_cast<std::uint8_t>(scale));
}

Result<DataType> TokenReader::expect_struct() {
    take();
    MILLRACE_TRY_STATUS(expect_symbol("<"));
    std::vector<Field> fields;
    if (take_symbol(">")) {
        return DataType::structure(std::move(fields));
    }
    do {
        MILLRACE_TRY(Name name, expect_any_name("a field name"));
        MILLRACE_TRY(DataType type, expect_type());
        for (const Field& field : fields) {
            if (field.name == name.text) {
                return fail(name.at,
                            SqlError::kDuplicateField,
                            "this STRUCT has two fields named " + name_text(name.text));
            }
        }
        fields.push_back(Field{std::move(name.text), std::move(type)});
    } while (take_symbol(","));
    MILLRACE_TRY_STATUS(expect_symbol(">"));
    return DataType::structure(std::move(fields));
}

Error TokenReader::unexpected(std::string_view expected) const {
    const Token& token = peek();
    std::string found;
    if (token.kind == TokenKind::kEnd) {
        found = "the end of the text";
    } else {
        std::string_view text = source_.slice(token.at);
        constexpr std::size_t kShown = 40;
        found =
            text.size() > kShown ? std::string(text.substr(0, kShown)) + "..." : std::string(text);
        if (token.kind == TokenKind::kSymbol) {
            found = "'" + found + "'";
        }
    }
    return fail(token.at,
                SqlError::kUnexpectedText,
                "Syntax Error: expected " + std::string(expected) + ", found " + found);
}

Status TokenReader::enter() {
    if (nesting_ >= kNestingMax) {
        return fail(peek().at,
                    SqlError::kTooDeep,
                    "nested deeper than " + std::to_string(kNestingMax) + " levels");
    }
    ++nesting_;
    return Ok{};
}

}  // namespace millrace::dsl::sql
