#include "core/net/socket.h"

#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace millrace::net {

namespace {

constexpr int kBacklog = 1024;

struct SocketAddress {
    ::sockaddr_storage storage{};
    ::socklen_t size = 0;

    [[nodiscard]] ::sockaddr* get() { return reinterpret_cast<::sockaddr*>(&storage); }
};

SocketAddress address_of(const Endpoint& at) {
    SocketAddress made;
    if (at.address.is_v4()) {
        ::sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(at.port);
        std::memcpy(&v4.sin_addr, at.address.bytes.data() + 12, 4);
        std::memcpy(&made.storage, &v4, sizeof v4);
        made.size = sizeof v4;
    } else {
        ::sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(at.port);
        std::memcpy(&v6.sin6_addr, at.address.bytes.data(), 16);
        std::memcpy(&made.storage, &v6, sizeof v6);
        made.size = sizeof v6;
    }
    return made;
}

void set_option(int socket, int level, int option, int value) {
    // Refusal costs comfort, not correctness: nothing to report.
    static_cast<void>(::setsockopt(socket, level, option, &value, sizeof value));
}

Error listen_error(const Endpoint& at, int code) {
    const std::string where = at.text();
    switch (code) {
        case EADDRINUSE:
            return {ErrorCode::kInUse, "the port is taken by another program: " + where};
        case EADDRNOTAVAIL:
        case EAFNOSUPPORT:
            return {ErrorCode::kInvalidArgument, "not an address of this machine: " + where};
        case EACCES:
            return {ErrorCode::kInvalidArgument, "ports below 1024 need privileges: " + where};
        default:
            return {ErrorCode::kIo,
                    "cannot listen (" + std::string(std::strerror(code)) + "): " + where};
    }
}

}  // namespace

Descriptor::~Descriptor() {
    if (number_ >= 0) {
        ::close(number_);
    }
}

Endpoint endpoint_of(const ::sockaddr& address) {
    Endpoint endpoint;
    if (address.sa_family == AF_INET) {
        ::sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        endpoint.address = IpAddress::v4(ntohl(v4.sin_addr.s_addr));
        endpoint.port = ntohs(v4.sin_port);
    } else if (address.sa_family == AF_INET6) {
        ::sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        std::memcpy(endpoint.address.bytes.data(), &v6.sin6_addr, 16);
        endpoint.port = ntohs(v6.sin6_port);
    }
    return endpoint;
}

Result<Descriptor> listen_on(const Endpoint& at) {
    SocketAddress address = address_of(at);
    Descriptor made(
        ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!made.is_open()) {
        return listen_error(at, errno);
    }
    set_option(made.number(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (!at.address.is_v4()) {
        set_option(made.number(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
    }
    if (::bind(made.number(), address.get(), address.size) != 0 ||
        ::listen(made.number(), kBacklog) != 0) {
        return listen_error(at, errno);
    }
    return made;
}

Endpoint local_endpoint(int socket) {
    SocketAddress address;
    address.size = sizeof address.storage;
    if (::getsockname(socket, address.get(), &address.size) != 0) {
        return {};
    }
    return endpoint_of(*address.get());
}

void tune_connection(int socket) {
    set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
}

}  // namespace millrace::net
