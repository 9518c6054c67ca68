#include "operators/expression/item_list.h"

#include <algorithm>
#include <utility>

#include "core/base/sql_error.h"
#include "operators/expression/cast_kernels.h"
#include "operators/expression/temporal_text.h"
#include "operators/expression/type_rules.h"
#include "operators/expression/wide_decimal.h"

namespace millrace::operators {

namespace {

/// NULL where a type is known; it still takes any other.
ExprPtr null_of(const DataType& type) {
    auto made = std::make_shared<Expr>();
    made->type = type;
    made->is_null_literal = true;
    return made;
}

bool is_text_literal(const Expr& expr) {
    return expr.kind == ExprKind::kLiteral && !expr.is_null_literal &&
           expr.type.is(TypeKind::kString) && !expr.literal.is_null();
}

bool is_constructor(const Expr& expr) {
    return expr.kind == ExprKind::kArray || expr.kind == ExprKind::kMap ||
           expr.kind == ExprKind::kStruct;
}

/// A text literal as a literal of the type or, for numbers, of the narrowest type that holds it.
Result<ExprPtr> read_literal(const Expr& item, const DataType& type) {
    const auto& text = std::get<std::string>(item.literal.data);
    if (type.is(TypeKind::kBoolean)) {
        if (const auto flag = parse_boolean(text)) {
            return literal(Value(*flag), type);
        }
    } else if (type.is(TypeKind::kTimestamp)) {
        if (const auto ms = parse_timestamp(text)) {
            return literal(Value(*ms), type);
        }
    } else if (is_temporal(type)) {
        if (const auto part = type.is(TypeKind::kDate) ? parse_date(text) : parse_time(text)) {
            return literal(Value(*part), type);
        }
    } else if (type.is_numeric()) {
        if (const auto whole = parse_integer(text)) {
            const bool is_small = *whole == static_cast<std::int32_t>(*whole);
            return is_small ? literal(Value(static_cast<std::int32_t>(*whole)), TypeKind::kInt)
                            : literal(Value(*whole), TypeKind::kBigint);
        }
        if (const auto decimal = Decimal::parse(text); decimal.ok()) {
            int digits = std::max<int>(1, decimal.value().scale);
            while (!fits(decimal.value().unscaled, digits)) {
                ++digits;
            }
            return literal(
                Value(decimal.value()),
                DataType::decimal(static_cast<std::uint8_t>(digits), decimal.value().scale));
        }
        if (const auto number = parse_double(text)) {
            return literal(Value(*number), TypeKind::kDouble);
        }
    }
    return sql_error(SqlError::kUnreadableText,
                     "invalid input syntax for type " +
                         std::string(type.is(TypeKind::kDecimal) ? "DECIMAL" : type.to_string()) +
                         ": \"" + text + "\".");
}

const Field* field_of(const DataType& type, std::string_view name) {
    const auto& fields = type.children();
    const auto found = std::find_if(
        fields.begin(), fields.end(), [&](const Field& field) { return field.name == name; });
    return found == fields.end() ? nullptr : &*found;
}

Result<DataType> widened_by_constructor(const DataType& type, const Expr& item) {
    if (item.kind == ExprKind::kStruct) {
        // The later struct's fields come first, as ksqlDB has them.
        std::vector<Field> fields = item.type.children();
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (const Field* known = field_of(type, fields[i].name)) {
                MILLRACE_TRY(fields[i].type, widened_by(known->type, *item.args[i]));
            }
        }
        for (const Field& field : type.children()) {
            if (field_of(item.type, field.name) == nullptr) {
                fields.push_back(field);
            }
        }
        return DataType::structure(std::move(fields));
    }
    std::vector<DataType> parts;
    for (const Field& part : type.children()) {
        parts.push_back(part.type);
    }
    for (std::size_t i = 0; i < item.args.size(); ++i) {
        DataType& part = parts[i % parts.size()];
        MILLRACE_TRY(part, widened_by(part, *item.args[i]));
    }
    return type.is(TypeKind::kArray) ? DataType::array(std::move(parts[0]))
                                     : DataType::map(std::move(parts[0]), std::move(parts[1]));
}

Result<ExprPtr> constructor_as(const Expr& item, const DataType& type) {
    auto made = std::make_shared<Expr>(item);
    made->type = type;
    if (item.kind == ExprKind::kStruct) {
        made->args.clear();
        for (const Field& field : type.children()) {
            const Field* own = field_of(item.type, field.name);
            ExprPtr value =
                own == nullptr
                    ? null_of(field.type)
                    : item.args[static_cast<std::size_t>(own - item.type.children().data())];
            MILLRACE_TRY(value, as_item(std::move(value), field.type));
            made->args.push_back(std::move(value));
        }
        return ExprPtr(std::move(made));
    }
    const auto& parts = type.children();
    for (std::size_t i = 0; i < made->args.size(); ++i) {
        MILLRACE_TRY(made->args[i], as_item(made->args[i], parts[i % parts.size()].type));
    }
    return ExprPtr(std::move(made));
}

}  // namespace

Result<DataType> widened_by(const DataType& type, const Expr& item) {
    if (item.is_null_literal) {
        return type;
    }
    DataType own = item.type;
    if (is_text_literal(item) && !type.is(TypeKind::kString) && !type.is_nested() &&
        !type.is(TypeKind::kBytes)) {
        MILLRACE_TRY(const ExprPtr read, read_literal(item, type));
        own = read->type;
    }
    if (is_constructor(item) && own.kind() == type.kind()) {
        auto widened = widened_by_constructor(type, item);
        if (widened.ok() || widened.error().sql == SqlError::kUnreadableText) {
            return widened;
        }
    } else {
        if (type.is(TypeKind::kString) && item.kind == ExprKind::kLiteral && can_cast(own, type)) {
            return type;
        }
        if (const auto both = common_type(type, own)) {
            return *both;
        }
    }
    return sql_error(SqlError::kNoSuchOperator,
                     "operator does not exist: " + type.to_string() + " = " + own.to_string() +
                         " (" + item.to_string() +
                         ")\nHint: You might need to add explicit type casts.");
}

Result<ExprPtr> as_item(ExprPtr item, const DataType& type) {
    if (item->is_null_literal) {
        return null_of(type);
    }
    if (is_constructor(*item) && item->type.kind() == type.kind()) {
        return constructor_as(*item, type);
    }
    if (is_text_literal(*item) && !type.is(TypeKind::kString)) {
        MILLRACE_TRY(item, read_literal(*item, type));
    }
    return cast(std::move(item), type);
}

Result<DataType> one_type(std::vector<ExprPtr>& items, std::string_view what) {
    const auto first = std::find_if(
        items.begin(), items.end(), [](const ExprPtr& item) { return !item->is_null_literal; });
    if (first == items.end()) {
        return sql_error(SqlError::kOnlyNulls,
                         "Cannot construct " + std::string(what) +
                             " (see https://github.com/confluentinc/ksql/issues/4239). As a "
                             "workaround, you may cast a NULL value to the desired type.");
    }
    DataType type = (*first)->type;
    for (const ExprPtr& item : items) {
        MILLRACE_TRY(type, widened_by(type, *item));
    }
    for (ExprPtr& item : items) {
        MILLRACE_TRY(item, as_item(std::move(item), type));
    }
    return type;
}

}  // namespace millrace::operators
