// JoinBuffer: the rows of one side of a stream-stream join, by key and time, until they are too
// old.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "operators/state/state_keys.h"
#include "runtime/operator.h"

namespace millrace::operators {

/// One row that waits for partners.
struct BufferedRow {
    std::int64_t time = 0;
    std::uint64_t number = 0;         // of arrival, ascending
    const std::byte* data = nullptr;  // the row's bytes, stable while the row is in the buffer
    std::uint32_t size = 0;

    [[nodiscard]] ByteView bytes() const { return {data, size}; }
};

/// Rows live in slices of time that are freed as a whole, so that neither keeping nor forgetting a
/// row costs an allocation. Keys are ids of the join's StateKeys. One delta per row and barrier.
/// One thread. docs/formats/deltas.md
class JoinBuffer {
  public:
    /// retention_ms  rows are visible while time >= newest() - retention_ms + 1
    explicit JoinBuffer(std::int64_t retention_ms);

    /// The largest time that ever came, -1 before the first.
    [[nodiscard]] std::int64_t newest() const { return newest_; }
    [[nodiscard]] std::uint64_t next_number() const { return next_number_; }
    /// Times below it are not visible.
    [[nodiscard]] std::int64_t oldest_visible() const { return newest_ - retention_ms_ + 1; }

    /// Moves newest(); a row that is visible then must be kept by put().
    [[nodiscard]] bool advance(std::int64_t time) {
        newest_ = std::max(newest_, time);
        return time >= oldest_visible();
    }
    void put(std::uint32_t key, std::int64_t time, ByteView bytes);
    /// Visible rows of a key with from <= time <= to, by (time, number).
    [[nodiscard]] std::span<const BufferedRow> find(std::uint32_t key,
                                                    std::int64_t from,
                                                    std::int64_t to) const;
    /// It has no row, visible or not.
    [[nodiscard]] bool is_empty(std::uint32_t key) const {
        return key >= by_key_.size() || by_key_[key].empty();
    }

    /// Frees slices of which no row is visible. Appends the keys that lost rows to `lost`. Nothing
    /// that find() gave is valid any more.
    void forget_old(StateKeys& keys, std::vector<std::uint32_t>& lost);
    void stage(runtime::StoreId store, StateKeys& keys, runtime::OpContext& context);

    /// One row's delta; gives the row's bytes, unchecked.
    [[nodiscard]] Result<ByteView> restore(ByteView key, ByteView value, StateKeys& keys);
    /// What was saved of newest() and next_number().
    void restore_clock(std::int64_t newest, std::uint64_t next_number) {
        newest_ = newest;
        next_number_ = next_number;
    }

    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    struct SliceRow {
        std::uint32_t key = 0;
        std::uint32_t size = 0;
        std::int64_t time = 0;
        std::uint64_t number = 0;
        const std::byte* data = nullptr;
    };
    struct Slice {
        std::vector<std::unique_ptr<std::byte[]>> chunks;
        std::byte* at = nullptr;
        std::size_t left = 0;
        std::size_t bytes = 0;
        std::vector<SliceRow> rows;
        std::size_t persisted = 0;  // rows before it are in the log
    };

    void insert(
        std::uint32_t key, std::int64_t time, std::uint64_t number, ByteView bytes, Slice& slice);
    Slice& slice_of(std::int64_t time);
    static const std::byte* copy(Slice& slice, ByteView bytes);
    void note_gone(const Slice& slice, StateKeys& keys);

    std::int64_t retention_ms_;
    std::int64_t slice_ms_;
    std::int64_t newest_ = -1;
    std::uint64_t next_number_ = 0;
    std::map<std::int64_t, Slice> slices_;          // by time / slice_ms_
    std::vector<std::vector<BufferedRow>> by_key_;  // by key id: sorted by (time, number)
    std::vector<Buffer> gone_;                      // keys of deltas to take back
    std::size_t rows_ = 0;
};

}  // namespace millrace::operators
