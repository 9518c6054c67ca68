// Expr: a typed, bound expression; built with type checks by the factory functions, run as a
// Program of vector kernels.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/row/data_type.h"
#include "core/row/row_batch.h"
#include "core/row/value.h"

namespace millrace {
struct Env;  // core/base/env.h
}

namespace millrace::operators {

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

enum class ExprKind : std::uint8_t {
    kLiteral,       // value
    kColumn,        // index into RowBatch::columns
    kRowTime,       // BIGINT
    kWindowStart,   // BIGINT
    kWindowEnd,     // BIGINT
    kRowPartition,  // INTEGER
    kRowOffset,     // BIGINT
    kCall,          // function
    kArithmetic,
    kCompare,
    kAnd,
    kOr,
    kNot,
    kIsNull,
    kIsNotNull,
    kLike,
    kIn,
    kBetween,
    kCase,
    kCast,
    kConcat,
    kNegate,
    kArray,           // ARRAY[args]
    kMap,             // MAP(args: key, value, key, value, ...)
    kStruct,          // STRUCT(field := arg, ...); the names are the type's
    kSubscript,       // operand, index or key
    kDereference,     // a field of operand, by `column`
    kLambdaVariable,  // `column` tells variables apart, `name`
    kLambda,          // args[0] is the body; `params` its variables; type is the body's
    kLambdaCall,      // `lambda_function` of a collection, [a state] and lambdas
};

/// Functions that take lambdas (operators/expression/lambda_functions.h).
enum class LambdaFunction : std::uint8_t { kTransform, kFilter, kReduce };

enum class ArithmeticOp : std::uint8_t { kAdd, kSubtract, kMultiply, kDivide, kModulo };
enum class CompareOp : std::uint8_t {
    kEqual,
    kNotEqual,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual
};

struct ScalarFunction;  // operators/expression/scalar_functions.h

/// Immutable and shared. Made only by the functions below, which check and coerce types.
struct Expr {
    ExprKind kind = ExprKind::kLiteral;
    DataType type;                 // of the result
    bool is_null_literal = false;  // the untyped NULL: takes the type that its place wants
    Value literal;                 // kLiteral
    std::size_t column = 0;        // kColumn; kDereference: the field; kLambdaVariable: its id
    std::string name;  // kColumn: its SQL text; kLambdaVariable: its name; for to_string()
    ArithmeticOp arithmetic = ArithmeticOp::kAdd;
    CompareOp compare = CompareOp::kEqual;
    const ScalarFunction* function = nullptr;  // kCall; static storage
    const Env* env = nullptr;                  // kCall of a volatile function; see with_env()
    std::string like_escape;                   // kLike: "" or one character
    /// kCase: when, then, when, then, ..., [else]; `has_else`. kIn: operand, then the list.
    /// kBetween: operand, low, high.
    std::vector<ExprPtr> args;
    bool has_else = false;
    /// kArithmetic, kNegate in the body of a lambda: a null operand fails the row.
    bool fails_on_null = false;
    LambdaFunction lambda_function = LambdaFunction::kTransform;  // kLambdaCall
    bool keeps_null_values = false;                               // kLambdaCall: in a MAP
    std::vector<ExprPtr> params;                                  // kLambda: kLambdaVariable each

    /// SQL text that parses back to it, e.g. "(DELAY > 10)".
    [[nodiscard]] std::string to_string() const;
};

// Errors are of the list of SQL errors, without position (the analyser adds it), and name the types
// that do not fit.

[[nodiscard]] ExprPtr literal(Value value, DataType type);
[[nodiscard]] ExprPtr null_literal();
[[nodiscard]] ExprPtr column(std::size_t index, const Field& field);
/// text  what messages call it: SQL text
[[nodiscard]] ExprPtr column(std::size_t index, DataType type, std::string text);
/// ROWTIME, WINDOWSTART, WINDOWEND, ROWPARTITION, ROWOFFSET by kind.
[[nodiscard]] ExprPtr pseudo_column(ExprKind kind);
/// INT, BIGINT, DECIMAL, DOUBLE with ksqlDB's promotion (INT < BIGINT < DECIMAL < DOUBLE) and its
/// DECIMAL result rules; `+` on two strings concatenates. INT and BIGINT wrap around on overflow as
/// ksqlDB's Java does; integer and DECIMAL division by zero and DECIMAL overflow fail the row.
[[nodiscard]] Result<ExprPtr> arithmetic(ArithmeticOp op, ExprPtr left, ExprPtr right);
[[nodiscard]] Result<ExprPtr> negate(ExprPtr operand);
/// Two-valued, as ksqlDB: a null operand gives false (also in AND and OR; NOT of NULL is NULL).
/// String literals are coerced to DATE, TIME, TIMESTAMP operands.
[[nodiscard]] Result<ExprPtr> compare(CompareOp op, ExprPtr left, ExprPtr right);
[[nodiscard]] Result<ExprPtr> logical_and(ExprPtr left, ExprPtr right);
[[nodiscard]] Result<ExprPtr> logical_or(ExprPtr left, ExprPtr right);
[[nodiscard]] Result<ExprPtr> logical_not(ExprPtr operand);
[[nodiscard]] Result<ExprPtr> is_null(ExprPtr operand, bool negated);
[[nodiscard]] Result<ExprPtr> like(ExprPtr operand,
                                   ExprPtr pattern,
                                   std::string escape,
                                   bool negated);
[[nodiscard]] Result<ExprPtr> in_list(ExprPtr operand, std::vector<ExprPtr> items, bool negated);
[[nodiscard]] Result<ExprPtr> between(ExprPtr operand, ExprPtr low, ExprPtr high, bool negated);
/// whens and thens of equal number; `otherwise` may be null (then NULL).
[[nodiscard]] Result<ExprPtr> case_when(std::vector<ExprPtr> whens,
                                        std::vector<ExprPtr> thens,
                                        ExprPtr otherwise);
[[nodiscard]] Result<ExprPtr> cast(ExprPtr operand, const DataType& to);
[[nodiscard]] Result<ExprPtr> concat(ExprPtr left, ExprPtr right);
/// ARRAY[...]: elements of one type. Numbers are widened, a text literal takes the type of the
/// others when it can be read as such, structs get all fields of all of them. Not empty, not all
/// NULL. An element whose evaluation fails is NULL; the row does not fail.
[[nodiscard]] Result<ExprPtr> make_array(std::vector<ExprPtr> elements);
/// MAP(key := value, ...), keys and values each brought to one type as make_array() does. Of equal
/// keys the last one counts.
[[nodiscard]] Result<ExprPtr> make_map(std::vector<ExprPtr> keys, std::vector<ExprPtr> values);
/// STRUCT(name := value, ...); names must differ.
[[nodiscard]] Result<ExprPtr> make_struct(const std::vector<std::string>& names,
                                          std::vector<ExprPtr> values);
/// array[index]: 1-based, negative from the end, outside of it NULL. map[key]: NULL without it.
[[nodiscard]] Result<ExprPtr> subscript(ExprPtr operand, ExprPtr index);
/// struct->field; kUnknownName with the nearest field.
[[nodiscard]] Result<ExprPtr> dereference(ExprPtr operand, std::string_view field);
/// Finds the overload (exact types first, then implicit widening) and checks the arguments. Unknown
/// name: the message suggests the nearest one. Names are matched without regard to case.
[[nodiscard]] Result<ExprPtr> call(std::string_view name, std::vector<ExprPtr> args);
/// The expression with an implicit widening to `to`, if there is one (INT -> BIGINT -> DECIMAL ->
/// DOUBLE, NULL -> any).
[[nodiscard]] Result<ExprPtr> coerce(ExprPtr operand, const DataType& to);
/// The expression with the clock and the randomness that UNIX_TIMESTAMP(), RANDOM() and their like
/// draw from; without one they fail their rows. `env` must outlive every Program of it.
[[nodiscard]] ExprPtr with_env(const ExprPtr& expr, const Env& env);
/// True when the name is a scalar function, those that take lambdas included.
[[nodiscard]] bool is_scalar_function(std::string_view name);

/// Expressions compiled to a flat program of kernels over columns. One thread at a time (it keeps
/// scratch memory); make one per task.
class Program {
  public:
    /// Shared subexpressions are computed once.
    [[nodiscard]] static Result<std::unique_ptr<Program>> compile(std::vector<ExprPtr> outputs);
    virtual ~Program() = default;

    /// Computes the outputs at the selected rows of `rows` (other rows of the result are
    /// undefined). CASE, COALESCE, AND, OR evaluate lazily: an error in a branch that a row does
    /// not take is no error. A row whose evaluation fails gets NULL and an entry in `errors`. All
    /// columns have rows.size rows.
    virtual void evaluate(const RowBatch& rows,
                          std::vector<ColumnPtr>& outputs,
                          std::vector<RowError>& errors) = 0;
    /// Output 0, a BOOLEAN, as a selection: the selected rows for which it is true.
    virtual void filter(const RowBatch& rows,
                        std::vector<std::uint32_t>& passing,
                        std::vector<RowError>& errors) = 0;
    /// Which columns of the input it reads, ascending.
    [[nodiscard]] virtual const std::vector<std::size_t>& columns_read() const = 0;
};

/// Java DateTimeFormatter patterns (letters y u M d D H h K k m s S a E z Z X x V, '' quotes,
/// optional [] sections).
class DatePattern {
  public:
    /// kInvalidArgument names the letter and its position.
    [[nodiscard]] static Result<std::shared_ptr<const DatePattern>> compile(
        std::string_view pattern);
    virtual ~DatePattern() = default;
    /// Milliseconds since the epoch; fields the text lacks are 1970-01-01 00:00 in `zone` (an IANA
    /// name, "UTC").
    [[nodiscard]] virtual Result<std::int64_t> parse_ms(std::string_view text,
                                                        std::string_view zone) const = 0;
    [[nodiscard]] virtual Result<std::string> format_ms(std::int64_t ms,
                                                        std::string_view zone) const = 0;
};

}  // namespace millrace::operators
