// Aggregate: running COUNT, SUM, AVG, MIN, MAX, LATEST/EARLIEST_BY_OFFSET per key (and window): a
// table of changes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "operators/expression/expression.h"
#include "operators/window/window.h"
#include "runtime/graph.h"

namespace millrace::operators {

struct AggregateFunction;  // operators/expression/aggregate_functions.h

/// One aggregate call over columns of the input.
struct AggregateCall {
    const AggregateFunction* function = nullptr;  // static storage
    std::vector<std::size_t> args;                // columns of the input; empty for COUNT(*)
    DataType type;                                // of the result
};

/// Finds the overload for the argument types. kSqlSemantic names the function and the types.
/// COUNT(*) has no types. is_star: COUNT(*) against COUNT(column).
[[nodiscard]] Result<AggregateCall> bind_aggregate(std::string_view name,
                                                   const std::vector<DataType>& arg_types,
                                                   std::vector<std::size_t> args);
[[nodiscard]] bool is_aggregate_function(std::string_view name);

enum class Semantics : std::uint8_t { kSafe, kKsql };

struct AggregateSpec {
    SchemaPtr input;  // its key columns are the group
    std::vector<AggregateCall> calls;
    std::optional<WindowSpec> window;
    /// The group columns as key (windowed when `window`), the aggregates as value columns, in the
    /// order of `calls`.
    SchemaPtr output;
    FormatSpec key_format;
    Semantics semantics = Semantics::kSafe;
    /// For a filter behind it (HAVING): results carry old_values, so that a tombstone goes out only
    /// for a group that used to pass.
    bool emits_old_values = false;
};

/// Emits the new running value once per input row and window (EMIT CHANGES, exact). Timestamp of a
/// result: the maximum of the row's and the group's so far. A window takes a row iff its end >
/// stream time - grace, stream time being the maximum timestamp of rows that reached this operator,
/// this one included; others are counted as dropped "late". After end of input under safe semantics
/// every window that was open is closed for good.
[[nodiscard]] Result<runtime::OperatorSpec> make_aggregate(AggregateSpec spec);

}  // namespace millrace::operators
