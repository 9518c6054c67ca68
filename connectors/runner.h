// Runner: one connector on its own thread: states, counts, retries.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "connectors/config_def.h"
#include "connectors/connector.h"
#include "connectors/stop_signal.h"
#include "connectors/worker.h"

namespace millrace::connectors {

/// Checked settings of one connector.
struct ConnectorSpec {
    std::string name;
    std::string class_name;
    ConnectorKind kind = ConnectorKind::kSource;
    Config config;
    std::vector<std::string> topics;
    bool once = false;
};

/// How often and how long an operation is tried again.
class RetryTimer {
  public:
    /// timeout   negative: for ever
    RetryTimer(const Clock& clock,
               std::chrono::milliseconds timeout,
               std::chrono::milliseconds delay_max)
        : clock_(clock), timeout_(timeout), delay_max_(delay_max) {}
    /// Something went well: the next failure is a first one.
    void reset() { tries_ = 0; }
    /// The pause before the next try; nullopt when it is not to be tried again.
    [[nodiscard]] std::optional<std::chrono::milliseconds> next(const Error& error);

  private:
    const Clock& clock_;
    std::chrono::milliseconds timeout_;
    std::chrono::milliseconds delay_max_;
    std::uint32_t tries_ = 0;
    std::chrono::nanoseconds first_failure_{0};
};

/// Any thread may call the public methods; the protected ones are for the runner's own thread.
///
///     starting -> running -> finished | stopped | failed
class Runner {
  public:
    Runner(const WorkerServices& services, ConnectorSpec spec);
    /// The thread has ended by then: whoever owns a runner calls stop() and join() first.
    virtual ~Runner() = default;
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    void start();
    void stop(StopMode mode) { signal_.raise(mode); }
    void join();
    [[nodiscard]] ConnectorStatus status() const;
    [[nodiscard]] const ConnectorSpec& spec() const { return spec_; }

    /// Finishes by itself. Any time.
    [[nodiscard]] virtual bool is_bounded() const { return false; }
    /// See Worker::finish_topic().
    virtual void finish_topic(const std::string& topic, const std::vector<Offset>& ends);

  protected:
    /// The connector's work, from start to end. Returns kFinished or kStopped.
    virtual Result<ConnectorState> run() = 0;

    void set_running();
    void change_status(const std::function<void(ConnectorStatus&)>& change);
    /// Calls `step` until it succeeds or is not to be tried again. kCancelled when a stop came
    /// during a pause.
    template <class Step>
    auto with_retries(Step step) -> decltype(step());
    /// Waits before the next try; false when there is none.
    [[nodiscard]] Result<bool> pause_before_retry(const Error& error);

    /// A bad record. The error to end with under errors.tolerance=none, else success: it was
    /// counted and reported, and the caller dead-letters it when is_dead_lettering().
    [[nodiscard]] Status take_bad_record(const std::string& place,
                                         const Error& error,
                                         std::string_view raw);
    [[nodiscard]] bool is_dead_lettering() const { return !dead_letter_topic_.empty(); }
    [[nodiscard]] const std::string& dead_letter_topic() const { return dead_letter_topic_; }
    void log_warning(std::string_view text) const;

    WorkerServices services_;
    ConnectorSpec spec_;
    StopSignal signal_;
    RetryTimer retry_;

  private:
    void run_thread();
    void set_state(ConnectorState state, std::optional<Error> error);

    bool skips_bad_records_;
    bool logs_bad_records_;
    bool logs_raw_records_;
    std::string dead_letter_topic_;
    mutable std::mutex mutex_;
    ConnectorStatus status_;  // guarded by mutex_
    std::thread thread_;
};

template <class Step>
auto Runner::with_retries(Step step) -> decltype(step()) {
    for (;;) {
        auto result = step();
        if (result.ok()) {
            retry_.reset();
            return result;
        }
        const Result<bool> again = pause_before_retry(result.error());
        if (!again.ok()) {
            return again.error();
        }
        if (!again.value()) {
            return result;
        }
    }
}

}  // namespace millrace::connectors
