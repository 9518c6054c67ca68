// ByteWriter: appends to a Buffer through a plain pointer; room is asked for once per value.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "core/base/bytes.h"

namespace millrace {

/// While it lives the buffer is longer than what was written; its destructor cuts it.
class ByteWriter {
  public:
    explicit ByteWriter(Buffer& buffer) : buffer_(buffer), used_(buffer.size()) {
        set_size(used_ + kFirstRoom);
    }
    ~ByteWriter() { buffer_.resize(size()); }
    ByteWriter(const ByteWriter&) = delete;
    ByteWriter& operator=(const ByteWriter&) = delete;

    /// Where the next byte goes; at least `bytes` may be written there. Pass the end of what was
    /// written to advance().
    [[nodiscard]] char* room(std::size_t bytes) {
        if (static_cast<std::size_t>(end_ - at_) < bytes) [[unlikely]] {
            used_ = size();
            set_size(used_ + std::max(bytes, used_));
        }
        return at_;
    }
    void advance(char* end) { at_ = end; }

    void put(char c) {
        *room(1) = c;
        ++at_;
    }
    void put(std::string_view text) {
        if (!text.empty()) {
            std::memcpy(room(text.size()), text.data(), text.size());
            at_ += text.size();
        }
    }
    /// Bytes of the buffer so far.
    [[nodiscard]] std::size_t size() const {
        return static_cast<std::size_t>(at_ - reinterpret_cast<const char*>(buffer_.data()));
    }

  private:
    static constexpr std::size_t kFirstRoom = 4096;

    void set_size(std::size_t size) {
        buffer_.resize(size);
        auto* const begin = reinterpret_cast<char*>(buffer_.data());
        at_ = begin + used_;
        end_ = begin + size;
    }

    Buffer& buffer_;
    std::size_t used_;
    char* at_ = nullptr;
    char* end_ = nullptr;
};

}  // namespace millrace
