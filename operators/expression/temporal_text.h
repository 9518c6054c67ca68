// DATE, TIME and TIMESTAMP as ISO text, the way CAST reads and writes them; and the calendar behind
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::operators {

constexpr std::int64_t kMsPerDay = 86'400'000;

struct CivilDate {
    std::int64_t year = 1970;  // proleptic Gregorian, year 0 exists
    int month = 1;             // 1..12
    int day = 1;               // 1..31
};

/// Days since 1970-01-01. Any year whose result fits; the date must be valid.
[[nodiscard]] constexpr std::int64_t days_from_civil(std::int64_t year, int month, int day) {
    // Years start in March here, so that the leap day is the last of its year.
    const std::int64_t y = year - (month <= 2 ? 1 : 0);
    const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
    const std::int64_t year_of_era = y - era * 400;
    const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719'468;
}
[[nodiscard]] constexpr CivilDate civil_from_days(std::int64_t days) {
    const std::int64_t z = days + 719'468;
    const std::int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
    const std::int64_t doe = z - era * 146'097;
    const std::int64_t yoe = (doe - doe / 1460 + doe / 36'524 - doe / 146'096) / 365;
    const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const std::int64_t mp = (5 * doy + 2) / 153;
    const int month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
    return {yoe + era * 400 + (month <= 2 ? 1 : 0),
            month,
            static_cast<int>(doy - (153 * mp + 2) / 5 + 1)};
}
[[nodiscard]] constexpr bool is_leap(std::int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}
[[nodiscard]] constexpr int days_in_month(std::int64_t year, int month) {
    constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}
/// Rounds towards minus infinity.
[[nodiscard]] constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

/// "1970-01-02", also "1970-01" and "1970" (then the first day).
[[nodiscard]] std::optional<std::int32_t> parse_date(std::string_view text);
/// "HH", "HH:mm", "HH:mm:ss", "HH:mm:ss.SSS": milliseconds of the day.
[[nodiscard]] std::optional<std::int32_t> parse_time(std::string_view text);
/// A date as above, then optionally 'T' (or a blank), a time as above and a zone: "Z", "+01:00",
/// "+0100". No zone is UTC. Milliseconds since the epoch.
[[nodiscard]] std::optional<std::int64_t> parse_timestamp(std::string_view text);

/// Longest text that the functions below write.
constexpr std::size_t kTemporalTextMax = 48;
/// Each writes at `to` and returns the number of characters.
std::size_t write_date(char* to, std::int64_t days);       // 1970-01-01
std::size_t write_time(char* to, std::int32_t ms_of_day);  // 10:15, 10:15:30, 10:15:30.123
std::size_t write_timestamp(char* to, std::int64_t ms);    // 1970-01-01T00:00:00.000

}  // namespace millrace::operators
