#include "server/control/frame_socket.h"

#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/bytes.h"

namespace millrace::server {

namespace {

constexpr std::size_t kHeaderSize = 5;  // kind 1, payload length 4 (little-endian)

bool make_address(const std::string& path, ::sockaddr_un& address) {
    address = {};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return false;
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return true;
}

Error too_long(const std::string& path) {
    return Error{
        ErrorCode::kInvalidArgument,
        "the path is too long for a socket, other commands cannot reach this process: " + path};
}

}  // namespace

FrameSocket::~FrameSocket() {
    ::close(descriptor_);
}

Result<std::unique_ptr<FrameSocket>> FrameSocket::connect(const std::string& path) {
    ::sockaddr_un address;
    if (!make_address(path, address)) {
        return too_long(path);
    }
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return Error{ErrorCode::kIo, std::string("cannot make a socket: ") + std::strerror(errno)};
    }
    auto made = std::make_unique<FrameSocket>(descriptor);
    if (::connect(descriptor, reinterpret_cast<const ::sockaddr*>(&address), sizeof address) != 0) {
        return Error{ErrorCode::kNotFound, "nobody listens on " + path};
    }
    return made;
}

Result<Frame> FrameSocket::read() {
    const auto read_all = [this](char* into, std::size_t size) {
        while (size > 0) {
            const ::ssize_t got = ::recv(descriptor_, into, size, 0);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got <= 0) {
                return false;
            }
            into += got;
            size -= static_cast<std::size_t>(got);
        }
        return true;
    };
    const Error gone{ErrorCode::kIo, "the other side closed the connection"};
    char header[kHeaderSize];
    if (!read_all(header, sizeof header)) {
        return gone;
    }
    const auto size = load_le<std::uint32_t>(reinterpret_cast<const std::byte*>(header + 1));
    if (size > kPayloadMax) {
        return Error{ErrorCode::kTooLarge, "control frame is too large: " + std::to_string(size)};
    }
    Frame frame{static_cast<FrameKind>(header[0]), std::string(size, '\0')};
    return read_all(frame.payload.data(), size) ? Result<Frame>{std::move(frame)}
                                                : Result<Frame>{gone};
}

bool FrameSocket::write(FrameKind kind, std::string_view payload) {
    const std::lock_guard lock(write_mutex_);
    do {
        const std::string_view part = payload.substr(0, kPayloadMax);
        payload.remove_prefix(part.size());
        std::string bytes(kHeaderSize, '\0');
        bytes[0] = static_cast<char>(kind);
        store_le(reinterpret_cast<std::byte*>(bytes.data() + 1),
                 static_cast<std::uint32_t>(part.size()));
        bytes += part;
        for (std::string_view rest = bytes; !rest.empty();) {
            const ::ssize_t put = ::send(descriptor_, rest.data(), rest.size(), MSG_NOSIGNAL);
            if (put < 0 && errno == EINTR) {
                continue;
            }
            if (put <= 0) {
                return false;
            }
            rest.remove_prefix(static_cast<std::size_t>(put));
        }
    } while (!payload.empty());
    return true;
}

bool FrameSocket::is_closed() const {
    ::pollfd poll{descriptor_, POLLRDHUP, 0};
    return ::poll(&poll, 1, 0) > 0 && (poll.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

bool FrameSocket::wait_readable(int ms) const {
    ::pollfd poll{descriptor_, POLLIN, 0};
    return ::poll(&poll, 1, ms) > 0;
}

void FrameSocket::shut_down() {
    ::shutdown(descriptor_, SHUT_RDWR);
}

Result<int> listen_on(const std::string& path) {
    ::sockaddr_un address;
    if (!make_address(path, address)) {
        return too_long(path);
    }
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::unlink(path.c_str());
    // The mode is set by the mask before the name exists: nobody else can connect in between.
    const ::mode_t mask = ::umask(0177);
    const bool is_bound =
        descriptor >= 0 &&
        ::bind(descriptor, reinterpret_cast<const ::sockaddr*>(&address), sizeof address) == 0 &&
        ::listen(descriptor, 16) == 0;
    ::umask(mask);
    if (!is_bound) {
        const std::string why = std::strerror(errno);
        if (descriptor >= 0) {
            ::close(descriptor);
        }
        return Error{ErrorCode::kIo, "cannot listen on " + path + ": " + why};
    }
    return descriptor;
}

}  // namespace millrace::server
