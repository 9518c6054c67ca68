// JsonLine: checks that a line is one JSON object (RFC 8259) and picks one member's text out of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::connectors {

/// Deepest nesting that a line may have.
constexpr std::size_t kJsonLineDepthMax = 128;

/// One pass over the bytes, no tree, no allocation for lines without escapes in the wanted member.
/// One thread at a time.
class JsonLine {
  public:
    /// wanted   name of the member to pick out of the outermost object; empty: none. The exact name
    ///          wins over one that differs in case only
    explicit JsonLine(std::string wanted) : wanted_(std::move(wanted)) {}

    /// True when `line` is a whole JSON object in UTF-8.
    [[nodiscard]] bool read(std::string_view line);

    /// The wanted member: a string's text without quotes and escapes, a number's, boolean's,
    /// array's or object's text as written; nullopt when the object has none or it is null. Lives
    /// as long as the line and until the next read().
    [[nodiscard]] std::optional<std::string_view> member() const { return member_; }
    /// After read() gave false, e.g. "column 17: expected ',' or '}'".
    [[nodiscard]] std::string problem() const;

  private:
    bool object(bool is_outermost);
    bool array();
    bool value();
    bool string();
    bool escape();
    bool number();
    bool literal(std::string_view text);
    bool utf8();
    void blanks();
    bool fail(const char* expected);
    [[nodiscard]] int match(std::string_view name) const;
    void keep(std::string_view text);

    std::string wanted_;
    std::string unescaped_;
    std::optional<std::string_view> member_;
    const char* begin_ = nullptr;
    const char* at_ = nullptr;
    const char* end_ = nullptr;
    const char* expected_ = "";
    std::size_t depth_ = 0;
};

}  // namespace millrace::connectors
