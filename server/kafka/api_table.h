// The version table: every Kafka API that this server answers. Requests are dispatched by it, the
// answer to ApiVersions and docs/kafka_api.md are made of it.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "server/kafka/api.h"

namespace millrace::server::kafka {

/// All rows, ascending by key, each key once. Static storage.
[[nodiscard]] std::span<const Api> api_table();

/// nullptr when the API is not in the table, which is ascending by key.
[[nodiscard]] const Api* find_api(std::span<const Api> table, std::int16_t key);

/// "topic read", for documentation.
[[nodiscard]] std::string_view name_of(Permission permission);

/// docs/kafka_api.md.
[[nodiscard]] std::string describe_apis();

}  // namespace millrace::server::kafka
