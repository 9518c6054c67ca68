#include "server/kafka/api_table.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

namespace millrace::server::kafka {
namespace {

using Range = std::pair<int, int>;

TEST(ApiTable, IsAscendingAndComplete) {
    int last = -1;
    for (const Api& api : api_table()) {
        const auto key = static_cast<std::int16_t>(api.key);
        EXPECT_GT(key, last) << api.name;
        last = key;
        EXPECT_LE(api.version_min, api.implemented_min) << api.name;
        EXPECT_LE(api.implemented_min, api.version_max) << api.name;
        EXPECT_NE(api.handle, nullptr) << api.name;
        EXPECT_EQ(find_api(api_table(), key), &api);
    }
    EXPECT_EQ(find_api(api_table(), 4711), nullptr);
    EXPECT_EQ(find_api(api_table(), -1), nullptr);
}

// Regression: clients choose what they do by these numbers, some by testing for one old version, so
// a row may not change by accident. Seen with librdkafka 2.0.2 and 2.15, kafkajs, @platformatic,
// kafka-python and the Java client.
TEST(ApiTable, AdvertisesWhatClientsWereSeenToNeed) {
    const std::map<int, Range> expected{
        {0, {0, 11}}, {1, {4, 16}}, {2, {1, 8}},  {3, {0, 12}}, {8, {2, 9}},  {9, {1, 9}},
        {10, {0, 4}}, {11, {0, 9}}, {12, {0, 4}}, {13, {0, 5}}, {14, {0, 5}}, {15, {0, 5}},
        {16, {0, 4}}, {18, {0, 4}}, {19, {2, 7}}, {20, {1, 6}}, {21, {0, 2}}, {22, {0, 4}},
        {23, {2, 4}}, {24, {0, 3}}, {25, {0, 3}}, {26, {0, 3}}, {28, {0, 3}}, {32, {1, 4}},
        {33, {0, 2}}, {35, {1, 4}}, {37, {0, 3}}, {42, {0, 2}}, {43, {0, 2}}, {44, {0, 1}},
        {47, {0, 0}}, {60, {0, 1}}, {61, {0, 0}}, {65, {0, 0}}, {66, {0, 1}}, {75, {0, 0}}};
    std::map<int, Range> advertised;
    for (const Api& api : api_table()) {
        advertised[static_cast<int>(api.key)] = {api.version_min, api.version_max};
    }
    EXPECT_EQ(advertised, expected);
}

// docs/kafka_api.md is generated; MILLRACE_WRITE_DOCS=1 writes it again.
TEST(ApiTable, IsWhatTheDocumentationSays) {
    std::filesystem::path root = std::filesystem::current_path();
    while (!std::filesystem::exists(root / "cmake" / "layers.txt") && root.has_relative_path()) {
        root = root.parent_path();
    }
    const std::filesystem::path path = root / "docs" / "kafka_api.md";
    if (std::getenv("MILLRACE_WRITE_DOCS") != nullptr) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << describe_apis();
    }
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), describe_apis())
        << "run the test with MILLRACE_WRITE_DOCS=1 and commit docs/kafka_api.md";
}

}  // namespace
}  // namespace millrace::server::kafka
