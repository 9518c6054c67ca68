// UTF-8: what is a well-formed sequence (RFC 3629).
#pragma once

#include <cstddef>
#include <string_view>

namespace millrace::connectors {

/// Bytes of the well-formed sequence at the front of `text`: 1 to 4; 0 when there is none.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text);

}  // namespace millrace::connectors
