#include "core/net/send_queue.h"

#include <string>

#include <gtest/gtest.h>

namespace millrace::net {
namespace {

Outgoing message(std::string_view head, std::string_view text) {
    Outgoing out;
    std::memcpy(out.head.data(), head.data(), head.size());
    out.head_size = head.size();
    out.bytes = Buffer(text);
    return out;
}

PagePtr page_of(std::string_view text) {
    auto page = Page::allocate(text.size());
    std::memcpy(page->data(), text.data(), text.size());
    page->set_size(text.size());
    return page;
}

/// Takes at most `step` bytes at a time, as a slow socket would.
std::string drained(SendQueue& queue, std::size_t step) {
    std::string all;
    while (!queue.empty()) {
        std::size_t left = step;
        std::string piece;
        for (const ::iovec& range : queue.ranges()) {
            const std::size_t size = std::min(left, range.iov_len);
            piece.append(static_cast<const char*>(range.iov_base), size);
            left -= size;
        }
        queue.consume(piece.size());
        all += piece;
    }
    return all;
}

TEST(SendQueue, SendsPiecesInTheirOrder) {
    for (std::size_t step = 1; step < 40; ++step) {
        MemoryBudget budget(1000);
        SendQueue queue(budget);
        Outgoing first = message("<1>", "abcdef");
        const PagePtr page = page_of("RECORDS");
        first.splices.push_back({0, page->view().first(3), page});
        first.splices.push_back({2, page->view(), page});
        first.splices.push_back({6, page->view().last(1), page});
        queue.push(std::move(first));
        queue.push(message("", ""));
        queue.push(message("<2>", "xyz"));
        EXPECT_EQ(queue.size(), 3 + 6 + 3 + 7 + 1 + 6U);
        EXPECT_EQ(budget.used(), queue.size());
        EXPECT_EQ(drained(queue, step), "<1>RECabRECORDScdefS<2>xyz");
        EXPECT_EQ(budget.used(), 0U);
        EXPECT_EQ(page.use_count(), 1) << "the queue lets go of what it sent";
    }
}

TEST(SendQueue, OffersABoundedNumberOfRanges) {
    MemoryBudget budget(100'000);
    SendQueue queue(budget);
    for (std::size_t i = 0; i < 3 * SendQueue::kRangesMax; ++i) {
        queue.push(message("a", "b"));
    }
    EXPECT_EQ(queue.ranges().size(), SendQueue::kRangesMax);
    EXPECT_EQ(drained(queue, 1000).size(), 6 * SendQueue::kRangesMax);
}

}  // namespace
}  // namespace millrace::net
