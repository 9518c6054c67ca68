// Aggregates of numbers: CORRELATION, STDDEV_SAMP, STDDEV_SAMPLE, SUM_LIST.

#include <cmath>

#include "operators/expression/aggregate_kernels.h"

namespace millrace::operators {

namespace {

struct CorrelationState {
    std::int64_t count = 0;
    double x = 0;
    double y = 0;
    double xx = 0;
    double yy = 0;
    double xy = 0;
    std::size_t heap = 0;
};

struct Correlation {
    using State = CorrelationState;
    static constexpr bool kCanUndo = true;

    static bool accepts(const AggregateParams& params) {
        return params.args.size() == 2 && params.args[0].is_numeric() &&
               params.args[1].is_numeric();
    }
    static DataType result(const AggregateParams&) { return TypeKind::kDouble; }
    static void add(State& state, const AggregateRow& row) { change(state, row, 1); }
    static void undo(State& state, const AggregateRow& row) { change(state, row, -1); }
    static void merge(State& into, const State& from, const AggregateParams&) {
        into.count += from.count;
        into.x += from.x;
        into.y += from.y;
        into.xx += from.xx;
        into.yy += from.yy;
        into.xy += from.xy;
    }
    static void write(const State& state,
                      const AggregateParams&,
                      ColumnBuilder& out,
                      std::uint32_t at) {
        const auto n = static_cast<double>(state.count);
        const double covariance = n * state.xy - state.x * state.y;
        const double spread_x = n * state.xx - state.x * state.x;
        const double spread_y = n * state.yy - state.y * state.y;
        out.set(at, covariance / (std::sqrt(spread_x) * std::sqrt(spread_y)));
    }
    static void save(const State& state, Buffer& out) {
        out.append_le(state.count);
        for (const double sum : {state.x, state.y, state.xx, state.yy, state.xy}) {
            out.append_le(sum);
        }
    }
    static bool load(State& state, Cursor& in, const AggregateParams&, std::int64_t&) {
        state.count = in.read_le<std::int64_t>();
        for (double* sum : {&state.x, &state.y, &state.xx, &state.yy, &state.xy}) {
            *sum = in.read_le<double>();
        }
        return in.ok();
    }

  private:
    static void change(State& state, const AggregateRow& row, int sign) {
        if (!row.is_valid(0) || !row.is_valid(1)) {
            return;
        }
        const double x = double_at(*row.args[0], row.row);
        const double y = double_at(*row.args[1], row.row);
        state.count += sign;
        state.x += sign * x;
        state.y += sign * y;
        state.xx += sign * x * x;
        state.yy += sign * y * y;
        state.xy += sign * x * y;
    }
};

/// The sum of squared distances from the mean, kept up to date from value to value.
struct SpreadState {
    std::int64_t count = 0;
    double sum = 0;
    double squares = 0;
    std::size_t heap = 0;
};

/// STDDEV_SAMP gives the variance, as ksqlDB's does; STDDEV_SAMPLE its root.
template <bool kIsRoot>
struct Spread {
    using State = SpreadState;
    static constexpr bool kCanUndo = true;

    static bool accepts(const AggregateParams& params) {
        return params.args.size() == 1 && params.args[0].is_numeric();
    }
    static DataType result(const AggregateParams&) { return TypeKind::kDouble; }
    /// What the n-th value adds to the squares when the sum with it is `sum`.
    static double growth(std::int64_t n, double value, double sum) {
        const auto count = static_cast<double>(n);
        const double distance = count * value - sum;
        return n < 2 ? 0 : distance * distance / (count * (count - 1));
    }
    static void add(State& state, const AggregateRow& row) {
        if (!row.is_valid(0)) {
            return;
        }
        const double value = double_at(*row.args[0], row.row);
        ++state.count;
        state.sum += value;
        state.squares += growth(state.count, value, state.sum);
    }
    static void undo(State& state, const AggregateRow& row) {
        if (!row.is_valid(0)) {
            return;
        }
        const double value = double_at(*row.args[0], row.row);
        state.squares -= growth(state.count, value, state.sum);
        state.sum -= value;
        --state.count;
        if (state.count < 2) {
            state.squares = 0;
        }
    }
    static void merge(State& into, const State& from, const AggregateParams&) {
        if (from.count == 0) {
            return;
        }
        if (into.count == 0) {
            into = from;
            return;
        }
        const auto n = static_cast<double>(into.count);
        const auto m = static_cast<double>(from.count);
        const double distance = m / n * into.sum - from.sum;
        into.squares += from.squares + n / (m * (m + n)) * distance * distance;
        into.count += from.count;
        into.sum += from.sum;
    }
    static void write(const State& state,
                      const AggregateParams&,
                      ColumnBuilder& out,
                      std::uint32_t at) {
        const double variance =
            state.count < 2 ? 0 : state.squares / static_cast<double>(state.count - 1);
        out.set(at, kIsRoot ? std::sqrt(variance) : variance);
    }
    static void save(const State& state, Buffer& out) {
        out.append_le(state.count);
        out.append_le(state.sum);
        out.append_le(state.squares);
    }
    static bool load(State& state, Cursor& in, const AggregateParams&, std::int64_t&) {
        state.count = in.read_le<std::int64_t>();
        state.sum = in.read_le<double>();
        state.squares = in.read_le<double>();
        return in.ok();
    }
};

struct ListSumState {
    Int128 whole = 0;  // of integers and DECIMALs
    double real = 0;   // of DOUBLEs
    std::size_t heap = 0;
};

struct SumList {
    using State = ListSumState;
    static constexpr bool kCanUndo = true;

    static bool accepts(const AggregateParams& params) {
        return params.args.size() == 1 && params.args[0].is(TypeKind::kArray) &&
               params.args[0].children()[0].type.is_numeric();
    }
    static DataType result(const AggregateParams& params) {
        return params.args[0].children()[0].type;
    }
    static void add(State& state, const AggregateRow& row) { change(state, row, 1); }
    static void undo(State& state, const AggregateRow& row) { change(state, row, -1); }
    static void merge(State& into, const State& from, const AggregateParams& params) {
        into.real += from.real;
        Int128 sum = 0;
        if (!__builtin_add_overflow(into.whole, from.whole, &sum) && fits(sum, params.result)) {
            into.whole = sum;
        }
    }
    static void write(const State& state,
                      const AggregateParams& params,
                      ColumnBuilder& out,
                      std::uint32_t at) {
        if (params.result.is(TypeKind::kDouble)) {
            out.set(at, state.real);
        } else if (params.result.is(TypeKind::kDecimal)) {
            out.set(at, state.whole);
        } else if (params.result.is(TypeKind::kInt)) {
            out.set(at, static_cast<std::int32_t>(state.whole));
        } else {
            out.set(at, static_cast<std::int64_t>(state.whole));
        }
    }
    static void save(const State& state, Buffer& out) {
        out.append_le(state.whole);
        out.append_le(state.real);
    }
    static bool load(State& state, Cursor& in, const AggregateParams&, std::int64_t&) {
        state.whole = in.read_le<Int128>();
        state.real = in.read_le<double>();
        return in.ok();
    }

  private:
    static bool fits(Int128 sum, const DataType& type) {
        if (type.is(TypeKind::kDecimal)) {
            Int128 limit = 1;
            for (int i = 0; i < type.precision(); ++i) {
                limit *= 10;
            }
            return sum < limit && sum > -limit;
        }
        return type.is(TypeKind::kInt) ? sum >= std::numeric_limits<std::int32_t>::min() &&
                                             sum <= std::numeric_limits<std::int32_t>::max()
                                       : sum >= std::numeric_limits<std::int64_t>::min() &&
                                             sum <= std::numeric_limits<std::int64_t>::max();
    }
    static Int128 whole_at(const Column& column, std::uint32_t i) {
        if (column.type().is(TypeKind::kInt)) {
            return column.at<std::int32_t>(i);
        }
        return column.type().is(TypeKind::kBigint) ? Int128{column.at<std::int64_t>(i)}
                                                   : column.at<Int128>(i);
    }
    static void change(State& state, const AggregateRow& row, int sign) {
        const Column& column = *row.args[0];
        if (!row.is_valid(0)) {
            return;
        }
        const std::uint32_t slot = column.slot(row.row);
        const auto* offsets = column.values<std::uint32_t>();
        const Column& elements = *column.children()[0];
        for (std::uint32_t i = offsets[slot]; i < offsets[slot + 1]; ++i) {
            if (!elements.is_valid(i)) {
                continue;
            }
            if (elements.type().is(TypeKind::kDouble)) {
                state.real += sign * elements.at<double>(i);
                continue;
            }
            Int128 sum = 0;
            if (__builtin_add_overflow(state.whole, sign * whole_at(elements, i), &sum) ||
                !fits(sum, row.params.result)) {
                row.fail("sum overflows and leaves this value out: " +
                         row.params.result.to_string());
            } else {
                state.whole = sum;
            }
        }
    }
};

}  // namespace

void add_statistics_aggregates(std::vector<AggregateFunction>& table) {
    table.push_back(make_aggregate_function<Correlation>(
        "CORRELATION", "two numbers", "Pearson's correlation of two columns"));
    table.push_back(make_aggregate_function<Spread<false>>(
        "STDDEV_SAMP",
        "a number",
        "the variance of the sample, as ksqlDB's function of this name"));
    table.push_back(make_aggregate_function<Spread<true>>(
        "STDDEV_SAMPLE", "a number", "the standard deviation of the sample"));
    table.push_back(make_aggregate_function<SumList>(
        "SUM_LIST", "ARRAY of a number", "the sum of all elements of all arrays"));
}

}  // namespace millrace::operators
