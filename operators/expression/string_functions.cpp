#include "operators/expression/string_functions.h"

#include <algorithm>
#include <clocale>
#include <cwctype>

namespace millrace::operators {

namespace {

/// Longest text that a padding function makes; Java would run out of memory somewhere above.
constexpr std::int32_t kPaddedMax = 1 << 24;

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

/// Byte offset of unit `units` of the text; its size when it has fewer.
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

/// Decodes one code point and moves on; a stray byte stands for itself.
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

/// Unicode's simple case mapping, whatever locale the process runs in.
locale_t unicode_locale() {
    static const locale_t kLocale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return kLocale;
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

/// Maps with `ascii` or, beyond ASCII, with `point(code point, is first of a word)`.
template <class Ascii, class Point>
void run_case(KernelCall& call, Ascii ascii, Point point) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        const std::string_view text = from[row].view();
        // One letter may take more bytes in the other case, but never twice as many and one more.
        char* to = call.arena->allocate(text.size() * 2);
        std::size_t size = 0;
        bool starts_word = true;
        if (is_ascii(text)) {
            for (const char c : text) {
                to[size++] = ascii(c, starts_word);
                starts_word = c == ' ';
            }
        } else {
            for (std::size_t at = 0; at < text.size();) {
                if (text[at] == '\xC3' && at + 1 < text.size() && text[at + 1] == '\x9F' &&
                    point(U'a', starts_word) == U'A') {
                    // The sharp s has no single capital letter.
                    to[size++] = 'S';
                    to[size++] = 'S';
                    at += 2;
                    starts_word = false;
                    continue;
                }
                const std::size_t before = at;
                const char32_t letter = next_point(text, at);
                if (at == before + 1 && letter >= 0x80) {
                    to[size++] = text[before];  // not UTF-8: left alone
                } else {
                    size += put_point(to + size, point(letter, starts_word));
                }
                starts_word = letter == ' ';
            }
        }
        call.set_borrowed(row, {to, size});
        call.arena->shrink(text.size() * 2 - (size > StringRef::kInlineMax ? size : 0));
    });
}

struct Slice {
    std::int64_t begin = 0;
    std::int64_t end = 0;
};

/// 1-based; negative counts from the end; out of range is cut.
Slice slice_of(std::int64_t size, std::int64_t position, std::int64_t count) {
    const std::int64_t begin = position < 0 ? std::max<std::int64_t>(size + position, 0)
                                            : std::clamp<std::int64_t>(position - 1, 0, size);
    return {begin, std::max(std::min(begin + count, size), begin)};
}

std::int64_t count_at(const KernelCall& call, std::uint32_t row) {
    return call.args.size() < 3 ? std::int64_t{INT32_MAX} : Reader<std::int32_t>(call.args[2])[row];
}

template <bool IsLeft>
void run_pad(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    const Reader<std::int32_t> length(call.args[1]);
    const Reader<StringRef> padding(call.args[2]);
    call.for_each_valid([&](std::uint32_t row) {
        const std::string_view text = from[row].view();
        const std::string_view pad = padding[row].view();
        const std::int32_t wanted = length[row];
        if (wanted < 0 || pad.empty()) {
            call.set_null(row);
            return;
        }
        if (wanted > kPaddedMax) {
            call.fail(row, "padded length is above the limit: " + std::to_string(wanted));
            return;
        }
        const std::int32_t units = utf16_length(text);
        if (units >= wanted) {
            call.set_text(row, text.substr(0, offset_of(text, wanted)));
            return;
        }
        const std::int32_t pad_units = utf16_length(pad);
        const std::int32_t missing = wanted - units;
        const auto whole = static_cast<std::size_t>(missing / pad_units);
        const std::size_t part = offset_of(pad, missing % pad_units);
        const std::size_t fill = whole * pad.size() + part;
        char* to = call.arena->allocate(fill + text.size());
        char* at = IsLeft ? to : to + text.size();
        for (std::size_t i = 0; i < whole; ++i, at += pad.size()) {
            std::memcpy(at, pad.data(), pad.size());
        }
        std::memcpy(at, pad.data(), part);
        if (!text.empty()) {
            std::memcpy(IsLeft ? to + fill : to, text.data(), text.size());
        }
        call.set_borrowed(row, {to, fill + text.size()});
    });
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

void run_ucase(KernelCall& call) {
    run_case(
        call,
        [](char c, bool) { return ascii_upper(c); },
        [](char32_t point, bool) { return map_case(point, true); });
}

void run_lcase(KernelCall& call) {
    run_case(
        call,
        [](char c, bool) { return ascii_lower(c); },
        [](char32_t point, bool) { return map_case(point, false); });
}

void run_initcap(KernelCall& call) {
    run_case(
        call,
        [](char c, bool starts_word) { return starts_word ? ascii_upper(c) : ascii_lower(c); },
        [](char32_t point, bool starts_word) { return map_case(point, starts_word); });
}

void run_trim(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        std::string_view text = from[row].view();
        while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') {
            text.remove_prefix(1);
        }
        while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') {
            text.remove_suffix(1);
        }
        call.set_borrowed(row, text);
    });
}

void run_len(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid(
        [&](std::uint32_t row) { call.out<std::int32_t>()[row] = utf16_length(from[row].view()); });
}

void run_len_bytes(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        call.out<std::int32_t>()[row] = static_cast<std::int32_t>(from[row].size());
    });
}

void run_substring(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    const Reader<std::int32_t> position(call.args[1]);
    call.for_each_valid([&](std::uint32_t row) {
        const std::string_view text = from[row].view();
        const std::int64_t count = count_at(call, row);
        const std::int32_t units = utf16_length(text);
        const Slice slice = slice_of(units, position[row], count);
        if (static_cast<std::size_t>(units) == text.size() && is_ascii(text)) {
            call.set_borrowed(row,
                              text.substr(static_cast<std::size_t>(slice.begin),
                                          static_cast<std::size_t>(slice.end - slice.begin)));
            return;
        }
        const std::size_t begin = offset_of(text, slice.begin);
        const std::size_t end = std::max(begin, offset_of(text, slice.end));
        call.set_borrowed(row, text.substr(begin, end - begin));
    });
}

void run_substring_bytes(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    const Reader<std::int32_t> position(call.args[1]);
    call.for_each_valid([&](std::uint32_t row) {
        const std::string_view text = from[row].view();
        const Slice slice =
            slice_of(static_cast<std::int64_t>(text.size()), position[row], count_at(call, row));
        call.set_borrowed(row,
                          text.substr(static_cast<std::size_t>(slice.begin),
                                      static_cast<std::size_t>(slice.end - slice.begin)));
    });
}

void run_concat(KernelCall& call) {
    call.rows.for_each([&](std::uint32_t row) {
        std::size_t size = 0;
        for (const Vector& arg : call.args) {
            size += arg.is_valid(row) ? Reader<StringRef>(arg)[row].size() : 0;
        }
        char inlined[StringRef::kInlineMax];
        char* to = size <= StringRef::kInlineMax ? inlined : call.arena->allocate(size);
        char* at = to;
        for (const Vector& arg : call.args) {
            if (arg.is_valid(row)) {
                const std::string_view part = Reader<StringRef>(arg)[row].view();
                std::memcpy(at, part.data(), part.size());
                at += part.size();
            }
        }
        call.set_borrowed(row, {to, size});
    });
}

void run_replace(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    const Reader<StringRef> old(call.args[1]);
    const Reader<StringRef> fresh(call.args[2]);
    std::string built;
    call.for_each_valid([&](std::uint32_t row) {
        const std::string_view text = from[row].view();
        const std::string_view wanted = old[row].view();
        const std::string_view with = fresh[row].view();
        built.clear();
        std::size_t at = 0;
        if (wanted.empty()) {
            // As Java: before every character and at the end.
            while (at < text.size()) {
                const std::size_t size = std::min(sequence_size(text[at]), text.size() - at);
                built.append(with).append(text.substr(at, size));
                at += size;
            }
            built.append(with);
        } else {
            for (std::size_t found = 0; (found = text.find(wanted, at)) != std::string_view::npos;
                 at = found + wanted.size()) {
                built.append(text.substr(at, found - at)).append(with);
            }
            built.append(text.substr(at));
        }
        call.set_text(row, built);
    });
}

void run_lpad(KernelCall& call) {
    run_pad<true>(call);
}
void run_rpad(KernelCall& call) {
    run_pad<false>(call);
}

void run_instr(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    const Reader<StringRef> part(call.args[1]);
    call.for_each_valid([&](std::uint32_t row) {
        const std::string_view text = from[row].view();
        const std::size_t found = text.find(part[row].view());
        call.out<std::int32_t>()[row] =
            found == std::string_view::npos ? 0 : utf16_length(text.substr(0, found)) + 1;
    });
}

}  // namespace millrace::operators
