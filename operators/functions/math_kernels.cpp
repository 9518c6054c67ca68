#include "operators/functions/math_kernels.h"

#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>

#include "core/row/value.h"
#include "operators/expression/cast_kernels.h"
#include "operators/expression/wide_decimal.h"
#include "operators/functions/function_table.h"

namespace millrace::operators {

namespace {

template <class T, class F>
void map_valid(KernelCall& call, F f) {
    const Reader<T> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        auto* out = static_cast<decltype(f(from[row]))*>(call.values);
        out[row] = f(from[row]);
    });
}

template <class T>
void run_abs(KernelCall& call) {
    map_valid<T>(call, [](T value) -> T {
        if constexpr (std::is_same_v<T, double>) {
            return std::abs(value);
        } else if constexpr (std::is_same_v<T, Int128>) {
            return value < 0 ? -value : value;
        } else {
            // The smallest integer has no positive counterpart and stays, as in Java.
            using U = std::make_unsigned_t<T>;
            return value < 0 ? static_cast<T>(U{0} - static_cast<U>(value)) : value;
        }
    });
}

template <class T>
void run_sign(KernelCall& call) {
    map_valid<T>(call,
                 [](T value) { return std::int32_t{(value > 0 ? 1 : 0) - (value < 0 ? 1 : 0)}; });
}

template <class T>
void run_same(KernelCall& call) {
    map_valid<T>(call, [](T value) { return value; });
}

template <bool IsCeil>
void run_double_step(KernelCall& call) {
    map_valid<double>(call,
                      [](double value) { return IsCeil ? std::ceil(value) : std::floor(value); });
}

enum class Rounding : std::uint8_t { kFloor, kCeil, kTiesUp, kTowardsZero };

/// value / 10^digits, rounded.
Int128 drop_digits(Int128 value, int digits, Rounding rounding) {
    if (digits > 38) {
        return rounding == Rounding::kFloor && value < 0  ? -1
               : rounding == Rounding::kCeil && value > 0 ? 1
                                                          : 0;
    }
    const Int128 unit = power_of_ten(digits);
    const Int128 quotient = value / unit;
    const Int128 rest = value % unit;
    switch (rounding) {
        case Rounding::kFloor:
            return quotient - (rest < 0 ? 1 : 0);
        case Rounding::kCeil:
            return quotient + (rest > 0 ? 1 : 0);
        case Rounding::kTowardsZero:
            return quotient;
        case Rounding::kTiesUp:
            break;
    }
    // 2 * rest would overflow at 38 digits; the other half of the unit does not.
    if (rest > 0 && rest >= unit - rest) {
        return quotient + 1;
    }
    return rest < 0 && -rest > unit + rest ? quotient - 1 : quotient;
}

/// `value` of scale `scale` with `kept` digits behind the point, at the result's scale.
void store_rounded(const KernelCall& call,
                   std::uint32_t row,
                   Int128 value,
                   int scale,
                   std::int64_t kept,
                   Rounding rounding) {
    const int to = call.type->scale();
    std::optional<Int128> result;
    if (kept >= scale) {
        result = rescale(value, scale, to);
    } else if (scale - kept > 39) {
        const Int128 unit = drop_digits(value, 39, rounding);
        result = unit == 0 ? std::optional<Int128>(0) : std::nullopt;
    } else {
        const auto dropped = static_cast<int>(scale - kept);
        const Int128 rounded = drop_digits(value, dropped, rounding);
        const int grow = static_cast<int>(to - kept);
        if (rounded == 0) {
            result = 0;
        } else if (grow <= 38) {
            result = rescale(rounded, 0, grow);
        }
    }
    if (!result || !fits(*result, call.type->precision())) {
        call.fail(row,
                  Decimal{value, static_cast<std::uint8_t>(scale)}.to_string() +
                      " rounded does not fit into " + call.type->to_string());
        return;
    }
    call.out<Int128>()[row] = *result;
}

template <Rounding R>
void run_decimal_step(KernelCall& call) {
    const Reader<Int128> from(call.args[0]);
    const int scale = call.args[0].type->scale();
    call.for_each_valid(
        [&](std::uint32_t row) { store_rounded(call, row, from[row], scale, 0, R); });
}

template <Rounding R>
void run_decimal_round_to(KernelCall& call) {
    const Reader<Int128> from(call.args[0]);
    const Reader<std::int32_t> digits(call.args[1]);
    const int scale = call.args[0].type->scale();
    call.for_each_valid(
        [&](std::uint32_t row) { store_rounded(call, row, from[row], scale, digits[row], R); });
}

template <Rounding R>
void run_double_round(KernelCall& call) {
    map_valid<double>(call, [](double value) -> std::int64_t {
        if (std::isnan(value)) {
            return 0;
        }
        // floor(x + 0.5) would round 0.49999999999999994 up; looking at the fraction does not.
        const double whole = R == Rounding::kTowardsZero ? std::trunc(value) : std::floor(value);
        const double rounded = R == Rounding::kTiesUp && value - whole >= 0.5 ? whole + 1 : whole;
        constexpr double kEnd = 9223372036854775808.0;
        return rounded >= kEnd   ? std::numeric_limits<std::int64_t>::max()
               : rounded < -kEnd ? std::numeric_limits<std::int64_t>::min()
                                 : static_cast<std::int64_t>(rounded);
    });
}

/// Rounds the shortest decimal text, as Java's BigDecimal.valueOf(double) does: 1.005 at 2 digits
/// is 1.01 though the binary value lies below.
double round_double(double value, std::int32_t digits, Rounding rounding) {
    if (!std::isfinite(value) || digits > 330) {
        return value;
    }
    const auto parsed = Decimal::parse(double_to_text(value));
    if (!parsed.ok()) {
        // Beyond 38 digits on either side of the point.
        return digits < 0 || std::abs(value) > 1 ? value : digits < 38 ? 0 : value;
    }
    const Decimal& decimal = parsed.value();
    const std::int64_t dropped = std::int64_t{decimal.scale} - digits;
    if (dropped <= 0) {
        return value;
    }
    if (dropped > 38) {
        return 0;
    }
    const Int128 rounded = drop_digits(decimal.unscaled, static_cast<int>(dropped), rounding);
    const std::string text = Decimal{rounded, 0}.to_string() + "e" + std::to_string(-digits);
    return parse_double(text).value_or(value);
}

template <Rounding R>
void run_double_round_to(KernelCall& call) {
    const Reader<double> from(call.args[0]);
    const Reader<std::int32_t> digits(call.args[1]);
    call.for_each_valid([&](std::uint32_t row) {
        call.out<double>()[row] = round_double(from[row], digits[row], R);
    });
}

template <class T, Rounding R>
void run_integer_round_to(KernelCall& call) {
    const Reader<T> from(call.args[0]);
    const Reader<std::int32_t> digits(call.args[1]);
    call.for_each_valid([&](std::uint32_t row) {
        const T value = from[row];
        const std::int32_t kept = digits[row];
        if (kept >= 0) {
            call.out<T>()[row] = value;
            return;
        }
        const Int128 rounded = kept < -19 ? 0 : drop_digits(value, -kept, R) * power_of_ten(-kept);
        if (rounded < std::numeric_limits<T>::min() || rounded > std::numeric_limits<T>::max()) {
            call.fail(
                row,
                std::to_string(value) + " rounded does not fit into " + call.type->to_string());
            return;
        }
        call.out<T>()[row] = static_cast<T>(rounded);
    });
}

template <class T>
bool less(const T& a, const T& b) {
    if constexpr (std::is_same_v<T, StringRef>) {
        return compare(a, b) < 0;
    } else {
        return a < b;
    }
}

template <bool IsGreatest, class T>
void run_extreme_of(KernelCall& call) {
    T* out = call.out<T>();
    call.rows.for_each([&](std::uint32_t row) {
        const T* best = nullptr;
        for (const Vector& arg : call.args) {
            if (arg.is_valid(row)) {
                const T& value = Reader<T>(arg)[row];
                if (best == nullptr || (IsGreatest ? less(*best, value) : less(value, *best))) {
                    best = &value;
                }
            }
        }
        if (best == nullptr) {
            call.set_null(row);
        } else {
            out[row] = *best;
        }
    });
}

template <bool IsGreatest>
void run_extreme(KernelCall& call) {
    switch (call.type->kind()) {
        case TypeKind::kBoolean:
            return run_extreme_of<IsGreatest, std::uint8_t>(call);
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime:
            return run_extreme_of<IsGreatest, std::int32_t>(call);
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            return run_extreme_of<IsGreatest, std::int64_t>(call);
        case TypeKind::kDouble:
            return run_extreme_of<IsGreatest, double>(call);
        case TypeKind::kDecimal:
            return run_extreme_of<IsGreatest, Int128>(call);
        case TypeKind::kString:
        case TypeKind::kBytes:
            return run_extreme_of<IsGreatest, StringRef>(call);
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    CHECK(false);  // resolve_call() lets plain types through only
}

}  // namespace

KernelInfo abs_kernel(TypeKind kind) {
    if (kind == TypeKind::kInt) {
        return strict(run_abs<std::int32_t>);
    }
    if (kind == TypeKind::kBigint) {
        return strict(run_abs<std::int64_t>);
    }
    return strict(kind == TypeKind::kDouble ? run_abs<double> : run_abs<Int128>);
}

KernelInfo sign_kernel(TypeKind kind) {
    if (kind == TypeKind::kInt) {
        return strict(run_sign<std::int32_t>);
    }
    if (kind == TypeKind::kBigint) {
        return strict(run_sign<std::int64_t>);
    }
    return strict(kind == TypeKind::kDouble ? run_sign<double> : run_sign<Int128>);
}

KernelInfo floor_kernel(TypeKind kind) {
    if (kind == TypeKind::kInt) {
        return strict(run_same<std::int32_t>);
    }
    if (kind == TypeKind::kBigint) {
        return strict(run_same<std::int64_t>);
    }
    return kind == TypeKind::kDouble ? strict(run_double_step<false>)
                                     : fallible(run_decimal_step<Rounding::kFloor>);
}

KernelInfo ceil_kernel(TypeKind kind) {
    if (kind == TypeKind::kDouble) {
        return strict(run_double_step<true>);
    }
    return kind == TypeKind::kDecimal ? fallible(run_decimal_step<Rounding::kCeil>)
                                      : floor_kernel(kind);
}

namespace {

template <Rounding R>
KernelInfo rounded_kernel(TypeKind kind) {
    if (kind == TypeKind::kDouble) {
        return strict(run_double_round<R>);
    }
    return kind == TypeKind::kDecimal ? fallible(run_decimal_step<R>) : floor_kernel(kind);
}

template <Rounding R>
KernelInfo rounded_to_kernel(TypeKind kind) {
    if (kind == TypeKind::kInt) {
        return fallible(run_integer_round_to<std::int32_t, R>);
    }
    if (kind == TypeKind::kBigint) {
        return fallible(run_integer_round_to<std::int64_t, R>);
    }
    return kind == TypeKind::kDouble ? strict(run_double_round_to<R>)
                                     : fallible(run_decimal_round_to<R>);
}

}  // namespace

KernelInfo round_kernel(TypeKind kind) {
    return rounded_kernel<Rounding::kTiesUp>(kind);
}
KernelInfo round_to_kernel(TypeKind kind) {
    return rounded_to_kernel<Rounding::kTiesUp>(kind);
}
KernelInfo trunc_kernel(TypeKind kind) {
    return rounded_kernel<Rounding::kTowardsZero>(kind);
}
KernelInfo trunc_to_kernel(TypeKind kind) {
    return rounded_to_kernel<Rounding::kTowardsZero>(kind);
}

KernelInfo extreme_kernel(bool greatest) {
    return {greatest ? run_extreme<true> : run_extreme<false>, NullPolicy::kOwn, false, true};
}

}  // namespace millrace::operators
