// JsonReader: JSON text inside of a STRING: values by path, elements, entries; and JSON text out of
// values. Numbers keep their own text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "operators/functions/cells.h"

namespace millrace::operators {

/// One value in a document: its text from the first to the last character.
using JsonText = std::string_view;

struct JsonEntry {
    std::string key;  // without quotes and escapes
    JsonText value;
};

/// One step of a path: a member's name or an element's number.
using JsonStep = std::variant<std::string, std::int64_t>;
using JsonPath = std::vector<JsonStep>;

/// "$.log.lines[0]['a b']". kInvalidArgument says where it goes wrong.
[[nodiscard]] Result<JsonPath> read_json_path(std::string_view text);

/// One document at a time; its views hold until the next read(). Keeps its memory.
class JsonReader {
  public:
    /// The first value of a text; nullopt when there is none. `is_whole`: nothing but white space
    /// may follow.
    [[nodiscard]] std::optional<JsonText> read(std::string_view text, bool is_whole = false);

  private:
    std::string padded_;
};

// Of values that JsonReader has read.

[[nodiscard]] bool is_json_array(JsonText value);
[[nodiscard]] bool is_json_object(JsonText value);
void json_elements(JsonText array, std::vector<JsonText>& elements);
/// In their order; of equal keys the last value at the first one's place.
void json_entries(JsonText object, std::vector<JsonEntry>& entries);
/// The value that a path leads to.
[[nodiscard]] std::optional<JsonText> json_at(JsonText value, const JsonPath& path);
/// A string's text, anything else as compact JSON.
[[nodiscard]] std::string json_plain(JsonText value);
/// Appends it without white space.
void append_compact_json(std::string& out, JsonText value);
/// Appends a text with quotes and escapes.
void append_json_string(std::string& out, std::string_view text);
/// Appends a value of any type as JSON; dates and times in ISO form, bytes as base64.
void append_json(std::string& out, const Cell& cell);

}  // namespace millrace::operators
