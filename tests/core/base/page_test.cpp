#include "core/base/page.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "core/base/random.h"

namespace millrace {
namespace {

bool has_clean_padding(const Page& page) {
    const ByteView padding(page.data() + page.capacity(), kPagePadding);
    return std::all_of(
        padding.begin(), padding.end(), [](std::byte byte) { return byte == std::byte{0}; });
}

TEST(Page, OfMemoryThatWasUsedBeforeHasItsOwnCapacityAndCleanPadding) {
    constexpr std::size_t kSize = 16'384;
    {
        const auto page = Page::allocate(kSize + 500);
        std::memset(page->data(), 0xAB, page->capacity());
        page->set_size(kSize);
    }
    const auto page = Page::allocate(kSize);
    EXPECT_EQ(page->capacity(), kSize);
    EXPECT_EQ(page->size(), 0U);
    EXPECT_TRUE(has_clean_padding(*page));
}

TEST(Page, NoTwoThatLiveShareMemory) {
    constexpr std::size_t kSeed = 7;
    SCOPED_TRACE(kSeed);
    SeededRandom random(kSeed);
    std::map<const std::byte*, std::shared_ptr<Page>> alive;
    for (int step = 0; step < 3000; ++step) {
        if (alive.size() > 40 || (!alive.empty() && random.below(3) == 0)) {
            auto victim = alive.begin();
            std::advance(victim, static_cast<std::ptrdiff_t>(random.below(alive.size())));
            const auto mark = static_cast<std::byte>(victim->second->capacity());
            const ByteView bytes = victim->second->view();
            ASSERT_TRUE(
                std::all_of(bytes.begin(), bytes.end(), [&](std::byte b) { return b == mark; }));
            alive.erase(victim);
            continue;
        }
        const std::size_t capacity = 1 + random.below(std::size_t{1} << (4 + random.below(18)));
        auto page = Page::allocate(capacity);
        ASSERT_EQ(page->capacity(), capacity);
        ASSERT_TRUE(has_clean_padding(*page));
        page->set_size(capacity);
        std::memset(page->data(), static_cast<int>(capacity & 0xFF), capacity);
        const auto behind = alive.upper_bound(page->data());
        ASSERT_TRUE(behind == alive.end() ||
                    page->data() + capacity + kPagePadding <= behind->first);
        ASSERT_TRUE(behind == alive.begin() || std::prev(behind)->first +
                                                       std::prev(behind)->second->capacity() +
                                                       kPagePadding <=
                                                   page->data());
        alive.emplace(page->data(), std::move(page));
    }
}

}  // namespace
}  // namespace millrace
