// FrameSocket: length-prefixed frames over a unix socket, both ends of DIR/control.sock.
// Frames: docs/formats/control.md.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace millrace::server {

enum class FrameKind : std::uint8_t {
    kCommand = 1,    // client: JSON array of the command line's words, version first
    kInput = 2,      // client: bytes of standard input; empty: its end
    kWantInput = 3,  // server: send the next piece of standard input
    kOut = 4,        // server: bytes for standard output
    kErr = 5,        // server: bytes for standard error
    kExit = 6,       // server: the exit code as text; the last frame
    kInterrupt = 7,  // client: end what is running and go on
};

struct Frame {
    FrameKind kind = FrameKind::kExit;
    std::string payload;
};

/// One connected socket. One thread reads; any thread may write.
class FrameSocket {
  public:
    static constexpr std::size_t kPayloadMax = std::size_t{1} << 20;

    explicit FrameSocket(int descriptor) : descriptor_(descriptor) {}
    ~FrameSocket();
    FrameSocket(const FrameSocket&) = delete;
    FrameSocket& operator=(const FrameSocket&) = delete;

    /// kNotFound when nobody listens there.
    [[nodiscard]] static Result<std::unique_ptr<FrameSocket>> connect(const std::string& path);
    /// The next frame; kIo when the other side is gone, kTooLarge for a payload above kPayloadMax.
    [[nodiscard]] Result<Frame> read();
    /// False when the other side is gone.
    bool write(FrameKind kind, std::string_view payload);
    /// Waits up to `ms` for something to read (the end included).
    [[nodiscard]] bool wait_readable(int ms) const;
    /// True when the other side closed or broke the connection. Never blocks, takes no bytes.
    [[nodiscard]] bool is_closed() const;
    /// Ends reads and writes under way.
    void shut_down();

  private:
    int descriptor_;
    std::mutex write_mutex_;
};

/// A listening unix socket, mode 0600. Returns its descriptor. A stale file is replaced: the caller
/// holds the directory.
[[nodiscard]] Result<int> listen_on(const std::string& path);

}  // namespace millrace::server
