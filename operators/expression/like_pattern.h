// LikePattern: LIKE with % and _ and an escape character; code points; LIKE's kernel.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "operators/expression/kernel.h"

namespace millrace::operators {

/// % matches any text, _ one code point, the escape character makes the next one literal.
class LikePattern {
  public:
    /// escape  "" or one character. An escape at the very end stands for itself.
    LikePattern(std::string_view pattern, std::string_view escape);

    /// Time: linear in the text when no part between two % holds an _, else up to the text times
    /// that part.
    [[nodiscard]] bool matches(std::string_view text) const;

  private:
    /// What stands between two %.
    struct Part {
        std::string bytes;     // _ as the byte 0xFF, which UTF-8 never uses
        bool has_any = false;  // an _ is in it
    };
    [[nodiscard]] static std::size_t match_at(const Part& part, std::string_view text);
    [[nodiscard]] static bool ends_with(const Part& part, std::string_view text);

    std::vector<Part> parts_;  // n parts have n - 1 % between them
};

/// Argument 0 LIKE argument 1; KernelCall::parameter is the escape. Null gives false.
[[nodiscard]] KernelInfo like_kernel();

}  // namespace millrace::operators
