#include "operators/expression/aggregate_functions.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <type_traits>

#include "core/base/result.h"
#include "operators/aggregate.h"

namespace millrace::operators {

namespace {

/// What a kernel knows of the argument's type.
struct ArgType {
    Int128 decimal_limit = 0;  // 10^precision
    double decimal_unit = 1;   // 10^scale
};

ArgType arg_type_of(const Column* arg) {
    ArgType type;
    if (arg != nullptr && arg->type().is(TypeKind::kDecimal)) {
        type.decimal_limit = 1;
        for (int i = 0; i < arg->type().precision(); ++i) {
            type.decimal_limit *= 10;
        }
        type.decimal_unit = std::pow(10.0, arg->type().scale());
    }
    return type;
}

// A function is a class with:
//   State               what a cell holds; Arg, Out: physical types of argument and result
//   add(state, value)   false when the value cannot be taken (the state is unchanged)
//   get(state, out)     false for NULL

struct CountStar {
    using State = std::int64_t;
    using Arg = void;
    using Out = std::int64_t;
    static constexpr bool kIsNullable = false;
    static bool get(const State& state, const ArgType&, Out& out) {
        out = state;
        return true;
    }
};

struct Count {
    using State = std::int64_t;
    using Arg = std::byte;  // only its presence counts
    using Out = std::int64_t;
    static constexpr bool kIsNullable = false;
    static bool get(const State& state, const ArgType&, Out& out) {
        out = state;
        return true;
    }
};

template <class T>
struct Sum {
    /// Widened to 8 bytes: states are multiples of that.
    using State = std::conditional_t<std::is_same_v<T, std::int32_t>, std::int64_t, T>;
    using Arg = T;
    using Out = T;
    static constexpr bool kIsNullable = false;
    static bool add(State& state, T value, const ArgType& type) {
        if constexpr (std::is_same_v<T, double>) {
            state += value;
            return true;
        } else if constexpr (std::is_same_v<T, Int128>) {
            Int128 sum = 0;
            if (__builtin_add_overflow(state, value, &sum) || sum >= type.decimal_limit ||
                sum <= -type.decimal_limit) {
                return false;
            }
            state = sum;
            return true;
        } else {
            T sum = 0;
            if (__builtin_add_overflow(static_cast<T>(state), value, &sum)) {
                return false;
            }
            state = sum;
            return true;
        }
    }
    static bool get(const State& state, const ArgType&, Out& out) {
        out = static_cast<Out>(state);
        return true;
    }
};

template <class T>
struct AverageState {
    /// Integers are summed exactly: 2^63 BIGINTs fit in 128 bits.
    std::conditional_t<std::is_same_v<T, double>, double, Int128> sum = 0;
    std::int64_t count = 0;
};

template <class T>
struct Average {
    using State = AverageState<T>;
    using Arg = T;
    using Out = double;
    static constexpr bool kIsNullable = false;
    static bool add(State& state, T value, const ArgType&) {
        if constexpr (std::is_same_v<T, double>) {
            state.sum += value;
        } else if (__builtin_add_overflow(state.sum, Int128{value}, &state.sum)) {
            state.sum -= value;  // wraps back: the value is left out
            return false;
        }
        ++state.count;
        return true;
    }
    static bool get(const State& state, const ArgType& type, Out& out) {
        out = state.count == 0 ? 0.0
                               : static_cast<double>(state.sum) / type.decimal_unit /
                                     static_cast<double>(state.count);
        return true;
    }
};

/// Of a fixed-width value that may be absent.
template <class T>
struct ValueState {
    T value{};
    std::int64_t is_set = 0;
};

/// Of text: its bytes are the state's own.
struct TextState {
    std::string text;
    std::int64_t is_set = 0;
};

/// Double.compareTo of Java: -0.0 before 0.0, NaN last.
bool is_less(double a, double b) {
    if (std::isnan(a) || std::isnan(b)) {
        return !std::isnan(a) && std::isnan(b);
    }
    return a < b || (a == b && std::signbit(a) && !std::signbit(b));
}
template <class T>
bool is_less(const T& a, const T& b) {
    return a < b;
}

template <class T>
using StateOf = std::conditional_t<std::is_same_v<T, std::string_view>, TextState, ValueState<T>>;

template <class T>
void put(ValueState<T>& state, T value) {
    state.value = value;
    state.is_set = 1;
}
void put(TextState& state, std::string_view value) {
    state.text.assign(value);
    state.is_set = 1;
}
template <class T>
T held(const ValueState<T>& state) {
    return state.value;
}
std::string_view held(const TextState& state) {
    return state.text;
}

enum class Keep : std::uint8_t { kSmallest, kLargest, kFirst, kLast };

template <class T, Keep kKeep>
struct Pick {
    using State = StateOf<T>;
    using Arg = T;
    using Out = T;
    static constexpr bool kIsNullable = true;
    static bool add(State& state, T value, const ArgType&) {
        const bool takes = state.is_set == 0 || kKeep == Keep::kLast ||
                           (kKeep == Keep::kSmallest && is_less(value, T(held(state)))) ||
                           (kKeep == Keep::kLargest && is_less(T(held(state)), value));
        if (takes) {
            put(state, value);
        }
        return true;
    }
    static bool get(const State& state, const ArgType&, Out& out) {
        out = held(state);
        return state.is_set != 0;
    }
};

// Saving and loading, by kind of state.

template <class T>
requires std::is_arithmetic_v<T> || std::is_same_v<T, Int128>
void save_state(const T& state, Buffer& out) {
    out.append_le(state);
}
template <class T>
requires std::is_arithmetic_v<T> || std::is_same_v<T, Int128>
bool load_state(T& state, Cursor& in) {
    state = in.read_le<T>();
    return in.ok();
}
template <class T>
void save_state(const AverageState<T>& state, Buffer& out) {
    out.append_le(state.sum);
    out.append_le(state.count);
}
template <class T>
bool load_state(AverageState<T>& state, Cursor& in) {
    state.sum = in.read_le<decltype(state.sum)>();
    state.count = in.read_le<std::int64_t>();
    return in.ok();
}
template <class T>
void save_state(const ValueState<T>& state, Buffer& out) {
    out.append_le(static_cast<std::uint8_t>(state.is_set));
    if (state.is_set != 0) {
        out.append_le(state.value);
    }
}
template <class T>
bool load_state(ValueState<T>& state, Cursor& in) {
    state.is_set = in.read_le<std::uint8_t>();
    if (state.is_set != 0) {
        state.value = in.read_le<T>();
    }
    return in.ok();
}
void save_state(const TextState& state, Buffer& out) {
    out.append_le(static_cast<std::uint8_t>(state.is_set));
    if (state.is_set != 0) {
        out.append_varint(static_cast<std::int64_t>(state.text.size()));
        out.append(std::string_view(state.text));
    }
}
bool load_state(TextState& state, Cursor& in) {
    state.is_set = in.read_le<std::uint8_t>();
    if (state.is_set != 0) {
        const std::int64_t size = in.read_varint();
        if (size < 0) {
            return false;
        }
        state.text.assign(as_text(in.read_bytes(static_cast<std::size_t>(size))));
    }
    return in.ok();
}

template <class State>
std::size_t heap_of(const State& state) {
    if constexpr (std::is_same_v<State, TextState>) {
        // Up to 15 bytes are in the string itself.
        return state.text.capacity() > 15 ? state.text.capacity() + 1 : 0;
    } else {
        static_cast<void>(state);
        return 0;
    }
}

template <class State>
State& state_at(std::byte* at) {
    return *reinterpret_cast<State*>(at);
}
template <class State>
const State& state_at(const std::byte* at) {
    return *reinterpret_cast<const State*>(at);
}

template <class F>
void write(ColumnBuilder& builder,
           std::uint32_t at,
           const typename F::State& state,
           const ArgType& type) {
    typename F::Out value{};
    const bool is_set = F::get(state, type, value);
    if (F::kIsNullable && !is_set) {
        builder.set_null(at);
    } else if constexpr (std::is_same_v<typename F::Out, std::string_view>) {
        builder.set_text(at, value);
    } else {
        builder.values<typename F::Out>()[at] = value;
    }
}

template <class T>
T arg_at(const Column& column, std::uint32_t row) {
    if constexpr (std::is_same_v<T, std::string_view>) {
        return column.text(row);
    } else {
        return column.at<T>(row);
    }
}

template <class F>
void report_left_out(const AggregateUpdate& update, std::uint32_t row) {
    const DataType& type = update.arg->type();
    update.errors->push_back(
        {.row = row,
         .code = ErrorCode::kEvaluation,
         .message = "sum overflows and leaves this value out: " + type.to_string()});
}

/// Adds the value of `row`, if it has one.
template <class F>
void step(const AggregateUpdate& update,
          const ArgType& type,
          typename F::State& state,
          std::uint32_t row) {
    using Arg = typename F::Arg;
    if constexpr (std::is_void_v<Arg>) {
        ++state;
    } else if constexpr (std::is_same_v<F, Count>) {
        state += update.arg->is_valid(row) ? 1 : 0;
    } else if (update.arg->is_valid(row)) {
        if constexpr (std::is_same_v<typename F::State, TextState>) {
            const std::size_t before = heap_of(state);
            F::add(state, update.arg->text(row), type);
            *update.heap_bytes += heap_of(state) - before;
        } else if (!F::add(state, arg_at<Arg>(*update.arg, row), type)) {
            report_left_out<F>(update, row);
        }
    }
}

template <class F>
void update_general(const AggregateUpdate& update) {
    using State = typename F::State;
    const ArgType type = arg_type_of(update.arg);
    for (std::uint32_t i = 0; i < update.size; ++i) {
        State& state = state_at<State>(update.cells[i] + update.offset);
        if (update.old_out != nullptr) {
            write<F>(*update.old_out, i, state, type);
        }
        step<F>(update, type, state, update.rows[i]);
        write<F>(*update.out, i, state, type);
    }
}

/// Flat numbers without nulls, no old values: the loop that the speed target is about.
template <class F>
void update_plain(const AggregateUpdate& update) {
    using State = typename F::State;
    using Out = typename F::Out;
    const ArgType type = arg_type_of(update.arg);
    Out* out = update.out->values<Out>();
    if constexpr (std::is_void_v<typename F::Arg> || std::is_same_v<F, Count>) {
        for (std::uint32_t i = 0; i < update.size; ++i) {
            out[i] = ++state_at<State>(update.cells[i] + update.offset);
        }
    } else {
        const auto* values = update.arg->values<typename F::Arg>();
        for (std::uint32_t i = 0; i < update.size; ++i) {
            State& state = state_at<State>(update.cells[i] + update.offset);
            if (!F::add(state, values[update.rows[i]], type)) {
                report_left_out<F>(update, update.rows[i]);
            }
            F::get(state, type, out[i]);
        }
    }
}

template <class F>
void update_cells(const AggregateUpdate& update) {
    const bool is_plain = update.old_out == nullptr &&
                          (update.arg == nullptr || (update.arg->encoding() == Encoding::kFlat &&
                                                     !update.arg->may_have_nulls()));
    if constexpr (!std::is_same_v<typename F::Out, std::string_view>) {
        if (is_plain) {
            update_plain<F>(update);
            return;
        }
    }
    update_general<F>(update);
}

DataType same_type(const DataType& argument) {
    return argument;
}
DataType bigint(const DataType&) {
    return TypeKind::kBigint;
}
DataType double_type(const DataType&) {
    return TypeKind::kDouble;
}

template <class F>
AggregateFunction make(std::string_view name,
                       TypeKind argument,
                       DataType (*result)(const DataType&)) {
    using State = typename F::State;
    AggregateFunction made;
    made.name = name;
    made.is_star = std::is_void_v<typename F::Arg>;
    made.takes_any = std::is_same_v<F, Count>;
    made.argument = argument;
    made.result = result;
    made.state_bytes = (sizeof(State) + 15) / 16 * 16;
    if constexpr (sizeof(State) == 8) {
        made.state_bytes = 8;
    }
    made.construct = [](std::byte* at) { std::construct_at(reinterpret_cast<State*>(at)); };
    made.destroy = [](std::byte* at) { std::destroy_at(reinterpret_cast<State*>(at)); };
    made.update = &update_cells<F>;
    made.save = [](const std::byte* at, Buffer& out) { save_state(state_at<State>(at), out); };
    made.load = [](std::byte* at, Cursor& in) { return load_state(state_at<State>(at), in); };
    made.heap_bytes = [](const std::byte* at) { return heap_of(state_at<State>(at)); };
    return made;
}

template <Keep kKeep>
void add_pick(std::vector<AggregateFunction>& table, std::string_view name) {
    if (kKeep == Keep::kFirst || kKeep == Keep::kLast) {
        table.push_back(make<Pick<std::uint8_t, kKeep>>(name, TypeKind::kBoolean, &same_type));
    }
    table.push_back(make<Pick<std::int32_t, kKeep>>(name, TypeKind::kInt, &same_type));
    table.push_back(make<Pick<std::int64_t, kKeep>>(name, TypeKind::kBigint, &same_type));
    table.push_back(make<Pick<double, kKeep>>(name, TypeKind::kDouble, &same_type));
    table.push_back(make<Pick<Int128, kKeep>>(name, TypeKind::kDecimal, &same_type));
    table.push_back(make<Pick<std::string_view, kKeep>>(name, TypeKind::kString, &same_type));
    table.push_back(make<Pick<std::string_view, kKeep>>(name, TypeKind::kBytes, &same_type));
    table.push_back(make<Pick<std::int32_t, kKeep>>(name, TypeKind::kDate, &same_type));
    table.push_back(make<Pick<std::int32_t, kKeep>>(name, TypeKind::kTime, &same_type));
    table.push_back(make<Pick<std::int64_t, kKeep>>(name, TypeKind::kTimestamp, &same_type));
}

std::vector<AggregateFunction> make_table() {
    std::vector<AggregateFunction> table;
    table.push_back(make<CountStar>("COUNT", TypeKind::kBoolean, &bigint));
    table.push_back(make<Count>("COUNT", TypeKind::kBoolean, &bigint));
    table.push_back(make<Sum<std::int32_t>>("SUM", TypeKind::kInt, &same_type));
    table.push_back(make<Sum<std::int64_t>>("SUM", TypeKind::kBigint, &same_type));
    table.push_back(make<Sum<double>>("SUM", TypeKind::kDouble, &same_type));
    table.push_back(make<Sum<Int128>>("SUM", TypeKind::kDecimal, &same_type));
    table.push_back(make<Average<std::int32_t>>("AVG", TypeKind::kInt, &double_type));
    table.push_back(make<Average<std::int64_t>>("AVG", TypeKind::kBigint, &double_type));
    table.push_back(make<Average<double>>("AVG", TypeKind::kDouble, &double_type));
    table.push_back(make<Average<Int128>>("AVG", TypeKind::kDecimal, &double_type));
    add_pick<Keep::kSmallest>(table, "MIN");
    add_pick<Keep::kLargest>(table, "MAX");
    add_pick<Keep::kFirst>(table, "EARLIEST_BY_OFFSET");
    add_pick<Keep::kLast>(table, "LATEST_BY_OFFSET");
    return table;
}

bool is_same_name(std::string_view a, std::string_view b) {
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) {
               return upper(x) == upper(y);
           });
}

std::string kinds_of(std::string_view name) {
    std::string text;
    for (const AggregateFunction& function : aggregate_functions()) {
        if (is_same_name(function.name, name)) {
            text += text.empty() ? "" : ", ";
            text += function.is_star     ? "*"
                    : function.takes_any ? "any type"
                    : function.argument == TypeKind::kDecimal
                        ? "DECIMAL"
                        : DataType(function.argument).to_string();
        }
    }
    return text;
}

}  // namespace

const std::vector<AggregateFunction>& aggregate_functions() {
    static const std::vector<AggregateFunction> table = make_table();
    return table;
}

bool is_aggregate_function(std::string_view name) {
    for (const AggregateFunction& function : aggregate_functions()) {
        if (is_same_name(function.name, name)) {
            return true;
        }
    }
    return false;
}

Result<AggregateCall> bind_aggregate(std::string_view name,
                                     const std::vector<DataType>& arg_types,
                                     std::vector<std::size_t> args) {
    if (!is_aggregate_function(name)) {
        return Error{ErrorCode::kSqlSemantic, "no such aggregate function: " + std::string(name)};
    }
    CHECK(arg_types.size() == args.size());
    for (const AggregateFunction& function : aggregate_functions()) {
        const bool fits = function.is_star
                              ? arg_types.empty()
                              : arg_types.size() == 1 &&
                                    (function.takes_any || arg_types[0].is(function.argument));
        if (fits && is_same_name(function.name, name)) {
            return AggregateCall{
                .function = &function,
                .args = std::move(args),
                .type = function.result(arg_types.empty() ? DataType{} : arg_types[0])};
        }
    }
    std::string given;
    for (const DataType& type : arg_types) {
        given += (given.empty() ? "" : ", ") + type.to_string();
    }
    return Error{ErrorCode::kSqlSemantic,
                 std::string(name) + " takes one of (" + kinds_of(name) + "), not (" + given + ")"};
}

}  // namespace millrace::operators
