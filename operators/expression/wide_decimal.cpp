#include "operators/expression/wide_decimal.h"

#include <array>
#include <charconv>
#include <string>

#include "core/row/value.h"

namespace millrace::operators {

namespace {

constexpr std::array<Int128, 39> make_powers() {
    std::array<Int128, 39> powers{};
    powers[0] = 1;
    for (std::size_t i = 1; i < powers.size(); ++i) {
        powers[i] = powers[i - 1] * 10;
    }
    return powers;
}
constexpr std::array<Int128, 39> kPowers = make_powers();

UInt128 magnitude(Int128 value) {
    return value < 0 ? ~static_cast<UInt128>(value) + 1 : static_cast<UInt128>(value);
}

std::optional<Int128> with_sign(UInt128 value, bool is_negative) {
    constexpr UInt128 kLimit = ~UInt128{0} >> 1;
    if (value > kLimit) {
        return std::nullopt;
    }
    return is_negative ? -static_cast<Int128>(value) : static_cast<Int128>(value);
}

struct UInt256 {
    UInt128 high = 0;
    UInt128 low = 0;
};

UInt256 multiply(UInt128 a, UInt128 b) {
    constexpr UInt128 kMask = ~std::uint64_t{0};
    const UInt128 a0 = a & kMask;
    const UInt128 a1 = a >> 64;
    const UInt128 b0 = b & kMask;
    const UInt128 b1 = b >> 64;
    const UInt128 low = a0 * b0;
    const UInt128 middle1 = a1 * b0 + (low >> 64);
    const UInt128 middle2 = a0 * b1 + (middle1 & kMask);
    return {a1 * b1 + (middle1 >> 64) + (middle2 >> 64), (middle2 << 64) | (low & kMask)};
}

/// Bit by bit: only for products beyond 128 bits, which are rare. The quotient must fit: high <
/// divisor.
UInt128 divide(UInt256 dividend, UInt128 divisor, UInt128& remainder) {
    UInt128 rest = dividend.high;
    UInt128 quotient = 0;
    for (int bit = 127; bit >= 0; --bit) {
        const bool carry = (rest >> 127) != 0;
        rest = (rest << 1) | (dividend.low >> bit & 1);
        quotient <<= 1;
        if (carry || rest >= divisor) {
            rest -= divisor;
            quotient |= 1;
        }
    }
    remainder = rest;
    return quotient;
}

}  // namespace

Int128 power_of_ten(int exponent) {
    return kPowers[static_cast<std::size_t>(exponent)];
}

bool fits(Int128 value, int precision) {
    const Int128 limit = power_of_ten(precision);
    return value < limit && value > -limit;
}

std::optional<Int128> multiply_divide(Int128 a, Int128 b, Int128 divisor) {
    const bool is_negative = (a < 0) != ((b < 0) != (divisor < 0));
    const UInt128 by = magnitude(divisor);
    const UInt256 product = multiply(magnitude(a), magnitude(b));
    UInt128 quotient = 0;
    UInt128 rest = 0;
    if (product.high == 0) {
        quotient = product.low / by;
        rest = product.low % by;
    } else if (product.high >= by) {
        return std::nullopt;
    } else {
        quotient = divide(product, by, rest);
    }
    if (rest >= by - rest) {
        if (++quotient == 0) {
            return std::nullopt;
        }
    }
    return with_sign(quotient, is_negative);
}

std::optional<Int128> rescale(Int128 value, int from, int to) {
    if (from == to) {
        return value;
    }
    return to > from ? multiply_divide(value, power_of_ten(to - from), 1)
                     : multiply_divide(value, 1, power_of_ten(from - to));
}

double decimal_to_double(Int128 unscaled, int scale) {
    constexpr Int128 kExact = Int128{1} << 53;
    if (scale <= 22 && unscaled <= kExact && unscaled >= -kExact) {
        // Both are exact doubles, so the quotient is the nearest one.
        return static_cast<double>(unscaled) / static_cast<double>(power_of_ten(scale));
    }
    const std::string text = Decimal{unscaled, static_cast<std::uint8_t>(scale)}.to_string();
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

int compare_decimals(Int128 a, int a_scale, Int128 b, int b_scale) {
    if (a_scale != b_scale) {
        const auto wide_a = rescale(a, a_scale, a_scale > b_scale ? a_scale : b_scale);
        const auto wide_b = rescale(b, b_scale, a_scale > b_scale ? a_scale : b_scale);
        if (!wide_a || !wide_b) {
            // Only the one of the smaller scale grows: out of range, it is the larger magnitude.
            return !wide_a ? (a < 0 ? -1 : 1) : (b < 0 ? 1 : -1);
        }
        a = *wide_a;
        b = *wide_b;
    }
    return a < b ? -1 : a > b ? 1 : 0;
}

}  // namespace millrace::operators
