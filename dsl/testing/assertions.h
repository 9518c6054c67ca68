// What ASSERT statements mean, inside of test files.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/client/log_client.h"
#include "dsl/catalog.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/source_text.h"
#include "dsl/testing/row_codec.h"

namespace millrace::dsl::testing {

struct AssertContext {
    const Catalog& catalog;
    Env& env;
    LogClient& log;
    /// The next record of a stream's or table's topic that no ASSERT has seen; none: there is none.
    std::function<Result<std::optional<TypedRow>>(const SourceInfo&)> next;
};

/// kInvalidArgument says what is there instead; kSqlSemantic, kUnknownName; each with its place.
Status check_assertion(const sql::Assert& expected,
                       const sql::Span& at,
                       const sql::SourceText& source,
                       const AssertContext& context);

}  // namespace millrace::dsl::testing
