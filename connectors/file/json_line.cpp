#include "connectors/file/json_line.h"

#include <cstdint>

#include <emmintrin.h>

#include "connectors/file/utf8.h"

namespace millrace::connectors {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

int hex_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The first byte in [at, end) that is no ordinary character of a string: quote, backslash, control
/// character or part of a longer UTF-8 sequence.
const char* skip_plain(const char* at, const char* end) {
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i blank = _mm_set1_epi8(0x20);
    while (end - at >= 16) {
        __m128i bytes;
        __builtin_memcpy(&bytes, at, sizeof bytes);
        // Signed compare: bytes from 0x80 on are negative, so "below blank" finds them too.
        const __m128i special = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
            _mm_cmplt_epi8(bytes, blank));
        const int mask = _mm_movemask_epi8(special);
        if (mask != 0) {
            return at + __builtin_ctz(static_cast<unsigned>(mask));
        }
        at += 16;
    }
    while (at < end && *at != '"' && *at != '\\' && static_cast<signed char>(*at) >= 0x20) {
        ++at;
    }
    return at;
}

void append_utf8(std::string& text, std::uint32_t code) {
    if (code < 0x80) {
        text.push_back(static_cast<char>(code));
    } else if (code < 0x800) {
        text.push_back(static_cast<char>(0xC0 | (code >> 6)));
        text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
    } else if (code < 0x10000) {
        text.push_back(static_cast<char>(0xE0 | (code >> 12)));
        text.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
        text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
    } else {
        text.push_back(static_cast<char>(0xF0 | (code >> 18)));
        text.push_back(static_cast<char>(0x80 | ((code >> 12) & 0x3F)));
        text.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
        text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
    }
}

std::uint32_t four_hex(const char* at) {
    std::uint32_t code = 0;
    for (int i = 0; i < 4; ++i) {
        code = code << 4 | static_cast<std::uint32_t>(hex_value(at[i]));
    }
    return code;
}

/// The text of a string whose escapes have been checked.
void unescape(std::string_view text, std::string& out) {
    out.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out.push_back(text[i]);
            continue;
        }
        switch (text[++i]) {
            case 'b':
                out.push_back('\b');
                break;
            case 'f':
                out.push_back('\f');
                break;
            case 'n':
                out.push_back('\n');
                break;
            case 'r':
                out.push_back('\r');
                break;
            case 't':
                out.push_back('\t');
                break;
            case 'u': {
                std::uint32_t code = four_hex(text.data() + i + 1);
                i += 4;
                if (code >= 0xD800 && code < 0xDC00) {
                    code = 0x10000 + ((code - 0xD800) << 10) +
                           (four_hex(text.data() + i + 3) - 0xDC00);
                    i += 6;
                }
                append_utf8(out, code);
                break;
            }
            default:
                out.push_back(text[i]);
        }
    }
}

}  // namespace

bool JsonLine::read(std::string_view line) {
    begin_ = at_ = line.data();
    end_ = begin_ + line.size();
    depth_ = 0;
    member_.reset();
    blanks();
    if (at_ == end_ || *at_ != '{') {
        return fail("a JSON object");
    }
    if (!object(true)) {
        return false;
    }
    blanks();
    return at_ == end_ || fail("the end of the line");
}

std::string JsonLine::problem() const {
    return "column " + std::to_string(at_ - begin_ + 1) + ": expected " + expected_;
}

bool JsonLine::fail(const char* expected) {
    expected_ = expected;
    return false;
}

void JsonLine::blanks() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r' || *at_ == '\n')) {
        ++at_;
    }
}

int JsonLine::match(std::string_view name) const {
    if (wanted_.empty() || name.size() != wanted_.size()) {
        return 0;
    }
    if (name == wanted_) {
        return 2;
    }
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (lower(name[i]) != lower(wanted_[i])) {
            return 0;
        }
    }
    return 1;
}

void JsonLine::keep(std::string_view text) {
    if (text == "null") {
        member_.reset();
    } else if (text.front() != '"') {
        member_ = text;
    } else if (text = text.substr(1, text.size() - 2); text.find('\\') == std::string_view::npos) {
        member_ = text;
    } else {
        unescape(text, unescaped_);
        member_ = unescaped_;
    }
}

bool JsonLine::object(bool is_outermost) {
    if (++depth_ > kJsonLineDepthMax) {
        return fail("at most 128 levels");
    }
    ++at_;
    blanks();
    int best = 0;
    if (at_ < end_ && *at_ == '}') {
        ++at_;
        --depth_;
        return true;
    }
    for (;;) {
        blanks();
        const char* name = at_;
        if (at_ == end_ || *at_ != '"') {
            return fail("a name in quotes");
        }
        if (!string()) {
            return false;
        }
        const std::string_view name_text(name + 1, static_cast<std::size_t>(at_ - name - 2));
        blanks();
        if (at_ == end_ || *at_ != ':') {
            return fail("':'");
        }
        ++at_;
        blanks();
        const char* begin = at_;
        if (!value()) {
            return false;
        }
        if (is_outermost) {
            if (const int rank = match(name_text); rank > best) {
                best = rank;
                keep({begin, static_cast<std::size_t>(at_ - begin)});
            }
        }
        blanks();
        if (at_ < end_ && *at_ == ',') {
            ++at_;
        } else if (at_ < end_ && *at_ == '}') {
            ++at_;
            --depth_;
            return true;
        } else {
            return fail("',' or '}'");
        }
    }
}

bool JsonLine::array() {
    if (++depth_ > kJsonLineDepthMax) {
        return fail("at most 128 levels");
    }
    ++at_;
    blanks();
    if (at_ < end_ && *at_ == ']') {
        ++at_;
        --depth_;
        return true;
    }
    for (;;) {
        blanks();
        if (!value()) {
            return false;
        }
        blanks();
        if (at_ < end_ && *at_ == ',') {
            ++at_;
        } else if (at_ < end_ && *at_ == ']') {
            ++at_;
            --depth_;
            return true;
        } else {
            return fail("',' or ']'");
        }
    }
}

bool JsonLine::value() {
    if (at_ == end_) {
        return fail("a value");
    }
    switch (*at_) {
        case '{':
            return object(false);
        case '[':
            return array();
        case '"':
            return string();
        case 't':
            return literal("true");
        case 'f':
            return literal("false");
        case 'n':
            return literal("null");
        default:
            return *at_ == '-' || is_digit(*at_) ? number() : fail("a value");
    }
}

bool JsonLine::literal(std::string_view text) {
    if (static_cast<std::size_t>(end_ - at_) < text.size() ||
        std::string_view(at_, text.size()) != text) {
        return fail("a value");
    }
    at_ += text.size();
    return true;
}

bool JsonLine::number() {
    if (*at_ == '-') {
        ++at_;
    }
    if (at_ == end_ || !is_digit(*at_)) {
        return fail("a digit");
    }
    if (*at_ == '0') {
        ++at_;
    } else {
        while (at_ < end_ && is_digit(*at_)) {
            ++at_;
        }
    }
    if (at_ < end_ && *at_ == '.') {
        ++at_;
        if (at_ == end_ || !is_digit(*at_)) {
            return fail("a digit");
        }
        while (at_ < end_ && is_digit(*at_)) {
            ++at_;
        }
    }
    if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
        ++at_;
        if (at_ < end_ && (*at_ == '+' || *at_ == '-')) {
            ++at_;
        }
        if (at_ == end_ || !is_digit(*at_)) {
            return fail("a digit");
        }
        while (at_ < end_ && is_digit(*at_)) {
            ++at_;
        }
    }
    return true;
}

bool JsonLine::string() {
    ++at_;
    for (;;) {
        at_ = skip_plain(at_, end_);
        if (at_ == end_) {
            return fail("a closing quote");
        }
        const auto c = static_cast<unsigned char>(*at_);
        if (c == '"') {
            ++at_;
            return true;
        }
        if (c < 0x20) {
            return fail("an escaped control character");
        }
        if (c == '\\' ? !escape() : !utf8()) {
            return false;
        }
    }
}

bool JsonLine::escape() {
    const char* at = at_ + 1;
    if (at == end_ || std::string_view("\"\\/bfnrtu").find(*at) == std::string_view::npos) {
        return fail("an escape sequence");
    }
    if (*at != 'u') {
        at_ = at + 1;
        return true;
    }
    const auto is_hex = [this](const char* digits) {
        if (end_ - digits < 4) {
            return false;
        }
        for (int i = 0; i < 4; ++i) {
            if (hex_value(digits[i]) < 0) {
                return false;
            }
        }
        return true;
    };
    ++at;
    if (!is_hex(at)) {
        return fail("four hexadecimal digits");
    }
    const std::uint32_t code = four_hex(at);
    at += 4;
    if (code >= 0xD800 && code < 0xE000) {
        const bool has_low = code < 0xDC00 && end_ - at >= 6 && at[0] == '\\' && at[1] == 'u' &&
                             is_hex(at + 2) && (four_hex(at + 2) & 0xFC00) == 0xDC00;
        if (!has_low) {
            return fail("a pair of surrogates");
        }
        at += 6;
    }
    at_ = at;
    return true;
}

bool JsonLine::utf8() {
    const std::size_t size = utf8_sequence({at_, static_cast<std::size_t>(end_ - at_)});
    at_ += size;
    return size > 0 || fail("UTF-8");
}

}  // namespace millrace::connectors
