#include "dsl/processing_log.h"

#include "tests/dsl/invariance_harness.h"

namespace millrace::dsl {
namespace {

// Regression: what was still waiting when the engine went was written later, to a log that was
// gone.
TEST(ProcessingLogEnd, HoldsEveryFailedRowWhenTheEngineIsGone) {
    constexpr std::size_t kRows = 9'000;  // below ProcessingLog::kWaitingMax
    const InputTopics input{
        {"s", std::vector<InputRecord>(kRows, {std::nullopt, "twelve", 1'000, 0})}};
    const Pipeline pipeline{"FailedRows",
                            {"CREATE STREAM s (a INT) WITH (KAFKA_TOPIC='s', "
                             "VALUE_FORMAT='DELIMITED'); CREATE STREAM out AS SELECT a FROM s;"},
                            {std::string(kProcessingLogTopic)}};
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        InvarianceHarness harness({.batch_rows = 4096, .seed = seed});
        harness.load(input);
        harness.run(pipeline);
        EXPECT_EQ(harness.records(pipeline.outputs[0]).at(0).size(), kRows) << "seed " << seed;
    }
}

}  // namespace
}  // namespace millrace::dsl
