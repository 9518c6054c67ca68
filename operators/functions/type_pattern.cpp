#include "operators/functions/type_pattern.h"

#include "core/base/assert.h"
#include "operators/expression/type_rules.h"

namespace millrace::operators {

namespace {

struct PlainName {
    std::string_view name;
    TypeKind kind;
};
constexpr PlainName kPlainNames[] = {{"BOOLEAN", TypeKind::kBoolean},
                                     {"INTEGER", TypeKind::kInt},
                                     {"INT", TypeKind::kInt},
                                     {"BIGINT", TypeKind::kBigint},
                                     {"DOUBLE", TypeKind::kDouble},
                                     {"STRING", TypeKind::kString},
                                     {"BYTES", TypeKind::kBytes},
                                     {"DATE", TypeKind::kDate},
                                     {"TIMESTAMP", TypeKind::kTimestamp},
                                     {"TIME", TypeKind::kTime}};

std::string_view name_of(TypeKind kind) {
    for (const PlainName& plain : kPlainNames) {
        if (plain.kind == kind) {
            return plain.name;
        }
    }
    return "";
}

bool take(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) {
        return false;
    }
    text.remove_prefix(word.size());
    return true;
}

bool is_decimal(const DataType& type) {
    return type.is(TypeKind::kDecimal);
}

DataType child_of(const DataType& type, std::size_t i) {
    return i < type.children().size() ? type.children()[i].type : type;
}

std::size_t index_of(char variable) {
    return static_cast<std::size_t>(variable - 'A');
}

}  // namespace

std::string TypePattern::to_string() const {
    switch (kind) {
        case Kind::kPlain:
            return std::string(name_of(plain));
        case Kind::kDecimal:
            return "DECIMAL";
        case Kind::kStruct:
            return "STRUCT";
        case Kind::kUnit:
            return "UNIT";
        case Kind::kVariable:
            return std::string(1, variable);
        case Kind::kArray:
            return "ARRAY<" + children[0].to_string() + ">";
        case Kind::kMap:
            return "MAP<" + children[0].to_string() + ", " + children[1].to_string() + ">";
    }
    return "";
}

bool TypePattern::has_variable() const {
    if (kind == Kind::kVariable) {
        return true;
    }
    for (const TypePattern& child : children) {
        if (child.has_variable()) {
            return true;
        }
    }
    return false;
}

TypePattern read_pattern(std::string_view& text) {
    TypePattern pattern;
    if (take(text, "ARRAY<")) {
        pattern.kind = TypePattern::Kind::kArray;
        pattern.children.push_back(read_pattern(text));
        CHECK(take(text, ">"));
        return pattern;
    }
    if (take(text, "MAP<")) {
        pattern.kind = TypePattern::Kind::kMap;
        pattern.children.push_back(read_pattern(text));
        CHECK(take(text, ", "));
        pattern.children.push_back(read_pattern(text));
        CHECK(take(text, ">"));
        return pattern;
    }
    if (take(text, "DECIMAL")) {
        pattern.kind = TypePattern::Kind::kDecimal;
        return pattern;
    }
    if (take(text, "STRUCT")) {
        pattern.kind = TypePattern::Kind::kStruct;
        return pattern;
    }
    if (take(text, "UNIT")) {
        pattern.kind = TypePattern::Kind::kUnit;
        return pattern;
    }
    for (const PlainName& plain : kPlainNames) {
        if (take(text, plain.name)) {
            pattern.plain = plain.kind;
            return pattern;
        }
    }
    CHECK(!text.empty() && text[0] >= 'A' && text[0] <= 'Z');
    pattern.kind = TypePattern::Kind::kVariable;
    pattern.variable = text[0];
    text.remove_prefix(1);
    return pattern;
}

bool Bindings::bind(const TypePattern& pattern,
                    const DataType& type,
                    bool widening,
                    bool is_inside) {
    const bool widens_here = widening && !is_inside;
    switch (pattern.kind) {
        case TypePattern::Kind::kPlain:
            return type.is(pattern.plain) ||
                   (widens_here && (widens(type, pattern.plain) ||
                                    (type.is(TypeKind::kString) && is_temporal(pattern.plain))));
        case TypePattern::Kind::kDecimal:
            return is_decimal(type) ||
                   (widens_here && (type.is(TypeKind::kInt) || type.is(TypeKind::kBigint)));
        case TypePattern::Kind::kStruct:
            return type.is(TypeKind::kStruct);
        case TypePattern::Kind::kUnit:
            return type.is(TypeKind::kString);
        case TypePattern::Kind::kArray:
            return type.is(TypeKind::kArray) &&
                   bind(pattern.children[0], type.children()[0].type, widening, true);
        case TypePattern::Kind::kMap:
            return type.is(TypeKind::kMap) &&
                   bind(pattern.children[0], type.children()[0].type, widening, true) &&
                   bind(pattern.children[1], type.children()[1].type, widening, true);
        case TypePattern::Kind::kVariable:
            break;
    }
    Binding& binding = variables_[index_of(pattern.variable)];
    if (!binding.type) {
        binding = {type, is_inside};
        return true;
    }
    if (*binding.type == type) {
        binding.is_fixed = binding.is_fixed || is_inside;
        return true;
    }
    const auto common = common_type(*binding.type, type);
    if (!common || (!widening && !(is_decimal(type) && is_decimal(*binding.type)))) {
        return false;
    }
    if (is_inside || binding.is_fixed) {
        // What is inside of a list stays as it is; the other one has to widen to it.
        const DataType& fixed = is_inside ? type : *binding.type;
        if ((is_inside && binding.is_fixed) || !(*common == fixed)) {
            return false;
        }
        binding = {fixed, true};
        return true;
    }
    binding.type = common;
    return true;
}

std::optional<DataType> Bindings::type_of(const TypePattern& pattern, const DataType& given) const {
    switch (pattern.kind) {
        case TypePattern::Kind::kPlain:
            return DataType(pattern.plain);
        case TypePattern::Kind::kDecimal:
            return given.is_numeric() && !given.is(TypeKind::kDouble) ? as_decimal(given)
                                                                      : DataType::decimal(1, 0);
        case TypePattern::Kind::kUnit:
            return DataType(TypeKind::kString);
        case TypePattern::Kind::kStruct:
            return given.is(TypeKind::kStruct) ? std::optional(given) : std::nullopt;
        case TypePattern::Kind::kVariable:
            return variables_[index_of(pattern.variable)].type;
        case TypePattern::Kind::kArray: {
            const auto element = type_of(pattern.children[0], child_of(given, 0));
            return element ? std::optional(DataType::array(*element)) : std::nullopt;
        }
        case TypePattern::Kind::kMap: {
            const auto key = type_of(pattern.children[0], child_of(given, 0));
            const auto value = type_of(pattern.children[1], child_of(given, 1));
            return key && value ? std::optional(DataType::map(*key, *value)) : std::nullopt;
        }
    }
    return std::nullopt;
}

std::optional<std::int64_t> unit_ms(std::string_view word) {
    struct Unit {
        std::string_view name;
        std::int64_t ms;
    };
    constexpr Unit kUnits[] = {{"DAY", 86'400'000},
                               {"HOUR", 3'600'000},
                               {"MINUTE", 60'000},
                               {"SECOND", 1000},
                               {"MILLISECOND", 1}};
    std::string upper(word);
    for (char& c : upper) {
        c = static_cast<char>(c - (c >= 'a' && c <= 'z' ? 32 : 0));
    }
    for (const Unit& unit : kUnits) {
        if (upper == unit.name || upper == std::string(unit.name) + "S") {
            return unit.ms;
        }
    }
    return std::nullopt;
}

}  // namespace millrace::operators
