#include "core/row/json_scanner.h"

#include <array>
#include <cstring>

#include "core/row/json_bytes.h"

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

const char* scan_word(const char* at, const char* end, std::string_view word) {
    return static_cast<std::size_t>(end - at) >= word.size() &&
                   std::memcmp(at, word.data(), word.size()) == 0
               ? at + word.size()
               : nullptr;
}

// Behind the key and its colon, at the value; nullptr when there is neither.
const char* scan_key(const char* at, const char* end, std::uint32_t& high) {
    if (at >= end || *at != '"') {
        return nullptr;
    }
    bool has_escapes = false;
    at = scan_json_string(at + 1, end, has_escapes, high);
    if (at == nullptr) {
        return nullptr;
    }
    at = skip_json_space(at + 1, end);
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

const char* scan_json_number(const char* at, const char* end) {
    at += at < end && *at == '-' ? 1 : 0;
    if (at >= end || !is_digit(*at)) {
        return nullptr;
    }
    if (*at == '0') {
        ++at;
    } else {
        while (at < end && is_digit(*at)) {
            ++at;
        }
    }
    if (at < end && *at == '.') {
        const char* const point = at++;
        while (at < end && is_digit(*at)) {
            ++at;
        }
        if (at == point + 1) {
            return nullptr;
        }
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        ++at;
        at += at < end && (*at == '+' || *at == '-') ? 1 : 0;
        const char* const digits = at;
        while (at < end && is_digit(*at)) {
            ++at;
        }
        if (at == digits) {
            return nullptr;
        }
    }
    return at;
}

const char* scan_json_value(const char* at,
                            const char* end,
                            std::uint32_t depth,
                            std::uint32_t& high) {
    if (at >= end) {
        return nullptr;
    }
    switch (*at) {
        case '"': {
            bool has_escapes = false;
            at = scan_json_string(at + 1, end, has_escapes, high);
            return at == nullptr ? nullptr : at + 1;
        }
        case 't':
            return scan_word(at, end, "true");
        case 'f':
            return scan_word(at, end, "false");
        case 'n':
            return scan_word(at, end, "null");
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

void append_json_string(Buffer& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out.append_le('"');
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x20 && byte != '"' && byte != '\\') {
            continue;
        }
        out.append(text.substr(from, i - from));
        from = i + 1;
        switch (byte) {
            case '"':
                out.append(std::string_view("\\\""));
                break;
            case '\\':
                out.append(std::string_view("\\\\"));
                break;
            case '\b':
                out.append(std::string_view("\\b"));
                break;
            case '\f':
                out.append(std::string_view("\\f"));
                break;
            case '\n':
                out.append(std::string_view("\\n"));
                break;
            case '\r':
                out.append(std::string_view("\\r"));
                break;
            case '\t':
                out.append(std::string_view("\\t"));
                break;
            default: {
                const std::array<char, 6> escape{
                    '\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
                out.append(std::string_view(escape.data(), escape.size()));
            }
        }
    }
    out.append(text.substr(from));
    out.append_le('"');
}

}  // namespace millrace
