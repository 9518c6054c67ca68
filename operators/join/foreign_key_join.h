// Foreign-key join: a table joined with another one by what an expression over its row gives.
#pragma once

#include "operators/join/join_columns.h"
#include "runtime/graph.h"

namespace millrace::operators {

/// The first of two steps, in the partitions of the left table: turns its changes into
/// subscriptions, keyed by the foreign key. A shuffle brings them to the right table.
struct SubscribeSpec {
    SchemaPtr left;                    // its last value column is the foreign key
    JoinKind kind = JoinKind::kInner;  // or kLeft
    FormatSpec left_key_format;
    FormatSpec right_key_format;  // of the result's key
};

/// Key: the foreign key. Value: all columns of `left` but the foreign key, then SUBSCRIPTION, an
/// INTEGER that the join understands.
[[nodiscard]] SchemaPtr subscription_schema(const Schema& left);
/// One or two rows for each change: the foreign key that it leaves, the one that it has now. Rows
/// with a null primary key are dropped ("null_key"), with INNER those with a null foreign key, too
/// ("null_foreign_key").
[[nodiscard]] Result<runtime::OperatorSpec> make_subscribe(SubscribeSpec spec);

/// The second step, in the partitions of the right table.
struct ForeignKeyJoinSpec {
    SchemaPtr left;   // port 0: subscription_schema()
    SchemaPtr right;  // port 1
    /// Columns of the left table's key: the first value columns of `left`.
    std::size_t left_keys = 0;
    JoinKind kind = JoinKind::kInner;  // or kLeft
    /// Key: the left table's. JoinColumn of port 0 counts the value columns of `left`.
    SchemaPtr output;
    std::vector<JoinColumn> columns;
    FormatSpec left_key_format;
    FormatSpec right_key_format;
};

/// One result per change of a left row; one result per left row with that foreign key, in the order
/// of the bytes of their serialized keys, per change of a right row. INNER: a result without right
/// row is a tombstone; a left row that is new, or had no foreign key, gives none. LEFT: it has
/// nulls on the right; a tombstone when the left row went. A tombstone can come for a key that has
/// none. Timestamp: the larger one of the two rows'.
///
/// source  Kafka Streams 3.x foreign-key join
[[nodiscard]] Result<runtime::OperatorSpec> make_foreign_key_join(ForeignKeyJoinSpec spec);

}  // namespace millrace::operators
