#include "bench/broker/bench_server.h"

#include <iostream>
#include <sstream>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/broker/broker.h"
#include "core/log/partition_log.h"
#include "server/kafka/server.h"

namespace millrace::bench {

namespace {

constexpr std::size_t kIoThreads = 4;  // as server/node.cpp has

template <class T>
T must(Result<T> result) {
    if (!result.ok()) {
        std::cerr << result.error().message << "\n";
        std::exit(1);
    }
    return std::move(result).value();
}

double cpu_seconds(const ::rusage& usage) {
    const auto seconds = [](const ::timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string figures_line(const broker::Broker& broker) {
    const log::JournalStats journal = broker.inspect().journal;
    ::rusage usage{};
    CHECK(::getrusage(RUSAGE_SELF, &usage) == 0);
    std::ostringstream line;
    line << journal.wal_syncs << ' ' << journal.wal_bytes << ' ' << journal.units << ' '
         << cpu_seconds(usage) << ' ' << usage.ru_maxrss;
    return line.str();
}

}  // namespace

int run_bench_server(const std::string& data_directory) {
    const auto files = make_system_files();
    SystemClock clock;
    SeededRandom random(entropy_seed());
    Logger logger(clock, LogLevel::kWarn, stderr_sink());
    auto io = std::make_unique<ThreadIoExecutor>(kIoThreads);
    Env env{*files, clock, random, *io, logger};
    const auto broker = must(broker::Broker::open(env, data_directory, {}));
    server::kafka::Services services{env, *broker, {}};
    net::MemoryBudget budget(std::size_t{1} << 30);
    server::kafka::KafkaServerOptions options;
    options.net.listeners = {{"127.0.0.1", 0}};
    const auto server = must(server::kafka::KafkaServer::start(services, budget, options));
    std::cout << server->bound().front().port << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string command;
        TopicSpec topic;
        std::string durability;
        words >> command >> topic.name >> topic.partitions >> durability;
        if (command == "create") {
            topic.config = {{"durability", durability}, {"max.message.bytes", "2000000"}};
            const TopicInfo made = must(broker->create_topic(topic));
            std::cout << log::PartitionLog::directory_of(data_directory, {made.id, Partition{0}});
        } else if (command == "delete") {
            must(broker->delete_topic(topic.name));
        } else {
            std::cout << figures_line(*broker);
        }
        std::cout << std::endl;
    }
    server->stop(std::chrono::milliseconds(100));
    must(broker->close());
    io.reset();
    return 0;
}

BenchServer::BenchServer(const std::string& data_directory) {
    int down[2];
    int up[2];
    CHECK(::pipe(down) == 0);
    CHECK(::pipe(up) == 0);
    child_ = ::fork();
    CHECK(child_ >= 0);
    if (child_ == 0) {
        ::dup2(down[0], STDIN_FILENO);
        ::dup2(up[1], STDOUT_FILENO);
        for (const int descriptor : {down[0], down[1], up[0], up[1]}) {
            ::close(descriptor);
        }
        ::execl("/proc/self/exe", "broker_bench", "--serve", data_directory.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(down[0]);
    ::close(up[1]);
    to_child_ = down[1];
    from_child_ = up[0];
    port_ = static_cast<std::uint16_t>(std::stoi(read_line()));
}

BenchServer::~BenchServer() {
    ::close(to_child_);
    ::close(from_child_);
    ::waitpid(child_, nullptr, 0);
}

std::string BenchServer::create_topic(const std::string& name,
                                      std::int32_t partitions,
                                      const std::string& durability) {
    return ask("create " + name + " " + std::to_string(partitions) + " " + durability);
}

void BenchServer::delete_topic(const std::string& name) {
    ask("delete " + name);
}

ServerFigures BenchServer::figures() {
    std::istringstream words(ask("figures"));
    ServerFigures figures;
    words >> figures.wal_syncs >> figures.wal_bytes >> figures.units >> figures.cpu_seconds >>
        figures.rss_kib_max;
    return figures;
}

std::string BenchServer::ask(const std::string& line) {
    const std::string sent = line + "\n";
    CHECK(::write(to_child_, sent.data(), sent.size()) == static_cast<::ssize_t>(sent.size()));
    return read_line();
}

std::string BenchServer::read_line() {
    for (;;) {
        if (const std::size_t end = rest_.find('\n'); end != std::string::npos) {
            const std::string line = rest_.substr(0, end);
            rest_.erase(0, end + 1);
            return line;
        }
        char bytes[256];
        const ::ssize_t got = ::read(from_child_, bytes, sizeof bytes);
        CHECK(got > 0);  // the server's own words say why it ended
        rest_.append(bytes, static_cast<std::size_t>(got));
    }
}

}  // namespace millrace::bench
