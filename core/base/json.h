// Json: settings and small documents as values that know their line and column. Rows use core/row
// instead.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/result.h"

namespace millrace {

/// One JSON value. Objects keep the order in which they were written; a name given twice is an
/// error when parsing.
class Json {
  public:
    using Array = std::vector<Json>;
    using Object = std::vector<std::pair<std::string, Json>>;

    Json() = default;                                             // null
    Json(bool value) : value_(value) {}                           // NOLINT
    Json(std::int64_t value) : value_(value) {}                   // NOLINT
    Json(int value) : value_(std::int64_t{value}) {}              // NOLINT
    Json(double value) : value_(value) {}                         // NOLINT
    Json(std::string value) : value_(std::move(value)) {}         // NOLINT
    Json(std::string_view value) : value_(std::string(value)) {}  // NOLINT
    Json(const char* value) : value_(std::string(value)) {}       // NOLINT
    Json(Array value) : value_(std::move(value)) {}               // NOLINT
    Json(Object value) : value_(std::move(value)) {}              // NOLINT

    /// Parses one document of at most 16 MiB, nested at most 128 deep. Fails with kInvalidArgument;
    /// the message names `source`, line and column, and what was expected.
    [[nodiscard]] static Result<Json> parse(std::string_view text,
                                            std::string_view source = "json");

    [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
    [[nodiscard]] const bool* if_bool() const { return std::get_if<bool>(&value_); }
    [[nodiscard]] const std::int64_t* if_int() const { return std::get_if<std::int64_t>(&value_); }
    [[nodiscard]] const double* if_double() const { return std::get_if<double>(&value_); }
    [[nodiscard]] const std::string* if_string() const { return std::get_if<std::string>(&value_); }
    [[nodiscard]] const Array* if_array() const { return std::get_if<Array>(&value_); }
    [[nodiscard]] const Object* if_object() const { return std::get_if<Object>(&value_); }
    [[nodiscard]] Array* if_array() { return std::get_if<Array>(&value_); }
    [[nodiscard]] Object* if_object() { return std::get_if<Object>(&value_); }

    /// The member of that name; nullptr when this is no object or has none.
    [[nodiscard]] const Json* find(std::string_view name) const;
    /// Adds or replaces a member; this must be null or an object.
    void set(std::string name, Json value);
    /// "null", "boolean", "number", "string", "array" or "object".
    [[nodiscard]] std::string_view type_name() const;

    /// Compact, or indented by `indent` blanks per level when indent > 0. UTF-8 passes through;
    /// whole doubles keep ".0".
    [[nodiscard]] std::string dump(int indent = 0) const;

    /// Where the value stood when it was parsed; both count from 1, 0 when it was not parsed.
    [[nodiscard]] std::uint32_t line() const { return line_; }
    [[nodiscard]] std::uint32_t column() const { return column_; }
    void set_position(std::uint32_t line, std::uint32_t column) {
        line_ = line;
        column_ = column;
    }

  private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
    std::uint32_t line_ = 0;
    std::uint32_t column_ = 0;
};

}  // namespace millrace
