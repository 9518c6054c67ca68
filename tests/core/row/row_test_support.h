// Short ways to decode and encode rows in tests.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/page.h"
#include "core/row/serde.h"
#include "core/row/value.h"

namespace millrace {

/// Payloads side by side in one page, as a log read leaves them.
struct PagedRows {
    PagePtr page;
    std::vector<std::optional<ByteView>> payloads;

    explicit PagedRows(const std::vector<std::optional<std::string>>& rows) {
        std::size_t total = 0;
        for (const auto& row : rows) {
            total += row ? row->size() : 0;
        }
        const auto made = Page::allocate(total);
        std::size_t at = 0;
        for (const auto& row : rows) {
            if (!row) {
                payloads.emplace_back(std::nullopt);
                continue;
            }
            if (!row->empty()) {
                std::memcpy(made->data() + at, row->data(), row->size());
            }
            payloads.emplace_back(ByteView{made->data() + at, row->size()});
            at += row->size();
        }
        made->set_size(total);
        page = made;
    }
};

struct Decoded {
    std::vector<ColumnPtr> columns;
    std::vector<RowError> errors;

    [[nodiscard]] Value at(std::size_t column, std::uint32_t row = 0) const {
        return value_at(*columns[column], row);
    }
};

inline Decoded decode(Decoder& decoder, const std::vector<std::optional<std::string>>& rows) {
    const PagedRows paged(rows);
    Decoded decoded;
    decoder.decode(paged.payloads, paged.page, decoded.columns, decoded.errors);
    return decoded;  // the page lives on in the columns' pins
}

inline Decoded decode(const FormatSpec& format,
                      const std::vector<Field>& fields,
                      const std::vector<std::optional<std::string>>& rows) {
    auto decoder = make_decoder(format, fields, std::vector<bool>(fields.size(), true));
    EXPECT_TRUE(decoder.ok());
    return decode(*decoder.value(), rows);
}

/// The message of the only row's error; "" when there is none.
inline std::string error_of(const FormatSpec& format,
                            const std::vector<Field>& fields,
                            const std::string& row) {
    const Decoded decoded = decode(format, fields, {row});
    if (decoded.errors.empty()) {
        return "";
    }
    for (const ColumnPtr& column : decoded.columns) {
        EXPECT_FALSE(column->is_valid(0));
    }
    return decoded.errors[0].message;
}

inline ColumnPtr column_of(const DataType& type, const std::vector<Value>& values) {
    ColumnBuilder builder(type);
    for (std::uint32_t i = 0; i < values.size(); ++i) {
        set_value(builder, i, values[i]);
    }
    return builder.finish(static_cast<std::uint32_t>(values.size()));
}

/// One encoded row of one value per field; nullopt is null.
inline std::optional<std::string> encode(const FormatSpec& format,
                                         const std::vector<Field>& fields,
                                         const std::vector<Value>& values) {
    auto encoder = make_encoder(format, fields);
    EXPECT_TRUE(encoder.ok());
    std::vector<ColumnPtr> columns;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        columns.push_back(column_of(fields[i].type, {values[i]}));
    }
    EncodedRows rows;
    const std::uint32_t row = 0;
    encoder.value()->encode(columns, {&row, 1}, rows);
    const auto bytes = rows.row(0);
    return bytes ? std::optional<std::string>(as_text(*bytes)) : std::nullopt;
}

}  // namespace millrace
