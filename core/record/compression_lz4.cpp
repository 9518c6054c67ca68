#include <memory>
#include <string>

#include <lz4frame.h>

#include "core/record/compression_codecs.h"

namespace millrace::codec {

namespace {

struct FreeContext {
    void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};

}  // namespace

Status lz4_compress(ByteView plain, Buffer& out) {
    LZ4F_preferences_t preferences{};
    // What Java's writer makes, and all that its reader takes: independent blocks.
    preferences.frameInfo.blockSizeID = LZ4F_max64KB;
    preferences.frameInfo.blockMode = LZ4F_blockIndependent;
    const std::size_t start = out.size();
    const std::size_t bound = LZ4F_compressFrameBound(plain.size(), &preferences);
    std::byte* const to = out.extend(bound);
    const std::size_t size =
        LZ4F_compressFrame(to, bound, plain.data(), plain.size(), &preferences);
    if (LZ4F_isError(size) != 0) {
        out.resize(start);
        return Error{ErrorCode::kOutOfMemoryBudget,
                     std::string("lz4 cannot compress: ") + LZ4F_getErrorName(size)};
    }
    out.resize(start + size);
    return Ok{};
}

Result<PagePtr> lz4_decompress(ByteView compressed, std::size_t limit) {
    LZ4F_dctx* made = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION)) != 0) {
        return Error{ErrorCode::kOutOfMemoryBudget, "no memory for lz4"};
    }
    const std::unique_ptr<LZ4F_dctx, FreeContext> context(made);
    InflatedPage page(compressed.size() * 2, limit);
    while (true) {
        const std::span<std::byte> room = page.room();
        std::size_t written = room.size();
        std::size_t consumed = compressed.size();
        const std::size_t wanted = LZ4F_decompress(
            context.get(), room.data(), &written, compressed.data(), &consumed, nullptr);
        if (LZ4F_isError(wanted) != 0) {
            return not_valid("lz4", LZ4F_getErrorName(wanted));
        }
        compressed = compressed.subspan(consumed);
        MILLRACE_TRY_STATUS(page.filled(written));
        if (wanted == 0) {
            // Java's reader stops here too, but silently: a second frame would be lost.
            if (!compressed.empty()) {
                return not_valid("lz4", "bytes follow the frame");
            }
            return std::move(page).finish();
        }
        if (compressed.empty() && written < room.size()) {
            return not_valid("lz4", "they end early");
        }
    }
}

}  // namespace millrace::codec
