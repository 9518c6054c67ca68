#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "core/base/env.h"
#include "operators/functions/function_table.h"
#include "operators/functions/math_kernels.h"
#include "operators/functions/utf8.h"

namespace millrace::operators {

namespace {

/// A kernel for a function of one DOUBLE.
template <double (*F)(double)>
void run_one(KernelCall& call) {
    const Reader<double> from(call.args[0]);
    double* const out = call.out<double>();
    call.for_each_valid([&](std::uint32_t row) { out[row] = F(from[row]); });
}
template <double (*F)(double, double)>
void run_two(KernelCall& call) {
    const Reader<double> first(call.args[0]);
    const Reader<double> second(call.args[1]);
    double* const out = call.out<double>();
    call.for_each_valid([&](std::uint32_t row) { out[row] = F(first[row], second[row]); });
}

double cotangent(double x) {
    return 1.0 / std::tan(x);
}
/// glibc's own for DOUBLE is off by a last digit where the root is exact.
double cube_root(double x) {
    return static_cast<double>(std::cbrt(static_cast<long double>(x)));
}
double degrees(double x) {
    return x * 180.0 / std::numbers::pi;
}
double radians(double x) {
    return x / 180.0 * std::numbers::pi;
}
double log_of_base(double base, double value) {
    if (base <= 0 || base == 1) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    return std::log(value) / std::log(base);
}

void run_pi(KernelCall& call) {
    call.rows.for_each([&](std::uint32_t row) { call.out<double>()[row] = std::numbers::pi; });
}

void run_random(KernelCall& call) {
    call.rows.for_each([&](std::uint32_t row) {
        if (call.env == nullptr) {
            call.fail(row, "RANDOM() has no value outside of a query");
            return;
        }
        // 53 bits: every double in [0, 1) that is a multiple of 2^-53.
        call.out<double>()[row] = static_cast<double>(call.env->random.next() >> 11) * 0x1p-53;
    });
}

constexpr double kEarthKm = 6371;
constexpr double kEarthMiles = 3959;

/// (latitude, longitude) of two places in degrees, on a sphere.
double haversine(double lat1, double lon1, double lat2, double lon2) {
    const double north = std::sin(radians(lat2 - lat1) / 2);
    const double east = std::sin(radians(lon2 - lon1) / 2);
    const double half =
        north * north + east * east * std::cos(radians(lat1)) * std::cos(radians(lat2));
    return 2 * std::asin(std::sqrt(half));
}

/// The radius in a unit; 0: no such unit.
double radius_in(std::string_view unit) {
    std::string lower;
    for (const char c : unit) {
        lower += ascii_lower(c);
    }
    if (lower.starts_with("km") || lower.starts_with("kilomet")) {
        return kEarthKm;
    }
    return lower.starts_with("mi") ? kEarthMiles : 0;
}

void run_distance(KernelCall& call) {
    call.rows.for_each([&](std::uint32_t row) {
        double at[4];
        for (std::size_t i = 0; i < 4; ++i) {
            if (!call.args[i].is_valid(row)) {
                call.set_null(row);
                return;
            }
            at[i] = Reader<double>(call.args[i])[row];
            const double limit = i % 2 == 0 ? 90 : 180;
            if (std::abs(at[i]) > limit) {
                call.fail(row,
                          i % 2 == 0 ? "a latitude lies between -90 and 90"
                                     : "a longitude lies between -180 and 180");
                return;
            }
        }
        double radius = kEarthKm;
        if (call.args.size() > 4 && call.args[4].is_valid(row)) {
            radius = radius_in(Reader<StringRef>(call.args[4])[row].view());
        }
        if (radius == 0) {
            call.fail(row, "the unit of GEO_DISTANCE is 'KM' or 'MILES'");
            return;
        }
        call.out<double>()[row] = radius * haversine(at[0], at[1], at[2], at[3]);
    });
}

DataType first_type(std::span<const DataType> args) {
    return args[0];
}
DataType whole_decimal(std::span<const DataType> args) {
    return DataType::decimal(
        static_cast<std::uint8_t>(std::max(1, args[0].precision() - args[0].scale())), 0);
}

/// A function that keeps its argument's type.
std::vector<OverloadSpec> same_type(KernelInfo (*kernel)(TypeKind)) {
    return {{"INTEGER -> INTEGER", kernel(TypeKind::kInt)},
            {"BIGINT -> BIGINT", kernel(TypeKind::kBigint)},
            {"DECIMAL -> DECIMAL", kernel(TypeKind::kDecimal), first_type},
            {"DOUBLE -> DOUBLE", kernel(TypeKind::kDouble)}};
}

/// ROUND and TRUNC, without and with a number of digits.
std::vector<OverloadSpec> rounding(KernelInfo (*whole)(TypeKind), KernelInfo (*to)(TypeKind)) {
    return {{"INTEGER -> INTEGER", whole(TypeKind::kInt)},
            {"BIGINT -> BIGINT", whole(TypeKind::kBigint)},
            {"DECIMAL -> DECIMAL", whole(TypeKind::kDecimal), whole_decimal},
            {"DOUBLE -> BIGINT", whole(TypeKind::kDouble)},
            {"INTEGER, INTEGER -> INTEGER", to(TypeKind::kInt)},
            {"BIGINT, INTEGER -> BIGINT", to(TypeKind::kBigint)},
            {"DECIMAL, INTEGER -> DECIMAL", to(TypeKind::kDecimal), first_type},
            {"DOUBLE, INTEGER -> DOUBLE", to(TypeKind::kDouble)}};
}

std::vector<OverloadSpec> extremes(bool greatest) {
    const KernelInfo kernel = extreme_kernel(greatest);
    return {{"INTEGER... -> INTEGER", kernel},
            {"BIGINT... -> BIGINT", kernel},
            {"DECIMAL... -> DECIMAL", kernel, first_type},
            {"DOUBLE... -> DOUBLE", kernel},
            {"STRING... -> STRING", kernel},
            {"BYTES... -> BYTES", kernel},
            {"DATE... -> DATE", kernel},
            {"TIME... -> TIME", kernel},
            {"TIMESTAMP... -> TIMESTAMP", kernel}};
}

template <double (*F)(double)>
FunctionSpec of_double(std::string_view name,
                       std::string_view description,
                       std::string_view example,
                       std::string_view result) {
    return {name, description, example, result, {{"DOUBLE -> DOUBLE", strict(run_one<F>)}}};
}

}  // namespace

FunctionFamily math_functions() {
    return {
        "Maths",
        {{"ABS", "The absolute value.", "ABS(-3)", "3", same_type(abs_kernel)},
         of_double<std::acos>("ACOS", "The arc cosine, in radians.", "ACOS(1)", "0.0"),
         of_double<std::asin>("ASIN", "The arc sine, in radians.", "ASIN(0)", "0.0"),
         of_double<std::atan>("ATAN", "The arc tangent, in radians.", "ATAN(0)", "0.0"),
         {"ATAN2",
          "The angle of the point (x, y), given y and x, in radians.",
          "ATAN2(0, 1)",
          "0.0",
          {{"DOUBLE, DOUBLE -> DOUBLE", strict(run_two<std::atan2>)}}},
         of_double<cube_root>("CBRT", "The cube root.", "CBRT(27)", "3.0"),
         {"CEIL", "The least whole number not below.", "CEIL(1.2)", "2.0", same_type(ceil_kernel)},
         of_double<std::cos>("COS", "The cosine of an angle in radians.", "COS(0)", "1.0"),
         of_double<std::cosh>("COSH", "The hyperbolic cosine.", "COSH(0)", "1.0"),
         of_double<cotangent>("COT", "The cotangent of an angle in radians.", "COT(0)", "Infinity"),
         of_double<degrees>("DEGREES", "Radians in degrees.", "DEGREES(0)", "0.0"),
         of_double<std::exp>("EXP", "e to the power of the argument.", "EXP(0)", "1.0"),
         {"FLOOR",
          "The greatest whole number not above.",
          "FLOOR(-1.2)",
          "-2.0",
          same_type(floor_kernel)},
         {"GEO_DISTANCE",
          "The distance of two places, each a latitude and a longitude in degrees, on a sphere as "
          "big as the earth: in 'KM' (the default) or 'MILES'.",
          "ROUND(GEO_DISTANCE(37.4, -122.1, 51.5, -0.1), 1)",
          "8638.3",
          {{"DOUBLE, DOUBLE, DOUBLE, DOUBLE -> DOUBLE", null_aware_fallible(run_distance)},
           {"DOUBLE, DOUBLE, DOUBLE, DOUBLE, STRING -> DOUBLE",
            null_aware_fallible(run_distance)}}},
         {"GREATEST",
          "The greatest argument, NULLs left out.",
          "GREATEST(1, NULL, 3)",
          "3",
          extremes(true)},
         {"LEAST", "The least argument, NULLs left out.", "LEAST('b', 'a')", "a", extremes(false)},
         of_double<std::log>("LN", "The natural logarithm.", "LN(1)", "0.0"),
         {"LOG",
          "The natural logarithm; of two arguments, that of the second to the first as base.",
          "LOG(2, 8)",
          "3.0",
          {{"DOUBLE -> DOUBLE", strict(run_one<std::log>)},
           {"DOUBLE, DOUBLE -> DOUBLE", strict(run_two<log_of_base>)}}},
         {"PI", "The number pi.", "ROUND(PI(), 4)", "3.1416", {{"-> DOUBLE", strict(run_pi)}}},
         {"POWER",
          "The first argument to the power of the second.",
          "POWER(2, 10)",
          "1024.0",
          {{"DOUBLE, DOUBLE -> DOUBLE", strict(run_two<std::pow>)}}},
         of_double<radians>("RADIANS", "Degrees in radians.", "RADIANS(0)", "0.0"),
         {"RANDOM",
          "A random number from 0 to 1, another one at every row.",
          "RANDOM() < 1",
          "true",
          {{"-> DOUBLE", drawn(run_random)}}},
         {"ROUND",
          "Rounded to digits behind the point; ties go up. Without digits to a whole number, a "
          "BIGINT for a DOUBLE.",
          "ROUND(2.345, 2)",
          "2.350",
          rounding(round_kernel, round_to_kernel)},
         {"SIGN",
          "-1, 0 or 1.",
          "SIGN(-2.5)",
          "-1",
          {{"INTEGER -> INTEGER", sign_kernel(TypeKind::kInt)},
           {"BIGINT -> INTEGER", sign_kernel(TypeKind::kBigint)},
           {"DECIMAL -> INTEGER", sign_kernel(TypeKind::kDecimal)},
           {"DOUBLE -> INTEGER", sign_kernel(TypeKind::kDouble)}}},
         of_double<std::sin>("SIN", "The sine of an angle in radians.", "SIN(0)", "0.0"),
         of_double<std::sinh>("SINH", "The hyperbolic sine.", "SINH(0)", "0.0"),
         of_double<std::sqrt>("SQRT", "The square root.", "SQRT(16)", "4.0"),
         of_double<std::tan>("TAN", "The tangent of an angle in radians.", "TAN(0)", "0.0"),
         of_double<std::tanh>("TANH", "The hyperbolic tangent.", "TANH(0)", "0.0"),
         {"TRUNC",
          "Cut to digits behind the point. Without digits to a whole number, a BIGINT for a "
          "DOUBLE.",
          "TRUNC(-2.345, 2)",
          "-2.340",
          rounding(trunc_kernel, trunc_to_kernel)}}};
}

}  // namespace millrace::operators
