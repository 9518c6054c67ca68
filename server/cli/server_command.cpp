// millrace server: Kafka clients, control.sock and persistent queries over one data directory.
#include <algorithm>
#include <mutex>
#include <thread>

#include <sys/resource.h>

#include "dsl/catalog.h"
#include "server/cli/commands.h"
#include "server/control/control.h"
#include "server/crash_guard.h"
#include "server/heap_trim.h"
#include "server/kafka/server.h"
#include "server/server_config.h"

namespace millrace::server {

namespace {

constexpr std::chrono::milliseconds kTick{50};
constexpr std::chrono::seconds kInsecureReminder{60};

Result<ServerConfig> server_config(const Arguments& arguments) {
    ServerConfig config;
    if (!arguments.config_file.empty()) {
        const auto files = make_system_files();
        MILLRACE_TRY_STATUS(read_server_config(*files, arguments.config_file, config));
    }
    if (arguments.is_data_given) {
        config.data_directory = arguments.data_directory;
    }
    if (arguments.is_log_level_given) {
        static_cast<void>(parse_log_level(arguments.log_level, config.log_level));
    }
    if (!arguments.kafka.empty()) {
        config.kafka_listeners.clear();
        for (const std::string& text : arguments.kafka) {
            MILLRACE_TRY(auto at, net::parse_host_port(text));
            config.kafka_listeners.push_back(at);
        }
    }
    if (config.kafka_listeners.empty()) {
        config.kafka_listeners.push_back({"127.0.0.1", 9092});
    }
    return config;
}

/// The first listener that others than this machine can reach.
Result<std::optional<net::Endpoint>> open_listener(const ServerConfig& config) {
    for (const net::HostPort& at : config.kafka_listeners) {
        MILLRACE_TRY(const net::Endpoint endpoint, net::resolve(at));
        if (!endpoint.address.is_loopback()) {
            return std::optional(endpoint);
        }
    }
    return std::optional<net::Endpoint>();
}

/// Connections and segments need many descriptors; the soft limit is often only 1,024.
void raise_descriptor_limit() {
    ::rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
    }
}

/// Opens the SQL engine and runs its queries when somebody needs it, once.
class LazyQueries {
  public:
    explicit LazyQueries(Node& node) : node_(node) {}

    /// Any thread.
    Status start() {
        const std::lock_guard lock(mutex_);
        if (!is_started_) {
            MILLRACE_TRY(dsl::QueryEngine * engine, node_.engine());
            MILLRACE_TRY_STATUS(engine->start({}, {}, false));
            is_started_ = true;
        }
        return Ok{};
    }
    /// True when statements were ever kept in this directory.
    [[nodiscard]] bool has_catalog() const {
        return node_.log().describe_topic(std::string(dsl::kCatalogTopic)).ok();
    }

  private:
    Node& node_;
    std::mutex mutex_;
    bool is_started_ = false;
};

bool needs_queries(const Arguments& request) {
    return request.command == "sql" || request.command.starts_with("query ");
}

kafka::KafkaSettings kafka_settings(const ServerConfig& config, bool is_open) {
    kafka::KafkaSettings settings;
    if (config.kafka_advertised) {
        settings.advertised_host = config.kafka_advertised->host;
        settings.advertised_port = config.kafka_advertised->port;
    }
    settings.node_id = config.node_id;
    // Strangers' typing errors should not make topics.
    settings.auto_create_topics = config.auto_create_topics.value_or(!is_open);
    settings.default_partitions = config.default_partitions;
    return settings;
}

kafka::KafkaServerOptions kafka_options(const ServerConfig& config) {
    kafka::KafkaServerOptions options;
    options.net.listeners = config.kafka_listeners;
    options.net.loops = config.network_threads;
    options.net.admission = config.admission;
    options.net.stall_max = config.connection.frame_stall;
    options.connection = config.connection;
    return options;
}

std::string ready_line(const kafka::KafkaServer& server, const ServerConfig& config) {
    std::string line = "ready kafka=";
    for (std::size_t i = 0; i < server.bound().size(); ++i) {
        line += (i == 0 ? "" : ",") + server.bound()[i].text();
    }
    return line + " data=" + config.data_directory + "\n";
}

void log_figures(Logger& log, const kafka::KafkaServerStats& stats) {
    log.info("server",
             "stopping; connections: " + std::to_string(stats.net.accepted) + " accepted, " +
                 std::to_string(stats.net.refused_total + stats.net.refused_per_origin +
                                stats.net.refused_rate + stats.net.refused_descriptors) +
                 " refused, " + std::to_string(stats.net.open) +
                 " open; requests: " + std::to_string(stats.requests) + ", malformed: " +
                 std::to_string(stats.malformed + stats.unknown_apis + stats.unsupported_versions) +
                 "; bytes in: " + std::to_string(stats.net.bytes_in) +
                 ", out: " + std::to_string(stats.net.bytes_out));
}

void warn_of_open_listener(Node& node, const std::optional<net::Endpoint>& open_at) {
    if (open_at) {
        node.env().log.warn("server",
                            "whoever reaches " + open_at->text() +
                                " can read and write everything: there is no authentication");
    }
}

/// Until the user asks to stop.
void wait_for_stop(Node& node,
                   Console& console,
                   const std::optional<net::Endpoint>& open_at,
                   net::MemoryBudget& budget) {
    HeapTrim trim(budget);
    const Clock& clock = node.env().clock;
    std::chrono::nanoseconds remind_at = clock.monotonic() + kInsecureReminder;
    while (!console.is_cancelled()) {
        const std::chrono::nanoseconds now = clock.monotonic();
        if (now >= remind_at) {
            warn_of_open_listener(node, open_at);
            remind_at = now + kInsecureReminder;
        }
        trim.look(now);
        std::this_thread::sleep_for(kTick);
    }
}

Status serve(const ServerConfig& config,
             Node& node,
             CrashGuard& guard,
             Console& console,
             bool is_recovering) {
    MILLRACE_TRY(const auto open_at, open_listener(config));
    LazyQueries queries(node);
    kafka::Services services{
        node.env(), node.broker(), kafka_settings(config, open_at.has_value())};
    // Outlives the broker's use of requests: closing the node ends what still holds one.
    net::MemoryBudget budget(config.request_memory_bytes > 0
                                 ? config.request_memory_bytes
                                 : kafka::default_request_memory(node.env().files));
    MILLRACE_TRY(auto server, kafka::KafkaServer::start(services, budget, kafka_options(config)));
    auto control = ControlServer::start(config.data_directory,
                                        [&](const Arguments& request, Console& remote) -> Status {
                                            if (needs_queries(request) && !is_recovering) {
                                                MILLRACE_TRY_STATUS(queries.start());
                                            }
                                            return execute_command(request, node, remote);
                                        });
    if (!control.ok()) {
        node.env().log.warn("control", control.error().message);
    }
    if (!is_recovering && queries.has_catalog()) {
        if (const Status started = queries.start(); !started.ok()) {
            node.env().log.error("server", "queries do not run: " + started.error().message);
        }
    }
    warn_of_open_listener(node, open_at);
    guard.serving();
    console.out(ready_line(*server, config));
    wait_for_stop(node, console, open_at, budget);
    log_figures(node.env().log, server->stats());
    server->stop(config.stop_grace);
    if (control.ok()) {
        control.value()->stop();
    }
    return node.close();
}

}  // namespace

Status execute_server(const Arguments& arguments, Console& console) {
    MILLRACE_TRY(const ServerConfig config, server_config(arguments));
    MILLRACE_TRY(const auto open_at, open_listener(config));
    if (open_at && !arguments.insecure_bind) {
        return Error{ErrorCode::kConfigInvalid,
                     "refusing to listen where other machines can connect: there is no "
                     "authentication yet, so they could read and write everything; listen on "
                     "127.0.0.1, or pass --insecure-bind if the network is trusted: " +
                         open_at->text()};
    }
    raise_descriptor_limit();
    const SystemClock clock;
    MILLRACE_TRY(const auto guard, CrashGuard::begin(config.data_directory, clock));
    const bool is_recovering = config.crashes_max > 0 && guard->crashes() >= config.crashes_max;
    if (is_recovering) {
        console.err("millrace: " + std::to_string(guard->crashes()) +
                    " crashes within an hour: this start is in recovery mode. Producing is refused "
                    "with a retriable error, reading and administration work, queries do not run. "
                    "Find the cause in the log; then stop the server with SIGTERM and start it "
                    "again.\n");
    }
    NodeOptions options;
    options.data_directory = config.data_directory;
    options.log_level = config.log_level;
    options.is_read_only = is_recovering;
    options.groups = config.groups;
    options.disk_free_bytes_min = config.disk_free_bytes_min;
    auto node = Node::open(options);
    if (!node.ok()) {
        guard->forget_start();
        return node.error();
    }
    const Status served = serve(config, *node.value(), *guard, console, is_recovering);
    const Status closed = node.value()->close();
    if (served.ok() && closed.ok()) {
        guard->end();
    } else {
        guard->forget_start();
    }
    return served.ok() ? closed : served;
}

}  // namespace millrace::server
