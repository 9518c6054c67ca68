// JSON decoder. Every document is checked from its first to its last character, also where nobody
// asked for the value: what is accepted does not depend on which columns are wanted, nor on which
// of the two readers saw it.
#include <algorithm>
#include <bit>
#include <string>

#include <simdjson.h>

#include "core/row/format_factories.h"
#include "core/row/json_fast_reader.h"
#include "core/row/json_scanner.h"
#include "core/row/json_value.h"

namespace millrace {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr Reason kNotJson = "not JSON";
constexpr Reason kTooDeep = "nested too deep";

// A nested type with what looking up its fields takes.
struct JsonType {
    explicit JsonType(const DataType& type) : names(type.children()) {
        for (const Field& child : type.children()) {
            children.emplace_back(child.type);
        }
    }
    FieldNames names;
    std::vector<JsonType> children;
};

std::string_view without_space(std::string_view text) {
    while (!text.empty() && is_json_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_json_space(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

// Which of the fields of one object were set, and whether by their exact name.
class SeenFields {
  public:
    explicit SeenFields(std::size_t fields) : seen_(fields, kMissing) {}

    // Whether a value of that name counts. An exact name wins over others; of equals the last one.
    [[nodiscard]] bool takes(const NameMatch& match) {
        std::uint8_t& seen = seen_[static_cast<std::size_t>(match.field)];
        if (seen == kExact && !match.is_exact) {
            return false;
        }
        seen = match.is_exact ? kExact : kInexact;
        return true;
    }
    [[nodiscard]] bool has(std::size_t field) const { return seen_[field] != kMissing; }
    void clear() { std::fill(seen_.begin(), seen_.end(), kMissing); }

  private:
    static constexpr std::uint8_t kMissing = 0;
    static constexpr std::uint8_t kInexact = 1;
    static constexpr std::uint8_t kExact = 2;
    std::vector<std::uint8_t> seen_;
};

class JsonDecoder final : public Decoder {
  public:
    JsonDecoder(bool is_wrapped,
                std::vector<Field> fields,
                std::vector<bool> wanted,
                JsonReading reading)
        : is_wrapped_(is_wrapped),
          is_predicting_(is_wrapped && reading == JsonReading::kPredicting),
          fields_(std::move(fields)),
          wanted_(std::move(wanted)),
          root_(DataType::structure(fields_)),
          seen_(fields_.size()),
          fast_(fields_, wanted_) {}

    void decode(std::span<const std::optional<ByteView>> payloads,
                const PagePtr& pin,
                std::vector<ColumnPtr>& columns,
                std::vector<RowError>& errors) override {
        const auto size = static_cast<std::uint32_t>(payloads.size());
        builders_.clear();
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            builders_.emplace_back(fields_[i].type, wanted_[i] ? size : 0);
            builders_.back().pin(pin);
        }
        fast_.bind(builders_);
        for (std::uint32_t row = 0; row < size; ++row) {
            if (!payloads[row]) {
                set_nulls(row);
            } else if (std::string wrong = decode_row(as_text(*payloads[row]), row);
                       !wrong.empty()) {
                set_nulls(row);
                errors.push_back({row, ErrorCode::kUndecodableRow, std::move(wrong)});
            }
        }
        columns.assign(fields_.size(), nullptr);
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            if (wanted_[i]) {
                columns[i] = builders_[i].finish(size);
            }
        }
    }
    [[nodiscard]] std::uint64_t fields_decoded() const override { return fields_decoded_; }

  private:
    void set_nulls(std::uint32_t row) {
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            if (wanted_[i]) {
                builders_[i].rewind(row);
                builders_[i].set_null(row);
            }
        }
    }

    // The three below return what is wrong; empty when nothing is.
    std::string decode_row(std::string_view document, std::uint32_t row) {
        const std::string_view text = without_space(document);
        if (is_predicting_ && fast_.read(text, row)) {
            fields_decoded_ += fast_.converted();
            return {};
        }
        if (text == "null") {
            set_nulls(row);
            return {};
        }
        if (text.empty()) {
            return "row is not JSON: it is empty";
        }
        const bool is_nested = text[0] == '{' || text[0] == '[';
        if (is_wrapped_ && text[0] != '{') {
            return "row is not a JSON object: " + shortened(text);
        }
        const bool is_parsed =
            is_wrapped_ || (is_nested && wanted_[0] && !fields_[0].type.is(TypeKind::kString));
        return is_parsed ? decode_document(text, row) : decode_bare(text, is_nested, row);
    }

    // A value that is the whole document and stays a text or is one token.
    std::string decode_bare(std::string_view text, bool is_nested, std::uint32_t row) {
        if (!is_utf8(text)) {
            return "row is not UTF-8: " + shortened(text);
        }
        const char* const end = text.data() + text.size();
        if (scan_json_value(text.data(), end, 0) != end) {
            return "row is not JSON: " + shortened(text);
        }
        if (!wanted_[0]) {
            return {};
        }
        ++fields_decoded_;
        if (is_nested) {
            builders_[0].set_borrowed_text(row, text);
            return {};
        }
        offending_ = text;
        const Reason reason = set_json_scalar(builders_[0], row, text);
        return reason == nullptr ? std::string{} : message(0, reason);
    }

    std::string decode_document(std::string_view text, std::uint32_t row) {
        const auto not_json = [text](std::string_view why) {
            return "row is not JSON: " + std::string(why) + ": " + shortened(text);
        };
        document_end_ = text.data() + text.size();
        ondemand::document document;
        if (const char* wrong = start(text, document)) {
            return not_json(wrong);
        }
        if (is_wrapped_) {
            ondemand::object object;
            if (const auto error = document.get_object().get(object)) {
                return not_json(simdjson::error_message(error));
            }
            if (std::string wrong = decode_fields(object, row); !wrong.empty()) {
                return wrong;
            }
        } else {
            ++fields_decoded_;
            offending_ = text;
            if (const Reason reason =
                    decode_nested(builders_[0], row, document, text, root_.children[0], 0)) {
                return message(0, reason);
            }
        }
        if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
            return not_json("there is more behind its end");
        }
        return {};
    }

    std::string decode_fields(ondemand::object& object, std::uint32_t row) {
        seen_.clear();
        for (auto item : object) {
            ondemand::field field;
            std::string_view name;
            Reason reason = read_field(item, field, name);
            if (reason != nullptr) {
                return "row is not JSON: " + std::string(reason) + ": " + shortened(offending_);
            }
            const NameMatch match = root_.names.find(name);
            const auto at = static_cast<std::size_t>(match.field);
            if (match.field >= 0 && wanted_[at] && seen_.takes(match)) {
                ++fields_decoded_;
                builders_[at].rewind(row);
                reason = decode_value(builders_[at], row, field.value(), root_.children[at], 1);
            } else {
                reason = skip(field.value(), 1);
                if (reason != nullptr) {
                    return "row is not JSON in " + shortened(name) + ": " + reason + ": " +
                           shortened(offending_);
                }
            }
            if (reason != nullptr) {
                return message(at, reason);
            }
        }
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            if (wanted_[i] && !seen_.has(i)) {
                builders_[i].set_null(row);
            }
        }
        return {};
    }

    // Below, a Reason goes with offending_.

    // What keeps the document from being started; nullptr when nothing does.
    const char* start(std::string_view text, ondemand::document& document) {
        if (parser_.capacity() < text.size()) {
            constexpr std::size_t kCapacityMin = 4096;
            if (const auto error =
                    parser_.allocate(std::bit_ceil(std::max(kCapacityMin, text.size())))) {
                return simdjson::error_message(error);
            }
        }
        const auto error =
            parser_.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING)
                .get(document);
        return error ? simdjson::error_message(error) : nullptr;
    }

    // The next field of an object and its name, which stays valid until the next call.
    Reason read_field(simdjson::simdjson_result<ondemand::field> item,
                      ondemand::field& field,
                      std::string_view& name) {
        offending_ = {};
        if (const auto error = std::move(item).get(field)) {
            return simdjson::error_message(error);
        }
        const char* const begin = field.key().raw();
        bool has_escapes = false;
        const char* const end = scan_json_string(begin, document_end_, has_escapes);
        if (end == nullptr) {
            return kNotJson;
        }
        name = {begin, static_cast<std::size_t>(end - begin)};
        if (has_escapes) {
            unescaped_name_.resize(name.size());
            const std::ptrdiff_t size = unescape_json(name, unescaped_name_.data());
            if (size < 0) {
                offending_ = name;
                return "half of a surrogate pair";
            }
            unescaped_name_.resize(static_cast<std::size_t>(size));
            name = unescaped_name_;
        }
        return nullptr;
    }

    // The value's text from its first character: to its end when it is a scalar, to the document's
    // end when it is an array or object.
    std::string_view text_of(ondemand::value& value) const {
        const std::string_view token = value.raw_json_token();
        if (token.data() >= document_end_) {
            return {};
        }
        const auto rest = static_cast<std::size_t>(document_end_ - token.data());
        if (token[0] == '{' || token[0] == '[') {
            return {token.data(), rest};
        }
        if (token.size() < rest && token.data()[token.size()] == ':') {
            // simdjson would step over `"a":"b":1` as if it were right; no scalar ends in a colon.
            return {token.data(), token.size() + 1};
        }
        return without_space({token.data(), std::min(token.size(), rest)});
    }

    Reason skip(ondemand::value value, std::uint32_t depth) {
        offending_ = text_of(value);
        const char* const end =
            scan_json_value(offending_.data(), offending_.data() + offending_.size(), depth);
        const bool is_nested =
            !offending_.empty() && (offending_[0] == '{' || offending_[0] == '[');
        return end != nullptr && (is_nested || end == offending_.data() + offending_.size())
                   ? nullptr
                   : kNotJson;
    }

    Reason decode_value(ColumnBuilder& builder,
                        std::uint32_t row,
                        ondemand::value value,
                        const JsonType& type,
                        std::uint32_t depth) {
        const std::string_view text = text_of(value);
        offending_ = text;
        if (!text.empty() && (text[0] == '{' || text[0] == '[')) {
            return decode_nested(builder, row, value, text, type, depth);
        }
        return set_json_scalar(builder, row, text);
    }

    // text   begins with the array or object
    template <class Source>
    Reason decode_nested(ColumnBuilder& builder,
                         std::uint32_t row,
                         Source& source,
                         std::string_view text,
                         const JsonType& type,
                         std::uint32_t depth) {
        if (depth >= kJsonDepthMax) {
            return kTooDeep;
        }
        if (builder.type().is(TypeKind::kString)) {
            const char* const end = scan_json_value(text.data(), document_end_, depth);
            if (end == nullptr) {
                return kNotJson;
            }
            builder.set_borrowed_text(row,
                                      {text.data(), static_cast<std::size_t>(end - text.data())});
            return nullptr;
        }
        if (builder.type().is(TypeKind::kArray)) {
            ondemand::array array;
            return source.get_array().get(array) ? "not an array"
                                                 : decode_array(builder, row, array, type, depth);
        }
        if (builder.type().is(TypeKind::kMap) || builder.type().is(TypeKind::kStruct)) {
            ondemand::object object;
            if (source.get_object().get(object)) {
                return "not an object";
            }
            return builder.type().is(TypeKind::kMap)
                       ? decode_map(builder, row, object, type, depth)
                       : decode_struct(builder, row, object, type, depth);
        }
        return text[0] == '{' ? "an object cannot become that type"
                              : "an array cannot become that type";
    }

    Reason decode_array(ColumnBuilder& builder,
                        std::uint32_t row,
                        ondemand::array& array,
                        const JsonType& type,
                        std::uint32_t depth) {
        std::uint32_t count = 0;
        for (auto item : array) {
            ondemand::value value;
            if (const auto error = std::move(item).get(value)) {
                return simdjson::error_message(error);
            }
            if (const Reason reason = decode_value(builder.child(0),
                                                   builder.list_elements() + count,
                                                   value,
                                                   type.children[0],
                                                   depth + 1)) {
                return reason;
            }
            ++count;
        }
        builder.set_list(row, count);
        return nullptr;
    }

    Reason decode_map(ColumnBuilder& builder,
                      std::uint32_t row,
                      ondemand::object& object,
                      const JsonType& type,
                      std::uint32_t depth) {
        std::uint32_t count = 0;
        for (auto item : object) {
            ondemand::field field;
            std::string_view name;
            if (const Reason reason = read_field(item, field, name)) {
                return reason;
            }
            const std::uint32_t element = builder.list_elements() + count;
            builder.child(0).set_text(element, name);
            if (const Reason reason = decode_value(
                    builder.child(1), element, field.value(), type.children[1], depth + 1)) {
                return reason;
            }
            ++count;
        }
        if (has_equal_keys(builder, count)) {
            return "a map has a key twice";
        }
        builder.set_list(row, count);
        return nullptr;
    }

    static bool has_equal_keys(ColumnBuilder& builder, std::uint32_t count) {
        if (count < 2) {
            return false;
        }
        const StringRef* const begin =
            builder.child(0).values<StringRef>() + builder.list_elements();
        std::vector<std::string_view> keys;
        for (std::uint32_t i = 0; i < count; ++i) {
            keys.push_back(begin[i].view());
        }
        std::sort(keys.begin(), keys.end());
        return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
    }

    Reason decode_struct(ColumnBuilder& builder,
                         std::uint32_t row,
                         ondemand::object& object,
                         const JsonType& type,
                         std::uint32_t depth) {
        builder.set_present(row);
        SeenFields seen(type.children.size());
        for (auto item : object) {
            ondemand::field field;
            std::string_view name;
            if (const Reason reason = read_field(item, field, name)) {
                return reason;
            }
            const NameMatch match = type.names.find(name);
            Reason reason = nullptr;
            if (match.field >= 0 && seen.takes(match)) {
                const auto at = static_cast<std::size_t>(match.field);
                builder.child(at).rewind(row);
                reason = decode_value(
                    builder.child(at), row, field.value(), type.children[at], depth + 1);
            } else {
                reason = skip(field.value(), depth + 1);
            }
            if (reason != nullptr) {
                return reason;
            }
        }
        for (std::size_t i = 0; i < type.children.size(); ++i) {
            if (!seen.has(i)) {
                builder.child(i).set_null(row);
            }
        }
        return nullptr;
    }

    [[nodiscard]] std::string message(std::size_t field, Reason reason) const {
        return described(fields_[field]) + ": " + reason + ": " + shortened(offending_);
    }

    bool is_wrapped_;
    bool is_predicting_;
    std::vector<Field> fields_;
    std::vector<bool> wanted_;
    JsonType root_;
    SeenFields seen_;
    JsonFastReader fast_;
    std::vector<ColumnBuilder> builders_;
    ondemand::parser parser_;
    const char* document_end_ = nullptr;
    std::string_view offending_;
    std::string unescaped_name_;
    std::uint64_t fields_decoded_ = 0;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_json_decoder(const FormatSpec& format,
                                                   const std::vector<Field>& fields,
                                                   const std::vector<bool>& wanted,
                                                   JsonReading reading) {
    MILLRACE_TRY_STATUS(check_json_fields(fields));
    const bool is_wrapped = fields.size() != 1 || format.wrap_single;
    return std::unique_ptr<Decoder>(
        std::make_unique<JsonDecoder>(is_wrapped, fields, wanted, reading));
}

}  // namespace millrace
