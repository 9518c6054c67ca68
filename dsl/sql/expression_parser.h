// Expressions: precedence climbing over the token reader.
#pragma once

#include "core/base/result.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/token_reader.h"

namespace millrace::dsl::sql {

// Binding power, weakest first; the printer puts parentheses by the same table.
inline constexpr int kPowerOr = 1;
inline constexpr int kPowerAnd = 2;
inline constexpr int kPowerNot = 3;
inline constexpr int kPowerPredicate = 4;  // = < IS LIKE IN BETWEEN: they do not chain
inline constexpr int kPowerConcat = 5;
inline constexpr int kPowerSum = 6;
inline constexpr int kPowerProduct = 7;
inline constexpr int kPowerSign = 8;
inline constexpr int kPowerPostfix = 9;  // x[1], x->f

/// One expression; the whole grammar of the dialect.
[[nodiscard]] Result<ExprPtr> parse_expression(TokenReader& reader);

/// An expression that is not a condition: comparisons, NOT, AND and OR stand in it in parentheses
/// only. What GROUP BY and PARTITION BY take.
[[nodiscard]] Result<ExprPtr> parse_value_expression(TokenReader& reader);

/// A literal with an optional sign: what WITH (...) takes.
[[nodiscard]] Result<ExprPtr> parse_literal(TokenReader& reader);

}  // namespace millrace::dsl::sql
