#include "operators/state/row_codec.h"

namespace millrace::operators {

namespace {

constexpr std::uint8_t kNull = 0;
constexpr std::uint8_t kPresent = 1;

void encode_list(const Column& column, std::uint32_t row, Buffer& out) {
    const std::uint32_t slot = column.slot(row);
    const auto* offsets = column.values<std::uint32_t>();
    out.append_varint(offsets[slot + 1] - offsets[slot]);
    for (const ColumnPtr& child : column.children()) {
        for (std::uint32_t i = offsets[slot]; i < offsets[slot + 1]; ++i) {
            encode_value(*child, i, out);
        }
    }
}

}  // namespace

void encode_value(const Column& column, std::uint32_t row, Buffer& out) {
    if (!column.is_valid(row)) {
        out.append_le(kNull);
        return;
    }
    out.append_le(kPresent);
    switch (column.type().kind()) {
        case TypeKind::kBoolean:
            out.append_le(column.at<std::uint8_t>(row));
            return;
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime:
            out.append_le(column.at<std::int32_t>(row));
            return;
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            out.append_le(column.at<std::int64_t>(row));
            return;
        case TypeKind::kDouble:
            out.append_le(column.at<double>(row));
            return;
        case TypeKind::kDecimal:
            out.append_le(column.at<Int128>(row));
            return;
        case TypeKind::kString:
        case TypeKind::kBytes: {
            const std::string_view text = column.text(row);
            out.append_varint(static_cast<std::int64_t>(text.size()));
            out.append(text);
            return;
        }
        case TypeKind::kArray:
        case TypeKind::kMap:
            encode_list(column, row, out);
            return;
        case TypeKind::kStruct:
            for (const ColumnPtr& child : column.children()) {
                encode_value(*child, column.slot(row), out);
            }
            return;
    }
}

namespace {

bool decode_list(Cursor& in, ColumnBuilder& builder, std::uint32_t row) {
    const std::int64_t count = in.read_varint();
    // Every element takes at least one byte.
    if (!in.ok() || count < 0 || static_cast<std::uint64_t>(count) > in.remaining()) {
        return false;
    }
    const std::uint32_t first = builder.list_elements();
    for (std::size_t c = 0; c < builder.type().children().size(); ++c) {
        for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(count); ++i) {
            if (!decode_value(in, builder.child(c), first + i)) {
                return false;
            }
        }
    }
    builder.set_list(row, static_cast<std::uint32_t>(count));
    return true;
}

}  // namespace

bool decode_value(Cursor& in, ColumnBuilder& builder, std::uint32_t row) {
    const auto presence = in.read_le<std::uint8_t>();
    if (!in.ok() || presence > kPresent) {
        return false;
    }
    if (presence == kNull) {
        builder.set_null(row);
        return true;
    }
    switch (builder.type().kind()) {
        case TypeKind::kBoolean:
            builder.set(row, in.read_le<std::uint8_t>());
            break;
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime:
            builder.set(row, in.read_le<std::int32_t>());
            break;
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            builder.set(row, in.read_le<std::int64_t>());
            break;
        case TypeKind::kDouble:
            builder.set(row, in.read_le<double>());
            break;
        case TypeKind::kDecimal:
            builder.set(row, in.read_le<Int128>());
            break;
        case TypeKind::kString:
        case TypeKind::kBytes: {
            const std::int64_t size = in.read_varint();
            if (size < 0) {
                return false;
            }
            builder.set_text(row, as_text(in.read_bytes(static_cast<std::size_t>(size))));
            break;
        }
        case TypeKind::kArray:
        case TypeKind::kMap:
            return decode_list(in, builder, row);
        case TypeKind::kStruct:
            builder.reserve(row + 1);
            for (std::size_t c = 0; c < builder.type().children().size(); ++c) {
                if (!decode_value(in, builder.child(c), row)) {
                    return false;
                }
            }
            break;
    }
    return in.ok();
}

void encode_row(std::span<const ColumnPtr> columns, std::uint32_t row, Buffer& out) {
    for (const ColumnPtr& column : columns) {
        if (column) {
            encode_value(*column, row, out);
        } else {
            out.append_le(kNull);
        }
    }
}

bool decode_row(Cursor& in, std::span<ColumnBuilder> builders, std::uint32_t row) {
    for (ColumnBuilder& builder : builders) {
        if (!decode_value(in, builder, row)) {
            return false;
        }
    }
    return true;
}

}  // namespace millrace::operators
