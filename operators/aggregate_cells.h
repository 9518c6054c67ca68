// AggregateCells: what the calls of one aggregate keep in a cell, and the kernels over many cells.
#pragma once

#include <memory>
#include <vector>

#include "operators/aggregate.h"

namespace millrace::operators {

/// The states of all calls, one behind the other in a cell, behind a header of the cell's owner.
/// Counts what they hold outside of their cells. One thread.
class AggregateCells {
  public:
    /// header_bytes  a multiple of 16
    AggregateCells(std::vector<AggregateCall> calls, std::size_t header_bytes);

    [[nodiscard]] std::size_t cell_bytes() const { return cell_bytes_; }
    void construct(std::byte* cell) const;
    void destroy(std::byte* cell);
    /// Adds the values of a cell of later windows.
    void merge(std::byte* into, const std::byte* from);
    void save(const std::byte* cell, Buffer& out) const;
    /// Into a constructed cell; false when the bytes do not fit.
    [[nodiscard]] bool load(std::byte* cell, Cursor& in);

    /// One builder per call.
    using Builders = std::vector<ColumnBuilder>;
    [[nodiscard]] Builders make_builders(std::uint32_t rows) const;

    /// What update() works on: entry i is row rows[i] of `batch`, for cells[i].
    struct Entries {
        std::byte* const* cells = nullptr;
        const std::uint32_t* rows = nullptr;
        const std::uint8_t* steps = nullptr;  // AggregateStep bits; null: all add
        std::uint32_t size = 0;
        std::uint32_t out_at = 0;  // row of the builders for entry 0
    };
    /// Runs the kernels in order; the builders (may be null) get the values after and before each
    /// entry.
    void update(const RowBatch& batch,
                const Entries& entries,
                Builders* out,
                Builders* old,
                std::vector<RowError>& errors);
    /// The values of a cell, at row `at`.
    void write(const std::byte* cell, Builders& out, std::uint32_t at) const;

    /// What the states allocated outside of their cells.
    [[nodiscard]] std::size_t heap_bytes() const { return heap_bytes_; }

  private:
    std::vector<AggregateCall> calls_;
    std::vector<std::size_t> offsets_;
    std::size_t cell_bytes_ = 0;
    std::vector<std::int64_t> sequences_;  // by call
    std::size_t heap_bytes_ = 0;
    std::vector<const Column*> args_;      // scratch
    std::vector<const Column*> old_args_;  // scratch
};

/// Reports in the order of rows, and once per row, however many windows it fell into. Clears them.
void report_once(const RowBatch& batch, std::vector<RowError>& errors, runtime::OpContext& context);

/// Says of results that nothing was there before: final ones.
void add_no_old_values(RowBatch& made);

/// start + size; the largest time instead of an overflow, as Kafka's TimeWindow.
[[nodiscard]] std::int64_t window_end(std::int64_t start_ms, std::int64_t size_ms);

}  // namespace millrace::operators
