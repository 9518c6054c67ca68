// EARLIEST_BY_OFFSET and LATEST_BY_OFFSET of any type, of several values, with nulls.

#include <algorithm>

#include "operators/expression/aggregate_kernels.h"
#include "operators/expression/encoded_value.h"

namespace millrace::operators {

namespace {

struct OffsetItem {
    std::int64_t sequence = 0;
    std::string bytes;
};

/// Items ascend by sequence: oldest first.
struct OffsetState {
    std::vector<OffsetItem> items;
    std::size_t heap = 0;
};

void push(OffsetState& state, OffsetItem item) {
    state.heap -= state.items.capacity() * sizeof(OffsetItem);
    state.items.push_back(std::move(item));
    state.heap += state.items.capacity() * sizeof(OffsetItem) + heap_of(state.items.back().bytes);
}
void erase(OffsetState& state, std::size_t at) {
    state.heap -= heap_of(state.items[at].bytes);
    state.items.erase(state.items.begin() + static_cast<std::ptrdiff_t>(at));
}

template <bool kIsEarliest>
struct ByOffset {
    using State = OffsetState;
    static constexpr bool kCanUndo = false;

    static bool accepts(const AggregateParams& params) { return params.args.size() == 1; }
    static DataType result(const AggregateParams& params) {
        return params.is_list ? DataType::array(params.args[0]) : params.args[0];
    }
    static std::size_t size_limit(const AggregateParams& params) {
        return params.is_list ? static_cast<std::size_t>(params.limit) : 1;
    }
    static void add(State& state, const AggregateRow& row) {
        if (row.params.ignores_nulls && !row.is_valid(0)) {
            return;
        }
        const bool is_full = state.items.size() >= size_limit(row.params);
        if (kIsEarliest && is_full) {
            return;
        }
        if (is_full) {
            erase(state, 0);
        }
        push(state, {row.sequence, encoded_value(*row.args[0], row.row)});
    }
    static void merge(State& into, const State& from, const AggregateParams& params) {
        for (const OffsetItem& item : from.items) {
            push(into, item);
        }
        std::sort(into.items.begin(), into.items.end(), [](const auto& a, const auto& b) {
            return a.sequence < b.sequence;
        });
        while (into.items.size() > size_limit(params)) {
            erase(into, kIsEarliest ? into.items.size() - 1 : 0);
        }
    }
    static void write(const State& state,
                      const AggregateParams& params,
                      ColumnBuilder& out,
                      std::uint32_t at) {
        if (!params.is_list) {
            if (state.items.empty()) {
                out.set_null(at);
            } else {
                write_encoded(state.items[0].bytes, out, at);
            }
            return;
        }
        const std::uint32_t first = out.list_elements();
        const auto count = static_cast<std::uint32_t>(state.items.size());
        for (std::uint32_t i = 0; i < count; ++i) {
            write_encoded(state.items[i].bytes, out.child(0), first + i);
        }
        out.set_list(at, count);
    }
    static void save(const State& state, Buffer& out) {
        out.append_varint(static_cast<std::int64_t>(state.items.size()));
        for (const OffsetItem& item : state.items) {
            out.append_varint(item.sequence);
            save_bytes(item.bytes, out);
        }
    }
    static bool load(State& state,
                     Cursor& in,
                     const AggregateParams& params,
                     std::int64_t& sequence) {
        state = State{};
        const std::int64_t count = load_count(in);
        for (std::int64_t i = 0; i < count; ++i) {
            OffsetItem item;
            item.sequence = in.read_varint();
            if (!load_bytes(in, item.bytes) || !is_encoded_value(params.args[0], item.bytes)) {
                return false;
            }
            sequence = std::max(sequence, item.sequence);
            push(state, std::move(item));
        }
        return count >= 0;
    }
};

}  // namespace

void add_offset_aggregates(std::vector<AggregateFunction>& table) {
    constexpr std::string_view kArguments = "any type [, how many] [, whether nulls are ignored]";
    table.push_back(make_aggregate_function<ByOffset<true>>(
        "EARLIEST_BY_OFFSET", kArguments, "the value that came first, or an array of the first n"));
    table.push_back(make_aggregate_function<ByOffset<false>>(
        "LATEST_BY_OFFSET", kArguments, "the value that came last, or an array of the last n"));
}

}  // namespace millrace::operators
