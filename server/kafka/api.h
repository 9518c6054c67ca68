// What a Kafka API handler is given and how it answers. One handler per API;
// server/kafka/api_table.cpp names them all.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/env.h"
#include "core/broker/broker.h"
#include "core/wire/api_key.h"
#include "core/wire/encoder.h"
#include "core/wire/outbound.h"
#include "core/wire/request_decoder.h"

namespace millrace::server::kafka {

/// Where the client came in: Metadata answers with the local address unless one is configured.
struct ConnectionInfo {
    std::string local_host;  // e.g. "127.0.0.1", as the client reached us
    std::uint16_t local_port = 0;
    std::string remote_host;  // for group descriptions: "/127.0.0.1"
    std::uint64_t id = 0;
};

/// Settings that handlers look at; from the configuration file (docs/configuration.md).
struct KafkaSettings {
    std::string advertised_host;  // empty: the address that the client connected to
    std::uint16_t advertised_port = 0;
    std::int32_t node_id = 0;
    bool auto_create_topics = true;
    std::int32_t default_partitions = 1;
};

class FetchSessions;  // server/kafka/fetch_sessions.h
[[nodiscard]] std::shared_ptr<FetchSessions> make_fetch_sessions();

/// What handlers work with; lives as long as the server.
struct Services {
    Env& env;
    broker::Broker& broker;
    KafkaSettings settings;
    std::shared_ptr<FetchSessions> fetch_sessions = make_fetch_sessions();
};

/// One request on its way through the server. Made by the connection; shared by whoever still works
/// on it. Any thread may answer, once; a request that is dropped without an answer closes the
/// connection.
class Request {
  public:
    virtual ~Request() = default;

    [[nodiscard]] virtual wire::ApiKey api() const = 0;
    [[nodiscard]] virtual std::int16_t version() const = 0;
    /// Empty when the client gave none.
    [[nodiscard]] virtual std::string_view client_id() const = 0;
    [[nodiscard]] virtual const ConnectionInfo& connection() const = 0;
    /// The client said who it is (ApiVersions), e.g. "librdkafka 2.0.2". Only from within the
    /// handler's own call.
    virtual void set_client_software(std::string software) = 0;

    /// The decoded body, e.g. decode<wire::produce_request_t>(). Lives as long as the request; its
    /// views point into the request's frame. Null when the bytes are malformed: the handler
    /// returns, and the connection is closed with a line in the log. Only from within the handler's
    /// own call.
    template <class Message>
    [[nodiscard]] Message* decode() {
        return wire::decode_body<Message>(arena(), body(), version(), wire::kRequestSurplusMax);
    }

    /// A part of the decoded body, for a handler that changes it in place. The request keeps it
    /// alive; its views show the change.
    [[nodiscard]] virtual std::span<std::byte> writable(ByteView part) = 0;

    /// Encodes `response` in the request's version and sends it. Answers leave a connection in the
    /// order of its requests.
    template <class Message>
    void respond(Message&& response) {
        wire::Outbound out;
        wire::encode_response(out, api(), version(), response);
        send(std::move(out));
    }
    /// Asks for memory for `bytes` of records in the answer. Gives how many are granted: less when
    /// the request memory is short, but always enough to go on with. Any thread, one at a time,
    /// before the answer.
    [[nodiscard]] virtual std::size_t reserve_answer(std::size_t bytes) = 0;
    /// The answer holds so many bytes of records. Gives back what was reserved beyond it.
    virtual void settle_answer(std::size_t bytes) = 0;
    /// For a Produce request with acks=0: nothing is sent.
    virtual void respond_nothing() = 0;

  protected:
    [[nodiscard]] virtual wire::Arena& arena() = 0;
    [[nodiscard]] virtual ByteView body() const = 0;
    /// `body` is what follows the response header.
    virtual void send(wire::Outbound body) = 0;
};
using RequestPtr = std::shared_ptr<Request>;

/// Runs on a network thread; must not block: work that waits goes to env.io or to a completion.
/// Keeps `request` alive until it answers.
using Handler = void (*)(Services& services, RequestPtr request);

/// What a principal needs for an API, once there is authorization; every API names it.
enum class Permission : std::uint8_t {
    kNone,  // anybody: ApiVersions
    kTopicRead,
    kTopicWrite,
    kTopicDescribe,
    kTopicAlter,
    kTopicCreate,
    kTopicDelete,
    kGroupRead,
    kGroupDescribe,
    kGroupDelete,
    kTransactionWrite,
    kTransactionDescribe,
    kClusterDescribe,
    kClusterAlter,
};

/// One row of the version table.
struct Api {
    wire::ApiKey key;
    std::string_view name;         // "Produce"
    std::int16_t version_min;      // advertised
    std::int16_t version_max;      // advertised
    std::int16_t implemented_min;  // below it: UNSUPPORTED_VERSION although it is advertised
    Permission permission;
    Handler handle;
};

}  // namespace millrace::server::kafka
