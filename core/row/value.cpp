#include "core/row/value.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "core/base/telemetry.h"
#include "core/row/text_value.h"

namespace millrace {

namespace {

std::string digits_of(UInt128 value) {
    std::string digits;
    do {
        digits += static_cast<char>('0' + static_cast<int>(value % 10));
        value /= 10;
    } while (value > 0);
    std::reverse(digits.begin(), digits.end());
    return digits;
}

constexpr int kDecimalDigitsMax = 38;

// The unscaled value at a larger scale.
Int128 rescaled(const Decimal& value, std::uint8_t scale) {
    CHECK(value.scale <= scale);
    Int128 unscaled = value.unscaled;
    for (int i = value.scale; i < scale; ++i) {
        unscaled *= 10;
    }
    return unscaled;
}

}  // namespace

std::string Decimal::to_string() const {
    const bool is_negative = unscaled < 0;
    std::string digits = digits_of(is_negative ? ~static_cast<UInt128>(unscaled) + 1
                                               : static_cast<UInt128>(unscaled));
    if (digits.size() <= scale) {
        digits.insert(0, std::size_t{scale} + 1 - digits.size(), '0');
    }
    if (scale > 0) {
        digits.insert(digits.size() - scale, 1, '.');
    }
    return is_negative ? "-" + digits : digits;
}

Result<Decimal> Decimal::parse(std::string_view text) {
    const auto fail = [text](std::string_view why) {
        return Error{ErrorCode::kInvalidArgument,
                     std::string(why) + ": " + std::string(text.substr(0, 100))};
    };
    std::size_t at = 0;
    const bool is_negative = !text.empty() && text[0] == '-';
    at += static_cast<std::size_t>(!text.empty() && (text[0] == '-' || text[0] == '+'));
    UInt128 value = 0;
    int digits = 0;
    int scale = 0;
    bool seen_digit = false;
    bool seen_point = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '.' && !seen_point) {
            seen_point = true;
        } else if (c >= '0' && c <= '9') {
            seen_digit = true;
            digits += value > 0 || c != '0' ? 1 : 0;
            if (digits > kDecimalDigitsMax) {
                return fail("number has more than 38 digits");
            }
            value = value * 10 + static_cast<unsigned>(c - '0');
            scale += seen_point ? 1 : 0;
        } else {
            break;
        }
    }
    if (!seen_digit) {
        return fail("not a number");
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        int exponent = 0;
        if (at + 1 < text.size() && text[at] == '+' && text[at + 1] != '-') {
            ++at;
        }
        const auto end = std::from_chars(text.data() + at, text.data() + text.size(), exponent);
        if (end.ec != std::errc{} || std::abs(exponent) > 1000) {
            return fail("not a number");
        }
        at = static_cast<std::size_t>(end.ptr - text.data());
        scale -= exponent;
    }
    if (at != text.size()) {
        return fail("not a number");
    }
    for (; scale < 0; ++scale) {
        value *= 10;
        if (value != 0 && ++digits > kDecimalDigitsMax) {
            return fail("number has more than 38 digits");
        }
    }
    if (scale > kDecimalDigitsMax) {
        return fail("number has more than 38 digits");
    }
    return Decimal{is_negative ? -static_cast<Int128>(value) : static_cast<Int128>(value),
                   static_cast<std::uint8_t>(scale)};
}

Value value_at(const Column& column, std::uint32_t row) {
    if (!column.is_valid(row)) {
        return {};
    }
    switch (column.type().kind()) {
        case TypeKind::kBoolean:
            return column.at<std::uint8_t>(row) != 0;
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime:
            return column.at<std::int32_t>(row);
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            return column.at<std::int64_t>(row);
        case TypeKind::kDouble:
            return column.at<double>(row);
        case TypeKind::kDecimal:
            return Decimal{column.at<Int128>(row), column.type().scale()};
        case TypeKind::kString:
        case TypeKind::kBytes:
            return column.text(row);
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    const std::uint32_t slot = column.slot(row);
    Value::List list;
    if (column.type().is(TypeKind::kStruct)) {
        for (const ColumnPtr& child : column.children()) {
            list.push_back(value_at(*child, slot));
        }
        return list;
    }
    const auto* offsets = column.values<std::uint32_t>();
    const auto elements = [&](const Column& child) {
        Value::List items;
        for (std::uint32_t i = offsets[slot]; i < offsets[slot + 1]; ++i) {
            items.push_back(value_at(child, i));
        }
        return items;
    };
    if (column.type().is(TypeKind::kArray)) {
        return elements(*column.children()[0]);
    }
    list.emplace_back(elements(*column.children()[0]));
    list.emplace_back(elements(*column.children()[1]));
    return list;
}

void set_value(ColumnBuilder& builder, std::uint32_t row, const Value& value) {
    if (value.is_null()) {
        builder.set_null(row);
        return;
    }
    const auto want = [&value]<class T>() -> const T& {
        const T* held = std::get_if<T>(&value.data);
        CHECK(held != nullptr);
        return *held;
    };
    switch (builder.type().kind()) {
        case TypeKind::kBoolean:
            builder.set(row, static_cast<std::uint8_t>(want.operator()<bool>() ? 1 : 0));
            return;
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime:
            builder.set(row, want.operator()<std::int32_t>());
            return;
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            builder.set(row, want.operator()<std::int64_t>());
            return;
        case TypeKind::kDouble:
            builder.set(row, want.operator()<double>());
            return;
        case TypeKind::kDecimal:
            builder.set(row, rescaled(want.operator()<Decimal>(), builder.type().scale()));
            return;
        case TypeKind::kString:
        case TypeKind::kBytes:
            builder.set_text(row, want.operator()<std::string>());
            return;
        case TypeKind::kArray: {
            const auto& items = want.operator()<Value::List>();
            for (std::uint32_t i = 0; i < items.size(); ++i) {
                set_value(builder.child(0), builder.list_elements() + i, items[i]);
            }
            builder.set_list(row, static_cast<std::uint32_t>(items.size()));
            return;
        }
        case TypeKind::kMap: {
            const auto& both = want.operator()<Value::List>();
            CHECK(both.size() == 2);
            const auto& keys = std::get<Value::List>(both[0].data);
            const auto& items = std::get<Value::List>(both[1].data);
            CHECK(keys.size() == items.size());
            for (std::uint32_t i = 0; i < keys.size(); ++i) {
                set_value(builder.child(0), builder.list_elements() + i, keys[i]);
                set_value(builder.child(1), builder.list_elements() + i, items[i]);
            }
            builder.set_list(row, static_cast<std::uint32_t>(keys.size()));
            return;
        }
        case TypeKind::kStruct: {
            const auto& fields = want.operator()<Value::List>();
            CHECK(fields.size() == builder.type().children().size());
            builder.set_present(row);
            for (std::size_t i = 0; i < fields.size(); ++i) {
                set_value(builder.child(i), row, fields[i]);
            }
            return;
        }
    }
}

std::string double_to_text(double value) {
    char text[kDoubleTextMax];
    return {text, write_double(text, value)};
}

std::string to_text(const Value& value, const DataType& type) {
    if (value.is_null()) {
        return "NULL";
    }
    const auto list_text = [](const Value::List& items, const DataType& item_type) {
        std::string text;
        for (const Value& item : items) {
            text += (&item == &items.front() ? "" : ", ") + to_text(item, item_type);
        }
        return text;
    };
    switch (type.kind()) {
        case TypeKind::kBoolean:
            return std::get<bool>(value.data) ? "true" : "false";
        case TypeKind::kInt:
            return std::to_string(std::get<std::int32_t>(value.data));
        case TypeKind::kBigint:
            return std::to_string(std::get<std::int64_t>(value.data));
        case TypeKind::kDouble:
            return double_to_text(std::get<double>(value.data));
        case TypeKind::kDecimal:
            return std::get<Decimal>(value.data).to_string();
        case TypeKind::kString:
            return std::get<std::string>(value.data);
        case TypeKind::kBytes: {
            constexpr std::string_view kHex = "0123456789abcdef";
            std::string text = "0x";
            for (const char c : std::get<std::string>(value.data)) {
                text += kHex[static_cast<unsigned char>(c) >> 4];
                text += kHex[static_cast<unsigned char>(c) & 15];
            }
            return text;
        }
        case TypeKind::kDate:
            return format_iso8601(std::int64_t{std::get<std::int32_t>(value.data)} * 86'400'000)
                .substr(0, 10);
        case TypeKind::kTime:
            return format_iso8601(std::get<std::int32_t>(value.data)).substr(11, 12);
        case TypeKind::kTimestamp: {
            std::string text = format_iso8601(std::get<std::int64_t>(value.data));
            text.pop_back();
            return text;
        }
        case TypeKind::kArray:
            return "[" + list_text(std::get<Value::List>(value.data), type.children()[0].type) +
                   "]";
        case TypeKind::kMap: {
            const auto& both = std::get<Value::List>(value.data);
            const auto& keys = std::get<Value::List>(both[0].data);
            const auto& items = std::get<Value::List>(both[1].data);
            std::string text = "{";
            for (std::size_t i = 0; i < keys.size(); ++i) {
                text += (i == 0 ? "" : ", ") + to_text(keys[i], type.children()[0].type) + "=" +
                        to_text(items[i], type.children()[1].type);
            }
            return text + "}";
        }
        case TypeKind::kStruct: {
            const auto& fields = std::get<Value::List>(value.data);
            std::string text = "{";
            for (std::size_t i = 0; i < fields.size(); ++i) {
                text += (i == 0 ? "" : ", ") + type.children()[i].name + "=" +
                        to_text(fields[i], type.children()[i].type);
            }
            return text + "}";
        }
    }
    return {};
}

}  // namespace millrace
