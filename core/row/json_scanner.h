// Strict scanners for JSON text (RFC 8259): where a token ends, and whether it is one.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.h"

namespace millrace {

/// Arrays and objects inside each other that a row may have.
constexpr std::uint32_t kJsonDepthMax = 128;

// All read [at, end) and may load up to 16 bytes behind `end`. None judges UTF-8, but `high`
// becomes non-zero where bytes above ASCII were passed (and may where there are some behind the
// end).

[[nodiscard]] inline bool is_json_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
[[nodiscard]] inline const char* skip_json_space(const char* at, const char* end) {
    while (at < end && is_json_space(*at)) {
        ++at;
    }
    return at;
}

/// `at` is behind the opening quote. The closing quote; nullptr when there is none, or at a control
/// character or a bad escape before it. `has_escapes` is only ever set.
[[nodiscard]] const char* scan_json_string(const char* at,
                                           const char* end,
                                           bool& has_escapes,
                                           std::uint32_t& high);
[[nodiscard]] inline const char* scan_json_string(const char* at,
                                                  const char* end,
                                                  bool& has_escapes) {
    std::uint32_t high = 0;
    return scan_json_string(at, end, has_escapes, high);
}

/// The end of the number at `at`; nullptr when there is none.
[[nodiscard]] const char* scan_json_number(const char* at, const char* end);

/// The end of the value at `at`, which must not be white space; nullptr when it is not valid.
/// depth   arrays and objects around it
[[nodiscard]] const char* scan_json_value(const char* at,
                                          const char* end,
                                          std::uint32_t depth,
                                          std::uint32_t& high);
[[nodiscard]] inline const char* scan_json_value(const char* at,
                                                 const char* end,
                                                 std::uint32_t depth) {
    std::uint32_t high = 0;
    return scan_json_value(at, end, depth, high);
}

/// Writes what the string between two quotes stands for; `to` has room for raw.size() bytes. The
/// bytes written, or -1 for a surrogate without its other half. `raw` has passed
/// scan_json_string().
[[nodiscard]] std::ptrdiff_t unescape_json(std::string_view raw, char* to);

/// Appends `text` as a JSON string with quotes.
void append_json_string(Buffer& out, std::string_view text);

}  // namespace millrace
