#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "operators/expression/date_reader.h"
#include "operators/expression/date_steps.h"
#include "operators/expression/expression.h"
#include "operators/expression/temporal_text.h"
#include "operators/expression/time_zone.h"

namespace millrace::operators {

namespace {

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
        const DateReading reading = read_date_text(steps_, text);
        if (!reading.fits) {
            return misfit(text, reading.position, reading.wanted);
        }
        const Fields& fields = reading.fields;
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
                              std::string(names_of(
                                  Part::kWeekday)[static_cast<std::size_t>(weekday_of(days))]));
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
    MILLRACE_TRY(auto steps, read_pattern(pattern));
    return std::shared_ptr<const DatePattern>(
        std::make_shared<const CompiledPattern>(pattern, std::move(steps)));
}

}  // namespace millrace::operators
