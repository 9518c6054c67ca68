#include "operators/expression/type_rules.h"

#include <algorithm>

namespace millrace::operators {

DataType as_decimal(const DataType& type) {
    if (type.is(TypeKind::kInt)) {
        return DataType::decimal(10, 0);
    }
    return type.is(TypeKind::kBigint) ? DataType::decimal(19, 0) : type;
}

DataType capped_decimal(int precision, int scale) {
    if (precision > kDecimalPrecisionMax) {
        const int whole = precision - scale;
        scale = std::max(kDecimalPrecisionMax - whole, std::min(scale, 6));
        precision = kDecimalPrecisionMax;
    }
    return DataType::decimal(static_cast<std::uint8_t>(precision),
                             static_cast<std::uint8_t>(scale));
}

DataType decimal_result(ArithmeticOp op, const DataType& left, const DataType& right) {
    const int p1 = left.precision();
    const int s1 = left.scale();
    const int p2 = right.precision();
    const int s2 = right.scale();
    switch (op) {
        case ArithmeticOp::kAdd:
        case ArithmeticOp::kSubtract:
            return capped_decimal(std::max(p1 - s1, p2 - s2) + std::max(s1, s2) + 1,
                                  std::max(s1, s2));
        case ArithmeticOp::kMultiply:
            return capped_decimal(p1 + p2 + 1, s1 + s2);
        case ArithmeticOp::kDivide: {
            const int scale = std::max(6, s1 + p2 + 1);
            return capped_decimal(p1 - s1 + s2 + scale, scale);
        }
        case ArithmeticOp::kModulo: {
            const int scale = std::max(s1, s2);
            return capped_decimal(std::max(1, std::min(p1 - s1, p2 - s2) + scale), scale);
        }
    }
    return left;
}

namespace {

const Field* field_of(const DataType& type, std::string_view name) {
    for (const Field& field : type.children()) {
        if (field.name == name) {
            return &field;
        }
    }
    return nullptr;
}

std::optional<DataType> common_nested(const DataType& a, const DataType& b) {
    if (a.kind() != b.kind()) {
        return std::nullopt;
    }
    if (!a.is(TypeKind::kStruct)) {
        std::vector<DataType> parts;
        for (std::size_t i = 0; i < a.children().size(); ++i) {
            const auto part = common_type(a.children()[i].type, b.children()[i].type);
            if (!part) {
                return std::nullopt;
            }
            parts.push_back(*part);
        }
        return a.is(TypeKind::kArray) ? DataType::array(parts[0])
                                      : DataType::map(parts[0], parts[1]);
    }
    std::vector<Field> fields = a.children();
    for (Field& field : fields) {
        if (const Field* other = field_of(b, field.name)) {
            const auto both = common_type(field.type, other->type);
            if (!both) {
                return std::nullopt;
            }
            field.type = *both;
        }
    }
    for (const Field& field : b.children()) {
        if (field_of(a, field.name) == nullptr) {
            fields.push_back(field);
        }
    }
    return DataType::structure(std::move(fields));
}

}  // namespace

std::optional<DataType> common_type(const DataType& a, const DataType& b) {
    if (a == b) {
        return a;
    }
    if (a.is_nested()) {
        return common_nested(a, b);
    }
    if (a.is_numeric() && b.is_numeric()) {
        if (a.is(TypeKind::kDouble) || b.is(TypeKind::kDouble)) {
            return DataType(TypeKind::kDouble);
        }
        if (!a.is(TypeKind::kDecimal) && !b.is(TypeKind::kDecimal)) {
            return DataType(TypeKind::kBigint);
        }
        const DataType x = as_decimal(a);
        const DataType y = as_decimal(b);
        const int scale = std::max(x.scale(), y.scale());
        return capped_decimal(
            std::max(x.precision() - x.scale(), y.precision() - y.scale()) + scale, scale);
    }
    const auto is_day = [](const DataType& type) {
        return type.is(TypeKind::kDate) || type.is(TypeKind::kTimestamp);
    };
    if (is_day(a) && is_day(b)) {
        return DataType(TypeKind::kTimestamp);
    }
    return std::nullopt;
}

bool widens(const DataType& from, const DataType& to) {
    if (from == to) {
        return true;
    }
    if (from.is_nested() && from.kind() == to.kind()) {
        const auto& parts = from.children();
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const Field* part =
                from.is(TypeKind::kStruct) ? field_of(to, parts[i].name) : &to.children()[i];
            if (part == nullptr || !widens(parts[i].type, part->type)) {
                return false;
            }
        }
        return true;
    }
    if (!from.is_numeric() || !to.is_numeric()) {
        return false;
    }
    // The enumeration lists DOUBLE before DECIMAL; in rank DOUBLE is the highest.
    const auto rank = [](const DataType& type) {
        return type.is(TypeKind::kDouble)    ? 4
               : type.is(TypeKind::kDecimal) ? 3
                                             : static_cast<int>(type.kind());
    };
    return rank(from) <= rank(to);
}

bool is_temporal(const DataType& type) {
    return type.is(TypeKind::kDate) || type.is(TypeKind::kTime) || type.is(TypeKind::kTimestamp);
}

bool can_cast(const DataType& from, const DataType& to) {
    if (from == to || (from.is_numeric() && to.is_numeric())) {
        return true;
    }
    if (from.is_nested() && from.kind() == to.kind()) {
        for (std::size_t i = 0; i < from.children().size(); ++i) {
            const Field& part = from.children()[i];
            const Field* other =
                from.is(TypeKind::kStruct) ? field_of(to, part.name) : &to.children()[i];
            if (other != nullptr && !can_cast(part.type, other->type)) {
                return false;
            }
        }
        return true;
    }
    const auto has_text = [](const DataType& type) { return !type.is(TypeKind::kBytes); };
    if (to.is(TypeKind::kString) && from.is_nested()) {
        return true;
    }
    if (from.is_nested() || to.is_nested()) {
        return false;
    }
    if (from.is(TypeKind::kString) || to.is(TypeKind::kString)) {
        return has_text(from) && has_text(to);
    }
    const bool to_part = from.is(TypeKind::kTimestamp) && is_temporal(to);
    return to_part || (from.is(TypeKind::kDate) && to.is(TypeKind::kTimestamp));
}

}  // namespace millrace::operators
