#include "operators/expression/arithmetic_kernels.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include "operators/expression/wide_decimal.h"

namespace millrace::operators {

namespace {

template <ArithmeticOp Op, class T>
T wrapping(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
        using U = std::make_unsigned_t<T>;
        const U x = static_cast<U>(a);
        const U y = static_cast<U>(b);
        // uint32 products are computed in 64 bits, so that no promotion to int can overflow.
        switch (Op) {
            case ArithmeticOp::kAdd:
                return static_cast<T>(static_cast<U>(x + y));
            case ArithmeticOp::kSubtract:
                return static_cast<T>(static_cast<U>(x - y));
            case ArithmeticOp::kMultiply:
                return static_cast<T>(static_cast<U>(std::uint64_t{x} * std::uint64_t{y}));
            case ArithmeticOp::kDivide:
            case ArithmeticOp::kModulo:
                break;
        }
        return 0;
    } else {
        switch (Op) {
            case ArithmeticOp::kAdd:
                return a + b;
            case ArithmeticOp::kSubtract:
                return a - b;
            case ArithmeticOp::kMultiply:
                return a * b;
            case ArithmeticOp::kDivide:
                return a / b;
            case ArithmeticOp::kModulo:
                return std::fmod(a, b);
        }
        return 0;
    }
}

/// Cannot trap, so it may as well run over rows nobody asked for: the loops vectorise.
template <ArithmeticOp Op, class T>
void run_plain(KernelCall& call) {
    T* out = call.out<T>();
    const Vector& left = call.args[0];
    const Vector& right = call.args[1];
    const auto* a = static_cast<const T*>(left.values);
    const auto* b = static_cast<const T*>(right.values);
    if (!call.rows.is_dense()) {
        const Reader<T> read_a(left);
        const Reader<T> read_b(right);
        call.rows.for_each(
            [&](std::uint32_t row) { out[row] = wrapping<Op, T>(read_a[row], read_b[row]); });
        return;
    }
    const std::uint32_t size = call.rows.size;
    if (right.is_constant) {
        const T constant = b[0];
        if (left.is_constant) {
            out[0] = wrapping<Op, T>(a[0], constant);
            return;
        }
        for (std::uint32_t i = 0; i < size; ++i) {
            out[i] = wrapping<Op, T>(a[i], constant);
        }
    } else if (left.is_constant) {
        const T constant = a[0];
        for (std::uint32_t i = 0; i < size; ++i) {
            out[i] = wrapping<Op, T>(constant, b[i]);
        }
    } else {
        for (std::uint32_t i = 0; i < size; ++i) {
            out[i] = wrapping<Op, T>(a[i], b[i]);
        }
    }
}

template <class T, bool IsModulo>
void run_integer_division(KernelCall& call) {
    const Reader<T> a(call.args[0]);
    const Reader<T> b(call.args[1]);
    T* out = call.out<T>();
    call.for_each_valid([&](std::uint32_t row) {
        const T x = a[row];
        const T y = b[row];
        if (y == 0) {
            call.fail(row, "division by zero: " + std::to_string(x) + (IsModulo ? " % 0" : " / 0"));
            return;
        }
        if (y == -1) {
            // The one quotient that does not fit wraps, as in Java; the machine would trap.
            out[row] = IsModulo ? T{0} : wrapping<ArithmeticOp::kSubtract, T>(0, x);
            return;
        }
        out[row] = static_cast<T>(IsModulo ? x % y : x / y);
    });
}

void decimal_overflow(const KernelCall& call, std::uint32_t row) {
    call.fail(row, "result does not fit into " + call.type->to_string());
}

template <bool IsSubtract>
void run_decimal_add(KernelCall& call) {
    const Reader<Int128> a(call.args[0]);
    const Reader<Int128> b(call.args[1]);
    const int a_scale = call.args[0].type->scale();
    const int b_scale = call.args[1].type->scale();
    const int sum_scale = a_scale > b_scale ? a_scale : b_scale;
    const int scale = call.type->scale();
    const int precision = call.type->precision();
    auto* out = call.out<Int128>();
    call.for_each_valid([&](std::uint32_t row) {
        const auto x = rescale(a[row], a_scale, sum_scale);
        const auto y = rescale(b[row], b_scale, sum_scale);
        Int128 sum = 0;
        const bool overflows = !x || !y ||
                               (IsSubtract ? __builtin_sub_overflow(*x, *y, &sum)
                                           : __builtin_add_overflow(*x, *y, &sum));
        const auto result = overflows ? std::nullopt : rescale(sum, sum_scale, scale);
        if (!result || !fits(*result, precision)) {
            decimal_overflow(call, row);
            return;
        }
        out[row] = *result;
    });
}

void run_decimal_multiply(KernelCall& call) {
    const Reader<Int128> a(call.args[0]);
    const Reader<Int128> b(call.args[1]);
    const int excess = call.args[0].type->scale() + call.args[1].type->scale() - call.type->scale();
    const int precision = call.type->precision();
    auto* out = call.out<Int128>();
    call.for_each_valid([&](std::uint32_t row) {
        const auto result = multiply_divide(a[row], b[row], power_of_ten(excess));
        if (!result || !fits(*result, precision)) {
            decimal_overflow(call, row);
            return;
        }
        out[row] = *result;
    });
}

void run_decimal_divide(KernelCall& call) {
    const Reader<Int128> a(call.args[0]);
    const Reader<Int128> b(call.args[1]);
    // a / 10^s1 / (b / 10^s2) * 10^s = a * 10^(s + s2 - s1) / b; the exponent can pass 38, then a
    // is widened first.
    const int shift = call.type->scale() + call.args[1].type->scale() - call.args[0].type->scale();
    const int early = shift > 38 ? shift - 38 : 0;
    const int precision = call.type->precision();
    auto* out = call.out<Int128>();
    call.for_each_valid([&](std::uint32_t row) {
        if (b[row] == 0) {
            call.fail(row, "division by zero");
            return;
        }
        const auto x = rescale(a[row], 0, early);
        const auto result = !x           ? std::nullopt
                            : shift >= 0 ? multiply_divide(*x, power_of_ten(shift - early), b[row])
                                         : multiply_divide(*x, 1, b[row]);
        const auto scaled = result && shift < 0 ? rescale(*result, -shift, 0) : result;
        if (!scaled || !fits(*scaled, precision)) {
            decimal_overflow(call, row);
            return;
        }
        out[row] = *scaled;
    });
}

void run_decimal_modulo(KernelCall& call) {
    const Reader<Int128> a(call.args[0]);
    const Reader<Int128> b(call.args[1]);
    const int a_scale = call.args[0].type->scale();
    const int b_scale = call.args[1].type->scale();
    const int scale = a_scale > b_scale ? a_scale : b_scale;
    const int precision = call.type->precision();
    auto* out = call.out<Int128>();
    call.for_each_valid([&](std::uint32_t row) {
        if (b[row] == 0) {
            call.fail(row, "division by zero");
            return;
        }
        const auto x = rescale(a[row], a_scale, scale);
        const auto y = rescale(b[row], b_scale, scale);
        const auto result = x && y ? rescale(*x % *y, scale, call.type->scale()) : std::nullopt;
        if (!result || !fits(*result, precision)) {
            decimal_overflow(call, row);
            return;
        }
        out[row] = *result;
    });
}

template <class T>
KernelInfo integer_kernel(ArithmeticOp op) {
    switch (op) {
        case ArithmeticOp::kAdd:
            return {run_plain<ArithmeticOp::kAdd, T>};
        case ArithmeticOp::kSubtract:
            return {run_plain<ArithmeticOp::kSubtract, T>};
        case ArithmeticOp::kMultiply:
            return {run_plain<ArithmeticOp::kMultiply, T>};
        case ArithmeticOp::kDivide:
            return {run_integer_division<T, false>, NullPolicy::kStrict, true};
        case ArithmeticOp::kModulo:
            return {run_integer_division<T, true>, NullPolicy::kStrict, true};
    }
    return {};
}

KernelInfo double_kernel(ArithmeticOp op) {
    switch (op) {
        case ArithmeticOp::kAdd:
            return {run_plain<ArithmeticOp::kAdd, double>};
        case ArithmeticOp::kSubtract:
            return {run_plain<ArithmeticOp::kSubtract, double>};
        case ArithmeticOp::kMultiply:
            return {run_plain<ArithmeticOp::kMultiply, double>};
        case ArithmeticOp::kDivide:
            return {run_plain<ArithmeticOp::kDivide, double>};
        case ArithmeticOp::kModulo:
            return {run_plain<ArithmeticOp::kModulo, double>};
    }
    return {};
}

KernelInfo decimal_kernel(ArithmeticOp op) {
    const auto fallible = [](Kernel run) { return KernelInfo{run, NullPolicy::kStrict, true}; };
    switch (op) {
        case ArithmeticOp::kAdd:
            return fallible(run_decimal_add<false>);
        case ArithmeticOp::kSubtract:
            return fallible(run_decimal_add<true>);
        case ArithmeticOp::kMultiply:
            return fallible(run_decimal_multiply);
        case ArithmeticOp::kDivide:
            return fallible(run_decimal_divide);
        case ArithmeticOp::kModulo:
            return fallible(run_decimal_modulo);
    }
    return {};
}

template <class T>
void run_negate(KernelCall& call) {
    const Reader<T> a(call.args[0]);
    T* out = call.out<T>();
    call.rows.for_each([&](std::uint32_t row) {
        if constexpr (std::is_same_v<T, double> || std::is_same_v<T, Int128>) {
            out[row] = -a[row];
        } else {
            out[row] = wrapping<ArithmeticOp::kSubtract, T>(0, a[row]);
        }
    });
}

}  // namespace

KernelInfo arithmetic_kernel(ArithmeticOp op, TypeKind kind) {
    if (kind == TypeKind::kInt) {
        return integer_kernel<std::int32_t>(op);
    }
    if (kind == TypeKind::kBigint) {
        return integer_kernel<std::int64_t>(op);
    }
    CHECK(kind == TypeKind::kDouble || kind == TypeKind::kDecimal);
    return kind == TypeKind::kDouble ? double_kernel(op) : decimal_kernel(op);
}

KernelInfo negate_kernel(TypeKind kind) {
    if (kind == TypeKind::kInt) {
        return {run_negate<std::int32_t>};
    }
    if (kind == TypeKind::kBigint) {
        return {run_negate<std::int64_t>};
    }
    CHECK(kind == TypeKind::kDouble || kind == TypeKind::kDecimal);
    return {kind == TypeKind::kDouble ? run_negate<double> : run_negate<Int128>};
}

}  // namespace millrace::operators
