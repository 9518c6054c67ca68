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

}  // namespace millrace::dsl::sql
