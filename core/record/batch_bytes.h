// BatchBytes: encoded record batches on their way into the log, owned or lent.
#pragma once

#include <memory>
#include <span>
#include <utility>

#include "core/base/bytes.h"

namespace millrace {

/// Bytes that the log may change: it writes offsets into them. Moved through the log; a copy owns
/// its bytes. One thread at a time.
class BatchBytes {
  public:
    BatchBytes() = default;
    BatchBytes(Buffer batches)  // NOLINT: most writers hand over a buffer
        : owned_(std::move(batches)), bytes_(owned_.span()) {}
    /// Bytes inside something that `keeper` keeps alive and nobody else looks at any more, e.g. a
    /// request as it came off the network: no copy.
    BatchBytes(std::span<std::byte> lent, std::shared_ptr<const void> keeper)
        : keeper_(std::move(keeper)), bytes_(lent) {}
    BatchBytes(const BatchBytes& other) { *this = other; }
    BatchBytes& operator=(const BatchBytes& other) {
        Buffer copy;
        copy.append(other.view());
        return *this = BatchBytes(std::move(copy));
    }
    BatchBytes(BatchBytes&& other) noexcept
        : owned_(std::move(other.owned_)),
          keeper_(std::move(other.keeper_)),
          bytes_(std::exchange(other.bytes_, {})) {}
    BatchBytes& operator=(BatchBytes&& other) noexcept {
        owned_ = std::move(other.owned_);
        keeper_ = std::move(other.keeper_);
        bytes_ = std::exchange(other.bytes_, {});
        return *this;
    }
    ~BatchBytes() = default;

    [[nodiscard]] std::span<std::byte> span() { return bytes_; }
    [[nodiscard]] ByteView view() const { return bytes_; }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    operator ByteView() const { return bytes_; }  // NOLINT: as a Buffer is

  private:
    Buffer owned_;
    std::shared_ptr<const void> keeper_;
    std::span<std::byte> bytes_;  // in owned_, or what keeper_ keeps
};

}  // namespace millrace
