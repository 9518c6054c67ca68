#include "core/record/compression.h"

#include <string>

#include <gtest/gtest.h>

#include "core/base/random.h"

namespace millrace {
namespace {

Buffer gzip(ByteView plain) {
    Buffer out;
    CHECK(compress(Codec::kGzip, plain, out).ok());
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

TEST(Gzip, GivesBackWhatWasCompressed) {
    for (const std::size_t size :
         std::initializer_list<std::size_t>{0, 1, 100, 4096, 100000, 1000000}) {
        const Buffer plain = noise(size);
        const PagePtr page = decompress(Codec::kGzip, gzip(plain)).value();
        EXPECT_TRUE(equal(page->view(), plain)) << size;
        const Buffer repeated(std::string(size, '\0'));
        EXPECT_TRUE(equal(decompress(Codec::kGzip, gzip(repeated)).value()->view(), repeated));
    }
}

TEST(Gzip, KeepsWhatTheOutputHeldBefore) {
    Buffer out(std::string_view("head"));
    ASSERT_TRUE(compress(Codec::kGzip, as_bytes("body"), out).ok());
    EXPECT_EQ(out.text().substr(0, 4), "head");
    EXPECT_EQ(as_text(decompress(Codec::kGzip, out.view().subspan(4)).value()->view()), "body");
}

// Made by `printf hello | gzip -n | xxd -i`: somebody else's bytes.
TEST(Gzip, ReadsTheBytesOfAnotherProgram) {
    const unsigned char bytes[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                   0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x86,
                                   0xa6, 0x10, 0x36, 0x05, 0x00, 0x00, 0x00};
    const ByteView view(reinterpret_cast<const std::byte*>(bytes), sizeof bytes);
    EXPECT_EQ(as_text(decompress(Codec::kGzip, view).value()->view()), "hello");
    Buffer twice{view};
    twice.append(view);
    EXPECT_EQ(as_text(decompress(Codec::kGzip, twice).value()->view()), "hellohello");
}

TEST(Gzip, StopsABombAtTheLimit) {
    Buffer plain;
    plain.append_zeros(std::size_t{1} << 20);
    const Buffer member = gzip(plain);
    Buffer bomb;
    for (int i = 0; i < 65; ++i) {
        bomb.append(member.view());
    }
    EXPECT_LT(bomb.size(), std::size_t{100} << 10);
    EXPECT_EQ(decompress(Codec::kGzip, bomb).error().code, ErrorCode::kTooLarge);
    EXPECT_EQ(decompress(Codec::kGzip, bomb, 1000).error().message,
              "records inflate to more than the limit: 1000");
}

TEST(Gzip, TheLimitItselfIsAllowed) {
    const Buffer plain = noise(10'000);
    EXPECT_TRUE(decompress(Codec::kGzip, gzip(plain), 10'000).ok());
    EXPECT_EQ(decompress(Codec::kGzip, gzip(plain), 9'999).error().code, ErrorCode::kTooLarge);
}

TEST(Gzip, DamageIsAnErrorAtEveryByte) {
    const Buffer plain = noise(300);
    const Buffer good = gzip(plain);
    for (std::size_t size = 0; size < good.size(); ++size) {
        const Buffer cut(good.view().first(size));
        EXPECT_EQ(decompress(Codec::kGzip, cut).error().code, ErrorCode::kCorruptBatch) << size;
    }
    for (std::size_t at = 0; at < good.size(); ++at) {
        Buffer flipped = good;
        flipped.data()[at] ^= std::byte{0x10};
        const Result<PagePtr> page = decompress(Codec::kGzip, flipped);
        // Some bits mean nothing to the content: the header's time, padding of stored blocks.
        EXPECT_TRUE(!page.ok() || equal(page.value()->view(), plain)) << at;
    }
}

TEST(Compression, NamesAreThoseOfCompressionType) {
    EXPECT_EQ(name_of(Codec::kNone), "none");
    EXPECT_EQ(name_of(Codec::kGzip), "gzip");
    EXPECT_EQ(name_of(Codec::kSnappy), "snappy");
    EXPECT_EQ(name_of(Codec::kLz4), "lz4");
    EXPECT_EQ(name_of(Codec::kZstd), "zstd");
}

TEST(Compression, NoneCopies) {
    Buffer out;
    ASSERT_TRUE(compress(Codec::kNone, as_bytes("plain"), out).ok());
    EXPECT_EQ(out.text(), "plain");
    EXPECT_EQ(as_text(decompress(Codec::kNone, out).value()->view()), "plain");
    EXPECT_EQ(decompress(Codec::kNone, out, 4).error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace millrace
