// The one order: tables first, timestamps, scripts, two inputs, timers, credit.
#include "tests/runtime/pipeline.h"

namespace millrace::runtime {
namespace {

using namespace test;

/// Port 1 keeps the latest value per key; port 0 looks it up (-1: not there).
class Lookup final : public Operator {
  public:
    Status process(std::span<const Run> runs, OpContext& context) override {
        for (const Run& run : runs) {
            RowMaker made;
            for (std::uint32_t i = run.begin; i < run.end; ++i) {
                const std::uint32_t row = run.rows->row(i);
                const std::string key(run.rows->columns[0]->text(row));
                if (run.port.value == 1) {
                    table_[key] = run.rows->columns[1]->at<std::int64_t>(row);
                } else {
                    made.add(key, table_.contains(key) ? table_[key] : -1, *run.rows, row);
                }
            }
            if (made.size() > 0) {
                context.emit(made.finish());
            }
        }
        return Ok{};
    }

  private:
    std::map<std::string, std::int64_t> table_;
};

class Pass final : public Operator {
  public:
    Status process(std::span<const Run> runs, OpContext& context) override {
        for (const Run& run : runs) {
            context.emit(compact(run.rows, run.begin, run.end));
        }
        return Ok{};
    }
};

/// Streams of 2001, a table of today.
struct LookupBench : Bench {
    LookupBench() : Bench(1) {
        make_topic(log, "table", 1);
        const NodeId stream = graph.add_source(number_source("numbers"));
        const NodeId table = graph.add_source(number_source("table", true));
        const NodeId joined = graph.add_operator(op<Lookup>("join", false), {{stream}, {table}});
        graph.add_sink(number_sink("folded"), {joined});
        feed(log, "numbers", {{"a", bigint_bytes(1), 100}, {"b", bigint_bytes(2), 200}});
    }
    void feed_table() {
        feed(log, "table", {{"a", bigint_bytes(10), 9000}, {"b", bigint_bytes(20), 9001}});
    }
    std::vector<std::string> values() {
        std::vector<std::string> found;
        const Topic topic = output();
        for (const Seen& seen : topic[0]) {
            found.push_back(std::get<1>(seen));
        }
        return found;
    }
    Graph graph;
};

TEST(TableBootstrap, ReadsTablesFirst) {
    LookupBench bench;
    bench.feed_table();
    bench.start(options_of("Q"), bench.graph);
    bench.driver.run();
    EXPECT_EQ(bench.values(), (std::vector<std::string>{"10", "20"}));
}

TEST(TableBootstrap, OffReadsByTimestamp) {
    LookupBench bench;
    bench.feed_table();
    JobOptions options = options_of("Q");
    options.table_bootstrap = TableBootstrap::kOff;
    bench.start(options, bench.graph);
    bench.driver.run();
    EXPECT_EQ(bench.values(), (std::vector<std::string>{"-1", "-1"}));
}

TEST(TableBootstrap, WaitsForAProducerThatIsStillAtWork) {
    LookupBench bench;
    auto job = Job::create(bench.graph, options_of("Q"), bench.driver.services(bench.log));
    ASSERT_TRUE(job.ok());
    job.value()->hold_bootstrap("table");
    job.value()->start();
    bench.driver.settle();
    EXPECT_EQ(job.value()->stats().rows_in, 0u);
    bench.feed_table();
    bench.driver.settle();
    EXPECT_EQ(job.value()->stats().rows_in, 2u);
    job.value()->set_bootstrap_ends("table", {Offset{2}});
    bench.driver.settle();
    job.value()->request_commit();
    bench.driver.settle();
    EXPECT_EQ(bench.values(), (std::vector<std::string>{"10", "20"}));
}

TEST(TableBootstrap, ALogEndOfTheFirstStartIsKept) {
    LookupBench bench;
    feed(bench.log, "table", {{"a", bigint_bytes(10), 9000}});
    Job& first = bench.start(options_of("Q"), bench.graph);
    bench.driver.run();
    bench.driver.crash(&first);
    const auto committed = bench.log.committed_offsets("Q");
    const TopicInfo table = bench.log.describe_topic("table").value();
    EXPECT_NE(committed.at({table.id, Partition{0}}).metadata.find("bootstrap=1"),
              std::string::npos);
    // Newer than the stream's next row: read by timestamp now, so not seen by it.
    feed(bench.log, "table", {{"b", bigint_bytes(20), 9000}});
    feed(bench.log, "numbers", {{"b", bigint_bytes(3), 300}});
    bench.start(options_of("Q"), bench.graph);
    bench.driver.run();
    EXPECT_EQ(bench.values(), (std::vector<std::string>{"10", "-1", "-1"}));
}

TEST(Interleave, FollowsTheScript) {
    Bench bench(1);
    make_topic(bench.log, "more", 1);
    feed(bench.log, "numbers", {{"x", bigint_bytes(1), 10}, {"x", bigint_bytes(2), 20}});
    feed(bench.log, "more", {{"x", bigint_bytes(3), 5}, {"x", bigint_bytes(4), 6}});
    Graph graph;
    const NodeId one = graph.add_source(number_source("numbers"));
    const NodeId two = graph.add_source(number_source("more"));
    const NodeId folded = graph.add_operator(op<Pass>("pass", false), {{one}, {two}});
    graph.add_sink(number_sink("folded"), {folded});
    JobOptions options = options_of("Q");
    options.interleave = InterleavePolicy::kScripted;
    options.script = {0, 1, 1, 0};
    bench.start(options, graph);
    bench.driver.run();
    std::vector<std::string> values;
    const Topic output = bench.output();
    for (const Seen& seen : output[0]) {
        values.push_back(std::get<1>(seen));
    }
    EXPECT_EQ(values, (std::vector<std::string>{"1", "3", "4", "2"}));
}

/// Two topics, both shuffled into one operator, and a third source joined by forward edges behind.
Graph two_input_graph() {
    Graph graph;
    const NodeId one = graph.add_source(number_source("numbers"));
    const NodeId two = graph.add_source(number_source("more"));
    const NodeId left = graph.add_operator(op<Rekey>("left", false, std::int64_t{11}), {{one}});
    const NodeId right = graph.add_operator(op<Rekey>("right", false, std::int64_t{7}), {{two}});
    const NodeId folded = graph.add_operator(
        op<Fold>("fold", true), {{left, EdgeKind::kShuffle}, {right, EdgeKind::kShuffle}});
    const NodeId again = graph.add_operator(op<Rekey>("again", false, std::int64_t{5}), {{folded}});
    const NodeId last = graph.add_operator(
        op<Fold>("last", true), {{again, EdgeKind::kShuffle}, {one, EdgeKind::kShuffle}});
    graph.add_sink(number_sink("folded"), {last});
    return graph;
}

struct TwoInputBench : Bench {
    TwoInputBench(std::int32_t partitions, std::uint64_t seed) : Bench(partitions, seed) {
        make_topic(log, "more", partitions);
        feed(log, "numbers", numbers(10'000, 21));
        feed(log, "more", numbers(10'000, 22));
    }
};

TEST(Interleave, TwoShuffledInputsHaveOneOrder) {
    for (const std::int32_t partitions : {1, 3}) {
        Topic expected;
        for (const std::uint32_t batch : {1024u, 1u, 7u, 4096u}) {
            for (const std::uint64_t seed : {1u, 2u}) {
                SCOPED_TRACE("partitions " + std::to_string(partitions) + " batch " +
                             std::to_string(batch) + " seed " + std::to_string(seed));
                TwoInputBench bench(partitions, seed);
                JobOptions options = options_of("Q");
                options.batch_rows_max = batch;
                Job& job = bench.start(options, two_input_graph());
                bench.driver.run();
                ASSERT_EQ(job.state(), JobState::kRunning);
                if (expected.empty()) {
                    expected = bench.output();
                    EXPECT_GT(rows_of(expected), 20'000u);
                }
                ASSERT_EQ(bench.output(), expected);
            }
        }
    }
}

TEST(Credit, BoundsWhatEdgesHold) {
    Topic expected;
    for (const std::size_t rows_max : {65'536u, 100u, 1u}) {
        TwoInputBench bench(3, 5);
        JobOptions options = options_of("Q");
        options.edge_rows_max = rows_max;
        options.batch_rows_max = 50;
        Job& job = bench.start(options, two_input_graph());
        bench.driver.run();
        if (expected.empty()) {
            expected = bench.output();
        }
        EXPECT_EQ(bench.output(), expected);
        if (rows_max < 1000) {
            // One pass may add what its inputs held, and each row can come out twice.
            EXPECT_LE(job.stats().edge_rows_peak, rows_max + 3 * 2 * (rows_max + 2 * 50) + 50);
        }
    }
}

TEST(Credit, CommitsEarlyWhenStagingIsFull) {
    Bench bench(3, 5);
    feed(bench.log, "numbers", numbers(10'000, 21));
    JobOptions options = options_of("Q");
    options.staged_bytes_max = 10'000;
    options.batch_rows_max = 50;
    Job& job = bench.start(options);
    bench.driver.settle();  // the clock stands still: no interval ends
    EXPECT_GT(job.stats().commits, 5u);
}

/// Every row sets a timer 100 ms later for its key; it counts rows per key and tells the count when
/// the timer fires.
class Reminder final : public Operator {
  public:
    Status process(std::span<const Run> runs, OpContext& context) override {
        for (const Run& run : runs) {
            for (std::uint32_t i = run.begin; i < run.end; ++i) {
                const std::uint32_t row = run.rows->row(i);
                const std::string_view key = run.rows->columns[0]->text(row);
                ++counts_[std::string(key)];
                dirty_.insert(std::string(key));
                context.set_timer(Timestamp{run.rows->timestamp(row).value + 100}, as_bytes(key));
            }
        }
        return Ok{};
    }
    Status on_timer(std::span<const Timer> due, OpContext& context) override {
        RowMaker made;
        for (const Timer& timer : due) {
            RowBatch at;
            at.size = 1;
            ColumnBuilder time(TypeKind::kBigint);
            time.set(0, timer.time.value);
            at.timestamps = time.finish(1);
            ColumnBuilder seq(TypeKind::kBigint);
            seq.set(0, std::int64_t{0});
            at.seq = seq.finish(1);
            made.add(timer.key.text(), counts_[std::string(timer.key.text())], at, 0);
        }
        context.emit(made.finish());
        return Ok{};
    }
    Status on_barrier(Epoch, OpContext& context) override {
        for (const std::string& key : dirty_) {
            context.stage_delta(StoreId{0}, as_bytes(key), as_bytes(bigint_bytes(counts_[key])));
        }
        dirty_.clear();
        return Ok{};
    }
    Status restore(StoreId, ByteView key, ByteView value, OpContext&) override {
        counts_[std::string(as_text(key))] = load_be<std::int64_t>(value.data());
        return Ok{};
    }

  private:
    std::map<std::string, std::int64_t> counts_;
    std::set<std::string> dirty_;
};

TEST(Timers, FireAtTheSameRowsWhateverTheBatchesAndCrashes) {
    Graph graph;
    const NodeId source = graph.add_source(number_source("numbers"));
    OperatorSpec reminder = op<Reminder>("remind", true);
    reminder.uses_timers = true;
    const NodeId reminds = graph.add_operator(reminder, {{source}});
    graph.add_sink(number_sink("folded"), {reminds});
    Topic expected;
    for (const std::uint32_t batch : {1024u, 1u, 7u}) {
        for (const std::uint64_t seed : {1u, 2u}) {
            Bench bench(1, seed);
            feed(bench.log, "numbers", numbers(2000, 4));
            JobOptions options = options_of("Q");
            options.batch_rows_max = batch;
            if (batch == 7) {  // crashes on the way
                for (int run = 0; run < 20; ++run) {
                    Job& job = bench.start(options, graph);
                    for (int i = 0; i < 30; ++i) {
                        bench.driver.run_one();
                        if (i % 5 == 0) {
                            job.request_commit();
                        }
                    }
                    bench.driver.crash(&job);
                }
                EXPECT_GT(bench.log.commits(), 3u);
            }
            bench.start(options, graph);
            bench.driver.run();
            if (expected.empty()) {
                expected = bench.output();
                EXPECT_GT(rows_of(expected), 1000u);
            }
            ASSERT_EQ(bench.output(), expected) << "batch " << batch << " seed " << seed;
        }
    }
}

}  // namespace
}  // namespace millrace::runtime
