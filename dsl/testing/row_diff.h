// RowDiff: expected rows beside actual ones.
#pragma once

#include <string>
#include <vector>

#include "dsl/testing/row_codec.h"

namespace millrace::dsl::testing {

/// Which order of the rows counts.
enum class RowOrder : std::uint8_t {
    kAll,        // one order
    kPartition,  // that inside of each partition
    kKey,        // that of each key
    kNone,
};

/// Empty when the rows agree; else a line per row: "  " both have it, "- " it is missing, "+ " it
/// was not expected.
[[nodiscard]] std::string row_diff(std::vector<RowText> expected,
                                   std::vector<RowText> actual,
                                   RowOrder order);

}  // namespace millrace::dsl::testing
