// Aggregate: running aggregates of a stream or table per key (and window): a table of changes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/row/value.h"
#include "operators/expression/aggregate_functions.h"
#include "operators/expression/expression.h"
#include "operators/window/window.h"
#include "runtime/graph.h"

namespace millrace::operators {

/// One aggregate call over columns of the input.
struct AggregateCall {
    const AggregateFunction* function = nullptr;  // static storage
    std::vector<std::size_t> args;                // columns of the input; empty for COUNT(*)
    AggregateParams params;
    DataType type;  // of the result
};

/// Most values that TOPK and BY_OFFSET can be asked to keep.
constexpr std::int64_t kAggregateItemsMax = 1'000'000;

/// What a call has besides columns.
struct AggregateOptions {
    std::vector<Value> constants = {};  // the trailing arguments, see constant_arguments()
    std::int64_t collect_list_limit = AggregateParams::kNoLimit;
    std::int64_t collect_set_limit = AggregateParams::kNoLimit;
};

/// Finds the overload for the argument types. kSqlSemantic names the function and the types.
/// COUNT(*) has no types.
[[nodiscard]] Result<AggregateCall> bind_aggregate(std::string_view name,
                                                   const std::vector<DataType>& arg_types,
                                                   std::vector<std::size_t> args,
                                                   const AggregateOptions& options = {});
[[nodiscard]] bool is_aggregate_function(std::string_view name);
/// It can take a value back, as a table's changes need.
[[nodiscard]] bool can_aggregate_tables(std::string_view name);
/// How many of `arguments` arguments, the last ones, must be constants.
[[nodiscard]] std::size_t constant_arguments(std::string_view name, std::size_t arguments);

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
    /// The input is a table's changes, grouped: a row's old values are taken back from its group,
    /// its new values added. Not with windows.
    bool is_table = false;
    /// EMIT FINAL: one result per window, when it closes. Only with windows.
    bool emits_final = false;
    /// For a filter behind it (HAVING): results carry old_values, so that a tombstone goes out only
    /// for a group that used to pass.
    bool emits_old_values = false;
};

/// Emits the new running value once per input row and window (EMIT CHANGES, exact). Timestamp of a
/// result: the maximum of the row's and the group's so far. A window takes a row iff its end >
/// stream time - grace, stream time being the maximum timestamp of rows that reached this operator,
/// this one included; others are counted as dropped "late". After end of input under safe semantics
/// every window that was open is closed for good.
///
/// A session is taken iff its end, after merging, is at or after stream time - grace - gap. Its
/// result follows tombstones of the sessions that it replaces, in their order of (end, start).
///
/// EMIT FINAL gives results at the row that closes their window, by (start, key bytes); sessions by
/// (end, start, key bytes). Under ksql semantics windows whose start is more than the retention
/// (size + grace) behind the newest window are lost, as in Kafka Streams; safe semantics loses
/// none, and closes what is open at the end of input.
[[nodiscard]] Result<runtime::OperatorSpec> make_aggregate(AggregateSpec spec);

}  // namespace millrace::operators
