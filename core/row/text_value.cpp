#include "core/row/text_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include <simdjson.h>

#include "core/row/value.h"

namespace millrace {

namespace {

constexpr std::int32_t kMillisecondsPerDay = 86'400'000;

constexpr Reason kNotANumber = "not a number";
constexpr Reason kNotWhole = "not a whole number";
constexpr Reason kOutOfRange = "out of range";

std::string_view without_plus(std::string_view text) {
    return text.size() > 1 && text[0] == '+' && text[1] != '-' ? text.substr(1) : text;
}

std::string_view trimmed(std::string_view text) {
    const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

// A number with a point or an exponent that may still be whole: 5.0, 12e3.
template <class Integer>
Reason parse_whole(std::string_view text, Integer& value) {
    const Result<Decimal> parsed = Decimal::parse(text);
    if (!parsed.ok()) {
        double number = 0;
        const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
        return end.ec == std::errc::invalid_argument || end.ptr != text.data() + text.size()
                   ? kNotANumber
                   : kOutOfRange;
    }
    Int128 unscaled = parsed.value().unscaled;
    for (int i = 0; i < parsed.value().scale; ++i) {
        if (unscaled % 10 != 0) {
            return kNotWhole;
        }
        unscaled /= 10;
    }
    if (unscaled < std::numeric_limits<Integer>::min() ||
        unscaled > std::numeric_limits<Integer>::max()) {
        return kOutOfRange;
    }
    value = static_cast<Integer>(unscaled);
    return nullptr;
}

template <class Integer>
Reason parse_integer(std::string_view text, Integer& value) {
    text = without_plus(text);
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end.ec == std::errc{} && end.ptr == text.data() + text.size()) {
        return nullptr;
    }
    return parse_whole(text, value);
}

// The spellings of Java: NaN, Infinity and decimal numbers; from_chars alone would take "inf".
Reason parse_double(std::string_view text, double& value) {
    text = without_plus(text);
    const bool is_negative = !text.empty() && text[0] == '-';
    const std::string_view magnitude = text.substr(is_negative ? 1 : 0);
    if (magnitude == "NaN") {
        value = std::numeric_limits<double>::quiet_NaN();
        return nullptr;
    }
    if (magnitude == "Infinity") {
        value = is_negative ? -std::numeric_limits<double>::infinity()
                            : std::numeric_limits<double>::infinity();
        return nullptr;
    }
    if (magnitude.empty() ||
        !((magnitude[0] >= '0' && magnitude[0] <= '9') || magnitude[0] == '.')) {
        return kNotANumber;
    }
    const char* const last = text.data() + text.size();
    const auto end = std::from_chars(text.data(), last, value);
    if (end.ptr != last || end.ec == std::errc::invalid_argument) {
        return kNotANumber;
    }
    if (end.ec == std::errc::result_out_of_range) {
        // Too small is zero, too large is infinity, as IEEE 754 rounds them. from_chars does not
        // say which one it was.
        value = std::strtod(std::string(text).c_str(), nullptr);
    }
    return nullptr;
}

Reason parse_decimal(std::string_view text, const DataType& type, Int128& value) {
    const Result<Decimal> parsed = Decimal::parse(without_plus(text));
    if (!parsed.ok()) {
        double number = 0;
        return parse_double(text, number) == nullptr && !std::isnan(number)
                   ? "too many digits for the type"
                   : kNotANumber;
    }
    Int128 unscaled = parsed.value().unscaled;
    int scale = parsed.value().scale;
    for (; scale > type.scale(); --scale) {
        if (unscaled % 10 != 0) {
            return "more digits behind the point than the type has";
        }
        unscaled /= 10;
    }
    Int128 limit = 1;
    for (int i = 0; i < type.precision(); ++i) {
        limit *= 10;
    }
    for (; scale < type.scale(); ++scale) {
        if (unscaled >= limit / 10 || unscaled <= -(limit / 10)) {
            return kOutOfRange;  // before it can overflow
        }
        unscaled *= 10;
    }
    if (unscaled >= limit || unscaled <= -limit) {
        return kOutOfRange;
    }
    value = unscaled;
    return nullptr;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((text[i] >= 'A' && text[i] <= 'Z' ? text[i] + ('a' - 'A') : text[i]) != lower[i]) {
            return false;
        }
    }
    return true;
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::uint8_t, 256> make_base64_values() {
    std::array<std::uint8_t, 256> values{};
    for (std::uint8_t& value : values) {
        value = 0xff;
    }
    for (std::size_t i = 0; i < kBase64.size(); ++i) {
        values[static_cast<unsigned char>(kBase64[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}
constexpr std::array<std::uint8_t, 256> kBase64Values = make_base64_values();

}  // namespace

Reason set_from_number(ColumnBuilder& builder, std::uint32_t row, std::string_view text) {
    switch (builder.type().kind()) {
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime: {
            std::int32_t value = 0;
            if (const Reason reason = parse_integer(text, value)) {
                return reason;
            }
            if (builder.type().is(TypeKind::kTime) && (value < 0 || value >= kMillisecondsPerDay)) {
                return kOutOfRange;
            }
            builder.set(row, value);
            return nullptr;
        }
        case TypeKind::kBigint:
        case TypeKind::kTimestamp: {
            std::int64_t value = 0;
            if (const Reason reason = parse_integer(text, value)) {
                return reason;
            }
            builder.set(row, value);
            return nullptr;
        }
        case TypeKind::kDouble: {
            double value = 0;
            if (const Reason reason = parse_double(text, value)) {
                return reason;
            }
            builder.set(row, value);
            return nullptr;
        }
        case TypeKind::kDecimal: {
            Int128 value = 0;
            if (const Reason reason = parse_decimal(text, builder.type(), value)) {
                return reason;
            }
            builder.set(row, value);
            return nullptr;
        }
        case TypeKind::kBoolean:
        case TypeKind::kString:
        case TypeKind::kBytes:
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return "a number cannot become that type";
}

Reason set_from_text(ColumnBuilder& builder,
                     std::uint32_t row,
                     std::string_view text,
                     Borrow borrow) {
    switch (builder.type().kind()) {
        case TypeKind::kBoolean: {
            const bool is_true = equals_ignoring_case(text, "true");
            if (!is_true && !equals_ignoring_case(text, "false")) {
                return "not true or false";
            }
            builder.set(row, static_cast<std::uint8_t>(is_true ? 1 : 0));
            return nullptr;
        }
        case TypeKind::kString:
            if (borrow == Borrow::kYes) {
                builder.set_borrowed_text(row, text);
            } else {
                builder.set_text(row, text);
            }
            return nullptr;
        case TypeKind::kBytes: {
            std::string bytes;
            if (!append_from_base64(bytes, text)) {
                return "not base64";
            }
            builder.set_text(row, bytes);
            return nullptr;
        }
        case TypeKind::kInt:
        case TypeKind::kBigint:
        case TypeKind::kDouble:
        case TypeKind::kDecimal:
        case TypeKind::kDate:
        case TypeKind::kTime:
        case TypeKind::kTimestamp:
            return set_from_number(builder, row, trimmed(text));
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return "a text cannot become that type";
}

bool is_utf8(std::string_view text) {
    return simdjson::validate_utf8(text.data(), text.size());
}

std::string shortened(std::string_view text) {
    constexpr std::size_t kShown = 60;
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string_view shown = text.substr(0, kShown);
    if (shown.size() < text.size()) {
        while (!shown.empty() && (static_cast<unsigned char>(text[shown.size()]) & 0xc0) == 0x80) {
            shown.remove_suffix(1);  // do not cut a character in two
        }
    }
    const bool is_text = is_utf8(shown);
    std::string out;
    for (const char c : shown) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !is_text)) {
            out += "\\x";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        } else {
            out += c;
        }
    }
    return shown.size() < text.size() ? out + "..." : out;
}

void put_base64(ByteWriter& out, std::string_view bytes) {
    const auto at = [bytes](std::size_t i) {
        return i < bytes.size() ? static_cast<unsigned>(static_cast<unsigned char>(bytes[i])) : 0U;
    };
    char* to = out.room((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3, to += 4) {
        const unsigned group = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
        to[0] = kBase64[group >> 18];
        to[1] = kBase64[group >> 12 & 63];
        to[2] = i + 1 < bytes.size() ? kBase64[group >> 6 & 63] : '=';
        to[3] = i + 2 < bytes.size() ? kBase64[group & 63] : '=';
    }
    out.advance(to);
}

bool append_from_base64(std::string& out, std::string_view text) {
    if (text.size() % 4 == 0) {
        for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) {
            text.remove_suffix(1);
        }
    }
    if (text.size() % 4 == 1) {
        return false;
    }
    const std::size_t before = out.size();
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (const char c : text) {
        const std::uint8_t value = kBase64Values[static_cast<unsigned char>(c)];
        if (value == 0xff) {
            out.resize(before);
            return false;
        }
        group = group << 6 | value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>(group >> bits & 0xff);
        }
    }
    return true;
}

char* write_double(char* to, double value) {
    const auto put = [&to](std::string_view text) { to = std::copy(text.begin(), text.end(), to); };
    if (!std::isfinite(value)) {
        put(std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        return to;
    }
    if (std::signbit(value)) {
        *to++ = '-';
        value = -value;
    }
    if (value == 0) {
        put("0.0");
        return to;
    }
    char scientific[kDoubleTextMax];
    char* const last = scientific + sizeof scientific;
    char* end = std::to_chars(scientific, last, value, std::chars_format::scientific).ptr;
    if (scientific[1] == 'e') {
        // Java prints two digits at least, and of those with two the closest: 4.9E-324, not 5.0.
        end = std::to_chars(scientific, last, value, std::chars_format::scientific, 1).ptr;
    }
    // d.ddde-xx: at least one digit behind the point by now.
    const char* const e = std::find(scientific, end, 'e');
    int exponent = 0;
    std::from_chars(e[1] == '+' ? e + 2 : e + 1, end, exponent);
    const std::string_view fraction(scientific + 2, static_cast<std::size_t>(e - scientific - 2));
    if (exponent < -3 || exponent >= 7) {
        put({scientific, static_cast<std::size_t>(e - scientific)});
        *to++ = 'E';
        return std::to_chars(to, to + 8, exponent).ptr;
    }
    if (exponent < 0) {
        put(std::string_view("0.000").substr(0, static_cast<std::size_t>(1 - exponent)));
        *to++ = scientific[0];
        put(fraction == "0" ? std::string_view{} : fraction);
        return to;
    }
    const auto whole = static_cast<std::size_t>(exponent);
    *to++ = scientific[0];
    put(fraction.substr(0, whole));
    for (std::size_t i = fraction.size(); i < whole; ++i) {
        *to++ = '0';
    }
    *to++ = '.';
    put(fraction.size() > whole ? fraction.substr(whole) : "0");
    return to;
}

void put_plain(ByteWriter& out, const Column& column, std::uint32_t row) {
    constexpr std::size_t kIntegerTextMax = 24;
    const auto put_integer = [&out](auto value) {
        char* const to = out.room(kIntegerTextMax);
        out.advance(std::to_chars(to, to + kIntegerTextMax, value).ptr);
    };
    switch (column.type().kind()) {
        case TypeKind::kBoolean:
            out.put(std::string_view(column.at<std::uint8_t>(row) != 0 ? "true" : "false"));
            return;
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime:
            put_integer(column.at<std::int32_t>(row));
            return;
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            put_integer(column.at<std::int64_t>(row));
            return;
        case TypeKind::kDouble:
            out.advance(write_double(out.room(kDoubleTextMax), column.at<double>(row)));
            return;
        case TypeKind::kDecimal:
            out.put(Decimal{column.at<Int128>(row), column.type().scale()}.to_string());
            return;
        case TypeKind::kBytes:
            put_base64(out, column.text(row));
            return;
        case TypeKind::kString:
            out.put(column.text(row));
            return;
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    CHECK(!column.type().is_nested());
}

}  // namespace millrace
