// EngineBench: an engine on a TestBench and a log in memory, that can stop, start and come to rest.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/client/memory_log.h"
#include "dsl/catalog.h"
#include "dsl/query_engine.h"
#include "dsl/testing/stored_records.h"
#include "dsl/testing/test_bench.h"

namespace millrace::dsl::testing {

/// Queries run while it is live. One thread.
class EngineBench {
  public:
    explicit EngineBench(runtime::Executor* threads) : bench_(0, threads) {}
    ~EngineBench();
    EngineBench(const EngineBench&) = delete;
    EngineBench& operator=(const EngineBench&) = delete;

    /// Opens the engine, live, if it is not open; every call below does.
    Status open();
    void set_batch_rows(std::uint32_t rows) { options_.batch_rows_max = rows; }
    /// Finishes what the queries have begun and closes the engine; the next one is not live.
    Status stop();
    Status start();
    [[nodiscard]] bool is_live() const { return is_live_; }
    /// The end of all input: the queries finish as `run --once` does; then they go on.
    Status finish();

    [[nodiscard]] Result<std::vector<StatementResult>> execute(const std::string& sql,
                                                               const std::string& name,
                                                               const RowCallback& rows);
    /// Works until the live queries have read, worked off and committed all that there is.
    Status settle();
    void advance(std::chrono::milliseconds by) { bench_.advance(by); }
    /// Queries that failed and of which nobody was told.
    [[nodiscard]] std::vector<QueryInfo> failed() const;
    void acknowledge(const std::string& query) { acknowledged_.insert(query); }

    [[nodiscard]] Result<std::unique_ptr<Catalog>> catalog();
    Status append(const TopicId& topic, const PartitionedRecords& records);
    [[nodiscard]] Result<std::vector<StoredRecord>> read(const TopicPartition& from, Offset begin);
    Status create_topic(const std::string& name, std::int32_t partitions);
    [[nodiscard]] LogClient& log() { return log_; }
    [[nodiscard]] Env& env() { return bench_.env(); }
    [[nodiscard]] Properties& session() { return session_; }
    [[nodiscard]] std::map<std::string, std::string>& variables() { return variables_; }

  private:
    [[nodiscard]] bool is_at_rest();
    void close();
    Status start_queries(bool once);

    TestBench bench_;
    MemoryLog log_{bench_.io()};
    EngineOptions options_{.commit_interval = std::chrono::milliseconds(1)};
    Properties session_;
    std::map<std::string, std::string> variables_;
    std::unique_ptr<QueryEngine> engine_;
    bool is_live_ = true;
    bool is_finishing_ = false;
    std::set<std::string> acknowledged_;
};

}  // namespace millrace::dsl::testing
