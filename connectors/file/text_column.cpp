#include "connectors/file/text_column.h"

#include <charconv>
#include <optional>

#include "core/row/value.h"

namespace millrace::connectors {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

template <class T>
bool parse_all(std::string_view text, T& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

/// A number with a plus sign is one too; from_chars() takes none.
std::string_view without_plus(std::string_view text) {
    return text.size() > 1 && text[0] == '+' && text[1] != '-' ? text.substr(1) : text;
}

bool is_same(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c =
            text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
        if (c != lower[i]) {
            return false;
        }
    }
    return true;
}

/// Takes `digits` digits and then `mark` (0: nothing) off the front.
bool take(std::string_view& text, std::size_t digits, char mark, int& value) {
    const std::size_t size = digits + (mark == 0 ? 0U : 1U);
    if (text.size() < size || (mark != 0 && text[digits] != mark) || text[0] < '0' ||
        !parse_all(text.substr(0, digits), value)) {
        return false;
    }
    text.remove_prefix(size);
    return true;
}

/// Days since 1970-01-01 of a day of the Gregorian calendar (Hinnant, "chrono-compatible low-level
/// date algorithms").
std::int32_t days_of(int year, int month, int day) {
    const int shifted = month <= 2 ? year - 1 : year;
    const int era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    const int year_of_era = shifted - era * 400;
    const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

int days_in_month(int year, int month) {
    constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && is_leap ? 29 : kDays[month - 1];
}

std::optional<std::int32_t> take_date(std::string_view& text) {
    int year = 0;
    int month = 0;
    int day = 0;
    if (!take(text, 4, '-', year) || !take(text, 2, '-', month) || !take(text, 2, 0, day) ||
        month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return std::nullopt;
    }
    return days_of(year, month, day);
}

std::optional<std::int32_t> take_time(std::string_view& text) {
    int hour = 0;
    int minute = 0;
    int second = 0;
    int milli = 0;
    if (!take(text, 2, ':', hour) || !take(text, 2, 0, minute)) {
        return std::nullopt;
    }
    if (!text.empty() && text[0] == ':') {
        text.remove_prefix(1);
        if (!take(text, 2, 0, second)) {
            return std::nullopt;
        }
        if (!text.empty() && text[0] == '.') {
            text.remove_prefix(1);
            if (!take(text, 3, 0, milli)) {
                return std::nullopt;
            }
        }
    }
    if (hour > 23 || minute > 59 || second > 59) {
        return std::nullopt;
    }
    return ((hour * 60 + minute) * 60 + second) * 1000 + milli;
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
    std::int64_t ms = 0;
    if (parse_all(text, ms)) {
        return ms;
    }
    const std::optional<std::int32_t> days = take_date(text);
    if (!days) {
        return std::nullopt;
    }
    ms = *days * kDayMs;
    if (!text.empty() && (text[0] == 'T' || text[0] == ' ')) {
        text.remove_prefix(1);
        const std::optional<std::int32_t> time = take_time(text);
        if (!time) {
            return std::nullopt;
        }
        ms += *time;
    }
    return text.empty() || text == "Z" ? std::optional(ms) : std::nullopt;
}

/// The unscaled value at the type's scale; nullopt when digits would be lost or there are too many.
std::optional<Int128> parse_decimal(std::string_view text, const DataType& type) {
    const Result<Decimal> parsed = Decimal::parse(text);
    if (!parsed.ok()) {
        return std::nullopt;
    }
    Int128 unscaled = parsed.value().unscaled;
    Int128 limit = 1;
    for (int i = 0; i < type.precision(); ++i) {
        limit *= 10;
    }
    for (int scale = parsed.value().scale; scale < type.scale(); ++scale) {
        if (unscaled >= limit || unscaled <= -limit) {
            return std::nullopt;
        }
        unscaled *= 10;
    }
    for (int scale = type.scale(); scale < parsed.value().scale; ++scale) {
        if (unscaled % 10 != 0) {
            return std::nullopt;
        }
        unscaled /= 10;
    }
    return unscaled < limit && unscaled > -limit ? std::optional(unscaled) : std::nullopt;
}

template <class T>
bool set_number(ColumnBuilder& column, std::uint32_t row, std::string_view text) {
    T value{};
    if (!parse_all(without_plus(text), value)) {
        return false;
    }
    column.set(row, value);
    return true;
}

template <class T>
bool set_if(ColumnBuilder& column, std::uint32_t row, const std::optional<T>& value) {
    if (value) {
        column.set(row, *value);
    }
    return value.has_value();
}

}  // namespace

Status check_text_type(const Field& field) {
    if (field.type.is_nested() || field.type.is(TypeKind::kBytes)) {
        return Error{ErrorCode::kNotSupported,
                     "a text cannot fill column " + quoted_name(field.name) + " of type " +
                         field.type.to_string()};
    }
    return Ok{};
}

bool set_from_text(ColumnBuilder& column, std::uint32_t row, std::string_view text) {
    const DataType& type = column.type();
    if (type.is(TypeKind::kString)) {
        column.set_text(row, text);
        return true;
    }
    text = trimmed(text);
    switch (type.kind()) {
        case TypeKind::kBoolean:
            if (is_same(text, "true") || is_same(text, "false")) {
                column.set(row, static_cast<std::uint8_t>(text.size() == 4 ? 1 : 0));
                return true;
            }
            return false;
        case TypeKind::kInt:
            return set_number<std::int32_t>(column, row, text);
        case TypeKind::kBigint:
            return set_number<std::int64_t>(column, row, text);
        case TypeKind::kDouble:
            return set_number<double>(column, row, text);
        case TypeKind::kDecimal:
            return set_if(column, row, parse_decimal(without_plus(text), type));
        case TypeKind::kDate: {
            const std::optional<std::int32_t> days = take_date(text);
            return text.empty() && set_if(column, row, days);
        }
        case TypeKind::kTime: {
            const std::optional<std::int32_t> ms = take_time(text);
            return text.empty() && set_if(column, row, ms);
        }
        case TypeKind::kTimestamp:
            return set_if(column, row, parse_timestamp(text));
        case TypeKind::kString:
        case TypeKind::kBytes:
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            return false;
    }
    return false;
}

}  // namespace millrace::connectors
