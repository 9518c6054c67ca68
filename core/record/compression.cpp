#include "core/record/compression.h"

#include <algorithm>
#include <string>

#include "core/record/compression_codecs.h"

namespace millrace {

namespace {

constexpr std::size_t kPlainBytesMax = std::size_t{1} << 30;

Error unknown(Codec codec) {
    return Error{ErrorCode::kCorruptBatch,
                 "compression codec is unknown: " + std::to_string(static_cast<int>(codec))};
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

Status compress(Codec method, ByteView plain, Buffer& out) {
    if (plain.size() > kPlainBytesMax) {
        return Error{ErrorCode::kTooLarge,
                     "records are too large to compress: " + std::to_string(plain.size())};
    }
    switch (method) {
        case Codec::kNone:
            out.append(plain);
            return Ok{};
        case Codec::kGzip:
            return codec::gzip_compress(plain, out);
        case Codec::kSnappy:
            return codec::snappy_compress(plain, out);
        case Codec::kLz4:
            return codec::lz4_compress(plain, out);
        case Codec::kZstd:
            return codec::zstd_compress(plain, out);
    }
    return unknown(method);
}

Result<PagePtr> decompress(Codec method, ByteView compressed, std::size_t limit) {
    CHECK(limit <= kPlainBytesMax);
    if (compressed.size() > kPlainBytesMax) {
        return Error{ErrorCode::kTooLarge,
                     "records are too large to inflate: " + std::to_string(compressed.size())};
    }
    switch (method) {
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
            return codec::gzip_decompress(compressed, limit);
        case Codec::kSnappy:
            return codec::snappy_decompress(compressed, limit);
        case Codec::kLz4:
            return codec::lz4_decompress(compressed, limit);
        case Codec::kZstd:
            return codec::zstd_decompress(compressed, limit);
    }
    return unknown(method);
}

}  // namespace millrace
