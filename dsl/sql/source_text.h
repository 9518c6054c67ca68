// SourceText: a piece of SQL with a name; points at places in it when something is wrong there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/sql_error.h"

namespace millrace::dsl::sql {

/// Where something stands in the text. Lines and columns count from 1, columns in characters
/// (UTF-8 code points); offset and length are bytes.
struct Span {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    std::uint32_t line = 1;
    std::uint32_t column = 1;
};

/// From the start of `first` to the end of `last`.
[[nodiscard]] Span join(const Span& first, const Span& last);

class SourceText {
  public:
    /// name  what errors call it: a file name, "-e", "stdin"
    SourceText(std::string name, std::string text)
        : name_(std::move(name)), text_(std::move(text)) {}

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] std::string_view slice(const Span& span) const {
        return std::string_view(text_).substr(span.offset, span.length);
    }

    /// "name:line:column: error SQL1202: message", then the source line, then a line that
    /// underlines the place.
    [[nodiscard]] Error error_at(const Span& span, SqlError error, std::string_view message) const;
    /// The same for an error of a layer that knows no text. It keeps its code.
    ///
    /// otherwise  its number when it has none
    [[nodiscard]] Error place(const Span& span, const Error& error, SqlError otherwise) const;
    /// The error itself when it has a place or the text is not at fault (I/O, say), else with one.
    [[nodiscard]] Error place_unplaced(const Span& span, const Error& error) const;

  private:
    [[nodiscard]] std::string marked(const Span& span, std::string_view headline) const;

    std::string name_;
    std::string text_;
};

}  // namespace millrace::dsl::sql
