// TextRowEncoder: rows of texts -> typed columns -> bytes of a topic's key or value format.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "connectors/file/text_column.h"
#include "core/base/result.h"
#include "core/row/column.h"
#include "core/row/serde.h"

namespace millrace::connectors {

/// Collects rows field by field and encodes them together. One thread at a time.
class TextRowEncoder {
  public:
    /// kNotSupported when a text cannot fill a field or the format cannot hold it.
    [[nodiscard]] static Result<std::unique_ptr<TextRowEncoder>> make(
        const FormatSpec& format, const std::vector<Field>& fields);

    [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
    /// Sets a field of the current row; false when the text does not fit its type.
    [[nodiscard]] bool set(std::size_t field, std::string_view text) {
        return set_from_text(columns_[field], row_, text);
    }
    void set_null(std::size_t field) { columns_[field].set_null(row_); }
    /// The current row is complete: it will be encoded. Goes on to the next.
    void keep();
    /// The current row is bad: it will not.
    void drop() { ++row_; }

    /// Rows kept since the last finish(), encoded in that order.
    [[nodiscard]] std::shared_ptr<const EncodedRows> finish();

  private:
    TextRowEncoder(std::vector<Field> fields, std::unique_ptr<Encoder> encoder);

    std::vector<Field> fields_;
    std::unique_ptr<Encoder> encoder_;
    std::vector<ColumnBuilder> columns_;
    std::uint32_t row_ = 0;
    std::vector<std::uint32_t> kept_;
};

}  // namespace millrace::connectors
