// PersistentQuery: CREATE ... AS SELECT and INSERT INTO ... SELECT as something that can be kept,
// compared, explained and run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "dsl/catalog.h"
#include "dsl/lowering.h"
#include "dsl/plan.h"
#include "dsl/running_queries.h"
#include "dsl/settings.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/source_text.h"
#include "dsl/with_properties.h"

namespace millrace::dsl {

struct PersistentQuery {
    std::string id;
    LogicalPlan plan;
    std::string normalized;    // of the optimized plan
    bool creates_sink = true;  // false: INSERT INTO
    WithProperties with;
};

/// Analyses, plans and optimizes. The catalog is only read.
[[nodiscard]] Result<PersistentQuery> prepare(const sql::CreateAs& create,
                                              const Catalog& catalog,
                                              const Settings& settings,
                                              const sql::SourceText& source);
[[nodiscard]] Result<PersistentQuery> prepare(const sql::InsertSelect& insert,
                                              const Catalog& catalog,
                                              const Settings& settings,
                                              const sql::SourceText& source);
/// A push query; its plan has no sink.
[[nodiscard]] Result<LogicalPlan> prepare(const sql::Query& query,
                                          const Catalog& catalog,
                                          const Settings& settings,
                                          const sql::SourceText& source);

/// A stream that is joined as it lies must have as many partitions as the table. `partitions_of`
/// gives a topic's, 0 when it is not there.
Status check_partitions(const LogicalPlan& plan,
                        const std::function<std::int32_t(const std::string&)>& partitions_of,
                        const sql::Span& at,
                        const sql::SourceText& source);

/// The catalog's query as a job's description: its statement is planned again under its properties.
[[nodiscard]] Result<QueryToRun> revive(const QueryRecord& record,
                                        const Catalog& catalog,
                                        const EngineOptions& options,
                                        const Env& env);

/// Options of a job under these settings.
[[nodiscard]] runtime::JobOptions job_options(const Settings& settings,
                                              std::string job_id,
                                              std::uint64_t hash);

/// The topics that a plan reads, and which of them it reads as tables for a stream to join.
struct PlanTopics {
    std::vector<std::string> all;
    std::set<std::string> tables;
};
[[nodiscard]] PlanTopics topics_of(const LogicalPlan& plan);

}  // namespace millrace::dsl
