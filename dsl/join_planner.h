// JoinPlanner: FROM and JOIN of a query -> plan nodes, with ksqlDB's rules on what joins what.
#pragma once

#include "dsl/analyzer.h"
#include "dsl/join_keys.h"
#include "dsl/plan.h"

namespace millrace::dsl {

/// The rows of a query's sources. Columns are named "ALIAS.COLUMN" where there are several; the key
/// of the result, when it is synthetic, ROWKEY. kSqlSemantic with positions.
[[nodiscard]] Result<PlanPtr> plan_sources(const AnalyzedQuery& query,
                                           const sql::SourceText& source);

/// Changes of a table with their old values, for what needs them.
[[nodiscard]] PlanPtr materialize(PlanPtr input);
/// The same rows in the partitions of their key.
[[nodiscard]] PlanPtr repartition(PlanPtr input);
/// The column that is called `name` inside the plan; "F.DELAY" is DELAY of F again.
[[nodiscard]] sql::ExprPtr plan_column(const std::string& name, const sql::Span& at);

}  // namespace millrace::dsl
