#include "connectors/row_reader.h"

#include <algorithm>

#include "core/row/serde.h"

namespace millrace::connectors {

Result<RowReader> RowReader::make(const TopicSchema& schema) {
    const auto all = [](const std::vector<Field>& fields) {
        return std::vector<bool>(fields.size(), true);
    };
    MILLRACE_TRY(auto key, make_decoder(schema.key, schema.schema.key, all(schema.schema.key)));
    MILLRACE_TRY(auto value,
                 make_decoder(schema.value, schema.schema.value, all(schema.schema.value)));
    return RowReader(
        std::make_shared<const Schema>(schema.schema), std::move(key), std::move(value));
}

void RowReader::split_windows(const RecordColumns& records, RowBatch& rows) {
    const auto size = static_cast<std::uint32_t>(records.size());
    ColumnBuilder start(TypeKind::kBigint, size);
    ColumnBuilder end(TypeKind::kBigint, size);
    plain_keys_.assign(records.size(), std::nullopt);
    for (std::uint32_t row = 0; row < size; ++row) {
        const std::optional<ByteView>& bytes = records.keys[row];
        Result<WindowedKey> key =
            bytes ? split_window(*bytes, schema_->window)
                  : Error{ErrorCode::kUndecodableRow, "the key of a windowed record is missing"};
        if (!key.ok()) {
            rows.errors.push_back({row, key.error().code, key.error().message});
            start.set(row, std::int64_t{0});
            end.set(row, std::int64_t{0});
            continue;
        }
        plain_keys_[row] = key.value().key;
        start.set(row, key.value().start_ms);
        end.set(row, key.value().end_ms);
    }
    rows.window_start = start.finish(size);
    rows.window_end = end.finish(size);
}

RowBatchPtr RowReader::read(const RecordColumns& records, Partition partition, const PagePtr& pin) {
    auto rows = std::make_shared<RowBatch>();
    rows->schema = schema_;
    rows->size = static_cast<std::uint32_t>(records.size());
    rows->source_partition = partition;
    const bool is_windowed = schema_->window.kind != WindowKind::kNone;
    if (is_windowed) {
        split_windows(records, *rows);
    }
    std::vector<ColumnPtr> values;
    key_->decode(is_windowed ? plain_keys_ : records.keys, pin, rows->columns, rows->errors);
    value_->decode(records.values, pin, values, rows->errors);
    rows->columns.insert(rows->columns.end(), values.begin(), values.end());

    auto present = std::make_shared<std::vector<std::uint64_t>>((records.size() + 63) / 64, 0);
    ColumnBuilder timestamps(TypeKind::kBigint, rows->size);
    for (std::uint32_t row = 0; row < rows->size; ++row) {
        timestamps.set(row, records.timestamps[row].value);
        if (records.values[row]) {
            (*present)[row / 64] |= std::uint64_t{1} << (row % 64);
        }
    }
    rows->timestamps = timestamps.finish(rows->size);
    rows->value_present = std::move(present);
    std::stable_sort(rows->errors.begin(),
                     rows->errors.end(),
                     [](const RowError& a, const RowError& b) { return a.row < b.row; });
    rows->errors.erase(
        std::unique(rows->errors.begin(),
                    rows->errors.end(),
                    [](const RowError& a, const RowError& b) { return a.row == b.row; }),
        rows->errors.end());
    return rows;
}

}  // namespace millrace::connectors
