#include "core/row/data_type.h"

#include <algorithm>

namespace millrace {

namespace {
const std::vector<Field> kNoChildren;
}  // namespace

DataType DataType::decimal(std::uint8_t precision, std::uint8_t scale) {
    CHECK(precision >= 1 && precision <= 38 && scale <= precision);
    DataType type(TypeKind::kDecimal);
    type.precision_ = precision;
    type.scale_ = scale;
    return type;
}

DataType DataType::array(DataType element) {
    DataType type(TypeKind::kArray);
    type.children_ = std::make_shared<const std::vector<Field>>(
        std::vector<Field>{{"ELEMENT", std::move(element)}});
    return type;
}

DataType DataType::map(DataType key, DataType value) {
    DataType type(TypeKind::kMap);
    type.children_ = std::make_shared<const std::vector<Field>>(
        std::vector<Field>{{"KEY", std::move(key)}, {"VALUE", std::move(value)}});
    return type;
}

DataType DataType::structure(std::vector<Field> fields) {
    DataType type(TypeKind::kStruct);
    type.children_ = std::make_shared<const std::vector<Field>>(std::move(fields));
    return type;
}

const std::vector<Field>& DataType::children() const {
    return children_ ? *children_ : kNoChildren;
}

std::size_t DataType::width() const {
    switch (kind_) {
        case TypeKind::kBoolean:
            return 1;
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime:
            return 4;
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
        case TypeKind::kDouble:
            return 8;
        case TypeKind::kDecimal:
        case TypeKind::kString:
        case TypeKind::kBytes:
            return 16;
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            return 0;
    }
    return 0;
}

std::string DataType::to_string() const {
    switch (kind_) {
        case TypeKind::kBoolean:
            return "BOOLEAN";
        case TypeKind::kInt:
            return "INTEGER";
        case TypeKind::kBigint:
            return "BIGINT";
        case TypeKind::kDouble:
            return "DOUBLE";
        case TypeKind::kDecimal:
            return "DECIMAL(" + std::to_string(precision_) + ", " + std::to_string(scale_) + ")";
        case TypeKind::kString:
            return "STRING";
        case TypeKind::kBytes:
            return "BYTES";
        case TypeKind::kDate:
            return "DATE";
        case TypeKind::kTime:
            return "TIME";
        case TypeKind::kTimestamp:
            return "TIMESTAMP";
        case TypeKind::kArray:
            return "ARRAY<" + children()[0].type.to_string() + ">";
        case TypeKind::kMap:
            return "MAP<" + children()[0].type.to_string() + ", " + children()[1].type.to_string() +
                   ">";
        case TypeKind::kStruct:
            break;
    }
    std::string text = "STRUCT<";
    for (const Field& field : children()) {
        text += text.back() == '<' ? "" : ", ";
        text += backquoted_name(field.name) + " " + field.type.to_string();
    }
    return text + ">";
}

bool operator==(const DataType& a, const DataType& b) {
    return a.kind_ == b.kind_ && a.precision_ == b.precision_ && a.scale_ == b.scale_ &&
           (a.children_ == b.children_ || a.children() == b.children());
}

std::string quoted_name(std::string_view name) {
    const bool is_plain = !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
                          std::all_of(name.begin(), name.end(), [](char c) {
                              return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
                          });
    return is_plain ? std::string(name) : backquoted_name(name);
}

std::string backquoted_name(std::string_view name) {
    std::string quoted = "`";
    for (const char c : name) {
        quoted += c == '`' ? "``" : std::string(1, c);
    }
    return quoted + "`";
}

std::optional<std::size_t> Schema::find(std::string_view name) const {
    for (std::size_t i = 0; i < size(); ++i) {
        if (field(i).name == name) {
            return i;
        }
    }
    return std::nullopt;
}

std::vector<std::size_t> Schema::shown_order() const {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < key.size(); ++i) {
        order.push_back(i);
    }
    std::size_t header = 0;
    for (std::size_t i = 0; i <= value.size(); ++i) {
        for (; header < headers.size() && (i == value.size() || headers[header].values_before <= i);
             ++header) {
            order.push_back(key.size() + value.size() + header);
        }
        if (i < value.size()) {
            order.push_back(key.size() + i);
        }
    }
    return order;
}

Schema row_schema(Schema declared) {
    for (HeaderColumn& header : declared.headers) {
        declared.value.push_back(std::move(header.column));
    }
    declared.headers.clear();
    return declared;
}

}  // namespace millrace
