// What the machine can do at best, for the same bytes in the same pieces as the broker's loads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace millrace::bench {

/// Bytes per second of a stream of requests of `request_bytes` over loopback TCP, each answered by
/// 64 bytes, `window` of them under way.
[[nodiscard]] double tcp_limit(std::size_t request_bytes, std::size_t requests, std::size_t window);

/// The same where the server appends what it received to a file before it answers, in one thread:
/// the least that any server does, which looks at nothing.
[[nodiscard]] double receive_and_append_limit(const std::string& directory,
                                              std::size_t request_bytes,
                                              std::size_t requests,
                                              std::size_t window);

/// Bytes per second appended to a new file in the page cache, `piece_bytes` at a time.
[[nodiscard]] double append_limit(const std::string& directory,
                                  std::size_t piece_bytes,
                                  std::size_t pieces);

enum class LogFile : std::uint8_t {
    kGrows,     // new, as the segments of a log are: the file system gives it space as it grows
    kRecycled,  // written once before: the file system has nothing left to decide
};

/// Bytes per second written to the end of a file with `syncs` fdatasyncs spread evenly.
[[nodiscard]] double group_commit_limit(const std::string& directory,
                                        std::uint64_t bytes,
                                        std::uint64_t syncs,
                                        LogFile kind);

/// Bytes per second of the first `bytes` of a file in the page cache sent over loopback TCP with
/// sendfile, `piece_bytes` for each request of 64 bytes.
[[nodiscard]] double sendfile_limit(const std::string& file,
                                    std::uint64_t bytes,
                                    std::size_t piece_bytes);

}  // namespace millrace::bench
