// Socket: the few system calls on TCP sockets that the server makes itself, since accepting and
// reading decide about limits between them.
#pragma once

#include <utility>

#include "core/base/result.h"
#include "core/net/address.h"

struct sockaddr;

namespace millrace::net {

/// An open file descriptor; closed with its owner.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }

    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool is_open() const { return number_ >= 0; }
    /// The caller closes it from now on.
    [[nodiscard]] int release() { return std::exchange(number_, -1); }

  private:
    int number_ = -1;
};

/// An IPv4 or IPv6 socket address.
[[nodiscard]] Endpoint endpoint_of(const ::sockaddr& address);

/// A listening, non-blocking socket. kInUse when the port is taken, kInvalidArgument when the
/// address is not one of this machine.
[[nodiscard]] Result<Descriptor> listen_on(const Endpoint& at);

/// Where the socket is bound: the port that the system chose for port 0.
[[nodiscard]] Endpoint local_endpoint(int socket);

/// Small answers leave at once (no Nagle delay); dead peers are noticed (keep-alive).
void tune_connection(int socket);

}  // namespace millrace::net
