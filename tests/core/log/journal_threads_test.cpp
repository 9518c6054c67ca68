// The journal under real threads: every unit is answered, readers see whole units, callers that do
// the sequencer's work themselves never deadlock with the executor's workers.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "tests/core/log/journal_fixture.h"

namespace millrace::log {
namespace {

/// Counts down from another thread's callbacks.
class Countdown {
  public:
    explicit Countdown(int count) : left_(count) {}
    void arrive() {
        const std::lock_guard lock(mutex_);
        --left_;
        changed_.notify_all();
    }
    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return left_ == 0; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int left_;
};

class JournalThreads : public testing::TestWithParam<std::size_t> {
  protected:
    static constexpr int kPartitions = 4;

    static TopicPartition id(int number) {
        TopicPartition made;
        made.topic.bytes.fill(3);
        made.partition = Partition{number};
        return made;
    }
    void open() {
        JournalOptions options;
        options.file_bytes = 256 * 1024;
        options.inline_bytes_max = 1024;
        options.checkpoint_bytes = 512 * 1024;
        options.stamp_idle = std::chrono::milliseconds(1);
        auto opened = Journal::open(env, "/data", options, [](TopicPartition) { return true; });
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        journal = std::move(opened).value();
        for (int i = 0; i < kPartitions; ++i) {
            const auto& ends = journal->recovery().ends;
            const auto end = ends.find(id(i));
            PartitionLogOptions partition_options;
            partition_options.segment_bytes = 64 * 1024;
            partition_options.preallocate_bytes = 4096;
            partition_options.retention_bytes = std::uint64_t{1} << 20;
            logs.push_back(PartitionLog::open(env,
                                              PartitionLog::directory_of("/data", id(i)),
                                              partition_options,
                                              end == ends.end() ? LogPosition{} : end->second)
                               .value());
            journal->add_partition(id(i), logs.back().get());
        }
    }

    FaultFileSystem files;
    SystemClock clock;
    SeededRandom random{1};
    Logger logger{clock, LogLevel::kOff, [](LogLevel, std::string_view) {}};
    ThreadIoExecutor io{GetParam()};
    Env env{files, clock, random, io, logger};
    std::vector<std::unique_ptr<PartitionLog>> logs;
    std::unique_ptr<Journal> journal;
};

TEST_P(JournalThreads, AnswersEveryUnitAndShowsOnlyWholeOnes) {
    constexpr int kThreads = 3;
    constexpr int kUnits = 300;
    open();
    Countdown answers(kThreads * kUnits);
    std::atomic<bool> is_over = false;
    std::atomic<int> failed = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kUnits; ++i) {
                JournalUnit unit;
                for (int p = 0; p < kPartitions; ++p) {
                    const bool is_large = (i + t + p) % 7 == 0;
                    unit.pieces.push_back({logs[static_cast<std::size_t>(p)].get(),
                                           id(p),
                                           batch_of({std::string(is_large ? 2000 : 20, 'x')})});
                }
                unit.done = [&](const Result<UnitCommitted>& result) {
                    failed += result.ok() ? 0 : 1;
                    answers.arrive();
                };
                journal->submit(std::move(unit));
            }
        });
    }
    threads.emplace_back([&] {
        std::uint64_t last = 0;
        while (!is_over) {
            std::vector<std::int64_t> ends(kPartitions);
            const std::uint64_t sequence = journal->read_consistently([&] {
                for (std::size_t p = 0; p < kPartitions; ++p) {
                    ends[p] = logs[p]->high_watermark().value;
                }
            });
            EXPECT_GE(sequence, last);
            last = sequence;
            EXPECT_EQ(ends, std::vector<std::int64_t>(kPartitions, ends.front()));
        }
    });
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(journal->checkpoint().ok());
        EXPECT_TRUE(journal->apply_retention().ok());
        TopicPartition extra = id(0);
        extra.partition = Partition{99};
        journal->remove_partition(extra);
    }
    answers.wait();
    is_over = true;
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(logs[0]->high_watermark().value, kThreads * kUnits);
    EXPECT_TRUE(journal->close().ok());
    journal.reset();
    logs.clear();
    open();
    EXPECT_EQ(logs[3]->high_watermark().value, kThreads * kUnits);
}

TEST_P(JournalThreads, CanBeDroppedAtAnyMoment) {
    std::atomic<std::int64_t> acknowledged{0};
    for (int round = 0; round < 50; ++round) {
        open();
        // What was acknowledged is there, and every unit is in all partitions or in none.
        for (const auto& log : logs) {
            ASSERT_GE(log->high_watermark().value, acknowledged.load()) << round;
            ASSERT_EQ(log->high_watermark(), logs[0]->high_watermark()) << round;
        }
        Countdown answers(8);
        for (int i = 0; i < 8; ++i) {
            JournalUnit unit;
            for (int p = 0; p < kPartitions; ++p) {
                unit.pieces.push_back({logs[static_cast<std::size_t>(p)].get(),
                                       id(p),
                                       batch_of({std::string(i % 2 == 0 ? 2000 : 20, 'x')})});
            }
            unit.done = [&](const Result<UnitCommitted>& result) {
                acknowledged += result.ok() ? 1 : 0;
                EXPECT_TRUE(result.ok() || result.error().code == ErrorCode::kCancelled);
                answers.arrive();
            };
            journal->submit(std::move(unit));
        }
        journal.reset();
        answers.wait();  // each is answered, with its offsets or as cancelled
        logs.clear();
    }
}

INSTANTIATE_TEST_SUITE_P(Workers, JournalThreads, testing::Values(1, 3));

}  // namespace
}  // namespace millrace::log
