// SELECT ...: items, FROM, joins, windows and the clauses behind them.
#pragma once

#include "core/base/result.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/expression_parser.h"
#include "dsl/sql/token_reader.h"

namespace millrace::dsl::sql {

/// From SELECT to the last clause that fits.
[[nodiscard]] Result<Query> parse_query(TokenReader& reader);

/// "10 SECONDS"
[[nodiscard]] Result<Duration> parse_duration(TokenReader& reader);

}  // namespace millrace::dsl::sql
