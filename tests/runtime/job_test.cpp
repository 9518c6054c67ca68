#include "runtime/job.h"

#include <condition_variable>
#include <mutex>
#include <set>

#include "tests/runtime/pipeline.h"

namespace millrace::runtime {
namespace {

using namespace test;

Topic expected_output(std::int32_t partitions, const std::vector<Fed>& input) {
    Bench bench(partitions);
    feed(bench.log, "numbers", input);
    Job& job = bench.start(options_of("Q"));
    bench.driver.run();
    EXPECT_EQ(job.state(), JobState::kRunning);
    return bench.output();
}

TEST(Job, ReadsShufflesFoldsAndCommits) {
    Bench bench(1);
    feed(bench.log, "numbers", numbers(1000, 1));
    Job& job = bench.start(options_of("Q"));
    bench.driver.run();
    const JobStats stats = job.stats();
    EXPECT_EQ(stats.state, JobState::kRunning) << (stats.error ? stats.error->message : "");
    EXPECT_EQ(stats.rows_in, 1000u);
    EXPECT_EQ(stats.rows_out, rows_of(bench.output()));
    EXPECT_GT(stats.rows_out, 800u);
    EXPECT_EQ(stats.commits, 1u);
    EXPECT_GT(stats.dropped.at("seventh"), 100u);
    EXPECT_EQ(stats.sources.at(0).committed, Offset{1000});
}

TEST(Job, CommitsByItsIntervalOnlyWhenSomethingHappened) {
    Bench bench(1);
    Job& job = bench.start(options_of("Q"));
    bench.driver.settle();
    bench.driver.advance(std::chrono::seconds(10));
    EXPECT_EQ(bench.log.commits(), 0u);
    feed(bench.log, "numbers", numbers(10, 1));
    bench.driver.settle();
    EXPECT_EQ(bench.log.commits(), 0u);
    bench.driver.advance(std::chrono::milliseconds(100));
    EXPECT_EQ(bench.log.commits(), 1u);
    EXPECT_EQ(job.stats().rows_in, 10u);
}

class OneOutput : public testing::TestWithParam<std::int32_t> {};

TEST_P(OneOutput, DoesNotDependOnBatchesOrStepOrder) {
    const std::vector<Fed> input = numbers(10'000, 7);
    const Topic expected = expected_output(GetParam(), input);
    EXPECT_GT(rows_of(expected), 8000u);
    for (const std::uint32_t batch : {1u, 7u, 4096u}) {
        for (const std::uint64_t seed : {0u, 11u, 12u}) {
            SCOPED_TRACE("batch " + std::to_string(batch) + " seed " + std::to_string(seed));
            Bench bench(GetParam(), seed);
            feed(bench.log, "numbers", input);
            JobOptions options = options_of("Q");
            options.batch_rows_max = batch;
            bench.start(options);
            bench.driver.run();
            ASSERT_EQ(bench.output(), expected);
        }
    }
}

/// Waits for a state without sleeping.
class StateWatch {
  public:
    std::function<void(JobState)> callback() {
        return [this](JobState state) {
            const std::lock_guard lock(mutex_);
            seen_.insert(state);
            changed_.notify_all();
        };
    }
    bool wait(JobState state) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(
            lock, std::chrono::seconds(60), [&] { return seen_.contains(state); });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<JobState> seen_;  // guarded by mutex_
};

TEST_P(OneOutput, DoesNotDependOnWorkers) {
    const std::vector<Fed> input = numbers(10'000, 7);
    const Topic expected = expected_output(GetParam(), input);
    for (const std::size_t workers : {1u, 4u}) {
        for (const std::uint32_t batch : {1u, 7u, 4096u}) {
            SCOPED_TRACE("workers " + std::to_string(workers) + " batch " + std::to_string(batch));
            MemoryFileSystem files;
            SystemClock clock;
            SeededRandom random(1);
            ThreadIoExecutor io(2);
            Logger logger(clock, LogLevel::kOff, [](LogLevel, std::string_view) {});
            Env env{files, clock, random, io, logger};
            MemoryLog log(io);
            const std::unique_ptr<Executor> executor = make_tbb_executor(workers);
            make_topic(log, "numbers", GetParam());
            make_topic(log, "folded", GetParam());
            feed(log, "numbers", input);
            JobOptions options = options_of("Q");
            options.batch_rows_max = batch;
            options.commit_interval = std::chrono::milliseconds(2);
            StateWatch watch;
            auto job = Job::create(
                fold_graph(), options, {env, log, *executor, nullptr, watch.callback()});
            ASSERT_TRUE(job.ok());
            job.value()->finish_at(ends_of(log, "numbers"));
            job.value()->start();
            ASSERT_TRUE(watch.wait(JobState::kFinished));
            ASSERT_EQ(read_topic(log, "folded", nullptr), expected);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Partitions, OneOutput, testing::Values(1, 3));

TEST(JobCrash, LeavesTheOutputOfAnUninterruptedRun) {
    const std::vector<Fed> input = numbers(10'000, 9);
    for (const std::int32_t partitions : {1, 3}) {
        const Topic expected = expected_output(partitions, input);
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            SCOPED_TRACE("partitions " + std::to_string(partitions) + " seed " +
                         std::to_string(seed));
            Bench bench(partitions, seed);
            SeededRandom random(seed);
            feed(bench.log, "numbers", input);
            std::size_t crashes = 0;
            for (bool is_idle = false; !is_idle;) {
                JobOptions options = options_of("Q");
                options.batch_rows_max = static_cast<std::uint32_t>(1 + random.below(40));
                Job& job = bench.start(options);
                const std::uint64_t steps = crashes < 40 ? 10 + random.below(50) : 1'000'000;
                for (std::uint64_t i = 0; i < steps && !is_idle; ++i) {
                    if (random.below(10) == 0) {
                        job.request_commit();
                    }
                    is_idle = !bench.driver.run_one();
                }
                if (is_idle) {
                    bench.driver.run();
                } else {
                    ++crashes;
                }
                ASSERT_NE(job.state(), JobState::kFailed) << job.stats().error->message;
                bench.driver.crash(&job);
            }
            EXPECT_GT(crashes, 2u);
            ASSERT_EQ(bench.output(), expected);
        }
    }
}

}  // namespace
}  // namespace millrace::runtime
