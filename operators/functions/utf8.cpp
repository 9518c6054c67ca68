#include "operators/functions/utf8.h"

#include <algorithm>
#include <clocale>
#include <cwctype>

namespace millrace::operators {

namespace {

/// Unicode's simple case mapping, whatever locale the process runs in.
locale_t unicode_locale() {
    static const locale_t kLocale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return kLocale;
}

}  // namespace

std::int32_t utf16_length(std::string_view text) {
    std::size_t units = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        units += (byte & 0xC0) != 0x80 ? 1 : 0;
        units += byte >= 0xF0 ? 1 : 0;
    }
    return static_cast<std::int32_t>(units);
}

bool is_ascii(std::string_view text) {
    unsigned char any = 0;
    for (const char c : text) {
        any = static_cast<unsigned char>(any | static_cast<unsigned char>(c));
    }
    return any < 0x80;
}

std::size_t sequence_size(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

std::size_t offset_of(std::string_view text, std::int64_t units) {
    std::size_t at = 0;
    while (units > 0 && at < text.size()) {
        const std::size_t size = sequence_size(text[at]);
        if (size == 4 && units == 1) {
            return at;  // inside a pair: the whole character stays out
        }
        at += size;
        units -= size == 4 ? 2 : 1;
    }
    return std::min(at, text.size());
}

char32_t next_point(std::string_view text, std::size_t& at) {
    const std::size_t size = std::min(sequence_size(text[at]), text.size() - at);
    const auto byte = [&](std::size_t i) {
        return static_cast<char32_t>(static_cast<unsigned char>(text[at + i]));
    };
    char32_t point = byte(0);
    if (size == 2) {
        point = ((point & 0x1F) << 6) | (byte(1) & 0x3F);
    } else if (size == 3) {
        point = ((point & 0x0F) << 12) | ((byte(1) & 0x3F) << 6) | (byte(2) & 0x3F);
    } else if (size == 4) {
        point = ((point & 0x07) << 18) | ((byte(1) & 0x3F) << 12) | ((byte(2) & 0x3F) << 6) |
                (byte(3) & 0x3F);
    }
    at += size;
    return point;
}

std::size_t put_point(char* to, char32_t point) {
    const auto put = [to](std::size_t i, char32_t bits) { to[i] = static_cast<char>(bits); };
    if (point < 0x80) {
        put(0, point);
        return 1;
    }
    if (point < 0x800) {
        put(0, 0xC0 | point >> 6);
        put(1, 0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        put(0, 0xE0 | point >> 12);
        put(1, 0x80 | (point >> 6 & 0x3F));
        put(2, 0x80 | (point & 0x3F));
        return 3;
    }
    put(0, 0xF0 | point >> 18);
    put(1, 0x80 | (point >> 12 & 0x3F));
    put(2, 0x80 | (point >> 6 & 0x3F));
    put(3, 0x80 | (point & 0x3F));
    return 4;
}

char32_t map_case(char32_t point, bool to_upper) {
    const locale_t locale = unicode_locale();
    if (locale == nullptr) {
        return point;
    }
    const auto wide = static_cast<wint_t>(point);
    return static_cast<char32_t>(to_upper ? towupper_l(wide, locale) : towlower_l(wide, locale));
}

char ascii_upper(char c) {
    return static_cast<char>(c - (c >= 'a' && c <= 'z' ? 32 : 0));
}
char ascii_lower(char c) {
    return static_cast<char>(c + (c >= 'A' && c <= 'Z' ? 32 : 0));
}

bool is_upper_point(char32_t point) {
    return point < 0x80 ? point >= U'A' && point <= U'Z' : map_case(point, false) != point;
}
bool is_lower_point(char32_t point) {
    return point < 0x80 ? point >= U'a' && point <= U'z' : map_case(point, true) != point;
}

}  // namespace millrace::operators
