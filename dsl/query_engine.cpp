#include "dsl/query_engine.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "core/base/nearest_name.h"
#include "core/row/schema_config.h"
#include "dsl/analyzer.h"
#include "dsl/catalog.h"
#include "dsl/declaration.h"
#include "dsl/insert_values.h"
#include "dsl/listing.h"
#include "dsl/persistent_query.h"
#include "dsl/print_topic.h"
#include "dsl/processing_log.h"
#include "dsl/push_query.h"
#include "dsl/running_queries.h"
#include "dsl/settings.h"
#include "dsl/sql/lexer.h"
#include "dsl/sql/parser.h"
#include "dsl/sql/printer.h"
#include "dsl/sql/variables.h"
#include "runtime/plan.h"

namespace millrace::dsl {

namespace {

using runtime::JobState;

/// How a text of statements is meant.
enum class Mode : std::uint8_t { kExecute, kApply };

/// One call of execute() or apply().
struct Session {
    const sql::SourceText& source;
    Properties& properties;
    Mode mode = Mode::kExecute;
    std::function<void(const std::vector<std::string>&)> header;
    RowCallback rows;
    std::set<std::string> created;  // streams and tables that this text made
    sql::Variables* variables = nullptr;
    bool may_run_scripts = false;
    int scripts = 0;  // RUN SCRIPT inside of RUN SCRIPT
    PushObserver* push = nullptr;
};

/// A push query's rows as text, for who takes them so.
class RowsAsText final : public PushObserver {
  public:
    explicit RowsAsText(const Session& session) : session_(session) {}
    void begin(const std::vector<Field>& columns, bool) override {
        columns_ = columns;
        std::vector<std::string> names;
        for (const Field& field : columns) {
            names.push_back(field.name);
        }
        if (session_.header) {
            session_.header(names);
        }
    }
    bool next(const PushRow& row) override {
        if (row.values.empty()) {
            return true;  // a table's removed row has nothing to show
        }
        std::vector<std::string> cells;
        for (std::size_t i = 0; i < row.values.size(); ++i) {
            cells.push_back(to_text(row.values[i], columns_[i].type));
        }
        return session_.rows(cells);
    }
    bool wants_more() override { return session_.rows({}); }

  private:
    const Session& session_;
    std::vector<Field> columns_;
};

/// The first line in which two normalized texts differ.
std::string difference(const std::string& was, const std::string& now) {
    std::size_t at = 0;
    std::size_t line = 0;
    while (at < was.size() && at < now.size() && was[at] == now[at]) {
        if (was[at++] == '\n') {
            line = at;
        }
    }
    const auto line_of = [&](const std::string& text) {
        std::string shown = text.substr(line, text.find('\n', line) - line);
        shown.erase(0, std::min(shown.find_first_not_of(' '), shown.size()));
        return shown.empty() ? std::string("nothing") : shown;
    };
    return "\n  it is:   " + line_of(was) + "\n  text is: " + line_of(now);
}

std::string declared_text(const SourceInfo& info) {
    return std::string(info.kind()) + " " + schema_text(info.schema.schema, info.schema.is_table) +
           "\nformats: " + encode_topic_schema(info.schema) + "\ntopic: " + info.topic +
           "\ntimestamp: " + info.timestamp_column + " " + info.timestamp_format +
           (info.is_read_only ? "\nread-only" : "");
}

JobState state_named(std::string_view name) {
    for (const JobState state : {JobState::kStarting,
                                 JobState::kRunning,
                                 JobState::kFinished,
                                 JobState::kStopped,
                                 JobState::kFailed}) {
        if (runtime::name_of(state) == name) {
            return state;
        }
    }
    return JobState::kStopped;
}

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
        return run_text(
            sql, source_name, session, Mode::kExecute, header, rows, each, variables, push);
    }
    Result<std::vector<StatementResult>> apply(std::string_view sql,
                                               std::string_view source_name,
                                               Properties& session) override {
        return run_text(sql, source_name, session, Mode::kApply, {}, {}, {}, nullptr, nullptr);
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
        Mode mode,
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

Result<std::vector<StatementResult>> Engine::run_text(
    std::string_view sql,
    std::string_view source_name,
    Properties& properties,
    Mode mode,
    const std::function<void(const std::vector<std::string>&)>& header,
    const RowCallback& rows,
    const std::function<void(const StatementResult&)>& each,
    sql::Variables* variables,
    PushObserver* push) {
    sql::Variables own;
    const bool is_shell = variables != nullptr;
    variables = is_shell ? variables : &own;
    const sql::SourceText written{std::string(source_name), std::string(sql)};
    MILLRACE_TRY(std::string text, sql::substitute(written, *variables));
    const sql::SourceText source{std::string(source_name), std::move(text)};
    Session session{source, properties, mode, header, rows, {}, variables, is_shell, 0, push};
    return run(session, each);
}

Result<std::vector<StatementResult>> Engine::run_script(
    const sql::RunScript& script,
    Session& session,
    const std::function<void(const StatementResult&)>& each) {
    if (!session.may_run_scripts) {
        const Error refused{ErrorCode::kSqlSyntax,  // as if the grammar did not have it
                            "Syntax Error\nUnknown statement 'RUN'; RUN SCRIPT is for the shell "
                            "(millrace sql)",
                            SqlError::kScriptMisplaced};
        return session.source.place(script.at, refused, SqlError::kScriptMisplaced);
    }
    constexpr int kDepthMax = 16;
    if (session.scripts == kDepthMax) {
        return session.source.error_at(
            script.at,
            SqlError::kScriptDepth,
            "scripts run each other more than " + std::to_string(kDepthMax) + " deep");
    }
    const auto content = services_.env.files.read_file(script.path);
    if (!content.ok()) {
        return session.source.place(script.at, content.error(), SqlError::kScriptUnreadable);
    }
    const sql::SourceText written{script.path, std::string(as_text(content.value()))};
    MILLRACE_TRY(std::string text, sql::substitute(written, *session.variables));
    const sql::SourceText source{script.path, std::move(text)};
    Session inner{source,
                  session.properties,
                  session.mode,
                  session.header,
                  session.rows,
                  session.created,
                  session.variables,
                  session.may_run_scripts,
                  session.scripts + 1,
                  session.push};
    auto results = run(inner, each);
    session.created = std::move(inner.created);
    return results;
}

Result<std::vector<StatementResult>> Engine::run(
    Session& session, const std::function<void(const StatementResult&)>& each) {
    MILLRACE_TRY(const std::vector<sql::Statement> statements,
                 sql::parse(session.source, type_names()));
    std::vector<StatementResult> results;
    for (const sql::Statement& statement : statements) {
        if (const auto* const script = std::get_if<sql::RunScript>(&statement.node)) {
            MILLRACE_TRY(std::vector<StatementResult> more, run_script(*script, session, each));
            std::move(more.begin(), more.end(), std::back_inserter(results));
            continue;
        }
        MILLRACE_TRY(StatementResult result, run_one(statement, session));
        result.statement = sql::written_text(session.source, statement);
        if (each) {
            each(result);
        }
        results.push_back(std::move(result));
    }
    return results;
}

sql::TypeNames Engine::type_names() {
    const std::lock_guard lock(statements_mutex_);
    return catalog_->types();
}

Result<StatementResult> Engine::run_one(const sql::Statement& statement, Session& session) {
    const bool streams_rows = std::holds_alternative<sql::Select>(statement.node) ||
                              std::holds_alternative<sql::Print>(statement.node);
    if (streams_rows && session.mode == Mode::kApply) {
        return session.source.error_at(statement.at,
                                       SqlError::kRowsInFile,
                                       "a file that is run sets up queries; SELECT and PRINT show "
                                       "rows and belong into the shell (millrace sql)");
    }
    const auto run = [&] {
        auto result =
            std::visit([&](const auto& node) { return this->node(node, session); }, statement.node);
        return result.ok() ? result : session.source.place_unplaced(statement.at, result.error());
    };
    if (streams_rows) {  // they may go on for ever: others must not wait for them
        return run();
    }
    const std::lock_guard lock(statements_mutex_);
    statement_ = &statement;
    auto result = run();
    statement_ = nullptr;
    return result;
}

Result<Settings> Engine::settings(const Session& session, const sql::Span& at) const {
    auto read = read_settings(options_, session.properties);
    if (!read.ok()) {
        return session.source.place(at, read.error(), SqlError::kBadSetting);
    }
    return read;
}

std::int32_t Engine::partitions_of(const std::string& topic) const {
    const auto info = services_.log.describe_topic(topic);
    return info.ok() ? info.value().partitions : 0;
}

// Streams, tables and their topics

Status Engine::ensure_topic(const SourceInfo& info,
                            std::int32_t partitions,
                            const WithProperties& with,
                            const sql::Span& at,
                            const sql::SourceText& source) {
    TopicSchema written = info.schema;
    written.schema.headers.clear();  // connectors read and write keys and values
    const std::string schema = encode_topic_schema(written);
    const auto there = services_.log.describe_topic(info.topic);
    if (!there.ok() && there.error().code != ErrorCode::kUnknownTopic) {
        return source.place(at, there.error(), SqlError::kTopicRefused);
    }
    if (!there.ok()) {
        TopicSpec spec;
        spec.name = info.topic;
        spec.partitions = partitions;
        // Event times may be years old: only an explicit RETENTION_MS lets records expire.
        spec.config["retention.ms"] = with.retention_ms.value_or("-1");
        spec.config[std::string(kTopicSchemaConfig)] = schema;
        auto made = services_.log.create_topic(spec);
        if (!made.ok()) {
            return source.place(at, made.error(), SqlError::kTopicRefused);
        }
        return Ok{};
    }
    if (with.partitions && *with.partitions != there.value().partitions) {
        return source.error_at(at,
                               SqlError::kPartitionsFixed,
                               "topic " + info.topic + " is there with " +
                                   std::to_string(there.value().partitions) + " partitions, not " +
                                   std::to_string(*with.partitions));
    }
    for (const auto& [name, other] : catalog_->sources()) {
        if (other.topic == info.topic && name != info.name) {
            return Ok{};  // the first declaration of a topic is what connectors go by
        }
    }
    return services_.log.alter_config(info.topic, {{std::string(kTopicSchemaConfig), schema}});
}

Status Engine::check_replacement(const SourceInfo& was,
                                 const SourceInfo& now,
                                 const sql::Span& at,
                                 const sql::SourceText& source) const {
    if (was.schema.is_table != now.schema.is_table) {
        return source.error_at(at,
                               SqlError::kCannotReplace,
                               sql::name_text(was.name) + " is a " + was.kind() +
                                   " and cannot become a " + now.kind());
    }
    if (was.schema == now.schema && was.topic == now.topic) {
        return Ok{};
    }
    for (const QueryRecord& query : catalog_->users_of(was.name)) {
        if (query.sink != was.name || query.id != was.query_id) {
            return source.error_at(at,
                                   SqlError::kSourceInUse,
                                   "cannot change the columns, formats or topic of " +
                                       sql::name_text(was.name) + " while query " + query.id +
                                       " uses it; drop that first");
        }
    }
    return Ok{};
}

Result<StatementResult> Engine::node(const sql::CreateSource& create, Session& session) {
    const sql::SourceText& source = session.source;
    MILLRACE_TRY(const Settings own, settings(session, create.name.at));
    MILLRACE_TRY(Declaration declared, declare(create, own, source));
    SourceInfo& info = declared.source;
    info.statement = sql::to_text(*statement_);
    StatementResult result;
    const std::string what = std::string(info.kind()) + " " + sql::name_text(info.name);
    const SourceInfo* there = catalog_->find_source(info.name);
    if (create.or_replace && (info.is_read_only || (there != nullptr && there->is_read_only))) {
        const std::string kind = info.kind();
        return source.error_at(create.name.at,
                               SqlError::kReplaceReadOnly,
                               "Cannot add " + kind + " '" + info.name +
                                   "': CREATE OR REPLACE is not supported on source " + kind +
                                   "s.");
    }
    if (there != nullptr && !create.or_replace) {
        if (create.if_not_exists) {
            result.message = what + " is there already";
            return result;
        }
        if (session.mode == Mode::kApply && there->query_id.empty()) {
            const std::string was = declared_text(*there);
            const std::string now = declared_text(info);
            if (was == now) {
                result.message = "kept " + what;
                return result;
            }
            return source.error_at(create.name.at,
                                   SqlError::kDeclaredOtherwise,
                                   what +
                                       " is there with another declaration; CREATE OR REPLACE "
                                       "changes it on purpose" +
                                       difference(was, now));
        }
        return source.error_at(create.name.at,
                               SqlError::kSourceExists,
                               std::string("a ") + there->kind() + " named " +
                                   sql::name_text(info.name) + " is there already");
    }
    if (there != nullptr) {
        MILLRACE_TRY_STATUS(check_replacement(*there, info, create.name.at, source));
        info.query_id = there->query_id;
    }
    const sql::Span at = create.name.at;
    MILLRACE_TRY_STATUS(
        ensure_topic(info, declared.with.partitions.value_or(1), declared.with, at, source));
    CatalogChange change;
    change.put_sources = {info};
    MILLRACE_TRY_STATUS(catalog_->apply(change));
    session.created.insert(info.name);
    result.message = (there != nullptr ? "replaced " : "created ") + what;
    return result;
}

// Persistent queries

std::string Engine::fresh_job_id(const std::string& query_id) const {
    std::string id = query_id;
    for (int generation = 2; services_.log.committed_epoch("query/" + id) != 0 ||
                             !services_.log.committed_offsets(id).empty();
         ++generation) {
        id = query_id + "-" + std::to_string(generation);
    }
    return id;
}

/// The job, then what it keeps in the log. Its offsets stay, which is why job ids are never reused.
void Engine::remove_query(const std::string& id) {
    running_->remove(id);
    const auto record = catalog_->find_query(id);
    if (!record) {
        return;
    }
    for (std::size_t i = 0; i < 64; ++i) {
        static_cast<void>(services_.log.delete_topic(runtime::changelog_topic(record->job, i)));
    }
}

/// A query must not read, not even through others, what it writes: its input would never end.
Status Engine::check_cycle(const PersistentQuery& query,
                           const sql::Span& at,
                           const sql::SourceText& source) const {
    std::vector<std::string> waiting = query.plan.sources;
    std::set<std::string> seen;
    while (!waiting.empty()) {
        const std::string name = waiting.back();
        waiting.pop_back();
        if (name == query.plan.sink.name) {
            return source.error_at(at,
                                   SqlError::kQueryCycle,
                                   "this query would read what it writes: " + sql::name_text(name));
        }
        if (!seen.insert(name).second) {
            continue;
        }
        for (const QueryRecord& other : catalog_->queries()) {
            if (other.sink == name) {
                waiting.insert(waiting.end(), other.sources.begin(), other.sources.end());
            }
        }
    }
    return Ok{};
}

Status Engine::keep_query(const PersistentQuery& query,
                          const sql::Span& at,
                          const Session& session,
                          bool replaces) {
    MILLRACE_TRY_STATUS(check_cycle(query, at, session.source));
    MILLRACE_TRY_STATUS(check_partitions(
        query.plan,
        [this](const std::string& topic) { return partitions_of(topic); },
        at,
        session.source));
    // What lowering finds is found before anything is made.
    MILLRACE_TRY_STATUS(lower(query.plan, session.source, nullptr));
    CatalogChange change;
    const PlanSink& sink = query.plan.sink;
    if (query.creates_sink) {
        SourceInfo info;
        info.name = sink.name;
        info.schema = sink.schema;
        info.topic = sink.topic;
        info.timestamp_column = sink.timestamp_column;
        info.timestamp_format = sink.timestamp_format;
        info.query_id = query.id;
        info.statement = sql::to_text(*statement_);
        if (const SourceInfo* was = catalog_->find_source(info.name)) {
            MILLRACE_TRY_STATUS(check_replacement(*was, info, at, session.source));
        }
        const PlanTopics topics = topics_of(query.plan);
        const std::int32_t partitions =
            sink.partitions > 0 ? sink.partitions : std::max(1, partitions_of(topics.all.front()));
        MILLRACE_TRY_STATUS(ensure_topic(info, partitions, query.with, at, session.source));
        change.put_sources = {info};
    }
    QueryRecord record;
    record.id = query.id;
    record.job = fresh_job_id(query.id);
    record.statement = sql::to_text(*statement_);
    record.sink = sink.name;
    record.plan = query.normalized;
    record.sources = query.plan.sources;
    record.properties = persistent_properties(options_, session.properties);
    if (replaces) {
        remove_query(query.id);
    }
    change.put_queries = {record};
    MILLRACE_TRY_STATUS(catalog_->apply(change));
    if (is_started_) {
        MILLRACE_TRY(QueryToRun run, revive(record, *catalog_, options_, services_.env));
        std::vector<QueryToRun> runs;
        runs.push_back(std::move(run));
        MILLRACE_TRY_STATUS(running_->add(std::move(runs)));
    }
    return Ok{};
}

Result<StatementResult> Engine::node(const sql::CreateAs& create, Session& session) {
    const sql::SourceText& source = session.source;
    const sql::Span at = create.name.at;
    MILLRACE_TRY(const Settings own, settings(session, at));
    StatementResult result;
    const std::string what =
        std::string(create.is_table ? "table " : "stream ") + sql::name_text(create.name.text);
    const SourceInfo* there = catalog_->find_source(create.name.text);
    if (there != nullptr && create.if_not_exists) {
        result.message = what + " is there already";
        return result;
    }
    const bool is_same_kind = there != nullptr && !there->query_id.empty();
    if (there != nullptr && !create.or_replace && !(session.mode == Mode::kApply && is_same_kind)) {
        return source.error_at(at,
                               SqlError::kSourceExists,
                               std::string("a ") + there->kind() + " named " +
                                   sql::name_text(create.name.text) + " is there already");
    }
    MILLRACE_TRY(const PersistentQuery query, prepare(create, *catalog_, own, source));
    const auto record = catalog_->find_query(query.id);
    if (record && record->plan == query.normalized) {
        result.message = "kept " + what;
        return result;
    }
    if (record && !create.or_replace) {
        return source.error_at(at,
                               SqlError::kDeclaredOtherwise,
                               what +
                                   " is there with another query; CREATE OR REPLACE changes it "
                                   "on purpose" +
                                   difference(record->plan, query.normalized));
    }
    MILLRACE_TRY_STATUS(keep_query(query, at, session, record.has_value()));
    session.created.insert(create.name.text);
    result.message = (there != nullptr ? "replaced " : "created ") + what + ", query " + query.id;
    return result;
}

Result<StatementResult> Engine::node(const sql::InsertSelect& insert, Session& session) {
    const sql::Span at = insert.target.at;
    MILLRACE_TRY(const Settings own, settings(session, at));
    MILLRACE_TRY(const PersistentQuery query, prepare(insert, *catalog_, own, session.source));
    StatementResult result;
    if (const auto record = catalog_->find_query(query.id)) {
        if (session.mode == Mode::kApply && record->plan == query.normalized) {
            result.message = "kept query " + query.id;
            return result;
        }
        return session.source.error_at(
            at, SqlError::kQueryExists, "this query is there already: " + query.id);
    }
    MILLRACE_TRY_STATUS(keep_query(query, at, session, false));
    result.message = "created query " + query.id;
    return result;
}

Result<StatementResult> Engine::node(const sql::InsertValues& insert, Session& session) {
    StatementResult result;
    if (session.mode == Mode::kApply && catalog_->find_source(insert.target.text) != nullptr &&
        session.created.count(insert.target.text) == 0) {
        // Running the same file again must not double its rows.
        result.message = "skipped: " + sql::name_text(insert.target.text) +
                         " was there before this run; its rows were inserted when it was made";
        return result;
    }
    MILLRACE_TRY_STATUS(
        insert_values(insert, *catalog_, session.source, services_.env, services_.log));
    result.message = "inserted 1 row into " + sql::name_text(insert.target.text);
    return result;
}

Result<std::vector<std::string>> Engine::query_ids(const std::optional<sql::Name>& query,
                                                   const Session& session) const {
    std::vector<std::string> names;
    for (const QueryRecord& known : catalog_->queries()) {
        names.push_back(known.id);
    }
    if (!query) {
        return names;
    }
    if (catalog_->find_query(query->text)) {
        return std::vector<std::string>{query->text};
    }
    return session.source.error_at(
        query->at,
        SqlError::kUnknownQuery,
        "unknown query " + sql::name_text(query->text) + did_you_mean(query->text, names));
}

Result<StatementResult> Engine::node(const sql::Pause& pause, Session& session) {
    MILLRACE_TRY(const std::vector<std::string> ids, query_ids(pause.query, session));
    CatalogChange change;
    StatementResult result;
    for (const std::string& id : ids) {
        QueryRecord record = *catalog_->find_query(id);
        record.is_paused = true;
        change.put_queries.push_back(std::move(record));
        result.message += (result.message.empty() ? "paused query " : ", ") + id;
    }
    MILLRACE_TRY_STATUS(catalog_->apply(change));
    for (const std::string& id : ids) {
        running_->pause(id);
    }
    result.message = ids.empty() ? "there are no queries" : result.message;
    return result;
}

Result<StatementResult> Engine::node(const sql::Resume& resume, Session& session) {
    MILLRACE_TRY(const std::vector<std::string> ids, query_ids(resume.query, session));
    CatalogChange change;
    StatementResult result;
    std::vector<QueryToRun> runs;
    for (const std::string& id : ids) {
        QueryRecord record = *catalog_->find_query(id);
        if (!record.is_paused) {
            continue;
        }
        record.is_paused = false;
        if (is_started_) {
            MILLRACE_TRY(QueryToRun run, revive(record, *catalog_, options_, services_.env));
            runs.push_back(std::move(run));
        }
        change.put_queries.push_back(std::move(record));
        result.message += (result.message.empty() ? "resumed query " : ", ") + id;
    }
    MILLRACE_TRY_STATUS(catalog_->apply(change));
    MILLRACE_TRY_STATUS(running_->add(std::move(runs)));
    result.message = result.message.empty() ? "nothing is paused" : result.message;
    return result;
}

/// Columns are added behind the value's others. A query that reads or writes the source was planned
/// without them, so there must be none.
Result<StatementResult> Engine::node(const sql::AlterSource& alter, Session& session) {
    const sql::SourceText& source = session.source;
    MILLRACE_TRY(const SourceInfo* there, resolve_source(alter.name, *catalog_, source));
    const std::string shown = sql::name_text(there->name);
    const auto refuse = [&](const sql::Span& at, SqlError error, const std::string& message) {
        return source.error_at(at, error, message);
    };
    if (there->schema.is_table != alter.is_table) {
        return refuse(alter.name.at,
                      SqlError::kWrongKind,
                      shown + " is a " + there->kind() + ": write ALTER " +
                          (there->schema.is_table ? "TABLE " : "STREAM ") + shown);
    }
    if (there->is_read_only) {
        return refuse(alter.name.at,
                      SqlError::kAlterReadOnly,
                      std::string("Cannot alter ") + there->kind() + " '" + there->name +
                          "': ALTER operations are not supported on source " + there->kind() +
                          "s.");
    }
    if (!there->query_id.empty()) {
        return refuse(alter.name.at,
                      SqlError::kAlterQuery,
                      "ALTER command is not supported for CREATE ... AS statements; use CREATE OR "
                      "REPLACE");
    }
    SourceInfo changed = *there;
    for (const sql::ColumnDef& column : alter.added) {
        if (changed.schema.schema.find(column.name.text)) {
            return refuse(column.at,
                          SqlError::kColumnExists,
                          "Cannot add column `" + column.name.text +
                              "` to schema. A column with the same name already exists.");
        }
        changed.schema.schema.value.push_back({column.name.text, column.type});
    }
    MILLRACE_TRY_STATUS(check_replacement(*there, changed, alter.name.at, source));
    MILLRACE_TRY_STATUS(ensure_topic(changed, 1, WithProperties{}, alter.name.at, source));
    CatalogChange change;
    change.put_sources = {changed};
    MILLRACE_TRY_STATUS(catalog_->apply(change));
    StatementResult result;
    result.message = std::string("altered ") + changed.kind() + " " + shown;
    return result;
}

Result<StatementResult> Engine::node(const sql::Define& define, Session& session) {
    (*session.variables)[define.name] = define.value;
    StatementResult result;
    result.message = define.name + " = " + define.value;
    return result;
}

Result<StatementResult> Engine::node(const sql::Undefine& undefine, Session& session) {
    if (session.variables->erase(undefine.name) == 0) {
        return session.source.error_at(undefine.at,
                                       SqlError::kUnknownVariable,
                                       "variable " + undefine.name + " is not defined");
    }
    StatementResult result;
    result.message = undefine.name + " is not defined any more";
    return result;
}

/// run() sees to it; here it is inside of another statement.
Result<StatementResult> Engine::node(const sql::RunScript& script, Session& session) {
    return session.source.error_at(
        script.at, SqlError::kUnsupported, "RUN SCRIPT stands by itself");
}

Result<StatementResult> Engine::node(const sql::Terminate& terminate, Session& session) {
    StatementResult result;
    MILLRACE_TRY(const std::vector<std::string> ids, query_ids(terminate.query, session));
    CatalogChange change;
    for (const std::string& id : ids) {
        remove_query(id);
        change.drop_queries.push_back(id);
        const auto record = catalog_->find_query(id);
        const SourceInfo* sink = record ? catalog_->find_source(record->sink) : nullptr;
        if (sink != nullptr && sink->query_id == id) {
            SourceInfo kept = *sink;  // stays as a stream or table that nobody writes
            kept.query_id.clear();
            change.put_sources.push_back(std::move(kept));
        }
        result.message += (result.message.empty() ? "terminated query " : ", ") + id;
    }
    MILLRACE_TRY_STATUS(catalog_->apply(change));
    result.message = ids.empty() ? "there are no queries" : result.message;
    return result;
}

Result<StatementResult> Engine::node(const sql::Drop& drop, Session& session) {
    const sql::SourceText& source = session.source;
    StatementResult result;
    const std::string shown = sql::name_text(drop.name.text);
    if (drop.if_exists && catalog_->find_source(drop.name.text) == nullptr) {
        result.message = "there is no " + shown;
        return result;
    }
    if (catalog_->find_source(drop.name.text) == nullptr) {
        return source.error_at(drop.name.at,
                               SqlError::kUnknownSource,
                               std::string(drop.is_table ? "Table " : "Stream ") + drop.name.text +
                                   " does not exist" +
                                   did_you_mean(drop.name.text, catalog_->source_names()));
    }
    MILLRACE_TRY(const SourceInfo* info, resolve_source(drop.name, *catalog_, source));
    if (drop.delete_topic && info->is_read_only) {
        return source.error_at(drop.name.at,
                               SqlError::kDeleteReadOnly,
                               "Cannot delete topic for read-only source: " + info->name);
    }
    if (info->schema.is_table != drop.is_table) {
        return source.error_at(drop.name.at,
                               SqlError::kWrongKind,
                               shown + " is a " + info->kind() + ": write DROP " +
                                   (info->schema.is_table ? "TABLE " : "STREAM ") + shown);
    }
    CatalogChange change;
    for (const QueryRecord& query : catalog_->users_of(info->name)) {
        if (query.id == info->query_id) {
            change.drop_queries.push_back(query.id);
            continue;
        }
        return source.error_at(drop.name.at,
                               SqlError::kSourceInUse,
                               shown + " is used by query " + query.id +
                                   (query.sink == info->name ? "; TERMINATE " + query.id + " first"
                                                             : "; DROP " + query.sink + " first"));
    }
    const std::string topic = info->topic;
    for (const std::string& id : change.drop_queries) {
        remove_query(id);
    }
    change.drop_sources = {drop.name.text};
    MILLRACE_TRY_STATUS(catalog_->apply(change));
    result.message = std::string("dropped ") + (drop.is_table ? "table " : "stream ") + shown;
    if (drop.delete_topic) {
        for (const auto& [name, other] : catalog_->sources()) {
            if (other.topic == topic) {
                result.message +=
                    "; topic " + topic + " stays: " + sql::name_text(name) + " uses it too";
                return result;
            }
        }
        MILLRACE_TRY_STATUS(services_.log.delete_topic(topic));
        result.message += " and topic " + topic;
    }
    return result;
}

// Statements that answer

Result<StatementResult> Engine::node(const sql::Select& select, Session& session) {
    const sql::SourceText& source = session.source;
    if (select.query.emit == sql::Emit::kNone) {
        return source.error_at(select.query.at,
                               SqlError::kPullQuery,
                               "a SELECT without EMIT CHANGES (pull query) is not supported yet; "
                               "add EMIT CHANGES to see rows as they come");
    }
    MILLRACE_TRY(const Settings own, settings(session, select.query.at));
    PushQuery push;
    {
        const std::lock_guard lock(statements_mutex_);
        MILLRACE_TRY(push.plan, prepare(select.query, *catalog_, own, source));
        MILLRACE_TRY_STATUS(check_partitions(
            push.plan,
            [this](const std::string& topic) { return partitions_of(topic); },
            select.query.at,
            source));
    }
    push.id = "push_query_" + std::to_string(++push_queries_);
    push.limit = select.query.limit;
    RowsAsText as_text(session);
    PushObserver& observer = session.push != nullptr ? *session.push : as_text;
    observer.begin(push.plan.root->output.value, push.plan.root->is_table);
    runtime::JobServices services{
        services_.env,
        services_.log,
        services_.executor,
        [log = processing_log_](const runtime::ProcessingError& error) { log->report(error); },
        nullptr};
    MILLRACE_TRY_STATUS(run_push_query(push, own, source, std::move(services), observer));
    return StatementResult{};
}

Result<StatementResult> Engine::node(const sql::Print& print, Session& session) {
    MILLRACE_TRY_STATUS(
        print_topic(print, session.source, services_.log, session.header, session.rows));
    return StatementResult{};
}

ListingInput Engine::listing_input(const Session& session) const {
    return ListingInput{*catalog_,
                        services_.log,
                        services_.connectors,
                        queries(),
                        session.properties,
                        options_.properties,
                        *session.variables};
}

Result<StatementResult> Engine::node(const sql::Show& show, Session& session) {
    return list(show.what, listing_input(session));
}

Result<StatementResult> Engine::node(const sql::Describe& describe, Session& session) {
    if (describe.is_function) {
        auto described = describe_function(describe.name.text);
        if (!described.ok()) {
            return session.source.place(
                describe.name.at, described.error(), SqlError::kUnknownFunction);
        }
        return described;
    }
    MILLRACE_TRY(const SourceInfo* info, resolve_source(describe.name, *catalog_, session.source));
    return describe_source(*info, describe.is_extended, listing_input(session));
}

Result<StatementResult> Engine::node(const sql::SetProperty& set, Session& session) {
    const auto fail = [&](const Error& error) {
        return session.source.place(set.at, error, SqlError::kBadSetting);
    };
    const auto name = canonical_property(set.name);
    if (!name.ok()) {
        return fail(name.error());
    }
    Properties tried = session.properties;
    tried[name.value()] = set.value;
    const auto read = read_settings(options_, tried);
    if (!read.ok()) {
        return fail(read.error());
    }
    session.properties = std::move(tried);
    StatementResult result;
    result.message = name.value() + " = " + set.value;
    return result;
}

Result<StatementResult> Engine::node(const sql::UnsetProperty& unset, Session& session) {
    const auto name = canonical_property(unset.name);
    if (!name.ok()) {
        return session.source.place(unset.at, name.error(), SqlError::kUnknownSetting);
    }
    session.properties.erase(name.value());
    session.properties.erase(unset.name);
    StatementResult result;
    result.message = name.value() + " has its default again";
    return result;
}

Result<StatementResult> Engine::node(const sql::CreateType& create, Session& session) {
    StatementResult result;
    const std::string shown = sql::name_text(create.name.text);
    if (catalog_->types().count(create.name.text) != 0) {
        if (!create.if_not_exists) {
            return session.source.error_at(
                create.name.at, SqlError::kTypeExists, "type " + shown + " exists already");
        }
        result.message = "type " + shown + " exists already";
        return result;
    }
    CatalogChange change;
    change.put_types.emplace(create.name.text, create.type);
    MILLRACE_TRY_STATUS(catalog_->apply(change));
    result.message = "created type " + shown;
    return result;
}

Result<StatementResult> Engine::node(const sql::DropType& drop, Session& session) {
    StatementResult result;
    const std::string shown = sql::name_text(drop.name.text);
    if (catalog_->types().count(drop.name.text) == 0) {
        if (!drop.if_exists) {
            std::vector<std::string> names;
            for (const auto& [name, type] : catalog_->types()) {
                names.push_back(name);
            }
            return session.source.error_at(
                drop.name.at,
                SqlError::kUnknownType,
                "unknown type " + shown + did_you_mean(drop.name.text, names));
        }
        result.message = "there is no type " + shown;
        return result;
    }
    CatalogChange change;
    change.drop_types = {drop.name.text};
    MILLRACE_TRY_STATUS(catalog_->apply(change));
    result.message = "dropped type " + shown;
    return result;
}

/// dsl/testing sees to those of test files.
Result<StatementResult> Engine::node(const sql::Assert&, Session& session) {
    return session.source.error_at(statement_->at,
                                   SqlError::kAssertMisplaced,
                                   "Syntax Error\nUnknown statement 'ASSERT'; ASSERT is for test "
                                   "files (millrace test)");
}

Result<StatementResult> Engine::node(const sql::Unsupported& unsupported, Session& session) {
    return session.source.error_at(
        statement_->at, SqlError::kUnsupported, unsupported.what + " is not supported yet");
}

// EXPLAIN

Result<std::string> Engine::explain_plan(const LogicalPlan& plan,
                                         const sql::SourceText& source) const {
    MILLRACE_TRY(const runtime::Graph graph,
                 lower(plan, source, [](Partition, const RowBatchPtr&) { return true; }));
    return "Logical plan\n" + describe(plan) + "Operator graph\n" + graph.describe();
}

Result<std::string> Engine::explain_query(const QueryRecord& record) const {
    const sql::SourceText source("query " + record.id, record.statement);
    MILLRACE_TRY(const std::vector<sql::Statement> statements, sql::parse(source));
    MILLRACE_TRY(std::string text,
                 explain_statement(statements.front(), source, record.properties));
    return "Query " + record.id + "\n" + record.statement + "\n" + text;
}

Result<std::string> Engine::explain_statement(const sql::Statement& statement,
                                              const sql::SourceText& source,
                                              const Properties& session) const {
    MILLRACE_TRY(const Settings own, read_settings(options_, session));
    if (const auto* create = std::get_if<sql::CreateAs>(&statement.node)) {
        MILLRACE_TRY(const PersistentQuery query, prepare(*create, *catalog_, own, source));
        return explain_plan(query.plan, source);
    }
    if (const auto* insert = std::get_if<sql::InsertSelect>(&statement.node)) {
        MILLRACE_TRY(const PersistentQuery query, prepare(*insert, *catalog_, own, source));
        return explain_plan(query.plan, source);
    }
    if (const auto* select = std::get_if<sql::Select>(&statement.node)) {
        MILLRACE_TRY(const LogicalPlan plan, prepare(select->query, *catalog_, own, source));
        return explain_plan(plan, source);
    }
    if (const auto* inner = std::get_if<sql::Explain>(&statement.node);
        inner != nullptr && inner->statement) {
        return explain_statement(*inner->statement, source, session);
    }
    return source.error_at(statement.at,
                           SqlError::kCannotExplain,
                           "only queries can be explained: SELECT, CREATE ... AS SELECT, INSERT "
                           "INTO ... SELECT");
}

Result<StatementResult> Engine::node(const sql::Explain& explain, Session& session) {
    StatementResult result;
    if (explain.statement) {
        MILLRACE_TRY(result.message,
                     explain_statement(*explain.statement, session.source, session.properties));
        return result;
    }
    const auto record = catalog_->find_query(explain.query->text);
    if (!record) {
        std::vector<std::string> names;
        for (const QueryRecord& query : catalog_->queries()) {
            names.push_back(query.id);
        }
        return session.source.error_at(explain.query->at,
                                       SqlError::kUnknownQuery,
                                       "unknown query " + sql::name_text(explain.query->text) +
                                           did_you_mean(explain.query->text, names));
    }
    MILLRACE_TRY(result.message, explain_query(*record));
    return result;
}

Result<std::string> Engine::explain(const std::string& query_or_statement) {
    const std::lock_guard lock(statements_mutex_);
    std::vector<std::string> names;
    for (const QueryRecord& query : catalog_->queries()) {
        if (query.id == query_or_statement || query.id == sql::upper_case(query_or_statement)) {
            return explain_query(query);
        }
        names.push_back(query.id);
    }
    if (query_or_statement.find(' ') == std::string::npos) {
        return Error{
            ErrorCode::kUnknownName,
            "unknown query: " + query_or_statement + did_you_mean(query_or_statement, names)};
    }
    const sql::SourceText source("explain", query_or_statement);
    MILLRACE_TRY(const std::vector<sql::Statement> statements,
                 sql::parse(source, catalog_->types()));
    if (statements.size() != 1) {
        return Error{ErrorCode::kInvalidArgument, "expected one statement to explain"};
    }
    return explain_statement(statements.front(), source, {});
}

// Running

Status Engine::start(std::set<std::string> bounded_topics,
                     std::set<std::string> open_topics,
                     bool once) {
    const std::lock_guard lock(statements_mutex_);
    running_->configure(std::move(bounded_topics), std::move(open_topics), once);
    is_started_ = true;
    std::vector<QueryToRun> runs;
    for (const QueryRecord& record : catalog_->queries()) {
        if (record.is_paused) {
            continue;
        }
        auto run = revive(record, *catalog_, options_, services_.env);
        if (run.ok()) {
            runs.push_back(std::move(run).value());
            continue;
        }
        // A query that cannot be planned any more fails; the others run.
        services_.env.io.post([this, id = record.id, error = run.error().message] {
            changed(id, JobState::kFailed, error);
        });
    }
    return running_->add(std::move(runs));
}

/// On the I/O executor.
void Engine::changed(const std::string& id, JobState state, const std::string& error) {
    if (state == JobState::kFailed) {
        services_.env.log.error("query " + id, error);
    }
    catalog_->note_state(id, std::string(runtime::name_of(state)), error);
    std::function<void(const std::string&, JobState)> callback;
    {
        const std::lock_guard lock(callback_mutex_);
        callback = callback_;
    }
    if (callback) {
        callback(id, state);
    }
}

std::vector<QueryInfo> Engine::queries() const {
    std::vector<QueryInfo> infos;
    for (const QueryRecord& record : catalog_->queries()) {
        QueryInfo info;
        info.id = record.id;
        info.statement = record.statement;
        info.is_paused = record.is_paused;
        if (auto running = running_->state_of(record.id)) {
            info.is_running = true;
            info.stats = std::move(running->stats);
            info.sink_topic = running->sink_topic;
            info.source_topics = running->source_topics;
        } else {
            info.stats.state = state_named(record.state);
            info.sink_topic = catalog_->topic_of(record.sink);
            for (const std::string& source : record.sources) {
                info.source_topics.push_back(catalog_->topic_of(source));
            }
        }
        if (!record.error.empty() && !info.stats.error) {
            info.stats.error = Error{ErrorCode::kInvalidArgument, record.error};
        }
        infos.push_back(std::move(info));
    }
    return infos;
}

}  // namespace

Result<std::unique_ptr<QueryEngine>> QueryEngine::open(EngineServices services,
                                                       EngineOptions options) {
    auto engine = std::make_unique<Engine>(services, std::move(options));
    MILLRACE_TRY_STATUS(engine->open());
    return std::unique_ptr<QueryEngine>(std::move(engine));
}

}  // namespace millrace::dsl
