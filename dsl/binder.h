// Binder: resolved expressions to typed ones over the columns of a plan node; errors get positions.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/row/data_type.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/source_text.h"
#include "operators/expression/expression.h"

namespace millrace::dsl {

/// The name of a column inside a plan: "ORIGIN", or "F.ORIGIN" where the query has several sources.
[[nodiscard]] std::string internal_name(const sql::Expr& column);

/// Where an expression stands, for messages.
enum class Clause : std::uint8_t { kOther, kSelect, kWhere, kHaving };

struct BindPlace {
    Clause clause = Clause::kOther;
    /// What columns that the plan made are called where the query was written; may be null.
    const std::map<std::string, std::string>* texts = nullptr;
};

/// Binds `expr`, whose columns are named as `schema` names them (see internal_name()). Pseudo
/// columns (ROWTIME, WINDOWSTART, ...) need no field. Errors name the clause and have their place.
[[nodiscard]] Result<operators::ExprPtr> bind(const sql::Expr& expr,
                                              const Schema& schema,
                                              const sql::SourceText& source,
                                              const BindPlace& place = {});

/// ROWTIME, WINDOWSTART, WINDOWEND, ROWPARTITION, ROWOFFSET.
[[nodiscard]] bool is_pseudo_column(std::string_view name);

/// The ARRAY whose elements the call of a table function makes rows of.
[[nodiscard]] Result<operators::ExprPtr> bind_table_function(const sql::Expr& call,
                                                             const Schema& schema,
                                                             const sql::SourceText& source);

/// The value of an expression without columns, converted to `type`.
[[nodiscard]] Result<Value> evaluate_constant(const sql::Expr& expr,
                                              const DataType& type,
                                              const sql::SourceText& source,
                                              const Env* env = nullptr);

}  // namespace millrace::dsl
