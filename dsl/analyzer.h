// Analyzer: a query as written + catalog -> a query whose every name is resolved, with ksqlDB's
// rules on names.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "dsl/catalog.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/source_text.h"
#include "operators/window/window.h"

namespace millrace::dsl {

/// One source of FROM or JOIN.
struct AnalyzedSource {
    const SourceInfo* info = nullptr;  // the catalog's
    std::string alias;                 // as columns are qualified: its alias, else its name
    sql::Span at;
};

struct AnalyzedJoin {
    sql::JoinType type = sql::JoinType::kInner;
    sql::ExprPtr left;        // over the sources before it
    sql::ExprPtr right;       // over its own source
    bool is_swapped = false;  // as written, `right` came first
    std::optional<sql::Within> within;
    sql::Span at;
};

struct AnalyzedItem {
    sql::ExprPtr expr;
    std::string name;
    sql::Span at;
    bool is_from_star = false;
};

/// Columns are resolved: `qualifier` is the source's alias when there are several sources, else
/// empty; see internal_name().
struct AnalyzedQuery {
    std::vector<AnalyzedSource> sources;
    std::vector<AnalyzedJoin> joins;  // join i brings in source i + 1
    std::vector<AnalyzedItem> items;
    sql::ExprPtr where;
    std::vector<sql::ExprPtr> group_by;
    sql::Span group_by_at;
    std::vector<sql::ExprPtr> partition_by;
    sql::Span partition_by_at;
    sql::ExprPtr having;
    std::optional<operators::WindowSpec> window;
    bool is_aggregate = false;  // GROUP BY
    bool is_final = false;      // EMIT FINAL
    sql::Span at;
    sql::Span items_at;  // the SELECT list

    [[nodiscard]] bool has_joins() const { return !joins.empty(); }
};

/// What the query is a part of.
enum class QueryUse : std::uint8_t { kSelect, kCreateStream, kCreateTable, kInsert };
/// "CREATE TABLE AS SELECT".
[[nodiscard]] std::string_view text_of(QueryUse use);

/// Errors have their place, with the nearest name for unknown ones.
[[nodiscard]] Result<AnalyzedQuery> analyze(const sql::Query& query,
                                            const Catalog& catalog,
                                            const sql::SourceText& source,
                                            QueryUse use = QueryUse::kSelect);

/// "unknown stream or table: X; did you mean Y?" at `name`, unless the catalog has it.
[[nodiscard]] Result<const SourceInfo*> resolve_source(const sql::Name& name,
                                                       const Catalog& catalog,
                                                       const sql::SourceText& source);

/// The first call of an aggregate function in the expression; null when there is none.
[[nodiscard]] const sql::Expr* find_aggregate(const sql::Expr& expr);
[[nodiscard]] bool has_aggregate(const sql::Expr& expr);
/// A copy of the expression with nodes exchanged: `replace` gives the new node or null to go on
/// below it.
[[nodiscard]] sql::ExprPtr rewrite(const sql::ExprPtr& expr,
                                   const std::function<sql::ExprPtr(const sql::ExprPtr&)>& replace);

}  // namespace millrace::dsl
