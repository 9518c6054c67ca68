#include "server/server_config.h"

#include <functional>
#include <limits>
#include <set>

#include "core/base/json.h"
#include "core/base/nearest_name.h"

namespace millrace::server {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;

/// One key: how its value is checked and taken. `take` says what was expected, or "".
struct Key {
    std::string name;
    std::string default_text;
    std::string about;
    std::function<std::string(const Json& value, ServerConfig& config)> take;
};

/// A whole number from `low` to `high`.
template <class Set>
std::function<std::string(const Json&, ServerConfig&)> number(std::int64_t low,
                                                              std::int64_t high,
                                                              Set set) {
    return [low, high, set](const Json& value, ServerConfig& config) -> std::string {
        const std::int64_t* found = value.if_int();
        if (found == nullptr || *found < low || *found > high) {
            return "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
        }
        set(config, *found);
        return "";
    };
}
template <class Set>
std::function<std::string(const Json&, ServerConfig&)> milliseconds(Set set) {
    return number(1, kDayMs, [set](ServerConfig& config, std::int64_t value) {
        set(config, std::chrono::milliseconds(value));
    });
}
template <class Set>
std::function<std::string(const Json&, ServerConfig&)> truth(Set set) {
    return [set](const Json& value, ServerConfig& config) -> std::string {
        const bool* found = value.if_bool();
        if (found == nullptr) {
            return "true or false";
        }
        set(config, *found);
        return "";
    };
}

std::string take_address(const Json& value, net::HostPort& into) {
    const std::string* text = value.if_string();
    if (text == nullptr) {
        return "a text of the form \"HOST:PORT\"";
    }
    auto parsed = net::parse_host_port(*text);
    if (!parsed.ok()) {
        return parsed.error().message;
    }
    into = parsed.value();
    return "";
}

std::string take_listeners(const Json& value, ServerConfig& config) {
    constexpr const char* kExpected = "an array of texts of the form \"HOST:PORT\"";
    const Json::Array* items = value.if_array();
    if (items == nullptr || items->empty()) {
        return kExpected;
    }
    config.kafka_listeners.clear();
    for (const Json& item : *items) {
        const std::string wrong = take_address(item, config.kafka_listeners.emplace_back());
        if (!wrong.empty()) {
            return item.if_string() == nullptr ? kExpected : wrong;
        }
    }
    return "";
}

std::string take_level(const Json& value, ServerConfig& config) {
    const std::string* text = value.if_string();
    return text != nullptr && parse_log_level(*text, config.log_level)
               ? ""
               : "\"debug\", \"info\", \"warn\", \"error\" or \"off\"";
}

std::string take_data(const Json& value, ServerConfig& config) {
    const std::string* text = value.if_string();
    if (text == nullptr || text->empty()) {
        return "a directory's path as text";
    }
    config.data_directory = *text;
    return "";
}

using Config = ServerConfig;
constexpr std::int64_t kGiB = std::int64_t{1} << 30;

const std::vector<Key>& keys() {
    static const std::vector<Key> kKeys{
        {"data", "\"./millrace-data\"", "data directory", take_data},
        {"kafka.listeners",
         "[\"127.0.0.1:9092\"]",
         "addresses for Kafka clients; port 0 takes a free one. Other than loopback addresses need "
         "`--insecure-bind`",
         take_listeners},
        {"kafka.advertised",
         "the address that the client connected to",
         "what Metadata tells clients to connect to",
         [](const Json& value, Config& c) {
             return take_address(value, c.kafka_advertised.emplace());
         }},
        {"kafka.auto.create.topics",
         "true when every listener is a loopback address",
         "a topic that a client asks for is made",
         truth([](Config& c, bool value) { c.auto_create_topics = value; })},
        {"kafka.default.partitions",
         "1",
         "partitions of a topic whose creator did not say",
         number(1,
                4'000,
                [](Config& c, std::int64_t v) {
                    c.default_partitions = static_cast<std::int32_t>(v);
                })},
        {"kafka.node.id",
         "0",
         "this server's id in Metadata",
         number(0,
                std::numeric_limits<std::int32_t>::max(),
                [](Config& c, std::int64_t v) { c.node_id = static_cast<std::int32_t>(v); })},
        {"group.initial.rebalance.delay.ms",
         "0",
         "how long the first rebalance of an empty group waits for more members",
         number(0,
                kDayMs,
                [](Config& c, std::int64_t v) {
                    c.groups.initial_rebalance_delay = std::chrono::milliseconds(v);
                })},
        {"group.min.session.timeout.ms",
         "6000",
         "shortest session timeout that a member may ask for",
         milliseconds([](Config& c, auto v) { c.groups.session_timeout_min = v; })},
        {"group.max.session.timeout.ms",
         "1800000",
         "longest session timeout that a member may ask for",
         milliseconds([](Config& c, auto v) { c.groups.session_timeout_max = v; })},
        {"group.max.size",
         "10000",
         "members of one group",
         number(1,
                1'000'000,
                [](Config& c, std::int64_t v) {
                    c.groups.group_size_max = static_cast<std::size_t>(v);
                })},
        {"offsets.retention.minutes",
         "10080",
         "how long committed offsets outlive their group's last member",
         number(1,
                std::numeric_limits<std::int32_t>::max(),
                [](Config& c, std::int64_t v) {
                    c.groups.offsets_retention = std::chrono::minutes(v);
                })},
        {"network.threads",
         "0",
         "threads that serve connections; 0: one per core, at most 4",
         number(
             0,
             64,
             [](Config& c, std::int64_t v) { c.network_threads = static_cast<std::size_t>(v); })},
        {"limits.connections.max",
         "10000",
         "connections at a time; no more than the process may open files",
         number(1,
                1'000'000,
                [](Config& c, std::int64_t v) {
                    c.admission.connections_max = static_cast<std::size_t>(v);
                })},
        {"limits.connections.loopback.reserve",
         "64",
         "of them, kept for clients on this machine",
         number(0,
                1'000'000,
                [](Config& c, std::int64_t v) {
                    c.admission.loopback_reserve = static_cast<std::size_t>(v);
                })},
        {"limits.connections.per.host.max",
         "200",
         "connections at a time from one other host",
         number(1,
                1'000'000,
                [](Config& c, std::int64_t v) {
                    c.admission.per_origin_max = static_cast<std::size_t>(v);
                })},
        {"limits.connections.per.host.rate",
         "100",
         "new connections per second from one other host",
         number(1,
                1'000'000,
                [](Config& c, std::int64_t v) {
                    c.admission.per_origin_rate = static_cast<double>(v);
                })},
        {"limits.connections.per.host.burst",
         "200",
         "of them at once, after a pause",
         number(1,
                1'000'000,
                [](Config& c, std::int64_t v) {
                    c.admission.per_origin_burst = static_cast<double>(v);
                })},
        {"limits.first.byte.ms",
         "5000",
         "a connection that said nothing for so long is closed",
         milliseconds([](Config& c, auto v) { c.connection.first_byte = v; })},
        {"limits.first.request.ms",
         "10000",
         "a connection that sent no whole request for so long is closed",
         milliseconds([](Config& c, auto v) { c.connection.first_request = v; })},
        {"limits.idle.ms",
         "600000",
         "a connection on which nothing happens for so long is closed",
         milliseconds([](Config& c, auto v) { c.connection.idle = v; })},
        {"limits.stall.ms",
         "30000",
         "a request that comes slower than 1 KiB per second for so long ends its connection",
         milliseconds([](Config& c, auto v) { c.connection.frame_stall = v; })},
        {"limits.request.bytes.max",
         "104857600",
         "largest request; before a connection's request was recognised it is 65536",
         number(std::int64_t{64} << 10,
                kGiB,
                [](Config& c, std::int64_t v) {
                    c.connection.frame.known_max = static_cast<std::size_t>(v);
                })},
        {"limits.request.memory.bytes",
         "a quarter of the memory",
         "memory of all requests and answers under way; reading stops while it is used up",
         number(std::int64_t{1} << 20,
                std::int64_t{1} << 46,
                [](Config& c, std::int64_t v) {
                    c.request_memory_bytes = static_cast<std::size_t>(v);
                })},
        {"disk.free.bytes.min",
         "1 GiB or 5 % of the disk, whichever is more",
         "below it producing is refused with KAFKA_STORAGE_ERROR; 0: as long as there is room",
         number(0,
                std::int64_t{1} << 46,
                [](Config& c, std::int64_t v) {
                    c.disk_free_bytes_min = static_cast<std::uint64_t>(v);
                })},
        {"limits.connection.requests.max",
         "64",
         "requests of one connection that are read and not answered",
         number(1,
                10'000,
                [](Config& c, std::int64_t v) {
                    c.connection.outstanding_max = static_cast<std::size_t>(v);
                })},
        {"stop.grace.ms",
         "3000",
         "how long SIGTERM waits for answers under way",
         milliseconds([](Config& c, auto v) { c.stop_grace = v; })},
        {"recovery.after.crashes",
         "5",
         "so many crashes within an hour, and the server starts in recovery mode; 0: never",
         number(0,
                100,
                [](Config& c, std::int64_t v) { c.crashes_max = static_cast<std::uint32_t>(v); })},
        {"log.level",
         "\"warn\"",
         "debug, info, warn, error or off; lines go to standard error",
         take_level},
    };
    return kKeys;
}

Error invalid(const std::string& path, const Json& at, std::string message) {
    return {ErrorCode::kConfigInvalid,
            path + ":" + std::to_string(at.line()) + ":" + std::to_string(at.column()) + ": " +
                std::move(message)};
}

std::vector<std::string> key_names() {
    std::vector<std::string> names;
    for (const Key& key : keys()) {
        names.push_back(key.name);
    }
    return names;
}

/// Nested objects are another way to write the dots of a key.
Status take_members(const std::string& path,
                    const std::string& prefix,
                    const Json::Object& members,
                    std::set<std::string>& seen,
                    ServerConfig& config) {
    for (const auto& [member, value] : members) {
        const std::string name = prefix.empty() ? member : prefix + "." + member;
        const std::vector<Key>& all = keys();
        const auto key = std::find_if(
            all.begin(), all.end(), [&](const Key& candidate) { return candidate.name == name; });
        if (key == all.end()) {
            const Json::Object* nested = value.if_object();
            const bool is_prefix = std::any_of(all.begin(), all.end(), [&](const Key& candidate) {
                return candidate.name.starts_with(name + ".");
            });
            if (nested == nullptr || !is_prefix) {
                return invalid(
                    path, value, "unknown key: \"" + name + "\"" + did_you_mean(name, key_names()));
            }
            MILLRACE_TRY_STATUS(take_members(path, name, *nested, seen, config));
            continue;
        }
        if (!seen.insert(name).second) {
            return invalid(path, value, "key given twice: \"" + name + "\"");
        }
        if (const std::string expected = key->take(value, config); !expected.empty()) {
            return invalid(
                path, value, "\"" + name + "\" must be " + expected + ", not " + value.dump());
        }
    }
    return Ok{};
}

}  // namespace

Status read_server_config(FileSystem& files, const std::string& path, ServerConfig& config) {
    auto text = files.read_file(path);
    if (!text.ok()) {
        return text.error().with_context("configuration");
    }
    MILLRACE_TRY(const Json json, Json::parse(text.value().text(), path));
    const Json::Object* members = json.if_object();
    if (members == nullptr) {
        return invalid(
            path, json, "expected an object of keys, not " + std::string(json.type_name()));
    }
    std::set<std::string> seen;
    return take_members(path, "", *members, seen, config);
}

std::string describe_server_config() {
    std::string text =
        "# Configuration of the server\n\n"
        "`millrace server --config FILE.json` reads one JSON object with the keys below. A dotted "
        "key may also\nbe written as nested objects. The command line (`--data`, `--kafka`, "
        "`--log-level`) wins over the file,\nthe file over the defaults. An unknown key, a wrong "
        "type or a value out of range refuses to start, naming\nfile, line, column and the key "
        "that was probably meant.\n\n"
        "```json\n"
        "{\n"
        "  \"data\": \"/var/lib/millrace\",\n"
        "  \"kafka.listeners\": [\"127.0.0.1:9092\", \"[::1]:9092\"],\n"
        "  \"kafka.default.partitions\": 4,\n"
        "  \"limits.request.memory.bytes\": 268435456,\n"
        "  \"log.level\": \"info\"\n"
        "}\n"
        "```\n\n"
        "| key | default | meaning |\n|---|---|---|\n";
    for (const Key& key : keys()) {
        text += "| `" + key.name + "` | " + key.default_text + " | " + key.about + " |\n";
    }
    text +=
        "\n## Listening\n\n"
        "There is no authentication yet: whoever reaches a listener may read and write "
        "everything. So the\nserver refuses addresses other than loopback ones, unless "
        "`--insecure-bind` says that the network around\nit is trusted; it then repeats a warning "
        "every minute.\n"
        "\n## Start and stop\n\n"
        "When it serves, the server prints one line on standard output that starts with `ready`:\n"
        "\n```\nready kafka=127.0.0.1:9092 data=./millrace-data\n```\n\n"
        "SIGTERM or SIGINT stops it: no more connections, answers under way are finished (at most "
        "`stop.grace.ms`),\nexit code 0. A second signal ends it at once; nothing acknowledged is "
        "lost either way.\n"
        "\n## Recovery mode\n\n"
        "The file `DIR/starts` remembers starts that did not end well: the process crashed (an "
        "abort, a\nsegmentation fault), or it ended before it was ready. After "
        "`recovery.after.crashes` of them within an\nhour the server starts in recovery mode: "
        "producing is refused with KAFKA_STORAGE_ERROR, which clients\nretry; reading and "
        "administration work; queries do not run. To leave it, find the cause in the log, stop "
        "the\nserver with SIGTERM and start it again: a clean stop forgets the crashes. A server "
        "that was killed from\noutside (kill -9, a power cut) while it served does not count as a "
        "crash.\n";
    return text;
}

}  // namespace millrace::server
