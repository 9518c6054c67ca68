#include "core/row/schema_config.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/row/record_headers.h"

namespace millrace {

namespace {

constexpr std::int64_t kVersion = 1;
constexpr int kTypeDepthMax = 32;

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_word_char(char c) {
    return (upper(c) >= 'A' && upper(c) <= 'Z') || is_digit(c) || c == '_';
}

struct PlainType {
    std::string_view name;
    TypeKind kind;
};
constexpr std::array<PlainType, 12> kPlainTypes{{
    {"BOOLEAN", TypeKind::kBoolean},
    {"BOOL", TypeKind::kBoolean},
    {"INTEGER", TypeKind::kInt},
    {"INT", TypeKind::kInt},
    {"BIGINT", TypeKind::kBigint},
    {"DOUBLE", TypeKind::kDouble},
    {"STRING", TypeKind::kString},
    {"VARCHAR", TypeKind::kString},
    {"BYTES", TypeKind::kBytes},
    {"DATE", TypeKind::kDate},
    {"TIME", TypeKind::kTime},
    {"TIMESTAMP", TypeKind::kTimestamp},
}};

/// Recursive descent over the text of one type.
class TypeParser {
  public:
    explicit TypeParser(std::string_view text) : text_(text) {}

    Result<DataType> parse() {
        MILLRACE_TRY(DataType type, parse_one(0));
        skip_blanks();
        if (at_ < text_.size()) {
            return unexpected("the end of the type");
        }
        return type;
    }

  private:
    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' ||
                                      text_[at_] == '\n' || text_[at_] == '\r')) {
            ++at_;
        }
    }
    bool take(char c) {
        skip_blanks();
        if (at_ < text_.size() && text_[at_] == c) {
            ++at_;
            return true;
        }
        return false;
    }
    Error unexpected(std::string_view expected) {
        skip_blanks();
        std::size_t end = at_;
        while (end < text_.size() && is_word_char(text_[end])) {
            ++end;
        }
        const std::string found =
            at_ == text_.size()
                ? "the end"
                : "'" + std::string(text_.substr(at_, std::max<std::size_t>(end - at_, 1))) + "'";
        return Error{ErrorCode::kInvalidArgument,
                     "type '" + std::string(text_) + "': expected " + std::string(expected) +
                         ", found " + found};
    }
    Status expect(char c) {
        if (!take(c)) {
            return unexpected("'" + std::string(1, c) + "'");
        }
        return Ok{};
    }
    std::string word() {
        skip_blanks();
        std::string result;
        while (at_ < text_.size() && is_word_char(text_[at_])) {
            result += upper(text_[at_++]);
        }
        return result;
    }
    Result<std::string> name() {
        skip_blanks();
        if (at_ < text_.size() && (text_[at_] == '`' || text_[at_] == '"')) {
            const char quote = text_[at_++];
            std::string result;
            while (at_ < text_.size()) {
                const char c = text_[at_++];
                if (c != quote) {
                    result += c;
                } else if (at_ < text_.size() && text_[at_] == quote) {
                    result += c;
                    ++at_;
                } else {
                    return result;
                }
            }
            return unexpected("a closing quote");
        }
        std::string result = word();
        if (result.empty()) {
            return unexpected("a field name");
        }
        return result;
    }
    Result<std::uint8_t> number(int most) {
        skip_blanks();
        const std::size_t begin = at_;
        int value = 0;
        while (at_ < text_.size() && is_digit(text_[at_]) && value <= most) {
            value = value * 10 + (text_[at_++] - '0');
        }
        if (at_ == begin || value > most) {
            at_ = begin;
            return unexpected("a number up to " + std::to_string(most));
        }
        return static_cast<std::uint8_t>(value);
    }
    Result<DataType> parse_one(int depth) {
        if (depth > kTypeDepthMax) {
            return Error{ErrorCode::kInvalidArgument,
                         "type is nested deeper than " + std::to_string(kTypeDepthMax)};
        }
        skip_blanks();
        const std::size_t begin = at_;
        const std::string head = word();
        for (const PlainType& plain : kPlainTypes) {
            if (head == plain.name) {
                if (plain.kind == TypeKind::kString && take('(')) {  // VARCHAR(n): n says nothing
                    word();
                    MILLRACE_TRY_STATUS(expect(')'));
                }
                return DataType(plain.kind);
            }
        }
        if (head == "DECIMAL" || head == "DEC") {
            return parse_decimal();
        }
        if (head == "ARRAY") {
            MILLRACE_TRY_STATUS(expect('<'));
            MILLRACE_TRY(DataType element, parse_one(depth + 1));
            MILLRACE_TRY_STATUS(expect('>'));
            return DataType::array(std::move(element));
        }
        if (head == "MAP") {
            MILLRACE_TRY_STATUS(expect('<'));
            MILLRACE_TRY(DataType key, parse_one(depth + 1));
            MILLRACE_TRY_STATUS(expect(','));
            MILLRACE_TRY(DataType value, parse_one(depth + 1));
            MILLRACE_TRY_STATUS(expect('>'));
            return DataType::map(std::move(key), std::move(value));
        }
        if (head == "STRUCT") {
            return parse_struct(depth);
        }
        at_ = begin;
        return unexpected("a type");
    }
    Result<DataType> parse_decimal() {
        MILLRACE_TRY_STATUS(expect('('));
        MILLRACE_TRY(const std::uint8_t precision, number(38));
        std::uint8_t scale = 0;
        if (take(',')) {
            MILLRACE_TRY(scale, number(38));
        }
        MILLRACE_TRY_STATUS(expect(')'));
        if (precision == 0 || scale > precision) {
            return Error{ErrorCode::kInvalidArgument,
                         "DECIMAL precision must be 1 to 38 and the scale at most the precision: " +
                             std::string(text_)};
        }
        return DataType::decimal(precision, scale);
    }
    Result<DataType> parse_struct(int depth) {
        MILLRACE_TRY_STATUS(expect('<'));
        std::vector<Field> fields;
        if (take('>')) {
            return DataType::structure(std::move(fields));
        }
        do {
            MILLRACE_TRY(std::string field, name());
            MILLRACE_TRY(DataType type, parse_one(depth + 1));
            for (const Field& other : fields) {
                if (other.name == field) {
                    return Error{ErrorCode::kInvalidArgument,
                                 "a STRUCT has two fields of the same name: " + field};
                }
            }
            fields.push_back(Field{std::move(field), std::move(type)});
        } while (take(','));
        MILLRACE_TRY_STATUS(expect('>'));
        return DataType::structure(std::move(fields));
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

Error bad(std::string message) {
    return Error{ErrorCode::kConfigInvalid,
                 std::string(kTopicSchemaConfig) + ": " + std::move(message)};
}

Json side_to_json(const FormatSpec& format, const std::vector<Field>& fields) {
    Json side;
    side.set("format", Json(name_of(format.format)));
    if (format.format == Format::kDelimited) {
        side.set("delimiter", Json(std::string(1, format.delimiter)));
    }
    if (format.format == Format::kJson) {
        side.set("wrap_single_value", Json(format.wrap_single));
    }
    Json::Array columns;
    for (const Field& field : fields) {
        Json column;
        column.set("name", Json(field.name));
        column.set("type", Json(field.type.to_string()));
        columns.push_back(std::move(column));
    }
    side.set("columns", Json(std::move(columns)));
    return side;
}

Result<std::string> text_member(const Json& json, std::string_view name) {
    const Json* member = json.find(name);
    if (member == nullptr || member->if_string() == nullptr) {
        return bad("member \"" + std::string(name) + "\" must be a string");
    }
    return *member->if_string();
}

Status side_from_json(const Json* side, FormatSpec& format, std::vector<Field>& fields) {
    if (side == nullptr || side->if_object() == nullptr) {
        return bad("members \"key\" and \"value\" must be objects");
    }
    MILLRACE_TRY(const std::string format_name, text_member(*side, "format"));
    MILLRACE_TRY(format.format, parse_format(format_name));
    if (const Json* delimiter = side->find("delimiter")) {
        if (delimiter->if_string() == nullptr || delimiter->if_string()->size() != 1) {
            return bad("\"delimiter\" must be one character");
        }
        format.delimiter = delimiter->if_string()->front();
    }
    if (const Json* wrap = side->find("wrap_single_value")) {
        if (wrap->if_bool() == nullptr) {
            return bad("\"wrap_single_value\" must be true or false");
        }
        format.wrap_single = *wrap->if_bool();
    }
    const Json* columns = side->find("columns");
    if (columns == nullptr || columns->if_array() == nullptr) {
        return bad("member \"columns\" must be an array");
    }
    for (const Json& column : *columns->if_array()) {
        MILLRACE_TRY(std::string name, text_member(column, "name"));
        MILLRACE_TRY(const std::string type_text, text_member(column, "type"));
        auto type = parse_type(type_text);
        if (!type.ok()) {
            return bad("column " + name + ": " + type.error().message);
        }
        fields.push_back(Field{std::move(name), std::move(type).value()});
    }
    return Ok{};
}

Json headers_to_json(const std::vector<HeaderColumn>& headers) {
    Json::Array columns;
    for (const HeaderColumn& header : headers) {
        Json column;
        column.set("name", Json(header.column.name));
        if (header.key) {
            column.set("key", Json(*header.key));
        }
        column.set("values_before", Json(static_cast<std::int64_t>(header.values_before)));
        columns.push_back(std::move(column));
    }
    return Json(std::move(columns));
}

Status headers_from_json(const Json& json, std::vector<HeaderColumn>& headers) {
    if (json.if_array() == nullptr) {
        return bad("member \"headers\" must be an array");
    }
    for (const Json& column : *json.if_array()) {
        HeaderColumn header;
        MILLRACE_TRY(header.column.name, text_member(column, "name"));
        header.column.type = record_headers_type();
        if (column.find("key") != nullptr) {
            MILLRACE_TRY(header.key, text_member(column, "key"));
            header.column.type = TypeKind::kBytes;
        }
        const Json* before = column.find("values_before");
        if (before == nullptr || before->if_int() == nullptr || *before->if_int() < 0) {
            return bad("\"values_before\" must be a number");
        }
        header.values_before = static_cast<std::size_t>(*before->if_int());
        headers.push_back(std::move(header));
    }
    return Ok{};
}

Status window_from_json(const Json& json, WindowInfo& window) {
    MILLRACE_TRY(const std::string name, text_member(json, "type"));
    for (const WindowKind kind :
         {WindowKind::kTumbling, WindowKind::kHopping, WindowKind::kSession}) {
        if (name == name_of(kind)) {
            window.kind = kind;
        }
    }
    if (window.kind == WindowKind::kNone) {
        return bad("unknown window type: " + name);
    }
    if (window.kind != WindowKind::kSession) {
        const Json* size = json.find("size_ms");
        if (size == nullptr || size->if_int() == nullptr || *size->if_int() <= 0) {
            return bad("\"size_ms\" must be a positive number");
        }
        window.size_ms = *size->if_int();
    }
    return Ok{};
}

}  // namespace

std::string_view name_of(WindowKind kind) {
    switch (kind) {
        case WindowKind::kNone:
            return "NONE";
        case WindowKind::kTumbling:
            return "TUMBLING";
        case WindowKind::kHopping:
            return "HOPPING";
        case WindowKind::kSession:
            return "SESSION";
    }
    return "NONE";
}

Result<DataType> parse_type(std::string_view text) {
    return TypeParser(text).parse();
}

Json topic_schema_to_json(const TopicSchema& schema) {
    Json json;
    json.set("version", Json(kVersion));
    json.set("kind", Json(schema.is_table ? "table" : "stream"));
    json.set("key", side_to_json(schema.key, schema.schema.key));
    json.set("value", side_to_json(schema.value, schema.schema.value));
    if (!schema.schema.headers.empty()) {
        json.set("headers", headers_to_json(schema.schema.headers));
    }
    if (schema.schema.window.kind != WindowKind::kNone) {
        Json window;
        window.set("type", Json(name_of(schema.schema.window.kind)));
        if (schema.schema.window.kind != WindowKind::kSession) {
            window.set("size_ms", Json(schema.schema.window.size_ms));
        }
        json.set("window", std::move(window));
    }
    return json;
}

Result<TopicSchema> topic_schema_from_json(const Json& json) {
    const Json* version = json.find("version");
    if (version == nullptr || version->if_int() == nullptr) {
        return bad("member \"version\" must be a number");
    }
    if (*version->if_int() > kVersion) {
        return Error{ErrorCode::kNewerFormat,
                     std::string(kTopicSchemaConfig) +
                         ": written by a newer version: " + std::to_string(*version->if_int())};
    }
    TopicSchema schema;
    MILLRACE_TRY(const std::string kind, text_member(json, "kind"));
    if (kind != "stream" && kind != "table") {
        return bad("\"kind\" must be \"stream\" or \"table\": " + kind);
    }
    schema.is_table = kind == "table";
    MILLRACE_TRY_STATUS(side_from_json(json.find("key"), schema.key, schema.schema.key));
    MILLRACE_TRY_STATUS(side_from_json(json.find("value"), schema.value, schema.schema.value));
    if (const Json* headers = json.find("headers")) {
        MILLRACE_TRY_STATUS(headers_from_json(*headers, schema.schema.headers));
    }
    if (const Json* window = json.find("window")) {
        MILLRACE_TRY_STATUS(window_from_json(*window, schema.schema.window));
    }
    return schema;
}

std::string encode_topic_schema(const TopicSchema& schema) {
    return topic_schema_to_json(schema).dump();
}

Result<TopicSchema> decode_topic_schema(std::string_view text) {
    auto json = Json::parse(text, kTopicSchemaConfig);
    if (!json.ok()) {
        return Error{ErrorCode::kConfigInvalid, json.error().message};
    }
    return topic_schema_from_json(json.value());
}

}  // namespace millrace
