#include "core/row/json_value.h"

#include <string>

#include "core/row/json_scanner.h"

namespace millrace {

namespace {

constexpr Reason kNotJson = "not JSON";

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) {
            return false;
        }
    }
    return true;
}

}  // namespace

Reason set_json_boolean(ColumnBuilder& builder, std::uint32_t row, bool value) {
    if (builder.type().is(TypeKind::kBoolean)) {
        builder.set(row, static_cast<std::uint8_t>(value ? 1 : 0));
        return nullptr;
    }
    if (builder.type().is(TypeKind::kString)) {
        builder.set_text(row, value ? "true" : "false");
        return nullptr;
    }
    return "a boolean cannot become that type";
}

Reason set_json_number(ColumnBuilder& builder, std::uint32_t row, std::string_view text) {
    if (builder.type().is(TypeKind::kString)) {
        builder.set_borrowed_text(row, text);
        return nullptr;
    }
    return set_from_number(builder, row, text);
}

Reason set_json_string(ColumnBuilder& builder,
                       std::uint32_t row,
                       std::string_view raw,
                       bool has_escapes) {
    if (builder.type().is(TypeKind::kBoolean)) {
        return "a string cannot become that type";
    }
    if (!has_escapes) {
        return set_from_text(builder, row, raw, Borrow::kYes);
    }
    std::string text(raw.size(), '\0');
    const std::ptrdiff_t size = unescape_json(raw, text.data());
    if (size < 0) {
        return "half of a surrogate pair";
    }
    text.resize(static_cast<std::size_t>(size));
    return set_from_text(builder, row, text, Borrow::kNo);
}

Reason set_json_scalar(ColumnBuilder& builder, std::uint32_t row, std::string_view token) {
    const char* const end = token.data() + token.size();
    if (token.empty()) {
        return kNotJson;
    }
    if (token[0] == '"') {
        bool has_escapes = false;
        if (scan_json_string(token.data() + 1, end, has_escapes) != end - 1) {
            return kNotJson;
        }
        return set_json_string(builder, row, token.substr(1, token.size() - 2), has_escapes);
    }
    if (scan_json_value(token.data(), end, kJsonDepthMax) != end) {
        return kNotJson;
    }
    switch (token[0]) {
        case 'n':
            builder.set_null(row);
            return nullptr;
        case 't':
        case 'f':
            return set_json_boolean(builder, row, token[0] == 't');
        default:
            return set_json_number(builder, row, token);
    }
}

FieldNames::FieldNames(const std::vector<Field>& fields) {
    for (const Field& field : fields) {
        names_.push_back(field.name);
    }
}

NameMatch FieldNames::find(std::string_view name) const {
    NameMatch match;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        if (names_[i].size() != name.size() || !equal_ignoring_case(names_[i], name)) {
            continue;
        }
        if (names_[i] == name) {
            return {static_cast<std::int32_t>(i), true};
        }
        if (match.field < 0) {
            match.field = static_cast<std::int32_t>(i);
        }
    }
    return match;
}

}  // namespace millrace
