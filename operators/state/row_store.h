// RowStore: the latest row per key of a table, as bytes, with its deltas.
#pragma once

#include <span>
#include <vector>

#include "operators/state/state_keys.h"
#include "runtime/operator.h"

namespace millrace::operators {

/// Rows of one partition of a table. One delta per changed key and barrier; see
/// docs/formats/deltas.md. One thread.
class RowStore {
  public:
    /// schema  of the table; its value columns are what is kept
    [[nodiscard]] static Result<RowStore> open(const SchemaPtr& schema, const FormatSpec& format);

    /// Reads the keys of `selected` rows; the methods below then speak of the i-th of them.
    void load(const RowBatch& rows, std::span<const std::uint32_t> selected) {
        keys_.load(rows, selected);
    }
    /// The row of a key: an id for read(), or kNoKey when there is none.
    [[nodiscard]] std::uint32_t find(std::size_t i) const {
        const std::uint32_t id = keys_.find(i);
        return id != kNoKey && entries_[id].is_present ? id : kNoKey;
    }
    /// Keeps row `row` of `values` (the value columns; null pointers are kept as nulls).
    void put(std::size_t i, std::span<const ColumnPtr> values, std::uint32_t row);
    void remove(std::size_t i);
    /// A found row's value columns as encode_row() wrote them. Valid until it changes.
    [[nodiscard]] ByteView bytes(std::uint32_t id) const { return entries_[id].row.view(); }
    /// Writes a found row's value columns at row `at` of `builders`.
    void read(std::uint32_t id, std::span<ColumnBuilder> builders, std::uint32_t at) const;

    /// Stages what changed since the last call, and forgets removed keys.
    void stage(runtime::StoreId store, runtime::OpContext& context);
    [[nodiscard]] Status restore(ByteView key, ByteView value);

    /// There was a row once, in this life or before the restart.
    [[nodiscard]] bool ever_had_a_row() const { return ever_had_a_row_; }
    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    struct Entry {
        Buffer row;
        bool is_present = false;
        bool is_dirty = false;
        bool is_persisted = false;
    };

    RowStore(SchemaPtr schema, StateKeys keys)
        : schema_(std::move(schema)), keys_(std::move(keys)) {}
    Entry& entry(std::uint32_t id);
    void touch(std::uint32_t id);

    SchemaPtr schema_;
    StateKeys keys_;
    std::vector<Entry> entries_;  // by key id
    std::vector<std::uint32_t> dirty_;
    std::size_t row_bytes_ = 0;
    bool ever_had_a_row_ = false;
    Buffer scratch_;
};

/// A builder per field, for `rows` rows.
[[nodiscard]] std::vector<ColumnBuilder> make_builders(const std::vector<Field>& fields,
                                                       std::uint32_t rows);

}  // namespace millrace::operators
