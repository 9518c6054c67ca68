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
    bool is_contained = false;  // only an element of a constructor became NULL
};

class LambdaRunner;

/// One thread at a time.
class Executor {
  public:
    explicit Executor(Code code);
    ~Executor();

    /// Runs all instructions. Registers and selections hold until the next call of run() or
    /// release().
    void run(const RowBatch& rows);
    /// Lets go of the batch and of what take_output() gave away.
    void release();

    [[nodiscard]] const Code& code() const { return code_; }
    [[nodiscard]] const std::vector<Failure>& failures() const { return failures_; }
    /// A failure anywhere inside an output makes the whole output NULL at that row. Adds to
    /// `failed` per output and row the first failure (the others follow from it or would never have
    /// been reached), by row; and to `contained` those that only made elements NULL. After run().
    void spread_failures(std::vector<RowError>& failed, std::vector<RowError>& contained);
    [[nodiscard]] const RowSet& selection(SelectionId id) const { return selections_[id]; }
    /// Makes the row null in a register; after run() only.
    void set_null(RegisterId id, std::uint32_t row);
    /// The register as a column of `rows.size` rows.
    [[nodiscard]] ColumnPtr take_output(RegisterId id, std::uint32_t size);

  private:
    struct Register {
        Vector view;
        ColumnPtr column;  // what the view looks at, when it is an input or a literal
        ColumnPtr output;  // an input as it came, not flattened
        std::shared_ptr<Buffer> values;
        std::shared_ptr<std::vector<std::uint64_t>> validity;
        std::shared_ptr<TextArena> arena;
        std::vector<Pin> pins;  // other registers' memory that texts here point into
        // A nested value that kCopy brings together: where its rows come from.
        std::vector<ColumnPtr> parts;
        std::vector<std::uint32_t> part_of;  // by row; 0: none, else parts[n - 1]
    };

    void load(Register& to, ColumnPtr column);
    void load_pseudo(Register& to, ExprKind kind, const RowBatch& rows);
    void install(Register& to, ColumnPtr column, bool is_constant);
    void run_kernel(std::uint32_t at, const RowSet& rows);
    std::vector<ColumnPtr> take_args(const Instruction& instruction, std::uint32_t size);
    void make_struct(const Instruction& instruction, std::uint32_t size);
    void assemble(const Instruction& instruction, const RowSet& rows);
    void contain(const Instruction& instruction);
    void run_lambda(std::uint32_t at, const RowSet& rows);
    void add_failures(std::uint32_t at, const RowSet& rows, bool is_constant, bool is_contained);
    void own_column(Register& out, std::uint32_t size);
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
    std::vector<std::vector<std::uint32_t>> selected_;    // the memory of selections_
    std::vector<std::unique_ptr<KernelState>> states_;    // by instruction
    std::vector<bool> is_computed_;                       // by instruction: fixed, and done
    std::vector<std::unique_ptr<LambdaRunner>> lambdas_;  // by instruction
    std::vector<Failure> failures_;
    std::vector<Vector> args_;          // scratch
    std::vector<RowError> row_errors_;  // scratch
};

}  // namespace millrace::operators
