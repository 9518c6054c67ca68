// The CSV format of the file source: columns by header, values in the topic's value format.
#pragma once

#include <memory>
#include <optional>

#include "connectors/file/key_column.h"
#include "connectors/file/record_format.h"

namespace millrace::connectors {

/// key   null: records have no key. With a schema the fields become the value columns of the same
///       name (whatever the case; others are left out, an empty unquoted field is null), else each
///       record is a JSON object of texts. kConfigInvalid, kNotSupported.
[[nodiscard]] Result<std::unique_ptr<RecordFormat>> make_csv_format(
    const Config& config, const std::optional<TopicSchema>& schema, std::unique_ptr<KeyColumn> key);

/// The one character of csv.delimiter; nullopt when it is none that can delimit.
[[nodiscard]] std::optional<char> csv_delimiter(std::string_view text);

}  // namespace millrace::connectors
