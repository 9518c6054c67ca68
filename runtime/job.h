// Job: a running graph: starts from committed state, runs, commits epochs, stops; its state and its
// figures.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/client/log_client.h"
#include "runtime/graph.h"

namespace millrace::runtime {

/// Runs strands. TbbExecutor (runtime/scheduler) is real; DeterministicExecutor runs them one at a
/// time on the caller's thread, in an order drawn from a seed.
class Executor {
  public:
    virtual ~Executor() = default;
    /// Runs `step` soon, on any worker. `step` must not block or throw.
    virtual void enqueue(std::function<void()> step) = 0;
};

[[nodiscard]] std::unique_ptr<Executor> make_tbb_executor(std::size_t workers);

/// Single-threaded: enqueue() stores, run_one() runs the next (a random one of the stored, by the
/// seed; 0 = first in, first out).
class DeterministicExecutor final : public Executor {
  public:
    explicit DeterministicExecutor(std::uint64_t seed = 0);
    ~DeterministicExecutor() override;
    void enqueue(std::function<void()> step) override;
    bool run_one();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

enum class InterleavePolicy : std::uint8_t {
    kTimestamp,  // by the running maximum of each source partition's timestamps; ties by source,
                 // then partition
    kScripted,   // tests: JobOptions::script lists which source comes next
};

enum class JobState : std::uint8_t {
    kStarting,  // restoring state
    kRunning,
    kFinished,  // run to the ends it was given, closing commit included
    kStopped,
    kFailed,
};
[[nodiscard]] std::string_view name_of(JobState state);

enum class ErrorTolerance : std::uint8_t { kSkip, kFail };

struct JobOptions {
    std::string query_id;         // names the unit owner, the group, the changelogs
    std::uint64_t plan_hash = 0;  // state is only taken over when it is the same
    std::chrono::milliseconds commit_interval{100};
    std::uint32_t batch_rows_max = 1024;  // 1..kRowBatchRowsMax; the output does not depend on it
    std::size_t edge_rows_max = 65'536;   // credit of one edge
    std::size_t edge_bytes_max = std::size_t{8} << 20;
    std::size_t staged_bytes_max = std::size_t{32} << 20;  // commit early above it
    std::size_t state_bytes_max = std::size_t{1} << 30;    // state.memory.bytes
    TableBootstrap table_bootstrap = TableBootstrap::kEnd;
    InterleavePolicy interleave = InterleavePolicy::kTimestamp;
    std::vector<std::int32_t> script;  // kScripted: source node positions, one entry per row
    ErrorTolerance tolerance = ErrorTolerance::kSkip;
    /// finalize.idle: when no source had a new record for so long, by the clock, operators are told
    /// as at the end of input, and what comes later is late. 0: never. What it closes is committed
    /// with the place in the sources, so a restart repeats nothing.
    std::chrono::milliseconds finalize_idle{0};
    bool start_at_end = false;  // auto.offset.reset=latest, when nothing is committed yet
    /// Internal topics (changelogs) are made with these.
    TopicConfig internal_topic_config;
};

struct SourceProgress {
    std::string topic;
    Partition partition;
    Offset committed;  // next offset not covered by a commit
    Offset read;       // next offset to read
    Offset high_watermark;
};

struct JobStats {
    JobState state = JobState::kStarting;
    std::uint64_t rows_in = 0;
    std::uint64_t rows_out = 0;
    std::uint64_t commits = 0;
    std::size_t state_bytes = 0;
    std::size_t edge_rows_peak = 0;                // the most rows that one edge held so far
    std::map<std::string, std::uint64_t> dropped;  // by reason
    std::uint64_t row_errors = 0;
    std::vector<SourceProgress> sources;
    bool is_closing_idle = false;  // finalize.idle is due, and what it closes is not committed yet
    std::optional<Error> error;    // when kFailed
};

/// One failed row, on its way to the processing log.
struct ProcessingError {
    std::string query_id;
    std::string topic;  // the source topic, when known
    Partition partition{-1};
    Offset offset{-1};
    std::string step;  // "deserialize value", "filter", ...
    ErrorCode code = ErrorCode::kOk;
    std::string message;
};

struct JobServices {
    Env& env;
    LogClient& log;
    Executor& executor;
    /// Any thread; must not block.
    std::function<void(const ProcessingError&)> report;
    /// The state changed to kRunning, kFinished, kStopped or kFailed (not by kill()). On the I/O
    /// executor, one call at a time. May destroy the job. ~Job waits for a call that runs on
    /// another thread: do not destroy a job under a lock that this function takes.
    std::function<void(JobState)> on_state;
};

/// One component: commits and fails as a whole. Any thread may call it.
class Job {
  public:
    /// Validates the graph and makes missing internal topics. kUnknownTopic when a source or sink
    /// topic is not there.
    [[nodiscard]] static Result<std::unique_ptr<Job>> create(Graph graph,
                                                             JobOptions options,
                                                             JobServices services);
    /// Stops at once (as after a crash: nothing uncommitted is kept) if it still runs, and waits
    /// for its strands.
    virtual ~Job() = default;

    /// Restores committed state, then runs. Returns at once.
    virtual void start() = 0;
    /// A bounded producer of `topic` is complete: tables are bootstrapped up to `ends` (one per
    /// partition). Without it the bootstrap end is the log end at the query's first start. Call
    /// before start(), with hold_bootstrap(), when a producer of this run is still at work.
    virtual void set_bootstrap_ends(const std::string& topic, std::vector<Offset> ends) = 0;
    /// Streams wait until set_bootstrap_ends(topic) came.
    virtual void hold_bootstrap(const std::string& topic) = 0;
    /// `run --once`: no source topic gets records behind these ends any more (by topic, one per
    /// partition; a topic that is left out ends where it stands now). Records behind them are not
    /// read in this run. When all are processed, on_time(kEndOfInput) runs, a closing commit is
    /// made and the state becomes kFinished.
    virtual void finish_at(std::map<std::string, std::vector<Offset>> ends) = 0;
    /// Finishes the epoch, commits, then kStopped. Returns at once. With a full disk it stops
    /// without that commit: what it covers is read again at the next start.
    virtual void stop() = 0;
    /// Ends without a commit, as a crash would. Blocks until no strand of it runs; not from inside
    /// one. A unit that was handed to the log may still commit: a job of the same query that was
    /// started before it did is fenced.
    virtual void kill() = 0;
    /// A callback sink has room again.
    virtual void resume() = 0;
    /// Asks for a commit now.
    virtual void request_commit() = 0;
    [[nodiscard]] virtual JobStats stats() const = 0;
    [[nodiscard]] virtual JobState state() const = 0;
};

}  // namespace millrace::runtime
