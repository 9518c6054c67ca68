// Bytes that no client would send: refused, without more memory than their size earns.
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "core/wire/decoder.h"
#include "core/wire/generated/fetch_request.h"
#include "core/wire/generated/heartbeat_request.h"
#include "core/wire/generated/metadata_request.h"
#include "core/wire/generated/offset_fetch_request.h"
#include "core/wire/generated/produce_request.h"
#include "core/wire/messages/fetch.h"
#include "core/wire/messages/groups.h"
#include "core/wire/messages/metadata.h"
#include "core/wire/messages/offsets.h"
#include "core/wire/messages/produce.h"
#include "core/wire/request_decoder.h"
#include "tests/core/wire/message_kinds.h"

namespace millrace::wire {
namespace {

constexpr std::size_t kBytesAlways = std::size_t{64} << 10;
constexpr std::size_t kBytesPerByte = 16;
constexpr int kMutations = 200'000;

void mutate(Random& random, Buffer& body) {
    const std::uint64_t edits = 1 + random.below(3);
    for (std::uint64_t i = 0; i < edits && !body.empty(); ++i) {
        std::byte* at = body.data() + random.below(body.size());
        switch (random.below(5)) {
            case 0:
                *at = static_cast<std::byte>(random.next());
                break;
            case 1:
                *at ^= std::byte{0x80};
                break;
            case 2:
                *at = std::byte{0xff};
                break;
            case 3:
                body.resize(random.below(body.size()));
                break;
            default:
                body.append_be(static_cast<std::uint8_t>(random.next()));
        }
    }
}

TEST(WireHostile, MutatedMessagesAreTakenByBothReadersOrByNone) {
    SeededRandom random(11);
    const auto& kinds = message_kinds();
    Arena arena;
    int taken = 0;
    for (int i = 0; i < kMutations; ++i) {
        const MessageKind& kind = kinds[static_cast<std::size_t>(i) % kinds.size()];
        const auto versions = static_cast<std::uint64_t>(kind.versions.max - kind.versions.min + 1);
        const auto version =
            static_cast<std::int16_t>(kind.versions.min + static_cast<int>(random.below(versions)));
        Buffer body = kind.make(random, version);
        mutate(random, body);
        arena.reset();
        const bool read = kind.read(arena, body.view(), version);
        EXPECT_LE(arena.used(), kBytesAlways + kBytesPerByte * body.size());
        EXPECT_EQ(kind.decode_and_encode(body.view(), version).ok(), read)
            << kind.name << " version " << version << " seed 11 round " << i;
        taken += read ? 1 : 0;
    }
    EXPECT_GT(taken, kMutations / 20);  // mutations of numbers and letters
    EXPECT_LT(taken, kMutations * 19 / 20);
}

TEST(WireHostile, AMegabyteOfOneByteStaysWithinTheBudget) {
    for (const int byte : {0x00, 0x01, 0x02, 0x7f, 0xff}) {
        Buffer body;
        body.resize(std::size_t{1} << 20);
        std::memset(body.data(), byte, body.size());
        for (const MessageKind& kind : message_kinds()) {
            for (std::int16_t v = kind.versions.min; v <= kind.versions.max; ++v) {
                Arena arena;
                EXPECT_FALSE(kind.read(arena, body.view(), v)) << kind.name << " version " << v;
                EXPECT_LE(arena.used(), kBytesAlways + kBytesPerByte * body.size());
                EXPECT_FALSE(arena.failure().empty());
            }
        }
    }
}

/// A Metadata request that claims `count` topics, with `padding` zero bytes behind the claim.
Buffer claimed_topics(std::int32_t count, std::size_t padding) {
    Buffer body;
    body.append_be(count);
    body.append_zeros(padding);
    return body;
}

TEST(WireHostile, CountsAreBoundedByTheBytesThatAreLeft) {
    Arena arena;
    for (const std::int32_t count : {11, 1'000'000, 0x7fffffff, -2, -0x7fffffff}) {
        const Buffer body = claimed_topics(count, 10);
        EXPECT_EQ(decode_body<metadata_request_t>(arena, body.view(), 1), nullptr) << count;
    }
    EXPECT_LT(arena.used(), 1000u);
    // Empty names are two bytes each: ten of them fit, and nothing is left over.
    EXPECT_NE(decode_body<metadata_request_t>(arena, claimed_topics(5, 10).view(), 1), nullptr);
}

TEST(WireHostile, ACountOfManySmallThingsEarnsLittleMemory) {
    // A million topics with empty names: 2 MB that would become 100 MB of objects.
    Arena arena;
    const Buffer body = claimed_topics(1'000'000, 2'000'000);
    EXPECT_EQ(decode_body<metadata_request_t>(arena, body.view(), 1), nullptr);
    EXPECT_EQ(arena.failure(), "the message asks for more memory than its size earns");
    EXPECT_LE(arena.used(), kBytesAlways + kBytesPerByte * body.size());
}

TEST(WireHostile, RecordsEarnNoMemory) {
    // The records of a first partition are 8 MB; what follows them is empty topics.
    Buffer body;
    body.append_be<std::int16_t>(1);  // acks
    body.append_be<std::int32_t>(0);  // timeout
    body.append_be<std::int32_t>(40'001);
    body.append_be<std::int16_t>(0);  // name
    body.append_be<std::int32_t>(1);  // partitions
    body.append_be<std::int32_t>(0);  // index
    body.append_be<std::int32_t>(8 << 20);
    body.append_zeros(std::size_t{8} << 20);
    for (int i = 0; i < 40'000; ++i) {
        body.append_be<std::int16_t>(0);
        body.append_be<std::int32_t>(0);
    }
    Arena arena;
    static_cast<void>(decode_body<produce_request_t>(arena, body.view(), 2));
    EXPECT_LE(arena.used(), kBytesAlways + kBytesPerByte * (body.size() - (8 << 20)));
}

TEST(WireHostile, AMessageNeverTakesMoreThanTheArenaHas) {
    MetadataRequest request;
    request.topics.emplace(1000);
    for (auto& topic : *request.topics) {
        topic.name = "some-topic";
    }
    const Buffer body = encoded(request, 9);
    Arena small(16'384);
    EXPECT_EQ(decode_body<metadata_request_t>(small, body.view(), 9), nullptr);
    EXPECT_LE(small.used(), 16'384u);
    Arena large;
    EXPECT_NE(decode_body<metadata_request_t>(large, body.view(), 9), nullptr);
}

TEST(WireHostile, LargeHonestRequestsFitTheBudget) {
    MetadataRequest metadata;
    metadata.topics.emplace(20'000);
    for (std::size_t i = 0; i < metadata.topics->size(); ++i) {
        (*metadata.topics)[i].name = std::to_string(10'000 + i);
    }
    FetchRequest fetch;
    fetch.topics.resize(10'000);
    for (std::size_t i = 0; i < fetch.topics.size(); ++i) {
        fetch.topics[i].topic = std::to_string(10'000 + i);
        fetch.topics[i].partitions.resize(1);
    }
    OffsetFetchRequest offsets;
    offsets.topics.emplace(1);
    (*offsets.topics)[0].partition_indexes.resize(100'000);
    Arena arena;
    for (std::int16_t v = 0; v <= 12; ++v) {
        arena.reset();
        const Buffer body = encoded(metadata, v);
        EXPECT_NE(decode_body<metadata_request_t>(arena, body.view(), v), nullptr) << v;
    }
    for (std::int16_t v = 4; v <= 16; ++v) {
        arena.reset();
        const Buffer body = encoded(fetch, v);
        EXPECT_NE(decode_body<fetch_request_t>(arena, body.view(), v), nullptr) << v;
    }
    for (std::int16_t v = 1; v <= 7; ++v) {
        arena.reset();
        const Buffer body = encoded(offsets, v);
        EXPECT_NE(decode_body<offset_fetch_request_t>(arena, body.view(), v), nullptr) << v;
    }
}

TEST(WireHostile, TaggedFieldsCannotClaimWhatIsNotThere) {
    HeartbeatRequest request;
    Buffer honest = encoded(request, 4);
    honest.resize(honest.size() - 1);
    struct Case {
        const char* what;
        std::string tags;
        bool taken;
    };
    const Case cases[] = {
        {"none", std::string("\0", 1), true},
        {"one, empty", std::string("\1\0\0", 3), true},
        {"four billion", "\xff\xff\xff\xff\x0f", false},
        {"four billion and zeros", "\xff\xff\xff\xff\x0f" + std::string(1000, '\0'), false},
        {"a value of two gigabytes", std::string("\1\0\xff\xff\xff\xff\x07", 7), false},
        {"a varint of six bytes", "\x80\x80\x80\x80\x80\x01", false},
        {"a varint above 32 bits", "\x80\x80\x80\x80\x10", false},
    };
    for (const Case& c : cases) {
        Buffer body(honest.view());
        body.append(c.tags);
        Arena arena;
        EXPECT_EQ(decode_body<heartbeat_request_t>(arena, body.view(), 4) != nullptr, c.taken)
            << c.what;
        EXPECT_EQ(decode_message<HeartbeatRequest>(body.view(), 4).ok(), c.taken) << c.what;
    }
}

TEST(WireHostile, BytesBehindAMessageAreRefused) {
    HeartbeatRequest request;
    Buffer body = encoded(request, 2);
    body.append_be<std::int8_t>(0);
    Arena arena;
    EXPECT_EQ(decode_body<heartbeat_request_t>(arena, body.view(), 2), nullptr);
    EXPECT_EQ(arena.failure(), "the message is longer than its fields");
}

TEST(WireHostile, AFewBytesBehindARequestAreLetPassWhereTheReaderSaysSo) {
    MetadataRequest request;
    Buffer body = encoded(request, 12);
    for (std::size_t surplus = 0; surplus < 2 * kRequestSurplusMax; ++surplus) {
        Arena arena;
        EXPECT_EQ(
            decode_body<metadata_request_t>(arena, body.view(), 12, kRequestSurplusMax) != nullptr,
            surplus <= kRequestSurplusMax);
        body.append_be<std::int8_t>(0);
    }
}

}  // namespace
}  // namespace millrace::wire
