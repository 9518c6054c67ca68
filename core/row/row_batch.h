// RowBatch: decoded typed rows that flow between operators: columns, validity, selection, order,
// time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/record/ids.h"
#include "core/row/column.h"
#include "core/row/data_type.h"

namespace millrace {

/// Most rows of one batch. Sources aim at 1,024.
constexpr std::uint32_t kRowBatchRowsMax = 4096;

/// Which rows of a batch still count, ascending; a null pointer means all of them.
using Selection = std::shared_ptr<const std::vector<std::uint32_t>>;

/// One row that could not be decoded or computed. It never fails the query by itself: the error
/// policy decides.
struct RowError {
    std::uint32_t row = 0;
    ErrorCode code = ErrorCode::kUndecodableRow;
    std::string message;
};

/// Rows of one stream or table edge. A plain struct: the maker fills it, then shares it as
/// RowBatchPtr, and nobody changes it again. All columns have `size` rows; `selection` names the
/// rows that count.
struct RowBatch {
    SchemaPtr schema;
    std::uint32_t size = 0;
    std::vector<ColumnPtr>
        columns;  // schema->key first, then schema->value; null pointer = not decoded, nobody asked
    Selection selection;

    /// Record timestamps: BIGINT, no nulls.
    ColumnPtr timestamps;
    /// The place of each row in its component's one order: ascending by (seq, sub). BIGINT (bits of
    /// a u64), no nulls; `sub` (INT, bits of a u32) tells apart rows that one input row fanned out
    /// to; a null pointer = all 0.
    ColumnPtr seq;
    ColumnPtr sub;

    /// Windowed keys only (schema->window): BIGINT ms since the epoch, end exclusive.
    ColumnPtr window_start;
    ColumnPtr window_end;

    /// All headers of the record that each row comes of: ARRAY<STRUCT<KEY STRING, VALUE BYTES>>, no
    /// nulls. Results carry those of the record that brought them about. A null pointer = no
    /// record had any.
    ColumnPtr record_headers;

    /// Presence of a key of several columns: a clear bit = null key, not one of nulls. A null
    /// pointer = as the columns say, and always for one column.
    ValidityWords key_present;
    /// Presence of the value: a set bit = the row has one, clear = null value (a stream's null, a
    /// table's tombstone). A null pointer = all have one. The key columns are there either way.
    ValidityWords value_present;
    /// Table edges whose consumer needs it: the value columns before the change, and whether there
    /// was one.
    std::vector<ColumnPtr> old_values;
    ValidityWords old_present;

    /// Where the rows came from, on edges straight from a source: ROWPARTITION and ROWOFFSET
    /// (BIGINT).
    Partition source_partition{-1};
    ColumnPtr source_offsets;

    /// Rows that failed so far; their columns are null at that row.
    std::vector<RowError> errors;

    [[nodiscard]] std::uint32_t selected() const {
        return selection ? static_cast<std::uint32_t>(selection->size()) : size;
    }
    /// The row at position `i` of the selection.
    [[nodiscard]] std::uint32_t row(std::uint32_t i) const {
        return selection ? (*selection)[i] : i;
    }
    /// False for a null key of several columns.
    [[nodiscard]] bool has_key(std::uint32_t row) const {
        return !key_present || ((*key_present)[row / 64] >> (row % 64) & 1) != 0;
    }
    [[nodiscard]] bool has_value(std::uint32_t row) const {
        return !value_present || ((*value_present)[row / 64] >> (row % 64) & 1) != 0;
    }
    [[nodiscard]] bool had_value(std::uint32_t row) const {
        return old_present && ((*old_present)[row / 64] >> (row % 64) & 1) != 0;
    }
    [[nodiscard]] Timestamp timestamp(std::uint32_t row) const {
        return Timestamp{timestamps->at<std::int64_t>(row)};
    }
    [[nodiscard]] std::uint64_t seq_at(std::uint32_t row) const {
        return static_cast<std::uint64_t>(seq->at<std::int64_t>(row));
    }
    [[nodiscard]] std::uint32_t sub_at(std::uint32_t row) const {
        return sub ? static_cast<std::uint32_t>(sub->at<std::int32_t>(row)) : 0;
    }
    /// Bytes that it keeps alive.
    [[nodiscard]] std::size_t memory_bytes() const;
};

using RowBatchPtr = std::shared_ptr<const RowBatch>;

/// Bit i of the result is bit rows[i]; nullptr stays it.
[[nodiscard]] ValidityWords gather_bits(const ValidityWords& words,
                                        std::span<const std::uint32_t> rows);

/// The selected rows at positions [begin, end) of the selection as a batch of their own with no
/// selection; flat where that is cheap, else dictionaries over the same memory.
[[nodiscard]] RowBatchPtr compact(const RowBatchPtr& rows, std::uint32_t begin, std::uint32_t end);

}  // namespace millrace
