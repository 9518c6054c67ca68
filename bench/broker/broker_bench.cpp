// Produce and consume through a server on the loopback address, against what the machine can do at
// best with the same bytes. Everything is measured in turn within each round, so that a noisy
// machine disturbs all alike; a ratio is one of medians, with the smallest and largest of any
// round.
//
//     build/release/bench/broker_bench [--rounds 7] [--megabytes 256] [--directory DIR] [--only
//     TEXT]
//
// Every produced partition's end is asked for and compared; what is consumed has no gaps, and its
// checksums are verified once per round outside of the measured time.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <optional>

#include <unistd.h>

#include "bench/broker/bench_server.h"
#include "bench/broker/limits.h"
#include "bench/broker/replay_client.h"

namespace millrace::bench {
namespace {

constexpr std::size_t kSmall = std::size_t{16} << 10;
constexpr std::size_t kLarge = std::size_t{1} << 20;

struct Options {
    int rounds = 7;
    std::size_t megabytes = 256;  // per measurement
    std::string directory = std::filesystem::temp_directory_path().string();
    std::string only;
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

double quantile(std::vector<double>& values, double q) {
    std::sort(values.begin(), values.end());
    const auto at = static_cast<std::size_t>(q * static_cast<double>(values.size()));
    return values.empty() ? 0 : values[std::min(at, values.size() - 1)];
}

/// Figures by name, one per round.
class Report {
  public:
    void add(const std::string& name, double value) { add(name, value, 1); }
    void add_ratio(const std::string& name, double value, double limit) { add(name, value, limit); }
    void print() const {
        std::printf("%-72s %12s %12s %12s\n", "figure", "median", "smallest", "largest");
        for (const std::string& name : order_) {
            const Figure& figure = figures_.at(name);
            std::vector<double> ratios;
            for (std::size_t i = 0; i < figure.values.size(); ++i) {
                ratios.push_back(figure.values[i] / figure.limits[i]);
            }
            std::printf("%-72s %12.3f %12.3f %12.3f\n",
                        name.c_str(),
                        median(figure.values) / median(figure.limits),
                        *std::min_element(ratios.begin(), ratios.end()),
                        *std::max_element(ratios.begin(), ratios.end()));
        }
    }

  private:
    struct Figure {
        std::vector<double> values;
        std::vector<double> limits;
    };
    void add(const std::string& name, double value, double limit) {
        if (!figures_.contains(name)) {
            order_.push_back(name);
        }
        figures_[name].values.push_back(value);
        figures_[name].limits.push_back(limit);
    }

    std::map<std::string, Figure> figures_;
    std::vector<std::string> order_;
};

class Bench {
  public:
    explicit Bench(const Options& options)
        : options_(options),
          directory_(options.directory + "/millrace-broker-bench-" + std::to_string(::getpid())) {
        std::filesystem::create_directories(directory_);
        server_.emplace(directory_ + "/data");
    }
    ~Bench() {
        server_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    void run() {
        for (int round = 0; round < options_.rounds; ++round) {
            std::fprintf(stderr, "round %d of %d\n", round + 1, options_.rounds);
            for (const std::size_t size : {kLarge, kSmall}) {
                for (const std::string durability : {"cache", "fsync"}) {
                    if (is_wanted("produce-" + durability + "-" + name_of(size))) {
                        measure_produce(size, durability);
                    }
                }
            }
            if (is_wanted("partitions")) {
                measure_partitions();
            }
            if (is_wanted("latency")) {
                measure_latency();
            }
            if (is_wanted("consume")) {
                measure_consume();
            }
        }
        report_.add("server: memory at most, MiB",
                    static_cast<double>(server_->figures().rss_kib_max) / 1024);
        report_.print();
    }

  private:
    [[nodiscard]] bool is_wanted(const std::string& part) const {
        return part.find(options_.only) != std::string::npos;
    }
    [[nodiscard]] std::size_t requests_of(std::size_t bytes) const {
        return std::max<std::size_t>(8, (options_.megabytes << 20) / bytes);
    }
    static std::string name_of(std::size_t bytes) {
        return bytes >= kLarge ? std::to_string(bytes >> 20) + " MiB"
                               : std::to_string(bytes >> 10) + " KiB";
    }
    static std::size_t window_of(std::size_t bytes) { return bytes >= kLarge ? 8 : 64; }

    /// Produces into a topic of its own and checks what came of it.
    struct Produced {
        ProduceResult result;
        std::uint64_t syncs = 0;
        double cpu_seconds = 0;  // the server's
    };
    Produced produce(const std::string& durability,
                     std::int32_t partitions,
                     std::size_t batch_bytes,
                     std::size_t requests,
                     std::size_t window) {
        const std::string topic = "t" + std::to_string(++topics_);
        server_->create_topic(topic, partitions, durability);
        // So that no file is made in the measured time.
        const auto warm_up = static_cast<std::size_t>(partitions);
        static_cast<void>(replay_produce(server_->port(),
                                         {.topic = topic,
                                          .partitions = partitions,
                                          .batch_bytes = kSmall,
                                          .requests = warm_up,
                                          .window = window}));
        const ServerFigures before = server_->figures();
        Produced produced;
        produced.result = replay_produce(server_->port(),
                                         {.topic = topic,
                                          .partitions = partitions,
                                          .batch_bytes = batch_bytes,
                                          .requests = requests,
                                          .window = window});
        const ServerFigures after = server_->figures();
        produced.syncs = after.wal_syncs - before.wal_syncs;
        produced.cpu_seconds = after.cpu_seconds - before.cpu_seconds;
        std::int64_t records = 0;
        for (std::int32_t p = 0; p < partitions; ++p) {
            records += end_of(server_->port(), topic, p);
        }
        CHECK(records == records_per_batch(batch_bytes) * static_cast<std::int64_t>(requests) +
                             records_per_batch(kSmall) * static_cast<std::int64_t>(warm_up));
        server_->delete_topic(topic);
        return produced;
    }

    /// Cached records: against the slower one of the socket and the page cache. Durable ones:
    /// against the slower one of the socket and as many syncs of as many bytes.
    void measure_produce(std::size_t size, const std::string& durability) {
        const std::string name = "produce " + name_of(size) + " " + durability + ": ";
        const std::size_t requests = requests_of(size);
        const std::size_t window = window_of(size);
        const double tcp = tcp_limit(size, requests, window);
        report_.add(name + "loopback TCP, MB/s", tcp / 1e6);
        const Produced produced = produce(durability, 1, size, requests, window);
        const double rate = produced.result.bytes_per_second;
        report_.add(name + "broker, MB/s", rate / 1e6);
        if (durability == "cache") {
            const double append = append_limit(directory_, size, requests);
            const double both = receive_and_append_limit(directory_, size, requests, window);
            report_.add(name + "page-cache append, MB/s", append / 1e6);
            report_.add(name + "receive and append, one thread, MB/s", both / 1e6);
            report_.add_ratio(
                name + "ratio to the smaller limit (>= 0.7)", rate, std::min(tcp, append));
            report_.add_ratio(name + "ratio to receive and append", rate, both);
        } else {
            for (const auto& [kind, what] : {std::pair{LogFile::kGrows, "a file that grows"},
                                             std::pair{LogFile::kRecycled, "a recycled file"}}) {
                const double disk =
                    group_commit_limit(directory_, produced.result.bytes, produced.syncs, kind);
                report_.add(name + "as many syncs of " + what + ", MB/s", disk / 1e6);
                report_.add_ratio(
                    name + "ratio to TCP or " + what + " (>= 0.8)", rate, std::min(tcp, disk));
            }
            report_.add(name + "syncs", static_cast<double>(produced.syncs));
        }
        report_.add(name + "server CPU s per GB",
                    produced.cpu_seconds / (static_cast<double>(produced.result.bytes) * 1e-9));
    }

    void measure_partitions() {
        const std::size_t requests = std::max<std::size_t>(2'000, requests_of(kSmall));
        const Produced one = produce("fsync", 1, kSmall, requests, window_of(kSmall));
        const Produced many = produce("fsync", 1'000, kSmall, requests, window_of(kSmall));
        report_.add("1 partition, 16 KiB, fsync, MB/s", one.result.bytes_per_second / 1e6);
        report_.add("1,000 partitions, 16 KiB, fsync, MB/s", many.result.bytes_per_second / 1e6);
        report_.add_ratio("1,000 partitions against 1 (>= 0.7)",
                          many.result.bytes_per_second,
                          one.result.bytes_per_second);
    }

    void measure_latency() {
        for (const std::string durability : {"cache", "fsync"}) {
            Produced produced = produce(durability, 1, kSmall, 2'000, 1);
            std::vector<double>& times = produced.result.latencies_ms;
            const std::string name = "latency 16 KiB, " + durability;
            report_.add(name + ", p50, ms", quantile(times, 0.5));
            report_.add(name + ", p99, ms", quantile(times, 0.99));
        }
    }

    void measure_consume() {
        const std::string topic = "t" + std::to_string(++topics_);
        const std::string partition = server_->create_topic(topic, 1, "cache");
        const std::size_t requests = requests_of(kSmall * 16);
        const ProduceResult written = replay_produce(
            server_->port(),
            {.topic = topic, .batch_bytes = kSmall * 16, .requests = requests, .window = 16});
        const std::int64_t end = end_of(server_->port(), topic, 0);
        const std::string file = partition + "/00000000000000000000.log";
        for (const std::size_t fetch : {kLarge, 8 * kLarge}) {
            const std::string name = "consume by " + name_of(fetch) + ": ";
            const double limit = sendfile_limit(file, written.bytes, fetch);
            const ServerFigures before = server_->figures();
            const ConsumeResult consumed =
                consume(server_->port(), topic, end, fetch, CheckCrc::kNo);
            const double cpu = server_->figures().cpu_seconds - before.cpu_seconds;
            CHECK(consumed.records == end && consumed.bytes == written.bytes);
            report_.add(name + "limit sendfile to TCP, MB/s", limit / 1e6);
            report_.add(name + "broker, MB/s", consumed.bytes_per_second / 1e6);
            report_.add_ratio(name + "ratio (>= 0.7)", consumed.bytes_per_second, limit);
            report_.add(name + "server CPU s per GB",
                        cpu / (static_cast<double>(consumed.bytes) * 1e-9));
        }
        CHECK(consume(server_->port(), topic, end, kLarge, CheckCrc::kYes).records == end);
        server_->delete_topic(topic);
    }

    const Options options_;
    const std::string directory_;
    std::optional<BenchServer> server_;
    int topics_ = 0;
    Report report_;
};

Options parse(int count, char** words) {
    Options options;
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string key = words[i];
        const std::string value = words[i + 1];
        if (key == "--rounds") {
            options.rounds = std::stoi(value);
        } else if (key == "--megabytes") {
            options.megabytes = std::stoul(value);
        } else if (key == "--directory") {
            options.directory = value;
        } else if (key == "--only") {
            options.only = value;
        } else {
            std::cerr << "unknown option: " << key
                      << "; there are --rounds --megabytes --directory --only\n";
            std::exit(2);
        }
    }
    return options;
}

}  // namespace
}  // namespace millrace::bench

int main(int count, char** words) {
    if (count == 3 && std::string(words[1]) == "--serve") {
        return millrace::bench::run_bench_server(words[2]);
    }
    millrace::bench::Bench(millrace::bench::parse(count, words)).run();
    return 0;
}
