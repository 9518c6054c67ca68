#include <bit>
#include <cstring>
#include <optional>
#include <string>

#include "core/row/byte_writer.h"
#include "core/row/text_value.h"
#include "operators/functions/function_table.h"
#include "operators/functions/utf8.h"

namespace millrace::operators {

namespace {

enum class TextEncoding : std::uint8_t { kHex, kUtf8, kAscii, kBase64 };

std::optional<TextEncoding> encoding_of(std::string_view name) {
    std::string lower;
    for (const char c : name) {
        lower += ascii_lower(c);
    }
    if (lower == "hex") {
        return TextEncoding::kHex;
    }
    if (lower == "utf8") {
        return TextEncoding::kUtf8;
    }
    if (lower == "ascii") {
        return TextEncoding::kAscii;
    }
    return lower == "base64" ? std::optional(TextEncoding::kBase64) : std::nullopt;
}

int hex_digit(char c) {
    const char lower = ascii_lower(c);
    return lower >= '0' && lower <= '9'   ? lower - '0'
           : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                          : -1;
}

/// Digits, also as 0x... and X'...'; an odd number of them has a 0 before.
bool append_from_hex(std::string& out, std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
    } else if (text.size() > 2 && (text[0] == 'x' || text[0] == 'X') && text[1] == '\'' &&
               text.back() == '\'') {
        text = text.substr(2, text.size() - 3);
    }
    std::string padded;
    if (text.size() % 2 != 0) {
        padded = "0" + std::string(text);
        text = padded;
    }
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out += static_cast<char>(high * 16 + low);
    }
    return true;
}

void append_hex(std::string& out, std::string_view bytes, std::string_view digits) {
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
}

/// Characters beyond ASCII become question marks.
void append_ascii(std::string& out, std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const char32_t point = next_point(text, at);
        out += point < 0x80 ? static_cast<char>(point) : '?';
    }
}

/// Bytes as text: what is no character becomes U+FFFD.
void append_text(std::string& out, std::string_view bytes, bool is_ascii_only) {
    if (is_ascii_only ? is_ascii(bytes) : is_utf8(bytes)) {
        out += bytes;
        return;
    }
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size =
            is_ascii_only ? 1 : std::min(sequence_size(bytes[at]), bytes.size() - at);
        const std::string_view one = bytes.substr(at, size);
        const bool is_good = is_ascii_only ? is_ascii(one) : is_utf8(one);
        out += is_good ? one : std::string_view("\xEF\xBF\xBD");
        at += is_good ? size : 1;
    }
}

/// What a text in an encoding stands for.
bool decode(std::string& out, std::string_view text, TextEncoding encoding) {
    switch (encoding) {
        case TextEncoding::kHex:
            return append_from_hex(out, text);
        case TextEncoding::kUtf8:
            out += text;
            return true;
        case TextEncoding::kAscii:
            append_ascii(out, text);
            return true;
        case TextEncoding::kBase64:
            return append_from_base64(out, text);
    }
    return false;
}

void encode(std::string& out,
            std::string_view bytes,
            TextEncoding encoding,
            std::string_view digits) {
    switch (encoding) {
        case TextEncoding::kHex:
            append_hex(out, bytes, digits);
            return;
        case TextEncoding::kUtf8:
            append_text(out, bytes, false);
            return;
        case TextEncoding::kAscii:
            append_text(out, bytes, true);
            return;
        case TextEncoding::kBase64: {
            Buffer buffer;
            {
                ByteWriter writer(buffer);
                put_base64(writer, bytes);
            }
            out += buffer.text();
            return;
        }
    }
}

/// The encoding that argument `arg` names; fails the row when there is none of that name.
std::optional<TextEncoding> encoding_at(const KernelCall& call,
                                        std::size_t arg,
                                        std::uint32_t row) {
    const std::string_view name = Reader<StringRef>(call.args[arg])[row].view();
    const auto encoding = encoding_of(name);
    if (!encoding) {
        call.fail(
            row, "unknown encoding: '" + shortened(name) + "'; there are hex, utf8, ascii, base64");
    }
    return encoding;
}

constexpr std::string_view kLowerDigits = "0123456789abcdef";
constexpr std::string_view kUpperDigits = "0123456789ABCDEF";

void run_encode(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    std::string bytes;
    std::string text;
    call.for_each_valid([&](std::uint32_t row) {
        const auto in = encoding_at(call, 1, row);
        const auto out = in ? encoding_at(call, 2, row) : std::nullopt;
        if (!out) {
            return;
        }
        bytes.clear();
        text.clear();
        if (!decode(bytes, from[row].view(), *in)) {
            call.fail(row, "not in the encoding: '" + shortened(from[row].view()) + "'");
            return;
        }
        encode(text, bytes, *out, kLowerDigits);
        call.set_text(row, text);
    });
}

void run_to_bytes(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    std::string bytes;
    call.for_each_valid([&](std::uint32_t row) {
        const auto in = encoding_at(call, 1, row);
        if (!in) {
            return;
        }
        bytes.clear();
        if (!decode(bytes, from[row].view(), *in)) {
            call.fail(row, "not in the encoding: '" + shortened(from[row].view()) + "'");
            return;
        }
        call.set_text(row, bytes);
    });
}

void run_from_bytes(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    std::string text;
    call.for_each_valid([&](std::uint32_t row) {
        const auto out = encoding_at(call, 1, row);
        if (out) {
            text.clear();
            encode(text, from[row].view(), *out, kUpperDigits);
            call.set_text(row, text);
        }
    });
}

template <class T>
T swapped(T bits) {
    T result = 0;
    for (std::size_t i = 0; i < sizeof bits; ++i) {
        result = static_cast<T>(result << 8 | (bits & 0xFF));
        bits = static_cast<T>(bits >> 8);
    }
    return result;
}

/// (bytes[, byte order]); NULL for another number of bytes or an unknown order.
template <class T, class Bits>
void run_number(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        const std::string_view bytes = from[row].view();
        const std::string_view order =
            call.args.size() > 1 ? Reader<StringRef>(call.args[1])[row].view() : "BIG_ENDIAN";
        const bool is_big = order == "BIG_ENDIAN";
        if (bytes.size() != sizeof(Bits) || (!is_big && order != "LITTLE_ENDIAN")) {
            call.set_null(row);
            return;
        }
        Bits bits = 0;
        std::memcpy(&bits, bytes.data(), sizeof bits);
        if (is_big == (std::endian::native == std::endian::little)) {
            bits = swapped(bits);
        }
        call.out<T>()[row] = std::bit_cast<T>(bits);
    });
}

}  // namespace

FunctionFamily bytes_functions() {
    const KernelInfo to_int = strict(run_number<std::int32_t, std::uint32_t>);
    const KernelInfo to_bigint = strict(run_number<std::int64_t, std::uint64_t>);
    const KernelInfo to_double = strict(run_number<double, std::uint64_t>);
    return {"Bytes and encodings",
            {{"BIGINT_FROM_BYTES",
              "The number in 8 bytes, 'BIG_ENDIAN' (the default) or 'LITTLE_ENDIAN'.",
              "BIGINT_FROM_BYTES(TO_BYTES('000000012A05F200', 'hex'))",
              "5000000000",
              {{"BYTES -> BIGINT", to_bigint}, {"BYTES, STRING -> BIGINT", to_bigint}}},
             {"DOUBLE_FROM_BYTES",
              "The number in 8 bytes, 'BIG_ENDIAN' (the default) or 'LITTLE_ENDIAN'.",
              "DOUBLE_FROM_BYTES(TO_BYTES('3FF8000000000000', 'hex'))",
              "1.5",
              {{"BYTES -> DOUBLE", to_double}, {"BYTES, STRING -> DOUBLE", to_double}}},
             {"ENCODE",
              "A text of one encoding in another: hex, utf8, ascii, base64.",
              "ENCODE('Example!', 'ascii', 'hex')",
              "4578616d706c6521",
              {{"STRING, STRING, STRING -> STRING", fallible(run_encode)}}},
             {"FROM_BYTES",
              "Bytes as text: hex, utf8, ascii, base64.",
              "FROM_BYTES(TO_BYTES('yes', 'utf8'), 'hex')",
              "796573",
              {{"BYTES, STRING -> STRING", fallible(run_from_bytes)}}},
             {"INT_FROM_BYTES",
              "The number in 4 bytes, 'BIG_ENDIAN' (the default) or 'LITTLE_ENDIAN'.",
              "INT_FROM_BYTES(TO_BYTES('E5070000', 'hex'), 'LITTLE_ENDIAN')",
              "2021",
              {{"BYTES -> INTEGER", to_int}, {"BYTES, STRING -> INTEGER", to_int}}},
             {"TO_BYTES",
              "The bytes that a text stands for: hex, utf8, ascii, base64.",
              "LEN(TO_BYTES('eWVz', 'base64'))",
              "3",
              {{"STRING, STRING -> BYTES", fallible(run_to_bytes)}}}}};
}

}  // namespace millrace::operators
