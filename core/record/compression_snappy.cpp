#include <algorithm>
#include <cstring>

#include <snappy.h>

#include "core/record/compression_codecs.h"

namespace millrace::codec {

namespace {

// The frame of the Java library ("xerial"): magic, version, lowest version that can read it, then
// chunks, each a length and raw snappy. It has nothing to do with snappy's own framing format.
constexpr unsigned char kMagic[] = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr std::int32_t kVersion = 1;
constexpr std::size_t kChunkBytes = std::size_t{32} << 10;  // of plain bytes, as Java's writer has
// A raw element gives at most 64 bytes for 3 (a copy with a two-byte offset).
constexpr std::size_t kGrowthMax = 22;

const char* as_chars(const std::byte* at) {
    return reinterpret_cast<const char*>(at);
}

bool starts_with_magic(ByteView bytes) {
    return bytes.size() >= sizeof kMagic && std::memcmp(bytes.data(), kMagic, sizeof kMagic) == 0;
}

Status inflate_raw(ByteView raw, InflatedPage& page) {
    std::size_t size = 0;
    if (!snappy::GetUncompressedLength(as_chars(raw.data()), raw.size(), &size)) {
        return not_valid("snappy", "the length of a block is missing");
    }
    // The claim is believed before anything comes out, so it must be one that can come true.
    if (size > raw.size() * kGrowthMax) {
        return not_valid("snappy", "a block claims more than its bytes can hold");
    }
    MILLRACE_TRY(const std::span<std::byte> room, page.room_for(size));
    if (!snappy::RawUncompress(
            as_chars(raw.data()), raw.size(), reinterpret_cast<char*>(room.data()))) {
        return not_valid("snappy", "a block is damaged");
    }
    return page.filled(size);
}

Status check_header(Cursor& cursor) {
    cursor.skip(sizeof kMagic);
    cursor.skip(4);  // the version that wrote it
    const auto compatible = cursor.read_be<std::int32_t>();
    if (!cursor.ok()) {
        return not_valid("snappy", "they end early");
    }
    if (compatible > kVersion) {
        return not_valid("snappy", "the frame is of a newer version");
    }
    return Ok{};
}

Status inflate_chunks(ByteView frame, InflatedPage& page) {
    Cursor cursor(frame);
    while (cursor.remaining() > 0) {
        // Streams may lie back to back: a header stands where a chunk would.
        if (starts_with_magic(cursor.rest())) {
            MILLRACE_TRY_STATUS(check_header(cursor));
            continue;
        }
        const auto size = cursor.read_be<std::int32_t>();
        if (size < 0) {
            return not_valid("snappy", "the length of a chunk is negative");
        }
        const ByteView raw = cursor.read_bytes(static_cast<std::size_t>(size));
        if (!cursor.ok()) {
            return not_valid("snappy", "they end early");
        }
        MILLRACE_TRY_STATUS(inflate_raw(raw, page));
    }
    return Ok{};
}

}  // namespace

Status snappy_compress(ByteView plain, Buffer& out) {
    out.append(ByteView(reinterpret_cast<const std::byte*>(kMagic), sizeof kMagic));
    out.append_be(kVersion);
    out.append_be(kVersion);
    while (!plain.empty()) {
        const std::size_t size = std::min(plain.size(), kChunkBytes);
        const std::size_t length_at = out.size();
        std::byte* const to = out.extend(4 + snappy::MaxCompressedLength(size)) + 4;
        std::size_t compressed = 0;
        snappy::RawCompress(as_chars(plain.data()), size, reinterpret_cast<char*>(to), &compressed);
        store_be(out.data() + length_at, static_cast<std::int32_t>(compressed));
        out.resize(length_at + 4 + compressed);
        plain = plain.subspan(size);
    }
    return Ok{};
}

Result<PagePtr> snappy_decompress(ByteView compressed, std::size_t limit) {
    InflatedPage page(compressed.size() * 2, limit);
    // Java's clients write the frame, others raw snappy. Raw bytes cannot start with the magic: its
    // first two bytes would be a length, and "N" an offset before the start.
    if (starts_with_magic(compressed)) {
        MILLRACE_TRY_STATUS(inflate_chunks(compressed, page));
    } else {
        MILLRACE_TRY_STATUS(inflate_raw(compressed, page));
    }
    return std::move(page).finish();
}

}  // namespace millrace::codec
