// Blocking TCP sockets on the loopback address, for benches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/bytes.h"

namespace millrace::bench {

/// Closed by the destructor. A failing call ends the program: a bench has nothing to save.
class Socket {
  public:
    explicit Socket(int descriptor) : descriptor_(descriptor) {}
    ~Socket();
    Socket(Socket&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
    Socket& operator=(Socket&&) = delete;

    [[nodiscard]] static Socket connect(std::uint16_t port);
    [[nodiscard]] int descriptor() const { return descriptor_; }
    void send_all(ByteView bytes) const;
    void receive_all(std::span<std::byte> into) const;
    /// At least one byte; 0 at the end.
    [[nodiscard]] std::size_t receive_some(std::span<std::byte> into) const;

  private:
    int descriptor_;
};

/// Takes one connection.
class Listener {
  public:
    Listener();
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] Socket accept() const;

  private:
    int descriptor_;
    std::uint16_t port_ = 0;
};

}  // namespace millrace::bench
