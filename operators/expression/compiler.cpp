#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "core/base/sql_error.h"
#include "operators/expression/arithmetic_kernels.h"
#include "operators/expression/cast_kernels.h"
#include "operators/expression/code.h"
#include "operators/expression/lambda_functions.h"
#include "operators/expression/like_pattern.h"
#include "operators/expression/nested_kernels.h"
#include "operators/expression/scalar_functions.h"

namespace millrace::operators {

namespace {

/// True for what costs less than the branching it takes to leave it out, and cannot fail: both
/// sides of an AND are then computed side by side.
bool is_cheap(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::kLiteral:
        case ExprKind::kColumn:
        case ExprKind::kRowTime:
        case ExprKind::kWindowStart:
        case ExprKind::kWindowEnd:
        case ExprKind::kRowPartition:
        case ExprKind::kRowOffset:
            return !expr.type.is(TypeKind::kString) && !expr.type.is(TypeKind::kBytes) &&
                   !expr.type.is(TypeKind::kDecimal) && !expr.type.is_nested();
        case ExprKind::kArithmetic:
            if (expr.type.is(TypeKind::kDecimal) || expr.arithmetic == ArithmeticOp::kDivide ||
                expr.arithmetic == ArithmeticOp::kModulo) {
                return false;
            }
            break;
        case ExprKind::kCast:
            return expr.type.is_numeric() && !expr.type.is(TypeKind::kDecimal) &&
                   expr.args[0]->type.is_numeric() && is_cheap(*expr.args[0]);
        case ExprKind::kCompare:
        case ExprKind::kAnd:
        case ExprKind::kOr:
        case ExprKind::kNot:
        case ExprKind::kBetween:
        case ExprKind::kNegate:
            break;
        case ExprKind::kIsNull:
        case ExprKind::kIsNotNull:
            return expr.args[0]->kind == ExprKind::kColumn || is_cheap(*expr.args[0]);
        case ExprKind::kCall:
        case ExprKind::kLike:
        case ExprKind::kIn:
        case ExprKind::kCase:
        case ExprKind::kConcat:
        case ExprKind::kArray:
        case ExprKind::kMap:
        case ExprKind::kStruct:
        case ExprKind::kSubscript:
        case ExprKind::kDereference:
        case ExprKind::kLambdaVariable:
        case ExprKind::kLambda:
        case ExprKind::kLambdaCall:
            return false;
    }
    return std::all_of(
        expr.args.begin(), expr.args.end(), [](const ExprPtr& arg) { return is_cheap(*arg); });
}

/// What a lambda's body takes from outside: columns, pseudo columns, variables of lambdas around
/// it. Each becomes a column of the body's input, behind its own variables.
class Captures {
  public:
    /// Finds what the bodies of these lambdas take.
    explicit Captures(std::span<const ExprPtr> lambdas) {
        for (const ExprPtr& lambda : lambdas) {
            collect(lambda);
        }
    }

    [[nodiscard]] const std::vector<ExprPtr>& outer() const { return outer_; }
    /// The body of the lambda over its input columns.
    [[nodiscard]] ExprPtr body(const ExprPtr& lambda) const {
        std::map<std::string, ExprPtr> columns;
        std::size_t index = 0;
        const auto add = [&](const ExprPtr& leaf) {
            columns[name_of(*leaf)] = column(index++, Field{leaf->name, leaf->type});
        };
        for (const ExprPtr& param : lambda->params) {
            add(param);
        }
        for (const ExprPtr& leaf : outer_) {
            add(leaf);
        }
        return replaced(lambda->args[0], columns);
    }

  private:
    static bool is_leaf(const Expr& expr) {
        return expr.kind == ExprKind::kLambdaVariable || expr.kind == ExprKind::kColumn ||
               (expr.kind >= ExprKind::kRowTime && expr.kind <= ExprKind::kRowOffset);
    }
    static std::string name_of(const Expr& leaf) {
        return std::to_string(static_cast<int>(leaf.kind)) + "/" + std::to_string(leaf.column);
    }
    void collect(const ExprPtr& expr) {
        for (const ExprPtr& param : expr->params) {
            bound_.insert(name_of(*param));
        }
        if (is_leaf(*expr)) {
            if (bound_.count(name_of(*expr)) == 0 && seen_.insert(name_of(*expr)).second) {
                outer_.push_back(expr);
            }
            return;
        }
        for (const ExprPtr& arg : expr->args) {
            collect(arg);
        }
    }
    static ExprPtr replaced(const ExprPtr& expr, const std::map<std::string, ExprPtr>& columns) {
        if (is_leaf(*expr)) {
            const auto found = columns.find(name_of(*expr));
            return found == columns.end() ? expr : found->second;  // a lambda's inside has its own
        }
        if (expr->args.empty()) {
            return expr;
        }
        auto made = std::make_shared<Expr>(*expr);
        for (ExprPtr& arg : made->args) {
            arg = replaced(arg, columns);
        }
        return made;
    }

    std::vector<ExprPtr> outer_;
    std::set<std::string> bound_;  // variables have different ids in the whole expression
    std::set<std::string> seen_;
};

class Compiler {
  public:
    Result<Code> outputs(const std::vector<ExprPtr>& exprs) {
        for (const ExprPtr& expr : exprs) {
            if (expr->is_null_literal) {
                return Error{ErrorCode::kSqlSemantic,
                             "cannot infer the type of NULL, write CAST(NULL AS type)",
                             SqlError::kUntypedNull};
            }
            MILLRACE_TRY(const RegisterId out, compile(expr, 0));
            code_.outputs.push_back(out);
        }
        return std::move(code_);
    }

    Result<Code> filter(const ExprPtr& predicate) {
        MILLRACE_TRY(code_.passing, narrow(predicate, 0));
        return std::move(code_);
    }

  private:
    using Op = Instruction::Op;

    /// The same number for the same computation.
    std::uint32_t number_of(const Expr& expr) {
        std::string key =
            std::to_string(static_cast<int>(expr.kind)) + "|" + expr.type.to_string() + "|" +
            std::to_string(expr.column) + "|" + std::to_string(static_cast<int>(expr.arithmetic)) +
            std::to_string(static_cast<int>(expr.compare)) + "|" +
            std::to_string(reinterpret_cast<std::uintptr_t>(expr.function)) + "|" +
            expr.like_escape + "|" + (expr.has_else ? "e" : "") + (expr.fails_on_null ? "n" : "") +
            std::to_string(static_cast<int>(expr.lambda_function));
        for (const ExprPtr& param : expr.params) {
            key += "|" + std::to_string(param->column);
        }
        for (const ExprPtr& arg : expr.args) {
            key += "|" + std::to_string(number_of(*arg));
        }
        if (expr.function != nullptr && expr.function->kernel.is_volatile) {
            key += "|" + std::to_string(numbers_.size());  // like no other
        }
        if (expr.kind == ExprKind::kLiteral) {
            key += "|" + to_text(expr.literal, expr.type) + (expr.literal.is_null() ? "|0" : "|1");
        }
        return numbers_.try_emplace(std::move(key), static_cast<std::uint32_t>(numbers_.size()))
            .first->second;
    }

    RegisterId new_register(const DataType& type) {
        code_.registers.push_back(RegisterInfo{.type = type});
        return static_cast<RegisterId>(code_.registers.size() - 1);
    }
    RegisterInfo& info(RegisterId id) { return code_.registers[id]; }
    void depend(RegisterId on, RegisterId out) {
        auto& failing = info(out).failing;
        const auto& more = info(on).failing;
        failing.insert(failing.end(), more.begin(), more.end());
        std::sort(failing.begin(), failing.end());
        failing.erase(std::unique(failing.begin(), failing.end()), failing.end());
    }
    void add(Instruction instruction) { code_.instructions.push_back(std::move(instruction)); }

    RegisterId add_kernel(const KernelInfo& kernel,
                          const DataType& type,
                          std::vector<RegisterId> args,
                          SelectionId selection,
                          std::string parameter = {},
                          std::size_t literals = 0,
                          std::size_t field = 0) {
        CHECK(kernel.run != nullptr);
        const RegisterId out = new_register(type);
        bool is_fixed = !args.empty();
        for (const RegisterId arg : args) {
            depend(arg, out);
            is_fixed = is_fixed && info(arg).is_fixed;
        }
        if (kernel.can_fail) {
            info(out).failing.push_back(static_cast<std::uint32_t>(code_.instructions.size()));
        }
        info(out).is_fixed = is_fixed;
        add({.op = Op::kKernel,
             .selection = selection,
             .out = out,
             .args = std::move(args),
             .kernel = kernel,
             .column = field,
             .is_fixed = is_fixed,
             .parameter = std::move(parameter),
             .literals = literals});
        return out;
    }

    SelectionId new_selection(SelectionId parent) {
        parents_.push_back(parent);
        return code_.selections++;
    }
    SelectionId select(RegisterId flag, SelectBy by, SelectionId from) {
        const auto [found, is_new] = parts_.try_emplace({from, flag, by}, 0);
        if (is_new) {
            found->second = new_selection(from);
            add({.op = Op::kSelect,
                 .selection = from,
                 .part = found->second,
                 .args = {flag},
                 .by = by});
        }
        return found->second;
    }

    /// A value that was computed for these rows, or for more rows and cannot fail there.
    const RegisterId* computed(std::uint32_t number, SelectionId selection) {
        for (SelectionId at = selection;; at = parents_[at]) {
            const auto found = registers_.find({number, at});
            if (found != registers_.end() &&
                (at == selection || info(found->second).failing.empty())) {
                return &found->second;
            }
            if (at == 0) {
                return nullptr;
            }
        }
    }

    Result<RegisterId> compile(const ExprPtr& expr, SelectionId selection) {
        const std::uint32_t number = number_of(*expr);
        if (const RegisterId* done = computed(number, selection)) {
            return *done;
        }
        MILLRACE_TRY(const RegisterId out, compile_new(*expr, selection));
        registers_[{number, selection}] = out;
        return out;
    }

    Result<std::vector<RegisterId>> compile_args(const Expr& expr, SelectionId selection) {
        std::vector<RegisterId> args;
        for (const ExprPtr& arg : expr.args) {
            MILLRACE_TRY(const RegisterId id, compile(arg, selection));
            args.push_back(id);
        }
        return args;
    }

    Result<RegisterId> compile_new(const Expr& expr, SelectionId selection) {
        switch (expr.kind) {
            case ExprKind::kLiteral: {
                const RegisterId out = new_register(expr.type);
                ColumnBuilder builder(expr.type, 1);
                set_value(builder, 0, expr.literal);
                info(out).literal = builder.finish(1);
                info(out).is_fixed = true;
                return out;
            }
            case ExprKind::kColumn: {
                const RegisterId out = new_register(expr.type);
                add({.op = Op::kColumn, .selection = selection, .out = out, .column = expr.column});
                return out;
            }
            case ExprKind::kRowTime:
            case ExprKind::kWindowStart:
            case ExprKind::kWindowEnd:
            case ExprKind::kRowPartition:
            case ExprKind::kRowOffset: {
                const RegisterId out = new_register(expr.type);
                add({.op = Op::kPseudo, .selection = selection, .out = out, .pseudo = expr.kind});
                return out;
            }
            case ExprKind::kAnd:
            case ExprKind::kOr:
                return compile_logic(expr, selection);
            case ExprKind::kBetween:
                return compile_between(expr, selection);
            case ExprKind::kCase:
                return compile_case(expr, selection);
            case ExprKind::kCall:
            case ExprKind::kConcat:
                if (expr.function->form == FunctionForm::kCoalesce) {
                    return compile_coalesce(expr, selection);
                }
                if (expr.function->form == FunctionForm::kAlias) {
                    return compile(expr.args[0], selection);
                }
                break;
            case ExprKind::kCast:
                if (expr.type.is_nested() && expr.args[0]->type.is_nested()) {
                    return compile_nested_cast(expr, selection);
                }
                break;
            case ExprKind::kArray:
            case ExprKind::kMap: {
                MILLRACE_TRY(auto elements, compile_contained(expr.args, selection));
                const bool is_array = expr.kind == ExprKind::kArray;
                const RegisterId out = add_kernel(is_array ? array_kernel() : map_kernel(),
                                                  expr.type,
                                                  std::move(elements),
                                                  selection);
                info(out).failing.clear();
                return out;
            }
            case ExprKind::kStruct: {
                MILLRACE_TRY(auto fields, compile_contained(expr.args, selection));
                const RegisterId out = new_register(expr.type);
                add({.op = Op::kStruct,
                     .selection = selection,
                     .out = out,
                     .args = std::move(fields)});
                return out;
            }
            case ExprKind::kLambdaCall:
                return compile_lambda_call(expr, selection);
            case ExprKind::kLambda:
            case ExprKind::kLambdaVariable:
                return Error{
                    ErrorCode::kSqlSemantic,
                    "a lambda stands only in TRANSFORM, FILTER and REDUCE: " + expr.to_string(),
                    SqlError::kLambdaMisplaced};
            case ExprKind::kSubscript:
            case ExprKind::kDereference:
            case ExprKind::kArithmetic:
            case ExprKind::kCompare:
            case ExprKind::kNot:
            case ExprKind::kIsNull:
            case ExprKind::kIsNotNull:
            case ExprKind::kLike:
            case ExprKind::kIn:
            case ExprKind::kNegate:
                break;
        }
        MILLRACE_TRY(auto args, compile_args(expr, selection));
        std::size_t literals = 0;
        if (expr.kind == ExprKind::kIn) {
            while (literals + 1 < expr.args.size() &&
                   expr.args[literals + 1]->kind == ExprKind::kLiteral) {
                ++literals;
            }
        }
        const RegisterId out = add_kernel(kernel_of(expr),
                                          expr.type,
                                          std::move(args),
                                          selection,
                                          expr.like_escape,
                                          literals,
                                          expr.column);
        code_.instructions.back().env = expr.env;
        return expr.fails_on_null ? add_kernel(required_kernel(), expr.type, {out}, selection)
                                  : out;
    }

    /// Elements of a constructor: one that fails becomes NULL and fails nothing else.
    Result<std::vector<RegisterId>> compile_contained(const std::vector<ExprPtr>& exprs,
                                                      SelectionId selection) {
        std::vector<RegisterId> elements;
        for (const ExprPtr& expr : exprs) {
            MILLRACE_TRY(const RegisterId id, compile(expr, selection));
            if (!info(id).failing.empty()) {
                add({.op = Op::kContain, .selection = selection, .args = {id}});
            }
            elements.push_back(id);
        }
        return elements;
    }

    /// Equal rows need not give equal values.
    static bool draws(const Code& code) {
        return std::any_of(
            code.instructions.begin(), code.instructions.end(), [](const Instruction& one) {
                return one.kernel.is_volatile || (one.lambda != nullptr && one.lambda->draws);
            });
    }

    Result<RegisterId> compile_lambda_call(const Expr& expr, SelectionId selection) {
        const std::size_t plain = expr.lambda_function == LambdaFunction::kReduce ? 2 : 1;
        const std::span<const ExprPtr> lambdas = std::span(expr.args).subspan(plain);
        const Captures captures(lambdas);
        auto lambda = std::make_shared<LambdaCode>();
        lambda->function = expr.lambda_function;
        lambda->is_map = expr.args[0]->type.is(TypeKind::kMap);
        lambda->keeps_null_values = expr.keeps_null_values;
        const RegisterId out = new_register(expr.type);
        std::vector<RegisterId> args;
        for (std::size_t i = 0; i < plain; ++i) {
            MILLRACE_TRY(const RegisterId id, compile(expr.args[i], selection));
            depend(id, out);
            args.push_back(id);
        }
        for (const ExprPtr& outer : captures.outer()) {
            MILLRACE_TRY(const RegisterId id, compile(outer, selection));
            args.push_back(id);
        }
        for (const ExprPtr& body : lambdas) {
            MILLRACE_TRY(Code code, Compiler().outputs({captures.body(body)}));
            lambda->draws = lambda->draws || draws(code);
            lambda->bodies.push_back(std::move(code));
        }
        info(out).failing.push_back(static_cast<std::uint32_t>(code_.instructions.size()));
        add({.op = Op::kLambda,
             .selection = selection,
             .out = out,
             .args = std::move(args),
             .lambda = std::move(lambda)});
        return out;
    }

    /// Part by part: an ARRAY or MAP is cast as TRANSFORM would with CAST in its lambdas, a STRUCT
    /// field by field, by name.
    Result<RegisterId> compile_nested_cast(const Expr& expr, SelectionId selection) {
        const ExprPtr& operand = expr.args[0];
        const std::vector<Field>& parts = operand->type.children();
        if (!expr.type.is(TypeKind::kStruct)) {
            std::vector<ExprPtr> args = {operand};
            std::vector<ExprPtr> variables;
            // Ids from the end of the range: no lambda of the statement has them, and a cast inside
            // a cast is compiled as an expression of its own.
            for (std::size_t i = 0; i < parts.size(); ++i) {
                variables.push_back(
                    lambda_variable(parts[i].name, parts[i].type, ~std::size_t{0} - i));
            }
            for (std::size_t i = 0; i < parts.size(); ++i) {
                MILLRACE_TRY(ExprPtr part,
                             operators::cast(variables[i], expr.type.children()[i].type));
                args.push_back(make_lambda(variables, std::move(part)));
            }
            auto call = std::make_shared<Expr>(expr);
            call->kind = ExprKind::kLambdaCall;
            call->lambda_function = LambdaFunction::kTransform;
            call->keeps_null_values = true;
            call->args = std::move(args);
            return compile(call, selection);
        }
        MILLRACE_TRY(const RegisterId guard, compile(operand, selection));
        const RegisterId out = new_register(expr.type);
        depend(guard, out);
        std::vector<RegisterId> args = {guard};
        for (const Field& field : expr.type.children()) {
            ExprPtr value = literal(Value(), field.type);
            if (std::any_of(parts.begin(), parts.end(), [&](const Field& part) {
                    return part.name == field.name;
                })) {
                MILLRACE_TRY(value, dereference(operand, field.name));
                MILLRACE_TRY(value, operators::cast(std::move(value), field.type));
            }
            MILLRACE_TRY(const RegisterId id, compile(value, selection));
            depend(id, out);
            args.push_back(id);
        }
        add({.op = Op::kStruct,
             .selection = selection,
             .out = out,
             .args = std::move(args),
             .is_guarded = true});
        return out;
    }

    static KernelInfo kernel_of(const Expr& expr) {
        const TypeKind kind = expr.args.empty() ? TypeKind::kBoolean : expr.args[0]->type.kind();
        switch (expr.kind) {
            case ExprKind::kCall:
            case ExprKind::kConcat:
                return expr.function->kernel;
            case ExprKind::kArithmetic:
                return arithmetic_kernel(expr.arithmetic, kind);
            case ExprKind::kCompare:
                return compare_kernel(expr.compare, kind);
            case ExprKind::kNot:
                return not_kernel();
            case ExprKind::kIsNull:
                return is_null_kernel(false);
            case ExprKind::kIsNotNull:
                return is_null_kernel(true);
            case ExprKind::kLike:
                return like_kernel();
            case ExprKind::kIn:
                return in_kernel(kind);
            case ExprKind::kCast:
                return cast_kernel(expr.args[0]->type, expr.type);
            case ExprKind::kNegate:
                return negate_kernel(kind);
            case ExprKind::kSubscript:
                return subscript_kernel(expr.args[0]->type, expr.args[1]->type);
            case ExprKind::kDereference:
                return dereference_kernel();
            case ExprKind::kLiteral:
            case ExprKind::kColumn:
            case ExprKind::kRowTime:
            case ExprKind::kWindowStart:
            case ExprKind::kWindowEnd:
            case ExprKind::kRowPartition:
            case ExprKind::kRowOffset:
            case ExprKind::kAnd:
            case ExprKind::kOr:
            case ExprKind::kBetween:
            case ExprKind::kCase:
            case ExprKind::kArray:
            case ExprKind::kMap:
            case ExprKind::kStruct:
            case ExprKind::kLambdaVariable:
            case ExprKind::kLambda:
            case ExprKind::kLambdaCall:
                break;
        }
        return {};
    }

    Result<RegisterId> compile_logic(const Expr& expr, SelectionId selection) {
        const bool is_and = expr.kind == ExprKind::kAnd;
        MILLRACE_TRY(const RegisterId left, compile(expr.args[0], selection));
        if (is_cheap(*expr.args[1])) {
            MILLRACE_TRY(const RegisterId right, compile(expr.args[1], selection));
            return add_kernel(
                is_and ? and_kernel() : or_kernel(), expr.type, {left, right}, selection);
        }
        const RegisterId out = begin(expr.type, selection, !is_and);
        depend(left, out);
        const SelectionId rest =
            select(left, is_and ? SelectBy::kTrue : SelectBy::kNotTrue, selection);
        MILLRACE_TRY(const RegisterId right, compile(expr.args[1], rest));
        depend(right, out);
        add({.op = Op::kCopyFlag, .selection = rest, .out = out, .args = {right}});
        return out;
    }

    RegisterId begin(const DataType& type, SelectionId selection, bool fill = false) {
        const RegisterId out = new_register(type);
        add({.op = Op::kBegin, .selection = selection, .out = out, .fill = fill});
        return out;
    }

    /// Behind the last kCopy.
    void assemble(RegisterId out, SelectionId selection) {
        if (info(out).type.is_nested()) {
            add({.op = Op::kAssemble, .selection = selection, .out = out});
        }
    }

    /// x BETWEEN a AND b is x >= a AND x <= b, each bound with its own coercion.
    static Result<std::pair<ExprPtr, ExprPtr>> bounds_of(const Expr& expr) {
        MILLRACE_TRY(ExprPtr low, compare(CompareOp::kGreaterOrEqual, expr.args[0], expr.args[1]));
        MILLRACE_TRY(ExprPtr high, compare(CompareOp::kLessOrEqual, expr.args[0], expr.args[2]));
        return std::pair(std::move(low), std::move(high));
    }

    Result<RegisterId> compile_between(const Expr& expr, SelectionId selection) {
        MILLRACE_TRY(const auto bounds, bounds_of(expr));
        MILLRACE_TRY(const ExprPtr both, logical_and(bounds.first, bounds.second));
        return compile(both, selection);
    }

    Result<RegisterId> compile_case(const Expr& expr, SelectionId selection) {
        const RegisterId out = begin(expr.type, selection);
        SelectionId rest = selection;
        const auto take = [&](const ExprPtr& result, SelectionId rows) -> Status {
            MILLRACE_TRY(const RegisterId value, compile(result, rows));
            depend(value, out);
            add({.op = Op::kCopy, .selection = rows, .out = out, .args = {value}});
            return Ok{};
        };
        for (std::size_t i = 0; i + 1 < expr.args.size(); i += 2) {
            MILLRACE_TRY(const RegisterId condition, compile(expr.args[i], rest));
            depend(condition, out);
            MILLRACE_TRY_STATUS(take(expr.args[i + 1], select(condition, SelectBy::kTrue, rest)));
            rest = select(condition, SelectBy::kNotTrue, rest);
        }
        MILLRACE_TRY_STATUS(
            take(expr.has_else ? expr.args.back() : literal(Value(), expr.type), rest));
        assemble(out, selection);
        return out;
    }

    Result<RegisterId> compile_coalesce(const Expr& expr, SelectionId selection) {
        const RegisterId out = begin(expr.type, selection);
        SelectionId rest = selection;
        for (std::size_t i = 0; i < expr.args.size(); ++i) {
            MILLRACE_TRY(const RegisterId value, compile(expr.args[i], rest));
            depend(value, out);
            add({.op = Op::kCopy, .selection = rest, .out = out, .args = {value}});
            if (i + 1 < expr.args.size()) {
                rest = select(value, SelectBy::kNull, rest);
            }
        }
        assemble(out, selection);
        return out;
    }

    Result<SelectionId> narrow(const ExprPtr& predicate, SelectionId selection) {
        if (predicate->kind == ExprKind::kAnd) {
            MILLRACE_TRY(const SelectionId left, narrow(predicate->args[0], selection));
            return narrow(predicate->args[1], left);
        }
        if (predicate->kind == ExprKind::kBetween) {
            MILLRACE_TRY(const auto bounds, bounds_of(*predicate));
            MILLRACE_TRY(const SelectionId above, narrow(bounds.first, selection));
            return narrow(bounds.second, above);
        }
        if (predicate->kind == ExprKind::kCompare) {
            const Selector selector =
                compare_selector(predicate->compare, predicate->args[0]->type.kind());
            if (selector != nullptr) {
                MILLRACE_TRY(auto args, compile_args(*predicate, selection));
                const SelectionId part = new_selection(selection);
                add({.op = Op::kSelectCompare,
                     .selection = selection,
                     .part = part,
                     .args = std::move(args),
                     .selector = selector});
                return part;
            }
        }
        MILLRACE_TRY(const RegisterId flag, compile(predicate, selection));
        return select(flag, SelectBy::kTrue, selection);
    }

    Code code_;
    std::map<std::string, std::uint32_t> numbers_;
    std::map<std::pair<std::uint32_t, SelectionId>, RegisterId> registers_;
    std::map<std::tuple<SelectionId, RegisterId, SelectBy>, SelectionId> parts_;
    std::vector<SelectionId> parents_ = {0};
};

}  // namespace

Result<Code> compile_outputs(const std::vector<ExprPtr>& outputs) {
    return Compiler().outputs(outputs);
}

Result<Code> compile_filter(const ExprPtr& predicate) {
    return Compiler().filter(predicate);
}

}  // namespace millrace::operators
