// Table-table join on the tables' keys: every change of either table changes the joined row.
#pragma once

#include "operators/join/join_columns.h"
#include "runtime/graph.h"

namespace millrace::operators {

struct TableTableJoinSpec {
    SchemaPtr left;   // port 0
    SchemaPtr right;  // port 1; key columns of the same types, same partitioning
    JoinKind kind = JoinKind::kInner;
    SchemaPtr output;                 // key: the tables' key
    std::vector<JoinColumn> columns;  // one per value column of the output
    FormatSpec key_format;
};

/// Both sides take changelogs (a null value removes; old values are not needed) and are kept. A
/// change gives at most one result, with the larger timestamp of the two rows, and with old values.
/// Which changes give one is Kafka Streams' rule:
///   INNER       the other side has a row. A tombstone then gives a tombstone, even for a key that
///               was not there.
///   LEFT        a change of the left side: there is a row on the right, or there is or was one on
///               the left. A change of the right side: there is a row on the left.
///   RIGHT       the same with the sides exchanged.
///   FULL OUTER  there is a row on the other side, or there is or was one on this side.
/// Rows with a null key are dropped and counted as "null_key".
[[nodiscard]] Result<runtime::OperatorSpec> make_table_table_join(TableTableJoinSpec spec);

}  // namespace millrace::operators
