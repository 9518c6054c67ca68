// Stream and Session: a connection as its protocol sees it. The stream moves bytes, the session
// gives them meaning; neither knows the other's kind.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "core/net/address.h"
#include "core/net/outgoing.h"

namespace millrace::net {

/// Why a connection ended; counted by reason.
enum class CloseReason : std::uint8_t {
    kPeerClosed,        // it said goodbye
    kPeerReset,         // it vanished, or the network did
    kFirstByteTimeout,  // connected and said nothing
    kRequestTimeout,    // no whole request in time
    kIdle,              // nothing for a long time
    kStalled,           // it stopped in the middle of a request, or does not read its answers
    kTooLarge,          // a frame above its limit
    kMalformed,         // not our protocol
    kNoMemory,          // the request memory budget stayed spent
    kFailed,            // answering failed; the log says how
    kServerStopping,
};
constexpr std::size_t kCloseReasons = 11;

/// "idle", for logs and figures.
[[nodiscard]] std::string_view name_of(CloseReason reason);

/// Lets any thread ask for Session::woken(). Outlives the connection; harmless afterwards.
class Waker {
  public:
    virtual ~Waker() = default;
    /// Calls until woken() begins count as one.
    virtual void wake() = 0;
};

/// The bytes' side. Every method on the connection's own thread, from within a Session method.
class Stream {
  public:
    virtual ~Stream() = default;
    /// Queues the message and writes what the socket takes.
    virtual void send(Outgoing message) = 0;
    /// Bytes queued and not taken by the socket yet.
    [[nodiscard]] virtual std::size_t unsent_bytes() const = 0;
    /// No more received() until resume_reading(); one that runs now is the last.
    virtual void pause_reading() = 0;
    virtual void resume_reading() = 0;
    /// Ends the connection; what was not sent is lost. Session::closed() follows.
    virtual void close(CloseReason reason) = 0;
    /// Reads no more and ends the connection when everything queued is sent.
    virtual void close_when_sent(CloseReason reason) = 0;

    [[nodiscard]] virtual const Endpoint& local() const = 0;
    [[nodiscard]] virtual const Endpoint& remote() const = 0;
    /// Unique in this process.
    [[nodiscard]] virtual std::uint64_t id() const = 0;
    [[nodiscard]] virtual std::shared_ptr<Waker> waker() = 0;
};

/// The protocol's side: one per connection, called on one thread, never from within a Stream
/// method. After closed() it is destroyed.
class Session {
  public:
    virtual ~Session() = default;
    /// Where the next bytes of the peer are to be put; may be empty.
    [[nodiscard]] virtual std::span<std::byte> space() = 0;
    /// `in_space` bytes were put into space(); `more` came after them and is valid during the call.
    virtual void received(std::size_t in_space, ByteView more) = 0;
    /// The peer sends no more; it may still read.
    virtual void ended() = 0;
    /// Everything queued was sent.
    virtual void sent() = 0;
    /// After Waker::wake().
    virtual void woken() = 0;
    /// Every LoopOptions::sweep, to look at timeouts. `now` is monotonic.
    virtual void tick(std::chrono::nanoseconds now) = 0;
    /// The server stops: finish what is under way, take nothing new, then close.
    virtual void finish() = 0;
    virtual void closed(CloseReason reason) = 0;
};

/// Makes the session of a new connection. Any loop's thread.
using SessionFactory = std::function<std::unique_ptr<Session>(Stream& stream)>;

}  // namespace millrace::net
