#include "tests/core/wire/message_table.h"

#include <string>

#include <gtest/gtest.h>

namespace millrace::wire {
namespace {

constexpr int kRounds = 20;

TEST(WireMessages, EveryVersionIsReadByItsGeneratedReaderAndByTheDecoder) {
    SeededRandom random(1);
    for (const MessageKind& kind : message_kinds()) {
        for (std::int16_t v = kind.versions.min; v <= kind.versions.max; ++v) {
            for (int round = 0; round < kRounds; ++round) {
                SCOPED_TRACE(std::string(kind.name) + " version " + std::to_string(v));
                const Buffer body = kind.make(random, v);
                Arena arena;
                EXPECT_TRUE(kind.read(arena, body.view(), v)) << arena.failure();
                const Result<Buffer> again = kind.decode_and_encode(body.view(), v);
                ASSERT_TRUE(again.ok());
                EXPECT_EQ(again.value().text(), body.text());
            }
        }
    }
}

TEST(WireMessages, ATreeIsBuiltAgainInTheMemoryOfTheLast) {
    SeededRandom random(2);
    Arena arena;
    for (const MessageKind& kind : message_kinds()) {
        const Buffer body = kind.make(random, kind.versions.max);
        EXPECT_TRUE(kind.read(arena, body.view(), kind.versions.max));
        const std::size_t used = arena.used();
        arena.reset();
        EXPECT_TRUE(kind.read(arena, body.view(), kind.versions.max));
        EXPECT_EQ(arena.used(), used);
        arena.reset();
    }
}

}  // namespace
}  // namespace millrace::wire
