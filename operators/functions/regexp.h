// Regexp: Java regular expressions. RE2 where it knows the syntax (linear time); PCRE2 with limits
// for what only Java and Perl have: look-around, back references, possessive quantifiers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace millrace::operators {

/// Bytes [begin, end) of a text.
struct TextSpan {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Immutable; any thread.
class Regexp {
  public:
    /// kInvalidArgument says what is wrong with the pattern.
    [[nodiscard]] static Result<std::shared_ptr<const Regexp>> compile(std::string_view pattern);
    virtual ~Regexp() = default;

    /// Capturing groups, the whole match not counted.
    [[nodiscard]] virtual std::size_t groups() const = 0;
    /// Number of a named group.
    [[nodiscard]] virtual std::optional<std::size_t> group_of(std::string_view name) const = 0;
    /// The first match at or behind byte `from` of UTF-8 text; false when there is none.
    ///
    /// spans  0 the match, 1... the groups; nullopt for a group that took no part
    /// kInvalidArgument when the search takes more steps than a row may.
    [[nodiscard]] virtual Result<bool> find(std::string_view text,
                                            std::size_t from,
                                            std::vector<std::optional<TextSpan>>& spans) const = 0;
};

}  // namespace millrace::operators
