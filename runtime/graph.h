// Graph: sources, operators, sinks and the edges between them; cut at shuffles into sub-topologies.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/strong.h"
#include "core/record/ids.h"
#include "core/row/row_batch.h"
#include "core/row/serde.h"
#include "runtime/operator.h"

namespace millrace::runtime {

using NodeId = Strong<struct NodeIdTag, std::int32_t>;  // position in the graph, from 0

enum class EdgeKind : std::uint8_t {
    kForward,  // same partition, a direct call
    kShuffle,  // by key: murmur2 of the serialized key picks the partition (an in-process exchange)
};

struct Input {
    NodeId from;
    EdgeKind edge = EdgeKind::kForward;
};

/// Sets event times for decoded rows. Called with a batch whose timestamps are the records';
/// returns new timestamps (ms, one per row); rows it cannot time (unparsable, negative) go to
/// `errors` and are dropped, as ksqlDB does.
using TimestampExtractor =
    std::function<std::vector<std::int64_t>(const RowBatch& rows, std::vector<RowError>& errors)>;

enum class TableBootstrap : std::uint8_t {
    kOff,  // tables and streams are read as the interleave policy says
    kEnd,  // a table is read to its bootstrap end before any stream source of the component starts
};

/// Reads a topic as rows.
struct SourceSpec {
    std::string topic;
    SchemaPtr schema;
    FormatSpec key_format;
    FormatSpec value_format;
    std::vector<bool> wanted;  // per column of the schema, key columns first: decode it?
    TimestampExtractor timestamp_extractor;  // empty: the record's timestamp
    bool is_table = false;
};

struct OperatorSpec {
    std::string name;    // "filter", "aggregate", ...; for EXPLAIN, metrics and messages
    std::string detail;  // one line for EXPLAIN, e.g. "ORIGIN = 'SFO'"
    OperatorFactory factory;
    bool is_stateful = false;  // its deltas go to the task's changelog
    bool uses_timers = false;  // calls set_timer(); implies is_stateful
    /// The rows that it emits. Their key columns, in this format, are what a shuffle behind it
    /// partitions by.
    SchemaPtr output;
    FormatSpec key_format;
};

/// Writes rows to a topic; the partition comes from the serialized key (no key: the task's
/// partition modulo count).
struct SinkSpec {
    std::string topic;
    SchemaPtr schema;
    FormatSpec key_format;
    FormatSpec value_format;
    TimestampExtractor timestamp_extractor;  // empty: the rows' timestamps
};

/// Instead of a topic: rows go to a function (push queries, tests). Called in order per partition,
/// on a runtime worker; must not block; false ends the query (LIMIT reached).
struct CallbackSinkSpec {
    SchemaPtr schema;
    std::function<bool(Partition, const RowBatchPtr&)> deliver;
    /// Asked before rows are worked on: false holds them back until Job::resume(). One more pass
    /// (what the edges' credit lets wait) may still be delivered. Empty: always true.
    std::function<bool()> has_room;
};

/// A plain description; Job makes it run. Nodes are added inputs first, so no cycle can be written.
class Graph {
  public:
    struct Node {
        std::optional<SourceSpec> source;
        std::optional<OperatorSpec> op;
        std::optional<SinkSpec> sink;
        std::optional<CallbackSinkSpec> callback;
        std::vector<Input> inputs;  // input i is port i
    };

    NodeId add_source(SourceSpec spec);
    NodeId add_operator(OperatorSpec spec, std::vector<Input> inputs);
    NodeId add_sink(SinkSpec spec, Input input);
    NodeId add_callback_sink(CallbackSinkSpec spec, Input input);

    [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }

    /// Sub-topologies: sets of nodes tied by forward edges, each with its node ids ascending;
    /// ordered by first node.
    [[nodiscard]] std::vector<std::vector<NodeId>> sub_topologies() const;
    /// kInvalidArgument: a node without consumer, a sink with one, an input that is not there.
    [[nodiscard]] Status validate() const;
    /// For EXPLAIN: one line per node, sub-topologies under headings.
    [[nodiscard]] std::string describe() const;

  private:
    NodeId add(Node node);
    std::vector<Node> nodes_;
};

}  // namespace millrace::runtime
