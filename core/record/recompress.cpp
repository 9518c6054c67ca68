#include "core/record/recompress.h"

#include <limits>
#include <string>

#include "core/base/checksum.h"

namespace millrace {

namespace {

constexpr std::size_t kBatchBytesMax =
    static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
constexpr std::size_t kCrcStart = 21;
constexpr std::uint16_t kCodecBits = 7;

}  // namespace

Result<Buffer> recompress(const RecordBatchView& batch, Codec target, std::size_t limit) {
    if (batch.is_control() || batch.codec() == target) {
        return Buffer(batch.bytes());
    }
    MILLRACE_TRY(const RecordPayload payload, payload_of(batch, nullptr, limit));
    Buffer out(batch.bytes().first(kRecordBatchHeaderBytes));
    MILLRACE_TRY_STATUS(compress(target, payload.bytes, out));
    if (out.size() > kBatchBytesMax) {
        return Error{ErrorCode::kTooLarge,
                     "records do not fit one batch of bytes: " + std::to_string(kBatchBytesMax)};
    }
    store_be(out.data() + 8, static_cast<std::int32_t>(out.size() - kRecordBatchPrefixBytes));
    store_be(out.data() + kCrcStart,
             static_cast<std::uint16_t>((batch.attributes() & ~kCodecBits) |
                                        static_cast<std::uint16_t>(target)));
    store_be(out.data() + 17, crc32c(out.view().subspan(kCrcStart)));
    return out;
}

}  // namespace millrace
