#include <algorithm>
#include <set>

#include "operators/expression/code.h"
#include "operators/expression/executor.h"
#include "operators/expression/expression.h"

namespace millrace::operators {

namespace {

void collect_columns(const Expr& expr, std::set<std::size_t>& columns) {
    if (expr.kind == ExprKind::kColumn) {
        columns.insert(expr.column);
    }
    for (const ExprPtr& arg : expr.args) {
        collect_columns(*arg, columns);
    }
}

class CompiledProgram final : public Program {
  public:
    CompiledProgram(Code outputs, std::unique_ptr<Executor> filter, std::vector<std::size_t> read)
        : executor_(std::move(outputs)), filter_(std::move(filter)), read_(std::move(read)) {}

    void evaluate(const RowBatch& rows,
                  std::vector<ColumnPtr>& outputs,
                  std::vector<RowError>& errors) override {
        outputs.clear();
        const Code& code = executor_.code();
        if (rows.selected() == 0) {
            for (const RegisterId id : code.outputs) {
                outputs.push_back(Column::nulls(code.registers[id].type, rows.size));
            }
            return;
        }
        executor_.run(rows);
        if (!executor_.failures().empty()) {
            std::vector<RowError> contained;
            executor_.spread_failures(errors, contained);
            errors.insert(errors.end(), contained.begin(), contained.end());
        }
        for (const RegisterId id : code.outputs) {
            outputs.push_back(executor_.take_output(id, rows.size));
        }
        executor_.release();
    }

    void filter(const RowBatch& rows,
                std::vector<std::uint32_t>& passing,
                std::vector<RowError>& errors) override {
        CHECK(filter_ != nullptr);  // output 0 is a BOOLEAN
        passing.clear();
        if (rows.selected() == 0) {
            return;
        }
        filter_->run(rows);
        const RowSet& kept = filter_->selection(filter_->code().passing);
        if (kept.selected != nullptr) {
            passing.assign(kept.selected, kept.selected + kept.count);
        } else {
            passing.resize(kept.count);
            for (std::uint32_t i = 0; i < kept.count; ++i) {
                passing[i] = i;
            }
        }
        if (!filter_->failures().empty()) {
            std::set<std::uint32_t> failed;
            const std::size_t first = errors.size();
            for (const Failure& failure : filter_->failures()) {
                if (failure.is_contained || failed.insert(failure.error.row).second) {
                    errors.push_back(failure.error);
                }
            }
            sort_by_row(errors, first);
            std::erase_if(passing, [&](std::uint32_t row) { return failed.contains(row); });
        }
        filter_->release();
    }

    const std::vector<std::size_t>& columns_read() const override { return read_; }

  private:
    static void sort_by_row(std::vector<RowError>& errors, std::size_t first) {
        std::stable_sort(errors.begin() + static_cast<std::ptrdiff_t>(first),
                         errors.end(),
                         [](const RowError& a, const RowError& b) { return a.row < b.row; });
    }

    Executor executor_;
    std::unique_ptr<Executor> filter_;
    std::vector<std::size_t> read_;
};

}  // namespace

Result<std::unique_ptr<Program>> Program::compile(std::vector<ExprPtr> outputs) {
    std::set<std::size_t> columns;
    for (const ExprPtr& output : outputs) {
        collect_columns(*output, columns);
    }
    MILLRACE_TRY(Code code, compile_outputs(outputs));
    std::unique_ptr<Executor> filter;
    if (!outputs.empty() && outputs[0]->type.is(TypeKind::kBoolean)) {
        MILLRACE_TRY(Code narrowing, compile_filter(outputs[0]));
        filter = std::make_unique<Executor>(std::move(narrowing));
    }
    return std::unique_ptr<Program>(std::make_unique<CompiledProgram>(
        std::move(code),
        std::move(filter),
        std::vector<std::size_t>(columns.begin(), columns.end())));
}

}  // namespace millrace::operators
