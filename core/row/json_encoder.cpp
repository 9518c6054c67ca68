// JSON encoder: column names and punctuation are made once, values are appended between them.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "core/base/sql_error.h"
#include "core/row/format_factories.h"
#include "core/row/json_scanner.h"
#include "core/row/text_value.h"

namespace millrace {

namespace {

Status check_type(const Field& column, const DataType& type) {
    if (type.is(TypeKind::kMap) && !type.children()[0].type.is(TypeKind::kString)) {
        return Error{ErrorCode::kNotSupported,
                     "JSON only supports MAP types with STRING keys: " + described(column),
                     SqlError::kMapKeysNotText};
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

// Room for a value that is written without asking again: numbers, and strings up to kQuickText.
constexpr std::size_t kQuickText = 64;
constexpr std::size_t kQuickRoom = kQuickText + 2;
constexpr std::size_t kQuickPrefix = 32;

// Writes the columns of one encode() call. Plain flat columns without nulls, which are most, are
// written from their memory; everything else goes through put_value().
class JsonRowWriter {
  public:
    JsonRowWriter(std::span<const ColumnPtr> columns, const JsonShape& shape, ByteWriter& out)
        : shape_(shape), out_(out) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const std::string& prefix = shape.prefixes[i];
            cells_.push_back(cell_of(*columns[i]));
            std::memcpy(cells_.back().prefix, prefix.data(), std::min(prefix.size(), kQuickPrefix));
            cells_.back().prefix_size = prefix.size();
            room_ += prefix.size() + kQuickPrefix + kQuickRoom;
        }
    }

    void put_row(std::uint32_t row) {
        char* to = out_.room(room_);
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            const Cell& cell = cells_[i];
            std::memcpy(to, cell.prefix, kQuickPrefix);  // a constant size costs no call
            if (cell.prefix_size > kQuickPrefix) {
                std::memcpy(to, shape_.prefixes[i].data(), cell.prefix_size);
            }
            to += cell.prefix_size;
            char* const end = put_quickly(to, cell, row);
            if (end != nullptr) {
                to = end;
                continue;
            }
            out_.advance(to);
            put_value(out_, *cell.column, row, shape_.children[i]);
            to = out_.room(room_);
        }
        *to++ = '}';
        out_.advance(to);
    }

  private:
    enum class Kind : std::uint8_t { kInteger32, kInteger64, kDouble, kString, kOther };
    struct Cell {
        Kind kind = Kind::kOther;
        const void* values = nullptr;
        const Column* column = nullptr;
        std::size_t prefix_size = 0;
        char prefix[kQuickPrefix] = {};  // its beginning
    };

    static Cell cell_of(const Column& column) {
        Cell cell;
        cell.column = &column;
        const bool is_direct = column.encoding() == Encoding::kFlat && !column.may_have_nulls();
        if (!is_direct) {
            return cell;
        }
        switch (column.type().kind()) {
            case TypeKind::kInt:
            case TypeKind::kDate:
            case TypeKind::kTime:
                cell.kind = Kind::kInteger32;
                cell.values = column.values<std::int32_t>();
                break;
            case TypeKind::kBigint:
            case TypeKind::kTimestamp:
                cell.kind = Kind::kInteger64;
                cell.values = column.values<std::int64_t>();
                break;
            case TypeKind::kDouble:
                cell.kind = Kind::kDouble;
                cell.values = column.values<double>();
                break;
            case TypeKind::kString:
                cell.kind = Kind::kString;
                cell.values = column.values<StringRef>();
                break;
            case TypeKind::kBoolean:
            case TypeKind::kDecimal:
            case TypeKind::kBytes:
            case TypeKind::kArray:
            case TypeKind::kMap:
            case TypeKind::kStruct:
                break;
        }
        return cell;
    }

    // The end of what was written; nullptr when put_value() has to do it.
    static char* put_quickly(char* to, const Cell& cell, std::uint32_t row) {
        switch (cell.kind) {
            case Kind::kInteger32:
                return std::to_chars(
                           to, to + kQuickRoom, static_cast<const std::int32_t*>(cell.values)[row])
                    .ptr;
            case Kind::kInteger64:
                return std::to_chars(
                           to, to + kQuickRoom, static_cast<const std::int64_t*>(cell.values)[row])
                    .ptr;
            case Kind::kDouble: {
                const double value = static_cast<const double*>(cell.values)[row];
                return std::isfinite(value) ? write_double(to, value) : nullptr;
            }
            case Kind::kString: {
                const StringRef& text = static_cast<const StringRef*>(cell.values)[row];
                const std::uint32_t size = text.size();
                to[0] = '"';
                if (size > kQuickText ||
                    !(text.is_inline() ? write_plain_inline(to + 1, text)
                                       : write_plain(to + 1, text.data(), size))) {
                    return nullptr;
                }
                to[size + 1] = '"';
                return to + size + 2;
            }
            case Kind::kOther:
                break;
        }
        return nullptr;
    }

    const JsonShape& shape_;
    ByteWriter& out_;
    std::vector<Cell> cells_;
    std::size_t room_ = 1;
};

class JsonEncoder final : public Encoder {
  public:
    JsonEncoder(bool is_wrapped, const std::vector<Field>& fields)
        : is_wrapped_(is_wrapped), root_(DataType::structure(fields)) {}

    void encode(std::span<const ColumnPtr> columns,
                std::span<const std::uint32_t> rows,
                EncodedRows& out) override {
        CHECK(columns.size() == root_.children.size());
        ByteWriter writer(out.bytes);
        out.ends.reserve(out.ends.size() + rows.size());
        if (is_wrapped_) {
            JsonRowWriter row_writer(columns, root_, writer);
            for (const std::uint32_t row : rows) {
                row_writer.put_row(row);
                out.ends.push_back(static_cast<std::uint32_t>(writer.size()));
            }
            out.is_null.resize(out.is_null.size() + rows.size(), false);
            return;
        }
        for (const std::uint32_t row : rows) {
            const bool is_null = !columns[0]->is_valid(row);
            if (!is_null) {
                put_value(writer, *columns[0], row, root_.children[0]);
            }
            out.ends.push_back(static_cast<std::uint32_t>(writer.size()));
            out.is_null.push_back(is_null);
        }
    }

  private:
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
