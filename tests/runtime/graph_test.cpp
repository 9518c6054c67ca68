#include "runtime/graph.h"

#include "runtime/plan.h"
#include "tests/runtime/pipeline.h"

namespace millrace::runtime {
namespace {

using namespace test;

TEST(GraphCuts, SplitsAtShuffles) {
    const auto cut = fold_graph().sub_topologies();
    ASSERT_EQ(cut.size(), 2u);
    EXPECT_EQ(cut[0], (std::vector{NodeId{0}, NodeId{1}}));
    EXPECT_EQ(cut[1], (std::vector{NodeId{2}, NodeId{3}}));
    EXPECT_TRUE(fold_graph().validate().ok());
}

TEST(GraphCuts, ForwardEdgesTieSourcesTogether) {
    Graph graph;
    const NodeId left = graph.add_source(number_source("left"));
    const NodeId right = graph.add_source(number_source("right"));
    const NodeId joined = graph.add_operator(op<Fold>("join", true), {{left}, {right}});
    graph.add_sink(number_sink("out"), {joined});
    EXPECT_EQ(graph.sub_topologies().size(), 1u);
}

TEST(GraphCuts, DescribesItself) {
    EXPECT_EQ(fold_graph().describe(),
              "Sub-topology 0\n"
              "  0: stream topic numbers\n"
              "  1: rekey <- 0\n"
              "Sub-topology 1\n"
              "  2: fold <- 1 (shuffle)\n"
              "  3: sink topic folded <- 2\n");
}

TEST(GraphValidation, NamesWhatIsWrong) {
    Graph no_consumer;
    no_consumer.add_source(number_source("numbers"));
    EXPECT_EQ(no_consumer.validate().error().message,
              "node 0 has no consumer: stream topic numbers");

    Graph reads_sink;
    const NodeId source = reads_sink.add_source(number_source("numbers"));
    const NodeId sink = reads_sink.add_sink(number_sink("out"), {source});
    reads_sink.add_sink(number_sink("again"), {sink});
    EXPECT_EQ(reads_sink.validate().error().message, "node 2 reads from a sink: node 1");

    Graph not_there;
    not_there.add_sink(number_sink("out"), {NodeId{3}});
    EXPECT_EQ(not_there.validate().error().message,
              "node 0 has an input that is not there: node 3");
    EXPECT_FALSE(Graph().validate().ok());
}

TEST(JobPlan, RefusesTopicsThatAreNotCoPartitioned) {
    TestDriver driver;
    MemoryLog log(driver.io());
    make_topic(log, "left", 2);
    make_topic(log, "right", 3);
    make_topic(log, "out", 1);
    Graph graph;
    const NodeId left = graph.add_source(number_source("left"));
    const NodeId right = graph.add_source(number_source("right"));
    const NodeId joined = graph.add_operator(op<Fold>("join", true), {{left}, {right}});
    graph.add_sink(number_sink("out"), {joined});
    const auto job = Job::create(graph, options_of("Q"), driver.services(log));
    ASSERT_FALSE(job.ok());
    EXPECT_EQ(job.error().message,
              "topics that are joined must be co-partitioned: left has 2 partitions, right has 3");
}

TEST(JobPlan, NeedsItsTopics) {
    TestDriver driver;
    MemoryLog log(driver.io());
    const auto job = Job::create(fold_graph(), options_of("Q"), driver.services(log));
    ASSERT_FALSE(job.ok());
    EXPECT_EQ(job.error().code, ErrorCode::kUnknownTopic);
}

TEST(JobPlan, NamesChangelogsSafely) {
    EXPECT_EQ(changelog_topic("DELAY-1", 2), "_millrace_changelog_DELAY-1_2");
    EXPECT_EQ(changelog_topic("a b", 0), "_millrace_changelog_a.20b_0");
}

}  // namespace
}  // namespace millrace::runtime
