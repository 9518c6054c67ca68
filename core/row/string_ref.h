// StringRef: 16 bytes for a string in a column; up to 12 bytes inline, longer ones point into
// pinned memory.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/base/bytes.h"

namespace millrace {

/// Does not own: whoever holds it keeps alive (pins) what a long one points at. The first four
/// bytes are always in the reference, so most comparisons need no second cache line. Unused inline
/// bytes are zero: equal short strings have equal bits.
class StringRef {
  public:
    static constexpr std::uint32_t kInlineMax = 12;

    StringRef() : size_(0), inline_{} {}
    StringRef(const char* at, std::uint32_t size) : size_(size), inline_{} {
        if (size <= kInlineMax) {
            if (size > 0) {
                std::memcpy(inline_, at, size);
            }
        } else {
            std::memcpy(inline_, at, 4);
            std::memcpy(inline_ + 4, &at, sizeof at);
        }
    }
    explicit StringRef(std::string_view text)
        : StringRef(text.data(), static_cast<std::uint32_t>(text.size())) {}

    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] bool is_inline() const { return size_ <= kInlineMax; }
    /// Valid while this reference (inline) or the pinned memory lives.
    [[nodiscard]] const char* data() const {
        if (is_inline()) {
            return inline_;
        }
        const char* at;
        std::memcpy(&at, inline_ + 4, sizeof at);
        return at;
    }
    [[nodiscard]] std::string_view view() const { return {data(), size_}; }
    [[nodiscard]] ByteView bytes() const { return as_bytes(view()); }

    friend bool operator==(const StringRef& a, const StringRef& b) {
        if (std::memcmp(&a, &b, 8) != 0) {  // size and first four bytes
            return false;
        }
        return a.is_inline() ? std::memcmp(a.inline_ + 4, b.inline_ + 4, 8) == 0
                             : std::memcmp(a.data(), b.data(), a.size_) == 0;
    }
    /// Byte order, which for UTF-8 is code point order.
    friend int compare(const StringRef& a, const StringRef& b) {
        return a.view().compare(b.view());
    }

  private:
    std::uint32_t size_;
    char inline_[12];
};
static_assert(sizeof(StringRef) == 16);

}  // namespace millrace
