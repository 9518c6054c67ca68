#include "operators/join/join_columns.h"

namespace millrace::operators {

std::string_view name_of(JoinKind kind) {
    switch (kind) {
        case JoinKind::kInner:
            return "INNER";
        case JoinKind::kLeft:
            return "LEFT";
        case JoinKind::kRight:
            return "RIGHT";
        case JoinKind::kFull:
            return "FULL OUTER";
    }
    return "?";
}

Status check_join(const Schema& left,
                  const Schema& right,
                  const Schema& output,
                  std::span<const JoinColumn> columns) {
    if (left.key.size() != right.key.size()) {
        return Error{ErrorCode::kSqlSemantic,
                     "join: the sides have different numbers of key columns: " +
                         std::to_string(left.key.size()) + " and " +
                         std::to_string(right.key.size())};
    }
    for (std::size_t i = 0; i < left.key.size(); ++i) {
        if (!(left.key[i].type == right.key[i].type)) {
            return Error{ErrorCode::kSqlSemantic,
                         "join: key columns have different types: " + left.key[i].type.to_string() +
                             " and " + right.key[i].type.to_string()};
        }
    }
    bool fits = columns.size() == output.value.size() && output.key.size() == left.key.size();
    for (std::size_t i = 0; fits && i < columns.size(); ++i) {
        const Schema& side = columns[i].port == 0 ? left : right;
        fits = columns[i].column < side.size() &&
               side.field(columns[i].column).type == output.value[i].type;
    }
    if (!fits) {
        return Error{ErrorCode::kInvalidArgument,
                     "join: the output does not have the columns that its sides give: " +
                         std::to_string(output.size())};
    }
    return Ok{};
}

ColumnPtr gather_column(const ColumnPtr& column,
                        const DataType& type,
                        std::span<const std::uint32_t> rows) {
    const auto size = static_cast<std::uint32_t>(rows.size());
    return column ? Column::dictionary(column, rows.data(), size) : Column::nulls(type, size);
}

ColumnPtr mask_column(const ColumnPtr& column, const ValidityWords& present) {
    if (!present) {
        return column;
    }
    ColumnBuilder builder(column->type(), column->size());
    for (std::uint32_t i = 0; i < column->size(); ++i) {
        if (((*present)[i / 64] >> (i % 64) & 1) != 0) {
            builder.copy_from(i, *column, i);
        } else {
            builder.set_null(i);
        }
    }
    return builder.finish(column->size());
}

void gather_attributes(const RowBatch& batch, std::span<const std::uint32_t> rows, RowBatch& made) {
    const auto flat = [&](const ColumnPtr& column) -> ColumnPtr {
        return column ? Column::flatten(Column::dictionary(column, rows.data(), made.size))
                      : nullptr;
    };
    made.timestamps = flat(batch.timestamps);
    made.seq = flat(batch.seq);
    made.sub = flat(batch.sub);
    made.window_start = flat(batch.window_start);
    made.window_end = flat(batch.window_end);
    if (batch.record_headers) {
        made.record_headers = Column::dictionary(batch.record_headers, rows.data(), made.size);
    }
}

}  // namespace millrace::operators
