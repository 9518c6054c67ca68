// Shell: lines from an editor to statements, and what they answer to the terminal.
#pragma once

#include <functional>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "server/cli/console.h"
#include "server/shell/history_file.h"
#include "server/shell/line_editor.h"
#include "server/shell/result_printer.h"
#include "server/shell/sql_session.h"

namespace millrace::server {

struct ShellParts {
    SqlSession& session;
    ResultPrinter& printer;
    Console& console;
};

/// The interactive shell over standard input and output. Returns when the user leaves; an error
/// only when the session is lost.
[[nodiscard]] Status run_shell(const ShellParts& parts, HistoryFile& history);

}  // namespace millrace::server
