#include "dsl/with_properties.h"

#include <charconv>
#include <set>
#include <utility>

#include "core/base/nearest_name.h"
#include "core/row/serde.h"
#include "dsl/sql/lexer.h"
#include "dsl/sql/parser.h"
#include "dsl/sql/query_parser.h"

namespace millrace::dsl {

namespace {

using sql::ExprKind;

class Reader {
  public:
    explicit Reader(const sql::SourceText& source) : source_(source) {}

    Result<WithProperties> run(const std::vector<sql::Property>& properties) {
        std::set<std::string> seen;
        for (const sql::Property& property : properties) {
            if (!seen.insert(property.name.text).second) {
                return fail(property.name.at,
                            SqlError::kPropertyTwice,
                            property.name.text + " is given twice");
            }
            MILLRACE_TRY_STATUS(take(property));
        }
        for (const char* single : {"KEY_FORMAT", "VALUE_FORMAT"}) {
            if (seen.count("FORMAT") != 0 && seen.count(single) != 0) {
                return fail(out_.format_at,
                            SqlError::kFormatConflict,
                            "Cannot supply both '" + std::string(single) +
                                "' and 'FORMAT' properties, as 'FORMAT' sets both key and value "
                                "formats. Either use just 'FORMAT', or use 'KEY_FORMAT' and "
                                "'VALUE_FORMAT'.");
            }
        }
        if (out_.timestamp_format && !out_.timestamp_column) {
            return fail(format_at_,
                        SqlError::kTimestampFormat,
                        "TIMESTAMP_FORMAT needs TIMESTAMP, the column it describes");
        }
        MILLRACE_TRY_STATUS(check_window());
        return std::move(out_);
    }

  private:
    Error fail(const sql::Span& at, SqlError error, std::string_view message) const {
        return source_.error_at(at, error, message);
    }
    Error wants(const sql::Property& property, std::string_view what) const {
        return fail(property.value->at,
                    SqlError::kBadPropertyValue,
                    invalid(property,
                            "expected " + std::string(what) + ", found " +
                                std::string(source_.slice(property.value->at))));
    }
    static std::string invalid(const sql::Property& property, const std::string& why) {
        return "Failed to prepare statement: Configuration " + property.name.text +
               " is invalid: " + why;
    }
    Result<std::string> text(const sql::Property& property) const {
        if (property.value->kind != ExprKind::kString) {
            return wants(property, "a string");
        }
        return property.value->text;
    }
    Result<std::int64_t> number(const sql::Property& property) const {
        std::int64_t value = 0;
        const std::string& text = property.value->text;
        if ((property.value->kind != ExprKind::kInteger &&
             property.value->kind != ExprKind::kString) ||
            std::from_chars(text.data(), text.data() + text.size(), value).ptr !=
                text.data() + text.size() ||
            text.empty()) {
            return wants(property, "a whole number");
        }
        return value;
    }
    Result<bool> boolean(const sql::Property& property) const {
        const std::string upper = sql::upper_case(property.value->text);
        if (upper != "TRUE" && upper != "FALSE") {
            return wants(property, "TRUE or FALSE");
        }
        return upper == "TRUE";
    }
    Result<Format> format(const sql::Property& property) {
        MILLRACE_TRY(const std::string name, text(property));
        out_.format_at = property.value->at;
        const std::string upper = sql::upper_case(name);
        for (const std::string_view later : {"AVRO", "PROTOBUF", "PROTOBUF_NOSR", "JSON_SR"}) {
            if (upper == later) {
                return source_.error_at(property.value->at,
                                        SqlError::kRegistryFormat,
                                        "format " + upper +
                                            " is not supported yet; there are JSON, DELIMITED, "
                                            "KAFKA and NONE");
            }
        }
        auto parsed = parse_format(name);
        if (!parsed.ok()) {
            return fail(property.value->at,
                        SqlError::kUnknownFormat,
                        "Unknown format: " + upper + "; there are JSON, DELIMITED, KAFKA and NONE");
        }
        return parsed;
    }
    Result<char> delimiter(const sql::Property& property) const {
        MILLRACE_TRY(const std::string value, text(property));
        const std::string upper = sql::upper_case(value);
        if (upper == "SPACE") {
            return ' ';
        }
        if (upper == "TAB") {
            return '\t';
        }
        if (value.find_first_not_of(" \t\r\n") == std::string::npos) {
            return fail(property.value->at,
                        SqlError::kBadDelimiter,
                        invalid(property,
                                "Delimiter cannot be empty, if you meant to have a tab or space "
                                "for delimiter, please use the special values 'TAB' or "
                                "'SPACE'\nExample valid value: ';'"));
        }
        if (value.size() != 1 || value[0] == '"' || value[0] == '\n' || value[0] == '\r') {
            return wants(property, "one character, 'SPACE' or 'TAB'");
        }
        return value[0];
    }

    Status take(const sql::Property& property) {
        const std::string& name = property.name.text;
        if (name == "KAFKA_TOPIC" || name == "TOPIC") {
            MILLRACE_TRY(out_.topic, text(property));
        } else if (name == "FORMAT") {
            MILLRACE_TRY(const Format both, format(property));
            out_.key_format = both;
            out_.value_format = both;
        } else if (name == "KEY_FORMAT") {
            MILLRACE_TRY(out_.key_format, format(property));
        } else if (name == "VALUE_FORMAT") {
            MILLRACE_TRY(out_.value_format, format(property));
        } else if (name == "KEY_DELIMITER") {
            MILLRACE_TRY(out_.key_delimiter, delimiter(property));
        } else if (name == "VALUE_DELIMITER") {
            MILLRACE_TRY(out_.value_delimiter, delimiter(property));
        } else if (name == "WRAP_SINGLE_VALUE") {
            MILLRACE_TRY(out_.wrap_single, boolean(property));
        } else if (name == "PARTITIONS") {
            MILLRACE_TRY(const std::int64_t count, number(property));
            if (count < 1 || count > 10'000) {
                return wants(property, "1 to 10000");
            }
            out_.partitions = static_cast<std::int32_t>(count);
        } else if (name == "REPLICAS") {
            MILLRACE_TRY_STATUS(number(property));
        } else if (name == "RETENTION_MS") {
            MILLRACE_TRY(const std::int64_t ms, number(property));
            out_.retention_ms = std::to_string(ms);
        } else if (name == "TIMESTAMP") {
            MILLRACE_TRY(out_.timestamp_column, text(property));
            out_.timestamp_at = property.value->at;
        } else if (name == "TIMESTAMP_FORMAT") {
            MILLRACE_TRY(out_.timestamp_format, text(property));
            format_at_ = property.value->at;
        } else if (name == "WINDOW_TYPE") {
            MILLRACE_TRY_STATUS(window_type(property));
        } else if (name == "WINDOW_SIZE") {
            MILLRACE_TRY_STATUS(window_size(property));
        } else if (name == "KEY_SCHEMA_FULL_NAME") {
            out_.key_schema_name_at = property.name.at;
        } else if (name == "VALUE_SCHEMA_FULL_NAME" || name == "VALUE_AVRO_SCHEMA_FULL_NAME") {
            out_.value_schema_name_at = property.name.at;
        } else if (name == "QUERY_ID") {
            MILLRACE_TRY(out_.query_id, text(property));
        } else {
            return unknown(property);
        }
        return Ok{};
    }
    Error unknown(const sql::Property& property) const {
        static const std::vector<std::string> kLater{"VALUE_SCHEMA_ID",
                                                     "KEY_SCHEMA_ID",
                                                     "VALUE_PROTOBUF_NULLABLE_REPRESENTATION",
                                                     "KEY_PROTOBUF_NULLABLE_REPRESENTATION"};
        for (const std::string& later : kLater) {
            if (property.name.text == later) {
                return source_.error_at(property.name.at,
                                        SqlError::kRegistryProperty,
                                        later + " is not supported yet (schema registry)");
            }
        }
        return fail(property.name.at,
                    SqlError::kUnknownProperty,
                    "unknown property " + property.name.text +
                        did_you_mean(property.name.text, with_property_names()));
    }
    Status window_type(const sql::Property& property) {
        MILLRACE_TRY(const std::string name, text(property));
        const std::string upper = sql::upper_case(name);
        for (const WindowKind kind :
             {WindowKind::kTumbling, WindowKind::kHopping, WindowKind::kSession}) {
            if (upper == name_of(kind)) {
                window_kind_ = kind;
                window_at_ = property.value->at;
                return Ok{};
            }
        }
        return wants(property, "'TUMBLING', 'HOPPING' or 'SESSION'");
    }
    /// '10 SECONDS', read by the same rule as WINDOW (SIZE 10 SECONDS).
    Status window_size(const sql::Property& property) {
        MILLRACE_TRY(const std::string value, text(property));
        const auto duration = duration_of(value);
        if (!duration || *duration <= 0) {
            const std::size_t blank = value.find(' ');
            const std::string unit =
                blank == std::string::npos ? "" : sql::upper_case(value.substr(blank + 1));
            return source_.error_at(property.value->at,
                                    SqlError::kBadWindowText,
                                    invalid(property,
                                            "Invalid duration: '" + value + "'. " +
                                                (unit.empty() || unit_is_known(unit)
                                                     ? ""
                                                     : "Unknown time unit: '" + unit + "'. ") +
                                                "Write '10 SECONDS', say"));
        }
        window_size_ms_ = *duration;
        size_at_ = property.value->at;
        return Ok{};
    }
    static bool unit_is_known(const std::string& unit) {
        return duration_of("1 " + unit).has_value();
    }
    static std::optional<std::int64_t> duration_of(const std::string& text) {
        const sql::SourceText inner("WINDOW_SIZE", text);
        auto tokens = sql::tokenize(inner);
        if (!tokens.ok()) {
            return std::nullopt;
        }
        sql::TokenReader reader(inner, std::move(tokens).value());
        const auto duration = sql::parse_duration(reader);
        return duration.ok() && reader.at_end() ? std::optional(duration.value().ms) : std::nullopt;
    }
    Status check_window() {
        if (!window_kind_) {
            return window_size_ms_
                       ? Status(fail(
                             size_at_, SqlError::kBadWindowType, "WINDOW_SIZE needs WINDOW_TYPE"))
                       : Status(Ok{});
        }
        const bool is_session = *window_kind_ == WindowKind::kSession;
        if (is_session && window_size_ms_) {
            return fail(size_at_, SqlError::kBadWindowType, "a SESSION window has no WINDOW_SIZE");
        }
        if (!is_session && !window_size_ms_) {
            return fail(window_at_,
                        SqlError::kBadWindowType,
                        std::string(name_of(*window_kind_)) + " windows need WINDOW_SIZE");
        }
        out_.window = WindowInfo{*window_kind_, is_session ? 0 : *window_size_ms_};
        return Ok{};
    }

    const sql::SourceText& source_;
    WithProperties out_;
    std::optional<WindowKind> window_kind_;
    std::optional<std::int64_t> window_size_ms_;
    sql::Span window_at_;
    sql::Span size_at_;
    sql::Span format_at_;
};

/// "`K` STRING KEY, `K2` INTEGER KEY"
std::string quoted_columns(const std::vector<Field>& fields, bool is_key) {
    std::string text;
    for (const Field& field : fields) {
        text += (text.empty() ? "`" : ", `") + field.name + "` " + field.type.to_string() +
                (is_key ? " KEY" : "");
    }
    return text;
}

/// How a single column is written, where the format leaves a choice.
std::string_view features(const FormatSpec& format, const std::vector<Field>& fields, bool is_key) {
    const bool is_bare = fields.size() == 1 && (is_key || !format.wrap_single);
    return format.format == Format::kJson && is_bare ? "UNWRAP_SINGLES" : "";
}

Status check_side(const FormatSpec& format, const std::vector<Field>& fields, bool is_key) {
    if (format.format == Format::kNone && !fields.empty()) {
        return sql_error(SqlError::kNoneWithColumns,
                         "The 'NONE' format can only be used when no columns are defined. Got: [" +
                             quoted_columns(fields, is_key) + "]");
    }
    if (format.format == Format::kKafka && fields.size() > 1) {
        return sql_error(SqlError::kSeveralColumns,
                         "The 'KAFKA' format only supports a single field. Got: [" +
                             quoted_columns(fields, is_key) + "]");
    }
    MILLRACE_TRY_STATUS(make_encoder(format, fields));
    return Ok{};
}

}  // namespace

const std::vector<std::string>& with_property_names() {
    static const std::vector<std::string> kNames{"KAFKA_TOPIC",
                                                 "FORMAT",
                                                 "KEY_FORMAT",
                                                 "VALUE_FORMAT",
                                                 "KEY_DELIMITER",
                                                 "PARTITIONS",
                                                 "REPLICAS",
                                                 "VALUE_DELIMITER",
                                                 "WRAP_SINGLE_VALUE",
                                                 "RETENTION_MS",
                                                 "TIMESTAMP",
                                                 "TIMESTAMP_FORMAT",
                                                 "WINDOW_TYPE",
                                                 "WINDOW_SIZE",
                                                 "QUERY_ID"};
    return kNames;
}

Result<WithProperties> read_with(const std::vector<sql::Property>& properties,
                                 const sql::SourceText& source) {
    return Reader(source).run(properties);
}

Status choose_formats(const WithProperties& with,
                      const Settings& settings,
                      const TopicSchema* inherited,
                      const sql::Span& at,
                      const sql::SourceText& source,
                      TopicSchema& schema) {
    const auto fail = [&](SqlError error, std::string_view message) {
        return source.error_at(at, error, message);
    };
    schema.key = FormatSpec{Format::kKafka, ',', false};
    const bool has_key = !schema.schema.key.empty();
    if (inherited != nullptr && (inherited->key.format != Format::kNone || !has_key)) {
        schema.key = inherited->key;
    } else if (settings.key_format) {
        schema.key.format = *settings.key_format;
    }
    if (with.key_format && *with.key_format != schema.key.format) {
        schema.key = FormatSpec{*with.key_format, ',', false};
    }
    if (with.value_format) {
        const bool is_same = inherited != nullptr && inherited->value.format == *with.value_format;
        schema.value = is_same ? inherited->value : FormatSpec{*with.value_format, ',', true};
    } else if (inherited != nullptr) {
        schema.value = inherited->value;
    } else if (settings.value_format) {
        schema.value = FormatSpec{*settings.value_format, ',', true};
    } else {
        return fail(
            SqlError::kMissingFormat,
            "Statement is missing the 'VALUE_FORMAT' property from the WITH clause. Either provide "
            "one or set a default via the 'ksql.persistence.default.format.value' config.");
    }
    // One key column stands bare in JSON, several make an object.
    schema.key.wrap_single = false;
    if (schema.value.format != Format::kJson) {
        schema.value.wrap_single = true;
    } else {  // not inherited: a query's output is wrapped unless somebody says otherwise
        schema.value.wrap_single = settings.wrap_single.value_or(true);
    }
    if (with.wrap_single) {
        const bool takes_both = schema.value.format == Format::kJson;
        if (!takes_both && (*with.wrap_single || schema.value.format == Format::kNone)) {
            return fail(SqlError::kBadWrapping,
                        "Format '" + std::string(name_of(schema.value.format)) +
                            "' does not support 'WRAP_SINGLE_VALUE' set to '" +
                            (*with.wrap_single ? "true" : "false") + "'.");
        }
        if (schema.schema.value.size() > 1) {
            return fail(SqlError::kBadWrapping,
                        "'WRAP_SINGLE_VALUE' is only valid for single-field value schemas");
        }
        schema.value.wrap_single = takes_both ? *with.wrap_single : true;
    }
    // Only the formats of a schema registry have named schemas, and those are refused before.
    for (const auto& [name_at, format] :
         {std::pair(with.key_schema_name_at, schema.key.format),
          std::pair(with.value_schema_name_at, schema.value.format)}) {
        if (name_at) {
            return source.error_at(*name_at,
                                   SqlError::kConfigOfFormat,
                                   std::string(name_of(format)) +
                                       " does not support the following configs: [fullSchemaName]");
        }
    }
    if (with.key_delimiter) {
        if (schema.key.format != Format::kDelimited) {
            return fail(
                SqlError::kConfigOfFormat,
                std::string(name_of(schema.key.format)) +
                    " does not support the following configs: [delimiter]; KEY_DELIMITER is "
                    "for KEY_FORMAT 'DELIMITED'");
        }
        schema.key.delimiter = *with.key_delimiter;
    }
    if (with.value_delimiter) {
        if (schema.value.format != Format::kDelimited) {
            return fail(
                SqlError::kConfigOfFormat,
                std::string(name_of(schema.value.format)) +
                    " does not support the following configs: [delimiter]; VALUE_DELIMITER is "
                    "for VALUE_FORMAT 'DELIMITED'");
        }
        schema.value.delimiter = *with.value_delimiter;
    }
    return Ok{};
}

Status check_formats(const TopicSchema& schema,
                     const sql::Span& at,
                     const sql::SourceText& source) {
    for (const bool is_key : {true, false}) {
        const FormatSpec& format = is_key ? schema.key : schema.value;
        const std::vector<Field>& fields = is_key ? schema.schema.key : schema.schema.value;
        const Status fits = check_side(format, fields, is_key);
        if (fits.ok()) {
            continue;
        }
        Error error = fits.error();
        error.message =
            std::string(is_key ? "Key" : "Value") +
            " format does not support schema.\nformat: " + std::string(name_of(format.format)) +
            "\nschema: Persistence{columns=[" + quoted_columns(fields, is_key) + "], features=[" +
            std::string(features(format, fields, is_key)) + "]}\nreason: " + error.message;
        return source.place(at, error, SqlError::kTypeOfFormat);
    }
    return Ok{};
}

}  // namespace millrace::dsl
