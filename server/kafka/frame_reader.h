// FrameReader: cuts the bytes of a connection into Kafka requests: a 4-byte length, then so many
// bytes. Bytes in, frames out: it reads nothing itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "core/base/bytes.h"
#include "core/base/page.h"
#include "core/net/memory_budget.h"

namespace millrace::server::kafka {

struct FrameLimits {
    std::size_t unknown_max = std::size_t{64} << 10;  // before its header was recognised
    std::size_t known_max = std::size_t{100} << 20;
};

/// One request without its length. The page is charged to the budget for as long as it lives, so
/// batches may be kept with it.
struct RequestFrame {
    std::shared_ptr<Page> page;
    [[nodiscard]] ByteView bytes() const { return page->view(); }
};

/// Of one connection; one thread. Memory for a frame grows as its bytes arrive, whatever length was
/// declared, and never beyond the budget.
class FrameReader {
  public:
    enum class State : std::uint8_t {
        kNeedsBytes,
        kFrame,     // take() it
        kNoMemory,  // the budget is spent: feed() again when wanted() of it is free
        // Then the reader is of no further use:
        kTooLarge,
        kMalformed,
    };
    /// True when a request may be what it says: the API is one of ours, in a version of ours.
    using Recognise = std::function<bool(std::int16_t api_key, std::int16_t version)>;

    /// The budget outlives the reader and every frame.
    FrameReader(net::MemoryBudget& budget, FrameLimits limits, Recognise recognise)
        : budget_(budget), limits_(limits), recognise_(std::move(recognise)) {}

    /// Where the next bytes of the frame under way may be put without a copy; may be empty.
    [[nodiscard]] std::span<std::byte> space();
    /// `size` bytes were put at the front of space().
    State filled(std::size_t size);
    /// Takes bytes from the front until a frame is whole, memory is missing or all are taken.
    State feed(ByteView& bytes);
    /// The frame that feed() or filled() announced.
    [[nodiscard]] RequestFrame take();

    [[nodiscard]] bool is_inside_frame() const { return head_size_ > 0; }
    /// Of the frame under way, with its length.
    [[nodiscard]] std::size_t received() const { return head_size_ + received_; }
    /// Memory held for the frame under way.
    [[nodiscard]] std::size_t held() const { return page_ ? page_->page->capacity() : 0; }
    /// What kNoMemory waits for: so many bytes more, for a frame of that size in all.
    struct Wanted {
        std::size_t size = 0;
        std::size_t total = 0;
    };
    [[nodiscard]] Wanted wanted() const { return wanted_; }
    /// Declared length of the frame under way; 0 before it is known.
    [[nodiscard]] std::size_t declared() const { return size_; }

  private:
    // The length, and as much of the request as tells whether it is one: API key and version.
    static constexpr std::size_t kLengthBytes = 4;
    static constexpr std::size_t kRequestMin = 8;  // key, version, correlation id
    static constexpr std::size_t kHeadBytes = kLengthBytes + kRequestMin;
    static constexpr std::size_t kFirstPiece = std::size_t{4} << 10;
    // A peer that sent frames of some size before gets as much at once, up to:
    static constexpr std::size_t kTrustedMax = std::size_t{4} << 20;

    struct ChargedPage {
        net::MemoryBudget::Charge charge;
        std::shared_ptr<Page> page;
    };

    State take_head(ByteView& bytes);
    State check_head();
    /// Makes room behind the bytes received, by doubling.
    State grow();
    [[nodiscard]] State settle() const;

    net::MemoryBudget& budget_;
    const FrameLimits limits_;
    const Recognise recognise_;
    std::array<std::byte, kHeadBytes> head_{};
    std::size_t head_size_ = 0;
    std::size_t size_ = 0;      // of the frame under way
    std::size_t received_ = 0;  // of it, beyond the head
    Wanted wanted_;
    std::size_t trusted_ = kFirstPiece;
    std::shared_ptr<ChargedPage> page_;
};

}  // namespace millrace::server::kafka
