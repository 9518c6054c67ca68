// StateKeys: the keys of a store: from key columns to dense ids, and to the bytes of its deltas.
#pragma once

#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/row/row_batch.h"
#include "core/row/serde.h"
#include "operators/state/key_index.h"

namespace millrace::operators {

/// Keys of one store. Deltas carry the key serialized in its key format. In memory a single integer
/// column (INTEGER, BIGINT, DATE, TIME, TIMESTAMP) is its own key, without serialization; every
/// other key is its serialized bytes. One thread. docs/formats/deltas.md
class StateKeys {
  public:
    /// kInvalidArgument without key columns; kNotSupported when the format cannot hold them, as
    /// NONE never can.
    /// window  of windowed keys: the window is then part of the key
    [[nodiscard]] static Result<StateKeys> open(std::vector<Field> fields,
                                                const FormatSpec& format,
                                                const WindowInfo& window = {});

    /// Reads the keys of `selected` rows; find() and insert() then speak of the i-th of them. No
    /// key part may be null.
    void load(const RowBatch& rows, std::span<const std::uint32_t> selected);
    [[nodiscard]] std::uint32_t find(std::size_t i) const {
        return is_integer_ ? integers_.find(loaded_[i]) : bytes_.find(*encoded_.row(i), loaded_[i]);
    }
    KeyId insert(std::size_t i) {
        return is_integer_ ? integers_.insert(loaded_[i])
                           : bytes_.insert(*encoded_.row(i), loaded_[i]);
    }
    /// insert() of all loaded keys in order, into ids(). Appends the positions of new ones to
    /// `made`.
    void insert_all(std::vector<std::uint32_t>& made);
    [[nodiscard]] const std::vector<std::uint32_t>& ids() const { return ids_; }
    void erase(std::uint32_t id);

    /// The serialized keys of `ids`, appended to `out` in their order.
    void serialize(std::span<const std::uint32_t> ids, EncodedRows& out);
    /// Appends the serialized key of a row.
    void serialize_row(const RowBatch& rows, std::uint32_t row, Buffer& out);
    /// The key columns of `ids`, one row each.
    [[nodiscard]] std::vector<ColumnPtr> columns(std::span<const std::uint32_t> ids);
    /// What a delta's value must carry of the key: 8 bytes for integers, else nothing.
    void save(std::uint32_t id, Buffer& value) const;
    /// The other way: the id of a delta's key, reading from `value` what save() wrote.
    [[nodiscard]] Result<KeyId> restore(ByteView key, Cursor& value);

    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    StateKeys() = default;
    void encode_windowed(const RowBatch& rows, std::span<const std::uint32_t> selected);
    [[nodiscard]] ColumnPtr integer_column(std::span<const std::uint32_t> ids) const;

    std::vector<Field> fields_;
    WindowInfo window_;
    bool is_integer_ = false;
    std::unique_ptr<Encoder> encoder_;
    std::unique_ptr<Decoder> decoder_;
    IntegerIndex integers_;
    BytesIndex bytes_;
    std::vector<std::uint64_t> loaded_;  // integer keys, or the hashes of `encoded_`
    EncodedRows encoded_;
    EncodedRows plain_;  // keys without their windows
    std::vector<std::uint32_t> ids_;
};

/// The rows of positions [begin, end) of the selection whose key parts are all there, and who have
/// a value when `needs_value`. Counts the others.
struct KeyedRows {
    std::vector<std::uint32_t> rows;
    std::uint64_t null_keys = 0;
    std::uint64_t null_values = 0;
};
void pick_keyed_rows(
    const RowBatch& rows, std::uint32_t begin, std::uint32_t end, bool needs_value, KeyedRows& out);

/// Rows `rows` (ascending row numbers) of a batch as a batch of its own; the batch itself when
/// these are all its rows.
[[nodiscard]] RowBatchPtr gather_rows(const RowBatchPtr& batch,
                                      const std::vector<std::uint32_t>& rows);

}  // namespace millrace::operators
