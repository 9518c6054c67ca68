#include "dsl/testing/row_codec.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <span>
#include <utility>

#include "core/base/json.h"
#include "core/base/page.h"
#include "core/row/serde.h"
#include "core/row/text_value.h"

namespace millrace::dsl::testing {

namespace {

constexpr std::string_view kTombstone = "tombstone";
const FormatSpec kBareJson{Format::kJson, ',', false};

bool is_nested(const DataType& type) {
    return type.is(TypeKind::kArray) || type.is(TypeKind::kMap) || type.is(TypeKind::kStruct);
}

Error wrong(std::string message) {
    return Error{ErrorCode::kInvalidArgument, std::move(message)};
}

/// One payload per row; all of them readable as decoders want it.
Result<std::vector<ColumnPtr>> decode_all(const FormatSpec& format,
                                          const std::vector<Field>& fields,
                                          const std::vector<std::optional<std::string>>& rows) {
    std::size_t size = 0;
    for (const auto& row : rows) {
        size += row ? row->size() : 0;
    }
    const auto page = Page::allocate(std::max<std::size_t>(size, 1));
    page->set_size(size);
    std::vector<std::optional<ByteView>> payloads;
    std::size_t at = 0;
    for (const auto& row : rows) {
        if (!row) {
            payloads.emplace_back();
            continue;
        }
        std::memcpy(page->data() + at, row->data(), row->size());
        payloads.emplace_back(ByteView(page->data() + at, row->size()));
        at += row->size();
    }
    MILLRACE_TRY(const auto decoder,
                 make_decoder(format, fields, std::vector<bool>(fields.size(), true)));
    std::vector<ColumnPtr> columns(fields.size());
    std::vector<RowError> errors;
    decoder->decode(payloads, page, columns, errors);
    if (!errors.empty()) {
        const auto& bytes = rows[errors.front().row];
        return Error{errors.front().code,
                     errors.front().message + ": " + (bytes ? shortened(*bytes) : "null")};
    }
    return columns;
}

Result<std::optional<std::string>> encode_one(const FormatSpec& format,
                                              const std::vector<Field>& fields,
                                              const std::vector<ColumnPtr>& columns) {
    MILLRACE_TRY(const auto encoder, make_encoder(format, fields));
    EncodedRows out;
    const std::uint32_t row = 0;
    encoder->encode(columns, std::span(&row, 1), out);
    const auto bytes = out.row(0);
    return bytes ? std::optional(std::string(as_text(*bytes))) : std::nullopt;
}

/// The bytes of a key or value as a line writes it: JSON as it stands, for the others the text;
/// KAFKA's numbers from their JSON.
Result<std::optional<std::string>> encode_cell(const Cell& cell,
                                               const FormatSpec& format,
                                               const std::vector<Field>& fields) {
    if (format.format == Format::kJson) {
        return cell.raw == "null" ? std::nullopt : std::optional(cell.raw);
    }
    const bool is_number = format.format == Format::kKafka && fields.size() == 1 &&
                           !fields[0].type.is(TypeKind::kString) &&
                           !fields[0].type.is(TypeKind::kBytes);
    if (!is_number || cell.is_word("null")) {
        MILLRACE_TRY(std::string text, cell.text());
        return cell.is_word("null") ? std::nullopt : std::optional(std::move(text));
    }
    MILLRACE_TRY(const std::vector<ColumnPtr> columns,
                 decode_all(kBareJson, fields, {std::optional(cell.raw)}));
    return encode_one(format, fields, columns);
}

std::string window_cell(const WindowInfo& window, std::int64_t start, std::int64_t end) {
    return "[" + std::to_string(start) + "," + std::to_string(end) +
           (window.kind == WindowKind::kSession ? "]" : ")");
}

/// "[0,10)" or "[0,10]".
Result<std::pair<std::int64_t, std::int64_t>> read_window(const std::string& text) {
    std::pair<std::int64_t, std::int64_t> window;
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto number = [&at, end](std::int64_t& to) {
        at = std::find_if(at, end, [](char c) { return c != ' '; });
        const auto read = std::from_chars(at, end, to);
        at = read.ptr;
        return read.ec == std::errc{};
    };
    const auto symbol = [&at, end](std::string_view one_of) {
        at = std::find_if(at, end, [](char c) { return c != ' '; });
        return at != end && one_of.find(*at++) != std::string_view::npos;
    };
    if (!symbol("[") || !number(window.first) || !symbol(",") || !number(window.second) ||
        !symbol(")]") || at != end) {
        return wrong("expected a window such as [0,10000), found " + text);
    }
    return window;
}

/// The cell in the spelling of cell_text().
Result<std::string> canonical(const Cell& cell, const Field& field) {
    if (cell.is_word("NULL")) {
        return std::string("NULL");
    }
    MILLRACE_TRY(std::string text, cell.text());
    if (field.type.is(TypeKind::kString)) {
        return cell_of(text);
    }
    if (field.type.is(TypeKind::kDouble)) {
        double value = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool is_all = read.ec == std::errc{} && read.ptr == text.data() + text.size();
        return is_all ? double_to_text(value) : std::move(text);
    }
    if (!is_nested(field.type)) {
        return text;
    }
    const auto columns = decode_all(kBareJson, {field}, {std::optional(cell.raw)});
    if (!columns.ok()) {
        return wrong("expected " + field.type.to_string() + " as JSON, " + columns.error().message);
    }
    return cell_text(value_at(*columns.value().front(), 0), field);
}

/// A map's entries have no order: they are put into that of their keys' texts.
Value with_sorted_maps(const Value& value, const DataType& type) {
    const auto* parts = std::get_if<Value::List>(&value.data);
    if (parts == nullptr) {
        return value;
    }
    Value::List sorted;
    if (!type.is(TypeKind::kMap)) {
        for (std::size_t i = 0; i < parts->size(); ++i) {
            const std::size_t child = type.is(TypeKind::kArray) ? 0 : i;
            sorted.push_back(with_sorted_maps((*parts)[i], type.children()[child].type));
        }
        return sorted;
    }
    const auto& keys = std::get<Value::List>((*parts)[0].data);
    const auto& items = std::get<Value::List>((*parts)[1].data);
    std::vector<std::pair<std::string, std::size_t>> order;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        order.emplace_back(to_text(keys[i], type.children()[0].type), i);
    }
    std::sort(order.begin(), order.end());
    Value::List sorted_keys;
    for (const auto& [text, i] : order) {
        sorted_keys.push_back(keys[i]);
        sorted.push_back(with_sorted_maps(items[i], type.children()[1].type));
    }
    return Value::List{Value(std::move(sorted_keys)), Value(std::move(sorted))};
}

std::string headers_text(
    const std::vector<std::pair<std::string, std::optional<std::string>>>& headers) {
    std::string text;
    for (const auto& [name, value] : headers) {
        text += (text.empty() ? "" : ",") + Json(name).dump() + ":" +
                (value ? Json(*value).dump() : std::string("null"));
    }
    return "{" + text + "}";
}

/// Names may come twice: the order is what counts.
Result<std::vector<std::pair<std::string, std::optional<std::string>>>> read_headers(
    const std::string& text) {
    MILLRACE_TRY(const Json json, Json::parse(text, "headers"));
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
    const Json::Object* members = json.if_object();
    if (members == nullptr) {
        return wrong("expected headers such as {\"name\": \"text\"}, found " + text);
    }
    for (const auto& [name, value] : *members) {
        if (!value.is_null() && value.if_string() == nullptr) {
            return wrong("a header is a string or null, found " + value.dump());
        }
        headers.emplace_back(name,
                             value.is_null() ? std::nullopt : std::optional(*value.if_string()));
    }
    return headers;
}

Result<std::int64_t> read_integer(std::string_view text, std::string_view what) {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
        return wrong("expected " + std::string(what) + ", found " + std::string(text));
    }
    return value;
}

Result<std::int32_t> read_partition(std::string_view text) {
    MILLRACE_TRY(const std::int64_t number, read_integer(text, "a partition"));
    if (number < 0 || number > 100'000) {
        return wrong("there is no partition " + std::to_string(number));
    }
    return static_cast<std::int32_t>(number);
}

}  // namespace

Result<std::string> cell_text(const Value& value, const Field& field) {
    if (value.is_null()) {
        return std::string("NULL");
    }
    if (!is_nested(field.type)) {
        const std::string text = to_text(value, field.type);
        return field.type.is(TypeKind::kString) ? cell_of(text) : text;
    }
    ColumnBuilder builder(field.type, 1);
    set_value(builder, 0, with_sorted_maps(value, field.type));
    MILLRACE_TRY(const auto json, encode_one(kBareJson, {field}, {builder.finish(1)}));
    return json.value_or("NULL");
}

Result<std::vector<TypedRow>> RowCodec::decode(const std::vector<StoredRecord>& records,
                                               std::int32_t partition) const {
    std::vector<TypedRow> rows(records.size());
    std::vector<std::optional<std::string>> keys;
    std::vector<std::optional<std::string>> values;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const StoredRecord& record = records[i];
        rows[i].timestamp = record.timestamp;
        rows[i].partition = partition;
        rows[i].headers = record.headers;
        rows[i].is_tombstone = !record.value;
        values.push_back(record.value);
        keys.push_back(record.key);
        if (record.key && schema_.schema.window.kind != WindowKind::kNone) {
            MILLRACE_TRY(const WindowedKey parts,
                         split_window(as_bytes(*record.key), schema_.schema.window));
            keys.back() = std::string(as_text(parts.key));
            rows[i].window.emplace(parts.start_ms, parts.end_ms);
        }
    }
    const Schema& schema = schema_.schema;
    if (!schema.key.empty()) {
        MILLRACE_TRY(const auto columns, decode_all(schema_.key, schema.key, keys));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            for (const ColumnPtr& column : columns) {
                rows[i].key.push_back(value_at(*column, static_cast<std::uint32_t>(i)));
            }
        }
    }
    if (!schema.value.empty()) {
        MILLRACE_TRY(const auto columns, decode_all(schema_.value, schema.value, values));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            for (const ColumnPtr& column : columns) {
                if (!rows[i].is_tombstone) {
                    rows[i].value.push_back(value_at(*column, static_cast<std::uint32_t>(i)));
                }
            }
        }
    }
    return rows;
}

Result<RowText> RowCodec::shown(const TypedRow& row) const {
    const Schema& schema = schema_.schema;
    RowText text;
    for (std::size_t i = 0; i < schema.key.size(); ++i) {
        MILLRACE_TRY(std::string cell, cell_text(row.key[i], schema.key[i]));
        text.cells.push_back(std::move(cell));
    }
    text.key_cells = text.cells.size();
    if (schema.window.kind != WindowKind::kNone) {
        text.cells.push_back(row.window
                                 ? window_cell(schema.window, row.window->first, row.window->second)
                                 : "NULL");
    }
    if (row.is_tombstone) {
        text.cells.emplace_back(kTombstone);
    }
    for (std::size_t i = 0; i < row.value.size(); ++i) {
        MILLRACE_TRY(std::string cell, cell_text(row.value[i], schema.value[i]));
        text.cells.push_back(std::move(cell));
    }
    text.timestamp = row.timestamp;
    text.partition = row.partition;
    text.headers = headers_text(row.headers);
    return text;
}

std::string RowCodec::heading() const {
    const Schema& schema = schema_.schema;
    std::string text;
    const auto add = [&text](const std::string& cell) {
        text += (text.empty() ? "" : "  ") + cell;
    };
    for (const Field& field : schema.key) {
        add(field.name);
    }
    if (schema.window.kind != WindowKind::kNone) {
        add(schema.window.kind == WindowKind::kSession ? "[start,end]" : "[start,end)");
    }
    for (const Field& field : schema.value) {
        add(field.name);
    }
    return text;
}

Result<RowText> RowCodec::expected(const std::string& line) const {
    const Schema& schema = schema_.schema;
    MILLRACE_TRY(std::vector<Cell> cells, split_cells(line, {"partition", "headers"}));
    RowText row;
    while (!cells.empty()) {
        const Cell& last = cells.back();
        if (last.name == "partition") {
            MILLRACE_TRY(row.partition, read_partition(last.raw));
        } else if (last.name == "headers") {
            MILLRACE_TRY(const auto headers, read_headers(last.raw));
            row.headers = headers_text(headers);
        } else if (!last.is_quoted && last.raw.starts_with('@')) {
            MILLRACE_TRY(row.timestamp, read_integer(last.raw.substr(1), "a timestamp behind @"));
        } else {
            break;
        }
        cells.pop_back();
    }
    const bool is_windowed = schema.window.kind != WindowKind::kNone;
    const std::size_t head = schema.key.size() + (is_windowed ? 1 : 0);
    const bool is_tombstone = cells.size() == head + 1 && cells.back().is_word(kTombstone);
    if (!is_tombstone && cells.size() != head + schema.value.size()) {
        return wrong("expected " + std::to_string(head + schema.value.size()) + " cells (" +
                     heading() + "), found " + std::to_string(cells.size()));
    }
    row.key_cells = schema.key.size();
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (is_windowed && i == schema.key.size()) {
            MILLRACE_TRY(const auto window, read_window(cells[i].raw));
            row.cells.push_back(window_cell(schema.window, window.first, window.second));
        } else if (is_tombstone && i == head) {
            row.cells.emplace_back(kTombstone);
        } else {
            const std::size_t column = i - (is_windowed && i > schema.key.size() ? 1 : 0);
            MILLRACE_TRY(std::string cell, canonical(cells[i], schema.field(column)));
            row.cells.push_back(std::move(cell));
        }
    }
    return row;
}

Result<RowCodec::FedRecord> RowCodec::fed(const std::string& line) const {
    MILLRACE_TRY(const std::vector<Cell> cells,
                 split_cells(line, {"key", "window", "partition", "headers"}));
    FedRecord fed;
    const Cell* key = nullptr;
    const Cell* window = nullptr;
    std::vector<const Cell*> plain;
    for (const Cell& cell : cells) {
        if (cell.name == "key") {
            key = &cell;
        } else if (cell.name == "window") {
            window = &cell;
        } else if (cell.name == "partition") {
            MILLRACE_TRY(fed.partition, read_partition(cell.raw));
        } else if (cell.name == "headers") {
            MILLRACE_TRY(fed.record.headers, read_headers(cell.raw));
        } else {
            plain.push_back(&cell);
        }
    }
    if (plain.size() != 2) {
        return wrong("expected a time and a value (in quotes when it has blanks), found " +
                     std::to_string(plain.size()) + " cells");
    }
    MILLRACE_TRY(fed.record.timestamp, read_integer(plain[0]->raw, "a timestamp"));
    if (key != nullptr) {
        MILLRACE_TRY(fed.record.key, encode_cell(*key, schema_.key, schema_.schema.key));
    }
    if (window != nullptr && fed.record.key) {
        MILLRACE_TRY(const auto bounds, read_window(window->raw));
        Buffer bytes(as_bytes(*fed.record.key));
        append_window(bytes, schema_.schema.window, bounds.first, bounds.second);
        fed.record.key = std::string(bytes.text());
    }
    if (!plain[1]->is_word(kTombstone)) {
        MILLRACE_TRY(fed.record.value, encode_cell(*plain[1], schema_.value, schema_.schema.value));
    }
    return fed;
}

}  // namespace millrace::dsl::testing
