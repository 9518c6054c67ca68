#include "bench/broker/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace millrace::bench {

namespace {

::sockaddr_in loopback(std::uint16_t port) {
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

void no_delay(int descriptor) {
    const int on = 1;
    CHECK(::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
}

}  // namespace

Socket::~Socket() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

Socket Socket::connect(std::uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(descriptor >= 0);
    const ::sockaddr_in address = loopback(port);
    CHECK(::connect(descriptor, reinterpret_cast<const ::sockaddr*>(&address), sizeof address) ==
          0);
    no_delay(descriptor);
    return Socket(descriptor);
}

void Socket::send_all(ByteView bytes) const {
    while (!bytes.empty()) {
        const ::ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        CHECK(sent > 0);
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
}

void Socket::receive_all(std::span<std::byte> into) const {
    while (!into.empty()) {
        const std::size_t got = receive_some(into);
        CHECK(got > 0);
        into = into.subspan(got);
    }
}

std::size_t Socket::receive_some(std::span<std::byte> into) const {
    const ::ssize_t got = ::recv(descriptor_, into.data(), into.size(), 0);
    CHECK(got >= 0);
    return static_cast<std::size_t>(got);
}

Listener::Listener() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    CHECK(descriptor_ >= 0);
    ::sockaddr_in address = loopback(0);
    ::socklen_t size = sizeof address;
    CHECK(::bind(descriptor_, reinterpret_cast<const ::sockaddr*>(&address), size) == 0);
    CHECK(::listen(descriptor_, 1) == 0);
    CHECK(::getsockname(descriptor_, reinterpret_cast<::sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
}

Listener::~Listener() {
    ::close(descriptor_);
}

Socket Listener::accept() const {
    const int descriptor = ::accept(descriptor_, nullptr, nullptr);
    CHECK(descriptor >= 0);
    no_delay(descriptor);
    return Socket(descriptor);
}

}  // namespace millrace::bench
