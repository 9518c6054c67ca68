// A log, a worker and a folder of files, with the verbs that connector tests need.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connectors/worker.h"
#include "core/base/env.h"
#include "core/broker/broker.h"
#include "core/client/log_client.h"
#include "core/row/schema_config.h"
#include "tests/support/temp_directory.h"

namespace millrace::connectors {

struct StoredRecord {
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::map<std::string, std::string> headers;
};

class Pipeline {
  public:
    Pipeline();
    ~Pipeline();

    [[nodiscard]] std::string path(const std::string& name) const;
    void write(const std::string& name, const std::string& text);
    void append(const std::string& name, const std::string& text);
    void rename(const std::string& from, const std::string& to);
    void remove(const std::string& name);
    [[nodiscard]] std::string read(const std::string& name);

    /// A topic with that schema.
    void create_topic(const std::string& name,
                      const std::optional<TopicSchema>& schema = std::nullopt,
                      std::int32_t partitions = 1);
    using Texts = std::vector<std::pair<std::optional<std::string>, std::optional<std::string>>>;
    void produce(const std::string& topic, const Texts& records, std::int32_t partition = 0);
    /// All records of a topic, partition by partition.
    [[nodiscard]] std::vector<StoredRecord> records(const std::string& topic);
    /// Their values; null ones as "(null)".
    [[nodiscard]] std::vector<std::string> values(const std::string& topic);
    [[nodiscard]] std::vector<Offset> ends(const std::string& topic);

    /// Adds a connector to the worker, making the worker when there is none.
    Status add(const std::string& name, std::map<std::string, std::string> config, bool once);
    void start();
    /// Waits for the state; false after 20 seconds or when it failed meanwhile.
    [[nodiscard]] bool reaches(const std::string& name, ConnectorState state);
    /// Waits until it finished, stopped or failed.
    [[nodiscard]] bool reaches_end(const std::string& name);
    /// Waits until the topic's first partition has that many records; false after 20 seconds.
    [[nodiscard]] bool has_records(const std::string& topic, std::int64_t count);
    [[nodiscard]] ConnectorStatus status(const std::string& name);
    void finish(const std::string& topic) { worker_->finish_topic(topic, ends(topic)); }
    void stop();
    /// Throws the worker away at once, as a crash would.
    void kill();
    /// add(once), start, wait for the end.
    [[nodiscard]] ConnectorStatus run(const std::string& name,
                                      const std::map<std::string, std::string>& config);

    [[nodiscard]] LogClient& log() { return *log_; }
    [[nodiscard]] Env& env() { return env_; }
    [[nodiscard]] Worker& worker();
    [[nodiscard]] std::vector<ConnectorProblem> problems();

  private:
    TempDirectory directory_;
    SystemClock clock_;
    SeededRandom random_{7};
    ThreadIoExecutor io_{2};
    std::unique_ptr<FileSystem> files_ = make_system_files();
    Logger logger_;
    Env env_;
    std::unique_ptr<broker::Broker> broker_;
    std::unique_ptr<LogClient> log_;
    std::unique_ptr<Worker> worker_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<ConnectorProblem> problems_;  // guarded by mutex_
};

/// A schema from "NAME TYPE, ..." lists.
[[nodiscard]] TopicSchema schema_of(const std::string& key, const std::string& value);

}  // namespace millrace::connectors
