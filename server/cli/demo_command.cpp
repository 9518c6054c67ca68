// millrace demo: the flights example, its result, and the commands to look further.
#include <algorithm>
#include <cstdlib>

#include <unistd.h>

#include "server/cli/commands.h"
#include "server/cli/table_view.h"

namespace millrace::server {

namespace {

constexpr std::size_t kRowsShown = 12;
constexpr std::string_view kResultTopic = "delay_by_airport";

/// The running program's file; empty when it cannot be told.
std::string program_path() {
    char self[4096];
    const ::ssize_t size = ::readlink("/proc/self/exe", self, sizeof self);
    return std::string(self, size > 0 ? static_cast<std::size_t>(size) : 0);
}

/// How a person in this directory calls the program.
std::string program_name() {
    const std::string path = program_path();
    char here[4096];
    const std::string prefix =
        ::getcwd(here, sizeof here) != nullptr ? std::string(here) + "/" : "";
    if (path.empty()) {
        return "millrace";
    }
    return !prefix.empty() && path.starts_with(prefix) ? path.substr(prefix.size()) : path;
}

/// Beside the working directory, the build tree, or an installed program.
Result<std::string> find_examples(const std::string& asked) {
    const auto files = make_system_files();
    std::vector<std::string> places{asked};
    if (asked.empty()) {
        const std::string program = parent_path(program_path());
        places = {"examples", program + "/../../examples", program + "/../share/millrace/examples"};
    }
    for (const std::string& place : places) {
        if (files->exists(join_path(place, "flights.sql"))) {
            return place;
        }
    }
    return Error{ErrorCode::kNotFound,
                 "the examples are not here, name their folder with --examples; looked for " +
                     join_path(places.front(), "flights.sql")};
}

/// The busiest airports and days first.
void sort_by_flights(TextTable& table) {
    const auto found = std::find(table.columns.begin(), table.columns.end(), "FLIGHTS");
    if (found == table.columns.end()) {
        return;
    }
    const auto column = static_cast<std::size_t>(found - table.columns.begin());
    std::stable_sort(table.rows.begin(), table.rows.end(), [column](const auto& a, const auto& b) {
        return std::strtoll(a[column].c_str(), nullptr, 10) >
               std::strtoll(b[column].c_str(), nullptr, 10);
    });
}

}  // namespace

Status execute_demo(Arguments arguments, Console& console) {
    MILLRACE_TRY(const std::string examples, find_examples(arguments.examples_directory));
    if (arguments.data_directory == Arguments{}.data_directory) {
        arguments.data_directory = "./millrace-demo";
    }
    arguments.sql_file = join_path(examples, "flights.sql");
    arguments.connectors = {join_path(examples, "flights")};
    arguments.once = true;
    console.out(
        "The flights pipeline: two files -> log -> join and daily windows in SQL -> SQLite.\n\n");
    MILLRACE_TRY_STATUS(execute_run(arguments, console));

    MILLRACE_TRY(auto node, Node::open({.data_directory = arguments.data_directory}));
    MILLRACE_TRY(TextTable table, read_table(node->log(), std::string(kResultTopic)));
    const std::size_t count = table.rows.size();
    sort_by_flights(table);
    table.rows.resize(std::min(count, kRowsShown));
    console.out("\n" + format_table(table));
    console.out("(" + with_thousands(table.rows.size()) + " of " + with_thousands(count) +
                " rows, the busiest first)\n");
    const std::string data = " --data " + arguments.data_directory + "\n";
    const std::string program = "  " + program_name();
    console.out(
        "\nLook further:\n  sqlite3 " + arguments.data_directory +
        "/flights.sqlite 'SELECT * FROM delay_by_airport ORDER BY avg_delay DESC LIMIT 5'\n" +
        program + " query list" + data + program + " query explain DELAY_BY_AIRPORT" + data +
        program + " topic consume delay_by_airport --limit 3" + data + program +
        " sql -e 'SELECT origin, COUNT(*) AS n FROM flights GROUP BY origin EMIT CHANGES LIMIT "
        "5;'" +
        data);
    return node->close();
}

}  // namespace millrace::server
