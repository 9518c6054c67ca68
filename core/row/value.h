// Value: one typed value outside a column: literals, INSERT VALUES, expected results, printed rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/row/column.h"
#include "core/row/data_type.h"

namespace millrace {

struct Value;

/// An unscaled DECIMAL; precision and scale are the type's.
struct Decimal {
    Int128 unscaled = 0;
    std::uint8_t scale = 0;

    /// All digits of the scale: "-1.20".
    [[nodiscard]] std::string to_string() const;
    /// Plain or E notation. kInvalidArgument when it is no number or has more than 38 digits.
    [[nodiscard]] static Result<Decimal> parse(std::string_view text);
    friend bool operator==(const Decimal&, const Decimal&) = default;
};

/// monostate is NULL. DATE and TIME are int32, TIMESTAMP is int64, STRING and BYTES are strings;
/// ARRAY is a list; MAP is a list of two lists (keys, values); STRUCT is a list of its fields.
struct Value {
    using List = std::vector<Value>;
    std::variant<std::monostate,
                 bool,
                 std::int32_t,
                 std::int64_t,
                 double,
                 Decimal,
                 std::string,
                 List>
        data;

    Value() = default;
    Value(bool v) : data(v) {}                           // NOLINT
    Value(std::int32_t v) : data(v) {}                   // NOLINT
    Value(std::int64_t v) : data(v) {}                   // NOLINT
    Value(double v) : data(v) {}                         // NOLINT
    Value(Decimal v) : data(v) {}                        // NOLINT
    Value(std::string v) : data(std::move(v)) {}         // NOLINT
    Value(std::string_view v) : data(std::string(v)) {}  // NOLINT
    Value(const char* v) : data(std::string(v)) {}       // NOLINT
    Value(List v) : data(std::move(v)) {}                // NOLINT

    [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(data); }
    friend bool operator==(const Value&, const Value&) = default;
};

/// Reads row `row`.
[[nodiscard]] Value value_at(const Column& column, std::uint32_t row);
/// Writes `value`, which must fit the builder's type (CHECK), at `row`.
void set_value(ColumnBuilder& builder, std::uint32_t row, const Value& value);
/// As the shell prints it: "NULL", "1.0", "abc", "[1, 2]", "{A=1}", dates and times in ISO form.
[[nodiscard]] std::string to_text(const Value& value, const DataType& type);

/// Shortest decimal text that reads back the same, as Java's Double.toString spells it: "1.0",
/// "1.0E10", "NaN".
[[nodiscard]] std::string double_to_text(double value);

}  // namespace millrace
