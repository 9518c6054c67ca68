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
    void bind(std::vector<ColumnBuilder>& builders);
    /// Reads a document without white space around it into row `row`. False: not read, and wanted
    /// columns hold anything at that row. Needs kPagePadding readable bytes behind it.
    [[nodiscard]] bool read(std::string_view document, std::uint32_t row);
    /// Values that the last successful read() converted.
    [[nodiscard]] std::uint32_t converted() const { return converted_; }

  private:
    enum class Action : std::uint8_t { kSkip, kInteger32, kInteger64, kDouble, kString, kOther };

    struct Key {
        // All from the brace or comma before the key to the value, white space too.
        QuickText lead;
        std::uint32_t successor = 0;  // the key that followed it last time
        std::uint32_t field = 0;      // meaningless for kSkip
        Action action = Action::kSkip;
    };
    // Where the values of a wanted field go.
    struct Target {
        ColumnBuilder* builder = nullptr;
        void* values = nullptr;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    [[nodiscard]] Action action_for(std::size_t field) const;
    // The key whose lead begins at `at`, remembered as the one behind `before`; 0 when there is
    // none that this reader takes.
    std::uint32_t find(const char* at, const char* end, std::uint32_t before);
    // All return where the value ends; nullptr when it is not for this reader. `high` becomes
    // non-zero when a byte above ASCII may have been passed.
    const char* convert(
        const char* at, const char* end, const Key& key, std::uint32_t row, std::uint32_t& high);
    const char* convert_other(
        const char* at, const char* end, const Key& key, std::uint32_t row, std::uint32_t& high);
    static const char* skip(const char* at, const char* end, std::uint32_t& high);
    static const char* skip_string(const char* at,
                                   const char* end,
                                   bool& has_escapes,
                                   std::uint32_t& high);

    FieldNames names_;
    std::vector<DataType> types_;
    std::vector<bool> wanted_;
    bool is_flat_ = true;  // no nested field is wanted
    std::uint32_t wanted_count_ = 0;
    std::vector<Target> targets_;  // by field
    std::vector<Key> keys_;        // the first one stands for the start of a document
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> by_lead_;
    std::vector<std::uint64_t> seen_;  // by field: the last document that had it
    std::uint64_t document_ = 0;
    std::uint32_t converted_ = 0;
};

}  // namespace millrace
