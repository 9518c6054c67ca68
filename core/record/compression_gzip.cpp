#include <zlib.h>

#include "core/record/compression_codecs.h"

namespace millrace::codec {

namespace {

constexpr int kWindowBits = 15 + 16;  // largest window; 16 asks for gzip's header and trailer
constexpr int kMemoryLevel = 8;       // zlib's default

Bytef* as_zlib(const std::byte* at) {
    // zlib's input pointer is not const for historical reasons; it never writes through it.
    return reinterpret_cast<Bytef*>(const_cast<std::byte*>(at));
}

/// Frees zlib's memory on every way out.
class Inflater {
  public:
    Inflater() { is_ready_ = inflateInit2(&stream_, kWindowBits) == Z_OK; }
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

Error bad_gzip(const z_stream& stream) {
    return not_valid("gzip", stream.msg == nullptr ? "they end early" : stream.msg);
}

}  // namespace

Status gzip_compress(ByteView plain, Buffer& out) {
    z_stream stream{};
    if (deflateInit2(&stream,
                     Z_DEFAULT_COMPRESSION,
                     Z_DEFLATED,
                     kWindowBits,
                     kMemoryLevel,
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

Result<PagePtr> gzip_decompress(ByteView compressed, std::size_t limit) {
    Inflater inflater;
    if (!inflater.is_ready()) {
        return Error{ErrorCode::kOutOfMemoryBudget, "no memory for gzip"};
    }
    z_stream& stream = inflater.stream();
    stream.next_in = as_zlib(compressed.data());
    stream.avail_in = static_cast<uInt>(compressed.size());
    InflatedPage page(compressed.size() * 4, limit);
    while (true) {
        const std::span<std::byte> room = page.room();
        stream.next_out = as_zlib(room.data());
        stream.avail_out = static_cast<uInt>(room.size());
        const int state = inflate(&stream, Z_NO_FLUSH);
        MILLRACE_TRY_STATUS(page.filled(room.size() - stream.avail_out));
        if (state == Z_STREAM_END) {
            if (stream.avail_in == 0) {
                return std::move(page).finish();
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

}  // namespace millrace::codec
