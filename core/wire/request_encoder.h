// What a client sends: the request header and a message of core/wire/messages. For our own clients:
// command line, tests, benches.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/wire/encoder.h"

namespace millrace::wire {

struct RequestHeader {
    std::int32_t correlation_id = 0;  // comes back with the response
    std::optional<std::string> client_id;
};

/// Appends the header of a request to `out`, without the length of the frame.
void encode_request_header(Outbound& out,
                           ApiKey key,
                           std::int16_t version,
                           const RequestHeader& header);

/// A whole frame, its 4-byte length included.
///
///     MetadataRequest request;
///     socket.write(encode_request({.correlation_id = 1, .client_id = "cli"}, 12, request));
template <class Message>
[[nodiscard]] Buffer encode_request(const RequestHeader& header,
                                    std::int16_t version,
                                    Message& message) {
    Outbound out;
    out.bytes.append_be<std::int32_t>(0);
    encode_request_header(out, Message::kApi, version, header);
    Encoder encoder(out, version, version >= flexible_from(Message::kApi));
    message.visit(encoder);
    Buffer frame = out.flat();
    store_be(frame.data(), static_cast<std::int32_t>(frame.size() - sizeof(std::int32_t)));
    return frame;
}

}  // namespace millrace::wire
