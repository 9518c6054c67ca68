#include <array>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/base/env.h"
#include "operators/functions/cells.h"
#include "operators/functions/function_table.h"
#include "operators/functions/md5.h"
#include "operators/functions/string_kernels.h"
#include "operators/functions/utf8.h"

namespace millrace::operators {

namespace {

std::string hex_of(const std::uint8_t* bytes, std::size_t size) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
        text += kDigits[bytes[i] >> 4];
        text += kDigits[bytes[i] & 15];
    }
    return text;
}

void run_md5(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        const auto digest = md5(from[row].view());
        call.set_text(row, hex_of(digest.data(), digest.size()));
    });
}

/// (separator, part, ...): null parts are left out.
void run_concat_ws(KernelCall& call) {
    std::string text;
    call.rows.for_each([&](std::uint32_t row) {
        if (!call.args[0].is_valid(row)) {
            call.set_null(row);
            return;
        }
        const std::string_view separator = Reader<StringRef>(call.args[0])[row].view();
        text.clear();
        bool is_first = true;
        for (const Vector& part : call.args.subspan(1)) {
            if (part.is_valid(row)) {
                text += is_first ? std::string_view() : separator;
                text += Reader<StringRef>(part)[row].view();
                is_first = false;
            }
        }
        call.set_text(row, text);
    });
}

/// One character or byte of a text.
template <bool IsBytes>
std::size_t unit_size(std::string_view text, std::size_t at) {
    return IsBytes ? 1 : std::min(sequence_size(text[at]), text.size() - at);
}

template <bool IsBytes>
void run_split(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    const Reader<StringRef> by(call.args[1]);
    ListWriter out(call);
    call.for_each_valid([&](std::uint32_t row) {
        const std::string_view text = from[row].view();
        const std::string_view delimiter = by[row].view();
        if (delimiter.empty() && !text.empty()) {
            for (std::size_t at = 0; at < text.size();) {
                const std::size_t size = unit_size<IsBytes>(text, at);
                out.add_text(text.substr(at, size));
                at += size;
            }
        } else {
            std::size_t at = 0;
            for (std::size_t found = 0;
                 !delimiter.empty() && (found = text.find(delimiter, at)) != std::string_view::npos;
                 at = found + delimiter.size()) {
                out.add_text(text.substr(at, found - at));
            }
            out.add_text(text.substr(at));
        }
        out.finish(row);
    });
}

/// (text, between entries, between key and value); the last of equal keys counts.
void run_split_to_map(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    const Reader<StringRef> entry_by(call.args[1]);
    const Reader<StringRef> pair_by(call.args[2]);
    ListWriter out(call);
    std::vector<std::pair<std::string_view, std::string_view>> entries;
    std::unordered_map<std::string_view, std::size_t> places;
    call.for_each_valid([&](std::uint32_t row) {
        const std::string_view text = from[row].view();
        const std::string_view between = entry_by[row].view();
        const std::string_view inside = pair_by[row].view();
        if (between.empty() || inside.empty()) {
            call.set_null(row);
            return;
        }
        entries.clear();
        places.clear();
        for (std::size_t at = 0; at <= text.size();) {
            const std::size_t end = std::min(text.find(between, at), text.size());
            const std::string_view entry = text.substr(at, end - at);
            at = end + between.size();
            const std::size_t split = entry.find(inside);
            if (split == std::string_view::npos) {
                continue;
            }
            const std::string_view value = entry.substr(split + inside.size());
            const std::string_view key = entry.substr(0, split);
            const auto [place, is_new] = places.try_emplace(key, entries.size());
            if (is_new) {
                entries.emplace_back(key, std::string_view());
            }
            entries[place->second].second = value.substr(0, value.find(inside));
        }
        for (const auto& [key, value] : entries) {
            out.text(0, key);
            out.text(1, value);
            out.next();
        }
        out.finish(row);
    });
}

/// (n, text, ...)
void run_elt(KernelCall& call) {
    const Reader<std::int32_t> position(call.args[0]);
    const auto count = static_cast<std::int64_t>(call.args.size()) - 1;
    call.rows.for_each([&](std::uint32_t row) {
        const std::int64_t n = call.args[0].is_valid(row) ? position[row] : 0;
        const Vector* const chosen =
            n >= 1 && n <= count ? &call.args[static_cast<std::size_t>(n)] : nullptr;
        if (chosen == nullptr || !chosen->is_valid(row)) {
            call.set_null(row);
        } else {
            call.out<StringRef>()[row] = Reader<StringRef>(*chosen)[row];
        }
    });
}

/// (wanted, text, ...)
void run_field(KernelCall& call) {
    call.rows.for_each([&](std::uint32_t row) {
        std::int32_t found = 0;
        for (std::size_t i = 1; i < call.args.size() && call.args[0].is_valid(row); ++i) {
            if (call.args[i].is_valid(row) &&
                Reader<StringRef>(call.args[i])[row] == Reader<StringRef>(call.args[0])[row]) {
                found = static_cast<std::int32_t>(i);
                break;
            }
        }
        call.out<std::int32_t>()[row] = found;
    });
}

void put_character(const KernelCall& call, std::uint32_t row, std::int64_t point) {
    if (point < 0 || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
        call.set_null(row);
        return;
    }
    char text[4];
    call.set_text(row, {text, put_point(text, static_cast<char32_t>(point))});
}

void run_chr(KernelCall& call) {
    const Reader<std::int32_t> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) { put_character(call, row, from[row]); });
}

/// The UTF-16 unit of a \uXXXX at the start of a text, and moves behind it.
std::optional<std::uint32_t> take_unit(std::string_view& text) {
    if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') {
        return std::nullopt;
    }
    std::uint32_t unit = 0;
    for (const char c : text.substr(2, 4)) {
        const char digit = ascii_lower(c);
        if (digit >= '0' && digit <= '9') {
            unit = unit * 16 + static_cast<std::uint32_t>(digit - '0');
        } else if (digit >= 'a' && digit <= 'f') {
            unit = unit * 16 + static_cast<std::uint32_t>(digit - 'a' + 10);
        } else {
            return std::nullopt;
        }
    }
    text.remove_prefix(6);
    return unit;
}

/// A code point written as one or two escapes: \u004b, \ud83d\ude00.
std::int64_t escaped_point(std::string_view text) {
    const auto first = take_unit(text);
    if (!first) {
        return -1;
    }
    if (*first < 0xD800 || *first > 0xDBFF) {
        return text.empty() ? std::int64_t{*first} : -1;
    }
    const auto second = take_unit(text);
    if (!second || *second < 0xDC00 || *second > 0xDFFF || !text.empty()) {
        return -1;
    }
    return 0x10000 + ((std::int64_t{*first} - 0xD800) << 10) + (std::int64_t{*second} - 0xDC00);
}

void run_chr_text(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid(
        [&](std::uint32_t row) { put_character(call, row, escaped_point(from[row].view())); });
}

void put_uuid(const KernelCall& call, std::uint32_t row, const std::uint8_t* bytes) {
    const std::string digits = hex_of(bytes, 16);
    call.set_text(row,
                  digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-" + digits.substr(12, 4) +
                      "-" + digits.substr(16, 4) + "-" + digits.substr(20));
}

void run_uuid(KernelCall& call) {
    call.rows.for_each([&](std::uint32_t row) {
        if (call.env == nullptr) {
            call.fail(row, "UUID() has no value outside of a query");
            return;
        }
        std::array<std::uint64_t, 2> random = {call.env->random.next(), call.env->random.next()};
        std::array<std::uint8_t, 16> bytes{};
        std::memcpy(bytes.data(), random.data(), bytes.size());
        bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);  // version 4
        bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);  // the RFC's variant
        put_uuid(call, row, bytes.data());
    });
}

void run_uuid_of(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        const std::string_view bytes = from[row].view();
        if (bytes.size() != 16) {
            call.set_null(row);
            return;
        }
        put_uuid(call, row, reinterpret_cast<const std::uint8_t*>(bytes.data()));
    });
}

}  // namespace

FunctionFamily string_functions() {
    const KernelInfo concat = null_aware(run_concat);
    const KernelInfo concat_ws = null_aware(run_concat_ws);
    const KernelInfo elt{run_elt, NullPolicy::kOwn, false, true};
    return {
        "Strings",
        {{"CHR",
          "The character of a code point, given as a number or as \\uXXXX; NULL if there is none.",
          "CHR(75)",
          "K",
          {{"INTEGER -> STRING", strict(run_chr)}, {"STRING -> STRING", strict(run_chr_text)}}},
         {"CONCAT",
          "The texts one after the other, NULLs left out.",
          "CONCAT('a', NULL, 'b')",
          "ab",
          {{"STRING... -> STRING", concat}, {"BYTES... -> BYTES", concat}}},
         {"CONCAT_WS",
          "The texts behind the first with the first between them, NULLs left out; NULL when the "
          "first is.",
          "CONCAT_WS(', ', 'apple', NULL, 'date')",
          "apple, date",
          {{"STRING, STRING... -> STRING", concat_ws}, {"BYTES, BYTES... -> BYTES", concat_ws}}},
         {"ELT",
          "The n-th of the texts behind the number; NULL if there is none.",
          "ELT(2, 'a', 'b', 'c')",
          "b",
          {{"INTEGER, STRING... -> STRING", elt}}},
         {"FIELD",
          "The position of the first text among the others, from 1; 0 if it is not there or NULL.",
          "FIELD('b', 'a', 'b', 'c')",
          "2",
          {{"STRING, STRING... -> INTEGER", null_aware(run_field)}}},
         {"INITCAP",
          "Each word with a capital first letter.",
          "INITCAP('new yORK')",
          "New York",
          {{"STRING -> STRING", strict(run_initcap)}}},
         {"INSTR",
          "The position of a text in another, from 1; 0 if none. Searched from a position, "
          "backwards if that is negative, for the n-th occurrence.",
          "INSTR('corporate floor', 'or', -3, 2)",
          "2",
          {{"STRING, STRING -> INTEGER", strict(run_instr)},
           {"STRING, STRING, INTEGER -> INTEGER", strict(run_instr)},
           {"STRING, STRING, INTEGER, INTEGER -> INTEGER", strict(run_instr)}}},
         {"LCASE",
          "The text in lower case.",
          "LCASE('SFO')",
          "sfo",
          {{"STRING -> STRING", strict(run_lcase)}}},
         {"LEN",
          "Length in UTF-16 units, or in bytes.",
          "LEN('stream')",
          "6",
          {{"STRING -> INTEGER", strict(run_len)}, {"BYTES -> INTEGER", strict(run_len_bytes)}}},
         {"LPAD",
          "Padded or cut on the left to a length; NULL for a negative length or empty padding.",
          "LPAD('7', 3, '0')",
          "007",
          {{"STRING, INTEGER, STRING -> STRING", fallible(run_lpad)},
           {"BYTES, INTEGER, BYTES -> BYTES", fallible(run_lpad_bytes)}}},
         {"MD5",
          "The MD5 digest of the UTF-8 text, as hexadecimal digits.",
          "MD5('')",
          "d41d8cd98f00b204e9800998ecf8427e",
          {{"STRING -> STRING", strict(run_md5)}}},
         {"REPLACE",
          "Every occurrence replaced.",
          "REPLACE('a-b-c', '-', '+')",
          "a+b+c",
          {{"STRING, STRING, STRING -> STRING", strict(run_replace)}}},
         {"RPAD",
          "Padded or cut on the right to a length; NULL for a negative length or empty padding.",
          "RPAD('7', 3, '0')",
          "700",
          {{"STRING, INTEGER, STRING -> STRING", fallible(run_rpad)},
           {"BYTES, INTEGER, BYTES -> BYTES", fallible(run_rpad_bytes)}}},
         {"SPLIT",
          "The parts between the delimiters; an empty delimiter splits every character.",
          "SPLIT('a,b,,c', ',')",
          "[a, b, , c]",
          {{"STRING, STRING -> ARRAY<STRING>", strict(run_split<false>)},
           {"BYTES, BYTES -> ARRAY<BYTES>", strict(run_split<true>)}}},
         {"SPLIT_TO_MAP",
          "A map of the keys and values in a text, by two delimiters; NULL when one is empty.",
          "SPLIT_TO_MAP('apple:green/cherry:red', '/', ':')",
          "{apple=green, cherry=red}",
          {{"STRING, STRING, STRING -> MAP<STRING, STRING>", strict(run_split_to_map)}}},
         {"SUBSTRING",
          "From a position, 1-based, so many characters; negative: from the end.",
          "SUBSTRING('stream', -3, 2)",
          "ea",
          {{"STRING, INTEGER -> STRING", borrowing(run_substring)},
           {"STRING, INTEGER, INTEGER -> STRING", borrowing(run_substring)},
           {"BYTES, INTEGER -> BYTES", borrowing(run_substring_bytes)},
           {"BYTES, INTEGER, INTEGER -> BYTES", borrowing(run_substring_bytes)}}},
         {"TRIM",
          "Without blanks at both ends.",
          "TRIM('  a b ')",
          "a b",
          {{"STRING -> STRING", borrowing(run_trim)}}},
         {"UCASE",
          "The text in upper case.",
          "UCASE('sfo')",
          "SFO",
          {{"STRING -> STRING", strict(run_ucase)}}},
         {"UUID",
          "A random UUID, another one at every row; or the UUID of 16 bytes, NULL for other sizes.",
          "UUID(TO_BYTES('00112233445566778899aabbccddeeff', 'hex'))",
          "00112233-4455-6677-8899-aabbccddeeff",
          {{"-> STRING", drawn(run_uuid)}, {"BYTES -> STRING", strict(run_uuid_of)}}}}};
}

}  // namespace millrace::operators
