// Connection: one Kafka client. Cuts its bytes into requests, starts them by the version table, and
// sends the answers in the order of the requests.
//
// Requests are started in order. A Produce starts while earlier Produce requests are still waiting
// for the disk, which keeps their order of arrival; everything else starts when all before it are
// answered.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "core/base/telemetry.h"
#include "core/net/memory_budget.h"
#include "core/net/stream.h"
#include "server/kafka/api.h"
#include "server/kafka/client_versions.h"
#include "server/kafka/frame_reader.h"

namespace millrace::server::kafka {

struct ConnectionLimits {
    FrameLimits frame;
    std::size_t outstanding_max = 64;  // requests read and not answered
    /// Bytes of them: one may be larger, but then it is alone.
    std::size_t outstanding_bytes_max = std::size_t{32} << 20;
    /// The next request waits while more of the answers than this is unsent.
    std::size_t unsent_max = std::size_t{1} << 20;
    std::chrono::milliseconds first_byte{5'000};
    std::chrono::milliseconds first_request{10'000};
    std::chrono::milliseconds idle{600'000};
    /// A request that was begun: the longest pause between its bytes, and the longest time while it
    /// comes slower than frame_rate_min bytes per second.
    std::chrono::milliseconds frame_stall{30'000};
    std::size_t frame_rate_min = 1'024;
    /// While others wait for request memory, a large request comes at least so fast.
    std::size_t pressed_rate_min = std::size_t{64} << 10;
    /// How long a connection waits for request memory in the middle of a request.
    std::chrono::milliseconds memory_wait{10'000};
};

/// Figures of all connections.
struct ConnectionCounters {
    Counter requests;
    Counter frame_bytes;
    Counter unknown_apis;
    Counter unsupported_versions;
    Counter malformed;
    Counter unanswered;    // a handler gave a request up
    Counter memory_waits;  // for the request memory budget
};

/// Log lines about clients' faults: at most kLinesMax per kWindow, so that a flood of bad requests
/// does not fill the disk. Any thread may call it.
class ProblemLines {
  public:
    static constexpr int kLinesMax = 20;
    static constexpr std::chrono::seconds kWindow{10};

    explicit ProblemLines(Logger& log) : log_(log) {}
    void warn(std::chrono::nanoseconds now, const std::string& text);

  private:
    Logger& log_;
    std::mutex mutex_;
    std::chrono::nanoseconds window_at_{0};  // guarded by mutex_, as all below
    int lines_ = 0;
    std::uint64_t left_out_ = 0;
};

/// What connections share; outlives them and every request of theirs.
struct ConnectionServices {
    ConnectionServices(Services& api_services,
                       net::MemoryBudget& memory,
                       const ConnectionLimits& connection_limits,
                       std::span<const Api> table)
        : apis(table),
          services(api_services),
          budget(memory),
          limits(connection_limits),
          versions(api_services.env.log),
          problems(api_services.env.log) {}

    const std::span<const Api> apis;  // ascending by key
    Services& services;
    net::MemoryBudget& budget;
    const ConnectionLimits limits;
    ConnectionCounters counters;
    ClientVersions versions;
    ProblemLines problems;
};

[[nodiscard]] std::unique_ptr<net::Session> make_connection(ConnectionServices& services,
                                                            net::Stream& stream);

}  // namespace millrace::server::kafka
