// Any bytes through every codec, both ways.
// links: millrace_core_record
//
// The first byte chooses the codec; the rest is read as its format, and compressed and read back.
#include <cstdint>

#include "core/record/compression.h"

using namespace millrace;

namespace {

constexpr std::size_t kInflatedMax = std::size_t{1} << 20;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto codec = static_cast<Codec>(data[0] % 5);
    const ByteView bytes(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
    const Result<PagePtr> page = decompress(codec, bytes, kInflatedMax);
    if (page.ok()) {
        CHECK(page.value()->size() <= kInflatedMax);
    } else {
        CHECK(page.error().code == ErrorCode::kCorruptBatch ||
              page.error().code == ErrorCode::kTooLarge);
    }
    Buffer compressed;
    CHECK(compress(codec, bytes, compressed).ok());
    CHECK(equal(decompress(codec, compressed, size).value()->view(), bytes));
    return 0;
}
