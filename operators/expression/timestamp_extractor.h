// The TIMESTAMP property of a source or sink: event times out of a column of its rows.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/row/data_type.h"
#include "runtime/graph.h"

namespace millrace::operators {

/// column  of the schema, key columns first: BIGINT (ms) or TIMESTAMP without a format, STRING with
///         one
/// format  a Java pattern, read as UTC
/// The extractor reports NULL, negative and unparsable values (kEvaluation), which drops the row;
/// it keeps no state, so several tasks may share it. kSqlSemantic when column and format do not
/// fit.
[[nodiscard]] Result<runtime::TimestampExtractor> make_timestamp_extractor(
    const SchemaPtr& schema, std::size_t column, const std::optional<std::string>& format);

}  // namespace millrace::operators
