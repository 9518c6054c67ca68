// Planner: an analysed query -> logical plan, with ksqlDB's rules on keys, groups and joins.
#pragma once

#include <string>

#include "core/base/result.h"
#include "dsl/analyzer.h"
#include "dsl/plan.h"
#include "dsl/settings.h"
#include "dsl/with_properties.h"

namespace millrace::dsl {

/// Where the query's rows shall go.
struct SinkRequest {
    std::string name;       // empty: a push query
    bool is_table = false;  // CREATE TABLE AS
    WithProperties with;
    const SourceInfo* existing = nullptr;  // INSERT INTO: the catalog's
    sql::Span at;                          // for errors about the sink as a whole
};

/// kSqlSemantic and kNotSupported with positions. The plan is not optimized yet.
[[nodiscard]] Result<LogicalPlan> make_plan(const AnalyzedQuery& query,
                                            const SinkRequest& sink,
                                            const Settings& settings,
                                            const sql::SourceText& source);

}  // namespace millrace::dsl
