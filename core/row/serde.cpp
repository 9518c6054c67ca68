#include "core/row/serde.h"

#include "core/base/sql_error.h"
#include "core/row/format_factories.h"

namespace millrace {

namespace {

constexpr std::size_t kWindowBytes = 8;  // one big-endian timestamp

// Reads nothing: every column is null.
class NoneDecoder final : public Decoder {
  public:
    NoneDecoder(std::vector<Field> fields, std::vector<bool> wanted)
        : fields_(std::move(fields)), wanted_(std::move(wanted)) {}

    void decode(std::span<const std::optional<ByteView>> payloads,
                const PagePtr& /*pin*/,
                std::vector<ColumnPtr>& columns,
                std::vector<RowError>& /*errors*/) override {
        columns.clear();
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            columns.push_back(
                wanted_[i]
                    ? Column::nulls(fields_[i].type, static_cast<std::uint32_t>(payloads.size()))
                    : nullptr);
        }
    }
    [[nodiscard]] std::uint64_t fields_decoded() const override { return 0; }

  private:
    std::vector<Field> fields_;
    std::vector<bool> wanted_;
};

class NoneEncoder final : public Encoder {
  public:
    void encode(std::span<const ColumnPtr> /*columns*/,
                std::span<const std::uint32_t> rows,
                EncodedRows& out) override {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            out.ends.push_back(static_cast<std::uint32_t>(out.bytes.size()));
            out.is_null.push_back(true);
        }
    }
};

}  // namespace

std::string described(const Field& field) {
    return "column " + quoted_name(field.name) + " " + field.type.to_string();
}

Error unsupported_type(Format format, const Field& field) {
    const std::string type = field.type.to_string();
    return Error{ErrorCode::kNotSupported,
                 "The '" + std::string(name_of(format)) + "' format does not support type '" +
                     type.substr(0, type.find_first_of("<(")) + "', column: `" + field.name + "`",
                 SqlError::kTypeOfFormat};
}

Result<Format> parse_format(std::string_view name) {
    std::string upper(name);
    for (char& c : upper) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    for (const Format format : {Format::kJson, Format::kDelimited, Format::kKafka, Format::kNone}) {
        if (upper == name_of(format)) {
            return format;
        }
    }
    return Error{ErrorCode::kConfigInvalid,
                 "unknown format; there are JSON, DELIMITED, KAFKA and NONE: " +
                     std::string(name.substr(0, 60))};
}

std::string_view name_of(Format format) {
    switch (format) {
        case Format::kJson:
            return "JSON";
        case Format::kDelimited:
            return "DELIMITED";
        case Format::kKafka:
            return "KAFKA";
        case Format::kNone:
            return "NONE";
    }
    return "";
}

Result<std::unique_ptr<Decoder>> make_decoder(const FormatSpec& format,
                                              const std::vector<Field>& fields,
                                              const std::vector<bool>& wanted) {
    CHECK(fields.size() == wanted.size());
    if (format.format == Format::kNone || fields.empty()) {
        return std::unique_ptr<Decoder>(std::make_unique<NoneDecoder>(fields, wanted));
    }
    switch (format.format) {
        case Format::kJson:
            return make_json_decoder(format, fields, wanted);
        case Format::kDelimited:
            return make_delimited_decoder(format, fields, wanted);
        case Format::kKafka:
            return make_kafka_decoder(fields, wanted);
        case Format::kNone:
            break;
    }
    return Error{ErrorCode::kNotSupported, "format NONE holds no columns"};
}

Result<std::unique_ptr<Encoder>> make_encoder(const FormatSpec& format,
                                              const std::vector<Field>& fields) {
    if (format.format == Format::kNone || fields.empty()) {
        return std::unique_ptr<Encoder>(std::make_unique<NoneEncoder>());
    }
    switch (format.format) {
        case Format::kJson:
            return make_json_encoder(format, fields);
        case Format::kDelimited:
            return make_delimited_encoder(format, fields);
        case Format::kKafka:
            return make_kafka_encoder(fields);
        case Format::kNone:
            break;
    }
    return Error{ErrorCode::kNotSupported, "format NONE holds no columns"};
}

void append_window(Buffer& key,
                   const WindowInfo& window,
                   std::int64_t start_ms,
                   std::int64_t end_ms) {
    CHECK(window.kind != WindowKind::kNone);
    if (window.kind == WindowKind::kSession) {
        key.append_be(end_ms);
    }
    key.append_be(start_ms);
}

Result<WindowedKey> split_window(ByteView bytes, const WindowInfo& window) {
    CHECK(window.kind != WindowKind::kNone);
    const bool is_session = window.kind == WindowKind::kSession;
    const std::size_t suffix = is_session ? 2 * kWindowBytes : kWindowBytes;
    if (bytes.size() < suffix) {
        return Error{ErrorCode::kUndecodableRow,
                     "windowed key is shorter than its window's " + std::to_string(suffix) +
                         " bytes: " + std::to_string(bytes.size())};
    }
    WindowedKey split;
    split.key = bytes.first(bytes.size() - suffix);
    split.start_ms = load_be<std::int64_t>(bytes.data() + bytes.size() - kWindowBytes);
    if (is_session) {
        split.end_ms = load_be<std::int64_t>(bytes.data() + split.key.size());
    } else if (__builtin_add_overflow(split.start_ms, window.size_ms, &split.end_ms)) {
        return Error{ErrorCode::kUndecodableRow,
                     "window starts beyond the end of time: " + std::to_string(split.start_ms)};
    }
    return split;
}

}  // namespace millrace
