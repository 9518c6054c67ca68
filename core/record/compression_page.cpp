#include <algorithm>

#include "core/record/compression_codecs.h"

namespace millrace::codec {

namespace {

constexpr std::size_t kFirstPageBytes = std::size_t{4} << 10;

}  // namespace

InflatedPage::InflatedPage(std::size_t expected, std::size_t limit)
    : limit_(limit),
      page_(Page::allocate(std::min(std::max(kFirstPageBytes, expected), limit + 1))) {}

void InflatedPage::grow(std::size_t capacity) {
    std::shared_ptr<Page> larger = Page::allocate(capacity);
    std::copy_n(page_->data(), used_, larger->data());
    page_ = std::move(larger);
}

std::span<std::byte> InflatedPage::room() {
    if (used_ == page_->capacity()) {
        grow(std::min(used_ * 2, limit_ + 1));
    }
    return {page_->data() + used_, page_->capacity() - used_};
}

Result<std::span<std::byte>> InflatedPage::room_for(std::size_t size) {
    if (size > limit_ - used_) {
        return above_limit(limit_);
    }
    if (size > page_->capacity() - used_) {
        grow(std::clamp(used_ * 2, used_ + size, limit_ + 1));
    }
    return std::span<std::byte>{page_->data() + used_, page_->capacity() - used_};
}

Status InflatedPage::filled(std::size_t size) {
    used_ += size;
    if (used_ > limit_) {
        return above_limit(limit_);
    }
    return Ok{};
}

PagePtr InflatedPage::finish() && {
    page_->set_size(used_);
    return std::move(page_);
}

Error above_limit(std::size_t limit) {
    return Error{ErrorCode::kTooLarge,
                 "records inflate to more than the limit: " + std::to_string(limit)};
}

Error not_valid(std::string_view codec, std::string_view what) {
    return Error{ErrorCode::kCorruptBatch,
                 "records are not valid " + std::string(codec) + ": " + std::string(what)};
}

}  // namespace millrace::codec
