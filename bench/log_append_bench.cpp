// Appending to a partition (checks, offsets, write, index, publish) against a plain pwrite loop.
// links: millrace_core_log
//
// Both write the same bytes in the same run, a megabyte at a time in turn, to files of their own in
// a real disk's page cache. Nothing is synced: that is the journal's business. ratio = plain / log,
// by processor time (user and system), which other programs on the machine disturb least. Every run
// is read back and compared.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "core/base/env.h"
#include "core/log/partition_log.h"
#include "core/record/record_batch.h"
#include "core/record/record_batch_builder.h"

namespace millrace::log {
namespace {

constexpr std::size_t kRunBytes = std::size_t{32} << 20;
constexpr std::size_t kTurnBytes = std::size_t{1} << 20;

double cpu_seconds() {
    std::timespec now{};
    CHECK(::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

class BenchDirectory {
  public:
    BenchDirectory() {
        path_ = (std::filesystem::temp_directory_path() / "millrace-bench-XXXXXX").string();
        CHECK(::mkdtemp(path_.data()) != nullptr);
    }
    ~BenchDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    BenchDirectory(const BenchDirectory&) = delete;
    BenchDirectory& operator=(const BenchDirectory&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

Buffer batch_of(std::size_t size) {
    SeededRandom random(1);
    RecordBatchBuilder builder;
    std::string value(100, ' ');
    while (builder.size_bytes() < size) {
        for (char& c : value) {
            c = static_cast<char>('a' + random.below(26));
        }
        builder.add(as_bytes("key"), as_bytes(value), Timestamp{builder.record_count()});
    }
    return builder.finish().value();
}

/// Whether the log gives back, batch by batch, what the plain file holds.
bool holds_the_same(PartitionLog& log, File& plain) {
    std::uint64_t position = 0;
    Buffer expected;
    for (Offset from; from < log.high_watermark();) {
        const LogRead read = log.read(from, kPageSize).value();
        expected.resize(read.batches.size());
        if (plain.read_at(position, expected.span()).value() != expected.size() ||
            !equal(read.batches, expected)) {
            return false;
        }
        position += expected.size();
        RecordBatchCursor batches(read.batches);
        while (const auto batch = batches.next().value()) {
            from = next(batch->last_offset());
        }
    }
    return position == log.size_bytes();
}

void append_all(PartitionLog& log, std::vector<Buffer>& batches) {
    for (Buffer& batch : batches) {
        const StagedAppend staged = log.stage(batch.span()).value();
        CHECK(log.write(staged, batch).ok());
        log.publish(staged.end);
    }
}

void append(benchmark::State& state) {
    const auto files = make_system_files();
    SystemClock clock;
    SeededRandom random(1);
    ManualIoExecutor io(clock);
    Logger logger(clock, LogLevel::kError, stderr_sink());
    Env env{*files, clock, random, io, logger};
    const Buffer batch = batch_of(static_cast<std::size_t>(state.range(0)));
    std::vector<Buffer> batches(std::max<std::size_t>(kTurnBytes / batch.size(), 1), batch);
    double log_seconds = 0;
    double plain_seconds = 0;
    double bytes = 0;
    for (auto _ : state) {
        const BenchDirectory directory;
        const auto log =
            PartitionLog::open(env, directory.path() + "/0", PartitionLogOptions{}, {}).value();
        const auto plain = files->open(directory.path() + "/plain", OpenMode::kCreateNew).value();
        const double before = log_seconds;
        std::uint64_t position = 0;
        while (position < kRunBytes) {
            const double start = cpu_seconds();
            append_all(*log, batches);
            const double middle = cpu_seconds();
            for (const Buffer& written : batches) {
                CHECK(plain->write_at(position, written).ok());
                position += written.size();
            }
            log_seconds += middle - start;
            plain_seconds += cpu_seconds() - middle;
        }
        bytes += static_cast<double>(position);
        state.SetIterationTime(log_seconds - before);
        if (!holds_the_same(*log, *plain)) {
            state.SkipWithError("the log does not hold what was appended");
            break;
        }
    }
    state.counters["ratio"] = plain_seconds / log_seconds;
    state.counters["log_mb_per_s"] = bytes / log_seconds / 1e6;
    state.counters["plain_mb_per_s"] = bytes / plain_seconds / 1e6;
}

BENCHMARK(append)->Arg(4 << 10)->Arg(64 << 10)->Arg(1 << 20)->UseManualTime()->Unit(
    benchmark::kMillisecond);

}  // namespace
}  // namespace millrace::log

BENCHMARK_MAIN();
