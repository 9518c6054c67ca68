// Pipeline: one `run`: applies the SQL, starts connectors and queries, carries the end of input
// from one to the next.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "connectors/worker.h"
#include "core/base/result.h"
#include "server/node.h"

namespace millrace::server {

struct PipelineOptions {
    std::string sql;
    std::string sql_name;  // of the file, for messages
    std::vector<connectors::ConnectorSettings> connectors;
    std::string data_directory;  // for messages, and to see how full its disk is
    bool once = false;
};

/// Runs on the caller's thread until it is done. The end of input travels: source connectors finish
/// -> their topics are complete -> queries finish -> their sink topics are complete -> sink
/// connectors finish.
class Pipeline {
  public:
    static constexpr std::chrono::seconds kSpaceWait{5};
    static constexpr std::uint64_t kSpaceMin = std::uint64_t{16}
                                               << 20;  // less is a full disk: files grow in steps

    Pipeline(Node& node, PipelineOptions options);

    /// Applies the SQL and the connectors' settings. Nothing runs yet.
    Status prepare();
    /// Runs. `once`: until everything finished. Else until `is_cancelled`. `tick` is called every
    /// 50 ms and on each change. The first failure of a query or connector is the answer; with
    /// `once` it ends the run, else the others go on.
    Status run(const std::function<bool()>& is_cancelled,
               const std::function<void(bool is_last)>& tick);

  private:
    void wait_for_change();
    void advance();
    void warn_of_empty_tables();
    [[nodiscard]] bool is_finished() const;
    [[nodiscard]] std::optional<Error> stuck_without_space();
    [[nodiscard]] std::optional<Error> first_failure() const;
    [[nodiscard]] bool is_source_open(const std::string& topic) const;

    Node& node_;
    PipelineOptions options_;
    std::uint64_t progress_ = 0;               // rows and commits when something last moved
    std::chrono::nanoseconds progress_at_{0};  // monotonic: when that was
    dsl::QueryEngine* engine_ = nullptr;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool has_changed_ = false;         // guarded by mutex_
    std::set<std::string> completed_;  // source topics whose connectors finished
    std::set<std::string> warned_;     // queries whose empty tables were reported
    std::set<std::string> ended_;      // sink topics whose ends were given
};

}  // namespace millrace::server
