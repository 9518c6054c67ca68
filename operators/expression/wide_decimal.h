// DECIMAL arithmetic on 128-bit unscaled values with 256-bit intermediates; rounding HALF_UP.
#pragma once

#include <optional>

#include "core/row/data_type.h"

namespace millrace::operators {

/// 10^exponent, 0 <= exponent <= 38.
[[nodiscard]] Int128 power_of_ten(int exponent);

/// True when |value| has at most `precision` digits.
[[nodiscard]] bool fits(Int128 value, int precision);

/// a * b / divisor, the half rounded away from zero; nullopt when it leaves 128 bits. divisor != 0.
[[nodiscard]] std::optional<Int128> multiply_divide(Int128 a, Int128 b, Int128 divisor);

/// `value` of scale `from` at scale `to`, HALF_UP; nullopt when it leaves 128 bits.
[[nodiscard]] std::optional<Int128> rescale(Int128 value, int from, int to);

/// Nearest double of unscaled / 10^scale.
[[nodiscard]] double decimal_to_double(Int128 unscaled, int scale);

/// Orders two decimals of any scales: negative, 0, positive.
[[nodiscard]] int compare_decimals(Int128 a, int a_scale, Int128 b, int b_scale);

}  // namespace millrace::operators
