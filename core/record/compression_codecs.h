// The codecs behind compress() and decompress(), one source file each; for compression.cpp only.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/page.h"
#include "core/base/result.h"

namespace millrace::codec {

/// What comes out of a codec: a page that grows as it fills, by doubling, and never past `limit`.
class InflatedPage {
  public:
    /// expected   bytes to start with; a guess, cut to the limit
    InflatedPage(std::size_t expected, std::size_t limit);

    /// Where the next output goes; never empty, and past the limit by one byte at most, which shows
    /// that there was more.
    [[nodiscard]] std::span<std::byte> room();
    /// As room(), with `size` bytes at least. kTooLarge when the limit does not allow them.
    [[nodiscard]] Result<std::span<std::byte>> room_for(std::size_t size);
    /// `size` bytes of the room are output. kTooLarge behind the limit.
    Status filled(std::size_t size);
    [[nodiscard]] PagePtr finish() &&;

  private:
    void grow(std::size_t capacity);

    std::size_t limit_;
    std::size_t used_ = 0;
    std::shared_ptr<Page> page_;
};

/// kTooLarge: what inflates to more than `limit`.
[[nodiscard]] Error above_limit(std::size_t limit);
/// kCorruptBatch: "records are not valid CODEC: WHAT".
[[nodiscard]] Error not_valid(std::string_view codec, std::string_view what);

// Inputs are at most 1 GiB. Each appends to `out`, which is as it was after an error.
Status gzip_compress(ByteView plain, Buffer& out);
Status snappy_compress(ByteView plain, Buffer& out);
Status lz4_compress(ByteView plain, Buffer& out);
Status zstd_compress(ByteView plain, Buffer& out);

// Errors as decompress() has them.
[[nodiscard]] Result<PagePtr> gzip_decompress(ByteView compressed, std::size_t limit);
[[nodiscard]] Result<PagePtr> snappy_decompress(ByteView compressed, std::size_t limit);
[[nodiscard]] Result<PagePtr> lz4_decompress(ByteView compressed, std::size_t limit);
[[nodiscard]] Result<PagePtr> zstd_decompress(ByteView compressed, std::size_t limit);

}  // namespace millrace::codec
