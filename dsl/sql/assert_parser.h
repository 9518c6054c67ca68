// ASSERT ...: what a test file expects.
#pragma once

#include "core/base/result.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/token_reader.h"

namespace millrace::dsl::sql {

/// The next token is ASSERT.
[[nodiscard]] Result<Assert> parse_assert(TokenReader& reader);

}  // namespace millrace::dsl::sql
