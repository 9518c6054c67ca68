// Catalog: streams, tables and queries by name, kept as records of an internal topic
// (docs/formats/catalog.md).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/client/log_client.h"
#include "core/row/schema_config.h"
#include "dsl/query_engine.h"

namespace millrace::dsl {

inline constexpr std::string_view kCatalogTopic = "_millrace_catalog";

/// A stream or table.
struct SourceInfo {
    std::string name;
    TopicSchema schema;  // is_table says which of the two it is
    std::string topic;
    std::string timestamp_column;  // empty: the record's timestamp
    std::string timestamp_format;  // of a STRING timestamp column
    bool is_read_only = false;     // CREATE SOURCE ...
    std::string query_id;          // of the query that writes it; empty: declared by CREATE
    std::string statement;         // normalized SQL

    [[nodiscard]] const char* kind() const { return schema.is_table ? "table" : "stream"; }
};

/// A persistent query: CREATE ... AS SELECT or INSERT INTO ... SELECT.
struct QueryRecord {
    std::string id;
    std::string job;        // names its committed offsets and state in the log; never used twice
    std::string statement;  // normalized SQL
    std::string sink;       // the stream or table it writes
    std::string plan;       // normalized plan: what `run` compares
    std::vector<std::string> sources;  // streams and tables it reads
    Properties properties;
    std::string state;       // name of its last runtime::JobState; empty: never ran
    std::string error;       // message of its last failure
    bool is_paused = false;  // PAUSE: it is not started
};

/// Changes that are made together.
struct CatalogChange {
    std::vector<SourceInfo> put_sources;
    std::vector<QueryRecord> put_queries;
    std::vector<std::string> drop_sources;
    std::vector<std::string> drop_queries;
    std::map<std::string, DataType> put_types;
    std::vector<std::string> drop_types;
};

/// One thread at a time, which the engine sees to; note_state() and what gives out queries may be
/// called from any thread.
class Catalog {
  public:
    /// Makes the topic when it is not there, else reads it. Waits for the log.
    [[nodiscard]] static Result<std::unique_ptr<Catalog>> open(Env& env, LogClient& log);

    [[nodiscard]] const SourceInfo* find_source(const std::string& name) const;
    [[nodiscard]] std::optional<QueryRecord> find_query(const std::string& id) const;
    /// By name.
    [[nodiscard]] const std::map<std::string, SourceInfo>& sources() const { return sources_; }
    /// In the order of creation.
    [[nodiscard]] std::vector<QueryRecord> queries() const;
    [[nodiscard]] std::vector<std::string> source_names() const;
    /// What CREATE TYPE made, by name.
    [[nodiscard]] const std::map<std::string, DataType>& types() const { return types_; }
    /// The topic of a stream or table; empty when there is none. Any thread.
    [[nodiscard]] std::string topic_of(const std::string& source) const;
    /// Queries that read or write the source.
    [[nodiscard]] std::vector<QueryRecord> users_of(const std::string& source) const;

    /// Writes all of it in one atomic unit, waits until it is durable, then takes it over. On an
    /// error nothing has changed.
    Status apply(const CatalogChange& change);
    /// Keeps a query's state and error. Does not wait: may be called on the I/O executor. A loss
    /// is logged only.
    void note_state(const std::string& id, std::string state, std::string error);

  private:
    struct Entry {
        QueryRecord record;
        std::uint64_t number = 0;  // of creation
    };

    Catalog(Env& env, LogClient& log, TopicId topic) : env_(env), log_(log), topic_(topic) {}
    Status replay();
    Status take_record(std::string_view key, std::optional<std::string_view> value);
    Result<Unit> encode(const std::vector<std::pair<std::string, std::string>>& records) const;

    Env& env_;
    LogClient& log_;
    TopicId topic_;
    mutable std::mutex mutex_;
    std::map<std::string, SourceInfo> sources_;  // changed under mutex_, by the engine's thread
    std::map<std::string, DataType> types_;
    std::map<std::string, Entry> queries_;  // guarded by mutex_
    std::uint64_t next_number_ = 1;         // guarded by mutex_
};

}  // namespace millrace::dsl
