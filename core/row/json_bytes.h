// The byte loops of the JSON scanners, sixteen bytes at a time where the processor can.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "core/row/string_ref.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace millrace {

#if defined(__SSE2__)

/// The first quote, backslash or control character at or behind `at`; `end` or more when there is
/// none. Loads up to 15 bytes behind `end`. `high` becomes non-zero if a byte before it is not
/// ASCII (and may if one behind it is not).
[[nodiscard]] inline const char* find_json_special(const char* at,
                                                   const char* end,
                                                   std::uint32_t& high) {
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i last_control = _mm_set1_epi8(0x1f);
    for (; at < end; at += 16) {
        __m128i chunk;
        std::memcpy(&chunk, at, sizeof chunk);
        const __m128i control = _mm_cmpeq_epi8(_mm_max_epu8(chunk, last_control), last_control);
        const __m128i special = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(chunk, quote), _mm_cmpeq_epi8(chunk, backslash)), control);
        high |= static_cast<std::uint32_t>(_mm_movemask_epi8(chunk));
        const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(special));
        if (mask != 0) {
            return at + std::countr_zero(mask);
        }
    }
    return end;
}

/// StringRef(at, size) for size <= StringRef::kInlineMax, faster; loads 16 bytes.
[[nodiscard]] inline StringRef make_inline_string(const char* at, std::uint32_t size) {
    alignas(16) static constexpr std::uint8_t kKeep[32] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    __m128i bytes;
    __m128i keep;
    std::memcpy(&bytes, at, sizeof bytes);
    std::memcpy(&keep, kKeep + StringRef::kInlineMax - size, sizeof keep);
    const __m128i made = _mm_or_si128(_mm_slli_si128(_mm_and_si128(bytes, keep), 4),
                                      _mm_cvtsi32_si128(static_cast<int>(size)));
    StringRef text;
    std::memcpy(static_cast<void*>(&text), &made, sizeof text);
    return text;
}

/// Sixteen bytes to compare others with, of which the first `size` count.
class BytePrefix {
  public:
    BytePrefix(const char* at, std::size_t size) : mask_(size >= 16 ? 0xffffU : (1U << size) - 1U) {
        std::memcpy(bytes_, at, size < 16 ? size : 16);
    }
    /// Loads 16 bytes.
    [[nodiscard]] bool matches(const char* at) const {
        __m128i bytes;
        __m128i other;
        std::memcpy(&bytes, bytes_, sizeof bytes);
        std::memcpy(&other, at, sizeof other);
        const auto equal =
            static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, other)));
        return (equal & mask_) == mask_;
    }

  private:
    char bytes_[16] = {};
    std::uint32_t mask_;
};

#else

[[nodiscard]] inline const char* find_json_special(const char* at,
                                                   const char* end,
                                                   std::uint32_t& high) {
    while (at < end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) {
        high |= static_cast<unsigned char>(*at) & 0x80U;
        ++at;
    }
    return at;
}
[[nodiscard]] inline StringRef make_inline_string(const char* at, std::uint32_t size) {
    return {at, size};
}
class BytePrefix {
  public:
    BytePrefix(const char* at, std::size_t size) : size_(size < 16 ? size : 16) {
        std::memcpy(bytes_, at, size_);
    }
    [[nodiscard]] bool matches(const char* at) const { return std::memcmp(bytes_, at, size_) == 0; }

  private:
    char bytes_[16] = {};
    std::size_t size_;
};

#endif

/// Whether all eight bytes at `at` are decimal digits.
[[nodiscard]] inline bool are_eight_digits(const char* at) {
    std::uint64_t bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    constexpr std::uint64_t kHighNibbles = 0xf0f0f0f0f0f0f0f0;
    constexpr std::uint64_t kZeros = 0x3030303030303030;
    return (bytes & kHighNibbles) == kZeros &&
           ((bytes + 0x0606060606060606) & kHighNibbles) == kZeros;
}
/// Their value: pairs, then fours, then all eight are added up inside one register.
[[nodiscard]] inline std::uint64_t eight_digits(const char* at) {
    std::uint64_t v;
    std::memcpy(&v, at, sizeof v);
    v = (v & 0x0f0f0f0f0f0f0f0f) * 2561 >> 8;
    v = (v & 0x00ff00ff00ff00ff) * 6553601 >> 16;
    return (v & 0x0000ffff0000ffff) * 42949672960001 >> 32;
}

}  // namespace millrace
