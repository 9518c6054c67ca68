// Aggregates that keep values: COLLECT_LIST, COLLECT_SET, COUNT_DISTINCT, TOPK, TOPKDISTINCT,
// HISTOGRAM, ATTR.

#include <algorithm>
#include <map>
#include <unordered_map>

#include "operators/expression/aggregate_kernels.h"
#include "operators/expression/encoded_value.h"
#include "operators/state/key_index.h"

namespace millrace::operators {

namespace {

/// Values as encoded, in the order that their function keeps.
struct ListState {
    std::vector<std::string> items;
    std::size_t heap = 0;
};

void insert(ListState& state, std::size_t at, std::string item) {
    state.heap -= state.items.capacity() * sizeof(std::string);
    state.items.insert(state.items.begin() + static_cast<std::ptrdiff_t>(at), std::move(item));
    state.heap += state.items.capacity() * sizeof(std::string) + heap_of(state.items[at]);
}
void erase(ListState& state, std::size_t at) {
    state.heap -= heap_of(state.items[at]);
    state.items.erase(state.items.begin() + static_cast<std::ptrdiff_t>(at));
}
void write_list(const std::vector<std::string>& items, ColumnBuilder& out, std::uint32_t at) {
    const std::uint32_t first = out.list_elements();
    const auto count = static_cast<std::uint32_t>(items.size());
    for (std::uint32_t i = 0; i < count; ++i) {
        write_encoded(items[i], out.child(0), first + i);
    }
    out.set_list(at, count);
}
void save_list(const std::vector<std::string>& items, Buffer& out) {
    out.append_varint(static_cast<std::int64_t>(items.size()));
    for (const std::string& item : items) {
        save_bytes(item, out);
    }
}
/// Items that are values of `types`, one behind the other.
bool load_list(Cursor& in, const std::vector<DataType>& types, std::vector<std::string>& items) {
    const std::int64_t count = load_count(in);
    for (std::int64_t i = 0; i < count; ++i) {
        std::string item;
        if (!load_bytes(in, item) || !are_encoded_values(types, item)) {
            return false;
        }
        items.push_back(std::move(item));
    }
    return count >= 0;
}
bool is_below(std::size_t size, std::int64_t limit) {
    return static_cast<std::uint64_t>(size) < static_cast<std::uint64_t>(limit);
}

struct CollectList {
    using State = ListState;
    static constexpr bool kCanUndo = true;

    static bool accepts(const AggregateParams& params) { return params.args.size() == 1; }
    static DataType result(const AggregateParams& params) {
        return DataType::array(params.args[0]);
    }
    static void add(State& state, const AggregateRow& row) {
        if (is_below(state.items.size(), row.params.limit)) {
            insert(state, state.items.size(), encoded_value(*row.args[0], row.row));
        }
    }
    /// Which of several equal values came with this row nobody knows: the first goes.
    static void undo(State& state, const AggregateRow& row) {
        const auto found =
            std::find(state.items.begin(), state.items.end(), encoded_value(*row.args[0], row.row));
        if (found != state.items.end()) {
            erase(state, static_cast<std::size_t>(found - state.items.begin()));
        }
    }
    static void merge(State& into, const State& from, const AggregateParams& params) {
        for (const std::string& item : from.items) {
            if (is_below(into.items.size(), params.limit)) {
                insert(into, into.items.size(), item);
            }
        }
    }
    static void write(const State& state,
                      const AggregateParams&,
                      ColumnBuilder& out,
                      std::uint32_t at) {
        write_list(state.items, out, at);
    }
    static void save(const State& state, Buffer& out) { save_list(state.items, out); }
    static bool load(State& state, Cursor& in, const AggregateParams& params, std::int64_t&) {
        state = State{};
        std::vector<std::string> items;
        if (!load_list(in, params.args, items)) {
            return false;
        }
        for (std::string& item : items) {
            insert(state, state.items.size(), std::move(item));
        }
        return true;
    }
};

/// Values in the order in which each came first. Large sets are indexed by hash.
struct SetState {
    static constexpr std::size_t kScanned = 16;  // up to here a scan is faster

    std::vector<std::string> items;
    std::unordered_multimap<std::uint64_t, std::uint32_t> places;  // empty while items are few
    std::size_t heap = 0;
};

constexpr std::size_t kPlaceBytes = 48;  // a node of the map and its bucket, roughly

bool contains(const SetState& state, const std::string& item) {
    if (state.places.empty()) {
        return std::find(state.items.begin(), state.items.end(), item) != state.items.end();
    }
    const auto [begin, end] = state.places.equal_range(BytesIndex::hash(as_bytes(item)));
    return std::any_of(
        begin, end, [&](const auto& place) { return state.items[place.second] == item; });
}
void index_item(SetState& state, std::size_t at) {
    state.places.emplace(BytesIndex::hash(as_bytes(state.items[at])),
                         static_cast<std::uint32_t>(at));
    state.heap += kPlaceBytes;
}
void put(SetState& state, std::string item) {
    state.heap -= state.items.capacity() * sizeof(std::string);
    state.items.push_back(std::move(item));
    state.heap += state.items.capacity() * sizeof(std::string) + heap_of(state.items.back());
    if (!state.places.empty()) {
        index_item(state, state.items.size() - 1);
    } else if (state.items.size() > SetState::kScanned) {
        for (std::size_t i = 0; i < state.items.size(); ++i) {
            index_item(state, i);
        }
    }
}

struct DistinctValues {
    using State = SetState;
    static constexpr bool kCanUndo = false;

    static bool accepts(const AggregateParams& params) { return params.args.size() == 1; }
    static void merge(State& into, const State& from, const AggregateParams& params) {
        for (const std::string& item : from.items) {
            if (is_below(into.items.size(), params.limit) && !contains(into, item)) {
                put(into, item);
            }
        }
    }
    static void add_item(State& state, const AggregateRow& row) {
        if (!is_below(state.items.size(), row.params.limit)) {
            return;
        }
        std::string item = encoded_value(*row.args[0], row.row);
        if (!contains(state, item)) {
            put(state, std::move(item));
        }
    }
    static void save(const State& state, Buffer& out) { save_list(state.items, out); }
    static bool load(State& state, Cursor& in, const AggregateParams& params, std::int64_t&) {
        state = State{};
        std::vector<std::string> items;
        if (!load_list(in, params.args, items)) {
            return false;
        }
        for (std::string& item : items) {
            put(state, std::move(item));
        }
        return true;
    }
};

struct CollectSet : DistinctValues {
    static DataType result(const AggregateParams& params) {
        return DataType::array(params.args[0]);
    }
    static void add(State& state, const AggregateRow& row) { add_item(state, row); }
    static void write(const State& state,
                      const AggregateParams&,
                      ColumnBuilder& out,
                      std::uint32_t at) {
        write_list(state.items, out, at);
    }
};

struct CountDistinct : DistinctValues {
    static DataType result(const AggregateParams&) { return TypeKind::kBigint; }
    static void add(State& state, const AggregateRow& row) {
        if (row.is_valid(0)) {
            add_item(state, row);
        }
    }
    static void write(const State& state,
                      const AggregateParams&,
                      ColumnBuilder& out,
                      std::uint32_t at) {
        out.set(at, static_cast<std::int64_t>(state.items.size()));
    }
};

/// Largest first; of equal ones the first that came. An item is the value, then the other columns.
template <bool kIsDistinct>
struct TopK {
    using State = ListState;
    static constexpr bool kCanUndo = false;

    static bool accepts(const AggregateParams& params) {
        return params.is_list && !params.args.empty() && has_order(params.args[0]) &&
               (!kIsDistinct || params.args.size() == 1);
    }
    static DataType result(const AggregateParams& params) {
        if (params.args.size() == 1) {
            return DataType::array(params.args[0]);
        }
        std::vector<Field> fields;
        for (std::size_t i = 0; i < params.args.size(); ++i) {
            fields.push_back({i == 0 ? "sort_col" : "col" + std::to_string(i - 1), params.args[i]});
        }
        return DataType::array(DataType::structure(std::move(fields)));
    }
    static void offer(State& state, std::string item, const AggregateParams& params) {
        const TypeKind kind = params.args[0].kind();
        const auto below =
            std::partition_point(state.items.begin(), state.items.end(), [&](const auto& kept) {
                return compare_encoded(kind, kept, item) >= 0;
            });
        if (kIsDistinct && below != state.items.begin() &&
            compare_encoded(kind, *(below - 1), item) == 0) {
            return;
        }
        const auto at = static_cast<std::size_t>(below - state.items.begin());
        if (!is_below(at, params.limit)) {
            return;
        }
        if (!is_below(state.items.size(), params.limit)) {
            erase(state, state.items.size() - 1);
        }
        insert(state, at, std::move(item));
    }
    static void add(State& state, const AggregateRow& row) {
        if (!row.is_valid(0)) {
            return;
        }
        std::string item;
        for (const Column* column : row.args) {
            item += encoded_value(*column, row.row);
        }
        offer(state, std::move(item), row.params);
    }
    static void merge(State& into, const State& from, const AggregateParams& params) {
        for (const std::string& item : from.items) {
            offer(into, item, params);
        }
    }
    static void write(const State& state,
                      const AggregateParams& params,
                      ColumnBuilder& out,
                      std::uint32_t at) {
        if (params.args.size() == 1) {
            write_list(state.items, out, at);
            return;
        }
        const std::uint32_t first = out.list_elements();
        const auto count = static_cast<std::uint32_t>(state.items.size());
        ColumnBuilder& elements = out.child(0);
        for (std::uint32_t i = 0; i < count; ++i) {
            // An item is what a STRUCT of the columns is, but for its first byte.
            write_encoded('\1' + state.items[i], elements, first + i);
        }
        out.set_list(at, count);
    }
    static void save(const State& state, Buffer& out) { save_list(state.items, out); }
    static bool load(State& state, Cursor& in, const AggregateParams& params, std::int64_t&) {
        state = State{};
        std::vector<std::string> items;
        if (!load_list(in, params.args, items)) {
            return false;
        }
        for (std::string& item : items) {
            insert(state, state.items.size(), std::move(item));
        }
        return true;
    }
};

/// How often each value came.
struct CountsState {
    std::map<std::string, std::int64_t> counts;
    std::size_t heap = 0;
};

constexpr std::size_t kCountBytes = 96;  // a node of the map, roughly

void count(CountsState& state, const std::string& item, std::int64_t times) {
    const auto [at, is_new] = state.counts.try_emplace(item, 0);
    if (is_new) {
        state.heap += kCountBytes + heap_of(at->first);
    }
    at->second += times;
    if (at->second <= 0) {
        state.heap -= kCountBytes + heap_of(at->first);
        state.counts.erase(at);
    }
}

struct Counts {
    using State = CountsState;
    static constexpr bool kCanUndo = true;

    static void save(const State& state, Buffer& out) {
        out.append_varint(static_cast<std::int64_t>(state.counts.size()));
        for (const auto& [item, times] : state.counts) {
            save_bytes(item, out);
            out.append_varint(times);
        }
    }
    static bool load(State& state, Cursor& in, const AggregateParams& params, std::int64_t&) {
        state = State{};
        const std::int64_t size = load_count(in);
        for (std::int64_t i = 0; i < size; ++i) {
            std::string item;
            if (!load_bytes(in, item) || !is_encoded_value(params.args[0], item)) {
                return false;
            }
            const std::int64_t times = in.read_varint();
            if (!in.ok() || times <= 0) {
                return false;
            }
            count(state, item, times);
        }
        return size >= 0;
    }
};

struct Histogram : Counts {
    static constexpr std::size_t kMostValues = 1000;  // as ksqlDB

    static bool accepts(const AggregateParams& params) {
        return params.args.size() == 1 && params.args[0].is(TypeKind::kString);
    }
    static DataType result(const AggregateParams&) {
        return DataType::map(TypeKind::kString, TypeKind::kBigint);
    }
    static void count_bounded(State& state, const std::string& item, std::int64_t times) {
        if (state.counts.size() < kMostValues || state.counts.count(item) != 0) {
            count(state, item, times);
        }
    }
    static void add(State& state, const AggregateRow& row) {
        if (row.is_valid(0)) {
            count_bounded(state, encoded_value(*row.args[0], row.row), 1);
        }
    }
    static void undo(State& state, const AggregateRow& row) {
        if (row.is_valid(0)) {
            const std::string item = encoded_value(*row.args[0], row.row);
            if (state.counts.count(item) != 0) {
                count(state, item, -1);
            }
        }
    }
    static void merge(State& into, const State& from, const AggregateParams&) {
        for (const auto& [item, times] : from.counts) {
            count_bounded(into, item, times);
        }
    }
    static void write(const State& state,
                      const AggregateParams&,
                      ColumnBuilder& out,
                      std::uint32_t at) {
        std::uint32_t element = out.list_elements();
        for (const auto& [item, times] : state.counts) {
            write_encoded(item, out.child(0), element);
            out.child(1).set(element, times);
            ++element;
        }
        out.set_list(at, static_cast<std::uint32_t>(state.counts.size()));
    }
};

struct Attr : Counts {
    static bool accepts(const AggregateParams& params) { return params.args.size() == 1; }
    static DataType result(const AggregateParams& params) { return params.args[0]; }
    static void add(State& state, const AggregateRow& row) {
        count(state, encoded_value(*row.args[0], row.row), 1);
    }
    static void undo(State& state, const AggregateRow& row) {
        const std::string item = encoded_value(*row.args[0], row.row);
        if (state.counts.count(item) != 0) {
            count(state, item, -1);
        }
    }
    static void merge(State& into, const State& from, const AggregateParams&) {
        for (const auto& [item, times] : from.counts) {
            count(into, item, times);
        }
    }
    static void write(const State& state,
                      const AggregateParams&,
                      ColumnBuilder& out,
                      std::uint32_t at) {
        if (state.counts.size() == 1) {
            write_encoded(state.counts.begin()->first, out, at);
        } else {
            out.set_null(at);
        }
    }
};

}  // namespace

void add_collection_aggregates(std::vector<AggregateFunction>& table) {
    table.push_back(make_aggregate_function<CollectList>(
        "COLLECT_LIST", "any type", "an array of all values, nulls too, in their order"));
    table.push_back(make_aggregate_function<CollectSet>(
        "COLLECT_SET", "any type", "an array of the different values, NULL too, as they came"));
    table.push_back(make_aggregate_function<CountDistinct>(
        "COUNT_DISTINCT", "any type", "how many different values that are not NULL, exactly"));
    table.push_back(make_aggregate_function<TopK<false>>(
        "TOPK",
        "a type with an order [, other columns], how many",
        "an array of the largest values, largest first; with other columns of STRUCTs"));
    table.push_back(make_aggregate_function<TopK<true>>(
        "TOPKDISTINCT",
        "a type with an order, how many",
        "an array of the largest different values, largest first"));
    table.push_back(make_aggregate_function<Histogram>(
        "HISTOGRAM", "STRING", "a map of how often each value came, of the first 1000 values"));
    table.push_back(make_aggregate_function<Attr>(
        "ATTR", "any type", "the value when all rows have the same one, else NULL"));
}

}  // namespace millrace::operators
