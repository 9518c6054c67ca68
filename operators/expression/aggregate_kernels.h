// make_aggregate_function: the table entry of an aggregate that works value by value.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "operators/expression/aggregate_functions.h"

namespace millrace::operators {

/// One row of a call's arguments.
struct AggregateRow {
    std::span<const Column* const> args;
    std::uint32_t row = 0;
    const AggregateParams& params;
    std::int64_t sequence = 0;  // of this value among all of the call
    std::vector<RowError>* errors = nullptr;

    [[nodiscard]] bool is_valid(std::size_t i) const { return args[i]->is_valid(row); }
    /// The value was left out; the row is told of.
    void fail(std::string message) const {
        errors->push_back(
            {.row = row, .code = ErrorCode::kEvaluation, .message = std::move(message)});
    }
};

/// Any numeric argument as a double.
[[nodiscard]] double double_at(const Column& column, std::uint32_t row);

/// F is a class with:
///   State                                  with a member `heap`: its bytes outside of the cell
///   kCanUndo
///   add(State&, const AggregateRow&)
///   undo(State&, const AggregateRow&)      only if kCanUndo
///   merge(State& into, const State& from, const AggregateParams&)
///   write(const State&, const AggregateParams&, ColumnBuilder&, std::uint32_t at)
///   save(const State&, Buffer&)
///   load(State&, Cursor&, const AggregateParams&, std::int64_t& sequence)
template <class F>
AggregateFunction make_aggregate_function(std::string_view name,
                                          std::string_view signature,
                                          std::string_view summary) {
    using State = typename F::State;
    AggregateFunction made;
    made.name = name;
    made.signature = signature;
    made.summary = summary;
    made.accepts = &F::accepts;
    made.result = &F::result;
    made.state_bytes = (sizeof(State) + 15) / 16 * 16;
    made.construct = [](std::byte* state) { std::construct_at(reinterpret_cast<State*>(state)); };
    made.destroy = [](std::byte* state) { std::destroy_at(reinterpret_cast<State*>(state)); };
    made.update = [](const AggregateUpdate& update) {
        for (std::uint32_t i = 0; i < update.size; ++i) {
            State& state = *reinterpret_cast<State*>(update.cells[i] + update.offset);
            if (update.old_out != nullptr) {
                F::write(state, *update.params, *update.old_out, update.out_at + i);
            }
            const std::size_t before = state.heap;
            const std::uint8_t step =
                update.steps == nullptr ? std::uint8_t{kStepAdd} : update.steps[i];
            if constexpr (F::kCanUndo) {
                if ((step & kStepUndo) != 0) {
                    F::undo(state,
                            AggregateRow{.args = update.old_args,
                                         .row = update.rows[i],
                                         .params = *update.params,
                                         .errors = update.errors});
                }
            }
            if ((step & kStepAdd) != 0) {
                F::add(state,
                       AggregateRow{.args = update.args,
                                    .row = update.rows[i],
                                    .params = *update.params,
                                    .sequence = ++*update.sequence,
                                    .errors = update.errors});
            }
            *update.heap_bytes += state.heap - before;
            if (update.out != nullptr) {
                F::write(state, *update.params, *update.out, update.out_at + i);
            }
        }
    };
    made.write = [](const std::byte* state,
                    const AggregateParams& params,
                    ColumnBuilder& out,
                    std::uint32_t row) {
        F::write(*reinterpret_cast<const State*>(state), params, out, row);
    };
    made.merge = [](std::byte* into, const std::byte* from, const AggregateParams& params) {
        F::merge(*reinterpret_cast<State*>(into), *reinterpret_cast<const State*>(from), params);
    };
    made.can_undo = F::kCanUndo;
    made.save = [](const std::byte* state, Buffer& out) {
        F::save(*reinterpret_cast<const State*>(state), out);
    };
    made.load =
        [](std::byte* state, Cursor& in, const AggregateParams& params, std::int64_t& sequence) {
            return F::load(*reinterpret_cast<State*>(state), in, params, sequence) && in.ok();
        };
    made.heap_bytes = [](const std::byte* state) {
        return reinterpret_cast<const State*>(state)->heap;
    };
    return made;
}

/// Appends the bytes of `item`, their number first.
inline void save_bytes(std::string_view item, Buffer& out) {
    out.append_varint(static_cast<std::int64_t>(item.size()));
    out.append(item);
}
/// False when there are fewer.
[[nodiscard]] inline bool load_bytes(Cursor& in, std::string& item) {
    const std::int64_t size = in.read_varint();
    if (!in.ok() || size < 0 || static_cast<std::uint64_t>(size) > in.remaining()) {
        return false;
    }
    item.assign(as_text(in.read_bytes(static_cast<std::size_t>(size))));
    return in.ok();
}
/// A count of items that take at least one byte each; -1 when that cannot be.
[[nodiscard]] inline std::int64_t load_count(Cursor& in) {
    const std::int64_t count = in.read_varint();
    return !in.ok() || count < 0 || static_cast<std::uint64_t>(count) > in.remaining() ? -1 : count;
}
/// What a string holds outside of itself.
[[nodiscard]] inline std::size_t heap_of(const std::string& text) {
    return text.capacity() > 15 ? text.capacity() + 1 : 0;
}

}  // namespace millrace::operators
