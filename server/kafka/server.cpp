#include "server/kafka/server.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <unistd.h>

#include "server/kafka/api_table.h"

namespace millrace::server::kafka {

namespace {

class KafkaServerImpl final : public KafkaServer {
  public:
    KafkaServerImpl(Services& services, net::MemoryBudget& budget, const ConnectionLimits& limits)
        : connections_(services, budget, limits, api_table()) {}

    Status open(net::ServerOptions options) {
        MILLRACE_TRY(server_,
                     net::Server::start(connections_.services.env,
                                        connections_.budget,
                                        std::move(options),
                                        [this](net::Stream& stream) {
                                            return make_connection(connections_, stream);
                                        }));
        return Ok{};
    }

    [[nodiscard]] const std::vector<net::Endpoint>& bound() const override {
        return server_->bound();
    }
    [[nodiscard]] KafkaServerStats stats() const override {
        const ConnectionCounters& counters = connections_.counters;
        return {.net = server_->stats(),
                .requests = counters.requests.value(),
                .frame_bytes = counters.frame_bytes.value(),
                .unknown_apis = counters.unknown_apis.value(),
                .unsupported_versions = counters.unsupported_versions.value(),
                .malformed = counters.malformed.value(),
                .unanswered = counters.unanswered.value(),
                .memory_waits = counters.memory_waits.value(),
                .memory_used = connections_.budget.used(),
                .memory_limit = connections_.budget.limit()};
    }
    void stop(std::chrono::milliseconds grace) override { server_->stop(grace); }

  private:
    ConnectionServices connections_;
    std::unique_ptr<net::Server> server_;
};

}  // namespace

Result<std::unique_ptr<KafkaServer>> KafkaServer::start(Services& services,
                                                        net::MemoryBudget& budget,
                                                        KafkaServerOptions options) {
    auto server = std::make_unique<KafkaServerImpl>(services, budget, options.connection);
    MILLRACE_TRY_STATUS(server->open(std::move(options.net)));
    return std::unique_ptr<KafkaServer>(std::move(server));
}

std::size_t default_request_memory(FileSystem& files) {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long page_size = ::sysconf(_SC_PAGESIZE);
    std::size_t memory = pages > 0 && page_size > 0
                             ? static_cast<std::size_t>(pages) * static_cast<std::size_t>(page_size)
                             : std::size_t{1} << 30;
    // Version 2 of control groups, then version 1; as a container sees them.
    for (const char* path :
         {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
        const auto file = files.open(path, OpenMode::kRead);
        std::array<char, 32> text{};  // such files tell no size
        const auto size = file.ok()
                              ? file.value()->read_at(0, std::as_writable_bytes(std::span(text)))
                              : Result<std::size_t>(std::size_t{0});
        std::size_t limit = 0;
        if (size.ok() &&
            std::from_chars(text.data(), text.data() + size.value(), limit).ec == std::errc{} &&
            limit > 0) {
            memory = std::min(memory, limit);
        }
    }
    return memory / 4;
}

}  // namespace millrace::server::kafka
