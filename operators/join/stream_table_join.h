// Stream-table join: each stream row is enriched with the table's latest row for its key.
#pragma once

#include "operators/join/join_columns.h"
#include "runtime/graph.h"

namespace millrace::operators {

struct StreamTableJoinSpec {
    SchemaPtr stream;                  // port 0; keyed by the join key
    SchemaPtr table;                   // port 1; keyed by the join key, same partitioning
    JoinKind kind = JoinKind::kInner;  // or kLeft
    /// Key: the stream's key columns. Value: the stream's value columns, then the table's key
    /// columns, then its value columns.
    SchemaPtr output;
    FormatSpec key_format;
    /// For the warning when rows are joined against a table that has never had a row.
    std::string table_name;
};

/// The table side updates state only (null value removes, null key is dropped); the stream side
/// emits, with the stream row's timestamp. A stream row with a null key or a null value is dropped,
/// inner and left alike, and counted ("null_key", "null_value"), as ksqlDB does.
[[nodiscard]] Result<runtime::OperatorSpec> make_stream_table_join(StreamTableJoinSpec spec);

}  // namespace millrace::operators
