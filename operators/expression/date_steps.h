// The steps that a Java date pattern compiles to, and what a text says about an instant.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "operators/expression/time_zone.h"

namespace millrace::operators {

/// A part of a date or time.
enum class Part : std::uint8_t {
    kYear,       // y u
    kMonth,      // M L as a number
    kDay,        // d
    kDayOfYear,  // D
    kHour,       // H 0..23
    kHour24,     // k 1..24
    kHour11,     // K 0..11
    kHour12,     // h 1..12
    kMinute,     // m
    kSecond,     // s
    kHalf,       // a: 0 AM, 1 PM
    kWeekday,    // E: 0 Monday
};
constexpr std::size_t kParts = 12;

/// Name for messages, and the values that a text may give.
struct PartRange {
    std::string_view name;
    std::int64_t least;
    std::int64_t most;
};
inline constexpr std::array<PartRange, kParts> kRanges = {{{"year", -999'999'999, 999'999'999},
                                                           {"month", 1, 12},
                                                           {"day of the month", 1, 31},
                                                           {"day of the year", 1, 366},
                                                           {"hour", 0, 24},
                                                           {"hour", 1, 24},
                                                           {"hour", 0, 11},
                                                           {"hour", 1, 12},
                                                           {"minute", 0, 59},
                                                           {"second", 0, 59},
                                                           {"AM or PM", 0, 1},
                                                           {"day of the week", 0, 6}}};

/// The English names of MONTH, AM or PM, WEEKDAY (Monday first).
[[nodiscard]] std::span<const std::string_view> names_of(Part part);

/// One element of a pattern.
struct Step {
    enum class Kind : std::uint8_t {
        kLiteral,        // text
        kNumber,         // part, min..max digits
        kReducedYear,    // yy: 2000..2099
        kFraction,       // exactly min digits behind the second
        kName,           // part by its English name; max 3: the short one
        kOffset,         // Z X x; min: their number, letter
        kZoneId,         // VV
        kZoneName,       // z
        kOptionalBegin,  // skip: the step behind the matching end
        kOptionalEnd,
    };
    Kind kind = Kind::kLiteral;
    Part part = Part::kYear;
    std::uint8_t min = 1;
    std::uint8_t max = 1;
    std::uint8_t reserved = 0;  // digits that belong to the fixed numbers right behind this one
    char letter = 0;
    std::size_t skip = 0;
    std::string text{};
};

/// What a text said.
struct Fields {
    std::array<std::int64_t, kParts> values{};
    std::uint32_t set = 0;  // bit per Part
    std::int32_t ms = 0;
    bool has_offset = false;
    std::int32_t offset_ms = 0;
    bool has_zone = false;
    TimeZone zone;

    [[nodiscard]] bool has(Part part) const {
        return (set >> static_cast<unsigned>(part) & 1) != 0;
    }
    [[nodiscard]] std::int64_t get(Part part, std::int64_t otherwise) const {
        return has(part) ? values[static_cast<std::size_t>(part)] : otherwise;
    }
    void put(Part part, std::int64_t value) {
        values[static_cast<std::size_t>(part)] = value;
        set |= 1U << static_cast<unsigned>(part);
    }
};

/// kInvalidArgument names the letter and its position.
[[nodiscard]] Result<std::vector<Step>> read_pattern(std::string_view pattern);

}  // namespace millrace::operators
