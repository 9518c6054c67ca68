// Engine: the QueryEngine that runs; its parts are in query_engine.cpp (texts of statements, the
// session, running), engine_sources.cpp, engine_queries.cpp and engine_listing.cpp.
#pragma once

#include <atomic>
#include <mutex>
#include <set>

#include "dsl/analyzer.h"
#include "dsl/catalog.h"
#include "dsl/listing.h"
#include "dsl/persistent_query.h"
#include "dsl/processing_log.h"
#include "dsl/query_engine.h"
#include "dsl/running_queries.h"
#include "dsl/settings.h"
#include "dsl/sql/parser.h"
#include "dsl/sql/variables.h"
#include "dsl/with_properties.h"

namespace millrace::dsl {

using runtime::JobState;

/// How a text of statements is meant.
enum class StatementMode : std::uint8_t { kExecute, kApply };

/// One call of execute() or apply().
struct Session {
    const sql::SourceText& source;
    Properties& properties;
    StatementMode mode = StatementMode::kExecute;
    std::function<void(const std::vector<std::string>&)> header;
    RowCallback rows;
    std::set<std::string> created;  // streams and tables that this text made
    sql::Variables* variables = nullptr;
    bool may_run_scripts = false;
    int scripts = 0;  // RUN SCRIPT inside of RUN SCRIPT
    PushObserver* push = nullptr;
};

class Engine final : public QueryEngine {
  public:
    Engine(EngineServices services, EngineOptions options)
        : services_(services), options_(std::move(options)) {}
    ~Engine() override {
        if (running_) {
            running_->close();
        }
        if (processing_log_) {
            processing_log_->close();
        }
    }

    Status open() {
        MILLRACE_TRY_STATUS(read_settings(options_, {}));
        MILLRACE_TRY(catalog_, Catalog::open(services_.env, services_.log));
        MILLRACE_TRY(processing_log_, ProcessingLog::open(services_.env, services_.log));
        running_ = std::make_shared<RunningQueries>(RunningQueries::Services{
            services_.env,
            services_.log,
            services_.executor,
            [log = processing_log_](const runtime::ProcessingError& error) { log->report(error); },
            [this](const std::string& id, JobState state, const std::string& error) {
                changed(id, state, error);
            }});
        return Ok{};
    }

    Result<std::vector<StatementResult>> execute(
        std::string_view sql,
        std::string_view source_name,
        Properties& session,
        const std::function<void(const std::vector<std::string>&)>& header,
        const RowCallback& rows,
        const std::function<void(const StatementResult&)>& each,
        std::map<std::string, std::string>* variables,
        PushObserver* push) override {
        return run_text(sql,
                        source_name,
                        session,
                        StatementMode::kExecute,
                        header,
                        rows,
                        each,
                        variables,
                        push);
    }
    Result<std::vector<StatementResult>> apply(std::string_view sql,
                                               std::string_view source_name,
                                               Properties& session) override {
        return run_text(
            sql, source_name, session, StatementMode::kApply, {}, {}, {}, nullptr, nullptr);
    }

    Status start(std::set<std::string> bounded_topics,
                 std::set<std::string> open_topics,
                 bool once) override;
    void complete_topic(const std::string& topic) override { running_->complete_topic(topic); }
    void on_change(
        std::function<void(const std::string& query_id, JobState state)> callback) override {
        const std::lock_guard lock(callback_mutex_);
        callback_ = std::move(callback);
    }
    void stop() override { running_->stop(); }
    [[nodiscard]] std::vector<QueryInfo> queries() const override;
    [[nodiscard]] CatalogView view() override {
        const std::lock_guard lock(statements_mutex_);
        CatalogView view = view_of(*catalog_, services_.log);
        add_vocabulary(view);
        return view;
    }
    [[nodiscard]] Result<std::string> explain(const std::string& query_or_statement) override;

  private:
    Result<std::vector<StatementResult>> run_text(
        std::string_view sql,
        std::string_view source_name,
        Properties& properties,
        StatementMode mode,
        const std::function<void(const std::vector<std::string>&)>& header,
        const RowCallback& rows,
        const std::function<void(const StatementResult&)>& each,
        sql::Variables* variables,
        PushObserver* push);
    Result<std::vector<StatementResult>> run(
        Session& session, const std::function<void(const StatementResult&)>& each);
    Result<std::vector<StatementResult>> run_script(
        const sql::RunScript& script,
        Session& session,
        const std::function<void(const StatementResult&)>& each);
    sql::TypeNames type_names();
    Result<StatementResult> run_one(const sql::Statement& statement, Session& session);

    // One per kind of statement.
    Result<StatementResult> node(const sql::CreateSource& create, Session& session);
    Result<StatementResult> node(const sql::CreateAs& create, Session& session);
    Result<StatementResult> node(const sql::InsertSelect& insert, Session& session);
    Result<StatementResult> node(const sql::InsertValues& insert, Session& session);
    Result<StatementResult> node(const sql::Select& select, Session& session);
    Result<StatementResult> node(const sql::Drop& drop, Session& session);
    Result<StatementResult> node(const sql::Show& show, Session& session);
    Result<StatementResult> node(const sql::Describe& describe, Session& session);
    Result<StatementResult> node(const sql::Explain& explain, Session& session);
    Result<StatementResult> node(const sql::Print& print, Session& session);
    Result<StatementResult> node(const sql::SetProperty& set, Session& session);
    Result<StatementResult> node(const sql::UnsetProperty& unset, Session& session);
    Result<StatementResult> node(const sql::Terminate& terminate, Session& session);
    Result<StatementResult> node(const sql::Pause& pause, Session& session);
    Result<StatementResult> node(const sql::Resume& resume, Session& session);
    Result<StatementResult> node(const sql::AlterSource& alter, Session& session);
    Result<StatementResult> node(const sql::Define& define, Session& session);
    Result<StatementResult> node(const sql::Undefine& undefine, Session& session);
    Result<StatementResult> node(const sql::RunScript& script, Session& session);
    Result<StatementResult> node(const sql::CreateType& create, Session& session);
    Result<StatementResult> node(const sql::DropType& drop, Session& session);
    Result<StatementResult> node(const sql::Assert& expected, Session& session);
    Result<StatementResult> node(const sql::Unsupported& unsupported, Session& session);

    /// The ids that a statement means: one that is there, or all.
    Result<std::vector<std::string>> query_ids(const std::optional<sql::Name>& query,
                                               const Session& session) const;

    Result<Settings> settings(const Session& session, const sql::Span& at) const;
    Status keep_query(const PersistentQuery& query,
                      const sql::Span& at,
                      const Session& session,
                      bool replaces);
    Status check_cycle(const PersistentQuery& query,
                       const sql::Span& at,
                       const sql::SourceText& source) const;
    Status ensure_topic(const SourceInfo& info,
                        std::int32_t partitions,
                        const WithProperties& with,
                        const sql::Span& at,
                        const sql::SourceText& source);
    Status check_replacement(const SourceInfo& was,
                             const SourceInfo& now,
                             const sql::Span& at,
                             const sql::SourceText& source) const;
    [[nodiscard]] std::string fresh_job_id(const std::string& query_id) const;
    void remove_query(const std::string& id);
    [[nodiscard]] std::int32_t partitions_of(const std::string& topic) const;
    [[nodiscard]] ListingInput listing_input(const Session& session) const;
    [[nodiscard]] Result<std::string> explain_statement(const sql::Statement& statement,
                                                        const sql::SourceText& source,
                                                        const Properties& session) const;
    [[nodiscard]] Result<std::string> explain_plan(const LogicalPlan& plan,
                                                   const sql::SourceText& source) const;
    [[nodiscard]] Result<std::string> explain_query(const QueryRecord& record) const;
    /// The first line in which two normalized texts differ.
    [[nodiscard]] static std::string difference(const std::string& was, const std::string& now);
    void changed(const std::string& id, JobState state, const std::string& error);

    EngineServices services_;
    EngineOptions options_;
    std::mutex statements_mutex_;  // one statement at a time; never taken by callbacks
    std::unique_ptr<Catalog> catalog_;
    std::shared_ptr<ProcessingLog> processing_log_;
    std::shared_ptr<RunningQueries> running_;
    std::atomic<bool> is_started_{false};
    std::atomic<std::uint64_t> push_queries_{0};
    const sql::Statement* statement_ = nullptr;  // being run; guarded by statements_mutex_

    std::mutex callback_mutex_;
    std::function<void(const std::string&, JobState)> callback_;  // guarded by callback_mutex_
};

}  // namespace millrace::dsl
