// ClientVersions: tells the log, once per kind of client, which API versions it chose. A client
// that silently falls back to old versions is otherwise hard to see.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "core/base/telemetry.h"

namespace millrace::server::kafka {

/// What one connection used: the highest version by API name.
using ChosenVersions = std::map<std::string_view, std::int16_t>;

/// Any thread may call it.
class ClientVersions {
  public:
    static constexpr std::size_t kKindsMax = 256;  // then it is silent

    explicit ClientVersions(Logger& log) : log_(log) {}
    /// software  "librdkafka 2.0.2" from ApiVersions, or the client id, or "unnamed client"
    void report(std::string_view software, const ChosenVersions& versions);
    [[nodiscard]] bool is_on() const { return log_.is_on(LogLevel::kDebug); }

  private:
    Logger& log_;
    std::mutex mutex_;
    std::set<std::string> reported_;  // guarded by mutex_
};

}  // namespace millrace::server::kafka
