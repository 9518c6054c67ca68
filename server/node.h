// Node: the composition root: real clock and files, the broker, the SQL engine, the connectors;
// their order of start and stop.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "connectors/worker.h"
#include "core/base/env.h"
#include "core/base/result.h"
#include "core/broker/broker.h"
#include "core/broker/groups/group_options.h"
#include "core/client/log_client.h"
#include "dsl/query_engine.h"

namespace millrace::server {

struct NodeOptions {
    std::string data_directory;
    LogLevel log_level = LogLevel::kWarn;
    std::uint32_t workers = 0;  // 0: one per core
    std::chrono::milliseconds commit_interval{100};
    std::size_t state_bytes_max = std::size_t{1} << 30;
    bool is_read_only = false;  // recovery mode: clients cannot produce
    broker::GroupOptions groups;
    std::optional<std::uint64_t> disk_free_bytes_min;  // BrokerOptions::free_bytes_min
};

/// One data directory, opened by this process. Any thread may use its parts; open and close on one.
class Node {
  public:
    /// kInUse, kNewerFormat, ...: the message names the directory and the fix.
    [[nodiscard]] static Result<std::unique_ptr<Node>> open(const NodeOptions& options);
    virtual ~Node() = default;

    [[nodiscard]] virtual Env& env() = 0;
    [[nodiscard]] virtual LogClient& log() = 0;
    [[nodiscard]] virtual broker::Broker& broker() = 0;
    /// Opened at the first call: commands that only look at topics do not pay for it.
    [[nodiscard]] virtual Result<dsl::QueryEngine*> engine() = 0;
    [[nodiscard]] virtual connectors::Worker& worker() = 0;
    /// Called when a connector's state changed; on the connector's thread, must not call the
    /// worker. Set it before start.
    virtual void on_connector_state(std::function<void()> callback) = 0;
    /// Stops connectors, queries and the log, in this order. Nothing acknowledged is lost either
    /// way.
    virtual Status close() = 0;
};

}  // namespace millrace::server
