// JoinedRows: collects the results of a stream-stream join and makes batches of them.
#pragma once

#include <array>
#include <vector>

#include "operators/join/join_columns.h"
#include "operators/state/row_store.h"
#include "runtime/operator.h"

namespace millrace::operators {

/// Results of rows of one batch ("driving rows") of one port. Rows from state come as the bytes of
/// encode_row() over stored_columns(). One thread.
class JoinedRows {
  public:
    /// has_strangers  results can lack a driving row: rows from state that stand alone
    JoinedRows(const std::array<SchemaPtr, 2>& sides,
               SchemaPtr output,
               std::vector<JoinColumn> columns,
               bool has_strangers);

    /// What state keeps of a row: all its columns, and its window.
    [[nodiscard]] std::vector<ColumnPtr> stored_columns(const RowBatch& batch) const;
    /// The bytes are those of a stored row of `port`.
    [[nodiscard]] bool fits(std::size_t port, ByteView row) const;

    /// The rows that follow are driven by rows of `batch`, which must stay until flush().
    void begin(std::size_t port, const RowBatch& batch);
    void add_match(std::uint32_t row, ByteView partner, std::int64_t time);
    void add_alone(std::uint32_t row);
    /// A row from state, of `port`, that nobody joined; emitted at the driving row's place.
    void add_stranger(std::uint32_t driver, std::size_t port, ByteView row, std::int64_t time);

    [[nodiscard]] bool is_full() const { return drivers_.size() == kRowBatchRowsMax; }
    /// Emits what was collected.
    void flush(runtime::OpContext& context);

  private:
    struct Side {
        SchemaPtr schema;
        std::vector<Field> stored;            // fields of stored_columns()
        std::vector<ColumnBuilder> builders;  // of stored rows, by result
        bool is_used = false;                 // some column of a result comes from it
    };

    void add(std::uint32_t driver, std::int64_t time);
    void set_nulls(Side& side);
    void decode(Side& side, ByteView row);
    /// The driving row, where results are built value by value.
    void copy_own(std::uint32_t row);
    [[nodiscard]] std::vector<ColumnPtr> own_columns();
    [[nodiscard]] ColumnPtr either(const ColumnPtr& own, const ColumnPtr& other) const;

    std::array<Side, 2> sides_;
    SchemaPtr output_;
    std::vector<JoinColumn> columns_;
    bool has_strangers_;
    bool is_windowed_;

    std::size_t port_ = 0;
    const RowBatch* batch_ = nullptr;
    std::vector<ColumnPtr> stored_;       // of batch_
    std::vector<std::uint32_t> drivers_;  // row of batch_, by result
    std::vector<std::int64_t> times_;     // by result
    SubNumbers numbers_;
};

}  // namespace millrace::operators
