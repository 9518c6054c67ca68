// RunningQueries: the jobs of persistent queries, when tables are complete and where input ends,
// transitively over the queries that feed each other.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/client/log_client.h"
#include "runtime/job.h"

namespace millrace::dsl {

/// What a query needs to run.
struct QueryToRun {
    std::string id;
    runtime::Graph graph;
    runtime::JobOptions options;
    std::string sink_topic;
    std::vector<std::string> source_topics;  // each once
    std::set<std::string> table_topics;      // of these, those read as tables
};

/// Figures of one query, for lists.
struct RunningState {
    runtime::JobStats stats;
    std::string sink_topic;
    std::vector<std::string> source_topics;
};

/// Any thread may call it; no method waits but stop(), pause() and remove(), which must not be
/// called on the I/O executor.
class RunningQueries : public std::enable_shared_from_this<RunningQueries> {
  public:
    struct Services {
        Env& env;
        LogClient& log;
        runtime::Executor& executor;
        std::function<void(const runtime::ProcessingError&)> report;
        /// On the I/O executor. `error` is empty unless the state is kFailed.
        std::function<void(
            const std::string& id, runtime::JobState state, const std::string& error)>
            on_change;
    };

    explicit RunningQueries(Services services) : services_(std::move(services)) {}

    /// Before the first add(). See QueryEngine::start().
    void configure(std::set<std::string> bounded, std::set<std::string> open, bool once);
    /// Makes and starts the queries' jobs, in their order; they may feed each other. The first
    /// failure ends it; jobs started before go on.
    Status add(std::vector<QueryToRun> queries);
    /// A producer outside of the queries will add nothing more to this topic in this run.
    void complete_topic(const std::string& topic);

    /// Kills the query's job, if there is one: what it had not committed is done again later.
    void remove(const std::string& id);
    /// Finishes the query's epoch, stops it and forgets it. Nothing when it does not run.
    void pause(const std::string& id);
    /// Finishes the epoch of every query and stops it.
    void stop();
    /// Kills all.
    void close();

    [[nodiscard]] std::optional<RunningState> state_of(const std::string& id) const;

  private:
    using Ends = std::vector<Offset>;
    struct Query {
        QueryToRun plan;
        std::shared_ptr<runtime::Job> job;
        runtime::JobState state = runtime::JobState::kStarting;
        std::set<std::string> held;  // table topics whose bootstrap waits for their ends
        bool has_ends = false;       // finish_at() was called
    };

    Result<std::shared_ptr<runtime::Job>> make_job(QueryToRun& plan);
    void changed(const std::string& id, runtime::JobState state);
    void advance();
    void advance_locked();
    void watch();
    [[nodiscard]] Ends ends_now(const std::string& topic) const;
    [[nodiscard]] std::vector<const Query*> writers_of(const std::string& topic) const;
    [[nodiscard]] std::optional<Ends> final_ends(const std::string& topic) const;
    [[nodiscard]] bool is_caught_up(const std::string& topic, std::set<std::string>& seen) const;
    [[nodiscard]] bool has_passed(const Query& query, std::set<std::string>& seen) const;

    Services services_;
    mutable std::mutex mutex_;
    std::condition_variable ended_;
    std::map<std::string, Query> queries_;    // guarded by mutex_
    std::set<std::string> bounded_;           // guarded by mutex_
    std::set<std::string> open_;              // guarded by mutex_
    std::map<std::string, Ends> first_ends_;  // guarded by mutex_; where topics stood at first
    std::map<std::string, Ends> complete_;    // guarded by mutex_; by complete_topic()
    bool once_ = false;                       // guarded by mutex_
    bool is_watching_ = false;                // guarded by mutex_
    bool is_closed_ = false;                  // guarded by mutex_
};

}  // namespace millrace::dsl
