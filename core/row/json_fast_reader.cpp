#include "core/row/json_fast_reader.h"

#include "core/row/json_scanner.h"
#include "core/row/text_value.h"

namespace millrace {

namespace {

// A source with more different keys, or longer ones, is no table; the general reader takes it.
constexpr std::size_t kKeysMax = 4096;
constexpr std::size_t kKeyBytesMax = 256;

// Integers of up to 18 digits; nullptr for everything else. A document ends in a brace, so there is
// always something that stops it.
const char* convert_integer(const char* at, std::int64_t& value) {
    const bool is_negative = *at == '-';
    at += is_negative ? 1 : 0;
    const char* const first = at;
    std::uint64_t magnitude = 0;
    if (are_eight_digits(at)) {
        magnitude = eight_digits(at);
        at += 8;
    }
    for (unsigned digit; (digit = static_cast<unsigned>(*at - '0')) < 10; ++at) {
        magnitude = magnitude * 10 + digit;
    }
    const auto digits = at - first;
    if (digits == 0 || digits > 18 || (*first == '0' && digits > 1) || *at == '.' || *at == 'e' ||
        *at == 'E') {
        return nullptr;
    }
    value =
        is_negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
    return at;
}

// Numbers of up to 15 digits without an exponent: the digits and the power of ten are both exact
// doubles, so one division rounds once and gives the nearest double.
const char* convert_double(const char* at, double& value) {
    constexpr double kPowers[] = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const bool is_negative = *at == '-';
    at += is_negative ? 1 : 0;
    const char* const first = at;
    std::uint64_t magnitude = 0;
    unsigned digit;
    for (; (digit = static_cast<unsigned>(*at - '0')) < 10; ++at) {
        magnitude = magnitude * 10 + digit;
    }
    auto digits = at - first;
    if (digits == 0 || (*first == '0' && digits > 1)) {
        return nullptr;
    }
    std::ptrdiff_t behind_point = 0;
    if (*at == '.') {
        const char* const point = at++;
        for (; (digit = static_cast<unsigned>(*at - '0')) < 10; ++at) {
            magnitude = magnitude * 10 + digit;
        }
        behind_point = at - point - 1;
        digits += behind_point;
        if (behind_point == 0) {
            return nullptr;
        }
    }
    if (digits > 15 || *at == 'e' || *at == 'E') {
        return nullptr;
    }
    value = static_cast<double>(magnitude) / kPowers[behind_point];
    value = is_negative ? -value : value;
    return at;
}

}  // namespace

JsonFastReader::JsonFastReader(const std::vector<Field>& fields, const std::vector<bool>& wanted)
    : names_(fields), wanted_(wanted), seen_(fields.size()) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        wanted_count_ += wanted[i] ? 1U : 0U;
        is_flat_ = is_flat_ && !(wanted[i] && fields[i].type.is_nested());
    }
    keys_.push_back({"", BytePrefix("", 0), kUnwanted, 0});
}

bool JsonFastReader::matches(const Key& key, const char* at, const char* end) {
    const std::size_t size = key.quoted.size();
    return static_cast<std::size_t>(end - at) > size && key.prefix.matches(at) &&
           (size <= 16 || std::memcmp(at + 16, key.quoted.data() + 16, size - 16) == 0);
}

std::uint32_t JsonFastReader::find(const char* at, const char* end, std::uint32_t before) {
    if (*at != '"') {
        return 0;
    }
    bool has_escapes = false;
    const char* const close = skip_string(at, end, has_escapes);
    if (close == nullptr || has_escapes) {
        return 0;
    }
    const std::string_view quoted(at, static_cast<std::size_t>(close - at));
    auto known = by_text_.find(quoted);
    if (known == by_text_.end()) {
        // Only checked here: a key that is predicted is known to be UTF-8.
        if (keys_.size() >= kKeysMax || quoted.size() > kKeyBytesMax || !is_utf8(quoted)) {
            return 0;
        }
        const NameMatch match = names_.find(quoted.substr(1, quoted.size() - 2));
        const bool is_wanted = match.field >= 0 && wanted_[static_cast<std::size_t>(match.field)];
        known =
            by_text_.emplace(std::string(quoted), static_cast<std::uint32_t>(keys_.size())).first;
        keys_.push_back({std::string(quoted),
                         BytePrefix(quoted.data(), quoted.size()),
                         is_wanted ? match.field : kUnwanted,
                         0});
    }
    keys_[before].successor = known->second;
    return known->second;
}

// Behind the closing quote; `at` is at the opening one.
const char* JsonFastReader::skip_string(const char* at, const char* end, bool& has_escapes) {
    const char* const close = find_json_special(at + 1, end, high_);
    if (close < end && *close == '"') {
        return close + 1;
    }
    if (close >= end || *close != '\\') {
        return nullptr;
    }
    high_ = 1;  // not looked at from here on
    const char* const behind = scan_json_string(close, end, has_escapes);
    return behind == nullptr ? nullptr : behind + 1;
}

const char* JsonFastReader::skip(const char* at, const char* end) {
    if (*at == '"') {
        bool has_escapes = false;
        return skip_string(at, end, has_escapes);
    }
    if (*at == '{' || *at == '[') {
        high_ = 1;
        return scan_json_value(at, end, 1);
    }
    return scan_json_value(at, end, 1);
}

const char* JsonFastReader::convert(const char* at,
                                    const char* end,
                                    std::size_t field,
                                    std::uint32_t row) {
    ColumnBuilder& builder = builders_[field];
    if (*at == 'n') {
        builder.set_null(row);
        return scan_json_value(at, end, 1);
    }
    const TypeKind kind = builder.type().kind();
    if (kind == TypeKind::kString && *at == '"') {
        bool has_escapes = false;
        const char* const behind = skip_string(at, end, has_escapes);
        if (behind == nullptr) {
            return nullptr;
        }
        const auto size = static_cast<std::uint32_t>(behind - at - 2);
        if (has_escapes) {
            return set_json_string(builder, row, {at + 1, size}, true) == nullptr ? behind
                                                                                  : nullptr;
        }
        builder.set(row,
                    size <= StringRef::kInlineMax ? make_inline_string(at + 1, size)
                                                  : StringRef(at + 1, size));
        return behind;
    }
    std::int64_t integer = 0;
    if (kind == TypeKind::kBigint || kind == TypeKind::kTimestamp) {
        if (const char* const behind = convert_integer(at, integer)) {
            builder.set(row, integer);
            return behind;
        }
    } else if (kind == TypeKind::kInt || kind == TypeKind::kDate) {
        const char* const behind = convert_integer(at, integer);
        if (behind != nullptr && integer == static_cast<std::int32_t>(integer)) {
            builder.set(row, static_cast<std::int32_t>(integer));
            return behind;
        }
    } else if (kind == TypeKind::kDouble) {
        double number = 0;
        if (const char* const behind = convert_double(at, number)) {
            builder.set(row, number);
            return behind;
        }
    }
    if (*at == '{' || *at == '[') {
        return nullptr;
    }
    const char* const behind = skip(at, end);
    return behind != nullptr &&
                   set_json_scalar(builder, row, {at, static_cast<std::size_t>(behind - at)}) ==
                       nullptr
               ? behind
               : nullptr;
}

bool JsonFastReader::read(std::string_view document, std::uint32_t row) {
    // Its last byte being a brace is what stops the loops over digits and white space.
    if (!is_flat_ || document.size() < 2 || document.front() != '{' || document.back() != '}') {
        return false;
    }
    const char* at = document.data() + 1;
    const char* const end = document.data() + document.size();
    const auto skip_space = [&at, end] {
        if (static_cast<unsigned char>(*at) <= ' ') {
            at = skip_json_space(at, end);
        }
    };
    ++document_;
    converted_ = 0;
    high_ = 0;
    skip_space();
    for (std::uint32_t before = 0; *at != '}' || before != 0;) {
        std::uint32_t current = keys_[before].successor;
        if (current == 0 || !matches(keys_[current], at, end)) {
            current = find(at, end, before);
            if (current == 0) {
                return false;
            }
        }
        const Key& key = keys_[current];
        at += key.quoted.size();
        skip_space();
        if (*at != ':') {
            return false;
        }
        ++at;
        skip_space();
        if (key.field == kUnwanted) {
            at = skip(at, end);
        } else {
            const auto field = static_cast<std::size_t>(key.field);
            if (seen_[field] == document_) {
                return false;
            }
            seen_[field] = document_;
            ++converted_;
            at = convert(at, end, field, row);
        }
        if (at == nullptr) {
            return false;
        }
        skip_space();
        if (*at != ',') {
            break;
        }
        ++at;
        skip_space();
        before = current;
    }
    if (*at != '}' || at + 1 != end || (high_ != 0 && !is_utf8(document))) {
        return false;
    }
    if (converted_ != wanted_count_) {
        for (std::size_t i = 0; i < wanted_.size(); ++i) {
            if (wanted_[i] && seen_[i] != document_) {
                builders_[i].set_null(row);
            }
        }
    }
    return true;
}

}  // namespace millrace
