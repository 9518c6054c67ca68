// Strict scanners for JSON text (RFC 8259): where a token ends, and whether it is one.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/row/byte_writer.h"
#include "core/row/json_bytes.h"
#include "core/row/string_ref.h"

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

/// Behind the digits at `at`, of which there is at least one; nullptr when there is none.
[[nodiscard]] inline const char* scan_digits(const char* at, const char* end) {
    const char* const first = at;
    std::uint32_t count = 0;
    do {
        count = count_digits(at);
        at += count;
    } while (count == 16 && at < end);
    // Digits behind the end belong to whatever lies there.
    return at == first ? nullptr : at < end ? at : end;
}
/// The end of the number at `at`; nullptr when there is none.
[[nodiscard]] inline const char* scan_json_number(const char* at, const char* end) {
    at += at < end && *at == '-' ? 1 : 0;
    const char* const whole = at;
    at = at < end ? scan_digits(at, end) : nullptr;
    if (at == nullptr || (*whole == '0' && at > whole + 1)) {
        return nullptr;
    }
    if (at < end && *at == '.') {
        at = at + 1 < end ? scan_digits(at + 1, end) : nullptr;
        if (at == nullptr) {
            return nullptr;
        }
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        ++at;
        at += at < end && (*at == '+' || *at == '-') ? 1 : 0;
        at = at < end ? scan_digits(at, end) : nullptr;
    }
    return at;
}

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
void put_json_string(ByteWriter& out, std::string_view text);
/// The same; short strings need no look at their memory.
void put_json_string(ByteWriter& out, const StringRef& text);

}  // namespace millrace
