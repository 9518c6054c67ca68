#include "core/row/json_scanner.h"

#include <array>
#include <cstring>

namespace millrace {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// -1 when it is no hexadecimal digit.
int hex_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::uint32_t four_hex(const char* at) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
        value = value << 4 | static_cast<std::uint32_t>(hex_value(at[i]));
    }
    return value;
}

// The four bytes of `word` at `at`.
bool has_word(const char* at, const char* end, const char (&word)[5]) {
    return end - at >= 4 && std::memcmp(at, word, 4) == 0;
}

// A string that is not cut off, without escapes, is one step of the loop that finds its end.
inline const char* scan_string(const char* at, const char* end, std::uint32_t& high) {
    const char* const close = find_json_special(at + 1, end, high);
    if (close < end && *close == '"') {
        return close + 1;
    }
    bool has_escapes = false;
    const char* const behind = scan_json_string(close, end, has_escapes, high);
    return behind == nullptr ? nullptr : behind + 1;
}

// Behind the key and its colon, at the value; nullptr when there is neither.
const char* scan_key(const char* at, const char* end, std::uint32_t& high) {
    if (at >= end || *at != '"') {
        return nullptr;
    }
    at = scan_string(at, end, high);
    if (at == nullptr) {
        return nullptr;
    }
    at = skip_json_space(at, end);
    if (at >= end || *at != ':') {
        return nullptr;
    }
    return skip_json_space(at + 1, end);
}

void put_code_point(std::uint32_t code, char*& to) {
    if (code < 0x80) {
        *to++ = static_cast<char>(code);
    } else if (code < 0x800) {
        *to++ = static_cast<char>(0xc0 | code >> 6);
        *to++ = static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *to++ = static_cast<char>(0xe0 | code >> 12);
        *to++ = static_cast<char>(0x80 | (code >> 6 & 0x3f));
        *to++ = static_cast<char>(0x80 | (code & 0x3f));
    } else {
        *to++ = static_cast<char>(0xf0 | code >> 18);
        *to++ = static_cast<char>(0x80 | (code >> 12 & 0x3f));
        *to++ = static_cast<char>(0x80 | (code >> 6 & 0x3f));
        *to++ = static_cast<char>(0x80 | (code & 0x3f));
    }
}

}  // namespace

const char* scan_json_string(const char* at,
                             const char* end,
                             bool& has_escapes,
                             std::uint32_t& high) {
    for (;;) {
        at = find_json_special(at, end, high);
        if (at >= end) {
            return nullptr;
        }
        if (*at == '"') {
            return at;
        }
        if (*at != '\\' || end - at < 2) {
            return nullptr;
        }
        has_escapes = true;
        if (at[1] == 'u') {
            if (end - at < 6) {
                return nullptr;
            }
            for (int i = 2; i < 6; ++i) {
                if (hex_value(at[i]) < 0) {
                    return nullptr;
                }
            }
            at += 6;
        } else if (std::strchr("\"\\/bfnrt", at[1]) != nullptr && at[1] != '\0') {
            at += 2;
        } else {
            return nullptr;
        }
    }
}

const char* scan_json_value(const char* at,
                            const char* end,
                            std::uint32_t depth,
                            std::uint32_t& high) {
    if (at >= end) {
        return nullptr;
    }
    switch (*at) {
        case '"':
            return scan_string(at, end, high);
        case 't':
            return has_word(at, end, "true") ? at + 4 : nullptr;
        case 'f':
            return has_word(at + 1, end, "alse") ? at + 5 : nullptr;
        case 'n':
            return has_word(at, end, "null") ? at + 4 : nullptr;
        case '{':
        case '[':
            break;
        default:
            return scan_json_number(at, end);
    }
    if (depth >= kJsonDepthMax) {
        return nullptr;
    }
    const bool is_object = *at == '{';
    const char close = is_object ? '}' : ']';
    at = skip_json_space(at + 1, end);
    if (at < end && *at == close) {
        return at + 1;
    }
    for (;;) {
        at = is_object ? scan_key(at, end, high) : at;
        at = at == nullptr ? nullptr : scan_json_value(at, end, depth + 1, high);
        if (at == nullptr) {
            return nullptr;
        }
        at = skip_json_space(at, end);
        if (at >= end || (*at != ',' && *at != close)) {
            return nullptr;
        }
        if (*at == close) {
            return at + 1;
        }
        at = skip_json_space(at + 1, end);
    }
}

std::ptrdiff_t unescape_json(std::string_view raw, char* to) {
    char* const begin = to;
    const char* at = raw.data();
    const char* const end = at + raw.size();
    while (at < end) {
        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }
        const char kind = at[1];
        at += 2;
        switch (kind) {
            case 'b':
                *to++ = '\b';
                break;
            case 'f':
                *to++ = '\f';
                break;
            case 'n':
                *to++ = '\n';
                break;
            case 'r':
                *to++ = '\r';
                break;
            case 't':
                *to++ = '\t';
                break;
            case 'u': {
                std::uint32_t code = four_hex(at);
                at += 4;
                if (code >= 0xdc00 && code < 0xe000) {
                    return -1;
                }
                if (code >= 0xd800 && code < 0xdc00) {
                    if (end - at < 6 || at[0] != '\\' || at[1] != 'u') {
                        return -1;
                    }
                    const std::uint32_t low = four_hex(at + 2);
                    if (low < 0xdc00 || low >= 0xe000) {
                        return -1;
                    }
                    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                    at += 6;
                }
                put_code_point(code, to);
                break;
            }
            default:  // quote, backslash, slash stand for themselves
                *to++ = kind;
        }
    }
    return to - begin;
}

void put_json_string(ByteWriter& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    char* to = out.room(6 * text.size() + 2);
    *to++ = '"';
    if (!has_json_special(text)) {
        std::memcpy(to, text.data(), text.size());
        to += text.size();
        *to++ = '"';
        out.advance(to);
        return;
    }
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && c != '"' && c != '\\') {
            *to++ = c;
            continue;
        }
        *to++ = '\\';
        switch (c) {
            case '\b':
                *to++ = 'b';
                break;
            case '\f':
                *to++ = 'f';
                break;
            case '\n':
                *to++ = 'n';
                break;
            case '\r':
                *to++ = 'r';
                break;
            case '\t':
                *to++ = 't';
                break;
            case '"':
            case '\\':
                *to++ = c;
                break;
            default: {
                const std::array<char, 5> escape{'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
                std::memcpy(to, escape.data(), escape.size());
                to += escape.size();
            }
        }
    }
    *to++ = '"';
    out.advance(to);
}

void put_json_string(ByteWriter& out, const StringRef& text) {
    if (text.is_inline()) {
        char* const to = out.room(2 + 16);
        if (write_plain_inline(to + 1, text)) {
            to[0] = '"';
            to[text.size() + 1] = '"';
            out.advance(to + text.size() + 2);
            return;
        }
    }
    put_json_string(out, text.view());
}

}  // namespace millrace
