// ProblemLog: bad records of connectors: once per distinct error on stderr, row by row in
// _millrace_processing_log.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connectors/worker.h"
#include "core/base/env.h"
#include "core/client/log_client.h"

namespace millrace::server {

/// The internal topic that all processing errors go to, from queries and connectors alike.
constexpr std::string_view kProcessingLogTopic = "_millrace_processing_log";

/// Any thread may add. Entries are appended in batches, one append in flight; when more than
/// kPendingMax wait (the disk is full, say), further ones are counted, and the count is written
/// with the next batch.
class ProblemLog {
  public:
    static constexpr std::size_t kPendingMax = 10'000;
    static constexpr std::size_t kDistinctMax = 1'000;  // distinct errors that are told apart

    ProblemLog(Env& env, LogClient& log) : env_(env), log_(log) {}
    /// Waits for the append in flight.
    ~ProblemLog();
    ProblemLog(const ProblemLog&) = delete;
    ProblemLog& operator=(const ProblemLog&) = delete;

    void add(const connectors::ConnectorProblem& problem);
    /// Waits until everything added is appended or could not be. Not on the I/O executor.
    void flush();
    /// Problems added so far.
    [[nodiscard]] std::uint64_t count() const;

  private:
    void append_pending();  // mutex_ held
    Result<Unit> make_unit(const std::vector<std::string>& entries);

    Env& env_;
    LogClient& log_;
    mutable std::mutex mutex_;
    std::condition_variable idle_;
    std::map<std::string, std::uint64_t>
        seen_;                          // guarded by mutex_: connector and error without its values
    std::vector<std::string> pending_;  // guarded by mutex_: JSON texts
    std::uint64_t count_ = 0;           // guarded by mutex_
    std::uint64_t overflowed_ = 0;      // guarded by mutex_
    bool is_appending_ = false;         // guarded by mutex_
    std::optional<TopicPartition> partition_;  // used by the append in flight only
};

}  // namespace millrace::server
