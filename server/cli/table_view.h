// TableView: the rows of a table as its topic holds them now: the last value of every key, decoded
// by the topic's schema.
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/client/log_client.h"
#include "server/cli/text_table.h"

namespace millrace::server {

/// Key columns, WINDOWSTART and WINDOWEND when the key is windowed, value columns; rows sorted by
/// key bytes. kNotSupported when the topic has no millrace.schema.
[[nodiscard]] Result<TextTable> read_table(LogClient& log, const std::string& topic);

}  // namespace millrace::server
