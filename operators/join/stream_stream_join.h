// Stream-stream join: rows with equal keys whose times are near each other.
#pragma once

#include <optional>

#include "operators/join/join_columns.h"
#include "runtime/graph.h"

namespace millrace::operators {

/// Grace of a join without GRACE PERIOD.
constexpr std::int64_t kDefaultJoinGraceMs = 24LL * 60 * 60 * 1000;

struct StreamStreamJoinSpec {
    SchemaPtr left;   // port 0
    SchemaPtr right;  // port 1; key columns of the same types, same partitioning
    JoinKind kind = JoinKind::kInner;
    /// A right row joins a left row when left time - before <= right time <= left time + after.
    std::int64_t before_ms = 0;
    std::int64_t after_ms = 0;
    /// Given: a row without partner gives its result when its window has closed. Not given: at
    /// once, and again with each partner that comes later; rows then wait for kDefaultJoinGraceMs.
    std::optional<std::int64_t> grace_ms;
    SchemaPtr output;                 // key: the sides' key
    std::vector<JoinColumn> columns;  // one per value column of the output
    FormatSpec key_format;
};

/// Time is the largest timestamp that reached the operator on either port, dropped rows included.
/// The results of one row, in this order:
///   1. Rows that waited for a partner in vain, when this row moved time and their windows (their
///      last possible partner's time + grace) ended before it: by time, the right side's first
///      (RIGHT JOIN: the left side's), then by the bytes of the serialized key; with their own
///      timestamps.
///   2. The row with each partner, by the partner's time, then in order of arrival; with the larger
///      timestamp.
///   3. The row alone, when its side is kept, it has no partner, and there is no grace or its
///   window
///      has closed already.
/// Each side's rows are visible while time >= (largest time of that side) - before - after - grace
/// +
/// 1. A row with a null key gives a result alone at once when its side is kept; else it is dropped
/// ("null_key"), as every row with a null value is ("null_value"). Windowed keys join when their
/// windows are equal, too.
///
/// source  Kafka Streams 3.x KStreamKStreamJoin (before KIP-633 without grace, after it with one);
///         its once-a-second limit on 1. is left out: it makes results depend on the wall clock
[[nodiscard]] Result<runtime::OperatorSpec> make_stream_stream_join(StreamStreamJoinSpec spec);

}  // namespace millrace::operators
