// What the joins share: their kinds, where a column of a result comes from, gathering columns.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/row/row_batch.h"

namespace millrace::operators {

enum class JoinKind : std::uint8_t { kInner, kLeft, kRight, kFull };

/// "INNER", "LEFT", "RIGHT", "FULL OUTER".
[[nodiscard]] std::string_view name_of(JoinKind kind);

/// Rows of port 0 (left) without a partner give a result.
[[nodiscard]] constexpr bool keeps_left(JoinKind kind) {
    return kind == JoinKind::kLeft || kind == JoinKind::kFull;
}
/// Rows of port 1 (right) without a partner give a result.
[[nodiscard]] constexpr bool keeps_right(JoinKind kind) {
    return kind == JoinKind::kRight || kind == JoinKind::kFull;
}

/// Where a value column of a join's result comes from. A side that has no row gives nulls, for its
/// key columns too.
struct JoinColumn {
    std::int32_t port = 0;     // 0: left, 1: right
    std::uint32_t column = 0;  // of the side's schema, key columns first

    friend bool operator==(const JoinColumn&, const JoinColumn&) = default;
};

/// kSqlSemantic when the sides' keys differ in number or types; kInvalidArgument when `columns`
/// does not make `output`.
[[nodiscard]] Status check_join(const Schema& left,
                                const Schema& right,
                                const Schema& output,
                                std::span<const JoinColumn> columns);

/// Rows `rows` of a column; nulls for a column that nobody decoded.
[[nodiscard]] ColumnPtr gather_column(const ColumnPtr& column,
                                      const DataType& type,
                                      std::span<const std::uint32_t> rows);

/// The same rows, null where the bit is clear. A null pointer of bits: as they are.
[[nodiscard]] ColumnPtr mask_column(const ColumnPtr& column, const ValidityWords& present);

/// Timestamps, order, window and record headers of rows `rows` of `batch`, into `made`, whose
/// columns are left to the caller. Size and schema must be set.
void gather_attributes(const RowBatch& batch, std::span<const std::uint32_t> rows, RowBatch& made);

/// Numbers results of one driving row (one seq) from 0, over batches too.
class SubNumbers {
  public:
    [[nodiscard]] std::int32_t next(std::uint64_t seq) {
        next_ = is_first_ || seq != last_seq_ ? 0 : next_ + 1;
        last_seq_ = seq;
        is_first_ = false;
        return static_cast<std::int32_t>(next_);
    }

  private:
    std::uint64_t last_seq_ = 0;
    std::uint32_t next_ = 0;
    bool is_first_ = true;
};

}  // namespace millrace::operators
