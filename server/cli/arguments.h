// Arguments: what was asked on the command line, checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace millrace::server {

struct Arguments {
    std::string command;  // "run", "sql", "topic create", ..., "demo"; empty: nothing more to do
                          // (help was printed)
    std::string data_directory = "./millrace-data";
    std::string log_level = "warn";
    bool is_data_given = false;
    bool is_log_level_given = false;
    std::string output = "table";  // table or json

    // run
    std::string sql_file;
    std::vector<std::string> connectors;  // files or directories
    bool once = false;
    bool quiet = false;
    std::uint32_t workers = 0;  // 0: one per core
    std::int64_t commit_interval_ms = 100;
    std::uint64_t state_bytes_max = std::uint64_t{1} << 30;

    // sql
    std::vector<std::string> statements;  // -e
    std::vector<std::string> sql_files;   // -f
    bool is_session = false;              // another process asks, docs/formats/control.md

    // test
    std::vector<std::string> test_paths;
    std::uint32_t batch_size = 0;  // 0: as the files say
    std::string executor = "deterministic";

    // topic, query, connector
    std::string name;
    std::int32_t partitions = 1;
    std::vector<std::string> config;  // key=value
    bool include_internal = false;
    std::string key_separator;
    std::optional<std::int64_t> offset;
    std::optional<std::int64_t> limit;
    std::int32_t partition = -1;
    bool follow = false;

    // server
    std::string config_file;
    std::vector<std::string> kafka;  // HOST:PORT
    bool insecure_bind = false;

    // group
    std::vector<std::string> topics;  // name, or name:partition,...
    bool to_earliest = false;
    bool to_latest = false;
    std::optional<std::int64_t> to_offset;
    std::optional<std::int64_t> shift_by;
    std::string to_datetime;
    bool dry_run = false;

    // doctor
    bool repair = false;

    // demo
    std::string examples_directory;
};

struct ParsedArguments {
    Arguments arguments;
    std::optional<int> exit_code;  // set: print `text` and exit with it
    std::string text;              // help, version, or what is wrong
};

/// Exit code 0 for --help and --version, 2 for a usage error (with the nearest command when one is
/// misspelt).
[[nodiscard]] ParsedArguments parse_arguments(const std::vector<std::string>& words);

}  // namespace millrace::server
