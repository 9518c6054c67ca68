#include "core/wire/arena.h"

#include <algorithm>

namespace millrace::wire {

namespace {

constexpr std::size_t kFirstBlock = std::size_t{2} << 10;  // holds most requests
constexpr std::size_t kBlockMax = std::size_t{256} << 10;
constexpr std::size_t kKeptBytes = std::size_t{64} << 10;  // over a reset

}  // namespace

void* Arena::allocate_in_next_block(std::size_t size) {
    if (size > bytes_max_ || used_ > bytes_max_ - size) {
        return nullptr;
    }
    while (next_block_ < blocks_.size() && blocks_[next_block_].size < size) {
        ++next_block_;  // too small for this one: left out until the next reset
    }
    if (next_block_ == blocks_.size()) {
        const std::size_t usual =
            blocks_.empty() ? kFirstBlock : std::min(blocks_.back().size * 4, kBlockMax);
        const std::size_t block_size = std::max(size, usual);
        blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(block_size), block_size});
    }
    const Block& block = blocks_[next_block_++];
    at_ = block.bytes.get() + size;
    end_ = block.bytes.get() + std::min(block.size, bytes_max_ - used_);
    used_ += size;
    return block.bytes.get();
}

void Arena::reset() {
    std::size_t kept = 0;
    std::size_t count = 0;
    while (count < blocks_.size() && kept + blocks_[count].size <= kKeptBytes) {
        kept += blocks_[count++].size;
    }
    blocks_.resize(count);
    next_block_ = 0;
    at_ = nullptr;
    end_ = nullptr;
    used_ = 0;
    failure_ = {};
}

}  // namespace millrace::wire
