// JSON values into columns: which JSON fits which type. Used by both ways of reading a document.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/row/column.h"
#include "core/row/text_value.h"

namespace millrace {

// The text of each has passed the scanner. Strings without escapes are borrowed: the builder pins
// the document. A reason is given when the value does not fit the builder's type; the row is then
// as if it had not been set.

/// true or false.
[[nodiscard]] Reason set_json_boolean(ColumnBuilder& builder, std::uint32_t row, bool value);
[[nodiscard]] Reason set_json_number(ColumnBuilder& builder,
                                     std::uint32_t row,
                                     std::string_view text);
/// raw   between the quotes
[[nodiscard]] Reason set_json_string(ColumnBuilder& builder,
                                     std::uint32_t row,
                                     std::string_view raw,
                                     bool has_escapes);
/// Any token but an object or array, from its first to its last character. Checks that it is one.
[[nodiscard]] Reason set_json_scalar(ColumnBuilder& builder,
                                     std::uint32_t row,
                                     std::string_view token);

/// The column that a JSON name stands for.
struct NameMatch {
    std::int32_t field = -1;  // -1: none
    bool is_exact = false;    // otherwise it differs in case
};

/// Finds fields by JSON name: the field of exactly that name, else the first that differs only in
/// the case of ASCII letters.
class FieldNames {
  public:
    explicit FieldNames(const std::vector<Field>& fields);
    [[nodiscard]] NameMatch find(std::string_view name) const;

  private:
    std::vector<std::string> names_;
};

}  // namespace millrace
