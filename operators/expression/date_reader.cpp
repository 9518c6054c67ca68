#include "operators/expression/date_reader.h"

#include <algorithm>
#include <cctype>

namespace millrace::operators {

namespace {

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

}  // namespace

DateReading read_date_text(const std::vector<Step>& steps, std::string_view text) {
    TextReader reader(steps, text);
    const bool fits = reader.read();
    return {fits, reader.fields(), reader.position(), reader.wanted()};
}

}  // namespace millrace::operators
