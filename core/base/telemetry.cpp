#include "core/base/telemetry.h"

#include <chrono>
#include <cstdio>

namespace millrace {

namespace {

std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::kDebug:
            return "debug";
        case LogLevel::kInfo:
            return "info ";
        case LogLevel::kWarn:
            return "warn ";
        case LogLevel::kError:
            return "error";
        case LogLevel::kOff:
            break;
    }
    return "     ";
}

void append_escaped(std::string& line, std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f) {
            line += c;
        } else {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned>(byte));
            line += escaped;
        }
    }
}

}  // namespace

bool parse_log_level(std::string_view text, LogLevel& level) {
    constexpr std::pair<std::string_view, LogLevel> kLevels[] = {{"debug", LogLevel::kDebug},
                                                                 {"info", LogLevel::kInfo},
                                                                 {"warn", LogLevel::kWarn},
                                                                 {"error", LogLevel::kError},
                                                                 {"off", LogLevel::kOff}};
    for (const auto& [name, value] : kLevels) {
        if (text == name) {
            level = value;
            return true;
        }
    }
    return false;
}

Logger::Logger(const Clock& clock, LogLevel level, Sink sink)
    : clock_(clock), level_(level), sink_(std::move(sink)) {}

void Logger::log(LogLevel level, std::string_view component, std::string_view text) {
    if (!is_on(level) || level == LogLevel::kOff) {
        return;
    }
    std::string line = format_iso8601(clock_.wall_ms());
    line += ' ';
    line += name_of(level);
    line += ' ';
    append_escaped(line, component);
    line += ": ";
    append_escaped(line, text);
    const std::lock_guard lock(mutex_);
    sink_(level, line);
}

Logger::Sink stderr_sink() {
    return [](LogLevel, std::string_view line) {
        std::string whole(line);
        whole += '\n';
        std::fwrite(whole.data(), 1, whole.size(), stderr);
    };
}

std::string format_iso8601(std::int64_t ms_since_epoch) {
    constexpr std::int64_t kDayMs = 86'400'000;
    std::int64_t days = ms_since_epoch / kDayMs;
    std::int64_t rest = ms_since_epoch % kDayMs;
    if (rest < 0) {
        rest += kDayMs;
        --days;
    }
    // Civil date from days since 1970-01-01: the year is counted from 1 March, in eras of 400
    // years.
    const std::int64_t shifted = days + 719'468;
    const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
    const std::int64_t day_of_era = shifted - era * 146'097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month_index = (5 * day_of_year + 2) / 153;
    const std::int64_t day = day_of_year - (153 * month_index + 2) / 5 + 1;
    const std::int64_t month = month_index < 10 ? month_index + 3 : month_index - 9;
    const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
    char text[64];
    std::snprintf(text,
                  sizeof text,
                  "%s%04lld-%02d-%02dT%02d:%02d:%02d.%03dZ",
                  year > 9999 ? "+" : "",
                  static_cast<long long>(year),
                  static_cast<int>(month),
                  static_cast<int>(day),
                  static_cast<int>(rest / 3'600'000),
                  static_cast<int>(rest / 60'000 % 60),
                  static_cast<int>(rest / 1000 % 60),
                  static_cast<int>(rest % 1000));
    return text;
}

}  // namespace millrace
