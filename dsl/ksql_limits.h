// What ksqlDB refuses for reasons of its own making: refused with semantics=ksql only.
#pragma once

#include "core/base/result.h"
#include "dsl/analyzer.h"
#include "dsl/settings.h"
#include "dsl/sql/source_text.h"

namespace millrace::dsl {

/// Under safe semantics always ok. Under ksql semantics refuses, with ksqlDB's words:
/// aggregates whose accumulator is nested over a source whose value format (DELIMITED) could not
/// hold it, because ksqlDB keeps accumulators in that format; and the bounds of the query's own
/// window in a query with joins.
[[nodiscard]] Status check_ksql_limits(const AnalyzedQuery& query,
                                       const Settings& settings,
                                       const sql::SourceText& source);

}  // namespace millrace::dsl
