// What statements tell of what there is: SHOW, DESCRIBE, EXPLAIN.
#include <algorithm>
#include <utility>

#include "core/base/nearest_name.h"
#include "dsl/query_engine_impl.h"
#include "dsl/sql/printer.h"
#include "runtime/plan.h"

namespace millrace::dsl {

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

}  // namespace millrace::dsl
