#include "operators/expression/aggregate_functions.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <type_traits>

#include "core/base/result.h"
#include "core/base/sql_error.h"
#include "operators/aggregate.h"
#include "operators/expression/aggregate_kernels.h"

namespace millrace::operators {

namespace {

/// What a kernel knows of the argument's type.
struct ArgType {
    Int128 decimal_limit = 0;  // 10^precision
    double decimal_unit = 1;   // 10^scale
};

ArgType arg_type_of(const AggregateParams& params) {
    ArgType type;
    if (!params.args.empty() && params.args[0].is(TypeKind::kDecimal)) {
        type.decimal_limit = 1;
        for (int i = 0; i < params.args[0].precision(); ++i) {
            type.decimal_limit *= 10;
        }
        type.decimal_unit = std::pow(10.0, params.args[0].scale());
    }
    return type;
}

// A function is a class with:
//   State               what a cell holds; Arg, Out: physical types of argument and result
//   add(state, value)   false when the value cannot be taken (the state is unchanged)
//   undo(state, value)  takes back what add() did; only if kCanUndo
//   merge(into, from)   adds the values of another state
//   get(state, out)     false for NULL

struct CountStar {
    using State = std::int64_t;
    using Arg = void;
    using Out = std::int64_t;
    static constexpr bool kIsNullable = false;
    static constexpr bool kCanUndo = true;
    static void merge(State& into, const State& from, const ArgType&) { into += from; }
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
    static constexpr bool kCanUndo = true;
    static void merge(State& into, const State& from, const ArgType&) { into += from; }
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
    static constexpr bool kCanUndo = true;
    static void undo(State& state, T value, const ArgType& type) {
        if constexpr (std::is_same_v<T, double>) {
            state -= value;
        } else {
            // The least value has no negative; a sum that it was added to was left as it was.
            T negative = 0;
            if (!__builtin_sub_overflow(T{0}, value, &negative)) {
                add(state, negative, type);
            }
        }
    }
    static void merge(State& into, const State& from, const ArgType& type) {
        add(into, static_cast<T>(from), type);
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
    static constexpr bool kCanUndo = true;
    static void undo(State& state, T value, const ArgType&) {
        state.sum -= value;
        --state.count;
    }
    static void merge(State& into, const State& from, const ArgType&) {
        into.sum += from.sum;
        into.count += from.count;
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
    std::int64_t sequence = 0;  // of the value among all of the call; 0: there is none
};

/// Of text: its bytes are the state's own.
struct TextState {
    std::string text;
    std::int64_t sequence = 0;
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
void put(ValueState<T>& state, T value, std::int64_t sequence) {
    state.value = value;
    state.sequence = sequence;
}
void put(TextState& state, std::string_view value, std::int64_t sequence) {
    state.text.assign(value);
    state.sequence = sequence;
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
    static constexpr bool kCanUndo = false;
    static constexpr bool kIsSequenced = true;
    static bool add(State& state, T value, const ArgType&, std::int64_t sequence) {
        const bool takes = state.sequence == 0 || kKeep == Keep::kLast ||
                           (kKeep == Keep::kSmallest && is_less(value, T(held(state)))) ||
                           (kKeep == Keep::kLargest && is_less(T(held(state)), value));
        if (takes) {
            put(state, value, sequence);
        }
        return true;
    }
    static void merge(State& into, const State& from, const ArgType& type) {
        if (from.sequence == 0) {
            return;
        }
        const bool is_by_order = kKeep == Keep::kFirst || kKeep == Keep::kLast;
        if (!is_by_order) {
            add(into, T(held(from)), type, from.sequence);
        } else if (into.sequence == 0 ||
                   (from.sequence < into.sequence) == (kKeep == Keep::kFirst)) {
            into = from;
        }
    }
    static bool get(const State& state, const ArgType&, Out& out) {
        out = held(state);
        return state.sequence != 0;
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
bool load_state(T& state, Cursor& in, std::int64_t&) {
    state = in.read_le<T>();
    return in.ok();
}
template <class T>
void save_state(const AverageState<T>& state, Buffer& out) {
    out.append_le(state.sum);
    out.append_le(state.count);
}
template <class T>
bool load_state(AverageState<T>& state, Cursor& in, std::int64_t&) {
    state.sum = in.read_le<decltype(state.sum)>();
    state.count = in.read_le<std::int64_t>();
    return in.ok();
}
/// What stands before a value. States of an earlier version have no sequence.
enum Presence : std::uint8_t { kAbsent = 0, kPresent = 1, kSequenced = 2 };

void save_presence(std::int64_t sequence, Buffer& out) {
    out.append_le(static_cast<std::uint8_t>(sequence == 0 ? kAbsent : kSequenced));
    if (sequence != 0) {
        out.append_varint(sequence);
    }
}
/// The value's sequence, 0 without one; -1 when the bytes do not fit.
std::int64_t load_presence(Cursor& in, std::int64_t& newest) {
    const auto presence = in.read_le<std::uint8_t>();
    if (presence == kAbsent) {
        return in.ok() ? 0 : -1;
    }
    const std::int64_t sequence = presence == kSequenced ? in.read_varint() : 1;
    if (!in.ok() || presence > kSequenced || sequence < 1) {
        return -1;
    }
    newest = std::max(newest, sequence);
    return sequence;
}
template <class T>
void save_state(const ValueState<T>& state, Buffer& out) {
    save_presence(state.sequence, out);
    if (state.sequence != 0) {
        out.append_le(state.value);
    }
}
template <class T>
bool load_state(ValueState<T>& state, Cursor& in, std::int64_t& newest) {
    state.sequence = load_presence(in, newest);
    if (state.sequence > 0) {
        state.value = in.read_le<T>();
    }
    return in.ok() && state.sequence >= 0;
}
void save_state(const TextState& state, Buffer& out) {
    save_presence(state.sequence, out);
    if (state.sequence != 0) {
        save_bytes(state.text, out);
    }
}
bool load_state(TextState& state, Cursor& in, std::int64_t& newest) {
    state.sequence = load_presence(in, newest);
    return state.sequence == 0 || (state.sequence > 0 && load_bytes(in, state.text));
}

template <class State>
std::size_t state_heap(const State& state) {
    if constexpr (std::is_same_v<State, TextState>) {
        return heap_of(state.text);
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
        builder.set(at, value);
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
concept Sequenced = requires {
    F::kIsSequenced;
};

template <class F, class T>
bool add_value(typename F::State& state, T value, const ArgType& type, std::int64_t* sequence) {
    if constexpr (Sequenced<F>) {
        return F::add(state, value, type, ++*sequence);
    } else {
        static_cast<void>(sequence);
        return F::add(state, value, type);
    }
}

template <class F>
void report_left_out(const AggregateUpdate& update, std::uint32_t row) {
    const DataType& type = update.params->args[0];
    update.errors->push_back(
        {.row = row,
         .code = ErrorCode::kEvaluation,
         .message = "sum overflows and leaves this value out: " + type.to_string()});
}

/// Adds the value of `row`, if it has one.
template <class F>
void step_add(const AggregateUpdate& update,
              const ArgType& type,
              typename F::State& state,
              std::uint32_t row) {
    using Arg = typename F::Arg;
    if constexpr (std::is_void_v<Arg>) {
        ++state;
    } else if constexpr (std::is_same_v<F, Count>) {
        state += update.args[0]->is_valid(row) ? 1 : 0;
    } else if (update.args[0]->is_valid(row)) {
        const std::size_t before = state_heap(state);
        if (!add_value<F>(state, arg_at<Arg>(*update.args[0], row), type, update.sequence)) {
            report_left_out<F>(update, row);
        }
        *update.heap_bytes += state_heap(state) - before;
    }
}

/// Takes back the old value of `row`, if it has one.
template <class F>
void step_undo(const AggregateUpdate& update,
               const ArgType& type,
               typename F::State& state,
               std::uint32_t row) {
    using Arg = typename F::Arg;
    if constexpr (std::is_void_v<Arg>) {
        --state;
    } else if constexpr (std::is_same_v<F, Count>) {
        state -= update.old_args[0]->is_valid(row) ? 1 : 0;
    } else if constexpr (F::kCanUndo) {
        if (update.old_args[0]->is_valid(row)) {
            F::undo(state, arg_at<Arg>(*update.old_args[0], row), type);
        }
    }
}

template <class F>
void update_general(const AggregateUpdate& update) {
    using State = typename F::State;
    const ArgType type = arg_type_of(*update.params);
    for (std::uint32_t i = 0; i < update.size; ++i) {
        State& state = state_at<State>(update.cells[i] + update.offset);
        if (update.old_out != nullptr) {
            write<F>(*update.old_out, update.out_at + i, state, type);
        }
        const std::uint8_t step =
            update.steps == nullptr ? std::uint8_t{kStepAdd} : update.steps[i];
        if ((step & kStepUndo) != 0) {
            step_undo<F>(update, type, state, update.rows[i]);
        }
        if ((step & kStepAdd) != 0) {
            step_add<F>(update, type, state, update.rows[i]);
        }
        if (update.out != nullptr) {
            write<F>(*update.out, update.out_at + i, state, type);
        }
    }
}

/// Flat numbers without nulls, no old values: the loop that the speed target is about.
template <class F>
void update_plain(const AggregateUpdate& update) {
    using State = typename F::State;
    using Out = typename F::Out;
    const ArgType type = arg_type_of(*update.params);
    update.out->reserve(update.out_at + update.size);
    Out* out = update.out->template values<Out>() + update.out_at;
    if constexpr (std::is_void_v<typename F::Arg> || std::is_same_v<F, Count>) {
        for (std::uint32_t i = 0; i < update.size; ++i) {
            out[i] = ++state_at<State>(update.cells[i] + update.offset);
        }
    } else {
        const auto* values = update.args[0]->template values<typename F::Arg>();
        for (std::uint32_t i = 0; i < update.size; ++i) {
            State& state = state_at<State>(update.cells[i] + update.offset);
            if (!add_value<F>(state, values[update.rows[i]], type, update.sequence)) {
                report_left_out<F>(update, update.rows[i]);
            }
            F::get(state, type, out[i]);
        }
    }
}

template <class F>
void update_cells(const AggregateUpdate& update) {
    const bool is_plain =
        update.old_out == nullptr && update.out != nullptr && update.steps == nullptr &&
        (update.args.empty() ||
         (update.args[0]->encoding() == Encoding::kFlat && !update.args[0]->may_have_nulls()));
    // Nested values have no width; COUNT does not look at them.
    if constexpr (!std::is_same_v<typename F::Out, std::string_view>) {
        if (is_plain) {
            update_plain<F>(update);
            return;
        }
    }
    update_general<F>(update);
}

DataType same_type(const AggregateParams& params) {
    return params.args[0];
}
DataType bigint(const AggregateParams&) {
    return TypeKind::kBigint;
}
DataType double_type(const AggregateParams&) {
    return TypeKind::kDouble;
}
bool takes_nothing(const AggregateParams& params) {
    return params.args.empty();
}
bool takes_anything(const AggregateParams& params) {
    return params.args.size() == 1;
}
/// One plain value, nulls ignored, one result: what these functions are for.
template <TypeKind kKind>
bool takes(const AggregateParams& params) {
    return params.args.size() == 1 && params.args[0].is(kKind) && params.ignores_nulls &&
           !params.is_list;
}

struct Words {
    std::string_view name;
    std::string_view signature;
    std::string_view summary;
};

template <class F>
AggregateFunction make(const Words& words,
                       bool (*accepts)(const AggregateParams&),
                       DataType (*result)(const AggregateParams&)) {
    using State = typename F::State;
    AggregateFunction made;
    made.name = words.name;
    made.signature = words.signature;
    made.summary = words.summary;
    made.accepts = accepts;
    made.result = result;
    made.state_bytes = (sizeof(State) + 15) / 16 * 16;
    if constexpr (sizeof(State) == 8) {
        made.state_bytes = 8;
    }
    made.construct = [](std::byte* at) { std::construct_at(reinterpret_cast<State*>(at)); };
    made.destroy = [](std::byte* at) { std::destroy_at(reinterpret_cast<State*>(at)); };
    made.update = &update_cells<F>;
    made.write = [](const std::byte* at,
                    const AggregateParams& params,
                    ColumnBuilder& out,
                    std::uint32_t row) {
        operators::write<F>(out, row, state_at<State>(at), arg_type_of(params));
    };
    made.merge = [](std::byte* into, const std::byte* from, const AggregateParams& params) {
        F::merge(state_at<State>(into), state_at<State>(from), arg_type_of(params));
    };
    made.can_undo = F::kCanUndo;
    made.save = [](const std::byte* at, Buffer& out) { save_state(state_at<State>(at), out); };
    made.load = [](std::byte* at, Cursor& in, const AggregateParams&, std::int64_t& sequence) {
        return load_state(state_at<State>(at), in, sequence);
    };
    made.heap_bytes = [](const std::byte* at) { return state_heap(state_at<State>(at)); };
    return made;
}

template <Keep kKeep>
void add_pick(std::vector<AggregateFunction>& table,
              std::string_view name,
              std::string_view summary) {
    if (kKeep == Keep::kFirst || kKeep == Keep::kLast) {
        table.push_back(make<Pick<std::uint8_t, kKeep>>(
            {name, "BOOLEAN", summary}, &takes<TypeKind::kBoolean>, &same_type));
    }
    table.push_back(make<Pick<std::int32_t, kKeep>>(
        {name, "INTEGER", summary}, &takes<TypeKind::kInt>, &same_type));
    table.push_back(make<Pick<std::int64_t, kKeep>>(
        {name, "BIGINT", summary}, &takes<TypeKind::kBigint>, &same_type));
    table.push_back(make<Pick<double, kKeep>>(
        {name, "DOUBLE", summary}, &takes<TypeKind::kDouble>, &same_type));
    table.push_back(make<Pick<Int128, kKeep>>(
        {name, "DECIMAL", summary}, &takes<TypeKind::kDecimal>, &same_type));
    table.push_back(make<Pick<std::string_view, kKeep>>(
        {name, "STRING", summary}, &takes<TypeKind::kString>, &same_type));
    table.push_back(make<Pick<std::string_view, kKeep>>(
        {name, "BYTES", summary}, &takes<TypeKind::kBytes>, &same_type));
    table.push_back(make<Pick<std::int32_t, kKeep>>(
        {name, "DATE", summary}, &takes<TypeKind::kDate>, &same_type));
    table.push_back(make<Pick<std::int32_t, kKeep>>(
        {name, "TIME", summary}, &takes<TypeKind::kTime>, &same_type));
    table.push_back(make<Pick<std::int64_t, kKeep>>(
        {name, "TIMESTAMP", summary}, &takes<TypeKind::kTimestamp>, &same_type));
}

std::vector<AggregateFunction> make_table() {
    constexpr std::string_view kCount = "how many rows, or how many values that are not NULL";
    constexpr std::string_view kSum = "the sum, in the argument's type";
    constexpr std::string_view kAverage = "the mean as a DOUBLE; 0.0 of no values";
    std::vector<AggregateFunction> table;
    table.push_back(make<CountStar>({"COUNT", "*", kCount}, &takes_nothing, &bigint));
    table.push_back(make<Count>({"COUNT", "any type", kCount}, &takes_anything, &bigint));
    table.push_back(
        make<Sum<std::int32_t>>({"SUM", "INTEGER", kSum}, &takes<TypeKind::kInt>, &same_type));
    table.push_back(
        make<Sum<std::int64_t>>({"SUM", "BIGINT", kSum}, &takes<TypeKind::kBigint>, &same_type));
    table.push_back(
        make<Sum<double>>({"SUM", "DOUBLE", kSum}, &takes<TypeKind::kDouble>, &same_type));
    table.push_back(
        make<Sum<Int128>>({"SUM", "DECIMAL", kSum}, &takes<TypeKind::kDecimal>, &same_type));
    table.push_back(make<Average<std::int32_t>>(
        {"AVG", "INTEGER", kAverage}, &takes<TypeKind::kInt>, &double_type));
    table.push_back(make<Average<std::int64_t>>(
        {"AVG", "BIGINT", kAverage}, &takes<TypeKind::kBigint>, &double_type));
    table.push_back(make<Average<double>>(
        {"AVG", "DOUBLE", kAverage}, &takes<TypeKind::kDouble>, &double_type));
    table.push_back(make<Average<Int128>>(
        {"AVG", "DECIMAL", kAverage}, &takes<TypeKind::kDecimal>, &double_type));
    add_pick<Keep::kSmallest>(table, "MIN", "the smallest value");
    add_pick<Keep::kLargest>(table, "MAX", "the largest value");
    add_pick<Keep::kFirst>(table, "EARLIEST_BY_OFFSET", "the value that came first");
    add_pick<Keep::kLast>(table, "LATEST_BY_OFFSET", "the value that came last");
    add_offset_aggregates(table);
    add_collection_aggregates(table);
    add_statistics_aggregates(table);
    std::stable_sort(
        table.begin(), table.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
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
            text += text.empty() ? "" : "; ";
            text += function.signature;
        }
    }
    return text;
}

/// How the trailing constants of a call are read.
enum class Trailing : std::uint8_t { kNone, kCount, kCountAndNulls };

Trailing trailing_of(std::string_view name) {
    if (is_same_name(name, "TOPK") || is_same_name(name, "TOPKDISTINCT")) {
        return Trailing::kCount;
    }
    if (is_same_name(name, "EARLIEST_BY_OFFSET") || is_same_name(name, "LATEST_BY_OFFSET")) {
        return Trailing::kCountAndNulls;
    }
    return Trailing::kNone;
}

Status take_constants(std::string_view name,
                      const AggregateOptions& options,
                      AggregateParams& params) {
    const auto fail = [&](std::string why) {
        return Error{ErrorCode::kSqlSemantic,
                     std::string(name) + " " + std::move(why),
                     SqlError::kBadParameters};
    };
    params.limit = is_same_name(name, "COLLECT_LIST")  ? options.collect_list_limit
                   : is_same_name(name, "COLLECT_SET") ? options.collect_set_limit
                                                       : AggregateParams::kNoLimit;
    bool may_be_count = true;
    for (const Value& value : options.constants) {
        if (const auto* flag = std::get_if<bool>(&value.data);
            flag != nullptr && trailing_of(name) == Trailing::kCountAndNulls) {
            params.ignores_nulls = *flag;
            may_be_count = false;
            continue;
        }
        std::optional<std::int64_t> count;
        if (const auto* small = std::get_if<std::int32_t>(&value.data)) {
            count = *small;
        } else if (const auto* large = std::get_if<std::int64_t>(&value.data)) {
            count = *large;
        }
        if (!may_be_count || !count || *count < 1 || *count > kAggregateItemsMax) {
            return fail("takes how many values it keeps as a whole number from 1 to " +
                        std::to_string(kAggregateItemsMax) +
                        (trailing_of(name) == Trailing::kCountAndNulls
                             ? ", then TRUE or FALSE: whether it ignores nulls"
                             : ""));
        }
        params.limit = *count;
        params.is_list = true;
        may_be_count = false;
    }
    return Ok{};
}

}  // namespace

double double_at(const Column& column, std::uint32_t row) {
    switch (column.type().kind()) {
        case TypeKind::kInt:
            return column.at<std::int32_t>(row);
        case TypeKind::kBigint:
            return static_cast<double>(column.at<std::int64_t>(row));
        case TypeKind::kDouble:
            return column.at<double>(row);
        case TypeKind::kDecimal:
            return static_cast<double>(column.at<Int128>(row)) /
                   std::pow(10.0, column.type().scale());
        case TypeKind::kBoolean:
        case TypeKind::kString:
        case TypeKind::kBytes:
        case TypeKind::kDate:
        case TypeKind::kTime:
        case TypeKind::kTimestamp:
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return 0;
}

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

bool can_aggregate_tables(std::string_view name) {
    for (const AggregateFunction& function : aggregate_functions()) {
        if (is_same_name(function.name, name)) {
            return function.can_undo;
        }
    }
    return false;
}

std::size_t constant_arguments(std::string_view name, std::size_t arguments) {
    switch (trailing_of(name)) {
        case Trailing::kNone:
            return 0;
        case Trailing::kCount:
            return arguments > 1 ? 1 : 0;
        case Trailing::kCountAndNulls:
            return arguments > 1 ? arguments - 1 : 0;
    }
    return 0;
}

Result<AggregateCall> bind_aggregate(std::string_view name,
                                     const std::vector<DataType>& arg_types,
                                     std::vector<std::size_t> args,
                                     const AggregateOptions& options) {
    if (!is_aggregate_function(name)) {
        return Error{ErrorCode::kSqlSemantic,
                     "no such aggregate function: " + std::string(name),
                     SqlError::kUnknownFunction};
    }
    CHECK(arg_types.size() == args.size());
    AggregateParams params;
    params.args = arg_types;
    MILLRACE_TRY_STATUS(take_constants(name, options, params));
    for (const AggregateFunction& function : aggregate_functions()) {
        if (is_same_name(function.name, name) && function.accepts(params)) {
            params.result = function.result(params);
            const DataType type = params.result;
            return AggregateCall{.function = &function,
                                 .args = std::move(args),
                                 .params = std::move(params),
                                 .type = type};
        }
    }
    std::string given;
    for (const DataType& type : arg_types) {
        given += (given.empty() ? "" : ", ") + type.to_string();
    }
    for (const Value& value : options.constants) {
        given += (given.empty() ? "" : ", ") +
                 std::string(std::holds_alternative<bool>(value.data) ? "BOOLEAN" : "INTEGER");
    }
    std::string lower(name);
    for (char& c : lower) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return Error{ErrorCode::kSqlSemantic,
                 "Function '" + lower + "' does not accept parameters (" + given +
                     "). It takes one of (" + kinds_of(name) + ")",
                 SqlError::kBadParameters};
}

}  // namespace millrace::operators
