// WithProperties: WITH (...) of CREATE and CREATE ... AS, checked and typed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/row/schema_config.h"
#include "dsl/settings.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/source_text.h"

namespace millrace::dsl {

struct WithProperties {
    std::optional<std::string> topic;
    std::optional<Format> key_format;
    std::optional<Format> value_format;
    std::optional<char> key_delimiter;
    std::optional<char> value_delimiter;
    std::optional<bool> wrap_single;
    std::optional<std::int32_t> partitions;
    std::optional<std::string> retention_ms;
    std::optional<std::string> timestamp_column;
    std::optional<std::string> timestamp_format;
    std::optional<WindowInfo> window;
    std::optional<std::string> query_id;
    std::optional<sql::Span> key_schema_name_at;
    std::optional<sql::Span> value_schema_name_at;
    sql::Span timestamp_at;
    sql::Span format_at;  // of the last format property
};

/// kSqlSemantic: unknown (nearest name suggested), twice, FORMAT beside KEY_FORMAT, a value of the
/// wrong kind; kNotSupported for formats that need a schema registry.
[[nodiscard]] Result<WithProperties> read_with(const std::vector<sql::Property>& properties,
                                               const sql::SourceText& source);

/// What WITH takes, by name.
[[nodiscard]] const std::vector<std::string>& with_property_names();

/// The formats of a source's two sides: what WITH says, else `inherited`, else the settings.
/// kSqlSemantic when there is no value format, or a delimiter or wrapping does not go with it.
Status choose_formats(const WithProperties& with,
                      const Settings& settings,
                      const TopicSchema* inherited,
                      const sql::Span& at,
                      const sql::SourceText& source,
                      TopicSchema& schema);

/// Fails, at `at`, when a format cannot hold the columns; the message names column and type.
Status check_formats(const TopicSchema& schema, const sql::Span& at, const sql::SourceText& source);

}  // namespace millrace::dsl
