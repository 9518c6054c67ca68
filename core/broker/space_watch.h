// SpaceWatch: says when the disk is too full to take more from clients, early enough that deletes,
// retention, offset commits and checkpoints still have room.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/env.h"
#include "core/base/result.h"

namespace millrace::broker {

/// Looks at the file system of one directory, at most every kInterval unless much was written
/// since. Any thread.
class SpaceWatch {
  public:
    static constexpr std::chrono::milliseconds kInterval{250};
    static constexpr std::uint64_t kBytesBetween = std::uint64_t{16} << 20;

    /// free_bytes_min   nullopt: 1 GiB or a twentieth of the file system, whichever is more; 0: off
    SpaceWatch(Env& env, std::string directory, std::optional<std::uint64_t> free_bytes_min)
        : env_(env), directory_(std::move(directory)), wanted_(free_bytes_min) {}

    /// Ok when `bytes` more may be taken; kNoSpace otherwise, until there is room again. Off, and
    /// when the file system does not tell, it costs next to nothing.
    [[nodiscard]] Status check(std::uint64_t bytes);

  private:
    void look();

    Env& env_;
    const std::string directory_;
    const std::optional<std::uint64_t> wanted_;

    std::atomic<bool> is_full_{false};
    std::atomic<std::int64_t> next_look_ns_{0};  // monotonic time
    std::atomic<std::uint64_t> bytes_since_{0};  // taken since the last look
    std::atomic<std::uint64_t> free_bytes_{0};   // as of the last look
    std::atomic<std::uint64_t> limit_bytes_{0};
    std::mutex mutex_;  // one look at a time
};

}  // namespace millrace::broker
