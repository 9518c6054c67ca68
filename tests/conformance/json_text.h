// JsonText: a JSON document whose numbers keep the characters in which they were written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace millrace::conformance {

enum class JsonKind : std::uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject };

/// One value. Objects keep their order; of a name given twice the last counts in find().
struct JsonText {
    JsonKind kind = JsonKind::kNull;
    std::string text;                // number: as written; string: what it means; "true", "false"
    std::vector<std::string> names;  // of an object's members
    std::vector<JsonText> children;  // elements, or members in the order of `names`

    [[nodiscard]] bool is_null() const { return kind == JsonKind::kNull; }
    [[nodiscard]] bool is(JsonKind other) const { return kind == other; }
    /// The member of exactly that name; nullptr when there is none.
    [[nodiscard]] const JsonText* find(std::string_view name) const;
    /// The member, or null when there is none.
    [[nodiscard]] const JsonText& operator[](std::string_view name) const;
    /// The text of a string, number or boolean; empty for everything else.
    [[nodiscard]] const std::string& string() const { return text; }
    /// Of a number without fraction; 0 for everything else.
    [[nodiscard]] std::int64_t integer() const;
    /// Compact JSON; numbers as they were written.
    [[nodiscard]] std::string dump() const;

    [[nodiscard]] static JsonText of_string(std::string_view text);
    [[nodiscard]] static JsonText of_number(std::string_view text);
};

/// Parses one document, nested at most 128 deep. kInvalidArgument says at which byte it is broken.
[[nodiscard]] Result<JsonText> parse_json_text(std::string_view text);

}  // namespace millrace::conformance
