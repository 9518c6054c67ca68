// What statements about streams, tables and topics share: (columns), WITH (...), a topic's name.
#pragma once

#include <vector>

#include "core/base/result.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/token_reader.h"

namespace millrace::dsl::sql {

/// "(ID INT KEY, V ARRAY<INT>, ...)"; the next token is the parenthesis.
[[nodiscard]] Result<std::vector<ColumnDef>> parse_column_defs(TokenReader& reader);

/// "WITH (name = literal, ...)"; the next token is WITH.
[[nodiscard]] Result<std::vector<Property>> parse_with(TokenReader& reader);

/// A topic's name keeps the case it is written in, quoted or not.
[[nodiscard]] Result<Name> parse_topic_name(TokenReader& reader);

}  // namespace millrace::dsl::sql
