#include "core/record/ids.h"

#include <gtest/gtest.h>

#include "core/record/partitioner.h"

namespace millrace {
namespace {

TEST(TopicId, PrintsAndParses) {
    SeededRandom random(7);
    const TopicId id = TopicId::make(random);
    EXPECT_EQ(TopicId::parse(id.to_string()).value(), id);
    EXPECT_EQ(id.to_string()[14], '4');
    EXPECT_FALSE(TopicId::parse("not-a-topic").ok());
    EXPECT_FALSE(TopicId::parse(id.to_string() + "0").ok());
}

// Expected values: Utils.murmur2 of Apache Kafka's Java client, as its own unit test publishes
// them.
TEST(Murmur2, AgreesWithKafkasJavaClient) {
    EXPECT_EQ(static_cast<std::int32_t>(murmur2(as_bytes("21"))), -973932308);
    EXPECT_EQ(static_cast<std::int32_t>(murmur2(as_bytes("foobar"))), -790332482);
    EXPECT_EQ(static_cast<std::int32_t>(murmur2(as_bytes("a-little-bit-long-string"))), -985981536);
    EXPECT_EQ(static_cast<std::int32_t>(murmur2(as_bytes("a-little-bit-longer-string"))),
              -1486304829);
    EXPECT_EQ(static_cast<std::int32_t>(
                  murmur2(as_bytes("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"))),
              -58897971);
    EXPECT_EQ(static_cast<std::int32_t>(murmur2(as_bytes("abc"))), 479470107);
}

}  // namespace
}  // namespace millrace
