#include <algorithm>
#include <string>

#include "operators/functions/cells.h"
#include "operators/functions/function_table.h"

namespace millrace::operators {

namespace {

template <std::size_t Child>
void run_entries_of(KernelCall& call) {
    const ListReader map(call.args[0]);
    ListWriter out(call);
    call.for_each_valid([&](std::uint32_t row) {
        for (std::uint32_t i = map.begin(row); i < map.end(row); ++i) {
            out.add({&map.child(Child), i});
        }
        out.finish(row);
    });
}

void add_entry(ListWriter& out, const Cell& key, const Cell& value) {
    out.copy(0, key);
    out.copy(1, value);
    out.next();
}

/// (keys, values): as many entries as the shorter one has; of equal keys the last one counts.
void run_as_map(KernelCall& call) {
    const ListReader keys(call.args[0]);
    const ListReader values(call.args[1]);
    CellSet later;
    ListWriter out(call);
    std::vector<std::uint32_t> kept;
    call.for_each_valid([&](std::uint32_t row) {
        later.clear();
        kept.clear();
        for (std::uint32_t i = std::min(keys.size(row), values.size(row)); i-- > 0;) {
            const Cell key = keys.element(keys.begin(row) + i);
            if (!key.is_valid()) {
                call.fail(row, "a key of AS_MAP is NULL");
                return;
            }
            if (later.insert(key)) {
                kept.push_back(i);
            }
        }
        std::for_each(kept.rbegin(), kept.rend(), [&](std::uint32_t i) {
            add_entry(
                out, keys.element(keys.begin(row) + i), values.element(values.begin(row) + i));
        });
        out.finish(row);
    });
}

void run_map_union(KernelCall& call) {
    const ListReader left(call.args[0]);
    const ListReader right(call.args[1]);
    CellSet overridden;
    ListWriter out(call);
    call.rows.for_each([&](std::uint32_t row) {
        const bool has_left = call.args[0].is_valid(row);
        const bool has_right = call.args[1].is_valid(row);
        if (!has_left && !has_right) {
            call.set_null(row);
            return;
        }
        overridden.clear();
        for (std::uint32_t i = has_right ? right.begin(row) : 0; has_right && i < right.end(row);
             ++i) {
            overridden.insert(right.element(i));
        }
        for (std::uint32_t i = has_left ? left.begin(row) : 0; has_left && i < left.end(row); ++i) {
            if (!overridden.contains(left.element(i))) {
                add_entry(out, left.element(i), {&left.child(1), i});
            }
        }
        for (std::uint32_t i = has_right ? right.begin(row) : 0; has_right && i < right.end(row);
             ++i) {
            add_entry(out, right.element(i), {&right.child(1), i});
        }
        out.finish(row);
    });
}

/// (map, sorted by key)
void run_entries(KernelCall& call) {
    const ListReader map(call.args[0]);
    const Reader<std::uint8_t> is_sorted(call.args[1]);
    ListWriter out(call);
    std::vector<std::uint32_t> order;
    call.for_each_valid([&](std::uint32_t row) {
        order.clear();
        for (std::uint32_t i = map.begin(row); i < map.end(row); ++i) {
            order.push_back(i);
        }
        if (is_sorted[row] != 0) {
            std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
                return compare_cells(map.element(a), map.element(b)) < 0;
            });
        }
        for (const std::uint32_t i : order) {
            ColumnBuilder& entry = out.child(0);
            entry.set_present(out.at());
            entry.child(0).copy_from(out.at(), map.child(0), i);
            entry.child(1).copy_from(out.at(), map.child(1), i);
            out.next();
        }
        out.finish(row);
    });
}

DataType entries_type(std::span<const DataType> args) {
    const std::vector<Field>& entry = args[0].children();
    return DataType::array(DataType::structure({{"K", entry[0].type}, {"V", entry[1].type}}));
}

}  // namespace

FunctionFamily map_functions() {
    return {"Maps",
            {{"AS_MAP",
              "A map of two arrays, keys and values; the longer one is cut.",
              "AS_MAP(SPLIT('a,b', ','), GENERATE_SERIES(1, 2))",
              "{a=1, b=2}",
              {{"ARRAY<STRING>, ARRAY<V> -> MAP<STRING, V>", fallible(run_as_map)}}},
             {"ENTRIES",
              "The entries as an array of structs with the fields K and V, by key if the second "
              "argument is true.",
              "ENTRIES(SPLIT_TO_MAP('b:2,a:1', ',', ':'), TRUE)",
              "[{K=a, V=1}, {K=b, V=2}]",
              {{"MAP<STRING, V>, BOOLEAN -> ARRAY<V>", strict(run_entries), entries_type}}},
             {"MAP_KEYS",
              "The keys, in no particular order.",
              "MAP_KEYS(SPLIT_TO_MAP('a:1,b:2', ',', ':'))",
              "[a, b]",
              {{"MAP<K, V> -> ARRAY<K>", strict(run_entries_of<0>)}}},
             {"MAP_UNION",
              "The entries of both; of equal keys the second map's. A NULL map counts as empty "
              "unless both are NULL.",
              "MAP_UNION(SPLIT_TO_MAP('a:1,b:2', ',', ':'), SPLIT_TO_MAP('b:3', ',', ':'))",
              "{a=1, b=3}",
              {{"MAP<K, V>, MAP<K, V> -> MAP<K, V>", null_aware(run_map_union)}}},
             {"MAP_VALUES",
              "The values, in no particular order.",
              "MAP_VALUES(SPLIT_TO_MAP('a:1,b:2', ',', ':'))",
              "[1, 2]",
              {{"MAP<K, V> -> ARRAY<V>", strict(run_entries_of<1>)}}}}};
}

}  // namespace millrace::operators
