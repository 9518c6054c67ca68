// PushQuery: SELECT ... EMIT CHANGES: a query of this process only, whose rows go to the caller.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "dsl/plan.h"
#include "dsl/query_engine.h"
#include "dsl/settings.h"
#include "dsl/sql/source_text.h"
#include "runtime/job.h"

namespace millrace::dsl {

struct PushQuery {
    LogicalPlan plan;
    std::string id;
    std::optional<std::int64_t> limit;
};

/// Rows that wait for a slow caller; at that many the query pauses until half of them are taken.
/// What one pass of its task still had in hand may come on top.
inline constexpr std::size_t kPushRowsMax = 20'000;
/// How often the caller is asked whether it wants more while there is nothing.
inline constexpr std::chrono::milliseconds kPushQuestionEvery{100};

/// Runs the query and gives its rows to `observer` on this thread, until the limit is reached, the
/// observer says no, or the query fails. Not on the I/O executor.
Status run_push_query(const PushQuery& query,
                      const Settings& settings,
                      const sql::SourceText& source,
                      runtime::JobServices services,
                      PushObserver& observer);

}  // namespace millrace::dsl
