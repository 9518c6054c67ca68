#include "operators/expression/compare_kernels.h"

#include <algorithm>

#include "operators/expression/wide_decimal.h"

namespace millrace::operators {

namespace {

template <CompareOp Op, class T>
bool holds(const T& a, const T& b) {
    switch (Op) {
        case CompareOp::kEqual:
            return a == b;
        case CompareOp::kNotEqual:
            return a != b;
        case CompareOp::kLess:
            return a < b;
        case CompareOp::kLessOrEqual:
            return a <= b;
        case CompareOp::kGreater:
            return a > b;
        case CompareOp::kGreaterOrEqual:
            return a >= b;
    }
    return false;
}

template <CompareOp Op>
bool holds_text(const StringRef& a, const StringRef& b) {
    if constexpr (Op == CompareOp::kEqual) {
        return a == b;
    } else if constexpr (Op == CompareOp::kNotEqual) {
        return !(a == b);
    } else {
        return holds<Op, int>(compare(a, b), 0);
    }
}

void clear_nulls(const Vector& arg, const RowSet& rows, std::uint8_t* out) {
    if (arg.validity == nullptr) {
        return;
    }
    if (arg.is_constant) {
        if ((arg.validity[0] & 1) == 0) {
            std::memset(out, 0, rows.size);
        }
        return;
    }
    for (std::uint32_t word = 0; word * 64 < rows.size; ++word) {
        const std::uint64_t bits = arg.validity[word];
        if (bits == ~std::uint64_t{0}) {
            continue;
        }
        const std::uint32_t end = std::min(rows.size, word * 64 + 64);
        for (std::uint32_t row = word * 64; row < end; ++row) {
            out[row] = static_cast<std::uint8_t>(out[row] & (bits >> (row % 64) & 1));
        }
    }
}

template <CompareOp Op, class T>
void run_compare(KernelCall& call) {
    auto* out = call.out<std::uint8_t>();
    const Vector& left = call.args[0];
    const Vector& right = call.args[1];
    if (call.rows.is_dense() && !left.is_constant) {
        const auto* a = static_cast<const T*>(left.values);
        const auto* b = static_cast<const T*>(right.values);
        if (right.is_constant) {
            const T constant = b[0];
            for (std::uint32_t i = 0; i < call.rows.size; ++i) {
                out[i] = holds<Op, T>(a[i], constant) ? 1 : 0;
            }
        } else {
            for (std::uint32_t i = 0; i < call.rows.size; ++i) {
                out[i] = holds<Op, T>(a[i], b[i]) ? 1 : 0;
            }
        }
    } else {
        const Reader<T> a(left);
        const Reader<T> b(right);
        call.rows.for_each([&](std::uint32_t i) { out[i] = holds<Op, T>(a[i], b[i]) ? 1 : 0; });
    }
    clear_nulls(left, call.rows, out);
    clear_nulls(right, call.rows, out);
}

template <CompareOp Op>
void run_compare_text(KernelCall& call) {
    auto* out = call.out<std::uint8_t>();
    const Vector& left = call.args[0];
    const Vector& right = call.args[1];
    const Reader<StringRef> a(left);
    const Reader<StringRef> b(right);
    const bool has_nulls = left.validity != nullptr || right.validity != nullptr;
    call.rows.for_each([&](std::uint32_t i) {
        const bool valid = !has_nulls || (left.is_valid(i) && right.is_valid(i));
        out[i] = valid && holds_text<Op>(a[i], b[i]) ? 1 : 0;
    });
}

template <CompareOp Op>
void run_compare_decimal(KernelCall& call) {
    auto* out = call.out<std::uint8_t>();
    const Vector& left = call.args[0];
    const Vector& right = call.args[1];
    const Reader<Int128> a(left);
    const Reader<Int128> b(right);
    const int a_scale = left.type->scale();
    const int b_scale = right.type->scale();
    call.rows.for_each([&](std::uint32_t i) {
        out[i] = left.is_valid(i) && right.is_valid(i) &&
                         holds<Op, int>(compare_decimals(a[i], a_scale, b[i], b_scale), 0)
                     ? 1
                     : 0;
    });
}

/// Values of one type, nulls equal to nulls inside, as Java's List and Map compare.
bool equal_values(const Column& a, std::uint32_t i, const Column& b, std::uint32_t j) {
    const bool valid = a.is_valid(i);
    if (valid != b.is_valid(j) || !valid) {
        return valid == b.is_valid(j);
    }
    const std::uint32_t x = a.slot(i);
    const std::uint32_t y = b.slot(j);
    switch (a.type().kind()) {
        case TypeKind::kBoolean:
            return a.at<std::uint8_t>(i) == b.at<std::uint8_t>(j);
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime:
            return a.at<std::int32_t>(i) == b.at<std::int32_t>(j);
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            return a.at<std::int64_t>(i) == b.at<std::int64_t>(j);
        case TypeKind::kDouble:
            return a.at<double>(i) == b.at<double>(j);
        case TypeKind::kDecimal:
            return a.at<Int128>(i) == b.at<Int128>(j);
        case TypeKind::kString:
        case TypeKind::kBytes:
            return a.at<StringRef>(i) == b.at<StringRef>(j);
        case TypeKind::kStruct:
            for (std::size_t c = 0; c < a.children().size(); ++c) {
                if (!equal_values(*a.children()[c], x, *b.children()[c], y)) {
                    return false;
                }
            }
            return true;
        case TypeKind::kArray:
        case TypeKind::kMap:
            break;
    }
    const auto* from_a = a.values<std::uint32_t>() + x;
    const auto* from_b = b.values<std::uint32_t>() + y;
    const std::uint32_t count = from_a[1] - from_a[0];
    if (count != from_b[1] - from_b[0]) {
        return false;
    }
    const auto equal_at = [&](std::size_t child, std::uint32_t k, std::uint32_t l) {
        return equal_values(
            *a.children()[child], from_a[0] + k, *b.children()[child], from_b[0] + l);
    };
    for (std::uint32_t k = 0; k < count; ++k) {
        if (a.type().is(TypeKind::kArray)) {
            if (!equal_at(0, k, k)) {
                return false;
            }
            continue;
        }
        // The entries of a map have no order.
        std::uint32_t l = 0;
        while (l < count && !equal_at(0, k, l)) {
            ++l;
        }
        if (l == count || !equal_at(1, k, l)) {
            return false;
        }
    }
    return true;
}

template <bool IsEqual>
void run_compare_nested(KernelCall& call) {
    auto* out = call.out<std::uint8_t>();
    const Vector& left = call.args[0];
    const Vector& right = call.args[1];
    call.rows.for_each([&](std::uint32_t i) {
        out[i] = left.column->is_valid(i) && right.column->is_valid(i) &&
                         equal_values(*left.column, i, *right.column, i) == IsEqual
                     ? 1
                     : 0;
    });
}

template <CompareOp Op>
Kernel compare_for(TypeKind kind) {
    switch (kind) {
        case TypeKind::kBoolean:
            return run_compare<Op, std::uint8_t>;
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime:
            return run_compare<Op, std::int32_t>;
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            return run_compare<Op, std::int64_t>;
        case TypeKind::kDouble:
            return run_compare<Op, double>;
        case TypeKind::kDecimal:
            return run_compare_decimal<Op>;
        case TypeKind::kString:
        case TypeKind::kBytes:
            return run_compare_text<Op>;
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    CHECK(Op == CompareOp::kEqual || Op == CompareOp::kNotEqual);
    return run_compare_nested<Op == CompareOp::kEqual>;
}

/// The row is written always and kept only when it counts: no branch to mispredict. `to` may be the
/// list that is read, as it never runs ahead.
template <class F>
std::uint32_t select_if(const RowSet& rows, std::uint32_t* to, F&& keep) {
    std::uint32_t count = 0;
    rows.for_each([&](std::uint32_t row) {
        to[count] = row;
        count += static_cast<std::uint32_t>(keep(row));
    });
    return count;
}

template <CompareOp Op, class T>
std::uint32_t select_compare(const Vector& left,
                             const Vector& right,
                             const RowSet& rows,
                             std::uint32_t* to) {
    const auto* a = static_cast<const T*>(left.values);
    const bool has_nulls = left.validity != nullptr || right.validity != nullptr;
    if (!left.is_constant && right.is_constant && right.validity == nullptr) {
        const T constant = static_cast<const T*>(right.values)[0];
        if (!has_nulls) {
            return select_if(
                rows, to, [=](std::uint32_t row) { return holds<Op, T>(a[row], constant); });
        }
        const std::uint64_t* bits = left.validity;
        return select_if(rows, to, [=](std::uint32_t row) {
            return (static_cast<std::uint64_t>(holds<Op, T>(a[row], constant)) &
                    (bits[row / 64] >> (row % 64))) != 0;
        });
    }
    const Reader<T> read_a(left);
    const Reader<T> read_b(right);
    if (!has_nulls) {
        return select_if(
            rows, to, [&](std::uint32_t row) { return holds<Op, T>(read_a[row], read_b[row]); });
    }
    return select_if(rows, to, [&](std::uint32_t row) {
        return left.is_valid(row) && right.is_valid(row) && holds<Op, T>(read_a[row], read_b[row]);
    });
}

template <CompareOp Op>
std::uint32_t select_compare_text(const Vector& left,
                                  const Vector& right,
                                  const RowSet& rows,
                                  std::uint32_t* to) {
    const Reader<StringRef> a(left);
    const Reader<StringRef> b(right);
    return select_if(rows, to, [&](std::uint32_t row) {
        return left.is_valid(row) && right.is_valid(row) && holds_text<Op>(a[row], b[row]);
    });
}

template <CompareOp Op>
Selector selector_for(TypeKind kind) {
    switch (kind) {
        case TypeKind::kBoolean:
            return select_compare<Op, std::uint8_t>;
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime:
            return select_compare<Op, std::int32_t>;
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            return select_compare<Op, std::int64_t>;
        case TypeKind::kDouble:
            return select_compare<Op, double>;
        case TypeKind::kString:
        case TypeKind::kBytes:
            return select_compare_text<Op>;
        case TypeKind::kDecimal:
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return nullptr;
}

template <class T>
struct TotalOrder {
    bool operator()(const T& a, const T& b) const { return a < b; }
};
template <>
struct TotalOrder<StringRef> {
    bool operator()(const StringRef& a, const StringRef& b) const { return compare(a, b) < 0; }
};

/// The literal items, sorted once per program; texts point into the program's literals.
template <class T>
struct ItemList : KernelState {
    std::vector<T> sorted;
};

template <class T>
void run_in(KernelCall& call) {
    if (!*call.state) {
        auto made = std::make_unique<ItemList<T>>();
        for (std::size_t i = 1; i <= call.literals; ++i) {
            if (call.args[i].is_valid(0)) {
                made->sorted.push_back(static_cast<const T*>(call.args[i].values)[0]);
            }
        }
        if constexpr (std::is_same_v<T, double>) {
            std::erase_if(made->sorted, [](double value) { return value != value; });
        }
        std::sort(made->sorted.begin(), made->sorted.end(), TotalOrder<T>{});
        *call.state = std::move(made);
    }
    const auto& list = static_cast<const ItemList<T>&>(**call.state);
    const Reader<T> value(call.args[0]);
    auto* out = call.out<std::uint8_t>();
    call.rows.for_each([&](std::uint32_t row) {
        bool found = false;
        if (call.args[0].is_valid(row)) {
            const T& wanted = value[row];
            found =
                std::binary_search(list.sorted.begin(), list.sorted.end(), wanted, TotalOrder<T>{});
            for (std::size_t i = call.literals + 1; i < call.args.size() && !found; ++i) {
                const Vector& other = call.args[i];
                found = other.is_valid(row) && Reader<T>(other)[row] == wanted;
            }
        }
        out[row] = found ? 1 : 0;
    });
}

template <bool Negated>
void run_is_null(KernelCall& call) {
    auto* out = call.out<std::uint8_t>();
    const Vector& arg = call.args[0];
    if (arg.column != nullptr) {
        call.rows.for_each(
            [&](std::uint32_t row) { out[row] = arg.column->is_valid(row) == Negated ? 1 : 0; });
        return;
    }
    call.rows.for_each([&](std::uint32_t row) { out[row] = arg.is_valid(row) == Negated ? 1 : 0; });
}

void run_not(KernelCall& call) {
    auto* out = call.out<std::uint8_t>();
    const Reader<std::uint8_t> flag(call.args[0]);
    call.rows.for_each(
        [&](std::uint32_t row) { out[row] = static_cast<std::uint8_t>(flag[row] == 0 ? 1 : 0); });
}

template <bool IsAnd>
void run_logic(KernelCall& call) {
    auto* out = call.out<std::uint8_t>();
    const Vector& left = call.args[0];
    const Vector& right = call.args[1];
    const Reader<std::uint8_t> a(left);
    const Reader<std::uint8_t> b(right);
    if (left.validity == nullptr && right.validity == nullptr) {
        call.rows.for_each([&](std::uint32_t row) {
            out[row] = static_cast<std::uint8_t>(IsAnd ? a[row] & b[row] : a[row] | b[row]);
        });
        return;
    }
    call.rows.for_each([&](std::uint32_t row) {
        const bool x = left.is_valid(row) && a[row] != 0;
        const bool y = right.is_valid(row) && b[row] != 0;
        out[row] = (IsAnd ? x && y : x || y) ? 1 : 0;
    });
}

}  // namespace

KernelInfo compare_kernel(CompareOp op, TypeKind kind) {
    const auto own = [](Kernel run) { return KernelInfo{run, NullPolicy::kOwn}; };
    switch (op) {
        case CompareOp::kEqual:
            return own(compare_for<CompareOp::kEqual>(kind));
        case CompareOp::kNotEqual:
            return own(compare_for<CompareOp::kNotEqual>(kind));
        case CompareOp::kLess:
            return own(compare_for<CompareOp::kLess>(kind));
        case CompareOp::kLessOrEqual:
            return own(compare_for<CompareOp::kLessOrEqual>(kind));
        case CompareOp::kGreater:
            return own(compare_for<CompareOp::kGreater>(kind));
        case CompareOp::kGreaterOrEqual:
            return own(compare_for<CompareOp::kGreaterOrEqual>(kind));
    }
    return {};
}

Selector compare_selector(CompareOp op, TypeKind kind) {
    switch (op) {
        case CompareOp::kEqual:
            return selector_for<CompareOp::kEqual>(kind);
        case CompareOp::kNotEqual:
            return selector_for<CompareOp::kNotEqual>(kind);
        case CompareOp::kLess:
            return selector_for<CompareOp::kLess>(kind);
        case CompareOp::kLessOrEqual:
            return selector_for<CompareOp::kLessOrEqual>(kind);
        case CompareOp::kGreater:
            return selector_for<CompareOp::kGreater>(kind);
        case CompareOp::kGreaterOrEqual:
            return selector_for<CompareOp::kGreaterOrEqual>(kind);
    }
    return nullptr;
}

std::uint32_t select_rows(const Vector& flags, SelectBy by, const RowSet& rows, std::uint32_t* to) {
    if (by == SelectBy::kNull) {
        return select_if(rows, to, [&](std::uint32_t row) {
            return !(flags.column != nullptr ? flags.column->is_valid(row) : flags.is_valid(row));
        });
    }
    const bool want = by == SelectBy::kTrue;
    const Reader<std::uint8_t> flag(flags);
    if (flags.validity == nullptr) {
        return select_if(rows, to, [&](std::uint32_t row) { return (flag[row] != 0) == want; });
    }
    return select_if(rows, to, [&](std::uint32_t row) {
        return (flags.is_valid(row) && flag[row] != 0) == want;
    });
}

KernelInfo in_kernel(TypeKind kind) {
    const auto own = [](Kernel run) { return KernelInfo{run, NullPolicy::kOwn}; };
    switch (kind) {
        case TypeKind::kBoolean:
            return own(run_in<std::uint8_t>);
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime:
            return own(run_in<std::int32_t>);
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            return own(run_in<std::int64_t>);
        case TypeKind::kDouble:
            return own(run_in<double>);
        case TypeKind::kDecimal:
            return own(run_in<Int128>);
        case TypeKind::kString:
        case TypeKind::kBytes:
            return own(run_in<StringRef>);
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return {};
}

KernelInfo is_null_kernel(bool negated) {
    return {negated ? run_is_null<true> : run_is_null<false>, NullPolicy::kOwn};
}

KernelInfo not_kernel() {
    return {run_not};
}

KernelInfo and_kernel() {
    return {run_logic<true>, NullPolicy::kOwn};
}

KernelInfo or_kernel() {
    return {run_logic<false>, NullPolicy::kOwn};
}

}  // namespace millrace::operators
