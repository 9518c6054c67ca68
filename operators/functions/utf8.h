// UTF-8 text as Java sees it: code points, UTF-16 units, case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace millrace::operators {

/// UTF-16 units of UTF-8 text. Linear, without branches.
[[nodiscard]] std::int32_t utf16_length(std::string_view text);
[[nodiscard]] bool is_ascii(std::string_view text);
/// Bytes of the code point that starts with this byte.
[[nodiscard]] std::size_t sequence_size(char first);
/// Byte offset of unit `units` of the text; its size when it has fewer. A position inside a pair
/// moves before it.
[[nodiscard]] std::size_t offset_of(std::string_view text, std::int64_t units);
/// Decodes one code point and moves on; a stray byte stands for itself.
[[nodiscard]] char32_t next_point(std::string_view text, std::size_t& at);
/// Writes the code point's UTF-8, up to four bytes, and returns their number.
std::size_t put_point(char* to, char32_t point);
/// Unicode's simple case mapping, whatever locale the process runs in.
[[nodiscard]] char32_t map_case(char32_t point, bool to_upper);
[[nodiscard]] char ascii_upper(char c);
[[nodiscard]] char ascii_lower(char c);
[[nodiscard]] bool is_upper_point(char32_t point);
[[nodiscard]] bool is_lower_point(char32_t point);

}  // namespace millrace::operators
