#include "core/base/sql_error_reference.h"

#include <optional>

#include "core/base/sql_error.h"

namespace millrace {

namespace {

constexpr std::string_view kHead =
    "# SQL errors\n"
    "\n"
    "Every statement that is rejected says so with one of these codes, the place, the text that "
    "is\n"
    "wrong underlined, and what to write instead:\n"
    "\n"
    "```\n"
    "flights.sql:3:17: error SQL1202: SELECT column 'PRICE' cannot be resolved. Did you mean "
    "PRICES?\n"
    "  SELECT carrier, price FROM flights\n"
    "                  ^~~~~\n"
    "```\n"
    "\n"
    "A code keeps its meaning. Its first two digits are the class. A statement that fails leaves\n"
    "everything as it was. This page is written by the build from the list that the engine itself\n"
    "uses (`core/base/sql_error_list.h`); a test fails when they differ, and every code is "
    "provoked\n"
    "by a statement in `tests/dsl/sql_errors_test.cpp`.\n";

/// Backquotes and bars would change the table.
std::string cell(std::string_view text) {
    std::string shown;
    for (const char c : text) {
        shown += c == '|' ? std::string("\\|") : std::string(1, c);
    }
    return shown;
}

}  // namespace

std::string sql_error_reference() {
    std::string page(kHead);
    std::optional<SqlErrorClass> last;
    for (const SqlErrorInfo& info : sql_errors()) {
        if (last != info.error_class()) {
            last = info.error_class();
            page += "\n## " + std::to_string(static_cast<int>(*last)) +
                    "nn: " + std::string(name_of(*last)) +
                    "\n\n| code | name | meaning | what to do |\n|---|---|---|---|\n";
        }
        page += "| " + code_text(info.error) + " | `" + info.name() + "` | " + cell(info.meaning) +
                " | " + cell(info.remedy) + " |\n";
    }
    return page;
}

}  // namespace millrace
