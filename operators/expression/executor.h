// Executor: runs Code over row batches with registers that keep their memory from batch to batch.
#pragma once

#include <memory>
#include <vector>

#include "operators/expression/code.h"

namespace millrace::operators {

/// A row that failed, and the instruction that did.
struct Failure {
    std::uint32_t instruction = 0;
    RowError error;
};

/// One thread at a time.
class Executor {
  public:
    explicit Executor(Code code);

    /// Runs all instructions. Registers and selections hold until the next call of run() or
    /// release().
    void run(const RowBatch& rows);
    /// Lets go of the batch and of what take_output() gave away.
    void release();

    [[nodiscard]] const Code& code() const { return code_; }
    [[nodiscard]] const std::vector<Failure>& failures() const { return failures_; }
    [[nodiscard]] const RowSet& selection(SelectionId id) const { return selections_[id]; }
    /// Makes the row null in a register; after run() only.
    void set_null(RegisterId id, std::uint32_t row);
    /// The register as a column of `rows.size` rows.
    [[nodiscard]] ColumnPtr take_output(RegisterId id, const RowBatch& rows);

  private:
    struct Register {
        Vector view;
        ColumnPtr column;  // what the view looks at, when it is an input or a literal
        ColumnPtr output;  // an input as it came, not flattened
        std::shared_ptr<Buffer> values;
        std::shared_ptr<std::vector<std::uint64_t>> validity;
        std::shared_ptr<TextArena> arena;
        std::vector<Pin> pins;  // other registers' memory that texts here point into
    };

    void load(Register& to, ColumnPtr column);
    void load_pseudo(Register& to, ExprKind kind, const RowBatch& rows);
    void install(Register& to, ColumnPtr column, bool is_constant);
    void run_kernel(std::uint32_t at, const RowSet& rows);
    void copy(const Instruction& instruction, const RowSet& rows);
    void begin(const Instruction& instruction, std::uint32_t size);
    void select(const Instruction& instruction);
    static void prepare(Register& out, std::size_t width, std::uint32_t size, bool is_text);
    static void pin_sources(Register& out, const Register& from);
    static void show_validity(Register& out);
    static void spread_constant(Register& out, std::uint32_t size);

    Code code_;
    std::vector<Register> registers_;
    std::vector<RowSet> selections_;
    std::vector<std::vector<std::uint32_t>> selected_;  // the memory of selections_
    std::vector<std::unique_ptr<KernelState>> states_;  // by instruction
    std::vector<bool> is_computed_;                     // by instruction: fixed, and done
    std::vector<Failure> failures_;
    std::vector<Vector> args_;          // scratch
    std::vector<RowError> row_errors_;  // scratch
};

}  // namespace millrace::operators
