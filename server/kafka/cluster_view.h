// What clients see of the cluster: one broker, and the topics that are theirs.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "server/kafka/api.h"

namespace millrace::server::kafka {

// Bits of the operations that the protocol knows for a topic and for the cluster: without
// authorization everybody may do everything.
constexpr std::int32_t kTopicOperations = 3576;    // read to describe, both kinds of configs
constexpr std::int32_t kClusterOperations = 8096;  // create to idempotent write
constexpr std::int32_t kOperationsNotAsked = std::numeric_limits<std::int32_t>::min();

struct Endpoint {
    std::string host;
    std::int32_t port = 0;
};

/// Where the client of `connection` shall connect to: the advertised address if one is configured,
/// else the one it came in by.
[[nodiscard]] Endpoint endpoint_of(const KafkaSettings& settings, const ConnectionInfo& connection);

/// False for what Millrace keeps for itself. Kafka's own internal topics are listed, as clients
/// expect.
[[nodiscard]] bool is_client_topic(std::string_view name);

}  // namespace millrace::server::kafka
