// What compaction must know of producers and transactions of a partition.
#pragma once

#include <cstdint>
#include <limits>
#include <unordered_map>
#include <vector>

#include "core/record/ids.h"

namespace millrace::log {

struct TransactionFacts {
    /// A transaction that ended with an abort: its records stand in [first, marker).
    struct Aborted {
        std::int64_t producer_id = -1;
        Offset first;
        Offset marker;
    };
    std::vector<Aborted> aborted;
    /// Of producers that are not forgotten yet: base offset of the newest batch; -1: of these only
    /// a marker came.
    std::unordered_map<std::int64_t, Offset> last_batches;
    /// First offset of which a transaction may still decide.
    Offset stable_end{std::numeric_limits<std::int64_t>::max()};
};

}  // namespace millrace::log
