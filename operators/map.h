// Filter and Project: row by row, without state.
#pragma once

#include <string>
#include <vector>

#include "operators/expression/expression.h"
#include "runtime/graph.h"

namespace millrace::operators {

/// Keeps rows for which `predicate` (BOOLEAN over `input`) is true; NULL and errors drop the row.
/// On a stream a null value drops the row. On a table a row that no longer passes becomes a
/// tombstone when it used to pass; on an edge without old values, always.
[[nodiscard]] Result<runtime::OperatorSpec> make_filter(ExprPtr predicate,
                                                        SchemaPtr input,
                                                        FormatSpec key_format,
                                                        bool is_table);

struct ProjectSpec {
    SchemaPtr output;
    FormatSpec key_format;       // of the output's key
    std::vector<ExprPtr> key;    // one per key column of the output
    std::vector<ExprPtr> value;  // one per value column
    /// Rows whose value is null pass with null value columns (false: they are dropped, as GROUP BY
    /// and joins do).
    bool keeps_null_values = true;
    /// Per key column: NULL in rows without a value, because it is made of what the value would
    /// have held. Empty: none.
    std::vector<bool> null_without_value{};
    /// Rows whose key has a null part are dropped and counted as "null_key" (GROUP BY).
    bool drops_null_keys = false;
    bool is_table = false;
};

[[nodiscard]] Result<runtime::OperatorSpec> make_project(ProjectSpec spec);

}  // namespace millrace::operators
