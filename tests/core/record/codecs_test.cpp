// What all codecs have in common, and what each takes from other programs.
#include <string>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/record/compression.h"
#include "tests/support/test_data.h"

namespace millrace {
namespace {

constexpr Codec kCodecs[] = {Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd};

Buffer compressed(Codec codec, ByteView plain) {
    Buffer out;
    CHECK(compress(codec, plain, out).ok());
    return out;
}

Buffer noise(std::size_t size) {
    SeededRandom random(3);
    Buffer bytes;
    while (bytes.size() < size) {
        bytes.append_le(random.next());
    }
    bytes.resize(size);
    return bytes;
}

/// What tests/data/codecs was made of.
std::string golden_text() {
    std::string text;
    for (int i = 0; i < 2000; ++i) {
        text += std::to_string(i) + ";user-" + std::to_string(i * 7919 % 101) + ";" +
                std::string(static_cast<std::size_t>(i % 13), 'x') + "\n";
    }
    return text;
}

class EveryCodec : public ::testing::TestWithParam<Codec> {};
INSTANTIATE_TEST_SUITE_P(Codecs, EveryCodec, ::testing::ValuesIn(kCodecs), [](const auto& tested) {
    return std::string(name_of(tested.param));
});

TEST_P(EveryCodec, GivesBackWhatWasCompressed) {
    for (const std::size_t size : std::initializer_list<std::size_t>{
             0, 1, 100, 4096, 32768, 32769, 65536, 65537, 1'000'000}) {
        const Buffer plain = noise(size);
        EXPECT_TRUE(
            equal(decompress(GetParam(), compressed(GetParam(), plain)).value()->view(), plain))
            << size;
        const Buffer repeated(std::string(size, '\0'));
        const Buffer small = compressed(GetParam(), repeated);
        EXPECT_TRUE(equal(decompress(GetParam(), small).value()->view(), repeated)) << size;
        EXPECT_TRUE(size < 4096 || small.size() < size / 10) << size;
    }
}

TEST_P(EveryCodec, KeepsWhatTheOutputHeldBefore) {
    Buffer out(std::string_view("head"));
    ASSERT_TRUE(compress(GetParam(), as_bytes("body"), out).ok());
    EXPECT_EQ(out.text().substr(0, 4), "head");
    EXPECT_EQ(as_text(decompress(GetParam(), out.view().subspan(4)).value()->view()), "body");
}

TEST_P(EveryCodec, TheLimitItselfIsAllowed) {
    const Buffer small = compressed(GetParam(), noise(100'000));
    EXPECT_TRUE(decompress(GetParam(), small, 100'000).ok());
    for (const std::size_t limit : std::initializer_list<std::size_t>{0, 1, 4096, 99'999}) {
        const Result<PagePtr> page = decompress(GetParam(), small, limit);
        EXPECT_EQ(page.error().code, ErrorCode::kTooLarge) << limit;
        EXPECT_EQ(page.error().message,
                  "records inflate to more than the limit: " + std::to_string(limit));
    }
}

TEST_P(EveryCodec, StopsABombAtTheLimit) {
    Buffer plain;
    plain.append_zeros(kInflatedBytesMax + 1);
    const Buffer bomb = compressed(GetParam(), plain);
    EXPECT_EQ(decompress(GetParam(), bomb).error().code, ErrorCode::kTooLarge);
    EXPECT_EQ(decompress(GetParam(), bomb, std::size_t{1} << 20).error().code,
              ErrorCode::kTooLarge);
    EXPECT_TRUE(decompress(GetParam(), bomb, plain.size()).ok());
}

TEST_P(EveryCodec, TruncationIsCorruptAtEveryByte) {
    const Buffer good = compressed(GetParam(), noise(70'000));
    const std::size_t step = 97;  // and every byte of both ends
    for (std::size_t size = 0; size < good.size();
         size += size < 400 || size + 400 > good.size() ? 1 : step) {
        const Result<PagePtr> page = decompress(GetParam(), Buffer(good.view().first(size)));
        // The frame of snappy has no end mark: between two chunks it may end. Record counts and
        // the batch's checksum find that.
        if (GetParam() == Codec::kSnappy && page.ok()) {
            EXPECT_EQ(page.value()->size() % 32768, 0U) << size;
        } else {
            EXPECT_EQ(page.error().code, ErrorCode::kCorruptBatch) << size;
        }
    }
}

TEST_P(EveryCodec, AnyFlippedByteIsSurvived) {
    const Buffer good = compressed(GetParam(), as_bytes(golden_text().substr(0, 3000)));
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const int mask : {0x01, 0x10, 0x80, 0xff}) {
            Buffer flipped = good;
            flipped.data()[at] ^= static_cast<std::byte>(mask);
            const Result<PagePtr> page = decompress(GetParam(), flipped);
            EXPECT_TRUE(page.ok() || page.error().code == ErrorCode::kCorruptBatch ||
                        page.error().code == ErrorCode::kTooLarge)
                << at << " " << page.error().message;
        }
    }
}

TEST_P(EveryCodec, NoiseIsCorrupt) {
    SeededRandom random(17);
    for (int round = 0; round < 2000; ++round) {
        Buffer bytes;
        const std::uint64_t size = random.below(200);
        while (bytes.size() < size) {
            bytes.append_le(random.next());
        }
        const Result<PagePtr> page = decompress(GetParam(), bytes, 1000);
        EXPECT_TRUE(!page.ok() || GetParam() == Codec::kSnappy);
    }
}

TEST(Codecs, ReadWhatOtherProgramsWrote) {
    struct Case {
        const char* file;
        Codec codec;
    };
    constexpr Case kCases[] = {
        {"gzip_9.gzip", Codec::kGzip},
        {"gzip_two_members.gzip", Codec::kGzip},
        {"raw.snappy", Codec::kSnappy},
        {"xerial.snappy", Codec::kSnappy},
        {"xerial_two_streams.snappy", Codec::kSnappy},
        {"independent.lz4", Codec::kLz4},
        {"linked_checksums.lz4", Codec::kLz4},
        {"big_blocks.lz4", Codec::kLz4},
        {"level_3.zstd", Codec::kZstd},
        {"level_19_checksum.zstd", Codec::kZstd},
        {"streamed.zstd", Codec::kZstd},
        {"two_frames.zstd", Codec::kZstd},
    };
    const std::string expected = golden_text();
    for (const Case& tested : kCases) {
        const Buffer bytes = read_test_data(std::string("codecs/") + tested.file);
        const Result<PagePtr> page = decompress(tested.codec, bytes);
        ASSERT_TRUE(page.ok()) << tested.file << ": " << page.error().message;
        EXPECT_TRUE(as_text(page.value()->view()) == expected) << tested.file;
        for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 64) {
            const Result<PagePtr> cut = decompress(tested.codec, Buffer(bytes.view().first(size)));
            EXPECT_TRUE(!cut.ok() || as_text(cut.value()->view()) != expected) << tested.file;
        }
    }
}

// --- snappy

Buffer xerial(std::int32_t version, std::int32_t compatible) {
    Buffer frame(std::string_view("\x82SNAPPY\0", 8));
    frame.append_be(version);
    frame.append_be(compatible);
    return frame;
}

/// Raw snappy: a length, then one literal.
Buffer raw_hello() {
    return Buffer(std::string_view("\x05\x10hello"));
}

TEST(Snappy, WritesTheFrameOfJavasClient) {
    const Buffer frame = compressed(Codec::kSnappy, as_bytes("hello"));
    Buffer expected = xerial(1, 1);
    expected.append_be(std::int32_t{7});
    expected.append(raw_hello().view());
    EXPECT_TRUE(equal(frame, expected));
    EXPECT_TRUE(equal(compressed(Codec::kSnappy, {}), xerial(1, 1)));
}

TEST(Snappy, TakesRawBlocks) {
    EXPECT_EQ(as_text(decompress(Codec::kSnappy, raw_hello()).value()->view()), "hello");
}

TEST(Snappy, RefusesFramesThatItCannotKnow) {
    EXPECT_EQ(decompress(Codec::kSnappy, xerial(2, 2)).error().message,
              "records are not valid snappy: the frame is of a newer version");
    EXPECT_TRUE(decompress(Codec::kSnappy, xerial(2, 1)).ok());
    Buffer negative = xerial(1, 1);
    negative.append_be(std::int32_t{-1});
    EXPECT_EQ(decompress(Codec::kSnappy, negative).error().message,
              "records are not valid snappy: the length of a chunk is negative");
    Buffer none = xerial(1, 1);
    none.append_be(std::int32_t{0});
    EXPECT_EQ(decompress(Codec::kSnappy, none).error().code, ErrorCode::kCorruptBatch);
    Buffer beyond = xerial(1, 1);
    beyond.append_be(std::int32_t{8});
    beyond.append(raw_hello().view());
    EXPECT_EQ(decompress(Codec::kSnappy, beyond).error().message,
              "records are not valid snappy: they end early");
}

TEST(Snappy, DoesNotBelieveALengthThatCannotBe) {
    // 4 GiB - 1 in seven bytes.
    const Buffer claim(
        std::string_view("\xff\xff\xff\xff\x0f\x00"
                         "a",
                         7));
    EXPECT_EQ(decompress(Codec::kSnappy, claim).error().message,
              "records are not valid snappy: a block claims more than its bytes can hold");
}

// --- lz4

TEST(Lz4, WritesIndependentBlocksOf64KiB) {
    const Buffer frame = compressed(Codec::kLz4, as_bytes("hello"));
    ASSERT_GE(frame.size(), 7U);
    EXPECT_EQ(load_le<std::uint32_t>(frame.data()), 0x184D2204U);
    EXPECT_EQ(frame.data()[4], std::byte{0x60});  // version 1, independent, nothing optional
    EXPECT_EQ(frame.data()[5], std::byte{0x40});  // 64 KiB
    EXPECT_EQ(frame.data()[6], std::byte{0x82});  // second byte of xxh32 of the two before
}

TEST(Lz4, ChecksHeaderBlockAndContentChecksums) {
    const Buffer good = read_test_data("codecs/linked_checksums.lz4");
    Buffer header = good;
    header.data()[14] ^= std::byte{1};
    EXPECT_EQ(decompress(Codec::kLz4, header).error().message,
              "records are not valid lz4: ERROR_headerChecksum_invalid");
    Buffer content = good;
    content.data()[content.size() - 1] ^= std::byte{1};
    EXPECT_EQ(decompress(Codec::kLz4, content).error().message,
              "records are not valid lz4: ERROR_contentChecksum_invalid");
    for (std::size_t at = 19; at < good.size(); at += 53) {
        Buffer flipped = good;
        flipped.data()[at] ^= std::byte{4};
        EXPECT_FALSE(decompress(Codec::kLz4, flipped).ok()) << at;
    }
}

TEST(Lz4, RefusesBytesBehindTheFrame) {
    Buffer two = compressed(Codec::kLz4, as_bytes("hello"));
    two.append(compressed(Codec::kLz4, as_bytes("again")).view());
    EXPECT_EQ(decompress(Codec::kLz4, two).error().message,
              "records are not valid lz4: bytes follow the frame");
}

// --- zstd

TEST(Zstd, RefusesWindowsAbove8MiB) {
    // A frame without content size and a window of 2^(10 + exponent), holding one empty block.
    const auto frame = [](int exponent) {
        Buffer bytes;
        bytes.append_le(std::uint32_t{0xFD2FB528});
        bytes.append_le(std::uint8_t{0});
        bytes.append_le(static_cast<std::uint8_t>(exponent << 3));
        bytes.append(std::string_view("\x01\x00\x00", 3));
        return bytes;
    };
    EXPECT_TRUE(decompress(Codec::kZstd, frame(13)).ok());
    const Result<PagePtr> wide = decompress(Codec::kZstd, frame(14));
    EXPECT_EQ(wide.error().code, ErrorCode::kTooLarge);
    EXPECT_EQ(wide.error().message, "zstd window of the records is above 8 MiB");
}

TEST(Zstd, ChecksTheContentChecksum) {
    Buffer bytes = read_test_data("codecs/level_19_checksum.zstd");
    bytes.data()[bytes.size() - 1] ^= std::byte{1};
    EXPECT_EQ(decompress(Codec::kZstd, bytes).error().code, ErrorCode::kCorruptBatch);
}

}  // namespace
}  // namespace millrace
