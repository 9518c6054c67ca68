// AggregateState: the groups of one aggregate: a cell of accumulators per key, or per key and
// window.
#pragma once

#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "operators/aggregate_cells.h"
#include "operators/state/cell_store.h"
#include "operators/state/state_keys.h"
#include "runtime/operator.h"

namespace millrace::operators {

/// What every cell starts with; the states of the calls follow.
struct CellHeader {
    /// Below every time, so that a first row needs no branch.
    static constexpr std::int64_t kNoRows = std::numeric_limits<std::int64_t>::min();

    std::int64_t timestamp = kNoRows;  // largest of its rows
    std::int64_t window_start = 0;
    std::uint32_t key = 0;   // id in the keys
    std::uint32_t cell = 0;  // id of the cell itself
    bool is_dirty = false;
    bool is_persisted = false;  // a delta of it was staged or restored
    bool is_live = false;
};

/// Groups of one partition. Store 0 holds them, one delta per dirty (key, window) and barrier; see
/// docs/formats/deltas.md. Closed windows leave memory at the next barrier. One thread.
class AggregateState {
  public:
    [[nodiscard]] static Result<std::unique_ptr<AggregateState>> open(const AggregateSpec& spec);
    ~AggregateState();
    AggregateState(const AggregateState&) = delete;
    AggregateState& operator=(const AggregateState&) = delete;

    [[nodiscard]] StateKeys& keys() { return keys_; }
    [[nodiscard]] AggregateCells& calls() { return calls_; }
    [[nodiscard]] static CellHeader& header(std::byte* cell) {
        return *reinterpret_cast<CellHeader*>(cell);
    }

    /// The cells of all loaded keys, appended to `out`; without windows.
    void all_cells(std::vector<std::byte*>& out);
    /// Makes ids of all loaded keys, for window_cells().
    void insert_keys();
    /// The cells of the i-th loaded key for `count` windows from `first_start` on, appended to
    /// `out`.
    void window_cells(std::size_t i,
                      std::int64_t first_start,
                      std::int64_t count,
                      std::vector<std::byte*>& out);

    /// Notes that the cell changes, for the next barrier.
    void touch(std::byte* cell) {
        CellHeader& head = header(cell);
        if (!head.is_dirty) {
            head.is_dirty = true;
            dirty_.push_back(cell);
        }
    }
    /// The cells of windows that start in [first, last], appended to `out` by (start, key bytes).
    void cells_by_start(std::int64_t first, std::int64_t last, std::vector<std::byte*>& out);

    /// Windows that end at or before `closed` are removed (with RETENTION: not before stream time
    /// has passed it).
    void stage(std::int64_t closed, std::int64_t stream_time, runtime::OpContext& context);
    [[nodiscard]] Status restore(ByteView key, ByteView value);

    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    /// A window of a key; a key's windows are sorted by start.
    struct WindowCell {
        std::int64_t start = 0;
        std::byte* cell = nullptr;
    };
    /// The newest one stands beside the list: most rows are of it, and need no second cache line.
    struct KeyWindows {
        WindowCell newest{.start = -1};
        std::vector<WindowCell> all;
    };

    AggregateState(const AggregateSpec& spec, StateKeys keys);
    std::byte* add_cell(std::uint32_t key, std::int64_t window_start);
    /// Finds or makes the cell of a window; `at` is where to look, and ends behind it.
    std::byte* window_cell(std::uint32_t key, std::int64_t start, std::size_t& at);
    void remove_window(std::byte* cell);
    void stage_cells(const std::vector<std::byte*>& cells,
                     bool is_removal,
                     runtime::OpContext& context);
    void save(std::byte* cell, Buffer& value) const;

    AggregateCells calls_;
    std::optional<WindowSpec> window_;
    WindowInfo window_info_;
    StateKeys keys_;
    CellStore cells_;
    std::vector<KeyWindows> windows_;                           // by key id
    std::map<std::int64_t, std::vector<std::byte*>> by_start_;  // all cells, for closing
    std::vector<std::byte*> dirty_;
    std::size_t window_bytes_ = 0;    // of windows_' elements and by_start_
    EncodedRows encoded_;             // scratch
    std::vector<std::uint32_t> new_;  // scratch: positions of loaded keys that were new
};

}  // namespace millrace::operators
