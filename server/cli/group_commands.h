// millrace group ...
#pragma once

#include <optional>
#include <string_view>

#include "core/base/result.h"
#include "core/record/ids.h"
#include "server/cli/arguments.h"
#include "server/cli/console.h"
#include "server/node.h"

namespace millrace::server {

[[nodiscard]] Status list_groups(const Arguments& arguments, Node& node, Console& console);
/// State, and per partition the committed offset, the end, the lag and who reads it.
[[nodiscard]] Status describe_group(const Arguments& arguments, Node& node, Console& console);
/// Refused while the group has members: they would go on from where they are.
[[nodiscard]] Status reset_group_offsets(const Arguments& arguments, Node& node, Console& console);
[[nodiscard]] Status delete_group(const Arguments& arguments, Node& node, Console& console);
[[nodiscard]] Status delete_group_offsets(const Arguments& arguments, Node& node, Console& console);

/// "2026-01-31", "2026-01-31T12:00", with seconds and up to three decimals, followed by nothing, Z
/// or an offset such as +02:00; nothing is UTC. Or milliseconds since 1970.
[[nodiscard]] std::optional<Timestamp> parse_datetime(std::string_view text);

}  // namespace millrace::server
