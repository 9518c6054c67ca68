// Lowering: a logical plan -> the graph of sources, operators and sinks that a job runs.
#pragma once

#include <functional>

#include "core/base/env.h"
#include "core/base/result.h"
#include "dsl/plan.h"
#include "dsl/sql/source_text.h"
#include "runtime/graph.h"

namespace millrace::dsl {

using Deliver = std::function<bool(Partition, const RowBatchPtr&)>;

/// source   the text that the plan's expressions come from, for positions in errors
/// deliver  where rows go when the plan has no sink topic
/// has_room see runtime::CallbackSinkSpec
/// env      for RANDOM(), UNIX_TIMESTAMP() and their like; must outlive the graph's operators.
///          nullptr: the graph is not run
[[nodiscard]] Result<runtime::Graph> lower(const LogicalPlan& plan,
                                           const sql::SourceText& source,
                                           Deliver deliver,
                                           std::function<bool()> has_room = {},
                                           const Env* env = nullptr);

}  // namespace millrace::dsl
