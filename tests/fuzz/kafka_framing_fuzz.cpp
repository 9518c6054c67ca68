// Fuzz target: the frames and headers of Kafka requests, cut at arbitrary places.
// links: millrace_server
#include <algorithm>
#include <cstdlib>

#include "core/net/memory_budget.h"
#include "core/wire/arena.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/api_table.h"
#include "server/kafka/frame_reader.h"

using namespace millrace;                 // NOLINT
using namespace millrace::server::kafka;  // NOLINT

namespace {

constexpr std::size_t kMemory = std::size_t{8} << 20;

void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// Reads the header as the connection does; its views must lie in the frame.
void read_header(ByteView frame) {
    wire::Arena arena(std::size_t{1} << 20);
    const auto header = wire::decode_request_header(arena, frame);
    if (!header.ok()) {
        return;
    }
    const auto is_inside = [&](const void* at, std::size_t size) {
        const auto* from = static_cast<const std::byte*>(at);
        return size == 0 || (from >= frame.data() && from + size <= frame.data() + frame.size());
    };
    check(is_inside(header.value().body.data(), header.value().body.size()));
    check(is_inside(header.value().client_id.data(), header.value().client_id.size()));
}

}  // namespace

/// The first byte seeds the lengths of the pieces; the rest is what a peer sends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    net::MemoryBudget budget(kMemory);
    {
        FrameReader reader(budget, {}, [](std::int16_t key, std::int16_t version) {
            const Api* api = find_api(api_table(), key);
            return api != nullptr && version >= api->version_min && version <= api->version_max;
        });
        std::uint32_t seed = data[0];
        ByteView left = std::as_bytes(std::span(data + 1, size - 1));
        bool is_over = false;
        while (!left.empty() && !is_over) {
            seed = seed * 1664525U + 1013904223U;
            const std::size_t step = std::min<std::size_t>(1 + (seed >> 20), left.size());
            ByteView bytes = left.first(step);
            left = left.subspan(step);
            const std::size_t direct = std::min(reader.space().size(), bytes.size());
            if ((seed & 1) != 0 && direct > 0) {
                std::copy_n(bytes.begin(), direct, reader.space().begin());
                bytes = bytes.subspan(direct);
                if (reader.filled(direct) == FrameReader::State::kFrame) {
                    read_header(reader.take().bytes());
                }
            }
            while (!bytes.empty() && !is_over) {
                const FrameReader::State state = reader.feed(bytes);
                if (state == FrameReader::State::kFrame) {
                    read_header(reader.take().bytes());
                } else {
                    is_over = state != FrameReader::State::kNeedsBytes;
                    check(is_over || bytes.empty());
                }
            }
            // Memory follows the bytes that came, not the lengths that were declared.
            check(budget.used() <= std::max<std::size_t>(4096, 2 * size + 4096));
        }
    }
    check(budget.used() == 0);
    return 0;
}
