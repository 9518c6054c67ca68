#include "core/record/compression.h"

#include <algorithm>
#include <string>

#include <zlib.h>

namespace millrace {

namespace {

constexpr int kGzipWindowBits = 15 + 16;  // largest window; 16 asks for gzip's header and trailer
constexpr int kGzipMemoryLevel = 8;       // zlib's default
constexpr std::size_t kPlainBytesMax = std::size_t{1} << 30;
constexpr std::size_t kFirstPageBytes = std::size_t{4} << 10;

Error not_supported(Codec codec) {
    return Error{ErrorCode::kNotSupported,
                 "compression codec is not supported: " + std::string(name_of(codec))};
}

Bytef* as_zlib(const std::byte* at) {
    // zlib's input pointer is not const for historical reasons; it never writes through it.
    return reinterpret_cast<Bytef*>(const_cast<std::byte*>(at));
}

Status gzip_compress(ByteView plain, Buffer& out) {
    z_stream stream{};
    if (deflateInit2(&stream,
                     Z_DEFAULT_COMPRESSION,
                     Z_DEFLATED,
                     kGzipWindowBits,
                     kGzipMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return Error{ErrorCode::kOutOfMemoryBudget, "no memory for gzip"};
    }
    const std::size_t start = out.size();
    const std::size_t bound = deflateBound(&stream, static_cast<uLong>(plain.size()));
    stream.next_in = as_zlib(plain.data());
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = as_zlib(out.extend(bound));
    stream.avail_out = static_cast<uInt>(bound);
    const int end = deflate(&stream, Z_FINISH);
    CHECK(end == Z_STREAM_END);  // deflateBound() promises that one call is enough
    out.resize(start + stream.total_out);
    deflateEnd(&stream);
    return Ok{};
}

/// Frees zlib's memory on every way out.
class Inflater {
  public:
    Inflater() { is_ready_ = inflateInit2(&stream_, kGzipWindowBits) == Z_OK; }
    ~Inflater() {
        if (is_ready_) {
            inflateEnd(&stream_);
        }
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    [[nodiscard]] bool is_ready() const { return is_ready_; }
    z_stream& stream() { return stream_; }

  private:
    z_stream stream_{};
    bool is_ready_ = false;
};

std::shared_ptr<Page> grown(const std::shared_ptr<Page>& page, std::size_t used, std::size_t size) {
    std::shared_ptr<Page> larger = Page::allocate(size);
    std::copy_n(page->data(), used, larger->data());
    return larger;
}

Error bad_gzip(const z_stream& stream) {
    return Error{ErrorCode::kCorruptBatch,
                 std::string("records are not valid gzip: ") +
                     (stream.msg == nullptr ? "they end early" : stream.msg)};
}

Result<PagePtr> gzip_decompress(ByteView compressed, std::size_t limit) {
    Inflater inflater;
    if (!inflater.is_ready()) {
        return Error{ErrorCode::kOutOfMemoryBudget, "no memory for gzip"};
    }
    z_stream& stream = inflater.stream();
    stream.next_in = as_zlib(compressed.data());
    stream.avail_in = static_cast<uInt>(compressed.size());
    // One byte above the limit shows that there was more.
    const std::size_t capacity_max = limit + 1;
    auto page =
        Page::allocate(std::min(std::max(kFirstPageBytes, compressed.size() * 4), capacity_max));
    std::size_t used = 0;
    while (true) {
        if (used == page->capacity()) {
            page = grown(page, used, std::min(used * 2, capacity_max));
        }
        stream.next_out = as_zlib(page->data() + used);
        stream.avail_out = static_cast<uInt>(page->capacity() - used);
        const int state = inflate(&stream, Z_NO_FLUSH);
        used = page->capacity() - stream.avail_out;
        if (used > limit) {
            return Error{ErrorCode::kTooLarge,
                         "records inflate to more than the limit: " + std::to_string(limit)};
        }
        if (state == Z_STREAM_END) {
            if (stream.avail_in == 0) {
                page->set_size(used);
                return PagePtr(std::move(page));
            }
            // gzip allows several members back to back.
            if (inflateReset(&stream) != Z_OK) {
                return bad_gzip(stream);
            }
        } else if (state != Z_OK || (stream.avail_in == 0 && stream.avail_out != 0)) {
            return bad_gzip(stream);
        }
    }
}

}  // namespace

std::string_view name_of(Codec codec) {
    switch (codec) {
        case Codec::kNone:
            return "none";
        case Codec::kGzip:
            return "gzip";
        case Codec::kSnappy:
            return "snappy";
        case Codec::kLz4:
            return "lz4";
        case Codec::kZstd:
            return "zstd";
    }
    return "unknown";
}

Status compress(Codec codec, ByteView plain, Buffer& out) {
    if (plain.size() > kPlainBytesMax) {
        return Error{ErrorCode::kTooLarge,
                     "records are too large to compress: " + std::to_string(plain.size())};
    }
    switch (codec) {
        case Codec::kNone:
            out.append(plain);
            return Ok{};
        case Codec::kGzip:
            return gzip_compress(plain, out);
        case Codec::kSnappy:
        case Codec::kLz4:
        case Codec::kZstd:
            break;
    }
    return not_supported(codec);
}

Result<PagePtr> decompress(Codec codec, ByteView compressed, std::size_t limit) {
    CHECK(limit <= kPlainBytesMax);
    if (compressed.size() > kPlainBytesMax) {
        return Error{ErrorCode::kTooLarge,
                     "records are too large to inflate: " + std::to_string(compressed.size())};
    }
    switch (codec) {
        case Codec::kNone: {
            if (compressed.size() > limit) {
                return Error{ErrorCode::kTooLarge,
                             "records are above the limit: " + std::to_string(compressed.size())};
            }
            auto page = Page::allocate(compressed.size());
            std::copy(compressed.begin(), compressed.end(), page->data());
            page->set_size(compressed.size());
            return PagePtr(std::move(page));
        }
        case Codec::kGzip:
            return gzip_decompress(compressed, limit);
        case Codec::kSnappy:
        case Codec::kLz4:
        case Codec::kZstd:
            break;
    }
    return not_supported(codec);
}

}  // namespace millrace
