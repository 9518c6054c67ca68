// The table of aggregate functions: signatures, state in a cell, and kernels that write running
// values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/row/column.h"
#include "core/row/row_batch.h"

namespace millrace::operators {

/// One call of a kernel: output row i comes from input row rows[i] and belongs to the cell
/// cells[i]. Rows are worked on in order, so several rows of one cell see each other's effect.
struct AggregateUpdate {
    std::byte* const* cells = nullptr;
    std::size_t offset = 0;       // of this call's state in a cell
    const Column* arg = nullptr;  // null for COUNT(*)
    const std::uint32_t* rows = nullptr;
    std::uint32_t size = 0;
    ColumnBuilder* out = nullptr;      // gets the value after each row
    ColumnBuilder* old_out = nullptr;  // gets the value before each row; may be null
    /// Gets one entry per input row (row = rows[i]) that the function cannot take.
    std::vector<RowError>* errors = nullptr;
    /// Grows by what the states allocate outside of their cells.
    std::size_t* heap_bytes = nullptr;
};

/// One overload. Nulls are ignored by all of them, as in ksqlDB: COUNT(x) counts values, SUM of
/// none is 0, AVG of none is 0.0, the others give NULL.
///
/// SUM keeps its argument's type, as ksqlDB does. Where Java wraps around, a value that would
/// overflow the sum is left out of it and reported for its row (kEvaluation); the same for a
/// DECIMAL sum that needs more digits than its type has.
struct AggregateFunction {
    std::string_view name;
    bool is_star = false;    // takes no argument
    bool takes_any = false;  // else exactly `argument`
    TypeKind argument = TypeKind::kBoolean;
    DataType (*result)(const DataType& argument) = nullptr;
    std::size_t state_bytes = 0;  // 8 or a multiple of 16; the state is aligned likewise
    /// Makes an empty state in raw memory; destroy() ends it. A state needs no move.
    void (*construct)(std::byte* state) = nullptr;
    void (*destroy)(std::byte* state) = nullptr;
    void (*update)(const AggregateUpdate& update) = nullptr;
    void (*save)(const std::byte* state, Buffer& out) = nullptr;
    /// Into a constructed state; false when the bytes do not fit.
    bool (*load)(std::byte* state, Cursor& in) = nullptr;
    /// What the state holds outside of its cell.
    std::size_t (*heap_bytes)(const std::byte* state) = nullptr;
};

/// All overloads, those of one name together.
[[nodiscard]] const std::vector<AggregateFunction>& aggregate_functions();

}  // namespace millrace::operators
