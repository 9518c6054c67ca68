#include "server/kafka/frame_reader.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"

namespace millrace::server::kafka {
namespace {

using State = FrameReader::State;
constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = kKiB * kKiB;

/// Only API 3 exists, in versions 0 to 5.
bool only_three(std::int16_t key, std::int16_t version) {
    return key == 3 && version >= 0 && version <= 5;
}

Buffer request(std::size_t size, std::int16_t key = 3, std::int16_t version = 1) {
    Buffer bytes;
    bytes.append_be(static_cast<std::int32_t>(size));
    bytes.append_be(key);
    bytes.append_be(version);
    for (std::size_t i = 4; i < size; ++i) {
        bytes.append_be(static_cast<std::int8_t>(i * 7));
    }
    return bytes;
}

class Frames : public ::testing::Test {
  protected:
    net::MemoryBudget budget{64 * kMiB};
    FrameReader reader{budget, {}, only_three};

    State feed(ByteView bytes) {
        const State state = reader.feed(bytes);
        rest = bytes;
        return state;
    }
    ByteView rest;
};

TEST_F(Frames, AreTheSameHoweverTheirBytesCome) {
    SeededRandom random(17);
    for (int round = 0; round < 200; ++round) {
        Buffer stream;
        std::vector<Buffer> expected;
        for (int i = 0; i < 5; ++i) {
            const std::size_t size = 8 + random.below(i == 3 ? 200 * kKiB : 300);
            const Buffer frame = request(size);
            expected.emplace_back(frame.view().subspan(4));
            stream.append(frame);
        }
        FrameReader one(budget, {}, only_three);
        std::size_t found = 0;
        ByteView left = stream;
        while (!left.empty()) {
            const std::size_t step = std::min<std::size_t>(1 + random.below(40'000), left.size());
            ByteView bytes = left.first(step);
            left = left.subspan(step);
            // Some bytes go right into the reader's space, as a gathering read puts them.
            const std::size_t direct = std::min(one.space().size(), bytes.size());
            if (direct > 0 && random.below(2) == 0) {
                std::memcpy(one.space().data(), bytes.data(), direct);
                bytes = bytes.subspan(direct);
                if (one.filled(direct) == State::kFrame) {
                    ASSERT_TRUE(equal(one.take().bytes(), expected[found++]));
                }
            }
            while (!bytes.empty()) {
                const State state = one.feed(bytes);
                if (state == State::kFrame) {
                    ASSERT_TRUE(equal(one.take().bytes(), expected[found++]));
                } else {
                    ASSERT_EQ(state, State::kNeedsBytes);
                }
            }
        }
        EXPECT_EQ(found, expected.size());
        EXPECT_FALSE(one.is_inside_frame());
    }
    EXPECT_EQ(budget.used(), 0U);
}

TEST_F(Frames, OfTheSmallestSizeAreWhole) {
    const Buffer bytes = request(8);
    EXPECT_EQ(feed(bytes.view().first(11)), State::kNeedsBytes);
    EXPECT_EQ(feed(bytes.view().last(1)), State::kFrame);
    EXPECT_EQ(reader.take().bytes().size(), 8U);
}

TEST_F(Frames, WithImpossibleLengthsAreRefused) {
    for (const std::int32_t length : {0, 7, -1, std::numeric_limits<std::int32_t>::min()}) {
        FrameReader one(budget, {}, only_three);
        Buffer bytes;
        bytes.append_be(length);
        ByteView view = bytes;
        EXPECT_EQ(one.feed(view), State::kMalformed) << length;
    }
    Buffer bytes;
    bytes.append_be(static_cast<std::int32_t>(100 * kMiB + 1));
    EXPECT_EQ(feed(bytes), State::kTooLarge);
}

TEST_F(Frames, LargerThanTheWholeBudgetAreRefused) {
    Buffer bytes;
    bytes.append_be(static_cast<std::int32_t>(60 * kMiB));
    EXPECT_EQ(feed(bytes), State::kTooLarge);
}

TEST_F(Frames, OfUnknownKindAreSmall) {
    EXPECT_EQ(feed(request(64 * kKiB, 99).view().first(100)), State::kNeedsBytes);
    FrameReader second(budget, {}, only_three);
    const Buffer large = request(64 * kKiB + 1, 99);
    ByteView bytes = large.view().first(12);
    EXPECT_EQ(second.feed(bytes), State::kTooLarge);
    FrameReader third(budget, {}, only_three);
    const Buffer newer = request(64 * kKiB + 1, 3, 6);
    bytes = newer.view().first(12);
    EXPECT_EQ(third.feed(bytes), State::kTooLarge);
}

TEST_F(Frames, TakeMemoryOnlyAsTheirBytesArrive) {
    const Buffer bytes = request(16 * kMiB);
    ASSERT_EQ(feed(bytes.view().first(1000)), State::kNeedsBytes);
    EXPECT_LE(budget.used(), 4 * kKiB);
    ASSERT_EQ(feed(bytes.view().subspan(1000, kMiB)), State::kNeedsBytes);
    EXPECT_LE(budget.used(), 2 * kMiB);
    ASSERT_EQ(feed(bytes.view().subspan(1000 + kMiB)), State::kFrame);
    {
        const RequestFrame frame = reader.take();
        EXPECT_TRUE(equal(frame.bytes(), bytes.view().subspan(4)));
        EXPECT_EQ(budget.used(), 16 * kMiB);
    }
    EXPECT_EQ(budget.used(), 0U);
    // A peer that has sent such frames gets more at once, but not without end.
    ASSERT_EQ(feed(bytes.view().first(1000)), State::kNeedsBytes);
    EXPECT_EQ(budget.used(), 4 * kMiB);
}

TEST_F(Frames, WaitForMemory) {
    const Buffer bytes = request(kMiB);
    ASSERT_EQ(feed(bytes.view().first(10 * kKiB)), State::kNeedsBytes);
    const std::size_t others = budget.limit() - budget.used();
    budget.take(others - 100);
    ASSERT_EQ(feed(bytes.view().subspan(10 * kKiB)), State::kNoMemory);
    EXPECT_GT(reader.wanted().size, 100U);
    EXPECT_FALSE(rest.empty());
    budget.give_back(others - 100);
    ByteView left = rest;
    EXPECT_EQ(reader.feed(left), State::kFrame);
    EXPECT_TRUE(equal(reader.take().bytes(), bytes.view().subspan(4)));
}

TEST_F(Frames, KeepTheirChargeWithThePage) {
    const Buffer bytes = request(5000);
    ASSERT_EQ(feed(bytes), State::kFrame);
    PagePtr kept = reader.take().page;
    EXPECT_GE(budget.used(), 5000U);
    kept.reset();
    EXPECT_EQ(budget.used(), 0U);
}

}  // namespace
}  // namespace millrace::server::kafka
