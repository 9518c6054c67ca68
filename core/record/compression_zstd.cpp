#include <memory>
#include <string>

#include <zstd.h>
#include <zstd_errors.h>

#include "core/record/compression_codecs.h"

namespace millrace::codec {

namespace {

// 8 MiB: what RFC 8878 asks every reader to take, and all levels up to 19 keep to.
constexpr int kWindowLogMax = 23;

struct FreeContext {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

Error zstd_error(std::size_t code) {
    switch (static_cast<int>(ZSTD_getErrorCode(code))) {
        case ZSTD_error_frameParameter_windowTooLarge:
            return Error{ErrorCode::kTooLarge, "zstd window of the records is above 8 MiB"};
        case ZSTD_error_memory_allocation:
            return Error{ErrorCode::kOutOfMemoryBudget, "no memory for zstd"};
        default:
            return not_valid("zstd", ZSTD_getErrorName(code));
    }
}

}  // namespace

Status zstd_compress(ByteView plain, Buffer& out) {
    const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
    if (context == nullptr) {
        return Error{ErrorCode::kOutOfMemoryBudget, "no memory for zstd"};
    }
    const std::size_t start = out.size();
    const std::size_t bound = ZSTD_compressBound(plain.size());
    std::byte* const to = out.extend(bound);
    const std::size_t size = ZSTD_compress2(context.get(), to, bound, plain.data(), plain.size());
    if (ZSTD_isError(size) != 0) {
        out.resize(start);
        return Error{ErrorCode::kOutOfMemoryBudget,
                     std::string("zstd cannot compress: ") + ZSTD_getErrorName(size)};
    }
    out.resize(start + size);
    return Ok{};
}

Result<PagePtr> zstd_decompress(ByteView compressed, std::size_t limit) {
    const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
    if (context == nullptr || ZSTD_isError(ZSTD_DCtx_setParameter(
                                  context.get(), ZSTD_d_windowLogMax, kWindowLogMax)) != 0) {
        return Error{ErrorCode::kOutOfMemoryBudget, "no memory for zstd"};
    }
    if (compressed.empty()) {
        return not_valid("zstd", "they end early");
    }
    InflatedPage page(compressed.size() * 4, limit);
    ZSTD_inBuffer in{compressed.data(), compressed.size(), 0};
    while (true) {
        const std::span<std::byte> room = page.room();
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        const std::size_t wanted = ZSTD_decompressStream(context.get(), &out, &in);
        if (ZSTD_isError(wanted) != 0) {
            return zstd_error(wanted);
        }
        MILLRACE_TRY_STATUS(page.filled(out.pos));
        const bool is_input_used = in.pos == in.size;
        if (wanted == 0 && is_input_used) {
            return std::move(page).finish();
        }
        // Frames may follow each other; the next call starts the next one.
        if (wanted != 0 && is_input_used && out.pos < out.size) {
            return not_valid("zstd", "they end early");
        }
    }
}

}  // namespace millrace::codec
