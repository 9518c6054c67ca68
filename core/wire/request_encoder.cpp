#include "core/wire/request_encoder.h"

namespace millrace::wire {

void encode_request_header(Outbound& out,
                           ApiKey key,
                           std::int16_t version,
                           const RequestHeader& header) {
    // The client id keeps its 16-bit length in flexible headers too: the broker reads it before it
    // knows the version.
    Encoder encoder(out, version, false);
    encoder.field(key);
    encoder.field(version);
    encoder.field(header.correlation_id);
    encoder.field(header.client_id);
    if (request_header_version(key, version) == 2) {
        out.bytes.append_be<std::int8_t>(0);
    }
}

}  // namespace millrace::wire
