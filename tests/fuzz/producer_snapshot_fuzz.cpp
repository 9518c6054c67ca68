// Snapshots of a partition's producers: any bytes are refused or make sense. The checksum is put
// right first, so that what stands behind it is reached.
// links: millrace_core_log millrace_core_record millrace_core_base
#include <chrono>
#include <cstdint>
#include <cstring>

#include "core/base/assert.h"
#include "core/base/checksum.h"
#include "core/log/producer_state.h"

namespace {

using namespace millrace;
using namespace millrace::log;

constexpr std::size_t kChecksumAt = 12;  // docs/formats/producers.md

void put_checksum(Buffer& snapshot) {
    if (snapshot.size() < kChecksumAt + sizeof(std::uint32_t)) {
        return;
    }
    const ByteView bytes = snapshot;
    const std::uint32_t checksum = crc32c(bytes.subspan(kChecksumAt + sizeof(std::uint32_t)),
                                          crc32c(bytes.first(kChecksumAt)));
    for (std::size_t i = 0; i < sizeof checksum; ++i) {
        snapshot.data()[kChecksumAt + i] = static_cast<std::byte>(checksum >> (8 * i));
    }
}

void read_snapshot(ByteView snapshot) {
    constexpr std::chrono::nanoseconds kNow = std::chrono::hours{1};
    const auto stamp = ProducerState::read_stamp(snapshot);
    ProducerState state;
    if (!state.restore(snapshot, kNow, 1'700'000'000'000).ok()) {
        return;
    }
    CHECK(stamp.ok());
    // What was taken over is written and read back the same.
    const Buffer written = state.snapshot(stamp.value(), kNow, 1'700'000'000'000);
    ProducerState again;
    CHECK(again.restore(written, kNow, 1'700'000'000'000).ok());
    CHECK(again.producers().size() == state.producers().size());
    CHECK(again.first_unstable() == state.first_unstable());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(reinterpret_cast<const std::byte*>(data), size);
    read_snapshot(input);
    Buffer mended(input);
    put_checksum(mended);
    read_snapshot(mended);
    return 0;
}
