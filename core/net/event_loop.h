// EventLoop: one thread that moves the bytes of many connections. Internal to core/net.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "core/base/env.h"
#include "core/net/memory_budget.h"
#include "core/net/socket.h"
#include "core/net/stream.h"

namespace millrace::net {

struct LoopOptions {
    std::chrono::milliseconds sweep{500};  // how often timeouts are looked at
    /// A peer that takes none of its answers for so long is dropped; for stall_max_pressed when
    /// others wait for the memory that the answers hold.
    std::chrono::milliseconds stall_max{30'000};
    std::chrono::milliseconds stall_max_pressed{2'000};
};

/// What a loop's connections share. Outlives the loop.
struct LoopServices {
    Env& env;
    MemoryBudget& budget;
    SessionFactory make_session;
    /// On the loop's thread, once per adopted connection, after it is gone.
    std::function<void(const Endpoint& remote, CloseReason reason)> on_closed;
};

/// An accepted connection.
struct Accepted {
    Descriptor socket;
    Endpoint local;
    Endpoint remote;
    std::uint64_t id = 0;
};

/// Methods may be called by any thread unless they say otherwise.
class EventLoop {
  public:
    [[nodiscard]] static Result<std::unique_ptr<EventLoop>> start(LoopServices& services,
                                                                  const LoopOptions& options);
    /// Closes what is open and joins the thread. Not on the loop's thread.
    virtual ~EventLoop() = default;

    virtual void post(Work work) = 0;
    virtual void post_after(std::chrono::milliseconds delay, Work work) = 0;
    virtual void adopt(Accepted accepted) = 0;
    /// Asks every session to finish; connections adopted from now on are closed at once.
    virtual void finish() = 0;

    /// Calls `work` whenever the descriptor has something to read and rearm() was called. On the
    /// loop's thread, all three; the descriptor stays the caller's.
    virtual Status watch(int descriptor, Work work) = 0;
    virtual void rearm(int descriptor) = 0;
    virtual void forget(int descriptor) = 0;

    [[nodiscard]] virtual std::size_t connections() const = 0;
    [[nodiscard]] virtual std::uint64_t bytes_in() const = 0;
    [[nodiscard]] virtual std::uint64_t bytes_out() const = 0;
};

}  // namespace millrace::net
