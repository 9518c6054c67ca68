#include "core/wire/request_decoder.h"

#include "core/wire/generated/request_header.h"
#include "core/wire/kaitai_access.h"

namespace millrace::wire {

Result<RequestHead> decode_request_header(Arena& arena, ByteView frame) {
    Cursor cursor(frame);
    const auto key = static_cast<ApiKey>(cursor.read_be<std::int16_t>());
    const std::int16_t version = cursor.read_be<std::int16_t>();
    kaitai::kstream stream(frame, arena);
    const kaitai::Reading reading(stream);
    try {
        const request_header_t header(request_header_version(key, version), &stream);
        return RequestHead{.key = key,
                           .version = version,
                           .correlation_id = header.correlation_id(),
                           .client_id = text(header.client_id()),
                           .body = frame.subspan(static_cast<std::size_t>(stream.pos()))};
    } catch (const kaitai::decode_failure& failure) {
        return Error{ErrorCode::kInvalidArgument,
                     "malformed request header: " + std::string(failure.what)};
    }
}

}  // namespace millrace::wire
