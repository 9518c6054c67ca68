// The byte loops of the JSON scanners, sixteen bytes at a time where the processor can.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "core/row/string_ref.h"

#if defined(__SSE4_1__)
#include <immintrin.h>
#endif

namespace millrace {

#if defined(__SSE4_1__)

/// A bit for each byte that cannot stand in a JSON string as it is.
[[nodiscard]] inline std::uint32_t json_special_mask(__m128i chunk) {
    const __m128i last_control = _mm_set1_epi8(0x1f);
    const __m128i control = _mm_cmpeq_epi8(_mm_max_epu8(chunk, last_control), last_control);
    const __m128i quote = _mm_cmpeq_epi8(chunk, _mm_set1_epi8('"'));
    const __m128i backslash = _mm_cmpeq_epi8(chunk, _mm_set1_epi8('\\'));
    return static_cast<std::uint32_t>(
        _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control)));
}

/// The first quote, backslash or control character at or behind `at`; `end` or more when there is
/// none. Loads up to 15 bytes behind `end`. `high` becomes non-zero if a byte before it is not
/// ASCII (and may if one behind it is not).
[[nodiscard]] inline const char* find_json_special(const char* at,
                                                   const char* end,
                                                   std::uint32_t& high) {
    for (; at < end; at += 16) {
        __m128i chunk;
        std::memcpy(&chunk, at, sizeof chunk);
        high |= static_cast<std::uint32_t>(_mm_movemask_epi8(chunk));
        const std::uint32_t special = json_special_mask(chunk);
        if (special != 0) {
            return at + std::countr_zero(special);
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

/// Whether a JSON string needs escapes for it. Reads nothing outside of `text`.
[[nodiscard]] inline bool has_json_special(std::string_view text) {
    const auto special = [](const char* at) {
        __m128i chunk;
        std::memcpy(&chunk, at, sizeof chunk);
        return json_special_mask(chunk);
    };
    if (text.size() < 16) {
        char padded[16];
        std::memset(padded, ' ', sizeof padded);
        std::memcpy(padded, text.data(), text.size());
        return special(padded) != 0;
    }
    const char* const last = text.data() + text.size() - 16;
    for (const char* at = text.data(); at < last; at += 16) {
        if (special(at) != 0) {
            return true;
        }
    }
    return special(last) != 0;
}

/// Copies an inline string to `to`, which has room for 16 bytes; false when it needs escapes.
[[nodiscard]] inline bool write_plain_inline(char* to, const StringRef& text) {
    __m128i chunk;
    std::memcpy(&chunk, &text, sizeof chunk);
    chunk = _mm_srli_si128(chunk, 4);
    std::memcpy(to, &chunk, sizeof chunk);
    return (json_special_mask(chunk) & ((1U << text.size()) - 1U)) == 0;
}

/// Copies a string of at least 8 bytes to `to` while looking at it; false when it needs escapes
/// (`to` then holds anything). Touches nothing outside of both.
[[nodiscard]] inline bool write_plain(char* to, const char* from, std::size_t size) {
    if (size < 16) {
        std::uint64_t first;
        std::uint64_t last;
        std::memcpy(&first, from, 8);
        std::memcpy(&last, from + size - 8, 8);
        std::memcpy(to, &first, 8);
        std::memcpy(to + size - 8, &last, 8);
        return json_special_mask(_mm_set_epi64x(static_cast<long long>(last),
                                                static_cast<long long>(first))) == 0;
    }
    std::uint32_t special = 0;
    for (std::size_t i = 0;; i = i + 32 <= size ? i + 16 : size - 16) {
        __m128i chunk;
        std::memcpy(&chunk, from + i, sizeof chunk);
        std::memcpy(to + i, &chunk, sizeof chunk);
        special |= json_special_mask(chunk);
        if (i + 16 == size) {
            return special == 0;
        }
    }
}

/// How many of the 16 bytes at `at` are decimal digits before the first that is none.
[[nodiscard]] inline std::uint32_t count_digits(const char* at) {
    __m128i bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    const __m128i digits = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    const __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits);
    return static_cast<std::uint32_t>(
        std::countr_one(static_cast<std::uint32_t>(_mm_movemask_epi8(is_digit))));
}
/// The value of the `count` <= 16 digits at `at`: moved to the end of a register, then added up in
/// pairs, fours and eights. Loads 16 bytes.
[[nodiscard]] inline std::uint64_t digits_value(const char* at, std::uint32_t count) {
    alignas(16) static constexpr std::uint8_t kMove[32] = {
        0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
        0x80, 0x80, 0x80, 0x80, 0x80, 0,    1,    2,    3,    4,    5,
        6,    7,    8,    9,    10,   11,   12,   13,   14,   15};
    __m128i bytes;
    __m128i move;
    std::memcpy(&bytes, at, sizeof bytes);
    std::memcpy(&move, kMove + count, sizeof move);
    const __m128i digits = _mm_shuffle_epi8(_mm_sub_epi8(bytes, _mm_set1_epi8('0')), move);
    const __m128i pairs = _mm_maddubs_epi16(digits, _mm_set1_epi16(0x010a));
    const __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00010064));
    const __m128i packed = _mm_packus_epi32(fours, fours);
    const __m128i eights = _mm_madd_epi16(packed, _mm_set1_epi32(0x00012710));
    const auto both = static_cast<std::uint64_t>(_mm_cvtsi128_si64(eights));
    return (both & 0xffffffff) * 100'000'000 + (both >> 32);
}

/// A text to compare others with, of which the first 32 bytes are at hand.
class QuickText {
  public:
    explicit QuickText(std::string_view text)
        : mask_(text.size() >= 32 ? ~0U : (1U << text.size()) - 1U), text_(text) {
        std::memcpy(head_, text.data(), text.size() < 32 ? text.size() : 32);
    }
    [[nodiscard]] const std::string& text() const { return text_; }
    /// Whether it stands at `at`. Loads 32 bytes.
    [[nodiscard]] bool is_at(const char* at) const {
        const std::uint32_t low = equal_bytes(at, head_);
        if (mask_ <= 0xffff) {
            return (low & mask_) == mask_;
        }
        return ((low | equal_bytes(at + 16, head_ + 16) << 16) & mask_) == mask_ &&
               (text_.size() <= 32 ||
                std::memcmp(at + 32, text_.data() + 32, text_.size() - 32) == 0);
    }

  private:
    static std::uint32_t equal_bytes(const char* a, const char* b) {
        __m128i x;
        __m128i y;
        std::memcpy(&x, a, sizeof x);
        std::memcpy(&y, b, sizeof y);
        return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(x, y)));
    }

    char head_[32] = {};
    std::uint32_t mask_;
    std::string text_;
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
[[nodiscard]] inline bool has_json_special(std::string_view text) {
    std::uint32_t high = 0;
    const char* const end = text.data() + text.size();
    return find_json_special(text.data(), end, high) != end;
}
[[nodiscard]] inline bool write_plain_inline(char* to, const StringRef& text) {
    std::memcpy(to, text.data(), text.size());
    return !has_json_special(text.view());
}
[[nodiscard]] inline bool write_plain(char* to, const char* from, std::size_t size) {
    std::memcpy(to, from, size);
    return !has_json_special({from, size});
}
[[nodiscard]] inline std::uint32_t count_digits(const char* at) {
    std::uint32_t count = 0;
    while (count < 16 && at[count] >= '0' && at[count] <= '9') {
        ++count;
    }
    return count;
}
[[nodiscard]] inline std::uint64_t digits_value(const char* at, std::uint32_t count) {
    std::uint64_t value = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        value = value * 10 + static_cast<std::uint64_t>(at[i] - '0');
    }
    return value;
}
class QuickText {
  public:
    explicit QuickText(std::string_view text) : text_(text) {}
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool is_at(const char* at) const {
        return std::memcmp(at, text_.data(), text_.size()) == 0;
    }

  private:
    std::string text_;
};

#endif

}  // namespace millrace
