#include <algorithm>
#include <utility>

#include "dsl/query_engine_impl.h"
#include "runtime/plan.h"

namespace millrace::dsl {

namespace {

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

}  // namespace

Result<std::vector<StatementResult>> Engine::run_text(
    std::string_view sql,
    std::string_view source_name,
    Properties& properties,
    StatementMode mode,
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
    if (streams_rows && session.mode == StatementMode::kApply) {
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

Result<std::unique_ptr<QueryEngine>> QueryEngine::open(EngineServices services,
                                                       EngineOptions options) {
    auto engine = std::make_unique<Engine>(services, std::move(options));
    MILLRACE_TRY_STATUS(engine->open());
    return std::unique_ptr<QueryEngine>(std::move(engine));
}

}  // namespace millrace::dsl
