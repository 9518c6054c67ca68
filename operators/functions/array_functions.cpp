#include <algorithm>
#include <optional>
#include <string>

#include "operators/functions/cells.h"
#include "operators/functions/function_table.h"
#include "operators/functions/utf8.h"

namespace millrace::operators {

namespace {

void run_length(KernelCall& call) {
    const ListReader list(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        call.out<std::int32_t>()[row] = static_cast<std::int32_t>(list.size(row));
    });
}

void run_contains(KernelCall& call) {
    const ListReader list(call.args[0]);
    const ArgColumn wanted(call.args[1], call.rows.size);
    call.rows.for_each([&](std::uint32_t row) {
        bool is_found = false;
        if (call.args[0].is_valid(row)) {
            const bool wants_null = !wanted.is_valid(row);
            for (std::uint32_t i = list.begin(row); i < list.end(row) && !is_found; ++i) {
                const Cell element = list.element(i);
                is_found = wants_null
                               ? !element.is_valid()
                               : element.is_valid() && equal_cells(element, wanted.cell(row));
            }
        }
        call.out<std::uint8_t>()[row] = is_found ? 1 : 0;
    });
}

void run_remove(KernelCall& call) {
    const ListReader list(call.args[0]);
    const ArgColumn victim(call.args[1], call.rows.size);
    ListWriter out(call);
    call.rows.for_each([&](std::uint32_t row) {
        if (!call.args[0].is_valid(row)) {
            call.set_null(row);
            return;
        }
        const bool drops_null = !victim.is_valid(row);
        for (std::uint32_t i = list.begin(row); i < list.end(row); ++i) {
            const Cell element = list.element(i);
            const bool is_victim =
                drops_null ? !element.is_valid()
                           : element.is_valid() && equal_cells(element, victim.cell(row));
            if (!is_victim) {
                out.add(element);
            }
        }
        out.finish(row);
    });
}

void add_all(ListWriter& out, const ListReader& list, std::uint32_t row) {
    for (std::uint32_t i = list.begin(row); i < list.end(row); ++i) {
        out.add(list.element(i));
    }
}

void run_array_concat(KernelCall& call) {
    const ListReader left(call.args[0]);
    const ListReader right(call.args[1]);
    ListWriter out(call);
    call.rows.for_each([&](std::uint32_t row) {
        const bool has_left = call.args[0].is_valid(row);
        const bool has_right = call.args[1].is_valid(row);
        if (!has_left && !has_right) {
            call.set_null(row);
            return;
        }
        if (has_left) {
            add_all(out, left, row);
        }
        if (has_right) {
            add_all(out, right, row);
        }
        out.finish(row);
    });
}

void add_distinct(ListWriter& out, CellSet& seen, const ListReader& list, std::uint32_t row) {
    for (std::uint32_t i = list.begin(row); i < list.end(row); ++i) {
        if (seen.insert(list.element(i))) {
            out.add(list.element(i));
        }
    }
}

/// One argument: its distinct elements; two: those of both.
void run_distinct(KernelCall& call) {
    CellSet seen;
    ListWriter out(call);
    call.for_each_valid([&](std::uint32_t row) {
        seen.clear();
        for (const Vector& arg : call.args) {
            add_distinct(out, seen, ListReader(arg), row);
        }
        out.finish(row);
    });
}

/// The distinct elements of the first that are (or are not) in the second.
template <bool Wanted>
void run_pick(KernelCall& call) {
    const ListReader left(call.args[0]);
    const ListReader right(call.args[1]);
    CellSet others;
    CellSet seen;
    ListWriter out(call);
    call.for_each_valid([&](std::uint32_t row) {
        others.clear();
        seen.clear();
        for (std::uint32_t i = right.begin(row); i < right.end(row); ++i) {
            others.insert(right.element(i));
        }
        for (std::uint32_t i = left.begin(row); i < left.end(row); ++i) {
            const Cell element = left.element(i);
            if (others.contains(element) == Wanted && seen.insert(element)) {
                out.add(element);
            }
        }
        out.finish(row);
    });
}

std::optional<bool> is_descending(std::string_view word) {
    std::string upper;
    for (const char c : word) {
        upper += ascii_upper(c);
    }
    if (upper == "ASC" || upper == "ASCENDING") {
        return false;
    }
    return upper == "DESC" || upper == "DESCENDING" ? std::optional(true) : std::nullopt;
}

void run_sort(KernelCall& call) {
    const ListReader list(call.args[0]);
    ListWriter out(call);
    std::vector<std::uint32_t> order;
    call.for_each_valid([&](std::uint32_t row) {
        const auto descends = call.args.size() < 2
                                  ? std::optional(false)
                                  : is_descending(Reader<StringRef>(call.args[1])[row].view());
        if (!descends) {
            call.set_null(row);
            return;
        }
        order.clear();
        for (std::uint32_t i = list.begin(row); i < list.end(row); ++i) {
            if (list.child(0).is_valid(i)) {
                order.push_back(i);
            }
        }
        std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
            const int by = compare_cells(list.element(a), list.element(b));
            return *descends ? by > 0 : by < 0;
        });
        for (const std::uint32_t i : order) {
            out.add(list.element(i));
        }
        for (std::size_t i = order.size(); i < list.size(row); ++i) {
            out.null(0);
            out.next();
        }
        out.finish(row);
    });
}

template <bool IsMax>
void run_array_extreme(KernelCall& call) {
    const ListReader list(call.args[0]);
    const std::size_t width = call.type->width();
    call.for_each_valid([&](std::uint32_t row) {
        std::optional<std::uint32_t> best;
        for (std::uint32_t i = list.begin(row); i < list.end(row); ++i) {
            if (!list.child(0).is_valid(i)) {
                continue;
            }
            const int by = best ? compare_cells(list.element(i), list.element(*best)) : 1;
            if (!best || (IsMax ? by > 0 : by < 0)) {
                best = i;
            }
        }
        if (!best) {
            call.set_null(row);
            return;
        }
        const Column& elements = list.child(0);
        const std::uint32_t slot = elements.slot(*best);
        const auto copy = [&](const auto* values) {
            std::memcpy(call.out<std::byte>() + row * width, values + slot, width);
        };
        switch (width) {
            case 1:
                return copy(elements.values<std::uint8_t>());
            case 4:
                return copy(elements.values<std::int32_t>());
            case 8:
                return copy(elements.values<std::int64_t>());
            default:
                if (elements.type().is(TypeKind::kDecimal)) {
                    return copy(elements.values<Int128>());
                }
                // The list's memory is not the register's to keep.
                return call.set_text(row, elements.text(*best));
        }
    });
}

void run_join(KernelCall& call) {
    const ListReader list(call.args[0]);
    std::string text;
    call.rows.for_each([&](std::uint32_t row) {
        if (!call.args[0].is_valid(row)) {
            call.set_null(row);
            return;
        }
        std::string_view delimiter = ",";
        if (call.args.size() > 1) {
            delimiter = call.args[1].is_valid(row) ? Reader<StringRef>(call.args[1])[row].view()
                                                   : std::string_view();
        }
        text.clear();
        for (std::uint32_t i = list.begin(row); i < list.end(row); ++i) {
            text += i == list.begin(row) ? std::string_view() : delimiter;
            append_cell(text, list.element(i));
        }
        call.set_text(row, text);
    });
}

/// (list, from, to), both included; NULL ends are the list's own.
void run_slice(KernelCall& call) {
    const ListReader list(call.args[0]);
    const Reader<std::int32_t> from(call.args[1]);
    const Reader<std::int32_t> to(call.args[2]);
    ListWriter out(call);
    call.rows.for_each([&](std::uint32_t row) {
        if (!call.args[0].is_valid(row)) {
            call.set_null(row);
            return;
        }
        const std::int64_t size = list.size(row);
        const std::int64_t begin =
            call.args[1].is_valid(row) ? std::int64_t{from[row]} - 1 : std::int64_t{0};
        const std::int64_t end = call.args[2].is_valid(row) ? std::int64_t{to[row]} : size;
        if (begin < 0 || end > size || begin > end) {
            call.set_null(row);
            return;
        }
        for (std::int64_t i = begin; i < end; ++i) {
            out.add(list.element(list.begin(row) + static_cast<std::uint32_t>(i)));
        }
        out.finish(row);
    });
}

/// (first, last[, step])
template <class T>
void run_series(KernelCall& call) {
    const Reader<T> first(call.args[0]);
    const Reader<T> last(call.args[1]);
    ListWriter out(call);
    call.for_each_valid([&](std::uint32_t row) {
        const Int128 begin = first[row];
        const Int128 end = last[row];
        const Int128 step = call.args.size() > 2 ? Reader<std::int32_t>(call.args[2])[row]
                            : end < begin        ? -1
                                                 : 1;
        if (step == 0 || (end != begin && (end > begin) != (step > 0))) {
            call.fail(row, "the step of GENERATE_SERIES does not lead from its start to its end");
            return;
        }
        const Int128 count = (end - begin) / step + 1;
        if (count > kListMax) {
            call.fail(row,
                      "GENERATE_SERIES makes at most " + std::to_string(kListMax) + " elements");
            return;
        }
        for (Int128 i = 0; i < count; ++i) {
            out.value(0, static_cast<T>(begin + i * step));
            out.next();
        }
        out.finish(row);
    });
}

/// ARRAY_MAX and their like compare plain elements only.
std::vector<OverloadSpec> over_plain(std::string_view (*signature)(std::size_t),
                                     KernelInfo kernel) {
    std::vector<OverloadSpec> overloads;
    for (std::size_t i = 0; !signature(i).empty(); ++i) {
        overloads.push_back({signature(i), kernel});
    }
    return overloads;
}

std::string_view extreme_signature(std::size_t i) {
    constexpr std::string_view kAll[] = {"ARRAY<BOOLEAN> -> BOOLEAN",
                                         "ARRAY<INTEGER> -> INTEGER",
                                         "ARRAY<BIGINT> -> BIGINT",
                                         "ARRAY<DOUBLE> -> DOUBLE",
                                         "ARRAY<STRING> -> STRING",
                                         "ARRAY<BYTES> -> BYTES",
                                         "ARRAY<DATE> -> DATE",
                                         "ARRAY<TIME> -> TIME",
                                         "ARRAY<TIMESTAMP> -> TIMESTAMP"};
    return i < std::size(kAll) ? kAll[i] : std::string_view();
}
std::string_view join_signature(std::size_t i) {
    constexpr std::string_view kAll[] = {
        "ARRAY<BOOLEAN> -> STRING",
        "ARRAY<INTEGER> -> STRING",
        "ARRAY<BIGINT> -> STRING",
        "ARRAY<DOUBLE> -> STRING",
        "ARRAY<DECIMAL> -> STRING",
        "ARRAY<STRING> -> STRING",
        "ARRAY<DATE> -> STRING",
        "ARRAY<TIME> -> STRING",
        "ARRAY<TIMESTAMP> -> STRING",
        "ARRAY<BOOLEAN>, STRING -> STRING",
        "ARRAY<INTEGER>, STRING -> STRING",
        "ARRAY<BIGINT>, STRING -> STRING",
        "ARRAY<DOUBLE>, STRING -> STRING",
        "ARRAY<DECIMAL>, STRING -> STRING",
        "ARRAY<STRING>, STRING -> STRING",
        "ARRAY<DATE>, STRING -> STRING",
        "ARRAY<TIME>, STRING -> STRING",
        "ARRAY<TIMESTAMP>, STRING -> STRING",
    };
    return i < std::size(kAll) ? kAll[i] : std::string_view();
}
std::string_view sort_signature(std::size_t i) {
    constexpr std::string_view kAll[] = {
        "ARRAY<BOOLEAN> -> ARRAY<BOOLEAN>",
        "ARRAY<INTEGER> -> ARRAY<INTEGER>",
        "ARRAY<BIGINT> -> ARRAY<BIGINT>",
        "ARRAY<DOUBLE> -> ARRAY<DOUBLE>",
        "ARRAY<STRING> -> ARRAY<STRING>",
        "ARRAY<BYTES> -> ARRAY<BYTES>",
        "ARRAY<DATE> -> ARRAY<DATE>",
        "ARRAY<TIME> -> ARRAY<TIME>",
        "ARRAY<TIMESTAMP> -> ARRAY<TIMESTAMP>",
        "ARRAY<BOOLEAN>, STRING -> ARRAY<BOOLEAN>",
        "ARRAY<INTEGER>, STRING -> ARRAY<INTEGER>",
        "ARRAY<BIGINT>, STRING -> ARRAY<BIGINT>",
        "ARRAY<DOUBLE>, STRING -> ARRAY<DOUBLE>",
        "ARRAY<STRING>, STRING -> ARRAY<STRING>",
        "ARRAY<BYTES>, STRING -> ARRAY<BYTES>",
        "ARRAY<DATE>, STRING -> ARRAY<DATE>",
        "ARRAY<TIME>, STRING -> ARRAY<TIME>",
        "ARRAY<TIMESTAMP>, STRING -> ARRAY<TIMESTAMP>",
    };
    return i < std::size(kAll) ? kAll[i] : std::string_view();
}

DataType element_type(std::span<const DataType> args) {
    return args[0].children()[0].type;
}
DataType same_type(std::span<const DataType> args) {
    return args[0];
}

/// With the DECIMAL overloads, whose precision only a rule can carry over.
std::vector<OverloadSpec> extremes(KernelInfo kernel) {
    std::vector<OverloadSpec> overloads = over_plain(extreme_signature, kernel);
    overloads.push_back({"ARRAY<DECIMAL> -> DECIMAL", kernel, element_type});
    return overloads;
}
std::vector<OverloadSpec> sorts() {
    const KernelInfo kernel = strict(run_sort);
    std::vector<OverloadSpec> overloads = over_plain(sort_signature, kernel);
    overloads.push_back({"ARRAY<DECIMAL> -> ARRAY<DECIMAL>", kernel, same_type});
    overloads.push_back({"ARRAY<DECIMAL>, STRING -> ARRAY<DECIMAL>", kernel, same_type});
    return overloads;
}

}  // namespace

FunctionFamily array_functions() {
    const KernelInfo distinct = strict(run_distinct);
    return {
        "Arrays",
        {{"ARRAY_CONCAT",
          "The elements of both; a NULL array counts as empty unless both are NULL.",
          "ARRAY_CONCAT(GENERATE_SERIES(1, 2), GENERATE_SERIES(2, 3))",
          "[1, 2, 2, 3]",
          {{"ARRAY<T>, ARRAY<T> -> ARRAY<T>", null_aware(run_array_concat)}}},
         {"ARRAY_CONTAINS",
          "Whether the value is an element; false for a NULL array.",
          "ARRAY_CONTAINS(SPLIT('a,b', ','), 'b')",
          "true",
          {{"ARRAY<T>, T -> BOOLEAN", null_aware(run_contains)}}},
         {"ARRAY_DISTINCT",
          "Every element once, in the order of their first places.",
          "ARRAY_DISTINCT(SPLIT('b,a,b', ','))",
          "[b, a]",
          {{"ARRAY<T> -> ARRAY<T>", distinct}}},
         {"ARRAY_EXCEPT",
          "The distinct elements of the first array that are not in the second.",
          "ARRAY_EXCEPT(GENERATE_SERIES(1, 4), GENERATE_SERIES(2, 3))",
          "[1, 4]",
          {{"ARRAY<T>, ARRAY<T> -> ARRAY<T>", strict(run_pick<false>)}}},
         {"ARRAY_INTERSECT",
          "The distinct elements of the first array that are in the second too.",
          "ARRAY_INTERSECT(GENERATE_SERIES(1, 4), GENERATE_SERIES(3, 9))",
          "[3, 4]",
          {{"ARRAY<T>, ARRAY<T> -> ARRAY<T>", strict(run_pick<true>)}}},
         {"ARRAY_JOIN",
          "The elements as one text, a delimiter (a comma) between them; NULL elements are null.",
          "ARRAY_JOIN(GENERATE_SERIES(1, 3), '-')",
          "1-2-3",
          over_plain(join_signature, null_aware(run_join))},
         {"ARRAY_LENGTH",
          "The number of elements.",
          "ARRAY_LENGTH(SPLIT('a,b', ','))",
          "2",
          {{"ARRAY<T> -> INTEGER", strict(run_length)}}},
         {"ARRAY_MAX",
          "The greatest element that is not NULL.",
          "ARRAY_MAX(SPLIT('b,c,a', ','))",
          "c",
          extremes(strict(run_array_extreme<true>))},
         {"ARRAY_MIN",
          "The least element that is not NULL.",
          "ARRAY_MIN(GENERATE_SERIES(3, 1))",
          "1",
          extremes(strict(run_array_extreme<false>))},
         {"ARRAY_REMOVE",
          "Without the elements that equal the value, which may be NULL.",
          "ARRAY_REMOVE(SPLIT('a,b,a', ','), 'a')",
          "[b]",
          {{"ARRAY<T>, T -> ARRAY<T>", null_aware(run_remove)}}},
         {"ARRAY_SORT",
          "Sorted, 'ASC' (the default) or 'DESC'; NULLs come last.",
          "ARRAY_SORT(SPLIT('b,c,a', ','), 'DESC')",
          "[c, b, a]",
          sorts()},
         {"ARRAY_UNION",
          "The distinct elements of both, in the order of their first places.",
          "ARRAY_UNION(GENERATE_SERIES(1, 2), GENERATE_SERIES(2, 3))",
          "[1, 2, 3]",
          {{"ARRAY<T>, ARRAY<T> -> ARRAY<T>", distinct}}},
         {"GENERATE_SERIES",
          "The numbers from a start to an end, both included, by a step (1, or -1 downwards).",
          "GENERATE_SERIES(1, 7, 3)",
          "[1, 4, 7]",
          {{"INTEGER, INTEGER -> ARRAY<INTEGER>", fallible(run_series<std::int32_t>)},
           {"BIGINT, BIGINT -> ARRAY<BIGINT>", fallible(run_series<std::int64_t>)},
           {"INTEGER, INTEGER, INTEGER -> ARRAY<INTEGER>", fallible(run_series<std::int32_t>)},
           {"BIGINT, BIGINT, INTEGER -> ARRAY<BIGINT>", fallible(run_series<std::int64_t>)}}},
         {"SLICE",
          "The elements from one position to another, both included, from 1.",
          "SLICE(SPLIT('a,b,c,d', ','), 2, 3)",
          "[b, c]",
          {{"ARRAY<T>, INTEGER, INTEGER -> ARRAY<T>", null_aware(run_slice)}}}}};
}

}  // namespace millrace::operators
