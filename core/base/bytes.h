// Bytes: ByteView (borrowed), Buffer (owned), Cursor (bounds-checked reader), varints, byte order.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/base/assert.h"

namespace millrace {

static_assert(std::endian::native == std::endian::little,
              "Millrace stores little-endian and is built for it");

/// Bytes that somebody else owns; valid as long as the owner says.
using ByteView = std::span<const std::byte>;

[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
[[nodiscard]] bool equal(ByteView a, ByteView b);
/// memcmp order, shorter first: negative, 0 or positive.
[[nodiscard]] int compare(ByteView a, ByteView b);

template <class T>
[[nodiscard]] T load_le(const std::byte* at) {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}
template <class T>
void store_le(std::byte* at, T value) {
    std::memcpy(at, &value, sizeof value);
}
[[nodiscard]] constexpr std::uint16_t byte_swap(std::uint16_t v) {
    return __builtin_bswap16(v);
}
[[nodiscard]] constexpr std::uint32_t byte_swap(std::uint32_t v) {
    return __builtin_bswap32(v);
}
[[nodiscard]] constexpr std::uint64_t byte_swap(std::uint64_t v) {
    return __builtin_bswap64(v);
}
template <class T>
[[nodiscard]] T load_be(const std::byte* at) {
    static_assert(std::is_integral_v<T>);
    if constexpr (sizeof(T) == 1) {
        return load_le<T>(at);
    } else {
        return static_cast<T>(byte_swap(load_le<std::make_unsigned_t<T>>(at)));
    }
}
template <class T>
void store_be(std::byte* at, T value) {
    static_assert(std::is_integral_v<T>);
    if constexpr (sizeof(T) == 1) {
        store_le(at, value);
    } else {
        store_le(at, byte_swap(static_cast<std::make_unsigned_t<T>>(value)));
    }
}

/// Signed to unsigned so that small magnitudes stay small (protocol buffers' zig-zag).
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t v) {
    return (static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63);
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t v) {
    return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
}
/// Bytes that put_varint(value) writes: 1 to 10.
[[nodiscard]] std::size_t varint_size(std::int64_t value);

/// Leaves new elements as they are: growing a buffer that will be overwritten costs no memset.
template <class T>
struct UninitializedAllocator : std::allocator<T> {
    template <class U>
    struct rebind {
        using other = UninitializedAllocator<U>;
    };
    template <class U>
    void construct(U* at) noexcept {
        ::new (static_cast<void*>(at)) U;
    }
    template <class U, class... Args>
    void construct(U* at, Args&&... args) {
        ::new (static_cast<void*>(at)) U(std::forward<Args>(args)...);
    }
};

/// Owned, growing bytes. Not thread-safe.
class Buffer {
  public:
    Buffer() = default;
    explicit Buffer(ByteView bytes) : bytes_(bytes.begin(), bytes.end()) {}
    explicit Buffer(std::string_view text) : Buffer(as_bytes(text)) {}

    [[nodiscard]] std::byte* data() { return bytes_.data(); }
    [[nodiscard]] const std::byte* data() const { return bytes_.data(); }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    [[nodiscard]] ByteView view() const { return {bytes_.data(), bytes_.size()}; }
    [[nodiscard]] std::span<std::byte> span() { return {bytes_.data(), bytes_.size()}; }
    [[nodiscard]] std::string_view text() const { return as_text(view()); }
    operator ByteView() const { return view(); }  // NOLINT: a Buffer is read wherever bytes are

    void clear() { bytes_.clear(); }
    void reserve(std::size_t size) { bytes_.reserve(size); }
    /// New bytes are uninitialized.
    void resize(std::size_t size) { bytes_.resize(size); }
    /// Adds `size` uninitialized bytes and returns where they start. Invalidates earlier pointers.
    std::byte* extend(std::size_t size) {
        const std::size_t at = bytes_.size();
        bytes_.resize(at + size);
        return bytes_.data() + at;
    }
    void append(ByteView bytes) {
        if (!bytes.empty()) {
            std::memcpy(extend(bytes.size()), bytes.data(), bytes.size());
        }
    }
    void append(std::string_view text) { append(as_bytes(text)); }
    void append_zeros(std::size_t size) {
        if (size > 0) {
            std::memset(extend(size), 0, size);
        }
    }
    template <class T>
    void append_le(T value) {
        store_le(extend(sizeof value), value);
    }
    template <class T>
    void append_be(T value) {
        store_be(extend(sizeof value), value);
    }
    /// Zig-zag base-128, as in Kafka's records.
    void append_varint(std::int64_t value);

  private:
    std::vector<std::byte, UninitializedAllocator<std::byte>> bytes_;
};

/// Reads a ByteView from front to back. The first read past the end makes it bad; every later read
/// then gives zeros and empty views, so one test of ok() after a group of reads is enough.
class Cursor {
  public:
    explicit Cursor(ByteView bytes) : rest_(bytes), size_(bytes.size()) {}

    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] std::size_t remaining() const { return rest_.size(); }
    [[nodiscard]] std::size_t position() const { return size_ - rest_.size(); }
    [[nodiscard]] ByteView rest() const { return rest_; }
    void fail() {
        ok_ = false;
        rest_ = {};
    }

    template <class T>
    T read_le() {
        return has(sizeof(T)) ? load_le<T>(take(sizeof(T))) : T{};
    }
    template <class T>
    T read_be() {
        return has(sizeof(T)) ? load_be<T>(take(sizeof(T))) : T{};
    }
    std::int64_t read_varint();
    /// The next `size` bytes, borrowed; empty and bad when there are fewer.
    ByteView read_bytes(std::size_t size) {
        return has(size) ? ByteView{take(size), size} : ByteView{};
    }
    void skip(std::size_t size) { static_cast<void>(read_bytes(size)); }

  private:
    bool has(std::size_t size) {
        if (size > rest_.size()) {
            fail();
        }
        return ok_;
    }
    const std::byte* take(std::size_t size) {
        const std::byte* at = rest_.data();
        rest_ = rest_.subspan(size);
        return at;
    }

    ByteView rest_;
    std::size_t size_;
    bool ok_ = true;
};

}  // namespace millrace
