#include "operators/expression/encoded_value.h"

#include <cmath>

#include "operators/state/row_codec.h"

namespace millrace::operators {

namespace {

template <class T>
int compare_as(Cursor& a, Cursor& b) {
    const T left = a.read_le<T>();
    const T right = b.read_le<T>();
    return left < right ? -1 : right < left ? 1 : 0;
}

int compare_doubles(double a, double b) {
    if (std::isnan(a) || std::isnan(b)) {
        return static_cast<int>(std::isnan(a)) - static_cast<int>(std::isnan(b));
    }
    if (a != b) {
        return a < b ? -1 : 1;
    }
    return static_cast<int>(std::signbit(b)) - static_cast<int>(std::signbit(a));
}

std::string_view text_of(Cursor& in) {
    const std::int64_t size = in.read_varint();
    return size < 0 ? std::string_view() : as_text(in.read_bytes(static_cast<std::size_t>(size)));
}

}  // namespace

std::string encoded_value(const Column& column, std::uint32_t row) {
    Buffer buffer;
    encode_value(column, row, buffer);
    return std::string(buffer.text());
}

void write_encoded(std::string_view bytes, ColumnBuilder& builder, std::uint32_t row) {
    Cursor in(as_bytes(bytes));
    if (!decode_value(in, builder, row)) {
        builder.set_null(row);
    }
}

bool is_encoded_value(const DataType& type, std::string_view bytes) {
    return are_encoded_values({type}, bytes);
}

bool are_encoded_values(const std::vector<DataType>& types, std::string_view bytes) {
    Cursor in(as_bytes(bytes));
    for (const DataType& type : types) {
        ColumnBuilder probe(type, 1);
        if (!decode_value(in, probe, 0)) {
            return false;
        }
    }
    return in.ok() && in.remaining() == 0;
}

bool has_order(const DataType& type) {
    return !type.is_nested() && !type.is(TypeKind::kBoolean);
}

int compare_encoded(TypeKind kind, std::string_view a, std::string_view b) {
    // The first byte says that there is a value.
    Cursor left(as_bytes(a.substr(1)));
    Cursor right(as_bytes(b.substr(1)));
    switch (kind) {
        case TypeKind::kBoolean:
            return compare_as<std::uint8_t>(left, right);
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime:
            return compare_as<std::int32_t>(left, right);
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            return compare_as<std::int64_t>(left, right);
        case TypeKind::kDecimal:
            return compare_as<Int128>(left, right);
        case TypeKind::kDouble:
            return compare_doubles(left.read_le<double>(), right.read_le<double>());
        case TypeKind::kString:
        case TypeKind::kBytes:
            return text_of(left).compare(text_of(right));
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return a.compare(b);
}

}  // namespace millrace::operators
