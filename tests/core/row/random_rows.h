// Random schemas, values and JSON documents for property tests; the same seed gives the same ones.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/row/data_type.h"
#include "core/row/value.h"

namespace millrace {

class RandomRows {
  public:
    explicit RandomRows(std::uint64_t seed) : random_(seed) {}

    std::uint32_t below(std::uint32_t bound) {
        return static_cast<std::uint32_t>(random_.below(bound));
    }
    bool one_in(std::uint32_t n) { return below(n) == 0; }

    DataType plain_type() {
        const auto kind = static_cast<TypeKind>(below(10));
        if (kind == TypeKind::kDecimal) {
            const auto precision = static_cast<std::uint8_t>(1 + below(38));
            return DataType::decimal(precision, static_cast<std::uint8_t>(below(precision + 1U)));
        }
        return kind;
    }
    DataType type(int depth = 0) {
        if (depth >= 3 || !one_in(4)) {
            return plain_type();
        }
        switch (below(3)) {
            case 0:
                return DataType::array(type(depth + 1));
            case 1:
                return DataType::map(TypeKind::kString, type(depth + 1));
            default:
                return DataType::structure(fields(1 + below(3), depth + 1));
        }
    }
    std::vector<Field> fields(std::uint32_t count, int depth = 0) {
        std::vector<Field> made;
        for (std::uint32_t i = 0; i < count; ++i) {
            made.push_back({one_in(5) ? "a \"q\" " + std::to_string(i) : "F" + std::to_string(i),
                            depth > 2 ? plain_type() : type(depth)});
        }
        return made;
    }

    std::string text() {
        static constexpr const char* kPieces[] = {"a",
                                                  "bc",
                                                  "1",
                                                  " ",
                                                  "\"",
                                                  "\\",
                                                  ",",
                                                  "\n",
                                                  "\t",
                                                  "\x01",
                                                  "/",
                                                  "\xc3\xa9",
                                                  "\xe2\x82\xac",
                                                  "\xf0\x9f\x98\x80",
                                                  "{",
                                                  "}",
                                                  "null",
                                                  "some longer piece of text"};
        std::string made;
        for (std::uint32_t i = below(one_in(5) ? 20 : 4); i > 0; --i) {
            made += kPieces[below(std::size(kPieces))];
        }
        return made;
    }
    double number() {
        switch (below(4)) {
            case 0:
                return static_cast<double>(below(2000)) - 1000;
            case 1:
                return static_cast<double>(below(1000000)) / 1000;
            default: {
                const std::uint64_t bits = random_.next();
                double value;
                std::memcpy(&value, &bits, sizeof value);
                return value == value ? value : 0.5;  // not a NaN, which equals nothing
            }
        }
    }
    Value value(const DataType& type) {
        if (one_in(6)) {
            return {};
        }
        switch (type.kind()) {
            case TypeKind::kBoolean:
                return one_in(2);
            case TypeKind::kInt:
            case TypeKind::kDate:
                return static_cast<std::int32_t>(random_.next());
            case TypeKind::kTime:
                return static_cast<std::int32_t>(below(86'400'000));
            case TypeKind::kBigint:
            case TypeKind::kTimestamp:
                return static_cast<std::int64_t>(random_.next()) >> below(64);
            case TypeKind::kDouble:
                return number();
            case TypeKind::kDecimal: {
                Int128 limit = 1;
                for (int i = 0; i < type.precision(); ++i) {
                    limit *= 10;
                }
                const auto wide = static_cast<UInt128>(random_.next()) << 64 | random_.next();
                const auto magnitude = static_cast<Int128>(wide % static_cast<UInt128>(limit));
                return Decimal{one_in(2) ? -magnitude : magnitude, type.scale()};
            }
            case TypeKind::kString:
                return text();
            case TypeKind::kBytes: {
                std::string bytes;
                for (std::uint32_t i = below(20); i > 0; --i) {
                    bytes += static_cast<char>(below(256));
                }
                return bytes;
            }
            case TypeKind::kArray:
                return list(type.children()[0].type, below(4));
            case TypeKind::kMap: {
                const std::uint32_t count = below(4);
                Value::List keys;
                for (std::uint32_t i = 0; i < count; ++i) {
                    keys.emplace_back(std::to_string(i) + text());
                }
                return Value::List{keys, list(type.children()[1].type, count)};
            }
            case TypeKind::kStruct:
                break;
        }
        Value::List items;
        for (const Field& field : type.children()) {
            items.push_back(value(field.type));
        }
        return items;
    }

    // A document that a source might send for the fields: most of them in order and of their type,
    // with white space, strangers, escapes, other cases, repetitions and now and then damage.
    std::string document(const std::vector<Field>& fields) {
        std::string made = "{";
        for (const Field& field : fields) {
            if (one_in(12)) {
                continue;
            }
            add_member(made, field.name, field.type);
            if (one_in(20)) {
                add_member(made, one_in(2) ? field.name : "unknown" + text(), plain_type());
            }
        }
        made += space() + "}";
        for (std::uint32_t i = one_in(4) ? 1 + below(3) : 0; i > 0 && !made.empty(); --i) {
            damage(made);
        }
        return one_in(10) ? " " + made + "\n" : made;
    }

  private:
    Value list(const DataType& element, std::uint32_t count) {
        Value::List items;
        for (std::uint32_t i = 0; i < count; ++i) {
            items.push_back(value(element));
        }
        return items;
    }
    std::string space() {
        static constexpr const char* kSpaces[] = {" ", "\n", "\t ", "\r\n  "};
        return one_in(25) ? kSpaces[below(4)] : "";
    }
    std::string quoted(const std::string& text_to_quote) {
        std::string made = "\"";
        for (const char c : text_to_quote) {
            const auto byte = static_cast<unsigned char>(c);
            if (c == '"' || c == '\\') {
                made += std::string("\\") + c;
            } else if (byte < 0x20 || (byte < 0x80 && one_in(60))) {
                static constexpr char kHex[] = "0123456789abcdef";
                made += std::string("\\u00") + kHex[byte >> 4] + kHex[byte & 15];
            } else {
                made += c;
            }
        }
        return made + "\"";
    }
    void add_member(std::string& made, std::string name, const DataType& type) {
        if (one_in(15)) {
            for (char& c : name) {
                c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            }
        }
        made += (made.size() > 1 ? "," : "") + space() + quoted(name) + space() + ":" + space() +
                json(one_in(30) ? plain_type() : type, 0) + space();
    }
    std::string json(const DataType& type, int depth) {
        if (one_in(15)) {
            return "null";
        }
        switch (type.kind()) {
            case TypeKind::kBoolean:
                return one_in(2) ? "true" : "false";
            case TypeKind::kString:
            case TypeKind::kBytes:
                return quoted(one_in(8) ? "AAEC" : text());
            case TypeKind::kArray:
            case TypeKind::kMap:
            case TypeKind::kStruct: {
                if (depth > 4) {
                    return "[]";
                }
                const bool is_array = type.is(TypeKind::kArray);
                std::string made = is_array ? "[" : "{";
                for (std::uint32_t i = below(4); i > 0; --i) {
                    made += (made.size() > 1 ? "," : "") + space();
                    if (!is_array) {
                        made +=
                            quoted(type.is(TypeKind::kStruct) ? type.children()[0].name : text()) +
                            ":";
                    }
                    made += json(type.children().back().type, depth + 1);
                }
                return made + (is_array ? "]" : "}");
            }
            case TypeKind::kInt:
            case TypeKind::kBigint:
            case TypeKind::kDouble:
            case TypeKind::kDecimal:
            case TypeKind::kDate:
            case TypeKind::kTime:
            case TypeKind::kTimestamp:
                break;
        }
        static constexpr const char* kNumbers[] = {"0",
                                                   "-0",
                                                   "7",
                                                   "-1",
                                                   "01",
                                                   "1.5",
                                                   "2.0",
                                                   "1e3",
                                                   "-2.5E-3",
                                                   "1234567",
                                                   "12345678901234567",
                                                   "123456789012345678901",
                                                   "0.1",
                                                   "1.",
                                                   "-",
                                                   "999999999999999.9",
                                                   "1e400",
                                                   "2147483648",
                                                   "86400000",
                                                   "9223372036854775808"};
        if (one_in(20)) {
            return quoted(kNumbers[below(std::size(kNumbers))]);
        }
        return one_in(3) ? kNumbers[below(std::size(kNumbers))]
                         : std::to_string(static_cast<std::int64_t>(random_.next()) >> below(64));
    }
    void damage(std::string& made) {
        static constexpr char kBytes[] = "{}[],:\"\\ 0e.-tn\x01\x80\xff";
        const std::uint32_t at = below(static_cast<std::uint32_t>(made.size()));
        switch (below(3)) {
            case 0:
                made[at] = kBytes[below(sizeof kBytes - 1)];
                return;
            case 1:
                made.erase(at, 1 + below(3));
                return;
            default:
                made.insert(at, 1, kBytes[below(sizeof kBytes - 1)]);
        }
    }

    SeededRandom random_;
};

}  // namespace millrace
