#include "server/shell/sql_scanner.h"

#include <algorithm>
#include <array>

#include "dsl/sql/lexer.h"

namespace millrace::server {

namespace {

bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
}

class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    std::vector<Lexeme> run() {
        while (at_ < text_.size()) {
            if (is_blank(text_[at_])) {
                ++at_;
            } else {
                next();
            }
        }
        return std::move(lexemes_);
    }

  private:
    [[nodiscard]] bool starts_with(std::string_view what) const {
        return text_.substr(at_).starts_with(what);
    }
    void add(LexemeKind kind, std::size_t end, bool is_open = false) {
        lexemes_.push_back({kind, at_, end, is_open});
        at_ = end;
    }
    /// Up to and with `end`; open when it does not come.
    void add_until(LexemeKind kind, std::string_view end, std::size_t from) {
        const std::size_t found = text_.find(end, from);
        const bool is_open = found == std::string_view::npos;
        add(kind, is_open ? text_.size() : found + end.size(), is_open);
    }
    void quoted(char quote) {
        std::size_t end = at_ + 1;
        for (; end < text_.size(); ++end) {
            if (text_[end] == quote) {
                if (end + 1 < text_.size() && text_[end + 1] == quote) {
                    ++end;  // doubled: one of it inside
                } else {
                    break;
                }
            }
        }
        const bool is_open = end >= text_.size();
        add(quote == '\'' ? LexemeKind::kString : LexemeKind::kQuotedName,
            is_open ? text_.size() : end + 1,
            is_open);
    }
    void next() {
        const char c = text_[at_];
        if (starts_with("--")) {
            const std::size_t end = text_.find('\n', at_);
            // A comment up to the end of the text goes on while somebody types.
            add(LexemeKind::kComment, std::min(end, text_.size()), end == std::string_view::npos);
        } else if (starts_with("/*")) {
            add_until(LexemeKind::kComment, "*/", at_ + 2);
        } else if (c == '\'' || c == '"' || c == '`') {
            quoted(c);
        } else if (is_word(c)) {
            std::size_t end = at_;
            while (end < text_.size() && is_word(text_[end])) {
                ++end;
            }
            add(is_digit(c) ? LexemeKind::kNumber : LexemeKind::kWord, end);
        } else {
            constexpr std::array<std::string_view, 8> kLong{
                "->", "=>", ":=", "<>", "!=", "<=", ">=", "||"};
            const bool is_long = std::any_of(
                kLong.begin(), kLong.end(), [this](auto symbol) { return starts_with(symbol); });
            add(LexemeKind::kSymbol, at_ + (is_long ? 2 : 1));
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Lexeme> lexemes_;
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

}  // namespace

std::vector<Lexeme> scan_sql(std::string_view text) {
    return Scanner(text).run();
}

SplitText split_statements(std::string_view text) {
    SplitText split;
    std::size_t begin = 0;
    bool has_words = false;
    for (const Lexeme& lexeme : scan_sql(text)) {
        if (lexeme.kind == LexemeKind::kSymbol && text[lexeme.begin] == ';') {
            if (has_words) {
                split.statements.emplace_back(trimmed(text.substr(begin, lexeme.end - begin)));
            }
            begin = lexeme.end;
            has_words = false;
            continue;
        }
        const bool is_block = lexeme.kind == LexemeKind::kComment && text[lexeme.begin] == '/';
        has_words =
            has_words || lexeme.kind != LexemeKind::kComment || (is_block && lexeme.is_open);
        if (lexeme.is_open && (lexeme.kind != LexemeKind::kComment || is_block)) {
            split.open_quote = is_block ? '*' : text[lexeme.begin];
        }
    }
    if (has_words) {
        split.rest = std::string(text.substr(begin));
    }
    return split;
}

std::string one_line_statement(std::string_view text) {
    std::string line;
    std::size_t last = 0;
    for (const Lexeme& lexeme : scan_sql(text)) {
        if (lexeme.kind == LexemeKind::kComment) {
            continue;
        }
        if (lexeme.begin > last && !line.empty()) {
            const std::string_view gap = text.substr(last, lexeme.begin - last);
            // Blanks inside a line stay as they were written.
            line += gap.find_first_not_of(' ') == std::string_view::npos ? gap : " ";
        }
        line += text.substr(lexeme.begin, lexeme.end - lexeme.begin);
        last = lexeme.end;
    }
    return line;
}

std::string with_absolute_scripts(std::string_view text, std::string_view directory) {
    std::string out;
    std::size_t copied = 0;
    const std::vector<Lexeme> lexemes = scan_sql(text);
    const auto slice = [&](std::size_t i) {
        return text.substr(lexemes[i].begin, lexemes[i].end - lexemes[i].begin);
    };
    for (std::size_t i = 0; i + 2 < lexemes.size(); ++i) {
        const std::string_view path = slice(i + 2);
        const bool is_script = (i == 0 || slice(i - 1) == ";") &&
                               dsl::sql::upper_case(slice(i)) == "RUN" &&
                               dsl::sql::upper_case(slice(i + 1)) == "SCRIPT" &&
                               lexemes[i + 2].kind == LexemeKind::kString;
        if (is_script && !path.starts_with("'/") && !path.starts_with("'$")) {
            out += text.substr(copied, lexemes[i + 2].begin - copied);
            std::string quoted = dsl::sql::string_text(directory);
            quoted.pop_back();
            out += quoted + "/" + std::string(path.substr(1));
            copied = lexemes[i + 2].end;
        }
    }
    return out + std::string(text.substr(copied));
}

}  // namespace millrace::server
