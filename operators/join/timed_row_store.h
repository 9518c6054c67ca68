// TimedRowStore: a RowStore whose rows carry their timestamp, as joins of tables need it.
#pragma once

#include "operators/state/row_store.h"

namespace millrace::operators {

/// Rows of one partition of a table with the timestamp of their last change, which is kept as one
/// more column behind the values. One thread. docs/formats/deltas.md
class TimedRowStore {
  public:
    [[nodiscard]] static Result<TimedRowStore> open(const Schema& schema,
                                                    const FormatSpec& format) {
        auto timed = std::make_shared<Schema>(schema);
        timed->value.push_back(Field{"ROWTIME", TypeKind::kBigint});
        MILLRACE_TRY(RowStore rows, RowStore::open(timed, format));
        return TimedRowStore(std::move(timed), std::move(rows));
    }

    [[nodiscard]] RowStore& rows() { return rows_; }
    [[nodiscard]] const RowStore& rows() const { return rows_; }

    /// The columns of a batch as put() takes them.
    [[nodiscard]] std::vector<ColumnPtr> stored_columns(const RowBatch& batch) const {
        std::vector<ColumnPtr> columns(
            batch.columns.begin() + static_cast<std::ptrdiff_t>(schema_->key.size()),
            batch.columns.end());
        columns.push_back(batch.timestamps);
        return columns;
    }
    /// Builders for read(): the value columns, then the timestamp.
    [[nodiscard]] std::vector<ColumnBuilder> make_row_builders(std::uint32_t size) const {
        return make_builders(schema_->value, size);
    }

  private:
    TimedRowStore(SchemaPtr schema, RowStore rows)
        : schema_(std::move(schema)), rows_(std::move(rows)) {}

    SchemaPtr schema_;
    RowStore rows_;
};

}  // namespace millrace::operators
