// The table of aggregate functions: signatures, state in a cell, and kernels that write running
// values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/row/column.h"
#include "core/row/row_batch.h"

namespace millrace::operators {

/// What one call knows besides its columns. Made by bind_aggregate().
struct AggregateParams {
    static constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

    std::vector<DataType> args;     // of the columns
    DataType result;                // of the call
    std::int64_t limit = kNoLimit;  // TOPK's k, BY_OFFSET's n, the most elements of COLLECT_*
    bool is_list = false;           // BY_OFFSET with n: an ARRAY
    bool ignores_nulls = true;      // BY_OFFSET
};

/// What an update does with one entry; tables do both when a row stays in its group.
enum AggregateStep : std::uint8_t { kStepAdd = 1, kStepUndo = 2 };

/// One call of a kernel: entry i comes from input row rows[i] and belongs to the cell cells[i].
/// Entries are worked on in order, so several of one cell see each other's effect.
struct AggregateUpdate {
    std::byte* const* cells = nullptr;
    std::size_t offset = 0;  // of this call's state in a cell
    const AggregateParams* params = nullptr;
    std::span<const Column* const> args = {};      // empty for COUNT(*)
    std::span<const Column* const> old_args = {};  // what kStepUndo takes back
    const std::uint8_t* steps = nullptr;           // AggregateStep bits; null: all add
    const std::uint32_t* rows = nullptr;
    std::uint32_t size = 0;
    ColumnBuilder* out = nullptr;      // gets the value after each entry; null: nobody asks
    ColumnBuilder* old_out = nullptr;  // gets the value before each entry; may be null
    std::uint32_t out_at = 0;          // entry i is written at row out_at + i
    /// Counts the values that came, over all cells of the call: who came first is known when
    /// sessions merge.
    std::int64_t* sequence = nullptr;
    /// Gets one entry per input row (row = rows[i]) that the function cannot take.
    std::vector<RowError>* errors = nullptr;
    /// Grows by what the states allocate outside of their cells.
    std::size_t* heap_bytes = nullptr;
};

/// One overload. Nulls are ignored unless a function says otherwise, as in ksqlDB: COUNT(x) counts
/// values, SUM of none is 0, AVG of none is 0.0, most others give NULL.
///
/// SUM keeps its argument's type, as ksqlDB does. Where Java wraps around, a value that would
/// overflow the sum is left out of it and reported for its row (kEvaluation); the same for a
/// DECIMAL sum that needs more digits than its type has.
struct AggregateFunction {
    std::string_view name;
    std::string_view signature;  // of the arguments, for people: "INTEGER", "ARRAY<DOUBLE>", "*"
    std::string_view summary;    // one line of documentation
    bool (*accepts)(const AggregateParams& params) = nullptr;
    DataType (*result)(const AggregateParams& params) = nullptr;
    std::size_t state_bytes = 0;  // 8 or a multiple of 16; the state is aligned likewise
    /// Makes an empty state in raw memory; destroy() ends it. A state needs no move.
    void (*construct)(std::byte* state) = nullptr;
    void (*destroy)(std::byte* state) = nullptr;
    void (*update)(const AggregateUpdate& update) = nullptr;
    /// Writes the value of a state.
    void (*write)(const std::byte* state,
                  const AggregateParams& params,
                  ColumnBuilder& out,
                  std::uint32_t at) = nullptr;
    /// Adds what `from` holds, which came with later windows, to `into` (sessions).
    void (*merge)(std::byte* into, const std::byte* from, const AggregateParams& params) = nullptr;
    bool can_undo = false;  // takes kStepUndo: may aggregate tables
    void (*save)(const std::byte* state, Buffer& out) = nullptr;
    /// Into a constructed state; false when the bytes do not fit. `sequence` grows to what the
    /// state has seen.
    bool (*load)(std::byte* state,
                 Cursor& in,
                 const AggregateParams& params,
                 std::int64_t& sequence) = nullptr;
    /// What the state holds outside of its cell.
    std::size_t (*heap_bytes)(const std::byte* state) = nullptr;
};

/// All overloads, those of one name together.
[[nodiscard]] const std::vector<AggregateFunction>& aggregate_functions();

// Parts of the table, by file.
void add_collection_aggregates(std::vector<AggregateFunction>& table);
void add_offset_aggregates(std::vector<AggregateFunction>& table);
void add_statistics_aggregates(std::vector<AggregateFunction>& table);

}  // namespace millrace::operators
