// JsonFastReader: reads a JSON row in one pass by predicting its keys from the rows before it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/row/column.h"
#include "core/row/json_bytes.h"
#include "core/row/json_value.h"

namespace millrace {

/// Rows of one source nearly always have the same keys in the same order. So each key remembers
/// which one followed it, and reading the next row is a comparison per key and a conversion or a
/// skip per value. What it meets is checked as strictly as anywhere: a row that it takes is valid
/// JSON in valid UTF-8, and the columns hold what the general reader would have put there.
/// Everything it is not made for (escaped keys, a field twice, nested values for a wanted field,
/// values that do not fit, anything invalid) it hands back.
class JsonFastReader {
  public:
    /// wanted   as many as fields
    JsonFastReader(const std::vector<Field>& fields, const std::vector<bool>& wanted);

    /// The builders of the next rows, one per field, with room for all of them.
    void bind(std::vector<ColumnBuilder>& builders) { builders_ = builders.data(); }
    /// Reads a document without white space around it into row `row`. False: not read, and wanted
    /// columns hold anything at that row. Needs kPagePadding readable bytes behind it.
    [[nodiscard]] bool read(std::string_view document, std::uint32_t row);
    /// Values that the last successful read() converted.
    [[nodiscard]] std::uint32_t converted() const { return converted_; }

  private:
    static constexpr std::int32_t kUnwanted = -1;

    struct Key {
        std::string quoted;
        BytePrefix prefix;
        std::int32_t field;       // kUnwanted: skip the value
        std::uint32_t successor;  // the key that followed it last time
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    [[nodiscard]] static bool matches(const Key& key, const char* at, const char* end);
    // The key at `at`, which came behind `before`; 0 when it is no plain key.
    std::uint32_t find(const char* at, const char* end, std::uint32_t before);
    // Where the value ends; nullptr when it is not for this reader.
    const char* convert(const char* at, const char* end, std::size_t field, std::uint32_t row);
    const char* skip(const char* at, const char* end);
    const char* skip_string(const char* at, const char* end, bool& has_escapes);

    FieldNames names_;
    std::vector<bool> wanted_;
    bool is_flat_ = true;  // no nested field is wanted
    std::uint32_t wanted_count_ = 0;
    ColumnBuilder* builders_ = nullptr;
    std::vector<Key> keys_;  // the first one stands for the opening brace
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> by_text_;
    std::vector<std::uint64_t> seen_;  // by field: the last document that had it
    std::uint64_t document_ = 0;
    std::uint32_t converted_ = 0;
    std::uint32_t high_ = 0;  // not 0: the document may have more than ASCII
};

}  // namespace millrace
