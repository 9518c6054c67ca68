// TopicSchema: the logical schema of a topic as JSON text, kept in its config `millrace.schema`
// (docs/formats/schema_config.md), and types as text.
#pragma once

#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/row/data_type.h"
#include "core/row/serde.h"

namespace millrace {

/// The topic setting that holds encode_topic_schema()'s text.
inline constexpr std::string_view kTopicSchemaConfig = "millrace.schema";

/// What the records of a topic are, as CREATE declared it.
struct TopicSchema {
    Schema schema;
    FormatSpec key;
    FormatSpec value;
    bool is_table = false;

    friend bool operator==(const TopicSchema&, const TopicSchema&) = default;
};

/// Compact JSON; decode_topic_schema() gives the same schema back.
[[nodiscard]] std::string encode_topic_schema(const TopicSchema& schema);
/// kConfigInvalid: broken JSON, a member that is missing or of the wrong kind, an unknown type or
/// format (the message names it); kNewerFormat: written by a newer version.
[[nodiscard]] Result<TopicSchema> decode_topic_schema(std::string_view text);

/// The same document as a Json value, for records that embed it.
[[nodiscard]] Json topic_schema_to_json(const TopicSchema& schema);
[[nodiscard]] Result<TopicSchema> topic_schema_from_json(const Json& json);

/// Reads what DataType::to_string() writes, and the dialect's other spellings: "INT", "VARCHAR",
/// "DEC(4,2)", any case. Field names are upper-cased unless in backquotes or double quotes. Nested
/// at most 32 deep. kInvalidArgument names what was found and what was expected.
[[nodiscard]] Result<DataType> parse_type(std::string_view text);

/// "NONE", "TUMBLING", "HOPPING" or "SESSION". Static storage.
[[nodiscard]] std::string_view name_of(WindowKind kind);

}  // namespace millrace
