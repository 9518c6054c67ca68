// Addresses: "host:port" as people write it, and IP endpoints as sockets have them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace millrace::net {

/// An IPv4 or IPv6 address. IPv4 is held in its IPv6-mapped form, so both compare as one kind.
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};

    [[nodiscard]] static IpAddress v4(std::uint32_t address);
    [[nodiscard]] bool is_v4() const;
    [[nodiscard]] bool is_loopback() const;
    /// 0.0.0.0 or ::, which stand for every address of the machine.
    [[nodiscard]] bool is_any() const;
    /// What connection limits count by: an IPv4 address, or the /64 network of an IPv6 address,
    /// since one host has all of it.
    [[nodiscard]] IpAddress origin() const;
    /// "127.0.0.1", "::1"
    [[nodiscard]] std::string text() const;

    friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

struct Endpoint {
    IpAddress address;
    std::uint16_t port = 0;

    /// "127.0.0.1:9092", "[::1]:9092"
    [[nodiscard]] std::string text() const;
};

struct HostPort {
    std::string host;  // a name or an address, without brackets
    std::uint16_t port = 0;
};

/// "localhost:9092", "127.0.0.1:0", "[::1]:9092". kInvalidArgument names what is wrong with it.
[[nodiscard]] Result<HostPort> parse_host_port(std::string_view text);

/// Asks the resolver when the host is a name; blocks. IPv4 is preferred. kNotFound when there is no
/// such host.
[[nodiscard]] Result<Endpoint> resolve(const HostPort& at);

}  // namespace millrace::net
