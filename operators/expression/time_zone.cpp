#include "operators/expression/time_zone.h"

#include <array>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

#include <date/tz.h>

#include "operators/expression/temporal_text.h"

namespace millrace::operators {

namespace {

const date::time_zone& region(const void* pointer) {
    return *static_cast<const date::time_zone*>(pointer);
}

date::sys_seconds seconds_of(std::int64_t ms) {
    return date::sys_seconds(std::chrono::seconds(floor_div(ms, 1000)));
}

/// "+1", "+01", "+0130", "+01:30".
std::optional<std::int32_t> parse_offset(std::string_view text) {
    if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) {
        return std::nullopt;
    }
    int digits[4] = {0, 0, 0, 0};
    std::size_t count = 0;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == ':' && count == 2 && i + 3 == text.size()) {
            continue;
        }
        if (text[i] < '0' || text[i] > '9' || count == 4) {
            return std::nullopt;
        }
        digits[count++] = text[i] - '0';
    }
    if (count == 3) {
        return std::nullopt;
    }
    const int hours = count == 1 ? digits[0] : digits[0] * 10 + digits[1];
    const int minutes = digits[2] * 10 + digits[3];
    if (hours > 18 || minutes > 59) {
        return std::nullopt;
    }
    const int ms = (hours * 60 + minutes) * 60'000;
    return text[0] == '-' ? -ms : ms;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 24> kAbbreviations = {{
    {"ACST", "Australia/Adelaide"}, {"AEDT", "Australia/Sydney"},   {"AEST", "Australia/Sydney"},
    {"AKDT", "America/Anchorage"},  {"AKST", "America/Anchorage"},  {"BST", "Europe/London"},
    {"CDT", "America/Chicago"},     {"CEST", "Europe/Paris"},       {"CET", "Europe/Paris"},
    {"CST", "America/Chicago"},     {"EDT", "America/New_York"},    {"EEST", "Europe/Bucharest"},
    {"EET", "Europe/Bucharest"},    {"EST", "America/New_York"},    {"HST", "Pacific/Honolulu"},
    {"IST", "Asia/Kolkata"},        {"JST", "Asia/Tokyo"},          {"KST", "Asia/Seoul"},
    {"MDT", "America/Denver"},      {"MSK", "Europe/Moscow"},       {"MST", "America/Denver"},
    {"NZST", "Pacific/Auckland"},   {"PDT", "America/Los_Angeles"}, {"PST", "America/Los_Angeles"},
}};

}  // namespace

TimeZone TimeZone::fixed(std::int32_t offset_ms) {
    TimeZone zone;
    zone.fixed_ms_ = offset_ms;
    return zone;
}

Result<TimeZone> TimeZone::find(std::string_view name) {
    std::string_view offset = name;
    for (const std::string_view prefix : {"UTC", "GMT", "UT"}) {
        if (name.starts_with(prefix)) {
            offset.remove_prefix(prefix.size());
            break;
        }
    }
    if ((offset.empty() && !name.empty()) || name == "Z") {
        return TimeZone();
    }
    if (const auto fixed_offset = parse_offset(offset)) {
        return fixed(*fixed_offset);
    }
    try {
        TimeZone zone;
        zone.region_ = date::locate_zone(name);
        return zone;
    } catch (const std::exception&) {
        // The library throws for unknown names and when the machine has no zone database.
        return Error{ErrorCode::kInvalidArgument,
                     "unknown time zone: " + std::string(name.substr(0, 100))};
    }
}

Result<TimeZone> TimeZone::find_abbreviated(std::string_view name) {
    for (const auto& [abbreviation, zone] : kAbbreviations) {
        if (abbreviation == name) {
            return find(zone);
        }
    }
    return find(name);
}

std::int32_t TimeZone::offset_ms(std::int64_t utc_ms) const {
    if (region_ == nullptr) {
        return fixed_ms_;
    }
    return static_cast<std::int32_t>(region(region_).get_info(seconds_of(utc_ms)).offset.count() *
                                     1000);
}

std::int64_t TimeZone::to_utc(std::int64_t local_ms) const {
    if (region_ == nullptr) {
        return local_ms - fixed_ms_;
    }
    const date::local_seconds local(std::chrono::seconds(floor_div(local_ms, 1000)));
    // In a gap the offset before it moves the time behind it; of two the first is the earlier.
    const auto info = region(region_).get_info(local);
    return local_ms - info.first.offset.count() * 1000;
}

std::string TimeZone::abbreviation(std::int64_t utc_ms) const {
    if (region_ == nullptr) {
        return id();
    }
    return region(region_).get_info(seconds_of(utc_ms)).abbrev;
}

std::string TimeZone::id() const {
    if (region_ != nullptr) {
        return region(region_).name();
    }
    return fixed_ms_ == 0 ? "UTC" : offset_text(fixed_ms_, 2, true);
}

std::string offset_text(std::int32_t offset_ms, int parts, bool colon) {
    const int minutes = (offset_ms < 0 ? -offset_ms : offset_ms) / 60'000;
    const auto two = [](int value) {
        return std::string{static_cast<char>('0' + value / 10),
                           static_cast<char>('0' + value % 10)};
    };
    std::string text = (offset_ms < 0 ? "-" : "+") + two(minutes / 60);
    if (parts > 1 || minutes % 60 != 0) {
        text += (colon ? ":" : "") + two(minutes % 60);
    }
    return text;
}

}  // namespace millrace::operators
