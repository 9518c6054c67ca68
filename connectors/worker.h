// Worker: runs connectors on threads of their own: starts, retries, stops, reports.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/client/log_client.h"

namespace millrace::connectors {

/// {"name": ..., "config": {"connector.class": ..., ...}}, values as text, as Kafka Connect has
/// them.
struct ConnectorSettings {
    std::string name;
    std::map<std::string, std::string> config;
    std::string origin;  // file it came from, for messages
};

/// Reads connector JSON: FILE.json, or every *.json of a directory, sorted by name. `${name}` in
/// values is replaced from `variables` ("data.dir"); an unknown one is an error with file, line and
/// column. Also takes an array of connectors, and a flat object without "config" (the name then
/// comes from the "name" key).
[[nodiscard]] Result<std::vector<ConnectorSettings>> load_connectors(
    Env& env, const std::string& path, const std::map<std::string, std::string>& variables);

enum class ConnectorKind : std::uint8_t { kSource, kSink };
enum class ConnectorState : std::uint8_t { kStarting, kRunning, kFinished, kStopped, kFailed };
[[nodiscard]] std::string_view name_of(ConnectorState state);

struct ConnectorStatus {
    std::string name;
    ConnectorKind kind = ConnectorKind::kSource;
    std::string class_name;
    ConnectorState state = ConnectorState::kStarting;
    std::vector<std::string> topics;  // written by a source, read by a sink
    std::uint64_t records = 0;        // committed in this run
    std::uint64_t bytes = 0;
    std::uint64_t skipped = 0;  // bad records, skipped
    std::uint64_t dead_lettered = 0;
    std::optional<std::uint64_t> bytes_total;  // of a bounded input: for percent and ETA
    std::uint64_t bytes_done = 0;
    std::int64_t lag = 0;  // sinks: records not yet written
    std::optional<Error> error;
};

/// One failed record, on its way to stderr and the processing log.
struct ConnectorProblem {
    std::string connector;
    std::string place;  // "flights.ndjson:12" or "topic delay_by_airport partition 0 offset 7"
    Error error;
};

struct WorkerServices {
    Env& env;
    LogClient& log;
    /// Any thread; must not block.
    std::function<void(const ConnectorProblem&)> report;
    /// A connector's state changed. On the connector's thread; must not call the worker back.
    std::function<void(const std::string& name, ConnectorState state)> on_state;
};

/// Any thread may call it.
class Worker {
  public:
    [[nodiscard]] static std::unique_ptr<Worker> make(WorkerServices services);
    /// Stops everything at once (nothing uncommitted is kept) and joins.
    virtual ~Worker() = default;

    /// Checks the settings against the class's declared keys; all problems in one error, each with
    /// the nearest known key or the allowed values. Creates source topics. Starts nothing.
    virtual Status add(const ConnectorSettings& settings, bool once) = 0;
    /// Starts what was added. With `once` sources read to the size their input has now and then
    /// finish.
    virtual void start() = 0;

    /// Topics that sources of this worker write; bounded: those whose sources all finish by
    /// themselves.
    [[nodiscard]] virtual std::set<std::string> source_topics(bool only_bounded) const = 0;
    /// Topics that a sink reads.
    [[nodiscard]] virtual std::set<std::string> sink_topics() const = 0;
    /// A sink's topic will get nothing behind these ends (one per partition): when all its topics
    /// have ends and are written, it commits and finishes.
    virtual void finish_topic(const std::string& topic, const std::vector<Offset>& ends) = 0;

    /// Finishes what was polled, commits and stops all. Blocks until they stopped.
    virtual void stop() = 0;
    [[nodiscard]] virtual std::vector<ConnectorStatus> status() const = 0;
};

/// Every connector class with its keys, as Markdown: docs/connectors.md is generated from it.
[[nodiscard]] std::string describe_connectors();

}  // namespace millrace::connectors
