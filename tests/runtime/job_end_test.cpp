// How jobs end, fail, stop and go on.
#include "tests/runtime/pipeline.h"

namespace millrace::runtime {
namespace {

using namespace test;

TEST(JobFinish, ClosesAtTheEndsAndGoesOnAtTheNextStart) {
    const std::vector<Fed> input = numbers(2000, 3);
    const std::vector<Fed> first(input.begin(), input.begin() + 1000);
    const std::vector<Fed> second(input.begin() + 1000, input.end());
    Bench whole(1);
    feed(whole.log, "numbers", input);
    whole.start(options_of("Q"));
    whole.driver.run();

    Bench bench(1);
    feed(bench.log, "numbers", first);
    Job& job = bench.start(options_of("Q"));
    job.finish_at(ends_of(bench.log, "numbers"));
    feed(bench.log, "numbers", second);  // behind the ends
    bench.driver.settle();
    EXPECT_EQ(job.state(), JobState::kFinished);
    EXPECT_EQ(job.stats().rows_in, 1000u);
    bench.start(options_of("Q"));
    bench.driver.run();
    EXPECT_EQ(bench.output(), whole.output());
}

TEST(JobFinish, CommitsNothingWhenNothingIsNew) {
    Bench bench(1);
    feed(bench.log, "numbers", numbers(100, 3));
    for (int run = 0; run < 3; ++run) {
        Job& job = bench.start(options_of("Q"));
        job.finish_at({});
        bench.driver.settle();
        EXPECT_EQ(job.state(), JobState::kFinished);
        bench.driver.crash(&job);
    }
    EXPECT_EQ(bench.log.commits(), 1u);
}

/// Passes rows on and says goodbye, once, at the end of input.
class Closer final : public Operator {
  public:
    Status process(std::span<const Run> runs, OpContext& context) override {
        for (const Run& run : runs) {
            context.emit(compact(run.rows, run.begin, run.end));
        }
        return Ok{};
    }
    Status on_time(TimeUpdate update, OpContext& context) override {
        RowBatch at;
        at.size = 1;
        ColumnBuilder time(TypeKind::kBigint);
        time.set(0, update.time.value);
        at.timestamps = time.finish(1);
        ColumnBuilder seq(TypeKind::kBigint);
        seq.set(0, std::int64_t{0});
        at.seq = seq.finish(1);
        RowMaker made;
        made.add("end", context.partition().value, at, 0);
        context.emit(made.finish());
        return Ok{};
    }
};

TEST(JobFinish, RunsEndOfInputThroughShufflesInOrder) {
    for (const std::uint64_t seed : {0u, 1u, 2u, 3u}) {
        Bench bench(3, seed);
        feed(bench.log, "numbers", numbers(300, 3));
        Graph graph;
        const NodeId source = graph.add_source(number_source("numbers"));
        const NodeId closer = graph.add_operator(op<Closer>("closer", false), {{source}});
        const NodeId folded =
            graph.add_operator(op<Fold>("fold", true), {{closer, EdgeKind::kShuffle}});
        graph.add_sink(number_sink("folded"), {folded});
        Job& job = bench.start(options_of("Q"), graph);
        job.finish_at(ends_of(bench.log, "numbers"));
        bench.driver.settle();
        ASSERT_EQ(job.state(), JobState::kFinished);
        const Topic output = bench.output();
        const auto& part =
            output[static_cast<std::size_t>(partition_of_key(as_bytes("end"), 3).value)];
        ASSERT_GE(part.size(), 3u);
        // Partitions 0, 1, 2 in that order: 0, 0*31+1, 1*31+2; the time is the largest read.
        const std::int64_t time = std::get<2>(part.back());
        EXPECT_EQ(part[part.size() - 3], Seen("end", "0", time));
        EXPECT_EQ(part[part.size() - 2], Seen("end", "1", time));
        EXPECT_EQ(part[part.size() - 1], Seen("end", "33", time));
    }
}

TEST(JobStop, CommitsAndContinues) {
    const std::vector<Fed> input = numbers(3000, 5);
    Bench whole(3);
    feed(whole.log, "numbers", input);
    whole.start(options_of("Q"));
    whole.driver.run();

    Bench bench(3, 8);
    feed(bench.log, "numbers", input);
    for (int run = 0; run < 4; ++run) {
        JobOptions options = options_of("Q");
        options.batch_rows_max = 16;
        Job& job = bench.start(options);
        for (int i = 0; i < 20; ++i) {
            bench.driver.run_one();
        }
        job.stop();
        bench.driver.settle();
        EXPECT_EQ(job.state(), JobState::kStopped);
        bench.driver.crash(&job);
    }
    EXPECT_GT(rows_of(bench.output()), 0u);
    EXPECT_LT(rows_of(bench.output()), rows_of(whole.output()));
    bench.start(options_of("Q"));
    bench.driver.run();
    EXPECT_EQ(bench.output(), whole.output());
}

TEST(JobNoSpace, KeepsTheUnitAndTriesAgain) {
    Bench bench(1);
    feed(bench.log, "numbers", numbers(100, 3));
    bench.log.fail_appends(3, ErrorCode::kNoSpace);
    Job& job = bench.start(options_of("Q"));
    bench.driver.run();
    EXPECT_EQ(bench.log.commits(), 0u);
    EXPECT_EQ(job.state(), JobState::kRunning);
    for (int i = 0; i < 3; ++i) {
        bench.driver.advance(std::chrono::seconds(1));
    }
    EXPECT_EQ(bench.log.commits(), 1u);
    EXPECT_EQ(job.stats().rows_out, rows_of(bench.output()));
    EXPECT_GT(job.stats().rows_out, 0u);
}

TEST(JobNoSpace, StopsWithoutTheCommitAndLosesNothing) {
    Bench bench(1);
    feed(bench.log, "numbers", numbers(100, 3));
    bench.log.fail_appends(1000, ErrorCode::kNoSpace);
    Job& job = bench.start(options_of("Q"));
    bench.driver.run();
    job.stop();
    bench.driver.settle();
    EXPECT_EQ(job.state(), JobState::kStopped);
    EXPECT_EQ(bench.log.commits(), 0u);
    bench.log.fail_appends(0, ErrorCode::kNoSpace);
    bench.start(options_of("Q"));
    bench.driver.run();
    EXPECT_GT(rows_of(bench.output()), 80u);
}

/// Fails at the row with this value.
class FailsAt final : public Operator {
  public:
    explicit FailsAt(std::int64_t value) : value_(value) {}
    Status process(std::span<const Run> runs, OpContext& context) override {
        for (const Run& run : runs) {
            for (std::uint32_t i = run.begin; i < run.end; ++i) {
                if (run.rows->columns[1]->at<std::int64_t>(run.rows->row(i)) == value_) {
                    return Error{ErrorCode::kEvaluation, "cannot stand 5"};
                }
            }
            context.emit(compact(run.rows, run.begin, run.end));
        }
        return Ok{};
    }

  private:
    std::int64_t value_;
};

TEST(JobFailure, FailsOnlyItsJobAndDropsWhatItStaged) {
    Bench bench(1);
    make_topic(bench.log, "other", 1);
    std::vector<Fed> input;
    for (std::int64_t i = 0; i < 10; ++i) {
        input.push_back({"k", bigint_bytes(i), i});
    }
    feed(bench.log, "numbers", input);
    Graph failing;
    const NodeId source = failing.add_source(number_source("numbers"));
    const NodeId fails =
        failing.add_operator(op<FailsAt>("check", false, std::int64_t{5}), {{source}});
    failing.add_sink(number_sink("other"), {fails});
    Job& bad = bench.start(options_of("BAD"), failing);
    Job& good = bench.start(options_of("GOOD"));
    bench.driver.run();
    EXPECT_EQ(bad.state(), JobState::kFailed);
    EXPECT_EQ(bad.stats().error->code, ErrorCode::kEvaluation);
    EXPECT_EQ(bad.stats().error->message, "check: cannot stand 5");
    EXPECT_EQ(rows_of(read_topic(bench.log, "other", &bench.driver.io())), 0u);
    EXPECT_EQ(good.state(), JobState::kRunning);
    EXPECT_GT(rows_of(bench.output()), 0u);
}

TEST(JobFailure, AnotherWriterFencesIt) {
    Bench bench(1);
    Job& first = bench.start(options_of("Q"));
    bench.driver.run();
    Job& second = bench.start(options_of("Q"));
    bench.driver.run();
    feed(bench.log, "numbers", numbers(10, 1));
    bench.driver.run();
    EXPECT_NE(first.state() == JobState::kFailed, second.state() == JobState::kFailed);
    EXPECT_EQ(bench.log.commits(), 1u);
    const Job& failed = first.state() == JobState::kFailed ? first : second;
    EXPECT_EQ(failed.stats().error->code, ErrorCode::kFenced);
}

TEST(JobFailure, NamesOperatorAndSettingAboveTheStateBudget) {
    Bench bench(1);
    feed(bench.log, "numbers", numbers(1000, 1));
    JobOptions options = options_of("Q");
    options.state_bytes_max = 500;
    Job& job = bench.start(options);
    bench.driver.run();
    ASSERT_EQ(job.state(), JobState::kFailed);
    EXPECT_EQ(job.stats().error->code, ErrorCode::kOutOfMemoryBudget);
    EXPECT_TRUE(job.stats().error->message.starts_with("fold: ")) << job.stats().error->message;
    EXPECT_NE(job.stats().error->message.find("state.memory.bytes"), std::string::npos);
}

TEST(JobFailure, RefusesStateOfAnotherPlan) {
    Bench bench(1);
    feed(bench.log, "numbers", numbers(10, 1));
    bench.driver.crash(&[&]() -> Job& {
        Job& job = bench.start(options_of("Q"));
        bench.driver.run();
        return job;
    }());
    JobOptions options = options_of("Q");
    options.plan_hash = 43;
    Job& job = bench.start(options);
    bench.driver.run();
    ASSERT_EQ(job.state(), JobState::kFailed);
    EXPECT_NE(job.stats().error->message.find("another plan"), std::string::npos);
}

TEST(JobDecoding, SkipsOrFailsAndSaysWhere) {
    for (const ErrorTolerance tolerance : {ErrorTolerance::kSkip, ErrorTolerance::kFail}) {
        Bench bench(1);
        feed(bench.log,
             "numbers",
             {{"a", bigint_bytes(1), 10},
              {"a", "bad", 20},
              {"a", bigint_bytes(2), -5},
              {"a", bigint_bytes(3), 30}});
        JobOptions options = options_of("Q");
        options.tolerance = tolerance;
        Job& job = bench.start(options);
        bench.driver.run();
        ASSERT_GE(bench.driver.errors().size(), 1u);
        const ProcessingError& error = bench.driver.errors()[0];
        EXPECT_EQ(error.query_id, "Q");
        EXPECT_EQ(error.topic, "numbers");
        EXPECT_EQ(error.partition, Partition{0});
        EXPECT_EQ(error.offset, Offset{1});
        EXPECT_EQ(error.step, "deserialize value");
        if (tolerance == ErrorTolerance::kFail) {
            EXPECT_EQ(job.state(), JobState::kFailed);
            EXPECT_EQ(job.stats().error->code, ErrorCode::kUndecodableRow);
            EXPECT_EQ(rows_of(bench.output()), 0u);
        } else {
            EXPECT_EQ(job.state(), JobState::kRunning);
            ASSERT_EQ(bench.driver.errors().size(), 2u);
            EXPECT_EQ(bench.driver.errors()[1].step, "extract timestamp");
            EXPECT_EQ(job.stats().row_errors, 2u);
            EXPECT_EQ(rows_of(bench.output()), 2u);
            EXPECT_EQ(job.stats().sources[0].committed, Offset{4});
        }
    }
}

TEST(JobClient, DeliversUntilTheLimitAndCommitsNothing) {
    Bench bench(1);
    feed(bench.log, "numbers", numbers(1000, 1));
    std::vector<std::int64_t> seen;
    Graph graph;
    const NodeId source = graph.add_source(number_source("numbers"));
    const NodeId folded = graph.add_operator(op<Fold>("fold", true), {{source}});
    graph.add_callback_sink(
        {number_schema(),
         [&seen](Partition, const RowBatchPtr& rows) {
             for (std::uint32_t i = 0; i < rows->selected(); ++i) {
                 seen.push_back(rows->columns[1]->at<std::int64_t>(rows->row(i)));
                 if (seen.size() == 5) {
                     return false;
                 }
             }
             return true;
         }},
        {folded});
    Job& job = bench.start(options_of("Q"), graph);
    bench.driver.run();
    EXPECT_EQ(job.state(), JobState::kFinished);
    EXPECT_EQ(seen.size(), 5u);
    EXPECT_EQ(bench.log.commits(), 0u);
    EXPECT_EQ(bench.log.list_topics().size(), 2u);
}

TEST(JobStart, AtTheEndIsRememberedEvenWithoutRows) {
    Bench bench(1);
    feed(bench.log, "numbers", numbers(100, 1));
    JobOptions options = options_of("Q");
    options.start_at_end = true;
    Job& job = bench.start(options);
    bench.driver.settle();
    bench.driver.crash(&job);
    feed(bench.log, "numbers", {{"a", bigint_bytes(1), 5}});
    bench.start(options);
    bench.driver.run();
    EXPECT_EQ(rows_of(bench.output()), 1u);
}

}  // namespace
}  // namespace millrace::runtime
