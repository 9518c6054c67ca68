// Random expressions over random rows: programs of kernels against a reader of the tree that takes
// one row and one node at a time.
#include <cmath>
#include <optional>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "operators/expression/expression.h"
#include "operators/expression/scalar_functions.h"
#include "tests/operators/expression/mini_sql.h"

namespace millrace::operators {
namespace {

const std::vector<Field> kFields = {{"I", TypeKind::kInt},
                                    {"J", TypeKind::kInt},
                                    {"L", TypeKind::kBigint},
                                    {"D", TypeKind::kDouble},
                                    {"C", DataType::decimal(9, 2)},
                                    {"S", TypeKind::kString},
                                    {"U", TypeKind::kString},
                                    {"B", TypeKind::kBoolean}};

/// nullopt: the row fails.
using Outcome = std::optional<Value>;
using Row = std::vector<Value>;

std::optional<Int128> integer_of(const Value& value) {
    if (const auto* small = std::get_if<std::int32_t>(&value.data)) {
        return *small;
    }
    if (const auto* big = std::get_if<std::int64_t>(&value.data)) {
        return *big;
    }
    return std::nullopt;
}

Value integer(Int128 value, const DataType& type) {
    if (type.is(TypeKind::kInt)) {
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
    }
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(value));
}

Int128 power(int exponent) {
    Int128 value = 1;
    while (exponent-- > 0) {
        value *= 10;
    }
    return value;
}

Int128 divide_half_up(Int128 value, Int128 by) {
    if (by < 0) {
        value = -value;
        by = -by;
    }
    return value >= 0 ? (value + by / 2) / by : -((-value + by / 2) / by);
}

class Interpreter {
  public:
    explicit Interpreter(const Row& row) : row_(row) {}

    Outcome eval(const Expr& expr) {
        switch (expr.kind) {
            case ExprKind::kLiteral:
                return expr.literal;
            case ExprKind::kColumn:
                return row_[expr.column];
            case ExprKind::kAnd:
            case ExprKind::kOr: {
                const Outcome left = eval(*expr.args[0]);
                const bool stops = expr.kind == ExprKind::kOr;
                if (!left || is_true(*left) == stops) {
                    return left ? Outcome(Value(stops)) : std::nullopt;
                }
                const Outcome right = eval(*expr.args[1]);
                return right ? Outcome(Value(is_true(*right))) : std::nullopt;
            }
            case ExprKind::kCase:
                for (std::size_t i = 0; i + 1 < expr.args.size(); i += 2) {
                    const Outcome when = eval(*expr.args[i]);
                    if (!when) {
                        return std::nullopt;
                    }
                    if (is_true(*when)) {
                        return eval(*expr.args[i + 1]);
                    }
                }
                return expr.has_else ? eval(*expr.args.back()) : Outcome(Value());
            case ExprKind::kCall:
                if (expr.function->form == FunctionForm::kCoalesce) {
                    for (const ExprPtr& arg : expr.args) {
                        const Outcome value = eval(*arg);
                        if (!value || !value->is_null()) {
                            return value;
                        }
                    }
                    return Value();
                }
                break;
            case ExprKind::kRowTime:
            case ExprKind::kWindowStart:
            case ExprKind::kWindowEnd:
            case ExprKind::kRowPartition:
            case ExprKind::kRowOffset:
            case ExprKind::kArithmetic:
            case ExprKind::kCompare:
            case ExprKind::kNot:
            case ExprKind::kIsNull:
            case ExprKind::kIsNotNull:
            case ExprKind::kLike:
            case ExprKind::kIn:
            case ExprKind::kBetween:
            case ExprKind::kCast:
            case ExprKind::kArray:
            case ExprKind::kMap:
            case ExprKind::kStruct:
            case ExprKind::kSubscript:
            case ExprKind::kDereference:
            case ExprKind::kLambdaVariable:
            case ExprKind::kLambda:
            case ExprKind::kLambdaCall:
            case ExprKind::kConcat:
            case ExprKind::kNegate:
                break;
        }
        std::vector<Value> args;
        for (const ExprPtr& arg : expr.args) {
            const Outcome value = eval(*arg);
            if (!value) {
                return std::nullopt;
            }
            args.push_back(*value);
        }
        return apply(expr, args);
    }

  private:
    static bool is_true(const Value& value) {
        const bool* flag = std::get_if<bool>(&value.data);
        return flag != nullptr && *flag;
    }
    static const std::string& text(const Value& value) { return std::get<std::string>(value.data); }

    /// Negative, 0, positive; nullopt: not comparable (null or NaN).
    static std::optional<int> order(const Value& a, const Value& b) {
        const auto of = [](const auto& x, const auto& y) { return x < y ? -1 : x > y ? 1 : 0; };
        if (a.is_null() || b.is_null()) {
            return std::nullopt;
        }
        if (const auto x = integer_of(a)) {
            return of(*x, *integer_of(b));
        }
        if (const auto* x = std::get_if<double>(&a.data)) {
            const double y = std::get<double>(b.data);
            return std::isnan(*x) || std::isnan(y) ? std::nullopt : std::optional<int>(of(*x, y));
        }
        if (const auto* x = std::get_if<Decimal>(&a.data)) {
            const auto& y = std::get<Decimal>(b.data);
            return of(x->unscaled * power(y.scale), y.unscaled * power(x->scale));
        }
        if (const auto* x = std::get_if<bool>(&a.data)) {
            return of(*x, std::get<bool>(b.data));
        }
        return of(text(a), text(b));
    }

    static bool like(std::string_view value, std::string_view pattern) {
        if (pattern.empty()) {
            return value.empty();
        }
        if (pattern[0] == '%') {
            return like(value, pattern.substr(1)) ||
                   (!value.empty() && like(value.substr(1), pattern));
        }
        return !value.empty() && (pattern[0] == '_' || pattern[0] == value[0]) &&
               like(value.substr(1), pattern.substr(1));
    }

    static bool compare(CompareOp op, const Value& a, const Value& b) {
        const auto sign = order(a, b);
        if (!sign) {
            return op == CompareOp::kNotEqual && !a.is_null() && !b.is_null();
        }
        switch (op) {
            case CompareOp::kEqual:
                return *sign == 0;
            case CompareOp::kNotEqual:
                return *sign != 0;
            case CompareOp::kLess:
                return *sign < 0;
            case CompareOp::kLessOrEqual:
                return *sign <= 0;
            case CompareOp::kGreater:
                return *sign > 0;
            case CompareOp::kGreaterOrEqual:
                return *sign >= 0;
        }
        return false;
    }

    static Outcome apply(const Expr& expr, const std::vector<Value>& args) {
        switch (expr.kind) {
            case ExprKind::kIsNull:
                return Value(args[0].is_null());
            case ExprKind::kIsNotNull:
                return Value(!args[0].is_null());
            case ExprKind::kNot:
                return args[0].is_null() ? Value() : Value(!is_true(args[0]));
            case ExprKind::kCompare:
                return Value(compare(expr.compare, args[0], args[1]));
            case ExprKind::kIn:
                for (std::size_t i = 1; i < args.size(); ++i) {
                    if (compare(CompareOp::kEqual, args[0], args[i])) {
                        return Value(true);
                    }
                }
                return Value(false);
            case ExprKind::kLike:
                return Value(!args[0].is_null() && !args[1].is_null() &&
                             like(text(args[0]), text(args[1])));
            case ExprKind::kConcat:
                return Value((args[0].is_null() ? "" : text(args[0])) +
                             (args[1].is_null() ? "" : text(args[1])));
            case ExprKind::kArithmetic:
                return arithmetic(expr, args);
            case ExprKind::kArray:
            case ExprKind::kMap:
            case ExprKind::kStruct:
            case ExprKind::kSubscript:
            case ExprKind::kDereference:
            case ExprKind::kLambdaVariable:
            case ExprKind::kLambda:
            case ExprKind::kLambdaCall:
                break;  // the generated expressions have none
            case ExprKind::kNegate:
                if (const auto value = integer_of(args[0])) {
                    return integer(-*value, expr.type);
                }
                return args[0].is_null() ? Value() : Value(-std::get<double>(args[0].data));
            case ExprKind::kCast:
                return cast(expr, args[0]);
            case ExprKind::kCall:
                return call(expr, args);
            case ExprKind::kBetween:
            case ExprKind::kLiteral:
            case ExprKind::kColumn:
            case ExprKind::kRowTime:
            case ExprKind::kWindowStart:
            case ExprKind::kWindowEnd:
            case ExprKind::kRowPartition:
            case ExprKind::kRowOffset:
            case ExprKind::kAnd:
            case ExprKind::kOr:
            case ExprKind::kCase:
                break;
        }
        ADD_FAILURE() << "not expected: " << expr.to_string();
        return std::nullopt;
    }

    static Outcome arithmetic(const Expr& expr, const std::vector<Value>& args) {
        if (args[0].is_null() || args[1].is_null()) {
            return Value();
        }
        if (expr.type.is(TypeKind::kDouble)) {
            const double a = std::get<double>(args[0].data);
            const double b = std::get<double>(args[1].data);
            switch (expr.arithmetic) {
                case ArithmeticOp::kAdd:
                    return Value(a + b);
                case ArithmeticOp::kSubtract:
                    return Value(a - b);
                case ArithmeticOp::kMultiply:
                    return Value(a * b);
                case ArithmeticOp::kDivide:
                    return Value(a / b);
                case ArithmeticOp::kModulo:
                    return Value(std::fmod(a, b));
            }
        }
        if (expr.type.is(TypeKind::kDecimal)) {
            return decimal(expr, std::get<Decimal>(args[0].data), std::get<Decimal>(args[1].data));
        }
        const Int128 a = *integer_of(args[0]);
        const Int128 b = *integer_of(args[1]);
        const bool divides =
            expr.arithmetic == ArithmeticOp::kDivide || expr.arithmetic == ArithmeticOp::kModulo;
        if (divides && b == 0) {
            return std::nullopt;
        }
        switch (expr.arithmetic) {
            case ArithmeticOp::kAdd:
                return integer(a + b, expr.type);
            case ArithmeticOp::kSubtract:
                return integer(a - b, expr.type);
            case ArithmeticOp::kMultiply:
                return integer(a * b, expr.type);
            case ArithmeticOp::kDivide:
                return integer(a / b, expr.type);
            case ArithmeticOp::kModulo:
                return integer(a % b, expr.type);
        }
        return std::nullopt;
    }

    static Outcome decimal(const Expr& expr, const Decimal& a, const Decimal& b) {
        const std::uint8_t scale = expr.type.scale();
        const int common = std::max(a.scale, b.scale);
        const Int128 x = a.unscaled * power(common - a.scale);
        const Int128 y = b.unscaled * power(common - b.scale);
        const bool divides =
            expr.arithmetic == ArithmeticOp::kDivide || expr.arithmetic == ArithmeticOp::kModulo;
        if (divides && y == 0) {
            return std::nullopt;
        }
        switch (expr.arithmetic) {
            case ArithmeticOp::kAdd:
                return Value(Decimal{x + y, scale});
            case ArithmeticOp::kSubtract:
                return Value(Decimal{x - y, scale});
            case ArithmeticOp::kMultiply:
                return Value(Decimal{a.unscaled * b.unscaled, scale});
            case ArithmeticOp::kDivide:
                return Value(Decimal{divide_half_up(x * power(scale), y), scale});
            case ArithmeticOp::kModulo:
                return Value(Decimal{x % y, scale});
        }
        return std::nullopt;
    }

    static Outcome cast(const Expr& expr, const Value& value) {
        if (value.is_null()) {
            return Value();
        }
        const DataType& from = expr.args[0]->type;
        if (expr.type.is(TypeKind::kString)) {
            return Value(to_text(value, from));
        }
        if (const auto whole = integer_of(value)) {
            if (expr.type.is(TypeKind::kDouble)) {
                return Value(static_cast<double>(*whole));
            }
            if (expr.type.is(TypeKind::kDecimal)) {
                return Value(Decimal{*whole * power(expr.type.scale()), expr.type.scale()});
            }
            return integer(*whole, expr.type);
        }
        if (const auto* exact = std::get_if<Decimal>(&value.data)) {
            return Value(std::stod(exact->to_string()));
        }
        // The generator casts texts to INTEGER only.
        const std::string& given = text(value);
        const std::size_t first = given.find_first_not_of(' ');
        if (first == std::string::npos) {
            return std::nullopt;
        }
        std::string digits = given.substr(first, given.find_last_not_of(' ') - first + 1);
        const bool is_negative = digits[0] == '-';
        digits.erase(0, is_negative ? 1 : 0);
        if (digits.empty() || digits.size() > 15 ||
            digits.find_first_not_of("0123456789") != std::string::npos) {
            return std::nullopt;
        }
        const std::int64_t whole = is_negative ? -std::stoll(digits) : std::stoll(digits);
        return whole == static_cast<std::int32_t>(whole)
                   ? Outcome(Value(static_cast<std::int32_t>(whole)))
                   : std::nullopt;
    }

    static Outcome call(const Expr& expr, const std::vector<Value>& args) {
        for (const Value& arg : args) {
            if (arg.is_null()) {
                return Value();
            }
        }
        const std::string_view name = expr.function->name;
        if (name == "ABS") {
            const Int128 value = *integer_of(args[0]);
            return integer(value < 0 ? -value : value, expr.type);
        }
        const std::string& value = text(args[0]);
        if (name == "LEN") {
            return Value(static_cast<std::int32_t>(value.size()));
        }
        if (name == "UCASE") {
            std::string out = value;
            for (char& c : out) {
                c = static_cast<char>(std::toupper(c));
            }
            return Value(out);
        }
        if (name == "TRIM") {
            const std::size_t first = value.find_first_not_of(' ');
            const std::size_t last = value.find_last_not_of(' ');
            return Value(first == std::string::npos ? "" : value.substr(first, last - first + 1));
        }
        // SUBSTRING with a position and a length
        const auto size = static_cast<std::int64_t>(value.size());
        const auto position = static_cast<std::int64_t>(*integer_of(args[1]));
        const auto count = static_cast<std::int64_t>(*integer_of(args[2]));
        std::string out;
        const std::int64_t begin = position < 0 ? std::max<std::int64_t>(0, size + position)
                                                : std::max<std::int64_t>(0, position - 1);
        for (std::int64_t i = begin; i < size && i < begin + count; ++i) {
            out += value[static_cast<std::size_t>(i)];
        }
        return Value(out);
    }

    const Row& row_;
};

class Generator {
  public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    std::uint64_t below(std::uint64_t limit) { return random_.next() % limit; }

    Value value(const DataType& type) {
        if (below(6) == 0) {
            return {};
        }
        const auto small = static_cast<std::int32_t>(below(9)) - 4;
        constexpr std::int32_t kEdges[] = {INT32_MAX, INT32_MIN, 1000};
        constexpr const char* kTexts[] = {
            "", "a", "7", " b ", "abc", "banana split", "a much longer text than that", "12", "%_"};
        switch (type.kind()) {
            case TypeKind::kInt:
                return below(10) == 0 ? kEdges[below(3)] : small;
            case TypeKind::kBigint:
                return below(10) == 0 ? INT64_MIN + static_cast<std::int64_t>(below(2))
                                      : std::int64_t{small} * 1'000'000'007;
            case TypeKind::kDouble:
                return below(12) == 0 ? std::nan("") : small / 4.0;
            case TypeKind::kDecimal:
                return Decimal{Int128{small} * 33, type.scale()};
            case TypeKind::kString:
                return kTexts[below(std::size(kTexts))];
            case TypeKind::kBoolean:
            case TypeKind::kBytes:
            case TypeKind::kDate:
            case TypeKind::kTime:
            case TypeKind::kTimestamp:
            case TypeKind::kArray:
            case TypeKind::kMap:
            case TypeKind::kStruct:
                break;
        }
        return below(2) == 0;
    }

    ExprPtr boolean(int depth) {
        if (depth <= 0) {
            return leaf(TypeKind::kBoolean);
        }
        switch (below(11)) {
            case 0:
                return logical_and(boolean(depth - 1), boolean(depth - 1)).value();
            case 1:
                return logical_or(boolean(depth - 1), boolean(depth - 1)).value();
            case 2:
                return logical_not(boolean(depth - 1)).value();
            case 3:
                return is_null(of(any_type(), depth - 1), below(2) == 0).value();
            case 4:
                return like(string(depth - 1), string(depth - 1), "", below(2) == 0).value();
            case 5: {
                std::vector<ExprPtr> items;
                for (std::uint64_t i = below(4) + 1; i > 0; --i) {
                    items.push_back(below(2) == 0 ? leaf_literal(TypeKind::kInt)
                                                  : number(depth - 1, TypeKind::kInt));
                }
                return in_list(number(depth - 1, TypeKind::kInt), items, below(2) == 0).value();
            }
            case 6:
                return choice(TypeKind::kBoolean, depth);
            case 7:
                return compare(any_compare(), string(depth - 1), string(depth - 1)).value();
            default:
                return compare(any_compare(),
                               number(depth - 1, any_number()),
                               number(depth - 1, any_number()))
                    .value();
        }
    }

    ExprPtr number(int depth, TypeKind kind) {
        if (depth <= 0 || kind == TypeKind::kDecimal) {
            return leaf(kind);
        }
        switch (below(7)) {
            case 0:
                return choice(kind, depth);
            case 1:
                return kind == TypeKind::kInt ? call("LEN", {string(depth - 1)}).value()
                                              : negate(number(depth - 1, kind)).value();
            case 2:
                return kind == TypeKind::kInt
                           ? (below(2) == 0
                                  ? cast(string(depth - 1), kind).value()
                                  : cast(number(depth - 1, TypeKind::kBigint), kind).value())
                           : coerce(number(depth - 1, TypeKind::kInt), kind).value();
            case 3:
                return kind == TypeKind::kDouble ? leaf(kind)
                                                 : call("ABS", {number(depth - 1, kind)}).value();
            default:
                return arithmetic(static_cast<ArithmeticOp>(below(5)),
                                  number(depth - 1, kind),
                                  number(depth - 1, kind))
                    .value();
        }
    }

    ExprPtr string(int depth) {
        if (depth <= 0) {
            return leaf(TypeKind::kString);
        }
        switch (below(6)) {
            case 0:
                return concat(string(depth - 1), string(depth - 1)).value();
            case 1:
                return call("UCASE", {string(depth - 1)}).value();
            case 2:
                return call("TRIM", {string(depth - 1)}).value();
            case 3:
                return call("SUBSTRING",
                            {string(depth - 1), small_literal(), number(depth - 1, TypeKind::kInt)})
                    .value();
            case 4:
                return cast(number(depth - 1, any_number()), TypeKind::kString).value();
            default:
                return choice(TypeKind::kString, depth);
        }
    }

    ExprPtr of(const DataType& type, int depth) {
        return type.is(TypeKind::kBoolean)  ? boolean(depth)
               : type.is(TypeKind::kString) ? string(depth)
                                            : number(depth, type.kind());
    }
    /// A root that may be DECIMAL arithmetic, too.
    ExprPtr root(int depth) {
        if (below(6) == 0) {
            return arithmetic(static_cast<ArithmeticOp>(below(5)),
                              leaf(TypeKind::kDecimal),
                              below(2) == 0 ? leaf(TypeKind::kDecimal) : leaf(TypeKind::kInt))
                .value();
        }
        return of(any_type(), depth);
    }

  private:
    TypeKind any_number() {
        constexpr TypeKind kKinds[] = {
            TypeKind::kInt, TypeKind::kBigint, TypeKind::kDouble, TypeKind::kDecimal};
        return kKinds[below(4)];
    }
    DataType any_type() {
        constexpr TypeKind kKinds[] = {TypeKind::kBoolean,
                                       TypeKind::kInt,
                                       TypeKind::kBigint,
                                       TypeKind::kDouble,
                                       TypeKind::kString};
        return kKinds[below(5)];
    }
    CompareOp any_compare() { return static_cast<CompareOp>(below(6)); }

    ExprPtr leaf_literal(TypeKind kind) {
        const DataType type = kind == TypeKind::kDecimal ? DataType::decimal(9, 2) : DataType(kind);
        return literal(value(type), type);
    }
    ExprPtr small_literal() {
        return literal(Value(static_cast<std::int32_t>(below(9)) - 4), TypeKind::kInt);
    }
    ExprPtr leaf(TypeKind kind) {
        if (below(4) == 0) {
            return leaf_literal(kind);
        }
        std::vector<std::size_t> fitting;
        for (std::size_t i = 0; i < kFields.size(); ++i) {
            if (kFields[i].type.is(kind)) {
                fitting.push_back(i);
            }
        }
        const std::size_t at = fitting[below(fitting.size())];
        return column(at, kFields[at]);
    }
    ExprPtr choice(TypeKind kind, int depth) {
        if (below(2) == 0) {
            return call(below(2) == 0 ? "IFNULL" : "COALESCE",
                        {of(kind, depth - 1), of(kind, depth - 1)})
                .value();
        }
        return case_when({boolean(depth - 1), boolean(depth - 1)},
                         {of(kind, depth - 1), of(kind, depth - 1)},
                         below(3) == 0 ? nullptr : of(kind, depth - 1))
            .value();
    }

    SeededRandom random_;
};

std::string text_of(const Row& row) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
        text += kFields[i].name + "=" + to_text(row[i], kFields[i].type) + " ";
    }
    return text;
}

/// The same rows in other encodings.
void reencode(RowBatch& rows, std::vector<Row>& values, Generator& generator) {
    for (std::size_t c = 0; c < kFields.size(); ++c) {
        const std::uint64_t kind = generator.below(4);
        if (kind == 0) {
            const auto row = static_cast<std::uint32_t>(generator.below(rows.size));
            rows.columns[c] = Column::constant(rows.columns[c], row, rows.size);
            const Value constant = values[row][c];
            for (Row& each : values) {
                each[c] = constant;
            }
        } else if (kind == 1) {
            std::vector<std::uint32_t> indices(rows.size);
            std::vector<Value> taken;
            for (std::uint32_t& index : indices) {
                index = static_cast<std::uint32_t>(generator.below(rows.size));
                taken.push_back(values[index][c]);
            }
            rows.columns[c] = Column::dictionary(rows.columns[c], indices.data(), rows.size);
            for (std::size_t r = 0; r < values.size(); ++r) {
                values[r][c] = taken[r];
            }
        }
    }
}

TEST(ExpressionDifferential, ProgramsAgreeWithARowAtATimeInterpreter) {
    constexpr std::uint64_t kSeed = 20011010;
    constexpr int kPrograms = 700;
    std::size_t failures_seen = 0;
    for (int round = 0; round < kPrograms; ++round) {
        SCOPED_TRACE("seed " + std::to_string(kSeed) + " round " + std::to_string(round));
        Generator generator(kSeed + static_cast<std::uint64_t>(round));
        const std::uint64_t size = 1 + generator.below(150);
        std::vector<ExprPtr> outputs = {generator.boolean(4), generator.root(4), generator.root(3)};
        auto program = Program::compile(outputs).value();
        for (int batch = 0; batch < 2; ++batch) {
            std::vector<Row> values(size);
            for (Row& row : values) {
                for (const Field& field : kFields) {
                    row.push_back(generator.value(field.type));
                }
            }
            RowBatch rows = batch_of(kFields, values);
            reencode(rows, values, generator);
            std::vector<std::uint32_t> selected;
            const bool is_partial = generator.below(2) == 0;
            for (std::uint32_t row = 0; row < size; ++row) {
                if (!is_partial || generator.below(3) == 0) {
                    selected.push_back(row);
                }
            }
            if (is_partial) {
                rows.selection = std::make_shared<const std::vector<std::uint32_t>>(selected);
            }
            std::vector<ColumnPtr> columns;
            std::vector<RowError> errors;
            program->evaluate(rows, columns, errors);
            std::vector<bool> is_reported(size, false);
            for (const RowError& error : errors) {
                is_reported[error.row] = true;
            }
            std::vector<std::uint32_t> expected_passing;
            for (const std::uint32_t row : selected) {
                bool fails = false;
                for (std::size_t i = 0; i < outputs.size(); ++i) {
                    const Outcome expected = Interpreter(values[row]).eval(*outputs[i]);
                    fails = fails || !expected;
                    const DataType& type = outputs[i]->type;
                    ASSERT_EQ(to_text(value_at(*columns[i], row), type),
                              to_text(expected.value_or(Value()), type))
                        << outputs[i]->to_string() << " at row " << row << " "
                        << text_of(values[row]);
                    if (i == 0 && expected && *expected == Value(true)) {
                        expected_passing.push_back(row);
                    }
                }
                ASSERT_EQ(is_reported[row], fails) << "row " << row;
                failures_seen += fails ? 1 : 0;
            }
            std::vector<std::uint32_t> passing;
            errors.clear();
            program->filter(rows, passing, errors);
            ASSERT_EQ(passing, expected_passing) << outputs[0]->to_string();
        }
    }
    EXPECT_GT(failures_seen, 1000U);  // the generator reaches the unhappy paths
}

}  // namespace
}  // namespace millrace::operators
