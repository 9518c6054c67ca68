// Queries: CREATE ... AS, INSERT, SELECT, PRINT, PAUSE, RESUME, TERMINATE.
#include <algorithm>
#include <utility>

#include "core/base/nearest_name.h"
#include "dsl/insert_values.h"
#include "dsl/print_topic.h"
#include "dsl/push_query.h"
#include "dsl/query_engine_impl.h"
#include "dsl/sql/printer.h"
#include "runtime/plan.h"

namespace millrace::dsl {

namespace {

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

}  // namespace

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
    if (there != nullptr && !create.or_replace &&
        !(session.mode == StatementMode::kApply && is_same_kind)) {
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
        if (session.mode == StatementMode::kApply && record->plan == query.normalized) {
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
    if (session.mode == StatementMode::kApply &&
        catalog_->find_source(insert.target.text) != nullptr &&
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

}  // namespace millrace::dsl
