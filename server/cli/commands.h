// Commands: what each subcommand does with an opened node. Run in this process, or for a client of
// control.sock.
#pragma once

#include "core/base/result.h"
#include "server/cli/arguments.h"
#include "server/cli/console.h"
#include "server/node.h"

namespace millrace::server {

/// Executes every command but `run` and `demo` on an open node. What fails is returned, not
/// printed.
[[nodiscard]] Status execute_command(const Arguments& arguments, Node& node, Console& console);

/// How a command opens the data directory.
[[nodiscard]] NodeOptions node_options(const Arguments& arguments);

/// `sql`: in the process that holds the directory, else in this one. On a terminal without -e and
/// -f: the shell.
[[nodiscard]] Status execute_sql(const Arguments& arguments, Console& console);

/// `run`: opens the node, serves control.sock while it runs.
[[nodiscard]] Status execute_run(const Arguments& arguments, Console& console);

/// `server`: opens the node, serves Kafka clients and control.sock until it is told to stop.
[[nodiscard]] Status execute_server(const Arguments& arguments, Console& console);

/// `demo`: `run --once` over the flights example, then its result and what to try next.
[[nodiscard]] Status execute_demo(Arguments arguments, Console& console);

/// `doctor` on a directory that no process has open. True when there is damage.
[[nodiscard]] Result<bool> execute_doctor(const Arguments& arguments, Console& console);
/// `doctor` for the running process: what its scrub finds. An error says that there is damage.
[[nodiscard]] Status examine_running(const Arguments& arguments, Node& node, Console& console);

/// The whole program behind main(): 0 ok, 1 failed, 2 usage.
[[nodiscard]] int run_main(const std::vector<std::string>& words, Console& console);

}  // namespace millrace::server
