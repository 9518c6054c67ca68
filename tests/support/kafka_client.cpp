#include "tests/support/kafka_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace millrace::test {

namespace {
constexpr ::timeval kPatience{.tv_sec = 20, .tv_usec = 0};
}  // namespace

KafkaClient::KafkaClient(std::uint16_t port, std::string client_id)
    : client_id_(std::move(client_id)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int connected =
        ::connect(socket_, reinterpret_cast<const ::sockaddr*>(&address), sizeof address);
    EXPECT_EQ(connected, 0) << "cannot connect to port " << port;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

KafkaClient::~KafkaClient() {
    ::close(socket_);
}

void KafkaClient::send_bytes(ByteView bytes) {
    while (!bytes.empty()) {
        const ::ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        ASSERT_GT(sent, 0) << "the server takes no bytes";
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
}

std::optional<ByteView> KafkaClient::receive_frame() {
    std::byte length[4];
    if (!read_exactly(length)) {
        ADD_FAILURE() << "the server did not answer";
        return std::nullopt;
    }
    const auto size = load_be<std::int32_t>(length);
    constexpr std::int32_t kFrameBytesMax = 256 << 20;
    if (size < 4 || size > kFrameBytesMax) {
        ADD_FAILURE() << "the server announced a frame of " << size << " bytes";
        return std::nullopt;
    }
    frame_.resize(static_cast<std::size_t>(size));
    if (!read_exactly(frame_.span())) {
        ADD_FAILURE() << "the server's answer ends early";
        return std::nullopt;
    }
    ++last_received_;
    EXPECT_EQ(load_be<std::int32_t>(frame_.data()), last_received_) << "answers out of order";
    return frame_.view();
}

bool KafkaClient::is_closed_by_server() {
    std::byte byte{};
    return ::recv(socket_, &byte, 1, 0) == 0;
}

void KafkaClient::check(const Status& status) {
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().message);
}

bool KafkaClient::read_exactly(std::span<std::byte> into) {
    while (!into.empty()) {
        const ::ssize_t got = ::recv(socket_, into.data(), into.size(), 0);
        if (got <= 0) {
            return false;
        }
        into = into.subspan(static_cast<std::size_t>(got));
    }
    return true;
}

}  // namespace millrace::test
