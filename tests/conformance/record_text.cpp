#include "tests/conformance/record_text.h"

#include <charconv>
#include <cmath>

#include "core/row/byte_writer.h"
#include "core/row/text_value.h"
#include "core/row/value.h"

namespace millrace::conformance {

namespace {

std::string base64_text(std::string_view bytes) {
    Buffer buffer;
    {
        ByteWriter out(buffer);
        put_base64(out, bytes);
    }
    return std::string(buffer.text());
}

template <class T>
std::string big_endian(T value) {
    std::string bytes(sizeof value, '\0');
    store_be(reinterpret_cast<std::byte*>(bytes.data()), value);
    return bytes;
}

template <class T>
T from_big_endian(std::string_view bytes) {
    return load_be<T>(reinterpret_cast<const std::byte*>(bytes.data()));
}

Result<std::string> encode_kafka(const JsonText& value, const std::vector<Field>& fields) {
    if (fields.empty()) {
        return value.string();
    }
    const std::string& text = value.string();
    switch (fields[0].type.kind()) {
        case TypeKind::kInt:
            return big_endian(static_cast<std::int32_t>(value.integer()));
        case TypeKind::kBigint:
            return big_endian(value.integer());
        case TypeKind::kDouble: {
            double number = 0;
            std::from_chars(text.data(), text.data() + text.size(), number);
            std::uint64_t bits = 0;
            std::memcpy(&bits, &number, sizeof bits);
            return big_endian(bits);
        }
        case TypeKind::kString:
        case TypeKind::kBytes:
            return text;
        case TypeKind::kBoolean:
        case TypeKind::kDecimal:
        case TypeKind::kDate:
        case TypeKind::kTime:
        case TypeKind::kTimestamp:
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return Error{ErrorCode::kInvalidArgument,
                 "KAFKA has no form for " + fields[0].type.to_string()};
}

Result<JsonText> decode_kafka(std::string_view bytes, const std::vector<Field>& fields) {
    if (fields.empty()) {
        return JsonText::of_string(bytes);
    }
    const DataType& type = fields[0].type;
    const std::size_t width = type.is(TypeKind::kInt)                                    ? 4
                              : type.is(TypeKind::kBigint) || type.is(TypeKind::kDouble) ? 8
                                                                                         : 0;
    if (width != 0 && bytes.size() != width) {
        return Error{ErrorCode::kUndecodableRow,
                     std::to_string(bytes.size()) + " bytes are no " + type.to_string()};
    }
    if (type.is(TypeKind::kInt)) {
        return JsonText::of_number(std::to_string(from_big_endian<std::int32_t>(bytes)));
    }
    if (type.is(TypeKind::kBigint)) {
        return JsonText::of_number(std::to_string(from_big_endian<std::int64_t>(bytes)));
    }
    if (type.is(TypeKind::kDouble)) {
        const auto bits = from_big_endian<std::uint64_t>(bytes);
        double number = 0;
        std::memcpy(&number, &bits, sizeof number);
        const std::string text = double_to_text(number);
        return std::isfinite(number) ? JsonText::of_number(text) : JsonText::of_string(text);
    }
    return JsonText::of_string(type.is(TypeKind::kBytes) ? base64_text(bytes) : std::string(bytes));
}

Result<std::optional<std::string>> encode_side(const JsonText& value,
                                               const FormatSpec& format,
                                               const std::vector<Field>& fields) {
    if (value.is_null() || format.format == Format::kNone) {
        return std::optional<std::string>();
    }
    switch (format.format) {
        case Format::kKafka: {
            MILLRACE_TRY(std::string bytes, encode_kafka(value, fields));
            return std::optional(std::move(bytes));
        }
        case Format::kDelimited:
            return std::optional(value.is(JsonKind::kString) ? value.string() : value.dump());
        case Format::kJson:
        case Format::kNone:
            break;
    }
    return std::optional(value.dump());
}

Result<JsonText> decode_side(std::string_view bytes,
                             const FormatSpec& format,
                             const std::vector<Field>& fields) {
    switch (format.format) {
        case Format::kKafka:
            return decode_kafka(bytes, fields);
        case Format::kDelimited:
            return JsonText::of_string(bytes);
        case Format::kNone:
            return Error{ErrorCode::kUndecodableRow, "format NONE has no bytes"};
        case Format::kJson:
            break;
    }
    auto read = parse_json_text(bytes);
    if (!read.ok()) {
        return Error{ErrorCode::kUndecodableRow, "not JSON: " + shortened(bytes)};
    }
    return read;
}

std::string window_suffix(const CaseWindow& window) {
    return window.is_session ? big_endian(window.end) + big_endian(window.start)
                             : big_endian(window.start);
}

}  // namespace

Result<StoredRecord> encode_record(const CaseRecord& record, const TopicSchema* schema) {
    static const TopicSchema kAnything;
    const TopicSchema& types = schema == nullptr ? kAnything : *schema;
    StoredRecord stored;
    MILLRACE_TRY(stored.key, encode_side(record.key, types.key, types.schema.key));
    MILLRACE_TRY(stored.value, encode_side(record.value, types.value, types.schema.value));
    if (record.window && stored.key) {
        *stored.key += window_suffix(*record.window);
    }
    stored.timestamp = record.timestamp.value_or(0);
    for (const CaseHeader& header : record.headers) {
        std::optional<std::string> value;
        if (header.value_base64) {
            value.emplace();
            if (!append_from_base64(*value, *header.value_base64)) {
                return Error{ErrorCode::kInvalidArgument,
                             "header " + header.key + " is not base64: " + *header.value_base64};
            }
        }
        stored.headers.emplace_back(header.key, std::move(value));
    }
    return stored;
}

Result<ReadRecord> decode_record(const StoredRecord& record, const TopicSchema* schema) {
    static const TopicSchema kAnything;
    const TopicSchema& types = schema == nullptr ? kAnything : *schema;
    ReadRecord read;
    read.timestamp = record.timestamp;
    if (record.key) {
        std::string_view key = *record.key;
        const WindowInfo& window = types.schema.window;
        if (window.kind != WindowKind::kNone) {
            MILLRACE_TRY(const WindowedKey parts, split_window(as_bytes(key), window));
            key = as_text(parts.key);
            read.window =
                CaseWindow{parts.start_ms, parts.end_ms, window.kind == WindowKind::kSession};
        }
        MILLRACE_TRY(read.key, decode_side(key, types.key, types.schema.key));
    }
    if (record.value) {
        MILLRACE_TRY(read.value, decode_side(*record.value, types.value, types.schema.value));
    }
    for (const auto& [key, value] : record.headers) {
        read.headers.push_back({key, value ? std::optional(base64_text(*value)) : std::nullopt});
    }
    return read;
}

}  // namespace millrace::conformance
