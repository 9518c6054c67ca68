// KafkaClient: a small blocking client of the Kafka protocol for tests: one connection, requests
// and responses as messages of core/wire/messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/wire/decoder.h"
#include "core/wire/request_encoder.h"

namespace millrace::test {

/// One thread at a time. Reads wait at most 20 s, so that a test fails instead of hanging.
///
///     KafkaClient client(port);
///     wire::MetadataRequest request;
///     const auto response = client.call<wire::MetadataResponse>(request, 12);
class KafkaClient {
  public:
    /// Connects to 127.0.0.1; the test fails when that does not work.
    explicit KafkaClient(std::uint16_t port, std::string client_id = "test");
    ~KafkaClient();
    KafkaClient(const KafkaClient&) = delete;
    KafkaClient& operator=(const KafkaClient&) = delete;

    /// Sends and waits for the answer. The test fails when there is none. Records of the response
    /// point into memory that the next call replaces.
    template <class Response, class Request>
    Response call(Request& request, std::int16_t version) {
        send(request, version);
        return receive<Response>(version);
    }
    /// Sends and does not wait: several requests may be under way.
    template <class Request>
    void send(Request& request, std::int16_t version) {
        send_bytes(wire::encode_request(
            {.correlation_id = ++last_sent_, .client_id = client_id_}, version, request));
    }
    /// The answer to the oldest request that has none yet.
    template <class Response>
    Response receive(std::int16_t version) {
        if (!receive_frame()) {
            return Response{};
        }
        auto response = wire::decode_response<Response>(frame_, version);
        check(response.ok() ? Status{Ok{}} : Status{response.error()});
        return response.ok() ? std::move(response).value() : Response{};
    }

    /// Bytes as they are; for requests that are none.
    void send_bytes(ByteView bytes);
    /// The next frame without its length; the test fails when none comes. Until the next call.
    std::optional<ByteView> receive_frame();
    /// Waits until the server closes the connection; false when it sends something or 20 s pass.
    [[nodiscard]] bool is_closed_by_server();

  private:
    void check(const Status& status);
    bool read_exactly(std::span<std::byte> into);

    int socket_ = -1;
    std::string client_id_;
    std::int32_t last_sent_ = 0;
    std::int32_t last_received_ = 0;
    Buffer frame_;
};

}  // namespace millrace::test
