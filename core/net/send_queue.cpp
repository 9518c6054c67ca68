#include "core/net/send_queue.h"

#include <algorithm>

namespace millrace::net {

void SendQueue::push(Outgoing message) {
    const std::size_t size = message.size();
    if (size == 0) {
        return;
    }
    budget_.take(size);
    Message& queued =
        messages_.emplace_back(Message{std::move(message), 0, MemoryBudget::Charge(budget_, size)});
    const Outgoing& content = queued.content;
    add_range({content.head.data(), content.head_size}, queued);
    std::size_t at = 0;
    for (const Outgoing::Splice& splice : content.splices) {
        add_range(content.bytes.view().subspan(at, splice.at - at), queued);
        add_range(splice.view, queued);
        at = splice.at;
    }
    add_range(content.bytes.view().subspan(at), queued);
    size_ += size;
}

std::span<const ::iovec> SendQueue::ranges() {
    const std::size_t count = std::min(ranges_.size(), kRangesMax);
    for (std::size_t i = 0; i < count; ++i) {
        // The system only reads them; its structure does not say so.
        next_[i] = {const_cast<std::byte*>(ranges_[i].data()), ranges_[i].size()};  // NOLINT
    }
    return {next_.data(), count};
}

void SendQueue::consume(std::size_t size) {
    CHECK(size <= size_);
    size_ -= size;
    while (size > 0) {
        ByteView& first = ranges_.front();
        if (size < first.size()) {
            first = first.subspan(size);
            return;
        }
        size -= first.size();
        ranges_.pop_front();
        if (--messages_.front().ranges == 0) {
            messages_.pop_front();
        }
    }
}

void SendQueue::clear() {
    ranges_.clear();
    messages_.clear();
    size_ = 0;
}

void SendQueue::add_range(ByteView bytes, Message& message) {
    if (!bytes.empty()) {
        ranges_.push_back(bytes);
        ++message.ranges;
    }
}

}  // namespace millrace::net
