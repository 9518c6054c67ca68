// KafkaServer: the Kafka protocol on TCP listeners, over a broker.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/net/memory_budget.h"
#include "core/net/server.h"
#include "server/kafka/api.h"
#include "server/kafka/connection.h"

namespace millrace::server::kafka {

struct KafkaServerOptions {
    net::ServerOptions net;
    ConnectionLimits connection;
};

/// For metrics and `inspect`.
struct KafkaServerStats {
    net::ServerStats net;
    std::uint64_t requests = 0;
    std::uint64_t frame_bytes = 0;
    std::uint64_t unknown_apis = 0;
    std::uint64_t unsupported_versions = 0;
    std::uint64_t malformed = 0;
    std::uint64_t unanswered = 0;
    std::uint64_t memory_waits = 0;
    std::size_t memory_used = 0;
    std::size_t memory_limit = 0;
};

class KafkaServer {
  public:
    /// Serves when it returns. `services` outlives the server; `budget` also outlives every request
    /// that a handler still holds.
    [[nodiscard]] static Result<std::unique_ptr<KafkaServer>> start(Services& services,
                                                                    net::MemoryBudget& budget,
                                                                    KafkaServerOptions options);
    /// Stops at once if stop() was not called.
    virtual ~KafkaServer() = default;

    /// In the order of the listeners; real ports.
    [[nodiscard]] virtual const std::vector<net::Endpoint>& bound() const = 0;
    [[nodiscard]] virtual KafkaServerStats stats() const = 0;
    /// Takes nothing new, waits at most `grace` for the answers under way. Not on a network thread.
    virtual void stop(std::chrono::milliseconds grace) = 0;
};

/// A quarter of the machine's memory, or of the control group's limit when that is lower.
[[nodiscard]] std::size_t default_request_memory(FileSystem& files);

}  // namespace millrace::server::kafka
