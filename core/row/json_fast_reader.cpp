#include "core/row/json_fast_reader.h"

#include "core/row/json_scanner.h"
#include "core/row/text_value.h"

namespace millrace {

namespace {

// A source with more different keys, or longer ones, is no table; the general reader takes it.
constexpr std::size_t kKeysMax = 4096;
constexpr std::size_t kLeadBytesMax = 256;

bool stops_digits(char c) {
    return c != '.' && c != 'e' && c != 'E' && !(c >= '0' && c <= '9');
}

// Integers of up to 15 digits; nullptr for everything else.
inline const char* convert_integer(const char* at, std::int64_t& value) {
    const bool is_negative = *at == '-';
    at += is_negative ? 1 : 0;
    const std::uint32_t digits = count_digits(at);
    if (digits == 0 || digits > 15 || (*at == '0' && digits > 1) || !stops_digits(at[digits])) {
        return nullptr;
    }
    const auto magnitude = static_cast<std::int64_t>(digits_value(at, digits));
    value = is_negative ? -magnitude : magnitude;
    return at + digits;
}

// Numbers of up to 15 digits without an exponent: the digits and the power of ten are both exact
// doubles, so one division rounds once and gives the nearest double.
inline const char* convert_double(const char* at, double& value) {
    constexpr double kPowers[] = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const bool is_negative = *at == '-';
    at += is_negative ? 1 : 0;
    const std::uint32_t whole = count_digits(at);
    if (whole == 0 || whole > 15 || (*at == '0' && whole > 1)) {
        return nullptr;
    }
    std::uint64_t magnitude = digits_value(at, whole);
    at += whole;
    std::uint32_t behind_point = 0;
    if (*at == '.') {
        ++at;
        behind_point = count_digits(at);
        if (behind_point == 0 || whole + behind_point > 15) {
            return nullptr;
        }
        for (std::uint32_t i = 0; i < behind_point; ++i) {
            magnitude = magnitude * 10 + static_cast<std::uint64_t>(at[i] - '0');
        }
        at += behind_point;
    }
    if (!stops_digits(*at)) {
        return nullptr;
    }
    value = static_cast<double>(magnitude) / kPowers[behind_point];
    value = is_negative ? -value : value;
    return at;
}

}  // namespace

JsonFastReader::JsonFastReader(const std::vector<Field>& fields, const std::vector<bool>& wanted)
    : names_(fields), wanted_(wanted), targets_(fields.size()), seen_(fields.size()) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        types_.push_back(fields[i].type);
        wanted_count_ += wanted[i] ? 1U : 0U;
        is_flat_ = is_flat_ && !(wanted[i] && fields[i].type.is_nested());
    }
    keys_.push_back(Key{QuickText("")});
}

void JsonFastReader::bind(std::vector<ColumnBuilder>& builders) {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        targets_[i].builder = &builders[i];
        switch (action_for(i)) {
            case Action::kInteger32:
                targets_[i].values = builders[i].values<std::int32_t>();
                break;
            case Action::kInteger64:
                targets_[i].values = builders[i].values<std::int64_t>();
                break;
            case Action::kDouble:
                targets_[i].values = builders[i].values<double>();
                break;
            case Action::kString:
                targets_[i].values = builders[i].values<StringRef>();
                break;
            case Action::kOther:
            case Action::kSkip:
                break;
        }
    }
}

JsonFastReader::Action JsonFastReader::action_for(std::size_t field) const {
    switch (types_[field].kind()) {
        case TypeKind::kInt:
        case TypeKind::kDate:
            return Action::kInteger32;
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            return Action::kInteger64;
        case TypeKind::kDouble:
            return Action::kDouble;
        case TypeKind::kString:
            return Action::kString;
        case TypeKind::kBoolean:
        case TypeKind::kDecimal:
        case TypeKind::kBytes:
        case TypeKind::kTime:
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return Action::kOther;
}

std::uint32_t JsonFastReader::find(const char* at, const char* end, std::uint32_t before) {
    std::uint32_t high = 0;  // is_utf8() judges the name below
    const char* const lead = at;
    const char* const quote = skip_json_space(at + 1, end);
    bool has_escapes = false;
    at = *quote == '"' ? skip_string(quote, end, has_escapes, high) : nullptr;
    if (at == nullptr || has_escapes) {
        return 0;
    }
    const std::string_view name(quote + 1, static_cast<std::size_t>(at - quote - 2));
    at = skip_json_space(at, end);
    if (*at != ':') {
        return 0;
    }
    at = skip_json_space(at + 1, end);
    const std::string_view text(lead, static_cast<std::size_t>(at - lead));
    auto known = by_lead_.find(text);
    if (known == by_lead_.end()) {
        // UTF-8 is checked here because nobody looks at a key that is predicted.
        if (keys_.size() >= kKeysMax || text.size() > kLeadBytesMax || !is_utf8(name)) {
            return 0;
        }
        Key key{QuickText(text)};
        const NameMatch match = names_.find(name);
        if (match.field >= 0 && wanted_[static_cast<std::size_t>(match.field)]) {
            key.field = static_cast<std::uint32_t>(match.field);
            key.action = action_for(key.field);
        }
        known = by_lead_.emplace(std::string(text), static_cast<std::uint32_t>(keys_.size())).first;
        keys_.push_back(std::move(key));
    }
    keys_[before].successor = known->second;
    return known->second;
}

// Behind the closing quote; `at` is at the opening one.
inline const char* JsonFastReader::skip_string(const char* at,
                                               const char* end,
                                               bool& has_escapes,
                                               std::uint32_t& high) {
    const char* close = find_json_special(at + 1, end, high);
    if (close >= end || *close != '"') [[unlikely]] {
        close = close >= end ? nullptr : scan_json_string(close, end, has_escapes, high);
        if (close == nullptr) {
            return nullptr;
        }
    }
    return close + 1;
}

[[gnu::always_inline]] inline const char* JsonFastReader::skip(const char* at,
                                                               const char* end,
                                                               std::uint32_t& high) {
    if (*at == '"') {
        bool has_escapes = false;
        return skip_string(at, end, has_escapes, high);
    }
    const std::uint32_t digits = count_digits(at);
    if (digits > 0 && digits < 16 && (*at != '0' || digits == 1) && stops_digits(at[digits])) {
        return at + digits;
    }
    return scan_json_value(at, end, 1, high);
}

const char* JsonFastReader::convert_other(
    const char* at, const char* end, const Key& key, std::uint32_t row, std::uint32_t& high) {
    ColumnBuilder& builder = *targets_[key.field].builder;
    if (*at == '{' || *at == '[') {
        return nullptr;
    }
    const char* const behind = skip(at, end, high);
    if (behind == nullptr) {
        return nullptr;
    }
    const std::string_view token(at, static_cast<std::size_t>(behind - at));
    return set_json_scalar(builder, row, token) == nullptr ? behind : nullptr;
}

[[gnu::always_inline]] inline const char* JsonFastReader::convert(
    const char* at, const char* end, const Key& key, std::uint32_t row, std::uint32_t& high) {
    const Target& target = targets_[key.field];
    switch (key.action) {
        case Action::kString: {
            if (*at != '"') {
                break;
            }
            bool has_escapes = false;
            const char* const behind = skip_string(at, end, has_escapes, high);
            if (behind == nullptr) {
                return nullptr;
            }
            const auto size = static_cast<std::uint32_t>(behind - at - 2);
            if (has_escapes) {
                return set_json_string(*target.builder, row, {at + 1, size}, true) == nullptr
                           ? behind
                           : nullptr;
            }
            static_cast<StringRef*>(target.values)[row] = size <= StringRef::kInlineMax
                                                              ? make_inline_string(at + 1, size)
                                                              : StringRef(at + 1, size);
            return behind;
        }
        case Action::kInteger64: {
            std::int64_t value = 0;
            if (const char* const behind = convert_integer(at, value)) {
                static_cast<std::int64_t*>(target.values)[row] = value;
                return behind;
            }
            break;
        }
        case Action::kInteger32: {
            std::int64_t value = 0;
            const char* const behind = convert_integer(at, value);
            if (behind != nullptr && value == static_cast<std::int32_t>(value)) {
                static_cast<std::int32_t*>(target.values)[row] = static_cast<std::int32_t>(value);
                return behind;
            }
            break;
        }
        case Action::kDouble: {
            double value = 0;
            if (const char* const behind = convert_double(at, value)) {
                static_cast<double*>(target.values)[row] = value;
                return behind;
            }
            break;
        }
        case Action::kOther:
        case Action::kSkip:
            break;
    }
    return convert_other(at, end, key, row, high);
}

bool JsonFastReader::read(std::string_view document, std::uint32_t row) {
    // The brace at the end is what stops the loops over digits and white space: `at` stays below
    // `end` until that brace was taken.
    if (!is_flat_ || document.size() < 2 || document.front() != '{' || document.back() != '}') {
        return false;
    }
    const char* at = document.data();
    const char* const end = at + document.size();
    ++document_;
    std::uint32_t converted = 0;
    std::uint32_t high = 0;  // not 0: the document may have more than ASCII
    for (std::uint32_t current = 0;;) {
        const std::uint32_t before = current;
        current = keys_[before].successor;
        // Key 0 has no lead and is never a successor that counts.
        const std::size_t left = static_cast<std::size_t>(end - at);
        if (current == 0 || left <= keys_[current].lead.text().size() ||
            !keys_[current].lead.is_at(at)) [[unlikely]] {
            if (before == 0 && skip_json_space(at + 1, end) == end - 1) {
                at = end - 1;
                break;  // nothing between the braces
            }
            current = find(at, end, before);
            if (current == 0) {
                return false;
            }
        }
        const Key& key = keys_[current];
        at += key.lead.text().size();
        if (key.action == Action::kSkip) {
            at = skip(at, end, high);
        } else {
            if (seen_[key.field] == document_) {
                return false;
            }
            seen_[key.field] = document_;
            ++converted;
            at = convert(at, end, key, row, high);
        }
        if (at == nullptr) {
            return false;
        }
        if (static_cast<unsigned char>(*at) <= ' ') {
            at = skip_json_space(at, end);
        }
        if (*at != ',') {
            break;
        }
    }
    if (*at != '}' || at + 1 != end || (high != 0 && !is_utf8(document))) {
        return false;
    }
    converted_ = converted;
    if (converted != wanted_count_) {
        for (std::size_t i = 0; i < wanted_.size(); ++i) {
            if (wanted_[i] && seen_[i] != document_) {
                targets_[i].builder->set_null(row);
            }
        }
    }
    return true;
}

}  // namespace millrace
