// ProcessingLog: rows that failed, one JSON record each in an internal topic, and one warning per
// distinct error.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/client/log_client.h"
#include "runtime/job.h"

namespace millrace::dsl {

inline constexpr std::string_view kProcessingLogTopic = "_millrace_processing_log";

/// Any thread may call it. Format: docs/formats/processing_log.md.
class ProcessingLog : public std::enable_shared_from_this<ProcessingLog> {
  public:
    /// Entries waiting to be written; what comes above is counted and lost.
    static constexpr std::size_t kWaitingMax = 10'000;

    /// Makes the topic when it is not there. Waits for the log.
    [[nodiscard]] static Result<std::shared_ptr<ProcessingLog>> open(Env& env, LogClient& log);

    /// Does not wait.
    void report(const runtime::ProcessingError& error);
    /// Waits until everything reported is written, so that env and log may go. After the last
    /// report; not on the I/O executor.
    void close();
    /// Entries that were lost because too many waited or the log refused them.
    [[nodiscard]] std::uint64_t lost() const;

  private:
    ProcessingLog(Env& env, LogClient& log, TopicId topic) : env_(env), log_(log), topic_(topic) {}
    void write_some();
    void written(std::size_t count, const Result<CommitPosition>& done);

    struct Entry {
        std::string key;
        std::string value;
        Timestamp time;
    };

    Env& env_;
    LogClient& log_;
    TopicId topic_;
    mutable std::mutex mutex_;
    std::deque<Entry> waiting_;        // guarded by mutex_
    bool is_writing_ = false;          // guarded by mutex_
    std::condition_variable written_;  // is_writing_ became false
    std::uint64_t lost_ = 0;           // guarded by mutex_
    std::set<std::string> warned_of_;  // guarded by mutex_
};

}  // namespace millrace::dsl
