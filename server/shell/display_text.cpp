#include "server/shell/display_text.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "server/shell/char_width.h"

namespace millrace::server {

namespace {

constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

struct Character {
    char32_t code = 0;
    std::size_t size = 1;  // bytes
    bool is_valid = false;
};

/// The first character of a text that is not empty.
Character first_of(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80) {
        return {lead, 1, true};
    }
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) {
        return {};
    }
    char32_t code = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) {
            return {};
        }
        code = code << 6 | (byte(i) & 0x3FU);
    }
    constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kLeast[size] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        return {};
    }
    return {code, size, true};
}

/// Characters that a terminal obeys instead of showing them.
bool steers(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2061 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFFF0 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

void append_escape(std::string& out, char32_t c) {
    switch (c) {
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            break;
    }
    char text[16];
    const auto number = static_cast<unsigned>(c);
    std::snprintf(text, sizeof text, c < 0x100 ? "\\x%02x" : "\\u%04x", number);
    out += text;
}

void append_shown(std::string& out, std::string_view text, bool keeps_lines) {
    while (!text.empty()) {
        const Character next = first_of(text);
        if (!next.is_valid) {
            append_escape(out, static_cast<std::uint8_t>(text[0]));
        } else if (keeps_lines && next.code == '\n') {
            out += '\n';
        } else if (keeps_lines && next.code == '\t') {
            out += "    ";
        } else if (steers(next.code)) {
            append_escape(out, next.code);
        } else {
            out += text.substr(0, next.size);
        }
        text.remove_prefix(next.size);
    }
}

/// Bytes of the longest prefix of at most `width` columns, marks on its last character included.
std::size_t prefix_size(std::string_view text, std::size_t width) {
    std::size_t size = 0;
    std::size_t used = 0;
    while (size < text.size()) {
        const Character next = first_of(text.substr(size));
        used += char_width(next.code);
        if (used > width) {
            break;
        }
        size += next.size;
    }
    return size;
}

}  // namespace

std::string shown_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    append_shown(out, text, false);
    return out;
}

std::string shown_lines(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    append_shown(out, text, true);
    return out;
}

std::string shown_json(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    while (!json.empty()) {
        const Character next = first_of(json);
        // Below a blank there are only line feeds outside of strings: JSON escapes the others.
        if (next.is_valid && next.code >= 0x7F && next.code <= 0xFFFF && steers(next.code)) {
            char text[8];
            std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(next.code));
            out += text;
        } else {
            out += json.substr(0, next.size);
        }
        json.remove_prefix(next.size);
    }
    return out;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const Character next = first_of(text);
        width += char_width(next.code);
        text.remove_prefix(next.size);
    }
    return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
    const std::size_t size = prefix_size(text, width);
    if (size == text.size()) {
        return std::string(text);
    }
    if (width == 0) {
        return {};
    }
    return std::string(text.substr(0, prefix_size(text, width - 1))) + std::string(kEllipsis);
}

std::vector<std::string> wrap_to_width(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        // A character wider than the line has to go somewhere.
        std::size_t size = std::max(prefix_size(text, width), first_of(text).size);
        std::size_t skipped = 0;
        if (size < text.size()) {
            const std::size_t blank = text.substr(0, size + 1).rfind(' ');
            if (blank != std::string_view::npos && blank > 0) {
                size = blank;
                skipped = 1;
            }
        }
        lines.emplace_back(text.substr(0, size));
        text.remove_prefix(size + skipped);
    }
    if (lines.empty()) {
        lines.emplace_back();
    }
    return lines;
}

}  // namespace millrace::server
