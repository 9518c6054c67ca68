// LambdaRunner: runs TRANSFORM, FILTER and REDUCE: the lambda's body is computed over the elements
// of all rows at once.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "operators/expression/executor.h"

namespace millrace::operators {

/// One call of a lambda function in a program. One thread at a time.
class LambdaRunner {
  public:
    explicit LambdaRunner(std::shared_ptr<const LambdaCode> code);
    ~LambdaRunner();

    /// Computes the call at the rows of `rows`.
    ///
    /// args       the collection, REDUCE: the first state, then the captured values; each of
    ///            rows.size rows
    /// type       of the result
    /// failed     gets one entry per row at which a body failed; the result is NULL there
    /// contained  gets failures that only made elements of constructors NULL
    /// returns    rows.size rows
    ///
    /// NULL instead of a collection gives NULL, REDUCE: the first state; a NULL first state gives
    /// NULL. Keys that TRANSFORM makes must differ and its values of a MAP, as FILTER's answers,
    /// must not be NULL: the row fails otherwise.
    [[nodiscard]] ColumnPtr run(std::span<const ColumnPtr> args,
                                const RowSet& rows,
                                const DataType& type,
                                std::vector<RowError>& failed,
                                std::vector<RowError>& contained);

  private:
    struct Call;

    void fail(Call& call, std::uint32_t row, std::string message);
    ColumnPtr evaluate(Call& call,
                       std::size_t body,
                       std::vector<ColumnPtr> variables,
                       const std::vector<std::uint32_t>& owners);
    ColumnPtr transform(Call& call);
    ColumnPtr filter(Call& call);
    ColumnPtr reduce(Call& call);

    std::shared_ptr<const LambdaCode> code_;
    std::vector<std::unique_ptr<Executor>> bodies_;
};

}  // namespace millrace::operators
