#include "core/base/page.h"

namespace millrace {

Page::Page(std::size_t capacity)
    : bytes_(std::make_unique_for_overwrite<std::byte[]>(capacity + kPagePadding)),
      capacity_(capacity) {
    std::memset(bytes_.get() + capacity, 0, kPagePadding);
}

std::shared_ptr<Page> Page::allocate(std::size_t capacity) {
    return std::shared_ptr<Page>(new Page(capacity));  // NOLINT: the constructor is private
}

void Page::set_size(std::size_t size) {
    CHECK(size <= capacity_);
    size_ = size;
}

}  // namespace millrace
