// SendQueue: what a connection still has to send, as ranges for one gathering write.
#pragma once

#include <cstddef>
#include <deque>

#include <sys/uio.h>

#include "core/net/memory_budget.h"
#include "core/net/outgoing.h"

namespace millrace::net {

/// Its memory is charged to the budget until it is sent. One thread.
class SendQueue {
  public:
    static constexpr std::size_t kRangesMax = 64;  // per write

    explicit SendQueue(MemoryBudget& budget) : budget_(budget) {}

    void push(Outgoing message);
    /// The next ranges to send, at most kRangesMax; valid until consume().
    [[nodiscard]] std::span<const ::iovec> ranges();
    /// `size` bytes of ranges() were sent.
    void consume(std::size_t size);

    void clear();

    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    struct Message {
        Outgoing content;
        std::size_t ranges = 0;  // of ranges_, not sent yet
        MemoryBudget::Charge charge;
    };
    void add_range(ByteView bytes, Message& message);

    MemoryBudget& budget_;
    std::deque<Message> messages_;  // a deque: ranges_ point into its elements
    std::deque<ByteView> ranges_;
    std::array<::iovec, kRangesMax> next_{};
    std::size_t size_ = 0;
};

}  // namespace millrace::net
