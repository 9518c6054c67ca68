#include "operators/expression/temporal_text.h"

#include <cstdio>

namespace millrace::operators {

namespace {

/// Reads from front to back; the first misfit makes every later read fail.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool done() const { return rest_.empty(); }
    [[nodiscard]] bool skip(char c) {
        if (rest_.empty() || rest_[0] != c) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }
    /// Between `least` and `most` digits.
    [[nodiscard]] std::optional<int> digits(std::size_t least, std::size_t most) {
        std::size_t count = 0;
        int value = 0;
        while (count < most && count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') {
            value = value * 10 + (rest_[count] - '0');
            ++count;
        }
        if (count < least) {
            return std::nullopt;
        }
        rest_.remove_prefix(count);
        read_ = count;
        return value;
    }
    /// How many digits the last call of digits() took.
    [[nodiscard]] std::size_t read() const { return read_; }

  private:
    std::string_view rest_;
    std::size_t read_ = 0;
};

std::optional<std::int64_t> scan_date(Scanner& in) {
    const bool is_negative = in.skip('-');
    const auto year = in.digits(4, 9);
    if (!year) {
        return std::nullopt;
    }
    int month = 1;
    int day = 1;
    if (in.skip('-')) {
        const auto read_month = in.digits(1, 2);
        if (!read_month || *read_month < 1 || *read_month > 12) {
            return std::nullopt;
        }
        month = *read_month;
        if (in.skip('-')) {
            const auto read_day = in.digits(1, 2);
            if (!read_day || *read_day < 1 || *read_day > days_in_month(*year, month)) {
                return std::nullopt;
            }
            day = *read_day;
        }
    }
    return days_from_civil(is_negative ? -*year : *year, month, day);
}

std::optional<std::int32_t> scan_time(Scanner& in) {
    int parts[3] = {0, 0, 0};
    constexpr int kMost[3] = {23, 59, 59};
    for (int i = 0; i < 3; ++i) {
        const auto part = in.digits(1, 2);
        if (!part || *part > kMost[i]) {
            return std::nullopt;
        }
        parts[i] = *part;
        if (i < 2 && !in.skip(':')) {
            return (parts[0] * 60 + parts[1]) * 60'000;
        }
    }
    int ms = 0;
    if (in.skip('.')) {
        const auto fraction = in.digits(1, 9);
        if (!fraction) {
            return std::nullopt;
        }
        ms = *fraction;
        for (std::size_t i = in.read(); i < 3; ++i) {
            ms *= 10;
        }
        for (std::size_t i = 3; i < in.read(); ++i) {
            ms /= 10;
        }
    }
    return ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000 + ms;
}

/// Offset east of UTC in ms; at the end of the text: 0.
std::optional<std::int64_t> scan_zone(Scanner& in) {
    if (in.done() || in.skip('Z') || in.skip('z')) {
        return 0;
    }
    const bool is_east = in.skip('+');
    if (!is_east && !in.skip('-')) {
        return std::nullopt;
    }
    const auto hours = in.digits(2, 2);
    if (!hours || *hours > 18) {
        return std::nullopt;
    }
    int minutes = 0;
    if (in.skip(':') || !in.done()) {
        const auto read = in.digits(2, 2);
        if (!read || *read > 59) {
            return std::nullopt;
        }
        minutes = *read;
    }
    const std::int64_t ms = (*hours * 60 + minutes) * std::int64_t{60'000};
    return is_east ? ms : -ms;
}

char* put_digits(char* to, int value, int digits) {
    for (int i = digits - 1; i >= 0; --i) {
        to[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    return to + digits;
}

}  // namespace

std::optional<std::int32_t> parse_date(std::string_view text) {
    Scanner in(text);
    const auto days = scan_date(in);
    if (!days || !in.done() || *days != static_cast<std::int32_t>(*days)) {
        return std::nullopt;
    }
    return static_cast<std::int32_t>(*days);
}

std::optional<std::int32_t> parse_time(std::string_view text) {
    Scanner in(text);
    const auto time = scan_time(in);
    return in.done() ? time : std::nullopt;
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
    Scanner in(text);
    const auto days = scan_date(in);
    if (!days) {
        return std::nullopt;
    }
    std::int64_t ms = *days * kMsPerDay;
    if (!in.done() && (in.skip('T') || in.skip(' '))) {
        const auto time = scan_time(in);
        if (!time) {
            return std::nullopt;
        }
        ms += *time;
    }
    const auto offset = scan_zone(in);
    if (!offset || !in.done()) {
        return std::nullopt;
    }
    return ms - *offset;
}

std::size_t write_date(char* to, std::int64_t days) {
    const CivilDate date = civil_from_days(days);
    char* at = to;
    if (date.year >= 0 && date.year <= 9999) {
        at = put_digits(at, static_cast<int>(date.year), 4);
    } else {
        // ISO 8601: a sign in front of years that have not four digits.
        at += std::snprintf(to, 24, "%+05lld", static_cast<long long>(date.year));
    }
    *at++ = '-';
    at = put_digits(at, date.month, 2);
    *at++ = '-';
    at = put_digits(at, date.day, 2);
    return static_cast<std::size_t>(at - to);
}

std::size_t write_time(char* to, std::int32_t ms_of_day) {
    const int seconds = ms_of_day / 1000 % 60;
    const int ms = ms_of_day % 1000;
    char* at = put_digits(to, ms_of_day / 3'600'000, 2);
    *at++ = ':';
    at = put_digits(at, ms_of_day / 60'000 % 60, 2);
    if (seconds != 0 || ms != 0) {
        *at++ = ':';
        at = put_digits(at, seconds, 2);
    }
    if (ms != 0) {
        *at++ = '.';
        at = put_digits(at, ms, 3);
    }
    return static_cast<std::size_t>(at - to);
}

std::size_t write_timestamp(char* to, std::int64_t ms) {
    const std::int64_t days = floor_div(ms, kMsPerDay);
    const int of_day = static_cast<int>(ms - days * kMsPerDay);
    char* at = to + write_date(to, days);
    *at++ = 'T';
    at = put_digits(at, of_day / 3'600'000, 2);
    *at++ = ':';
    at = put_digits(at, of_day / 60'000 % 60, 2);
    *at++ = ':';
    at = put_digits(at, of_day / 1000 % 60, 2);
    *at++ = '.';
    at = put_digits(at, of_day % 1000, 3);
    return static_cast<std::size_t>(at - to);
}

}  // namespace millrace::operators
