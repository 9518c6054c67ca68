#include "core/net/address.h"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include "core/net/socket.h"

namespace millrace::net {

namespace {

constexpr std::size_t kV4At = 12;  // where the IPv4 bytes are in the mapped form

Error bad(std::string_view text, std::string_view what) {
    return {
        ErrorCode::kInvalidArgument,
        "not an address of the form HOST:PORT (" + std::string(what) + "): " + std::string(text)};
}

}  // namespace

IpAddress IpAddress::v4(std::uint32_t address) {
    IpAddress made;
    made.bytes[10] = 0xff;
    made.bytes[11] = 0xff;
    for (std::size_t i = 0; i < 4; ++i) {
        made.bytes[kV4At + i] = static_cast<std::uint8_t>(address >> (24 - 8 * i));
    }
    return made;
}

bool IpAddress::is_v4() const {
    return std::all_of(bytes.begin(), bytes.begin() + 10, [](auto b) { return b == 0; }) &&
           bytes[10] == 0xff && bytes[11] == 0xff;
}

bool IpAddress::is_loopback() const {
    if (is_v4()) {
        return bytes[kV4At] == 127;
    }
    return std::all_of(bytes.begin(), bytes.end() - 1, [](auto b) { return b == 0; }) &&
           bytes[15] == 1;
}

bool IpAddress::is_any() const {
    const auto from = is_v4() ? bytes.begin() + kV4At : bytes.begin();
    return std::all_of(from, bytes.end(), [](auto b) { return b == 0; });
}

IpAddress IpAddress::origin() const {
    IpAddress network = *this;
    if (!is_v4()) {
        std::fill(network.bytes.begin() + 8, network.bytes.end(), std::uint8_t{0});
    }
    return network;
}

std::string IpAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (is_v4()) {
        ::inet_ntop(AF_INET, bytes.data() + kV4At, out.data(), out.size());
    } else {
        ::inet_ntop(AF_INET6, bytes.data(), out.data(), out.size());
    }
    return out.data();
}

std::string Endpoint::text() const {
    const std::string host = address.text();
    return (address.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

Result<HostPort> parse_host_port(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return bad(text, "no port");
    }
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) {
        return bad(text, "a port is a number from 0 to 65535");
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return bad(text, "an IPv6 address goes in brackets");
    }
    if (host.empty() || host.size() > 255 || host.find_first_of(" /\t[]") != host.npos) {
        return bad(text, "no host");
    }
    return HostPort{std::string(host), port};
}

Result<Endpoint> resolve(const HostPort& at) {
    ::addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    ::addrinfo* found = nullptr;
    const int failed = ::getaddrinfo(at.host.c_str(), nullptr, &hints, &found);
    if (failed != 0 || found == nullptr) {
        return Error{
            ErrorCode::kNotFound,
            std::string("cannot resolve host (") + ::gai_strerror(failed) + "): " + at.host};
    }
    const ::addrinfo* chosen = found;
    for (const ::addrinfo* one = found; one != nullptr; one = one->ai_next) {
        if (one->ai_family == AF_INET) {
            chosen = one;
            break;
        }
    }
    Endpoint endpoint = endpoint_of(*chosen->ai_addr);
    endpoint.port = at.port;
    ::freeaddrinfo(found);
    return endpoint;
}

}  // namespace millrace::net
