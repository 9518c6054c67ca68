#include "dsl/persistent_query.h"

#include <algorithm>
#include <utility>

#include "dsl/analyzer.h"
#include "dsl/optimizer.h"
#include "dsl/planner.h"
#include "dsl/sql/lexer.h"
#include "dsl/sql/parser.h"

namespace millrace::dsl {

namespace {

Result<LogicalPlan> plan_query(const sql::Query& query,
                               const Catalog& catalog,
                               const SinkRequest& sink,
                               const Settings& settings,
                               const sql::SourceText& source) {
    const QueryUse use = sink.name.empty()          ? QueryUse::kSelect
                         : sink.existing != nullptr ? QueryUse::kInsert
                         : sink.is_table            ? QueryUse::kCreateTable
                                                    : QueryUse::kCreateStream;
    if (query.limit && !sink.name.empty()) {
        return source.error_at(query.limit_at,
                               SqlError::kLimitOfQuery,
                               std::string(text_of(use)) +
                                   " statements don't support LIMIT clause. LIMIT ends a query; a "
                                   "persistent query does not end");
    }
    MILLRACE_TRY(const AnalyzedQuery analyzed, analyze(query, catalog, source, use));
    MILLRACE_TRY(LogicalPlan plan, make_plan(analyzed, sink, settings, source));
    optimize(plan);
    return plan;
}

/// Sixteen hexadecimal digits.
std::string hex(std::uint64_t number) {
    std::string digits;
    for (int shift = 60; shift >= 0; shift -= 4) {
        digits += "0123456789abcdef"[number >> shift & 15U];
    }
    return digits;
}

void collect_topics(const PlanNode& node, PlanTopics& topics) {
    if (node.kind == PlanKind::kSource) {
        if (std::find(topics.all.begin(), topics.all.end(), node.source.topic) ==
            topics.all.end()) {
            topics.all.push_back(node.source.topic);
        }
        if (node.is_table) {
            topics.tables.insert(node.source.topic);
        }
    }
    for (const PlanPtr& input : node.inputs) {
        collect_topics(*input, topics);
    }
}

/// The source whose partitions the node's rows lie in; null behind a repartitioning.
const PlanNode* source_below(const PlanNode& node) {
    if (node.kind == PlanKind::kSource) {
        return &node;
    }
    return node.kind == PlanKind::kRepartition ? nullptr : source_below(*node.inputs[0]);
}

Status check_node(const PlanNode& node,
                  const std::function<std::int32_t(const std::string&)>& partitions_of,
                  const sql::Span& at,
                  const sql::SourceText& source) {
    for (const PlanPtr& input : node.inputs) {
        MILLRACE_TRY_STATUS(check_node(*input, partitions_of, at, source));
    }
    if (node.kind != PlanKind::kJoin) {
        return Ok{};
    }
    const PlanNode* left = source_below(*node.inputs[0]);
    const PlanNode* right = source_below(*node.inputs[1]);
    if (left == nullptr || right == nullptr) {
        return Ok{};
    }
    const std::int32_t left_count = partitions_of(left->source.topic);
    const std::int32_t right_count = partitions_of(right->source.topic);
    if (left_count != right_count && left_count > 0 && right_count > 0) {
        return source.error_at(
            at,
            SqlError::kPartitionCounts,
            "Can't join `" + left->alias + "` with `" + right->alias +
                "` since the number of partitions don't match. `" + left->alias +
                "` partitions = " + std::to_string(left_count) + "; `" + right->alias +
                "` partitions = " + std::to_string(right_count) +
                ". Please repartition either one so that the number of partitions match.");
    }
    return Ok{};
}

}  // namespace

Result<PersistentQuery> prepare(const sql::CreateAs& create,
                                const Catalog& catalog,
                                const Settings& settings,
                                const sql::SourceText& source) {
    PersistentQuery query;
    MILLRACE_TRY(query.with, read_with(create.with, source));
    SinkRequest sink;
    sink.name = create.name.text;
    sink.is_table = create.is_table;
    sink.with = query.with;
    sink.at = create.name.at;
    MILLRACE_TRY(query.plan, plan_query(create.query, catalog, sink, settings, source));
    query.id = create.name.text;
    query.normalized = normalized(query.plan);
    return query;
}

Result<PersistentQuery> prepare(const sql::InsertSelect& insert,
                                const Catalog& catalog,
                                const Settings& settings,
                                const sql::SourceText& source) {
    PersistentQuery query;
    query.creates_sink = false;
    MILLRACE_TRY(query.with, read_with(insert.with, source));
    SinkRequest sink;
    sink.name = insert.target.text;
    MILLRACE_TRY(sink.existing, resolve_source(insert.target, catalog, source));
    if (sink.existing->schema.is_table) {
        return source.error_at(insert.target.at,
                               SqlError::kInsertIntoTable,
                               "INSERT INTO can only be used to insert into a stream. " +
                                   sql::name_text(sink.name) + " is a table.");
    }
    if (sink.existing->is_read_only) {
        return source.error_at(insert.target.at,
                               SqlError::kInsertReadOnly,
                               "Cannot insert into read-only stream: " + sql::name_text(sink.name) +
                                   " (CREATE SOURCE)");
    }
    sink.at = insert.target.at;
    MILLRACE_TRY(query.plan, plan_query(insert.query, catalog, sink, settings, source));
    query.normalized = normalized(query.plan);
    query.id = query.with.query_id
                   ? sql::upper_case(*query.with.query_id)
                   : insert.target.text + "_" + hex(plan_hash(query.normalized)).substr(0, 8);
    return query;
}

Result<LogicalPlan> prepare(const sql::Query& query,
                            const Catalog& catalog,
                            const Settings& settings,
                            const sql::SourceText& source) {
    return plan_query(query, catalog, SinkRequest{}, settings, source);
}

Status check_partitions(const LogicalPlan& plan,
                        const std::function<std::int32_t(const std::string&)>& partitions_of,
                        const sql::Span& at,
                        const sql::SourceText& source) {
    return check_node(*plan.root, partitions_of, at, source);
}

Result<QueryToRun> revive(const QueryRecord& record,
                          const Catalog& catalog,
                          const EngineOptions& options,
                          const Env& env) {
    const sql::SourceText source("query " + record.id, record.statement);
    MILLRACE_TRY(const std::vector<sql::Statement> statements, sql::parse(source));
    EngineOptions own = options;
    own.properties.clear();
    MILLRACE_TRY(const Settings settings, read_settings(own, record.properties));
    PersistentQuery query;
    if (const auto* create = std::get_if<sql::CreateAs>(&statements.front().node)) {
        MILLRACE_TRY(query, prepare(*create, catalog, settings, source));
    } else if (const auto* insert = std::get_if<sql::InsertSelect>(&statements.front().node)) {
        MILLRACE_TRY(query, prepare(*insert, catalog, settings, source));
    } else {
        return Error{ErrorCode::kCorruptJournal, "not a query: " + record.statement};
    }
    // The catalog has the sink's final form: formats and topic were settled when it was made.
    const SourceInfo* sink = catalog.find_source(record.sink);
    if (sink == nullptr) {
        return Error{ErrorCode::kUnknownName, "its sink is gone: " + record.sink};
    }
    QueryToRun run;
    run.id = record.id;
    run.sink_topic = sink->topic;
    const PlanTopics topics = topics_of(query.plan);
    run.source_topics = topics.all;
    run.table_topics = topics.tables;
    run.options = job_options(settings, record.job, plan_hash(query.normalized));
    MILLRACE_TRY(run.graph, lower(query.plan, source, nullptr, {}, &env));
    return run;
}

runtime::JobOptions job_options(const Settings& settings, std::string job_id, std::uint64_t hash) {
    runtime::JobOptions options;
    options.query_id = std::move(job_id);
    options.plan_hash = hash;
    options.commit_interval = settings.commit_interval;
    options.finalize_idle = settings.finalize_idle;
    options.batch_rows_max = settings.batch_rows_max;
    options.state_bytes_max = settings.state_bytes_max;
    options.table_bootstrap = settings.table_bootstrap;
    options.tolerance = settings.fail_on_row_error ? runtime::ErrorTolerance::kFail
                                                   : runtime::ErrorTolerance::kSkip;
    options.start_at_end = settings.start_at_end;
    options.internal_topic_config = {{"cleanup.policy", "compact"}};
    return options;
}

PlanTopics topics_of(const LogicalPlan& plan) {
    PlanTopics topics;
    collect_topics(*plan.root, topics);
    return topics;
}

}  // namespace millrace::dsl
