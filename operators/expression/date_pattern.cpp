#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "operators/expression/expression.h"
#include "operators/expression/temporal_text.h"
#include "operators/expression/time_zone.h"

namespace millrace::operators {

namespace {

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

struct PartRange {
    std::string_view name;
    std::int64_t least;
    std::int64_t most;
};
constexpr std::array<PartRange, kParts> kRanges = {{{"year", -999'999'999, 999'999'999},
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

constexpr std::array<std::string_view, 12> kMonths = {"January",
                                                      "February",
                                                      "March",
                                                      "April",
                                                      "May",
                                                      "June",
                                                      "July",
                                                      "August",
                                                      "September",
                                                      "October",
                                                      "November",
                                                      "December"};
constexpr std::array<std::string_view, 7> kWeekdays = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
constexpr std::array<std::string_view, 2> kHalves = {"AM", "PM"};

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

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
char lower(char c) {
    return static_cast<char>(c + (c >= 'A' && c <= 'Z' ? 32 : 0));
}
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
               return lower(a) == lower(b);
           });
}

std::span<const std::string_view> names_of(Part part) {
    if (part == Part::kMonth) {
        return kMonths;
    }
    return part == Part::kHalf ? std::span<const std::string_view>(kHalves) : kWeekdays;
}

Error bad_pattern(std::string_view pattern, std::size_t at, std::string_view why) {
    return Error{ErrorCode::kInvalidArgument,
                 std::string(why) + " at position " + std::to_string(at + 1) +
                     " of the date pattern '" + std::string(pattern) + "'"};
}

/// Turns a pattern into steps.
class PatternReader {
  public:
    explicit PatternReader(std::string_view pattern) : pattern_(pattern) {}

    Result<std::vector<Step>> read() {
        constexpr std::size_t kPatternMax = 1000;
        if (pattern_.size() > kPatternMax) {
            return Error{ErrorCode::kInvalidArgument,
                         "date pattern is longer than 1000 characters"};
        }
        while (at_ < pattern_.size()) {
            MILLRACE_TRY_STATUS(read_one());
        }
        while (!open_.empty()) {
            close();  // Java closes open sections at the end
        }
        reserve_digits();
        return std::move(steps_);
    }

  private:
    Status read_one() {
        const char c = pattern_[at_];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
            std::size_t count = 1;
            while (at_ + count < pattern_.size() && pattern_[at_ + count] == c) {
                ++count;
            }
            MILLRACE_TRY_STATUS(letter(c, count));
            at_ += count;
            return Ok{};
        }
        if (c == '\'') {
            return quoted();
        }
        if (c == '[') {
            open_.push_back(steps_.size());
            steps_.push_back({.kind = Step::Kind::kOptionalBegin});
        } else if (c == ']') {
            if (open_.empty()) {
                return bad_pattern(pattern_, at_, "']' without '['");
            }
            close();
        } else if (c == '{' || c == '}' || c == '#') {
            return bad_pattern(pattern_, at_, "reserved character '" + std::string(1, c) + "'");
        } else {
            literal(c);
        }
        ++at_;
        return Ok{};
    }

    Status quoted() {
        const std::size_t start = at_++;
        if (at_ < pattern_.size() && pattern_[at_] == '\'') {
            literal('\'');
            ++at_;
            return Ok{};
        }
        for (; at_ < pattern_.size(); ++at_) {
            if (pattern_[at_] != '\'') {
                literal(pattern_[at_]);
            } else if (at_ + 1 < pattern_.size() && pattern_[at_ + 1] == '\'') {
                literal('\'');
                ++at_;
            } else {
                ++at_;
                return Ok{};
            }
        }
        return bad_pattern(pattern_, start, "quote without an end");
    }

    void literal(char c) {
        if (steps_.empty() || steps_.back().kind != Step::Kind::kLiteral) {
            steps_.push_back({.kind = Step::Kind::kLiteral});
        }
        steps_.back().text += c;
    }
    void close() {
        steps_.push_back({.kind = Step::Kind::kOptionalEnd});
        steps_[open_.back()].skip = steps_.size();
        open_.pop_back();
    }
    void number(Part part, std::size_t min, std::size_t max) {
        steps_.push_back({.kind = Step::Kind::kNumber,
                          .part = part,
                          .min = static_cast<std::uint8_t>(min),
                          .max = static_cast<std::uint8_t>(max)});
    }
    void name(Part part, std::size_t max) {
        steps_.push_back(
            {.kind = Step::Kind::kName, .part = part, .max = static_cast<std::uint8_t>(max)});
    }

    Status letter(char c, std::size_t count) {
        const auto too_many = [&] {
            return bad_pattern(pattern_, at_, "too many letters '" + std::string(1, c) + "'");
        };
        const auto two_digits = [&](Part part) -> Status {
            if (count > 2) {
                return too_many();
            }
            number(part, count, 2);
            return Ok{};
        };
        switch (c) {
            case 'y':
            case 'u':
                if (count > 9) {
                    return too_many();
                }
                if (count == 2) {
                    steps_.push_back({.kind = Step::Kind::kReducedYear});
                } else {
                    number(Part::kYear, count, 9);
                }
                return Ok{};
            case 'M':
            case 'L':
                if (count > 4) {
                    return too_many();
                }
                if (count > 2) {
                    name(Part::kMonth, count == 3 ? 3 : 9);
                    return Ok{};
                }
                return two_digits(Part::kMonth);
            case 'd':
                return two_digits(Part::kDay);
            case 'D':
                if (count > 3) {
                    return too_many();
                }
                number(Part::kDayOfYear, count, 3);
                return Ok{};
            case 'H':
                return two_digits(Part::kHour);
            case 'k':
                return two_digits(Part::kHour24);
            case 'K':
                return two_digits(Part::kHour11);
            case 'h':
                return two_digits(Part::kHour12);
            case 'm':
                return two_digits(Part::kMinute);
            case 's':
                return two_digits(Part::kSecond);
            case 'S':
                if (count > 9) {
                    return too_many();
                }
                steps_.push_back(
                    {.kind = Step::Kind::kFraction, .min = static_cast<std::uint8_t>(count)});
                return Ok{};
            case 'a':
                if (count > 1) {
                    return too_many();
                }
                name(Part::kHalf, 2);
                return Ok{};
            case 'E':
                if (count > 4) {
                    return too_many();
                }
                name(Part::kWeekday, count == 4 ? 9 : 3);
                return Ok{};
            case 'z':
                if (count > 3) {
                    return too_many();
                }
                steps_.push_back({.kind = Step::Kind::kZoneName});
                return Ok{};
            case 'V':
                if (count != 2) {
                    return bad_pattern(pattern_, at_, "the zone id is written 'VV', not");
                }
                steps_.push_back({.kind = Step::Kind::kZoneId});
                return Ok{};
            case 'X':
            case 'x':
            case 'Z':
                if (count > (c == 'Z' ? 5 : 3)) {
                    return too_many();
                }
                steps_.push_back({.kind = Step::Kind::kOffset,
                                  .min = static_cast<std::uint8_t>(count),
                                  .letter = c});
                return Ok{};
            default:
                return bad_pattern(
                    pattern_, at_, "unknown pattern letter '" + std::string(1, c) + "'");
        }
    }

    /// "yyyyMMdd": the year leaves the digits that the numbers of fixed width behind it need.
    void reserve_digits() {
        for (std::size_t i = 0; i < steps_.size(); ++i) {
            Step& step = steps_[i];
            if (step.kind != Step::Kind::kNumber || step.min == step.max) {
                continue;
            }
            for (std::size_t j = i + 1; j < steps_.size(); ++j) {
                const Step& next = steps_[j];
                if (next.kind == Step::Kind::kNumber && next.min == next.max) {
                    step.reserved = static_cast<std::uint8_t>(step.reserved + next.min);
                } else if (next.kind == Step::Kind::kFraction) {
                    step.reserved = static_cast<std::uint8_t>(step.reserved + next.min);
                    break;
                } else {
                    break;
                }
            }
        }
    }

    std::string_view pattern_;
    std::size_t at_ = 0;
    std::vector<Step> steps_;
    std::vector<std::size_t> open_;
};

/// Follows the steps through a text. Stops at the first misfit and says what it wanted there.
class TextReader {
  public:
    TextReader(const std::vector<Step>& steps, std::string_view text)
        : steps_(steps), text_(text) {}

    [[nodiscard]] bool read() {
        // Where to go on when a step inside an optional section does not fit.
        struct Mark {
            std::size_t step;
            std::size_t at;
            Fields fields;
        };
        std::vector<Mark> marks;
        for (std::size_t i = 0; i < steps_.size();) {
            const Step& step = steps_[i];
            if (step.kind == Step::Kind::kOptionalBegin) {
                marks.push_back({step.skip, at_, fields_});
            } else if (step.kind == Step::Kind::kOptionalEnd) {
                marks.pop_back();
            } else if (!take(step)) {
                if (marks.empty()) {
                    return false;
                }
                i = marks.back().step;
                at_ = marks.back().at;
                fields_ = marks.back().fields;
                marks.pop_back();
                continue;
            }
            ++i;
        }
        if (at_ != text_.size()) {
            return misfit("nothing more");
        }
        return true;
    }

    [[nodiscard]] const Fields& fields() const { return fields_; }
    [[nodiscard]] std::size_t position() const { return at_; }
    [[nodiscard]] const std::string& wanted() const { return wanted_; }

  private:
    bool misfit(std::string wanted) {
        wanted_ = std::move(wanted);
        return false;
    }

    bool take(const Step& step) {
        const std::string_view rest = text_.substr(at_);
        switch (step.kind) {
            case Step::Kind::kLiteral:
                if (!starts_with_ignoring_case(rest, step.text)) {
                    return misfit("'" + step.text + "'");
                }
                at_ += step.text.size();
                return true;
            case Step::Kind::kNumber:
                return take_number(step, rest);
            case Step::Kind::kReducedYear:
                if (rest.size() < 2 || !is_digit(rest[0]) || !is_digit(rest[1])) {
                    return misfit("2 digits of a year");
                }
                fields_.put(Part::kYear, 2000 + (rest[0] - '0') * 10 + (rest[1] - '0'));
                at_ += 2;
                return true;
            case Step::Kind::kFraction:
                return take_fraction(step, rest);
            case Step::Kind::kName:
                return take_name(step, rest);
            case Step::Kind::kOffset:
                return take_offset(step, rest);
            case Step::Kind::kZoneId:
            case Step::Kind::kZoneName:
                return take_zone(step, rest);
            case Step::Kind::kOptionalBegin:
            case Step::Kind::kOptionalEnd:
                break;
        }
        return true;
    }

    bool take_number(const Step& step, std::string_view rest) {
        const PartRange& range = kRanges[static_cast<std::size_t>(step.part)];
        const bool may_be_signed = step.part == Part::kYear;
        std::size_t at = 0;
        bool is_negative = false;
        bool is_signed = false;
        if (may_be_signed && !rest.empty() &&
            (rest[0] == '-' || (rest[0] == '+' && step.min > 3))) {
            is_negative = rest[0] == '-';
            is_signed = true;
            at = 1;
        }
        std::size_t digits = 0;
        while (at + digits < rest.size() && is_digit(rest[at + digits]) &&
               digits < std::size_t{step.max} + step.reserved) {
            ++digits;
        }
        if (step.reserved > 0) {
            digits = std::max<std::size_t>(step.min,
                                           digits > step.reserved ? digits - step.reserved : 0);
        }
        digits = std::min<std::size_t>(digits, step.max);
        // A year of four letters has exactly four digits unless a sign announces more.
        if (may_be_signed && step.min >= 4 && !is_signed) {
            digits = std::min<std::size_t>(digits, step.min);
        }
        if (digits < step.min || at + digits > rest.size()) {
            return misfit(std::to_string(step.min) + " digits of the " + std::string(range.name));
        }
        std::int64_t value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            if (!is_digit(rest[at + i])) {
                return misfit(std::to_string(step.min) + " digits of the " +
                              std::string(range.name));
            }
            value = value * 10 + (rest[at + i] - '0');
        }
        value = is_negative ? -value : value;
        if (value < range.least || value > range.most) {
            return misfit("a " + std::string(range.name) + " from " + std::to_string(range.least) +
                          " to " + std::to_string(range.most));
        }
        fields_.put(step.part, value);
        at_ += at + digits;
        return true;
    }

    bool take_fraction(const Step& step, std::string_view rest) {
        std::int32_t ms = 0;
        for (std::size_t i = 0; i < std::max<std::size_t>(step.min, 3); ++i) {
            if (i < step.min && (i >= rest.size() || !is_digit(rest[i]))) {
                return misfit(std::to_string(step.min) + " digits of a fraction");
            }
            if (i < 3) {
                ms = ms * 10 + (i < step.min ? rest[i] - '0' : 0);
            }
        }
        fields_.ms = ms;
        at_ += step.min;
        return true;
    }

    bool take_name(const Step& step, std::string_view rest) {
        const auto names = names_of(step.part);
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::string_view name = names[i].substr(0, step.max);
            if (starts_with_ignoring_case(rest, name)) {
                fields_.put(step.part,
                            static_cast<std::int64_t>(i) + (step.part == Part::kMonth ? 1 : 0));
                at_ += name.size();
                return true;
            }
        }
        return misfit(std::string(kRanges[static_cast<std::size_t>(step.part)].name) +
                      " in English");
    }

    /// X and x: 1 is +hh[mm], 2 is +hhmm, 3 is +hh:mm; Z: 1..3 is +hhmm, 4 is GMT+hh:mm, 5 is
    /// +hh:mm. X and ZZZZZ take Z for zero.
    bool take_offset(const Step& step, std::string_view rest) {
        const bool is_long = step.letter == 'Z' && step.min == 4;
        const bool has_colon = step.letter == 'Z' ? step.min >= 4 : step.min == 3;
        const bool has_z = step.letter == 'X' || (step.letter == 'Z' && step.min == 5);
        std::size_t at = 0;
        fields_.has_offset = true;
        fields_.offset_ms = 0;
        if (has_z && !rest.empty() && lower(rest[0]) == 'z') {
            at_ += 1;
            return true;
        }
        if (is_long) {
            if (!starts_with_ignoring_case(rest, "GMT")) {
                return misfit("an offset like GMT+01:00");
            }
            at = 3;
            if (rest.size() == 3) {
                at_ += 3;
                return true;
            }
        }
        const auto two = [&](std::int32_t most) -> std::int32_t {
            if (at + 2 > rest.size() || !is_digit(rest[at]) || !is_digit(rest[at + 1])) {
                return -1;
            }
            const std::int32_t value = (rest[at] - '0') * 10 + (rest[at + 1] - '0');
            at += 2;
            return value > most ? -1 : value;
        };
        const std::string wanted = has_colon ? "an offset like +01:00" : "an offset like +0100";
        if (at >= rest.size() || (rest[at] != '+' && rest[at] != '-')) {
            return misfit(wanted);
        }
        const bool is_west = rest[at++] == '-';
        const std::int32_t hours = two(18);
        if (hours < 0) {
            return misfit(wanted);
        }
        std::int32_t minutes = 0;
        const bool may_end = step.letter != 'Z' && step.min == 1;
        if (!may_end || (at < rest.size() && is_digit(rest[at]))) {
            if (has_colon && (at >= rest.size() || rest[at++] != ':')) {
                return misfit(wanted);
            }
            minutes = two(59);
            if (minutes < 0) {
                return misfit(wanted);
            }
        }
        fields_.offset_ms = (hours * 60 + minutes) * (is_west ? -60'000 : 60'000);
        at_ += at;
        return true;
    }

    bool take_zone(const Step& step, std::string_view rest) {
        std::size_t size = 0;
        while (size < rest.size() &&
               (std::isalnum(static_cast<unsigned char>(rest[size])) != 0 || rest[size] == '/' ||
                rest[size] == '_' || rest[size] == '+' || rest[size] == '-' || rest[size] == ':')) {
            ++size;
        }
        const std::string_view name = rest.substr(0, size);
        auto zone = step.kind == Step::Kind::kZoneId ? TimeZone::find(name)
                                                     : TimeZone::find_abbreviated(name);
        if (!zone.ok()) {
            return misfit("a time zone");
        }
        fields_.has_zone = true;
        fields_.zone = zone.value();
        at_ += size;
        return true;
    }

    const std::vector<Step>& steps_;
    std::string_view text_;
    std::size_t at_ = 0;
    Fields fields_;
    std::string wanted_;
};

/// Days since the epoch; a day that the month lacks becomes its last, as Java's smart resolving
/// does.
std::int64_t days_of(const Fields& fields) {
    const std::int64_t year = fields.get(Part::kYear, 1970);
    if (fields.has(Part::kDayOfYear) && !fields.has(Part::kMonth)) {
        return days_from_civil(year, 1, 1) + fields.get(Part::kDayOfYear, 1) - 1;
    }
    const int month = static_cast<int>(fields.get(Part::kMonth, 1));
    const int day = static_cast<int>(fields.get(Part::kDay, 1));
    return days_from_civil(year, month, std::min(day, days_in_month(year, month)));
}

std::int64_t hour_of(const Fields& fields) {
    if (fields.has(Part::kHour)) {
        return fields.get(Part::kHour, 0);
    }
    if (fields.has(Part::kHour24)) {
        return fields.get(Part::kHour24, 0) % 24;
    }
    const std::int64_t half = fields.get(Part::kHalf, 0) * 12;
    return half + (fields.has(Part::kHour12) ? fields.get(Part::kHour12, 0) % 12
                                             : fields.get(Part::kHour11, 0));
}

/// Monday is 0.
std::int64_t weekday_of(std::int64_t days) {
    const std::int64_t shifted = days + 3;
    return shifted - floor_div(shifted, 7) * 7;
}

void append_number(std::string& out, std::int64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    out.append(width > digits.size() ? width - digits.size() : 0, '0');
    out += digits;
}

/// All that a pattern can print of an instant.
struct Moment {
    std::int64_t utc_ms = 0;
    TimeZone zone;
    std::int32_t offset_ms = 0;
    CivilDate date;
    std::int64_t days = 0;
    std::int32_t ms_of_day = 0;

    [[nodiscard]] std::int64_t get(Part part) const {
        const std::int32_t hour = ms_of_day / 3'600'000;
        switch (part) {
            case Part::kYear:
                return date.year;
            case Part::kMonth:
                return date.month;
            case Part::kDay:
                return date.day;
            case Part::kDayOfYear:
                return days - days_from_civil(date.year, 1, 1) + 1;
            case Part::kHour:
                return hour;
            case Part::kHour24:
                return hour == 0 ? 24 : hour;
            case Part::kHour11:
                return hour % 12;
            case Part::kHour12:
                return hour % 12 == 0 ? 12 : hour % 12;
            case Part::kMinute:
                return ms_of_day / 60'000 % 60;
            case Part::kSecond:
                return ms_of_day / 1000 % 60;
            case Part::kHalf:
                return hour / 12;
            case Part::kWeekday:
                return weekday_of(days);
        }
        return 0;
    }
};

void append_step(std::string& out, const Step& step, const Moment& moment) {
    switch (step.kind) {
        case Step::Kind::kLiteral:
            out += step.text;
            return;
        case Step::Kind::kNumber: {
            std::int64_t value = moment.get(step.part);
            if (step.part == Part::kYear && value < 0) {
                out += '-';
                value = -value;
            } else if (step.part == Part::kYear && step.min >= 4 &&
                       std::to_string(value).size() > step.min) {
                out += '+';
            }
            append_number(out, value, step.min);
            return;
        }
        case Step::Kind::kReducedYear:
            append_number(out, moment.date.year - floor_div(moment.date.year, 100) * 100, 2);
            return;
        case Step::Kind::kFraction: {
            std::string digits;
            append_number(digits, moment.ms_of_day % 1000, 3);
            digits.resize(step.min, '0');
            out += digits;
            return;
        }
        case Step::Kind::kName: {
            const std::int64_t index = moment.get(step.part) - (step.part == Part::kMonth ? 1 : 0);
            out += names_of(step.part)[static_cast<std::size_t>(index)].substr(0, step.max);
            return;
        }
        case Step::Kind::kOffset: {
            const bool is_z = step.letter == 'Z';
            if (moment.offset_ms == 0 && (step.letter == 'X' || (is_z && step.min == 5))) {
                out += 'Z';
            } else if (is_z && step.min == 4) {
                out += "GMT";
                out += moment.offset_ms == 0 ? "" : offset_text(moment.offset_ms, 2, true);
            } else {
                out += offset_text(moment.offset_ms,
                                   !is_z && step.min == 1 ? 1 : 2,
                                   is_z ? step.min == 5 : step.min == 3);
            }
            return;
        }
        case Step::Kind::kZoneId:
            out += moment.zone.id();
            return;
        case Step::Kind::kZoneName:
            out += moment.zone.abbreviation(moment.utc_ms);
            return;
        case Step::Kind::kOptionalBegin:
        case Step::Kind::kOptionalEnd:
            return;  // every part of an instant is known, so optional sections are printed
    }
}

/// For patterns like "yyyy/MM/dd HH:mm:ss.SSS", most of those in use: every character of the text
/// has its place.
class FixedLayout {
  public:
    explicit FixedLayout(const std::vector<Step>& steps) {
        for (const Step& step : steps) {
            const bool is_year = step.part == Part::kYear && step.min == 4;
            if (step.kind == Step::Kind::kLiteral) {
                literals_.push_back({size_, step.text});
                size_ += step.text.size();
            } else if (step.kind == Step::Kind::kNumber && (is_year || is_pair(step))) {
                numbers_.push_back({size_, step.min, step.part});
                size_ += step.min;
            } else if (step.kind == Step::Kind::kFraction && step.min == 3) {
                fraction_ = size_;
                size_ += 3;
            } else {
                size_ = 0;
                return;
            }
        }
    }

    /// Local milliseconds; false: not this layout, or out of range: read it the careful way.
    [[nodiscard]] bool parse(std::string_view text, std::int64_t& local_ms) const {
        if (text.size() != size_ || size_ == 0) {
            return false;
        }
        for (const Literal& literal : literals_) {
            if (text.compare(literal.at, literal.text.size(), literal.text) != 0) {
                return false;
            }
        }
        // year, month, day, -, hour, -, -, -, minute, second: by Part
        std::array<std::int32_t, kParts> parts = {1970, 1, 1};
        std::uint32_t wrong = 0;
        for (const Number& number : numbers_) {
            std::int32_t value = 0;
            for (std::size_t i = 0; i < number.digits; ++i) {
                const auto digit = static_cast<std::uint32_t>(
                    static_cast<unsigned char>(text[number.at + i]) - '0');
                wrong |= digit > 9 ? 1U : 0U;
                value = value * 10 + static_cast<std::int32_t>(digit & 15);
            }
            parts[static_cast<std::size_t>(number.part)] = value;
        }
        std::int32_t ms = 0;
        if (fraction_ != kNone) {
            for (std::size_t i = 0; i < 3; ++i) {
                const auto digit = static_cast<std::uint32_t>(
                    static_cast<unsigned char>(text[fraction_ + i]) - '0');
                wrong |= digit > 9 ? 1U : 0U;
                ms = ms * 10 + static_cast<std::int32_t>(digit & 15);
            }
        }
        const std::int32_t year = parts[0];
        const std::int32_t month = parts[1];
        const std::int32_t day = parts[2];
        const std::int32_t hour = parts[static_cast<std::size_t>(Part::kHour)];
        const std::int32_t minute = parts[static_cast<std::size_t>(Part::kMinute)];
        const std::int32_t second = parts[static_cast<std::size_t>(Part::kSecond)];
        if (wrong != 0 || month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 ||
            minute > 59 || second > 59) {
            // Days 29 to 31 depend on the month.
            if (wrong != 0 || month < 1 || month > 12 || day < 1 ||
                day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 59) {
                return false;
            }
        }
        local_ms = days_from_civil(year, month, day) * kMsPerDay +
                   ((hour * 60 + minute) * 60 + second) * std::int64_t{1000} + ms;
        return true;
    }

  private:
    static constexpr std::size_t kNone = ~std::size_t{0};
    struct Literal {
        std::size_t at;
        std::string text;
    };
    struct Number {
        std::size_t at;
        std::size_t digits;
        Part part;
    };

    static bool is_pair(const Step& step) {
        return step.min == 2 &&
               (step.part == Part::kMonth || step.part == Part::kDay || step.part == Part::kHour ||
                step.part == Part::kMinute || step.part == Part::kSecond);
    }

    std::size_t size_ = 0;  // of a text; 0: the pattern is not of this kind
    std::vector<Literal> literals_;
    std::vector<Number> numbers_;
    std::size_t fraction_ = kNone;
};

class CompiledPattern final : public DatePattern {
  public:
    CompiledPattern(std::string_view pattern, std::vector<Step> steps)
        : pattern_(pattern), steps_(std::move(steps)), layout_(steps_) {}

    Result<std::int64_t> parse_ms(std::string_view text, std::string_view zone) const override {
        std::int64_t local_ms = 0;
        if (layout_.parse(text, local_ms)) {
            if (zone == "UTC") {
                return local_ms;
            }
            MILLRACE_TRY(const TimeZone found, TimeZone::find(zone));
            return found.to_utc(local_ms);
        }
        return parse_carefully(text, zone);
    }

    Result<std::string> format_ms(std::int64_t ms, std::string_view zone) const override {
        Moment moment;
        moment.utc_ms = ms;
        if (zone != "UTC") {
            MILLRACE_TRY(moment.zone, TimeZone::find(zone));
            moment.offset_ms = moment.zone.offset_ms(ms);
        }
        std::int64_t local_ms = 0;
        if (__builtin_add_overflow(ms, std::int64_t{moment.offset_ms}, &local_ms)) {
            return Error{ErrorCode::kInvalidArgument,
                         "timestamp is out of range: " + std::to_string(ms)};
        }
        moment.days = floor_div(local_ms, kMsPerDay);
        moment.date = civil_from_days(moment.days);
        moment.ms_of_day = static_cast<std::int32_t>(local_ms - moment.days * kMsPerDay);
        std::string out;
        for (const Step& step : steps_) {
            append_step(out, step, moment);
        }
        return out;
    }

  private:
    [[nodiscard]] Error misfit(std::string_view text,
                               std::size_t position,
                               const std::string& wanted) const {
        constexpr std::size_t kShown = 100;
        return Error{ErrorCode::kInvalidArgument,
                     "text does not fit the date pattern '" + pattern_ + "', expected " + wanted +
                         " at position " + std::to_string(position + 1) + ": '" +
                         std::string(text.substr(0, kShown)) + "'"};
    }

    Result<std::int64_t> parse_carefully(std::string_view text, std::string_view zone) const {
        TextReader reader(steps_, text);
        if (!reader.read()) {
            return misfit(text, reader.position(), reader.wanted());
        }
        const Fields& fields = reader.fields();
        std::int64_t days = days_of(fields);
        std::int64_t hour = hour_of(fields);
        const std::int64_t minute = fields.get(Part::kMinute, 0);
        const std::int64_t second = fields.get(Part::kSecond, 0);
        if (fields.get(Part::kDayOfYear, 1) == 366 && !is_leap(fields.get(Part::kYear, 1970))) {
            return misfit(text, text.size(), "at most 365 days in that year");
        }
        if (fields.has(Part::kWeekday) && fields.get(Part::kWeekday, 0) != weekday_of(days)) {
            return misfit(text,
                          0,
                          "the day of the week to be " +
                              std::string(kWeekdays[static_cast<std::size_t>(weekday_of(days))]));
        }
        if (hour == 24) {
            if (minute != 0 || second != 0 || fields.ms != 0) {
                return misfit(text, 0, "an hour from 0 to 23");
            }
            ++days;
            hour = 0;
        }
        const std::int64_t local_ms =
            days * kMsPerDay + ((hour * 60 + minute) * 60 + second) * 1000 + fields.ms;
        if (fields.has_offset) {
            return local_ms - fields.offset_ms;
        }
        if (fields.has_zone) {
            return fields.zone.to_utc(local_ms);
        }
        MILLRACE_TRY(const TimeZone found, TimeZone::find(zone));
        return found.to_utc(local_ms);
    }

    std::string pattern_;
    std::vector<Step> steps_;
    FixedLayout layout_;
};

}  // namespace

Result<std::shared_ptr<const DatePattern>> DatePattern::compile(std::string_view pattern) {
    MILLRACE_TRY(auto steps, PatternReader(pattern).read());
    return std::shared_ptr<const DatePattern>(
        std::make_shared<const CompiledPattern>(pattern, std::move(steps)));
}

}  // namespace millrace::operators
