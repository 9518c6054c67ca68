// Page: a reference-counted block of bytes that log reads fill and row batches point into.
#pragma once

#include <cstddef>
#include <memory>

#include "core/base/bytes.h"

namespace millrace {

/// Readable (zeroed) bytes behind every page's capacity, so that SIMD parsers may read past the
/// end.
constexpr std::size_t kPagePadding = 64;
/// The usual capacity of a page; a batch that is larger gets a page of its own size.
constexpr std::size_t kPageSize = std::size_t{1} << 20;

/// Written once by its maker, then shared as immutable. Any thread may read and release it.
class Page {
  public:
    /// capacity   bytes that may be filled; kPagePadding more are readable behind them
    [[nodiscard]] static std::shared_ptr<Page> allocate(std::size_t capacity);

    [[nodiscard]] std::byte* data() { return bytes_.get(); }
    [[nodiscard]] const std::byte* data() const { return bytes_.get(); }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }
    /// Bytes in use, set by the maker.
    [[nodiscard]] std::size_t size() const { return size_; }
    void set_size(std::size_t size);
    [[nodiscard]] ByteView view() const { return {bytes_.get(), size_}; }

  private:
    explicit Page(std::size_t capacity);

    std::unique_ptr<std::byte[]> bytes_;
    std::size_t capacity_;
    std::size_t size_ = 0;
};

using PagePtr = std::shared_ptr<const Page>;

}  // namespace millrace
