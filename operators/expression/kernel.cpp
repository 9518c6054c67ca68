#include "operators/expression/kernel.h"

#include <algorithm>

namespace millrace::operators {

namespace {

constexpr std::size_t kBlock = 16 * 1024;

}  // namespace

char* TextArena::allocate(std::size_t size) {
    if (blocks_.empty() || used_ + size > block_size_) {
        block_size_ = std::max(kBlock, size);
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_size_));
        used_ = 0;
    }
    char* at = blocks_.back().get() + used_;
    used_ += size;
    return at;
}

void TextArena::clear() {
    if (blocks_.size() > 1) {
        blocks_.erase(blocks_.begin(), blocks_.end() - 1);
    }
    used_ = 0;
}

void KernelCall::set_null(std::uint32_t row) const {
    if (validity->empty()) {
        validity->assign((rows.size + 63) / 64, ~std::uint64_t{0});
    }
    (*validity)[row / 64] &= ~(std::uint64_t{1} << (row % 64));
}

void KernelCall::fail(std::uint32_t row, std::string message) const {
    set_null(row);
    errors->push_back(RowError{row, ErrorCode::kEvaluation, std::move(message)});
}

void KernelCall::set_text(std::uint32_t row, std::string_view text) const {
    if (text.size() > StringRef::kInlineMax) {
        char* copy = arena->allocate(text.size());
        std::memcpy(copy, text.data(), text.size());
        text = {copy, text.size()};
    }
    set_borrowed(row, text);
}

}  // namespace millrace::operators
