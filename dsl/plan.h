// The logical plan: what a query does, in nodes with named columns; the optimizer rewrites it,
// lowering makes a graph of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dsl/catalog.h"
#include "dsl/sql/ast.h"
#include "operators/aggregate.h"
#include "operators/join/join_columns.h"
#include "operators/window/window.h"

namespace millrace::dsl {

struct PlanNode;
using PlanPtr = std::unique_ptr<PlanNode>;

/// What joins what.
enum class JoinShape : std::uint8_t { kStreamTable, kStreamStream, kTableTable, kForeignKey };

enum class PlanKind : std::uint8_t {
    kSource,       // reads a stream or table
    kMaterialize,  // a table's changes with old values
    kFilter,
    kProject,
    kFlatMap,      // a row per element of arrays; `value`: the table functions, by column
    kRepartition,  // moves rows to the partition of their key
    kJoin,         // input 0 the left side, input 1 the right side
    kSubscribe,  // a table's changes, keyed by its foreign key: the last value column of the input
    kRegroup,    // a table's changes as changes of the groups that the rows are in
    kAggregate,
};

/// A column of a projection.
struct NamedExpr {
    std::string name;
    sql::ExprPtr expr;
};

struct AggregateItem {
    std::string name;               // of the result, inside the plan
    std::string function;           // upper case
    std::vector<std::string> args;  // columns of the input
    operators::AggregateOptions options;
    sql::ExprPtr call;  // as written, for messages
};

/// Which members count is said at their kinds. Columns are named as internal_name() says.
struct PlanNode {
    PlanKind kind = PlanKind::kSource;
    std::vector<PlanPtr> inputs;
    Schema output;
    FormatSpec key_format;
    bool is_table = false;

    // kSource
    SourceInfo source;
    std::string alias;         // empty when the query has one source
    std::vector<bool> wanted;  // columns of the source's schema; output has all of them

    // kFilter
    sql::ExprPtr predicate;

    // kProject, kFlatMap
    std::vector<NamedExpr> key;
    std::vector<NamedExpr> value;
    bool keeps_null_values = true;
    bool drops_null_keys = false;

    // kJoin, kSubscribe
    operators::JoinKind join = operators::JoinKind::kInner;
    // kJoin
    JoinShape shape = JoinShape::kStreamTable;
    std::optional<sql::Within> within;  // kStreamStream
    // kSubscribe
    FormatSpec left_key_format;

    // kAggregate
    std::vector<AggregateItem> calls;
    std::optional<operators::WindowSpec> window;
    bool is_final = false;  // EMIT FINAL
};

/// Where the rows of a plan go.
struct PlanSink {
    std::string name;  // the stream or table; empty: a push query
    std::string topic;
    TopicSchema schema;
    std::int32_t partitions = 0;  // of the topic, should it have to be made; 0: as the first source
    std::string timestamp_column;
    std::string timestamp_format;
};

struct LogicalPlan {
    PlanPtr root;
    PlanSink sink;
    operators::Semantics semantics = operators::Semantics::kSafe;
    std::vector<std::string> sources;  // catalog names, each once, in the order they are named
};

/// A pseudo column of the rows at hand. With a source's alias it is a plain column of a join.
[[nodiscard]] bool is_own_pseudo_column(const sql::Expr& column);

/// One line per node, the sink first, inputs indented below: EXPLAIN's first half.
[[nodiscard]] std::string describe(const LogicalPlan& plan);
/// The same text with all that decides what the query computes: sources with topic, formats and
/// types. Equal text = equal query. Part of the catalog; its hash guards the query's state.
[[nodiscard]] std::string normalized(const LogicalPlan& plan);
/// FNV-1a, 64 bits.
[[nodiscard]] std::uint64_t plan_hash(std::string_view normalized_plan);

/// What column i is besides its type: "KEY", "PRIMARY KEY", "HEADERS", "HEADER('key')" or "".
[[nodiscard]] std::string role_text(const Schema& schema, std::size_t i, bool is_table);

/// "ORIGIN STRING KEY, DELAY INTEGER"
[[nodiscard]] std::string schema_text(const Schema& schema, bool is_table);

}  // namespace millrace::dsl
