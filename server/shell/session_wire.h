// Session wire: one SQL session between two processes, a JSON document per line in both
// directions (docs/formats/control.md): the serving side, the asking side, and the texts.
#pragma once

#include <memory>
#include <string>

#include "core/base/result.h"
#include "server/cli/console.h"
#include "server/shell/sql_session.h"

namespace millrace::server {

/// Reads requests from the console's input and writes their answers to its output until the input
/// ends. `millrace sql --session` does this.
void serve_session(SqlSession& session, Console& console);

/// A session in the process that holds the directory; null when there is none.
[[nodiscard]] std::unique_ptr<SqlSession> connect_session(const std::string& data_directory,
                                                          CellForm form);

/// The part of a view that differs from catalog to catalog, as JSON text, and back.
[[nodiscard]] std::string encode_view(const dsl::CatalogView& view);
[[nodiscard]] Result<dsl::CatalogView> decode_view(const std::string& text);

}  // namespace millrace::server
