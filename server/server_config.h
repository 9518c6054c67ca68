// ServerConfig: what `millrace server` runs with: defaults, then the JSON file, then the command
// line. Every key: docs/configuration.md.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/file.h"
#include "core/base/result.h"
#include "core/base/telemetry.h"
#include "core/broker/groups/group_options.h"
#include "server/kafka/server.h"

namespace millrace::server {

struct ServerConfig {
    std::string data_directory = "./millrace-data";
    std::vector<net::HostPort> kafka_listeners;  // empty: 127.0.0.1:9092
    std::optional<net::HostPort> kafka_advertised;
    std::optional<bool> auto_create_topics;  // not given: only when every listener is loopback
    std::int32_t default_partitions = 1;
    std::int32_t node_id = 0;
    std::size_t network_threads = 0;                   // 0: one per core, at most 4
    std::size_t request_memory_bytes = 0;              // 0: a quarter of the memory
    std::optional<std::uint64_t> disk_free_bytes_min;  // not given: as the broker chooses
    std::uint32_t crashes_max = 5;                     // 0: never start in recovery mode
    std::chrono::milliseconds stop_grace{3'000};
    LogLevel log_level = LogLevel::kWarn;
    net::AdmissionLimits admission;
    kafka::ConnectionLimits connection;
    broker::GroupOptions groups;
};

/// Reads the file into `config`. kConfigInvalid names file, line, column, key and what was
/// expected; for an unknown key the nearest one. kNotFound when there is no such file.
[[nodiscard]] Status read_server_config(FileSystem& files,
                                        const std::string& path,
                                        ServerConfig& config);

/// docs/configuration.md: every key with its default.
[[nodiscard]] std::string describe_server_config();

}  // namespace millrace::server
