#include "dsl/sql/variables.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/nearest_name.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/lexer.h"
#include "dsl/sql/parser.h"

namespace millrace::dsl::sql {

namespace {

/// Copies the text piece by piece; what a piece is decides whether it can hold references.
class Substitution {
  public:
    Substitution(const SourceText& source, Variables variables)
        : source_(source), text_(source.text()), variables_(std::move(variables)) {}

    Result<std::string> run() {
        while (at_ < text_.size()) {
            if (starts_with("--")) {
                copy_through("\n");
            } else if (starts_with("/*")) {
                copy_through("*/");
            } else if (starts_with("${")) {
                MILLRACE_TRY_STATUS(replace());
            } else if (quote_ == '\0' && text_[at_] == ';') {
                copy(1);
                end_statement();
            } else {
                note_quote(text_[at_]);
                copy(1);
            }
            if (out_.size() > kSubstitutedBytesMax) {
                return source_.error_at(Span{},
                                        SqlError::kVariablesTooLong,
                                        "the text is longer than " +
                                            std::to_string(kSubstitutedBytesMax) +
                                            " bytes once its variables are replaced");
            }
        }
        return std::move(out_);
    }

  private:
    [[nodiscard]] bool starts_with(std::string_view what) const {
        const bool is_comment = what != "${";
        return (quote_ == '\0' || !is_comment) &&
               std::string_view(text_).substr(at_, what.size()) == what;
    }
    void copy(std::size_t count) {
        count = std::min(count, text_.size() - at_);
        out_.append(text_, at_, count);
        for (; count > 0; --count) {
            const char c = text_[at_++];
            if (c == '\n') {
                ++line_;
                column_ = 1;
            } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
                ++column_;
            }
        }
    }
    void copy_through(std::string_view end) {
        const std::size_t found = text_.find(end, at_ + 2);
        copy(found == std::string::npos ? text_.size() - at_ : found + end.size() - at_);
    }
    /// A doubled quote ends and begins at once, which comes to the same.
    void note_quote(char c) {
        if (quote_ == '\0' && (c == '\'' || c == '"' || c == '`')) {
            quote_ = c;
        } else if (c == quote_) {
            quote_ = '\0';
        }
    }
    Status replace() {
        const std::size_t close = text_.find('}', at_);
        Span span{static_cast<std::uint32_t>(at_), 2, line_, column_};
        if (close == std::string::npos) {
            return source_.error_at(
                span, SqlError::kBadVariable, "expected '}' behind the name of a variable");
        }
        span.length = static_cast<std::uint32_t>(close + 1 - at_);
        const std::string name = text_.substr(at_ + 2, close - at_ - 2);
        const auto found = variables_.find(name);
        if (found == variables_.end()) {
            std::vector<std::string> names;
            for (const auto& [known, value] : variables_) {
                names.push_back(known);
            }
            return source_.error_at(span,
                                    SqlError::kUnknownVariable,
                                    "variable " + name + " is not defined" +
                                        did_you_mean(name, names) + "; DEFINE " + name +
                                        " = 'value'; gives it a value");
        }
        out_ += found->second;
        const std::size_t before = out_.size();
        copy(span.length);
        out_.resize(before);
        return Ok{};
    }
    void end_statement() {
        const std::string statement = out_.substr(statement_begin_);
        statement_begin_ = out_.size();
        if (upper_case(statement).find("DEFINE") == std::string::npos) {
            return;
        }
        // What does not parse is told where all of the text is parsed.
        const SourceText piece(source_.name(), statement);
        const auto parsed = parse(piece);
        if (!parsed.ok()) {
            return;
        }
        for (const Statement& one : parsed.value()) {
            if (const auto* const define = std::get_if<Define>(&one.node)) {
                variables_[define->name] = define->value;
            } else if (const auto* const undefine = std::get_if<Undefine>(&one.node)) {
                variables_.erase(undefine->name);
            }
        }
    }

    const SourceText& source_;
    const std::string& text_;
    Variables variables_;
    std::string out_;
    std::size_t at_ = 0;
    std::size_t statement_begin_ = 0;  // in out_
    std::uint32_t line_ = 1;
    std::uint32_t column_ = 1;
    char quote_ = '\0';
};

}  // namespace

Result<std::string> substitute(const SourceText& source, Variables variables) {
    if (source.text().find("${") == std::string::npos) {
        return source.text();
    }
    return Substitution(source, std::move(variables)).run();
}

}  // namespace millrace::dsl::sql
