#include "operators/expression/cast_kernels.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>

#include "core/row/value.h"
#include "operators/expression/nested_kernels.h"
#include "operators/expression/temporal_text.h"
#include "operators/expression/wide_decimal.h"

namespace millrace::operators {

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') {
        text.remove_prefix(1);
    }
    while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') {
        text.remove_suffix(1);
    }
    return text;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower[i]) {
            return false;
        }
    }
    return true;
}

bool is_prefix_ignoring_case(std::string_view text, std::string_view of) {
    return !text.empty() && text.size() <= of.size() &&
           equals_ignoring_case(text, of.substr(0, text.size()));
}

std::string quoted(std::string_view text) {
    constexpr std::size_t kShown = 100;
    return "'" + std::string(text.substr(0, kShown)) + (text.size() > kShown ? "...'" : "'");
}

void unreadable(const KernelCall& call, std::uint32_t row, std::string_view text) {
    call.fail(row, "not a " + call.type->to_string() + ": " + quoted(text));
}

/// Java's narrowing: NaN is 0, too large and too small stop at the ends.
template <class To>
To saturate(double value) {
    if (std::isnan(value)) {
        return 0;
    }
    // The largest integer is no double; the power of two above it is.
    constexpr double kEnd = -2.0 * static_cast<double>(std::numeric_limits<To>::min() / 2);
    if (value >= kEnd) {
        return std::numeric_limits<To>::max();
    }
    return value < -kEnd ? std::numeric_limits<To>::min() : static_cast<To>(value);
}

template <class From, class To>
To convert(From value) {
    if constexpr (std::is_same_v<From, double> && !std::is_same_v<To, double>) {
        return saturate<To>(value);
    } else {
        return static_cast<To>(value);
    }
}

template <class From, class To>
void run_number(KernelCall& call) {
    To* out = call.out<To>();
    if (call.rows.is_dense() && !call.args[0].is_constant) {
        const auto* from = static_cast<const From*>(call.args[0].values);
        for (std::uint32_t i = 0; i < call.rows.size; ++i) {
            out[i] = convert<From, To>(from[i]);
        }
        return;
    }
    const Reader<From> from(call.args[0]);
    call.rows.for_each([&](std::uint32_t row) { out[row] = convert<From, To>(from[row]); });
}

template <class To>
void run_decimal_to_integer(KernelCall& call) {
    const Reader<Int128> from(call.args[0]);
    const Int128 unit = power_of_ten(call.args[0].type->scale());
    To* out = call.out<To>();
    call.for_each_valid([&](std::uint32_t row) {
        out[row] = static_cast<To>(
            static_cast<std::make_unsigned_t<To>>(static_cast<UInt128>(from[row] / unit)));
    });
}

void run_decimal_to_double(KernelCall& call) {
    const Reader<Int128> from(call.args[0]);
    const int scale = call.args[0].type->scale();
    auto* out = call.out<double>();
    call.for_each_valid([&](std::uint32_t row) { out[row] = decimal_to_double(from[row], scale); });
}

void store_decimal(
    const KernelCall& call, std::uint32_t row, Int128 unscaled, int scale, std::string_view what) {
    const auto result = rescale(unscaled, scale, call.type->scale());
    if (!result || !fits(*result, call.type->precision())) {
        call.fail(row, std::string(what) + " does not fit into " + call.type->to_string());
        return;
    }
    call.out<Int128>()[row] = *result;
}

template <class From>
void run_integer_to_decimal(KernelCall& call) {
    const Reader<From> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        const auto result = rescale(from[row], 0, call.type->scale());
        if (!result || !fits(*result, call.type->precision())) {
            call.fail(row,
                      std::to_string(from[row]) + " does not fit into " + call.type->to_string());
            return;
        }
        call.out<Int128>()[row] = *result;
    });
}

void run_decimal_to_decimal(KernelCall& call) {
    const Reader<Int128> from(call.args[0]);
    const int scale = call.args[0].type->scale();
    call.for_each_valid([&](std::uint32_t row) {
        const auto result = rescale(from[row], scale, call.type->scale());
        if (!result || !fits(*result, call.type->precision())) {
            call.fail(row,
                      Decimal{from[row], static_cast<std::uint8_t>(scale)}.to_string() +
                          " does not fit into " + call.type->to_string());
            return;
        }
        call.out<Int128>()[row] = *result;
    });
}

void run_double_to_decimal(KernelCall& call) {
    const Reader<double> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        // Through the shortest text: 0.1 is 0.1 and not 0.1000000000000000055.
        const std::string text = double_to_text(from[row]);
        const auto parsed = Decimal::parse(text);
        if (!parsed.ok()) {
            // Digits far behind the point are zero at any scale.
            if (std::abs(from[row]) < 1e-39) {
                call.out<Int128>()[row] = 0;
            } else {
                call.fail(row, text + " does not fit into " + call.type->to_string());
            }
            return;
        }
        store_decimal(call, row, parsed.value().unscaled, parsed.value().scale, text);
    });
}

template <class To>
void run_text_to_integer(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        const auto value = parse_integer(from[row].view());
        if (!value || *value < std::numeric_limits<To>::min() ||
            *value > std::numeric_limits<To>::max()) {
            unreadable(call, row, from[row].view());
            return;
        }
        call.out<To>()[row] = static_cast<To>(*value);
    });
}

void run_text_to_double(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        const auto value = parse_double(from[row].view());
        if (!value) {
            unreadable(call, row, from[row].view());
            return;
        }
        call.out<double>()[row] = *value;
    });
}

void run_text_to_decimal(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        const std::string_view text = from[row].view();
        const auto parsed = Decimal::parse(trimmed(text));
        if (!parsed.ok()) {
            unreadable(call, row, text);
            return;
        }
        store_decimal(call, row, parsed.value().unscaled, parsed.value().scale, quoted(text));
    });
}

void run_text_to_boolean(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        call.out<std::uint8_t>()[row] = parse_boolean(from[row].view()).value_or(false) ? 1 : 0;
    });
}

template <class T, auto Parse>
void run_text_to_temporal(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        const auto value = Parse(from[row].view());
        if (!value) {
            unreadable(call, row, from[row].view());
            return;
        }
        call.out<T>()[row] = *value;
    });
}

template <class T, auto Write>
void run_temporal_to_text(KernelCall& call) {
    const Reader<T> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        char text[kTemporalTextMax];
        call.set_text(row, {text, Write(text, from[row])});
    });
}

template <class T>
void run_integer_to_text(KernelCall& call) {
    const Reader<T> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        char text[24];
        const auto end = std::to_chars(text, text + sizeof text, from[row]);
        call.set_text(row, {text, static_cast<std::size_t>(end.ptr - text)});
    });
}

void run_double_to_text(KernelCall& call) {
    const Reader<double> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) { call.set_text(row, double_to_text(from[row])); });
}

void run_decimal_to_text(KernelCall& call) {
    const Reader<Int128> from(call.args[0]);
    const std::uint8_t scale = call.args[0].type->scale();
    call.for_each_valid([&](std::uint32_t row) {
        call.set_text(row, Decimal{from[row], scale}.to_string());
    });
}

void run_boolean_to_text(KernelCall& call) {
    const Reader<std::uint8_t> from(call.args[0]);
    call.for_each_valid(
        [&](std::uint32_t row) { call.set_text(row, from[row] != 0 ? "true" : "false"); });
}

void run_date_to_timestamp(KernelCall& call) {
    const Reader<std::int32_t> from(call.args[0]);
    call.for_each_valid(
        [&](std::uint32_t row) { call.out<std::int64_t>()[row] = from[row] * kMsPerDay; });
}

void run_timestamp_to_date(KernelCall& call) {
    const Reader<std::int64_t> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        call.out<std::int32_t>()[row] = static_cast<std::int32_t>(floor_div(from[row], kMsPerDay));
    });
}

void run_timestamp_to_time(KernelCall& call) {
    const Reader<std::int64_t> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        const std::int64_t days = floor_div(from[row], kMsPerDay);
        call.out<std::int32_t>()[row] = static_cast<std::int32_t>(from[row] - days * kMsPerDay);
    });
}

KernelInfo strict(Kernel run) {
    return {run};
}
KernelInfo fallible(Kernel run) {
    return {run, NullPolicy::kStrict, true};
}

template <class From>
KernelInfo from_integer(TypeKind to) {
    switch (to) {
        case TypeKind::kInt:
            return strict(run_number<From, std::int32_t>);
        case TypeKind::kBigint:
            return strict(run_number<From, std::int64_t>);
        case TypeKind::kDouble:
            return strict(run_number<From, double>);
        case TypeKind::kDecimal:
            return fallible(run_integer_to_decimal<From>);
        case TypeKind::kString:
            return strict(run_integer_to_text<From>);
        case TypeKind::kBoolean:
        case TypeKind::kBytes:
        case TypeKind::kDate:
        case TypeKind::kTime:
        case TypeKind::kTimestamp:
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return {};
}

KernelInfo from_double(TypeKind to) {
    switch (to) {
        case TypeKind::kInt:
            return strict(run_number<double, std::int32_t>);
        case TypeKind::kBigint:
            return strict(run_number<double, std::int64_t>);
        case TypeKind::kDecimal:
            return fallible(run_double_to_decimal);
        case TypeKind::kString:
            return strict(run_double_to_text);
        case TypeKind::kDouble:
        case TypeKind::kBoolean:
        case TypeKind::kBytes:
        case TypeKind::kDate:
        case TypeKind::kTime:
        case TypeKind::kTimestamp:
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return {};
}

KernelInfo from_decimal(TypeKind to) {
    switch (to) {
        case TypeKind::kInt:
            return strict(run_decimal_to_integer<std::int32_t>);
        case TypeKind::kBigint:
            return strict(run_decimal_to_integer<std::int64_t>);
        case TypeKind::kDouble:
            return strict(run_decimal_to_double);
        case TypeKind::kDecimal:
            return fallible(run_decimal_to_decimal);
        case TypeKind::kString:
            return strict(run_decimal_to_text);
        case TypeKind::kBoolean:
        case TypeKind::kBytes:
        case TypeKind::kDate:
        case TypeKind::kTime:
        case TypeKind::kTimestamp:
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return {};
}

KernelInfo from_text(TypeKind to) {
    switch (to) {
        case TypeKind::kBoolean:
            return strict(run_text_to_boolean);
        case TypeKind::kInt:
            return fallible(run_text_to_integer<std::int32_t>);
        case TypeKind::kBigint:
            return fallible(run_text_to_integer<std::int64_t>);
        case TypeKind::kDouble:
            return fallible(run_text_to_double);
        case TypeKind::kDecimal:
            return fallible(run_text_to_decimal);
        case TypeKind::kDate:
            return fallible(run_text_to_temporal<std::int32_t, parse_date>);
        case TypeKind::kTime:
            return fallible(run_text_to_temporal<std::int32_t, parse_time>);
        case TypeKind::kTimestamp:
            return fallible(run_text_to_temporal<std::int64_t, parse_timestamp>);
        case TypeKind::kString:
        case TypeKind::kBytes:
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return {};
}

KernelInfo from_timestamp(TypeKind to) {
    if (to == TypeKind::kString) {
        return strict(run_temporal_to_text<std::int64_t, write_timestamp>);
    }
    return strict(to == TypeKind::kDate ? run_timestamp_to_date : run_timestamp_to_time);
}

}  // namespace

std::optional<bool> parse_boolean(std::string_view text) {
    if (is_prefix_ignoring_case(text, "true") || is_prefix_ignoring_case(text, "yes")) {
        return true;
    }
    if (is_prefix_ignoring_case(text, "false") || is_prefix_ignoring_case(text, "no")) {
        return false;
    }
    return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    text = trimmed(text);
    if (text.size() > 1 && text[0] == '+' && text[1] >= '0' && text[1] <= '9') {
        text.remove_prefix(1);
    }
    std::int64_t value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || end.ec != std::errc{} || end.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::optional<double> parse_double(std::string_view text) {
    text = trimmed(text);
    bool is_negative = false;
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
        is_negative = text[0] == '-';
        text.remove_prefix(1);
    }
    double value = 0;
    if (text == "NaN") {
        value = std::numeric_limits<double>::quiet_NaN();
    } else if (text == "Infinity") {
        value = std::numeric_limits<double>::infinity();
    } else if (!text.empty() && (text[0] == '.' || (text[0] >= '0' && text[0] <= '9'))) {
        const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
        if (end.ptr != text.data() + text.size()) {
            return std::nullopt;
        }
        if (end.ec == std::errc::result_out_of_range) {
            // Too large is infinite and too small is zero; the exponent's sign tells them apart.
            const std::size_t e = text.find_first_of("eE");
            const bool is_small = e != std::string_view::npos && e + 1 < text.size()
                                      ? text[e + 1] == '-'
                                      : text[0] == '0' || text[0] == '.';
            value = is_small ? 0 : std::numeric_limits<double>::infinity();
        } else if (end.ec != std::errc{}) {
            return std::nullopt;
        }
    } else {
        return std::nullopt;
    }
    return is_negative ? -value : value;
}

KernelInfo cast_kernel(const DataType& from, const DataType& to) {
    if (from.is_nested()) {
        return nested_text_kernel();  // the compiler takes nested to nested apart
    }
    switch (from.kind()) {
        case TypeKind::kBoolean:
            return strict(run_boolean_to_text);
        case TypeKind::kInt:
            return from_integer<std::int32_t>(to.kind());
        case TypeKind::kBigint:
            return from_integer<std::int64_t>(to.kind());
        case TypeKind::kDouble:
            return from_double(to.kind());
        case TypeKind::kDecimal:
            return from_decimal(to.kind());
        case TypeKind::kString:
            return from_text(to.kind());
        case TypeKind::kDate:
            return to.is(TypeKind::kTimestamp)
                       ? strict(run_date_to_timestamp)
                       : strict(run_temporal_to_text<std::int32_t, write_date>);
        case TypeKind::kTime:
            return strict(run_temporal_to_text<std::int32_t, write_time>);
        case TypeKind::kTimestamp:
            return from_timestamp(to.kind());
        case TypeKind::kBytes:
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return {};
}

}  // namespace millrace::operators
