#include "operators/expression/date_steps.h"

namespace millrace::operators {

namespace {

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

}  // namespace

std::span<const std::string_view> names_of(Part part) {
    if (part == Part::kMonth) {
        return kMonths;
    }
    return part == Part::kHalf ? std::span<const std::string_view>(kHalves) : kWeekdays;
}

Result<std::vector<Step>> read_pattern(std::string_view pattern) {
    return PatternReader(pattern).read();
}

}  // namespace millrace::operators
