// Parser: SQL text to statements, or an error with line, column and caret.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/source_text.h"
#include "dsl/sql/token_reader.h"

namespace millrace::dsl::sql {

/// Statements separated by semicolons; the last one needs none. kSqlSyntax: "expected ..., found
/// ..." at a position; also above 1 MiB of text, 200 levels of nesting.
///
/// types  names that CREATE TYPE gave; those that the text itself makes and drops come on top
[[nodiscard]] Result<std::vector<Statement>> parse(const SourceText& source,
                                                   const TypeNames& types = {});

/// The text of a statement as it was written, without blanks around it.
[[nodiscard]] std::string written_text(const SourceText& source, const Statement& statement);

}  // namespace millrace::dsl::sql
