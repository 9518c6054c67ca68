// Durable units per second through the journal, against a loop of write and fdatasync.
// links: millrace_core_log millrace_core_record millrace_core_base
// Canonical: --benchmark_min_time=10 --benchmark_repetitions=5.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "core/base/clock.h"
#include "core/base/env.h"
#include "core/log/journal.h"
#include "core/log/partition_log.h"
#include "core/record/record_batch_builder.h"

namespace millrace::log {
namespace {

constexpr int kSubmitters = 16;
constexpr int kPartitions = 8;
constexpr int kPiecesPerUnit = 2;
constexpr int kInFlight = 256;  // of one-piece units, as a server's connections have them
constexpr std::size_t kValueBytes = 200;
constexpr int kSampled = 20;  // the loop with one sync per unit runs for one unit in so many

using Seconds = std::chrono::duration<double>;

Seconds now() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

/// A journal with eight partitions in a directory of its own.
class Bench {
  public:
    Bench() : directory_(make_directory()) {
        journal_ = Journal::open(env_, directory_, {}, [](TopicPartition) { return true; }).value();
        for (int i = 0; i < kPartitions; ++i) {
            logs_.push_back(
                PartitionLog::open(
                    env_, PartitionLog::directory_of(directory_, id_of(i)), {}, LogPosition{})
                    .value());
            journal_->add_partition(id_of(i), logs_.back().get());
        }
        // The file that the kernel writes: of the same kind as a used WAL file.
        file_ = files_->open(join_path(directory_, "kernel"), OpenMode::kCreate).value();
        Buffer zeros;
        zeros.append_zeros(kFileBytes);
        CHECK(file_->write_at(0, zeros).ok());
        CHECK(file_->sync_data().ok());
    }
    ~Bench() {
        CHECK(journal_->close().ok());
        journal_.reset();
        logs_.clear();
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    /// Sixteen threads, each with one unit under way at a time.
    void commit(int units_per_submitter) {
        std::vector<std::thread> submitters;
        for (int s = 0; s < kSubmitters; ++s) {
            submitters.emplace_back([this, s, units_per_submitter] {
                for (int i = 0; i < units_per_submitter; ++i) {
                    commit_one(s + i);
                }
            });
        }
        for (std::thread& submitter : submitters) {
            submitter.join();
        }
    }
    /// One-piece units, kInFlight of them under way at a time: each answer submits the next one.
    void produce(int units) {
        std::mutex mutex;
        std::condition_variable changed;
        std::atomic<int> left = units;
        int open = kInFlight;  // guarded by mutex
        std::function<void(int)> next = [&](int number) {
            if (left.fetch_sub(1) <= 0) {
                const std::lock_guard lock(mutex);
                --open;
                changed.notify_one();
                return;
            }
            JournalUnit unit;
            const int partition = number % kPartitions;
            unit.pieces.push_back({logs_[static_cast<std::size_t>(partition)].get(),
                                   id_of(partition),
                                   Buffer(batch_.view())});
            unit.done = [&next, number](const Result<UnitCommitted>& result) {
                CHECK(result.ok());
                next(number + 1);
            };
            journal_->submit(std::move(unit));
        };
        for (int i = 0; i < kInFlight; ++i) {
            next(i);
        }
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return open == 0; });
    }
    /// The same number of syncs, the same bytes: what of the time is the disk's.
    void write_and_sync(std::uint64_t syncs, std::uint64_t bytes_per_sync) {
        Buffer bytes;
        bytes.append_zeros(static_cast<std::size_t>(bytes_per_sync + 4095) / 4096 * 4096);
        for (std::uint64_t i = 0; i < syncs; ++i) {
            if (position_ + bytes.size() > kFileBytes) {
                position_ = 0;
            }
            CHECK(file_->write_at(position_, bytes).ok());
            CHECK(file_->sync_data().ok());
            position_ += bytes.size();
        }
    }
    [[nodiscard]] JournalStats stats() const { return journal_->stats(); }
    [[nodiscard]] std::int64_t records() const {
        std::int64_t sum = 0;
        for (const auto& log : logs_) {
            sum += log->high_watermark().value;
        }
        return sum;
    }

  private:
    static constexpr std::size_t kFileBytes = std::size_t{16} << 20;

    static std::string make_directory() {
        std::string path = (std::filesystem::current_path() / "commit-bench-XXXXXX").string();
        CHECK(::mkdtemp(path.data()) != nullptr);
        return path;
    }
    static TopicPartition id_of(int number) {
        TopicPartition id;
        id.topic.bytes.fill(7);
        id.partition = Partition{number};
        return id;
    }
    void commit_one(int number) {
        JournalUnit unit;
        for (int p = 0; p < kPiecesPerUnit; ++p) {
            const int partition = (number + p * 3) % kPartitions;
            RecordBatchBuilder builder;
            builder.add(std::nullopt, as_bytes(value_), Timestamp{0});
            unit.pieces.push_back({logs_[static_cast<std::size_t>(partition)].get(),
                                   id_of(partition),
                                   builder.finish().value()});
        }
        std::mutex mutex;
        std::condition_variable changed;
        bool is_done = false;
        unit.done = [&](const Result<UnitCommitted>& result) {
            CHECK(result.ok());
            const std::lock_guard lock(mutex);
            is_done = true;
            changed.notify_one();
        };
        journal_->submit(std::move(unit));
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return is_done; });
    }

    static Buffer make_batch(const std::string& value) {
        RecordBatchBuilder builder;
        builder.add(std::nullopt, as_bytes(value), Timestamp{0});
        return builder.finish().value();
    }

    const std::string value_ = std::string(kValueBytes, 'v');
    const Buffer batch_ = make_batch(value_);
    std::string directory_;
    std::unique_ptr<FileSystem> files_ = make_system_files();
    SystemClock clock_;
    SeededRandom random_{1};
    Logger logger_{clock_, LogLevel::kWarn, stderr_sink()};
    ThreadIoExecutor io_{2};
    Env env_{*files_, clock_, random_, io_, logger_};
    std::vector<std::unique_ptr<PartitionLog>> logs_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<File> file_;
    std::uint64_t position_ = 0;
};

/// units_per_s            through the journal
/// ratio                  time of the loop with as many syncs of as many bytes / the journal's
/// ratio_sync_per_unit    time of the loop with one sync for each unit / the journal's
void commit_units(benchmark::State& state) {
    const int per_submitter = static_cast<int>(state.range(0));
    const std::uint64_t units = static_cast<std::uint64_t>(per_submitter) * kSubmitters;
    Bench bench;
    bench.commit(8);
    std::int64_t expected = bench.records();
    Seconds journal{0};
    Seconds same_syncs{0};
    Seconds sync_per_unit{0};
    std::uint64_t groups = 0;
    for (auto _ : state) {
        const JournalStats before = bench.stats();
        const Seconds start = now();
        bench.commit(per_submitter);
        const Seconds committed = now();
        const JournalStats after = bench.stats();
        const std::uint64_t syncs = after.wal_syncs - before.wal_syncs;
        bench.write_and_sync(syncs, (after.wal_bytes - before.wal_bytes) / syncs);
        const Seconds looped = now();
        bench.write_and_sync(units / kSampled, kValueBytes * kPiecesPerUnit);
        const Seconds looped_single = now();
        journal += committed - start;
        same_syncs += looped - committed;
        sync_per_unit += (looped_single - looped) * kSampled;
        groups += syncs;
        expected += static_cast<std::int64_t>(units) * kPiecesPerUnit;
        state.SetIterationTime((committed - start).count());
    }
    if (bench.records() != expected) {
        state.SkipWithError("records are missing");
        return;
    }
    const auto all = static_cast<double>(units) * static_cast<double>(state.iterations());
    state.counters["units_per_s"] = all / journal.count();
    state.counters["units_per_sync"] = all / static_cast<double>(groups);
    state.counters["ratio"] = same_syncs / journal;
    state.counters["ratio_sync_per_unit"] = sync_per_unit / journal;
}
BENCHMARK(commit_units)->Arg(50)->UseManualTime()->Unit(benchmark::kMillisecond);

/// units_per_s   one-piece units as clients produce them, kInFlight under way
/// ratio         time of the loop with as many syncs of as many bytes / the journal's
void produce_units(benchmark::State& state) {
    const int units = static_cast<int>(state.range(0));
    Bench bench;
    bench.produce(2000);
    std::int64_t expected = bench.records();
    Seconds journal{0};
    Seconds same_syncs{0};
    std::uint64_t groups = 0;
    for (auto _ : state) {
        const JournalStats before = bench.stats();
        const Seconds start = now();
        bench.produce(units);
        const Seconds committed = now();
        const JournalStats after = bench.stats();
        const std::uint64_t syncs = after.wal_syncs - before.wal_syncs;
        bench.write_and_sync(syncs, (after.wal_bytes - before.wal_bytes) / syncs);
        journal += committed - start;
        same_syncs += now() - committed;
        groups += syncs;
        expected += units;
        state.SetIterationTime((committed - start).count());
    }
    if (bench.records() != expected) {
        state.SkipWithError("records are missing");
        return;
    }
    const auto all = static_cast<double>(units) * static_cast<double>(state.iterations());
    state.counters["units_per_s"] = all / journal.count();
    state.counters["units_per_sync"] = all / static_cast<double>(groups);
    state.counters["ratio"] = same_syncs / journal;
}
BENCHMARK(produce_units)->Arg(4000)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace millrace::log

BENCHMARK_MAIN();
