// What the generated readers of core/wire/generated read from and build with: the interface that
// the Kaitai Struct compiler 0.11 expects of its C++ runtime, over a span of bytes and an Arena.
// Nothing is copied; every length is checked before it is used. Failures are thrown and caught by
// decode_body: they never leave core/wire.
#pragma once

#define KAITAI_STRUCT_VERSION 11000L  // the API level that generated code asks for

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/base/bytes.h"
#include "core/wire/arena.h"

namespace millrace::wire::kaitai {

using bytes_view = std::string_view;  // Kaitai's bytes

/// Thrown when bytes are no such message.
struct decode_failure {
    std::string_view what;  // static storage
};
[[noreturn]] void throw_end_of_bytes();
[[noreturn]] void throw_over_budget();
[[noreturn]] void throw_invalid(std::string_view what);

/// Reads one body. Objects that are made meanwhile come out of the arena.
class kstream {
  public:
    /// surplus_max  so many bytes may be left where a message must end
    kstream(ByteView bytes, Arena& arena, std::size_t surplus_max = 0)
        : begin_(bytes.data()),
          at_(begin_),
          end_(begin_ + bytes.size()),
          surplus_max_(surplus_max),
          arena_(arena) {}

    [[nodiscard]] bool is_eof() const { return remaining() <= surplus_max_; }
    [[nodiscard]] std::uint64_t pos() const { return static_cast<std::uint64_t>(at_ - begin_); }
    [[nodiscard]] std::uint64_t size() const { return static_cast<std::uint64_t>(end_ - begin_); }
    [[nodiscard]] std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }

    std::int8_t read_s1() { return read<std::int8_t>(); }
    std::uint8_t read_u1() { return read<std::uint8_t>(); }
    std::int16_t read_s2be() { return read<std::int16_t>(); }
    std::uint16_t read_u2be() { return read<std::uint16_t>(); }
    std::int32_t read_s4be() { return read<std::int32_t>(); }
    std::uint32_t read_u4be() { return read<std::uint32_t>(); }
    std::int64_t read_s8be() { return read<std::int64_t>(); }
    std::uint64_t read_u8be() { return read<std::uint64_t>(); }
    /// Unsigned LEB128, at most 32 bits.
    std::uint32_t read_unsigned_varint() {
        if (remaining() > 0 && std::to_integer<std::uint8_t>(*at_) < 0x80) {
            return std::to_integer<std::uint8_t>(*at_++);
        }
        return read_long_varint();
    }
    /// The next `size` bytes, borrowed.
    bytes_view read_bytes(std::int64_t size) {
        if (size < 0 || static_cast<std::uint64_t>(size) > remaining()) {
            throw_end_of_bytes();
        }
        const std::byte* from = at_;
        at_ += size;
        return {reinterpret_cast<const char*>(from), static_cast<std::size_t>(size)};
    }
    /// Bytes that are handed on as they are: they earn no memory for objects.
    bytes_view read_opaque(std::int64_t size) {
        const bytes_view bytes = read_bytes(size);
        opaque_ += bytes.size();
        return bytes;
    }

    void* allocate(std::size_t size) {
        if (arena_.used() - used_before_ + size > allowed_) {
            raise_allowance(size);
        }
        void* memory = arena_.allocate(size);
        if (memory == nullptr) {
            throw_over_budget();
        }
        return memory;
    }

    /// The stream that this thread decodes just now; set by `Reading` only.
    [[nodiscard]] static kstream*& current() {
        static thread_local constinit kstream* stream = nullptr;
        return stream;
    }
    static void* operator new(std::size_t size) = delete;

  private:
    template <class T>
    T read() {
        if (remaining() < sizeof(T)) {
            throw_end_of_bytes();
        }
        const T value = load_be<T>(at_);
        at_ += sizeof(T);
        return value;
    }
    std::uint32_t read_long_varint();
    void raise_allowance(std::size_t size);

    const std::byte* begin_;
    const std::byte* at_;
    const std::byte* end_;
    std::size_t surplus_max_ = 0;
    Arena& arena_;
    std::size_t opaque_ = 0;
    std::size_t used_before_ = arena_.used();
    std::size_t allowed_ = 0;
};

/// Makes a stream the current one of this thread for as long as it lives.
class Reading {
  public:
    explicit Reading(kstream& stream) { kstream::current() = &stream; }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading() { kstream::current() = nullptr; }
};

/// A pointer into the arena, in place of std::unique_ptr.
template <class T>
class ref {
  public:
    ref() = default;
    ref(std::nullptr_t) {}  // NOLINT: as std::unique_ptr
    explicit ref(T* to) : to_(to) {}

    [[nodiscard]] T* get() const { return to_; }
    T* operator->() const { return to_; }
    T& operator*() const { return *to_; }
    explicit operator bool() const { return to_ != nullptr; }

  private:
    T* to_ = nullptr;
};

/// A growing array in the arena, in place of std::vector.
template <class T>
class vec {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    void push_back(T value) {
        if (size_ == capacity_) {
            grow();
        }
        std::memcpy(static_cast<void*>(elements_ + size_++), &value, sizeof value);
    }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] const T* begin() const { return elements_; }
    [[nodiscard]] const T* end() const { return elements_ + size_; }

    static void* operator new(std::size_t size) { return kstream::current()->allocate(size); }
    static void operator delete(void* /*memory*/) {}

  private:
    void grow() {
        const std::uint32_t capacity = capacity_ == 0 ? 2 : capacity_ * 2;
        T* elements = static_cast<T*>(kstream::current()->allocate(sizeof(T) * capacity));
        if (size_ > 0) {
            std::memcpy(static_cast<void*>(elements), elements_, size_ * sizeof(T));
        }
        elements_ = elements;
        capacity_ = capacity;
    }

    T* elements_ = nullptr;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 0;
};

}  // namespace millrace::wire::kaitai
