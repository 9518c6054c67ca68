// Arena: where the objects of one decoded request lie. They are never destroyed one by one.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace millrace::wire {

/// Memory that is handed out front to back and taken back all at once. It bounds what hostile bytes
/// can make us allocate: see docs/formats/wire.md. One thread at a time.
class Arena {
  public:
    static constexpr std::size_t kBytesMaxDefault = std::size_t{64} << 20;

    /// bytes_max  what the arena hands out at most between two resets
    explicit Arena(std::size_t bytes_max = kBytesMaxDefault) : bytes_max_(bytes_max) {}
    Arena(Arena&&) = default;
    Arena& operator=(Arena&&) = default;
    ~Arena() = default;

    /// Aligned for everything the generated readers make. Null when `bytes_max` is reached.
    [[nodiscard]] void* allocate(std::size_t size) {
        size = (size + kAlignment - 1) & ~(kAlignment - 1);
        if (size > static_cast<std::size_t>(end_ - at_)) {
            return allocate_in_next_block(size);
        }
        void* memory = at_;
        at_ += size;
        used_ += size;
        return memory;
    }
    /// Makes everything handed out invalid; keeps some memory for the next request.
    void reset();
    /// Bytes handed out since the last reset.
    [[nodiscard]] std::size_t used() const { return used_; }

    /// Why the last decode_body gave null, for a log line. Static storage.
    [[nodiscard]] std::string_view failure() const { return failure_; }
    void set_failure(std::string_view failure) { failure_ = failure; }

  private:
    static constexpr std::size_t kAlignment = 8;

    struct Block {
        std::unique_ptr<std::byte[]> bytes;
        std::size_t size;
    };

    void* allocate_in_next_block(std::size_t size);

    std::vector<Block> blocks_;
    std::size_t next_block_ = 0;  // blocks below it are in use
    std::byte* at_ = nullptr;
    std::byte* end_ = nullptr;
    std::size_t used_ = 0;
    std::size_t bytes_max_;
    std::string_view failure_;
};

}  // namespace millrace::wire
