// Event time from a column: TIMESTAMP and TIMESTAMP_FORMAT of WITH (...).
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/row/data_type.h"
#include "runtime/graph.h"

namespace millrace::dsl {

/// The extractor for `column` of `schema`: BIGINT (ms since the epoch), TIMESTAMP, or STRING with a
/// Java date pattern read as UTC. Rows whose column is null, unparsable or negative are errors.
/// kSqlSemantic: no such column (nearest name suggested), a type or pattern that does not fit.
[[nodiscard]] Result<runtime::TimestampExtractor> make_timestamp_extractor(
    const Schema& schema, const std::string& column, const std::string& format);

}  // namespace millrace::dsl
