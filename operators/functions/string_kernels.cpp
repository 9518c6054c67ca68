#include "operators/functions/string_kernels.h"

#include <algorithm>

#include "operators/functions/utf8.h"

namespace millrace::operators {

namespace {

/// Longest text that a padding function makes; Java would run out of memory somewhere above.
constexpr std::int32_t kPaddedMax = 1 << 24;

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

/// 1-based position of an occurrence of `part`, searched from `position`, backwards when that is
/// negative; 0 if there is none.
std::int32_t position_of(std::string_view text,
                         std::string_view part,
                         std::int32_t position,
                         std::int32_t occurrence) {
    if (position == 0 || occurrence < 1) {
        return 0;
    }
    const std::int64_t units = position == 1 ? 0 : utf16_length(text);
    const bool is_forward = position > 0;
    const std::int64_t skipped = is_forward ? std::int64_t{position} - 1 : units + position;
    if (skipped < 0 || skipped > units) {
        return 0;
    }
    std::size_t found = offset_of(text, skipped);
    for (std::int32_t i = 0; i < occurrence; ++i) {
        if (i > 0 && (is_forward ? found >= text.size() : found == 0)) {
            return 0;
        }
        const std::size_t start = i == 0 ? found : is_forward ? found + 1 : found - 1;
        found = is_forward ? text.find(part, start) : text.rfind(part, start);
        if (found == std::string_view::npos) {
            return 0;
        }
    }
    return utf16_length(text.substr(0, found)) + 1;
}

/// How texts (UTF-16 units) and bytes are measured and cut.
struct TextMeasure {
    static std::int32_t length(std::string_view text) { return utf16_length(text); }
    static std::size_t offset(std::string_view text, std::int64_t units) {
        return offset_of(text, units);
    }
};
struct ByteMeasure {
    static std::int32_t length(std::string_view bytes) {
        return static_cast<std::int32_t>(bytes.size());
    }
    static std::size_t offset(std::string_view bytes, std::int64_t count) {
        return std::min(bytes.size(), static_cast<std::size_t>(count));
    }
};

template <bool IsLeft, class Measure>
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
        const std::int32_t units = Measure::length(text);
        if (units >= wanted) {
            call.set_text(row, text.substr(0, Measure::offset(text, wanted)));
            return;
        }
        const std::int32_t pad_units = Measure::length(pad);
        const std::int32_t missing = wanted - units;
        const auto whole = static_cast<std::size_t>(missing / pad_units);
        const std::size_t part = Measure::offset(pad, missing % pad_units);
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
    run_pad<true, TextMeasure>(call);
}
void run_rpad(KernelCall& call) {
    run_pad<false, TextMeasure>(call);
}
void run_lpad_bytes(KernelCall& call) {
    run_pad<true, ByteMeasure>(call);
}
void run_rpad_bytes(KernelCall& call) {
    run_pad<false, ByteMeasure>(call);
}

void run_instr(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    const Reader<StringRef> part(call.args[1]);
    call.for_each_valid([&](std::uint32_t row) {
        const std::int32_t position =
            call.args.size() > 2 ? Reader<std::int32_t>(call.args[2])[row] : 1;
        const std::int32_t occurrence =
            call.args.size() > 3 ? Reader<std::int32_t>(call.args[3])[row] : 1;
        call.out<std::int32_t>()[row] =
            position_of(from[row].view(), part[row].view(), position, occurrence);
    });
}

}  // namespace millrace::operators
