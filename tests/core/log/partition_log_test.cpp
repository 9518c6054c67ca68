#include "core/log/partition_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/memory_files.h"
#include "core/record/record_batch_builder.h"
#include "core/record/record_cursor.h"
#include "tests/core/log/partition_fixture.h"

namespace millrace::log {
namespace {

TEST(PartitionLogAppend, GivesOffsetsAndServesThemOncePublished) {
    PartitionFixture partition;
    partition.open();
    EXPECT_EQ(partition.append({"a", "b"}), Offset{0});
    EXPECT_EQ(partition.append({"c"}), Offset{2});
    EXPECT_EQ(partition.log().high_watermark(), Offset{3});
    EXPECT_EQ(partition.read_all(Offset{0}), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(partition.read_all(Offset{1}), (std::vector<std::string>{"b", "c"}));
    EXPECT_EQ(partition.read_all(Offset{3}), std::vector<std::string>{});
}

}  // namespace
}  // namespace millrace::log
