// CellStore: fixed-size cells with stable addresses, numbered densely and reused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/assert.h"

namespace millrace::operators {

/// Raw memory; what lives in a cell is its user's to construct and destroy. Cells are aligned to 16
/// bytes and never move, so that a batch loop can hold pointers while cells are added.
class CellStore {
  public:
    /// cell_bytes  a multiple of 16
    explicit CellStore(std::size_t cell_bytes) : cell_bytes_(cell_bytes) {
        CHECK(cell_bytes > 0 && cell_bytes % 16 == 0);
    }

    [[nodiscard]] std::byte* at(std::uint32_t id) const {
        return chunks_[id >> kShift].get() + (id & kMask) * cell_bytes_;
    }
    /// A free cell: a released one, else a new one.
    std::uint32_t allocate() {
        if (!free_.empty()) {
            const std::uint32_t id = free_.back();
            free_.pop_back();
            return id;
        }
        if (size_ == chunks_.size() << kShift) {
            chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(cell_bytes_ << kShift));
        }
        return size_++;
    }
    void release(std::uint32_t id) { free_.push_back(id); }
    /// Cells ever allocated: ids are below it.
    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] std::size_t memory_bytes() const {
        return (chunks_.size() * cell_bytes_ << kShift) + free_.capacity() * sizeof(std::uint32_t);
    }

  private:
    static constexpr unsigned kShift = 8;
    static constexpr std::uint32_t kMask = (1U << kShift) - 1;

    std::size_t cell_bytes_;
    std::vector<std::unique_ptr<std::byte[]>> chunks_;
    std::vector<std::uint32_t> free_;
    std::uint32_t size_ = 0;
};

}  // namespace millrace::operators
