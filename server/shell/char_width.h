// Character widths: columns of a terminal, by Unicode's tables.
#pragma once

#include <cstddef>

namespace millrace::server {

/// 0 for a mark that stands on the character before it, 2 for a wide one (ideographs, emoji), else
/// 1. Not for control characters.
[[nodiscard]] std::size_t char_width(char32_t c);

}  // namespace millrace::server
