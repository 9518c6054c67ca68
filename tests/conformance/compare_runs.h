// Runs every case in several ways, which must all give the same records.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/conformance/conformance_case.h"

namespace millrace::conformance {

struct RunComparison {
    std::size_t runs = 0;            // of each case
    std::size_t records = 0;         // that one run of all cases gives, errors included
    std::vector<std::string> lines;  // one per case that differs: its id, how it was run, where
};

/// Every case with batches of 1, 2 and 7 rows, each on the caller's thread, on one and on four
/// threads of oneTBB. All topics are compared with those of the first run, record by record:
/// key, value, headers and timestamp, in order.
[[nodiscard]] RunComparison compare_runs(const std::vector<ConformanceCase>& cases);

}  // namespace millrace::conformance
