#include "bench/broker/limits.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/broker/loopback.h"

namespace millrace::bench {

namespace {

constexpr std::size_t kAnswerBytes = 64;
constexpr std::size_t kReceiveBytes = std::size_t{256} << 10;

class Stopwatch {
  public:
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// A file of its own, gone at the end.
class ScratchFile {
  public:
    explicit ScratchFile(const std::string& directory)
        : path_(directory + "/limit.tmp"),
          descriptor_(::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
        CHECK(descriptor_ >= 0);
    }
    ~ScratchFile() {
        ::close(descriptor_);
        ::unlink(path_.c_str());
    }
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;
    [[nodiscard]] int descriptor() const { return descriptor_; }

  private:
    std::string path_;
    int descriptor_;
};

void write_all(int descriptor, ByteView bytes, std::uint64_t position) {
    while (!bytes.empty()) {
        const ::ssize_t put =
            ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<::off_t>(position));
        CHECK(put > 0);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
        position += static_cast<std::uint64_t>(put);
    }
}

std::vector<std::byte> noise(std::size_t size) {
    std::vector<std::byte> bytes(size);
    std::uint32_t state = 1;
    for (std::byte& byte : bytes) {
        state = state * 1'664'525 + 1'013'904'223;
        byte = static_cast<std::byte>(state >> 24);
    }
    return bytes;
}

/// `take` gets what the server received before it answers.
template <class Take>
double exchange(std::size_t request_bytes, std::size_t requests, std::size_t window, Take take) {
    const Listener listener;
    std::thread server([&] {
        const Socket peer = listener.accept();
        std::vector<std::byte> space(kReceiveBytes);
        const std::vector<std::byte> answer(kAnswerBytes);
        std::size_t got = 0;
        std::size_t answered = 0;
        while (answered < requests) {
            const std::size_t more = peer.receive_some(space);
            take(ByteView(space).first(more));
            got += more;
            for (; got >= request_bytes; got -= request_bytes) {
                peer.send_all(answer);
                ++answered;
            }
        }
    });
    const Socket socket = Socket::connect(listener.port());
    const std::vector<std::byte> request = noise(request_bytes);
    std::vector<std::byte> answer(kAnswerBytes);
    const Stopwatch watch;
    for (std::size_t i = 0; i < requests; ++i) {
        if (i >= window) {
            socket.receive_all(answer);
        }
        socket.send_all(request);
    }
    for (std::size_t i = 0; i < std::min(window, requests); ++i) {
        socket.receive_all(answer);
    }
    const double seconds = watch.seconds();
    server.join();
    return static_cast<double>(request_bytes) * static_cast<double>(requests) / seconds;
}

}  // namespace

double tcp_limit(std::size_t request_bytes, std::size_t requests, std::size_t window) {
    return exchange(request_bytes, requests, window, [](ByteView) {});
}

double receive_and_append_limit(const std::string& directory,
                                std::size_t request_bytes,
                                std::size_t requests,
                                std::size_t window) {
    const ScratchFile file(directory);
    std::uint64_t at = 0;
    return exchange(request_bytes, requests, window, [&](ByteView bytes) {
        write_all(file.descriptor(), bytes, at);
        at += bytes.size();
    });
}

double append_limit(const std::string& directory, std::size_t piece_bytes, std::size_t pieces) {
    const ScratchFile file(directory);
    const std::vector<std::byte> piece = noise(piece_bytes);
    const Stopwatch watch;
    for (std::size_t i = 0; i < pieces; ++i) {
        write_all(file.descriptor(), piece, i * piece_bytes);
    }
    return static_cast<double>(piece_bytes) * static_cast<double>(pieces) / watch.seconds();
}

double group_commit_limit(const std::string& directory,
                          std::uint64_t bytes,
                          std::uint64_t syncs,
                          LogFile kind) {
    const ScratchFile file(directory);
    const std::vector<std::byte> chunk = noise(std::size_t{1} << 20);
    for (std::uint64_t at = 0; kind == LogFile::kRecycled && at < bytes; at += chunk.size()) {
        write_all(file.descriptor(),
                  ByteView(chunk).first(
                      static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), bytes - at))),
                  at);
    }
    CHECK(::fsync(file.descriptor()) == 0);
    const std::vector<std::byte> piece =
        noise(static_cast<std::size_t>(bytes / std::max<std::uint64_t>(syncs, 1)));
    const Stopwatch watch;
    for (std::uint64_t i = 0; i < syncs; ++i) {
        write_all(file.descriptor(), piece, i * piece.size());
        CHECK(::fdatasync(file.descriptor()) == 0);
    }
    return static_cast<double>(piece.size()) * static_cast<double>(syncs) / watch.seconds();
}

double sendfile_limit(const std::string& file, std::uint64_t bytes, std::size_t piece_bytes) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    CHECK(descriptor >= 0);
    struct ::stat found {};
    CHECK(::fstat(descriptor, &found) == 0 && found.st_size >= static_cast<::off_t>(bytes));
    const auto piece_at = [&](std::uint64_t at) {
        return static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, bytes - at));
    };
    const Listener listener;
    std::thread server([&] {
        const Socket peer = listener.accept();
        std::vector<std::byte> request(kAnswerBytes);
        ::off_t at = 0;
        while (static_cast<std::uint64_t>(at) < bytes) {
            peer.receive_all(request);
            for (std::size_t left = piece_at(static_cast<std::uint64_t>(at)); left > 0;) {
                const ::ssize_t sent = ::sendfile(peer.descriptor(), descriptor, &at, left);
                CHECK(sent > 0);
                left -= static_cast<std::size_t>(sent);
            }
        }
    });
    const Socket socket = Socket::connect(listener.port());
    const std::vector<std::byte> request(kAnswerBytes);
    std::vector<std::byte> answer(piece_bytes);
    const Stopwatch watch;
    for (std::uint64_t at = 0; at < bytes; at += piece_bytes) {
        socket.send_all(request);
        socket.receive_all(std::span(answer).first(piece_at(at)));
    }
    const double seconds = watch.seconds();
    server.join();
    ::close(descriptor);
    return static_cast<double>(bytes) / seconds;
}

}  // namespace millrace::bench
