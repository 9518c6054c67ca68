// SQL text: parsing ends; printing and parsing again is a fixpoint.
// links: millrace_dsl
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dsl/sql/parser.h"
#include "dsl/sql/printer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace millrace::dsl::sql;
    const SourceText source("fuzz", std::string(reinterpret_cast<const char*>(data), size));
    const auto statements = parse(source);
    if (!statements.ok()) {
        return 0;
    }
    for (const Statement& statement : statements.value()) {
        if (std::holds_alternative<Unsupported>(statement.node)) {
            continue;  // kept as written
        }
        const std::string text = to_text(statement);
        const SourceText printed("printed", text);
        const auto again = parse(printed);
        if (!again.ok() || again.value().size() != 1 || to_text(again.value()[0]) != text) {
            std::abort();
        }
    }
    return 0;
}
