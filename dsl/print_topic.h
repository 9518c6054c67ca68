// PRINT: the records of a topic as text.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/client/log_client.h"
#include "dsl/query_engine.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/source_text.h"

namespace millrace::dsl {

/// Gives one row of text per record to `rows`, after one call to `header`, until LIMIT is reached
/// or `rows` says no. Keys of a topic with a schema are decoded, all else is shown as it lies.
/// Waits; not on the I/O executor.
Status print_topic(const sql::Print& print,
                   const sql::SourceText& source,
                   LogClient& log,
                   const std::function<void(const std::vector<std::string>&)>& header,
                   const RowCallback& rows);

}  // namespace millrace::dsl
