// Comparison: whether a record is the one that a case expects, strictly and with tolerance.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/row/data_type.h"
#include "tests/conformance/conformance_case.h"
#include "tests/conformance/record_text.h"

namespace millrace::conformance {

/// How well something agrees; the worse of two is the larger one.
enum class Match : std::uint8_t {
    kEqual,
    kTolerated,  // DOUBLE columns differ by rounding only
    kDifferent,
};

struct Comparison {
    Match match = Match::kEqual;
    std::string difference;  // the first one; empty when equal
};

/// Columns of one side of a record.
struct ComparedSide {
    const std::vector<Field>* fields = nullptr;  // as recorded, else as the engine has them
    bool is_unwrapped = false;  // the JSON is the single column's value, not an object of columns
};

struct CompareOptions {
    bool exact_numbers = true;       // false: all JSON numbers are doubles with a tolerance
    bool ignores_zero_time = false;  // an expected timestamp of 0 is not checked
};

[[nodiscard]] Comparison compare_records(const CaseRecord& expected,
                                         const ReadRecord& actual,
                                         const ComparedSide& key,
                                         const ComparedSide& value,
                                         const CompareOptions& options);

/// A decimal number as Java's BigDecimal has it: digits without leading zeros, and the scale.
struct ExactNumber {
    bool is_negative = false;
    std::string digits;  // "0" for zero
    std::int64_t scale = 0;

    friend bool operator==(const ExactNumber&, const ExactNumber&) = default;
};
[[nodiscard]] ExactNumber exact_number(std::string_view text);

}  // namespace millrace::conformance
