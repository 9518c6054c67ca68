#include "operators/expression/nested_kernels.h"

#include "core/row/value.h"

namespace millrace::operators {

namespace {

bool is_text(const DataType& type) {
    return type.is(TypeKind::kString) || type.is(TypeKind::kBytes);
}

bool is_null(const Vector& arg, std::uint32_t row) {
    return arg.column != nullptr ? !arg.column->is_valid(row) : !arg.is_valid(row);
}

/// Appends the argument's value at `row` as element `at` of a child.
void put(ColumnBuilder& to, std::uint32_t at, const Vector& arg, std::uint32_t row) {
    if (is_null(arg, row)) {
        to.set_null(at);
        return;
    }
    if (arg.column != nullptr) {
        to.copy_from(at, *arg.column, row);
        return;
    }
    switch (arg.type->width()) {
        case 1:
            to.set(at, Reader<std::uint8_t>(arg)[row]);
            return;
        case 4:
            to.set(at, Reader<std::int32_t>(arg)[row]);
            return;
        case 8:
            to.set(at, Reader<std::int64_t>(arg)[row]);
            return;
        default:
            break;
    }
    if (is_text(*arg.type)) {
        to.set_text(at, Reader<StringRef>(arg)[row].view());
    } else {
        to.set(at, Reader<Int128>(arg)[row]);
    }
}

void run_array(KernelCall& call) {
    const auto count = static_cast<std::uint32_t>(call.args.size());
    call.builder->child(0).reserve(call.rows.count * count);
    call.rows.for_each([&](std::uint32_t row) {
        const std::uint32_t first = call.builder->list_elements();
        for (std::uint32_t i = 0; i < count; ++i) {
            put(call.builder->child(0), first + i, call.args[i], row);
        }
        call.builder->set_list(row, count);
    });
}

/// Bytes of a plain value that are equal when the values are.
std::string_view bytes_of(const Vector& arg, std::uint32_t row) {
    if (is_text(*arg.type)) {
        return Reader<StringRef>(arg)[row].view();
    }
    const std::size_t width = arg.type->width();
    return {static_cast<const char*>(arg.values) + (arg.is_constant ? 0 : row * width), width};
}

bool same_key(const Vector& a, const Vector& b, std::uint32_t row) {
    const bool a_null = is_null(a, row);
    const bool b_null = is_null(b, row);
    return a_null || b_null ? a_null == b_null : bytes_of(a, row) == bytes_of(b, row);
}

void run_map(KernelCall& call) {
    const std::size_t count = call.args.size() / 2;
    call.rows.for_each([&](std::uint32_t row) {
        const std::uint32_t first = call.builder->list_elements();
        std::uint32_t entries = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const auto is_same = [&](std::size_t j) {
                return same_key(call.args[2 * i], call.args[2 * j], row);
            };
            bool is_new = true;
            for (std::size_t j = 0; j < i && is_new; ++j) {
                is_new = !is_same(j);
            }
            if (!is_new) {
                continue;
            }
            std::size_t last = i;
            for (std::size_t j = i + 1; j < count; ++j) {
                last = is_same(j) ? j : last;
            }
            put(call.builder->child(0), first + entries, call.args[2 * i], row);
            put(call.builder->child(1), first + entries, call.args[2 * last + 1], row);
            ++entries;
        }
        call.builder->set_list(row, entries);
    });
}

/// Puts slot `from` of a child into the result.
template <class T>
void take(const KernelCall& call, const Column& child, std::uint32_t row, std::uint32_t from) {
    if (child.is_valid(from)) {
        call.out<T>()[row] = child.at<T>(from);
    } else {
        call.set_null(row);
    }
}

/// Makes the result out of one child: at each selected row the slot that `find` gives, NULL for
/// kNowhere.
constexpr std::uint32_t kNowhere = ~std::uint32_t{0};

template <class Find>
void gather(KernelCall& call, const Column& child, Find&& find) {
    const auto each = [&](auto&& take_at) {
        call.rows.for_each([&](std::uint32_t row) {
            const std::uint32_t from = find(row);
            if (from == kNowhere) {
                call.set_null(row);
            } else {
                take_at(row, from);
            }
        });
    };
    switch (child.type().kind()) {
        case TypeKind::kBoolean:
            each([&](auto row, auto from) { take<std::uint8_t>(call, child, row, from); });
            return;
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime:
            each([&](auto row, auto from) { take<std::int32_t>(call, child, row, from); });
            return;
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            each([&](auto row, auto from) { take<std::int64_t>(call, child, row, from); });
            return;
        case TypeKind::kDouble:
            each([&](auto row, auto from) { take<double>(call, child, row, from); });
            return;
        case TypeKind::kDecimal:
            each([&](auto row, auto from) { take<Int128>(call, child, row, from); });
            return;
        case TypeKind::kString:
        case TypeKind::kBytes:
            each([&](auto row, auto from) { take<StringRef>(call, child, row, from); });
            return;
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            each([&](auto row, auto from) {
                if (child.is_valid(from)) {
                    call.builder->copy_from(row, child, from);
                } else {
                    call.set_null(row);
                }
            });
            return;
    }
}

template <class Index>
void run_array_subscript(KernelCall& call) {
    const Column& array = *call.args[0].column;
    const Vector& index = call.args[1];
    const Reader<Index> read(index);
    const auto* offsets = array.values<std::uint32_t>();
    gather(call, *array.children()[0], [&](std::uint32_t row) {
        if (!array.is_valid(row) || !index.is_valid(row)) {
            return kNowhere;
        }
        const std::uint32_t slot = array.slot(row);
        const std::int64_t size = std::int64_t{offsets[slot + 1]} - offsets[slot];
        const std::int64_t wanted = read[row];
        const std::int64_t at = wanted > 0 ? wanted - 1 : size + wanted;
        const bool is_inside = wanted != 0 && wanted >= -size && at < size;
        return is_inside ? offsets[slot] + static_cast<std::uint32_t>(at) : kNowhere;
    });
}

/// Bytes of a plain value of a column.
std::string_view bytes_at(const Column& column, std::uint32_t row) {
    switch (column.type().width()) {
        case 1:
            return {reinterpret_cast<const char*>(&column.at<std::uint8_t>(row)), 1};
        case 4:
            return {reinterpret_cast<const char*>(&column.at<std::int32_t>(row)), 4};
        case 8:
            return {reinterpret_cast<const char*>(&column.at<std::int64_t>(row)), 8};
        default:
            break;
    }
    return is_text(column.type())
               ? column.text(row)
               : std::string_view(reinterpret_cast<const char*>(&column.at<Int128>(row)), 16);
}

void run_map_subscript(KernelCall& call) {
    const Column& map = *call.args[0].column;
    const Vector& key = call.args[1];
    const Column& keys = *map.children()[0];
    const auto* offsets = map.values<std::uint32_t>();
    gather(call, *map.children()[1], [&](std::uint32_t row) {
        if (!map.is_valid(row) || !key.is_valid(row)) {
            return kNowhere;
        }
        const std::uint32_t slot = map.slot(row);
        const std::string_view wanted = bytes_of(key, row);
        for (std::uint32_t i = offsets[slot]; i < offsets[slot + 1]; ++i) {
            if (keys.is_valid(i) && bytes_at(keys, i) == wanted) {
                return i;
            }
        }
        return kNowhere;
    });
}

void run_dereference(KernelCall& call) {
    const Column& operand = *call.args[0].column;
    const ColumnPtr& field = operand.children()[call.field];
    if (operand.encoding() == Encoding::kFlat && !operand.may_have_nulls() &&
        field->size() == call.rows.size) {
        *call.column = field;
        return;
    }
    gather(call, *field, [&](std::uint32_t row) {
        return operand.is_valid(row) ? operand.slot(row) : kNowhere;
    });
}

void append_text(std::string& to, const Column& column, std::uint32_t row) {
    if (!column.is_valid(row)) {
        to += "null";
        return;
    }
    const std::uint32_t slot = column.slot(row);
    const auto& children = column.children();
    if (column.type().is(TypeKind::kStruct)) {
        to += "Struct{";
        bool is_first = true;
        for (std::size_t i = 0; i < children.size(); ++i) {
            if (children[i]->is_valid(slot)) {
                to += is_first ? "" : ",";
                to += column.type().children()[i].name + "=";
                append_text(to, *children[i], slot);
                is_first = false;
            }
        }
        to += "}";
        return;
    }
    if (!column.type().is_nested()) {
        to += to_text(value_at(column, row), column.type());
        return;
    }
    const bool is_map = column.type().is(TypeKind::kMap);
    const auto* offsets = column.values<std::uint32_t>();
    to += is_map ? "{" : "[";
    for (std::uint32_t i = offsets[slot]; i < offsets[slot + 1]; ++i) {
        to += i == offsets[slot] ? "" : ", ";
        append_text(to, *children[0], i);
        if (is_map) {
            to += "=";
            append_text(to, *children[1], i);
        }
    }
    to += is_map ? "}" : "]";
}

void run_nested_text(KernelCall& call) {
    const Column& operand = *call.args[0].column;
    std::string text;
    call.for_each_valid([&](std::uint32_t row) {
        text.clear();
        append_text(text, operand, row);
        call.set_text(row, text);
    });
}

template <class T>
void copy_required(KernelCall& call) {
    const Vector& arg = call.args[0];
    const Reader<T> from(arg);
    call.rows.for_each([&](std::uint32_t row) {
        if (arg.is_valid(row)) {
            call.out<T>()[row] = from[row];
        } else {
            call.fail(row, "NULL in the arithmetic of a lambda");
        }
    });
}

void run_required(KernelCall& call) {
    switch (call.type->width()) {
        case 4:
            copy_required<std::int32_t>(call);
            return;
        case 8:
            copy_required<std::int64_t>(call);
            return;
        default:
            CHECK(call.type->is(TypeKind::kDecimal));  // arithmetic gives numbers
            copy_required<Int128>(call);
            return;
    }
}

}  // namespace

KernelInfo array_kernel() {
    return {run_array, NullPolicy::kOwn};
}

KernelInfo map_kernel() {
    return {run_map, NullPolicy::kOwn};
}

KernelInfo subscript_kernel(const DataType& operand, const DataType& index) {
    const bool borrows = true;
    if (operand.is(TypeKind::kMap)) {
        return {run_map_subscript, NullPolicy::kOwn, false, borrows};
    }
    return {index.is(TypeKind::kInt) ? run_array_subscript<std::int32_t>
                                     : run_array_subscript<std::int64_t>,
            NullPolicy::kOwn,
            false,
            borrows};
}

KernelInfo dereference_kernel() {
    return {run_dereference, NullPolicy::kOwn, false, true};
}

KernelInfo nested_text_kernel() {
    return {run_nested_text};
}

KernelInfo required_kernel() {
    return {run_required, NullPolicy::kOwn, true};
}

}  // namespace millrace::operators
