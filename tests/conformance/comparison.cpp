#include "tests/conformance/comparison.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "dsl/sql/lexer.h"

namespace millrace::conformance {

namespace {

constexpr double kAbsoluteTolerance = 1e-6;
constexpr double kRelativeTolerance = 1e-12;
// Exponents beyond it are no integers that anybody expects.
constexpr std::int64_t kExponentMax = 100;

bool is_integer_text(std::string_view text) {
    return text.find_first_of(".eE") == std::string_view::npos;
}

/// The whole part, cut to 64 bits as Java narrows numbers.
std::int64_t truncated(const std::string& text) {
    ExactNumber number = exact_number(text);
    if (number.scale >= static_cast<std::int64_t>(number.digits.size())) {
        return 0;
    }
    if (number.scale > 0) {
        number.digits.resize(number.digits.size() - static_cast<std::size_t>(number.scale));
    } else {
        number.digits.append(static_cast<std::size_t>(std::min(-number.scale, kExponentMax)), '0');
    }
    std::uint64_t value = 0;
    for (const char digit : number.digits) {
        value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    return static_cast<std::int64_t>(number.is_negative ? std::uint64_t{0} - value : value);
}

bool read_double(const JsonText& json, double& to) {
    const std::string& text = json.text;
    if (!json.is(JsonKind::kNumber) && !json.is(JsonKind::kString)) {
        return false;
    }
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), to);
    return code == std::errc{} && end == text.data() + text.size();
}

bool nearly_equal(const JsonText& expected, const JsonText& actual) {
    double a = 0;
    double b = 0;
    if (!read_double(expected, a) || !read_double(actual, b)) {
        return false;
    }
    const double distance = std::fabs(a - b);
    return distance <= kAbsoluteTolerance ||
           distance <= kRelativeTolerance * std::max(std::fabs(a), std::fabs(b));
}

const Field* find_field(const std::vector<Field>& fields, const std::string& name) {
    for (const Field& field : fields) {
        if (field.name == name) {
            return &field;
        }
    }
    return nullptr;
}

class Comparer {
  public:
    explicit Comparer(const CompareOptions& options) : options_(options) {}

    void side(const char* what,
              const JsonText& expected,
              const JsonText& actual,
              const ComparedSide& columns) {
        if (columns.fields == nullptr) {
            compare(what, expected, actual, nullptr);
        } else if (columns.is_unwrapped) {
            compare(what,
                    expected,
                    actual,
                    columns.fields->size() == 1 ? &columns.fields->front().type : nullptr);
        } else {
            const DataType row = DataType::structure(*columns.fields);
            top_level_ = expected.is(JsonKind::kObject);
            compare(what, expected, actual, &row);
        }
    }

    void differs(const std::string& where, const JsonText& expected, const JsonText& actual) {
        differs(where, expected.dump(), actual.dump());
    }
    void differs(const std::string& where, const std::string& expected, const std::string& actual) {
        if (result_.match != Match::kDifferent) {
            result_.match = Match::kDifferent;
            result_.difference = where + ": expected " + expected + ", got " + actual;
        }
    }
    [[nodiscard]] const Comparison& result() const { return result_; }

  private:
    void tolerated(const std::string& where, const JsonText& expected, const JsonText& actual) {
        if (result_.match == Match::kEqual) {
            result_.match = Match::kTolerated;
            result_.difference =
                where + ": expected " + expected.dump() + ", got about that: " + actual.dump();
        }
    }

    void compare(const std::string& where,
                 const JsonText& expected,
                 const JsonText& actual,
                 const DataType* type) {
        switch (expected.kind) {
            case JsonKind::kNull:
                if (!actual.is_null()) {
                    differs(where, expected, actual);
                }
                return;
            case JsonKind::kBoolean:
                if (!actual.is(JsonKind::kBoolean) || actual.text != expected.text) {
                    differs(where, expected, actual);
                }
                return;
            case JsonKind::kString:
                string(where, expected, actual, type);
                return;
            case JsonKind::kNumber:
                number(where, expected, actual, type);
                return;
            case JsonKind::kArray:
                array(where, expected, actual, type);
                return;
            case JsonKind::kObject:
                object(where, expected, actual, type);
                return;
        }
    }

    void string(const std::string& where,
                const JsonText& expected,
                const JsonText& actual,
                const DataType* type) {
        if (actual.is(JsonKind::kString) && actual.text == expected.text) {
            return;
        }
        if (type != nullptr && type->is(TypeKind::kDecimal) && actual.is(JsonKind::kNumber) &&
            exact_number(expected.text) == exact_number(actual.text)) {
            return;
        }
        if (type != nullptr && type->is(TypeKind::kDouble) && nearly_equal(expected, actual)) {
            tolerated(where, expected, actual);
            return;
        }
        differs(where, expected, actual);
    }

    void number(const std::string& where,
                const JsonText& expected,
                const JsonText& actual,
                const DataType* type) {
        if (actual.is(JsonKind::kNumber) && same_number(expected.text, actual.text, type)) {
            return;
        }
        if (!options_.exact_numbers && actual.is(JsonKind::kNumber) &&
            nearly_equal(expected, actual)) {
            return;
        }
        if (type != nullptr && type->is(TypeKind::kDouble) && actual.is(JsonKind::kNumber) &&
            nearly_equal(expected, actual)) {
            tolerated(where, expected, actual);
            return;
        }
        differs(where, expected, actual);
    }

    static bool same_number(const std::string& expected,
                            const std::string& actual,
                            const DataType* type) {
        if (!is_integer_text(actual)) {
            const ExactNumber number = exact_number(actual);
            return is_integer_text(expected)
                       ? number.scale <= 0 && truncated(expected) == truncated(actual)
                       : exact_number(expected) == number;
        }
        std::int64_t value = 0;
        const auto [end, code] =
            std::from_chars(actual.data(), actual.data() + actual.size(), value);
        if (code != std::errc{} || end != actual.data() + actual.size()) {
            return exact_number(expected) == exact_number(actual);  // beyond 64 bits
        }
        const bool is_long = (type != nullptr && type->is(TypeKind::kBigint)) ||
                             value != static_cast<std::int32_t>(value);
        return is_long ? truncated(expected) == value
                       : static_cast<std::int32_t>(truncated(expected)) == value;
    }

    void array(const std::string& where,
               const JsonText& expected,
               const JsonText& actual,
               const DataType* type) {
        if (!actual.is(JsonKind::kArray) || actual.children.size() != expected.children.size()) {
            differs(where, expected, actual);
            return;
        }
        const DataType* element =
            type != nullptr && type->is(TypeKind::kArray) ? &type->children()[0].type : nullptr;
        for (std::size_t i = 0; i < expected.children.size(); ++i) {
            compare(where + "[" + std::to_string(i) + "]",
                    expected.children[i],
                    actual.children[i],
                    element);
        }
    }

    void object(const std::string& where,
                const JsonText& expected,
                const JsonText& actual,
                const DataType* type) {
        const bool is_top = top_level_;
        top_level_ = false;
        if (!actual.is(JsonKind::kObject) || actual.children.size() != expected.children.size()) {
            differs(where, expected, actual);
            return;
        }
        static const JsonText kNull;
        for (std::size_t i = 0; i < expected.children.size(); ++i) {
            const std::string& name = expected.names[i];
            std::string found = name;
            const JsonText* member = actual.find(found);
            if (member == nullptr || member->is_null()) {
                const std::string upper = dsl::sql::upper_case(name);
                if (const JsonText* other = actual.find(upper)) {
                    member = other;
                    found = upper;
                }
            }
            const DataType* field = nullptr;
            if (type != nullptr && type->is(TypeKind::kMap)) {
                field = &type->children()[1].type;
            } else if (type != nullptr && type->is(TypeKind::kStruct)) {
                const Field* column = find_field(type->children(), found);
                field = column == nullptr ? nullptr : &column->type;
            }
            // A column of no bytes counts as NULL, inside of other values it does not. Where ""
            // is expected it is that: cases say both.
            const bool is_empty_bytes = expected.children[i].is(JsonKind::kNull) && is_top &&
                                        member != nullptr && field != nullptr &&
                                        field->is(TypeKind::kBytes) &&
                                        member->is(JsonKind::kString) && member->text.empty();
            compare(where + "." + name,
                    expected.children[i],
                    member == nullptr || is_empty_bytes ? kNull : *member,
                    field);
        }
    }

    const CompareOptions& options_;
    bool top_level_ = false;
    Comparison result_;
};

std::string window_text(const std::optional<CaseWindow>& window) {
    return window ? (window->is_session ? "SESSION [" : "TIME [") + std::to_string(window->start) +
                        ", " + std::to_string(window->end) + ")"
                  : "no window";
}

std::string headers_text(const std::vector<CaseHeader>& headers) {
    std::string text;
    for (const CaseHeader& header : headers) {
        text += header.key + "=" + header.value_base64.value_or("null") + " ";
    }
    return "headers " + text;
}

}  // namespace

ExactNumber exact_number(std::string_view text) {
    ExactNumber number;
    std::size_t at = 0;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) {
        number.is_negative = text[at++] == '-';
    }
    bool is_fraction = false;
    for (; at < text.size() && text[at] != 'e' && text[at] != 'E'; ++at) {
        if (text[at] == '.') {
            is_fraction = true;
            continue;
        }
        number.scale += is_fraction ? 1 : 0;
        if (!number.digits.empty() || text[at] != '0') {
            number.digits += text[at];
        }
    }
    if (at < text.size()) {
        ++at;
        at += at < text.size() && text[at] == '+' ? std::size_t{1} : 0;
        std::int64_t exponent = 0;
        std::from_chars(text.data() + at, text.data() + text.size(), exponent);
        number.scale -= exponent;
    }
    if (number.digits.empty()) {
        number.digits = "0";
        number.is_negative = false;
    }
    return number;
}

Comparison compare_records(const CaseRecord& expected,
                           const ReadRecord& actual,
                           const ComparedSide& key,
                           const ComparedSide& value,
                           const CompareOptions& options) {
    Comparer comparer(options);
    if (window_text(expected.window) != window_text(actual.window)) {
        comparer.differs("window", window_text(expected.window), window_text(actual.window));
    }
    comparer.side("key", expected.key, actual.key, key);
    comparer.side("value", expected.value, actual.value, value);
    if (headers_text(expected.headers) != headers_text(actual.headers)) {
        comparer.differs("headers", headers_text(expected.headers), headers_text(actual.headers));
    }
    const bool checks_time =
        expected.timestamp && !(options.ignores_zero_time && *expected.timestamp == 0);
    if (checks_time && *expected.timestamp != actual.timestamp) {
        comparer.differs(
            "timestamp", std::to_string(*expected.timestamp), std::to_string(actual.timestamp));
    }
    return comparer.result();
}

}  // namespace millrace::conformance
