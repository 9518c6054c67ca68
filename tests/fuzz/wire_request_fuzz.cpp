// A whole request frame, any bytes: header, then the body in whatever API and version it claims.
// links: millrace_core_wire
//
// Both readers must take the same bodies, and the generated one must stay within its budget.
#include "tests/core/wire/message_table.h"

using namespace millrace;
using namespace millrace::wire;

namespace {

constexpr std::size_t kBytesAlways = std::size_t{64} << 10;
constexpr std::size_t kBytesPerByte = 16;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView frame(reinterpret_cast<const std::byte*>(data), size);
    Arena arena;
    const Result<RequestHead> head = decode_request_header(arena, frame);
    if (!head.ok()) {
        return 0;
    }
    arena.reset();
    const RequestHead& request = head.value();
    for (const MessageKind& kind : message_kinds()) {
        // Negative correlation ids: the body is a response, so that those are fuzzed, too.
        if (kind.key == request.key && kind.versions.contains(request.version) &&
            kind.is_request == (request.correlation_id >= 0)) {
            const bool is_read = kind.read(arena, request.body, request.version);
            CHECK(is_read == kind.decode_and_encode(request.body, request.version).ok());
            CHECK(arena.used() <= kBytesAlways + kBytesPerByte * request.body.size());
        }
    }
    return 0;
}
