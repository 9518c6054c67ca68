// QueryEngine: SQL statements in, catalog and running queries out. The server, the shell and the
// tests drive this.
#pragma once

#include <chrono>
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
#include "core/row/value.h"
#include "dsl/catalog_view.h"
#include "runtime/job.h"

namespace millrace::dsl {

/// SHOW CONNECTORS and friends, answered by whoever runs connectors. Declared here, implemented
/// above.
class ConnectorHost {
  public:
    struct ConnectorInfo {
        std::string name;
        std::string type;  // "source" or "sink"
        std::string class_name;
        std::string state;
    };
    virtual ~ConnectorHost() = default;
    [[nodiscard]] virtual std::vector<ConnectorInfo> connectors() const = 0;
};

/// Properties set by SET 'key'='value'; by name as written, e.g. "auto.offset.reset", "semantics",
/// "table.bootstrap".
using Properties = std::map<std::string, std::string>;

/// What a statement answered: a message, or a table to print.
struct StatementResult {
    std::string statement;             // its text, trimmed
    std::string message;               // one or more lines; empty when there is a table only
    std::vector<std::string> columns;  // of the table
    std::vector<std::vector<std::string>> rows;
};

struct QueryInfo {
    std::string id;         // the sink's name
    std::string statement;  // SQL text
    std::string sink_topic;
    std::vector<std::string> source_topics;
    runtime::JobStats stats;
    bool is_running = false;  // a job exists in this process
    bool is_paused = false;
};

/// One row of a push query or of PRINT, as text cells. No cells are no row but a question, asked
/// every now and then while there is none. False: no more rows are wanted (Ctrl-C).
using RowCallback = std::function<bool(const std::vector<std::string>& cells)>;

/// A row of a push query as it is.
struct PushRow {
    std::string key;            // tells apart the rows of a table; empty for a stream's
    std::vector<Value> values;  // empty: the table's row of that key is gone
};

/// Takes the rows of push queries as values: who wants their types, or shows a table as it stands.
/// Called on the thread that executes.
class PushObserver {
  public:
    virtual ~PushObserver() = default;
    virtual void begin(const std::vector<Field>& columns, bool is_table) = 0;
    /// False: no more rows are wanted.
    virtual bool next(const PushRow& row) = 0;
    /// Asked every now and then while no row comes. False: no more rows are wanted.
    virtual bool wants_more() = 0;
};

struct EngineServices {
    Env& env;
    LogClient& log;
    runtime::Executor& executor;
    ConnectorHost* connectors = nullptr;  // may be null
};

struct EngineOptions {
    std::chrono::milliseconds commit_interval{100};
    std::uint32_t batch_rows_max = 1024;
    std::size_t state_bytes_max = std::size_t{1} << 30;
    Properties properties{};  // start values of every session
};

/// Any thread may call it; statements are executed one at a time. All errors of SQL carry
/// "line:column" and, on further lines, the source line with a caret and what was expected.
class QueryEngine {
  public:
    /// Reads the catalog from its internal topic. Starts no query.
    [[nodiscard]] static Result<std::unique_ptr<QueryEngine>> open(EngineServices services,
                                                                   EngineOptions options);
    /// Stops what runs (kill: nothing uncommitted is kept).
    virtual ~QueryEngine() = default;

    /// Executes statements one after the other and stops at the first error, whose message names
    /// the statement. Persistent queries start running at once when start() was called, else with
    /// it.
    ///
    /// header, rows  of SELECT ... EMIT CHANGES and PRINT: the column names, then row after row;
    /// the
    ///               statement ends when LIMIT is reached or `rows` says false
    /// each          gets every statement's answer when it is done, before the next one starts:
    /// what
    ///               was done before an error is not hidden by it. May be empty
    /// variables     what DEFINE defined, for ${name}; kept from call to call by a shell, which may
    ///               also RUN SCRIPT. Null: they end with this text
    /// push          takes the rows of SELECT in place of header and rows. May be null
    /// returns       all the answers
    [[nodiscard]] virtual Result<std::vector<StatementResult>> execute(
        std::string_view sql,
        std::string_view source_name,
        Properties& session,
        const std::function<void(const std::vector<std::string>&)>& header,
        const RowCallback& rows,
        const std::function<void(const StatementResult&)>& each = {},
        std::map<std::string, std::string>* variables = nullptr,
        PushObserver* push = nullptr) = 0;

    /// `run FILE.sql`: as execute(), but a statement equal to what the catalog has under that name
    /// (same normalized plan) is kept, and a different one is refused, naming the difference. All
    /// of the text is parsed before anything is done.
    [[nodiscard]] virtual Result<std::vector<StatementResult>> apply(std::string_view sql,
                                                                     std::string_view source_name,
                                                                     Properties& session) = 0;

    /// Starts every persistent query of the catalog.
    ///
    /// bounded_topics  topics that a bounded connector of this run still feeds: tables over them
    /// are bootstrapped only when
    ///                 complete_topic() came
    /// open_topics     with `once`: topics that a connector of this run still feeds (bounded_topics
    /// included): they end where
    ///                 they stand when complete_topic() comes; every other topic ends where it
    ///                 stands now, or where the queries that write it end
    /// once            queries finish at those ends, transitively, with a closing commit
    virtual Status start(std::set<std::string> bounded_topics,
                         std::set<std::string> open_topics,
                         bool once) = 0;
    virtual void complete_topic(const std::string& topic) = 0;

    /// Called on the I/O executor whenever a query's state changed (finished, failed, ...).
    virtual void on_change(
        std::function<void(const std::string& query_id, runtime::JobState state)> callback) = 0;

    /// Finishes the epoch of every query and stops it. Blocks until they stopped; not on the I/O
    /// executor.
    virtual void stop() = 0;
    [[nodiscard]] virtual std::vector<QueryInfo> queries() const = 0;
    /// What is there now, and what can be called and set.
    [[nodiscard]] virtual CatalogView view() = 0;
    /// Message of "nearest name" quality when there is none.
    [[nodiscard]] virtual Result<std::string> explain(const std::string& query_or_statement) = 0;
};

}  // namespace millrace::dsl
