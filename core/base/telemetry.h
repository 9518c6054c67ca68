// Log lines and counters: what an operator of Millrace reads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace millrace {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError, kOff };

/// "debug", "info", "warn", "error" or "off"; false when it is none of them.
[[nodiscard]] bool parse_log_level(std::string_view text, LogLevel& level);

/// Writes log lines to one place. Any thread may call it. Control characters in the text are
/// escaped: a record's bytes can never forge a line.
class Logger {
  public:
    using Sink = std::function<void(
        LogLevel, std::string_view line)>;  // line without line feed; called under a lock

    Logger(const Clock& clock, LogLevel level, Sink sink);
    void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }
    [[nodiscard]] bool is_on(LogLevel level) const {
        return level >= level_.load(std::memory_order_relaxed);
    }
    /// "2026-01-31T12:00:00.000Z warn  connector flights: text"; `component` names who speaks.
    void log(LogLevel level, std::string_view component, std::string_view text);
    void debug(std::string_view component, std::string_view text) {
        log(LogLevel::kDebug, component, text);
    }
    void info(std::string_view component, std::string_view text) {
        log(LogLevel::kInfo, component, text);
    }
    void warn(std::string_view component, std::string_view text) {
        log(LogLevel::kWarn, component, text);
    }
    void error(std::string_view component, std::string_view text) {
        log(LogLevel::kError, component, text);
    }

  private:
    const Clock& clock_;
    std::atomic<LogLevel> level_;
    std::mutex mutex_;
    Sink sink_;  // called under mutex_
};

/// Lines to standard error.
[[nodiscard]] Logger::Sink stderr_sink();

/// A number that only grows. Any thread may add.
class Counter {
  public:
    void add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

/// ISO 8601 in UTC with milliseconds: "2001-01-01T00:47:00.000Z". Any int64 is taken; years outside
/// 0000-9999 print with a sign.
[[nodiscard]] std::string format_iso8601(std::int64_t ms_since_epoch);

}  // namespace millrace
