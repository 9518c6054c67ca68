// Printer: statements and expressions back to SQL text; parsing it gives the same tree.
#pragma once

#include <string>

#include "dsl/sql/ast.h"

namespace millrace::dsl::sql {

/// On one line, keywords in upper case, only the parentheses that are needed.
[[nodiscard]] std::string to_text(const Expr& expr);
[[nodiscard]] std::string to_text(const Query& query);
/// Without a semicolon.
[[nodiscard]] std::string to_text(const Statement& statement);
[[nodiscard]] std::string to_text(const Window& window);

/// As ksqlDB's messages show an expression: parentheses around every operator, `:=` without blanks,
/// true, false and null in lower case.
[[nodiscard]] std::string message_text(const Expr& expr);

}  // namespace millrace::dsl::sql
