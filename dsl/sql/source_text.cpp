#include "dsl/sql/source_text.h"

#include <algorithm>

namespace millrace::dsl::sql {

namespace {

// A terminal line; of a longer source line only the part around the place is shown.
constexpr std::size_t kShownBefore = 80;
constexpr std::size_t kShownAfter = 80;

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

}  // namespace

Span join(const Span& first, const Span& last) {
    Span span = first;
    span.length = last.offset + last.length - first.offset;
    return span;
}

Error SourceText::error_at(const Span& span, SqlError error, std::string_view message) const {
    return place(span, sql_error(error, std::string(message)), error);
}

Error SourceText::place(const Span& span, const Error& error, SqlError otherwise) const {
    const SqlError number = error.sql == SqlError::kNone ? otherwise : error.sql;
    return Error{
        error.code, marked(span, "error " + code_text(number) + ": " + error.message), number};
}

Error SourceText::place_unplaced(const Span& span, const Error& error) const {
    const bool is_sql = error.sql != SqlError::kNone;
    const bool is_refusal = error.code == ErrorCode::kSqlSemantic ||
                            error.code == ErrorCode::kNotSupported ||
                            error.code == ErrorCode::kInvalidArgument;
    const bool has_place =
        is_sql && error.message.find("error " + code_text(error.sql) + ": ") != std::string::npos;
    return has_place || (!is_sql && !is_refusal) ? error
                                                 : place(span, error, SqlError::kUnsupported);
}

std::string SourceText::marked(const Span& span, std::string_view headline) const {
    const std::string_view text = text_;
    const std::size_t at = std::min<std::size_t>(span.offset, text.size());
    const std::size_t line_feed = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    std::size_t begin = line_feed == std::string_view::npos ? 0 : line_feed + 1;
    std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at && end > 0 && text[end - 1] == '\r') {
        --end;
    }
    std::string before;
    if (at - begin > kShownBefore) {
        begin = at - kShownBefore;
        while (begin < at && is_continuation(text[begin])) {
            ++begin;
        }
        before = "...";
    }
    if (end > at && end - at > kShownAfter) {
        end = at + kShownAfter;
        while (end < text.size() && is_continuation(text[end])) {
            ++end;
        }
    }
    std::string shown = name_ + ":" + std::to_string(span.line) + ":" +
                        std::to_string(span.column) + ": " + std::string(headline) + "\n  " +
                        before + std::string(text.substr(begin, end - begin)) + "\n  " +
                        std::string(before.size(), ' ');
    for (std::size_t i = begin; i < at; ++i) {
        if (!is_continuation(text[i])) {
            shown += text[i] == '\t' ? '\t' : ' ';
        }
    }
    shown += '^';
    const std::size_t marked = std::min<std::size_t>(at + span.length, end);
    for (std::size_t i = at + 1; i < marked; ++i) {
        if (!is_continuation(text[i])) {
            shown += '~';
        }
    }
    return shown;
}

}  // namespace millrace::dsl::sql
