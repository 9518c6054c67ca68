#include "core/row/row_batch.h"

#include <algorithm>

namespace millrace {

ValidityWords gather_bits(const ValidityWords& words, std::span<const std::uint32_t> rows) {
    if (!words) {
        return nullptr;
    }
    auto gathered = std::make_shared<std::vector<std::uint64_t>>((rows.size() + 63) / 64);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::uint64_t bit = (*words)[rows[i] / 64] >> (rows[i] % 64) & 1;
        (*gathered)[i / 64] |= bit << (i % 64);
    }
    return gathered;
}

std::size_t RowBatch::memory_bytes() const {
    std::size_t bytes = sizeof(RowBatch);
    const auto add = [&bytes](const ColumnPtr& column) {
        bytes += column ? column->memory_bytes() : 0;
    };
    for (const ColumnPtr& column : columns) {
        add(column);
    }
    for (const ColumnPtr& column : old_values) {
        add(column);
    }
    for (const ColumnPtr* column :
         {&timestamps, &seq, &sub, &window_start, &window_end, &record_headers, &source_offsets}) {
        add(*column);
    }
    for (const ValidityWords* words : {&key_present, &value_present, &old_present}) {
        bytes += *words ? (*words)->size() * sizeof(std::uint64_t) : 0;
    }
    for (const RowError& error : errors) {
        bytes += sizeof(RowError) + error.message.size();
    }
    return bytes + (selection ? selection->size() * sizeof(std::uint32_t) : 0);
}

RowBatchPtr compact(const RowBatchPtr& rows, std::uint32_t begin, std::uint32_t end) {
    CHECK(begin <= end && end <= rows->selected());
    if (!rows->selection && begin == 0 && end == rows->size) {
        return rows;
    }
    std::vector<std::uint32_t> kept(end - begin);
    for (std::uint32_t i = begin; i < end; ++i) {
        kept[i - begin] = rows->row(i);
    }
    const auto size = static_cast<std::uint32_t>(kept.size());
    const auto gather = [&](const ColumnPtr& column) {
        return column ? Column::dictionary(column, kept.data(), size) : nullptr;
    };
    const auto gather_flat = [&](const ColumnPtr& column) {
        return column ? Column::flatten(Column::dictionary(column, kept.data(), size)) : nullptr;
    };
    auto made = std::make_shared<RowBatch>();
    made->schema = rows->schema;
    made->size = size;
    for (const ColumnPtr& column : rows->columns) {
        made->columns.push_back(gather(column));
    }
    for (const ColumnPtr& column : rows->old_values) {
        made->old_values.push_back(gather(column));
    }
    made->timestamps = gather_flat(rows->timestamps);
    made->seq = gather_flat(rows->seq);
    made->sub = gather_flat(rows->sub);
    made->window_start = gather_flat(rows->window_start);
    made->window_end = gather_flat(rows->window_end);
    made->record_headers = gather(rows->record_headers);
    made->key_present = gather_bits(rows->key_present, kept);
    made->value_present = gather_bits(rows->value_present, kept);
    made->old_present = gather_bits(rows->old_present, kept);
    made->source_partition = rows->source_partition;
    made->source_offsets = gather_flat(rows->source_offsets);
    for (const RowError& error : rows->errors) {
        const auto at = std::lower_bound(kept.begin(), kept.end(), error.row);
        if (at != kept.end() && *at == error.row) {
            made->errors.push_back(error);
            made->errors.back().row = static_cast<std::uint32_t>(at - kept.begin());
        }
    }
    return made;
}

}  // namespace millrace
