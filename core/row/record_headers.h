// Headers of records as columns: all of a record's (HEADERS), or the last of one key
// (HEADER('key')).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/record/record.h"
#include "core/record/record_cursor.h"
#include "core/row/column.h"
#include "core/row/data_type.h"
#include "core/row/row_batch.h"

namespace millrace {

/// ARRAY<STRUCT<KEY STRING, VALUE BYTES>>
[[nodiscard]] const DataType& record_headers_type();

/// All headers of records [first, first + size), one array per record, empty for those without.
///
/// headers  those of these records, in order (see RecordColumns)
/// pin      keeps their bytes alive
[[nodiscard]] ColumnPtr all_headers(std::span<const RecordHeader> headers,
                                    std::size_t first,
                                    std::uint32_t size,
                                    const Pin& pin);

/// The value of each record's last header of that key, as BYTES; null without one.
[[nodiscard]] ColumnPtr last_header(std::span<const RecordHeader> headers,
                                    std::string_view key,
                                    std::size_t first,
                                    std::uint32_t size,
                                    const Pin& pin);

/// The headers in row `row` of a column of record_headers_type(), which must outlive the views.
void read_headers(const Column& column, std::uint32_t row, std::vector<HeaderView>& out);

}  // namespace millrace
