// Decoding of requests with the generated readers. Include core/wire/generated/<message>.h for the
// message, and core/wire/kaitai_access.h to read its fields.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/wire/api_key.h"
#include "core/wire/arena.h"
#include "core/wire/kaitai/kaitaistream.h"

namespace millrace::wire {

/// The fields in front of every request. Views point into the frame.
struct RequestHead {
    ApiKey key = ApiKey::kProduce;  // may be a number that has no name here
    std::int16_t version = 0;       // as sent: may be one that we do not speak
    std::int32_t correlation_id = 0;
    std::string_view client_id;  // empty when the client gave none
    ByteView body;
};

/// frame    a request without its 4-byte length
/// returns  kInvalidArgument when there is no whole header
[[nodiscard]] Result<RequestHead> decode_request_header(Arena& arena, ByteView frame);

/// Bytes that clients leave behind the fields of a request and that Kafka does not look at:
/// librdkafka 2.0 ends ListGroups with its tagged fields twice, 2.16 writes the null of all topics
/// in Metadata in four bytes instead of one.
constexpr std::size_t kRequestSurplusMax = 16;

/// Reads all of `body` as a Message, e.g. decode_body<produce_request_t>(arena, body, version).
/// The message lies in `arena` and points into `body`.
/// surplus_max  bytes that may follow its fields
/// returns  null when the bytes are malformed; arena.failure() says why
template <class Message>
[[nodiscard]] Message* decode_body(Arena& arena,
                                   ByteView body,
                                   std::int16_t version,
                                   std::size_t surplus_max = 0) noexcept {
    kaitai::kstream stream(body, arena, surplus_max);
    const kaitai::Reading reading(stream);
    try {
        return new Message(version, &stream);
    } catch (const kaitai::decode_failure& failure) {
        arena.set_failure(failure.what);
        return nullptr;
    }
}

}  // namespace millrace::wire
