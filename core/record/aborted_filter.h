// AbortedFilter: what readers of committed records leave out.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "core/record/record_batch.h"
#include "core/record/transaction.h"

namespace millrace {

/// Tells which batches belong to aborted transactions, as a reader of committed records does.
class AbortedFilter {
  public:
    /// What the log lists for the range that will be read.
    explicit AbortedFilter(std::vector<AbortedTransaction> aborted);
    /// To be asked for every batch of the range, in log order.
    [[nodiscard]] bool is_aborted(const RecordBatchView& batch);

  private:
    std::vector<AbortedTransaction> aborted_;  // by first offset
    std::size_t next_ = 0;                     // of aborted_, not reached yet
    std::set<std::int64_t> aborting_;          // producers whose abort marker is still to come
};

}  // namespace millrace
