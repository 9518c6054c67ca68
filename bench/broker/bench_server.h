// The broker and its Kafka server in a process of their own, as `millrace server` puts them
// together, with figures for the bench on request.
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace millrace::bench {

struct ServerFigures {
    std::uint64_t wal_syncs = 0;
    std::uint64_t wal_bytes = 0;
    std::uint64_t units = 0;
    double cpu_seconds = 0;  // user and system, of the server's process
    std::uint64_t rss_kib_max = 0;
};

/// A child process of this program. One thread.
class BenchServer {
  public:
    /// Runs this program again with --serve.
    explicit BenchServer(const std::string& data_directory);
    ~BenchServer();
    BenchServer(const BenchServer&) = delete;
    BenchServer& operator=(const BenchServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// durability   of the topic: "fsync" or "cache"
    /// returns      the directory of partition 0
    std::string create_topic(const std::string& name,
                             std::int32_t partitions,
                             const std::string& durability);
    void delete_topic(const std::string& name);
    [[nodiscard]] ServerFigures figures();

  private:
    std::string ask(const std::string& line);
    std::string read_line();

    ::pid_t child_ = 0;
    int to_child_ = -1;
    int from_child_ = -1;
    std::string rest_;
    std::uint16_t port_ = 0;
};

/// The child's side: serves until standard input ends. Returns the exit code.
int run_bench_server(const std::string& data_directory);

}  // namespace millrace::bench
