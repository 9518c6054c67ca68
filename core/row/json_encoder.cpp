// JSON encoder: column names and punctuation are made once, values are appended between them.
#include <cmath>

#include "core/row/format_factories.h"
#include "core/row/json_scanner.h"
#include "core/row/text_value.h"

namespace millrace {

namespace {

Status check_type(const Field& column, const DataType& type) {
    if (type.is(TypeKind::kMap) && !type.children()[0].type.is(TypeKind::kString)) {
        return Error{ErrorCode::kNotSupported,
                     "format JSON holds MAPs with STRING keys only: " + described(column)};
    }
    for (const Field& child : type.children()) {
        MILLRACE_TRY_STATUS(check_type(column, child.type));
    }
    return Ok{};
}

// `{"A":`, `,"B":` ...: what stands before each field of an object.
std::vector<std::string> make_prefixes(const std::vector<Field>& fields) {
    std::vector<std::string> prefixes;
    for (const Field& field : fields) {
        Buffer prefix(std::string_view(prefixes.empty() ? "{" : ","));
        {
            ByteWriter writer(prefix);
            put_json_string(writer, std::string_view(field.name));
            writer.put(':');
        }
        prefixes.emplace_back(prefix.text());
    }
    return prefixes;
}

// A type with the punctuation of the structs in it.
struct JsonShape {
    explicit JsonShape(const DataType& type) {
        if (type.is(TypeKind::kStruct)) {
            prefixes = make_prefixes(type.children());
        }
        for (const Field& child : type.children()) {
            children.emplace_back(child.type);
        }
    }
    std::vector<std::string> prefixes;
    std::vector<JsonShape> children;
};

void put_value(ByteWriter& out, const Column& column, std::uint32_t row, const JsonShape& shape);

void put_list(ByteWriter& out, const Column& column, std::uint32_t slot, const JsonShape& shape) {
    const bool is_map = column.type().is(TypeKind::kMap);
    const auto* offsets = column.values<std::uint32_t>();
    out.put(is_map ? '{' : '[');
    for (std::uint32_t i = offsets[slot]; i < offsets[slot + 1]; ++i) {
        if (i > offsets[slot]) {
            out.put(',');
        }
        if (is_map) {
            const Column& keys = *column.children()[0];
            put_json_string(out, keys.is_valid(i) ? keys.text(i) : std::string_view("null"));
            out.put(':');
        }
        const std::size_t values = is_map ? 1 : 0;
        put_value(out, *column.children()[values], i, shape.children[values]);
    }
    out.put(is_map ? '}' : ']');
}

void put_value(ByteWriter& out, const Column& column, std::uint32_t row, const JsonShape& shape) {
    if (!column.is_valid(row)) {
        out.put(std::string_view("null"));
        return;
    }
    switch (column.type().kind()) {
        case TypeKind::kDouble: {
            const double value = column.at<double>(row);
            if (!std::isfinite(value)) {
                out.put('"');
                out.advance(write_double(out.room(kDoubleTextMax), value));
                out.put('"');
            } else {
                out.advance(write_double(out.room(kDoubleTextMax), value));
            }
            return;
        }
        case TypeKind::kString:
            put_json_string(out, column.at<StringRef>(row));
            return;
        case TypeKind::kBytes:
            out.put('"');
            put_base64(out, column.text(row));
            out.put('"');
            return;
        case TypeKind::kBoolean:
        case TypeKind::kInt:
        case TypeKind::kBigint:
        case TypeKind::kDecimal:
        case TypeKind::kDate:
        case TypeKind::kTime:
        case TypeKind::kTimestamp:
            put_plain(out, column, row);
            return;
        case TypeKind::kArray:
        case TypeKind::kMap:
            put_list(out, column, column.slot(row), shape);
            return;
        case TypeKind::kStruct:
            break;
    }
    const std::uint32_t slot = column.slot(row);
    for (std::size_t i = 0; i < shape.prefixes.size(); ++i) {
        out.put(std::string_view(shape.prefixes[i]));
        put_value(out, *column.children()[i], slot, shape.children[i]);
    }
    out.put(std::string_view(shape.prefixes.empty() ? "{}" : "}"));
}

class JsonEncoder final : public Encoder {
  public:
    JsonEncoder(bool is_wrapped, const std::vector<Field>& fields)
        : is_wrapped_(is_wrapped), root_(DataType::structure(fields)) {}

    void encode(std::span<const ColumnPtr> columns,
                std::span<const std::uint32_t> rows,
                EncodedRows& out) override {
        CHECK(columns.size() == root_.children.size());
        ByteWriter writer(out.bytes);
        for (const std::uint32_t row : rows) {
            const bool is_null = !is_wrapped_ && !columns[0]->is_valid(row);
            if (!is_null) {
                put_row(columns, row, writer);
            }
            out.ends.push_back(static_cast<std::uint32_t>(writer.size()));
            out.is_null.push_back(is_null);
        }
    }

  private:
    void put_row(std::span<const ColumnPtr> columns, std::uint32_t row, ByteWriter& out) const {
        if (!is_wrapped_) {
            put_value(out, *columns[0], row, root_.children[0]);
            return;
        }
        for (std::size_t i = 0; i < columns.size(); ++i) {
            out.put(std::string_view(root_.prefixes[i]));
            put_value(out, *columns[i], row, root_.children[i]);
        }
        out.put('}');
    }

    bool is_wrapped_;
    JsonShape root_;
};

}  // namespace

Status check_json_fields(const std::vector<Field>& fields) {
    for (const Field& field : fields) {
        MILLRACE_TRY_STATUS(check_type(field, field.type));
    }
    return Ok{};
}

Result<std::unique_ptr<Encoder>> make_json_encoder(const FormatSpec& format,
                                                   const std::vector<Field>& fields) {
    MILLRACE_TRY_STATUS(check_json_fields(fields));
    const bool is_wrapped = fields.size() != 1 || format.wrap_single;
    return std::unique_ptr<Encoder>(std::make_unique<JsonEncoder>(is_wrapped, fields));
}

}  // namespace millrace
