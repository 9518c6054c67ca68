#include "core/record/aborted_filter.h"

#include <algorithm>

namespace millrace {

AbortedFilter::AbortedFilter(std::vector<AbortedTransaction> aborted)
    : aborted_(std::move(aborted)) {
    std::sort(aborted_.begin(),
              aborted_.end(),
              [](const AbortedTransaction& a, const AbortedTransaction& b) {
                  return a.first_offset < b.first_offset;
              });
}

bool AbortedFilter::is_aborted(const RecordBatchView& batch) {
    while (next_ < aborted_.size() && aborted_[next_].first_offset <= batch.last_offset()) {
        aborting_.insert(aborted_[next_++].producer_id);
    }
    if (!batch.is_transactional() || !aborting_.contains(batch.producer_id())) {
        return false;
    }
    if (batch.is_control()) {
        aborting_.erase(batch.producer_id());
        return false;
    }
    return true;
}

}  // namespace millrace
