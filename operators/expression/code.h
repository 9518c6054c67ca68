// Code: a compiled program: a flat list of instructions over registers (columns) and selections
// (sets of rows).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/row/column.h"
#include "operators/expression/compare_kernels.h"
#include "operators/expression/expression.h"
#include "operators/expression/kernel.h"

namespace millrace::operators {

using RegisterId = std::uint32_t;
/// Selection 0 is the batch's; every other one is a part of another.
using SelectionId = std::uint32_t;

struct LambdaCode;

struct Instruction {
    enum class Op : std::uint8_t {
        kColumn,         // out = the input's column
        kPseudo,         // out = ROWTIME and so on
        kKernel,         // out = kernel(args)
        kSelect,         // part = the rows where args[0] is true, not true or null
        kSelectCompare,  // part = the rows where selector(args[0], args[1])
        kBegin,          // out = room for values that kCopy brings, BOOLEANs all `fill`
        kCopy,           // out = args[0] at the selected rows
        kCopyFlag,       // out = args[0] is true at the selected rows
        kAssemble,       // out, of a nested type, is made of what kCopy brought
        kStruct,         // out = a struct of args; is_guarded: args[0] is null where it is null
        kContain,        // args[0] is null where it failed; that fails nothing else
        kLambda,         // out = lambda(args: the collection, [the state], captured values)
    };
    Op op = Op::kKernel;
    SelectionId selection = 0;  // the rows to work on; none: the instruction is skipped
    RegisterId out = 0;
    SelectionId part = 0;
    std::vector<RegisterId> args{};
    KernelInfo kernel{};
    Selector selector = nullptr;
    SelectBy by = SelectBy::kTrue;
    std::size_t column = 0;
    ExprKind pseudo = ExprKind::kRowTime;
    bool fill = false;
    bool is_fixed = false;  // depends on literals only: computed once if it cannot fail
    bool is_guarded = false;
    std::shared_ptr<const LambdaCode> lambda{};
    std::string parameter{};
    std::size_t literals = 0;
    const Env* env = nullptr;  // for volatile kernels
};

struct RegisterInfo {
    DataType type;
    ColumnPtr literal{};  // one row; nullptr: an instruction computes it
    bool is_fixed = false;
    /// Instructions whose failure at a row makes this register's value at the row invalid.
    std::vector<std::uint32_t> failing{};
};

struct Code {
    std::vector<Instruction> instructions;
    std::vector<RegisterInfo> registers;
    std::uint32_t selections = 1;
    std::vector<RegisterId> outputs;
    SelectionId passing = 0;  // of a filter
};

/// A lambda call: its bodies as programs over the elements of all rows at once. Their input columns
/// are the variables, then the captured values.
struct LambdaCode {
    LambdaFunction function = LambdaFunction::kTransform;
    bool is_map = false;
    bool keeps_null_values = false;  // in a MAP; else one fails the row
    bool draws = false;              // a body calls a volatile function: equal rows differ
    std::vector<Code> bodies{};      // one; TRANSFORM of a MAP: of the keys, of the values
};

/// Computes all outputs.
[[nodiscard]] Result<Code> compile_outputs(const std::vector<ExprPtr>& outputs);
/// Narrows the batch's selection to the rows where `predicate`, a BOOLEAN, is true: conjunct by
/// conjunct, comparisons straight into selections.
[[nodiscard]] Result<Code> compile_filter(const ExprPtr& predicate);

}  // namespace millrace::operators
