// Trigger: the row that brings results about which are not its own, such as windows that it closes.
#pragma once

#include <cstdint>

#include "core/row/row_batch.h"

namespace millrace::operators {

struct Trigger {
    std::uint64_t seq = 0;
    const RowBatch* batch = nullptr;  // none: time alone did it
    std::uint32_t row = 0;

    /// Its record's headers, for each of `size` results; nullptr when the batch has none.
    [[nodiscard]] ColumnPtr headers(std::uint32_t size) const {
        return batch != nullptr && batch->record_headers
                   ? Column::constant(batch->record_headers, row, size)
                   : nullptr;
    }
};

}  // namespace millrace::operators
