// Every message of the protocol that Millrace speaks, as a table of functions over bytes.
#pragma once

#include <string_view>
#include <vector>

#include "core/base/random.h"
#include "core/wire/api_key.h"
#include "core/wire/arena.h"
#include "core/wire/encoder.h"

namespace millrace::wire {

struct MessageKind {
    std::string_view name;  // "FetchRequest"
    ApiKey key;
    bool is_request;
    VersionRange versions;
    /// A body with made-up values.
    Buffer (*make)(Random& random, std::int16_t version);
    /// What Decoder reads, encoded again.
    Result<Buffer> (*decode_and_encode)(ByteView body, std::int16_t version);
    /// Whether the generated reader takes it.
    bool (*read)(Arena& arena, ByteView body, std::int16_t version);
};

/// Requests and responses of every API. Defined by message_table.h.
[[nodiscard]] const std::vector<MessageKind>& message_kinds();

template <class Message>
Buffer encoded(Message& message, std::int16_t version) {
    Outbound out;
    encode_response(out, Message::kApi, version, message);
    return out.flat();
}

}  // namespace millrace::wire
