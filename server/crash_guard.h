// CrashGuard: DIR/starts, which remembers starts of the server that ended badly, so that one that
// crashes again and again ends up in recovery mode instead of a loop.
//
// The file has one line of kLineBytes per start: wall time in ms since 1970-01-01 UTC (15 digits),
// a blank, the phase as a letter, a line feed. It is empty after a clean stop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace millrace::server {

enum class StartPhase : char {
    kStarting = 's',  // a process that ended in it did not get as far as serving
    kServing = 'r',   // a process that ended in it was killed from outside
    kCrashed = 'c',   // a fatal signal was seen
};

/// One per process.
class CrashGuard {
  public:
    static constexpr std::size_t kLineBytes = 18;
    static constexpr std::size_t kLinesMax = 64;
    static constexpr std::int64_t kHourMs = 3'600'000;

    /// Records this start and watches for fatal signals from now on. kInUse when another process
    /// has the directory; kIo.
    [[nodiscard]] static Result<std::unique_ptr<CrashGuard>> begin(
        const std::string& data_directory, const Clock& clock);
    /// Leaves the record of this start as it is.
    virtual ~CrashGuard() = default;

    /// Crashes within the hour before this start.
    [[nodiscard]] virtual std::uint32_t crashes() const = 0;
    virtual void serving() = 0;
    /// This start ends in order, if not well (a port was taken, say): it is no crash.
    virtual void forget_start() = 0;
    /// A clean stop: forgets everything.
    virtual void end() = 0;
};

}  // namespace millrace::server
