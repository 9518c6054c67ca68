// Statements and expressions as written: names and positions, no catalog, no types of columns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/row/data_type.h"
#include "dsl/sql/source_text.h"

namespace millrace::dsl::sql {

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

enum class ExprKind : std::uint8_t {
    kNull,
    kBoolean,       // text: "TRUE" or "FALSE"
    kInteger,       // text: digits
    kDecimal,       // text: as written
    kDouble,        // text: as written, with an exponent
    kString,        // text: what it means
    kColumn,        // qualifier may be empty; text: the name
    kCall,          // text: upper-cased function name; is_star: COUNT(*)
    kNegate,        // 1 operand
    kArithmetic,    // text: + - * / %
    kConcat,        // ||
    kCompare,       // text: = <> < <= > >=
    kDistinctFrom,  // 2 operands; is_negated: IS NOT DISTINCT FROM
    kAnd,
    kOr,
    kNot,
    kIsNull,          // is_negated: IS NOT NULL
    kLike,            // operand, pattern, [escape]; is_negated
    kIn,              // operand, items...; is_negated
    kBetween,         // operand, low, high; is_negated
    kCase,            // [operand], when, then, ..., [else]; has_operand, has_else
    kCast,            // 1 operand; type
    kArray,           // ARRAY[...]
    kMap,             // MAP(k := v, ...): k, v, k, v
    kStruct,          // STRUCT(name := v, ...): names
    kSubscript,       // operand, index
    kDereference,     // operand -> text
    kLambda,          // names => 1 operand
    kLambdaVariable,  // text: a name of a lambda around it; the analyzer makes it of kColumn
};

/// One node. Which members count is said at its kind.
struct Expr {
    ExprKind kind = ExprKind::kNull;
    Span at;
    std::string text;
    std::string qualifier;
    std::vector<ExprPtr> children;
    std::vector<std::string> names;
    DataType type;
    bool is_negated = false;
    bool is_star = false;
    bool has_operand = false;
    bool has_else = false;
    std::uint32_t height = 1;  // of the tree below and with this node
};

/// A name: upper-cased unless it stood in quotes.
struct Name {
    std::string text;
    Span at;
};

struct SelectItem {
    enum class Kind : std::uint8_t { kExpr, kStar, kSourceStar, kStructStar };
    Kind kind = Kind::kExpr;
    ExprPtr expr;               // kExpr; kStructStar: the struct
    Name source;                // kSourceStar
    std::optional<Name> alias;  // kExpr
    Span at;
};

struct SourceRef {
    Name name;
    std::optional<Name> alias;
};

enum class JoinType : std::uint8_t { kInner, kLeft, kRight, kFull };

struct Duration {
    std::int64_t value = 0;
    std::string unit;  // singular, upper case: "DAY"
    std::int64_t ms = 0;
    Span at;
};

struct Within {
    Duration before;
    std::optional<Duration> after;  // none: the same
    std::optional<Duration> grace;
    Span at;
};

struct Join {
    JoinType type = JoinType::kInner;
    SourceRef source;
    std::optional<Within> within;
    ExprPtr on;
    Span at;
};

struct Window {
    WindowKind kind = WindowKind::kTumbling;
    std::optional<Name> name;
    Duration size;  // session: the gap
    std::optional<Duration> advance;
    std::optional<Duration> retention;
    std::optional<Duration> grace;
    Span at;
};

enum class Emit : std::uint8_t { kNone, kChanges, kFinal };

struct Query {
    std::vector<SelectItem> items;
    SourceRef from;
    std::vector<Join> joins;
    std::optional<Window> window;
    ExprPtr where;
    std::vector<ExprPtr> group_by;
    Span group_by_at;
    std::vector<ExprPtr> partition_by;
    Span partition_by_at;
    ExprPtr having;
    Emit emit = Emit::kNone;
    std::optional<std::int64_t> limit;
    Span limit_at;
    Span at;
};

/// One entry of WITH (...).
struct Property {
    Name name;      // upper-cased
    ExprPtr value;  // a literal
};

enum class KeyKind : std::uint8_t { kNone, kKey, kPrimaryKey, kHeaders };

struct ColumnDef {
    Name name;
    DataType type;
    KeyKind key = KeyKind::kNone;
    std::optional<std::string> header;  // HEADER('name')
    Span at;
};

struct CreateSource {
    bool is_table = false;
    bool or_replace = false;
    bool is_read_only = false;  // CREATE SOURCE STREAM / TABLE
    bool if_not_exists = false;
    Name name;
    std::vector<ColumnDef> columns;
    std::vector<Property> with;
};

struct CreateAs {
    bool is_table = false;
    bool or_replace = false;
    bool if_not_exists = false;
    Name name;
    std::vector<Property> with;
    Query query;
};

struct InsertSelect {
    Name target;
    std::vector<Property> with;
    Query query;
};

struct InsertValues {
    Name target;
    std::vector<Name> columns;  // empty: all, in declared order
    std::vector<ExprPtr> values;
    Span values_at;
};

struct Select {
    Query query;
};

struct Drop {
    bool is_table = false;
    bool if_exists = false;
    bool delete_topic = false;
    Name name;
};

enum class ShowWhat : std::uint8_t {
    kStreams,
    kTables,
    kTopics,
    kAllTopics,
    kQueries,
    kConnectors,
    kProperties,
    kFunctions,
    kVariables,
    kTypes,
};

struct Show {
    ShowWhat what = ShowWhat::kStreams;
};

struct Describe {
    Name name;
    bool is_extended = false;
    bool is_function = false;  // DESCRIBE FUNCTION
};

struct Statement;

struct Explain {
    std::optional<Name> query;  // a query's id, or
    std::shared_ptr<const Statement> statement;
};

struct Print {
    Name topic;
    bool from_beginning = false;
    std::optional<std::int64_t> interval;
    std::optional<std::int64_t> limit;
};

struct SetProperty {
    std::string name;
    std::string value;
    Span at;
};

struct UnsetProperty {
    std::string name;
    Span at;
};

struct Terminate {
    std::optional<Name> query;  // none: ALL
};

struct Pause {
    std::optional<Name> query;  // none: ALL
};

struct Resume {
    std::optional<Name> query;  // none: ALL
};

/// ALTER STREAM | TABLE name ADD [COLUMN] column type, ...
struct AlterSource {
    bool is_table = false;
    Name name;
    std::vector<ColumnDef> added;
};

/// Names are as written.
struct Define {
    std::string name;
    std::string value;
};

struct Undefine {
    std::string name;
    Span at;
};

struct RunScript {
    std::string path;
    Span at;
};

/// CREATE TYPE name AS type. Statements behind it may use the name; the parser puts the type in
/// its place.
struct CreateType {
    Name name;
    DataType type;
    bool if_not_exists = false;
};

struct DropType {
    Name name;
    bool if_exists = false;
};

/// ASSERT [NULL] VALUES: the next record of a stream's or table's topic.
struct AssertValues {
    bool is_tombstone = false;  // NULL VALUES source (key columns) KEY (...)
    Name source;
    std::vector<Name> columns;  // empty: all, in declared order; of a tombstone the key's
    std::vector<ExprPtr> values;
    Span values_at;
};

/// ASSERT STREAM | TABLE: that it is there, and has these columns and properties.
struct AssertSource {
    bool is_table = false;
    Name name;
    std::vector<ColumnDef> columns;
    std::vector<Property> with;
};

struct AssertTopic {
    bool is_absent = false;  // NOT EXISTS
    Name topic;              // as written
    std::vector<Property> with;
    std::optional<Duration> timeout;
};

/// ASSERT SCHEMA: of a schema registry.
struct AssertSchema {
    bool is_absent = false;
    std::optional<std::string> subject;
    std::optional<std::int64_t> id;
    std::optional<Duration> timeout;
};

struct Assert {
    std::variant<AssertValues, AssertSource, AssertTopic, AssertSchema> what;
};

/// A statement of the dialect that is not built yet; kept as its tokens.
struct Unsupported {
    std::string what;  // "ALTER", "CREATE SINK CONNECTOR", ...
    std::string text;
};

struct Statement {
    std::variant<CreateSource,
                 CreateAs,
                 InsertSelect,
                 InsertValues,
                 Select,
                 Drop,
                 Show,
                 Describe,
                 Explain,
                 Print,
                 SetProperty,
                 UnsetProperty,
                 Terminate,
                 Pause,
                 Resume,
                 AlterSource,
                 Define,
                 Undefine,
                 RunScript,
                 CreateType,
                 DropType,
                 Assert,
                 Unsupported>
        node;
    Span at;  // without the semicolon
};

}  // namespace millrace::dsl::sql
