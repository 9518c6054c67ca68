// Server: listens on TCP addresses, admits connections within limits and spreads them over event
// loops. What the bytes mean is the session's business.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/net/admission.h"
#include "core/net/memory_budget.h"
#include "core/net/stream.h"

namespace millrace::net {

struct ServerOptions {
    std::vector<HostPort> listeners;
    std::size_t loops = 0;  // threads; 0: one per core, at most 4
    AdmissionLimits admission;
    std::chrono::milliseconds sweep{500};  // how often timeouts are looked at
    std::chrono::milliseconds stall_max{30'000};
    std::chrono::milliseconds stall_max_pressed{2'000};
    /// File descriptors left for files: accepting pauses before they are used up. 0: a quarter of
    /// the process's limit, at least 16, at most 1,024.
    std::size_t descriptors_reserve = 0;
};

struct ServerStats {
    std::uint64_t accepted = 0;
    std::uint64_t refused_total = 0;       // connections_max reached
    std::uint64_t refused_per_origin = 0;  // one host has its share
    std::uint64_t refused_rate = 0;        // one host connects too often
    std::uint64_t refused_descriptors = 0;
    std::uint64_t pauses = 0;                           // of accepting, for want of descriptors
    std::array<std::uint64_t, kCloseReasons> closed{};  // by CloseReason
    std::size_t open = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
};

class Server {
  public:
    /// Binds every listener before it returns. kInUse, kNotFound, kInvalidArgument, kIo: the
    /// message names the address. `env` and `budget` outlive the server.
    [[nodiscard]] static Result<std::unique_ptr<Server>> start(Env& env,
                                                               MemoryBudget& budget,
                                                               ServerOptions options,
                                                               SessionFactory make_session);
    /// Stops at once if stop() was not called.
    virtual ~Server() = default;

    /// In the order of the options; real ports.
    [[nodiscard]] virtual const std::vector<Endpoint>& bound() const = 0;
    [[nodiscard]] virtual ServerStats stats() const = 0;
    /// Takes no more connections, lets sessions finish what is under way for at most `grace`, then
    /// closes what is left and ends the threads. Not on a loop's thread.
    virtual void stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace millrace::net
