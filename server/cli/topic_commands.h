// millrace topic ...
#pragma once

#include "core/base/result.h"
#include "server/cli/arguments.h"
#include "server/cli/console.h"
#include "server/cli/text_table.h"
#include "server/node.h"

namespace millrace::server {

[[nodiscard]] Status create_topic(const Arguments& arguments, Node& node, Console& console);
[[nodiscard]] Status list_topics(const Arguments& arguments, Node& node, Console& console);
[[nodiscard]] Status describe_topic(const Arguments& arguments, Node& node, Console& console);
[[nodiscard]] Status delete_topic(const Arguments& arguments, Node& node, Console& console);
/// Lines of standard input become records, appended in batches; each batch is on the disk before
/// the next is read.
[[nodiscard]] Status produce(const Arguments& arguments, Node& node, Console& console);
[[nodiscard]] Status consume(const Arguments& arguments, Node& node, Console& console);

/// The table as text or JSON lines, as --output says.
[[nodiscard]] std::string format_as(const Arguments& arguments, const TextTable& table);

}  // namespace millrace::server
