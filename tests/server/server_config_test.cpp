#include "server/server_config.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/memory_files.h"

namespace millrace::server {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class ServerConfigFile : public ::testing::Test {
  protected:
    Status read(std::string_view text) {
        EXPECT_TRUE(files.write_file_atomically("/c.json", as_bytes(text)).ok());
        return read_server_config(files, "/c.json", config);
    }
    std::string error_of(std::string_view text) {
        const Status read_it = read(text);
        EXPECT_FALSE(read_it.ok()) << text;
        return read_it.ok() ? "" : read_it.error().message;
    }

    MemoryFileSystem files;
    ServerConfig config;
};

TEST_F(ServerConfigFile, SetsWhatItNames) {
    ASSERT_TRUE(read(R"({"data": "/d", "kafka.listeners": ["127.0.0.1:1", "[::1]:2"],
        "kafka.advertised": "broker:9", "kafka.auto.create.topics": false,
        "kafka.default.partitions": 4, "kafka.node.id": 3, "network.threads": 2,
        "limits.connections.max": 10, "limits.connections.per.host.rate": 5,
        "limits.first.request.ms": 100, "limits.request.bytes.max": 1000000,
        "limits.request.memory.bytes": 33554432, "stop.grace.ms": 5, "recovery.after.crashes": 0,
        "log.level": "debug"})")
                    .ok());
    EXPECT_EQ(config.data_directory, "/d");
    ASSERT_EQ(config.kafka_listeners.size(), 2U);
    EXPECT_EQ(config.kafka_listeners[1].host, "::1");
    EXPECT_EQ(config.kafka_advertised->port, 9);
    EXPECT_EQ(config.auto_create_topics, false);
    EXPECT_EQ(config.default_partitions, 4);
    EXPECT_EQ(config.node_id, 3);
    EXPECT_EQ(config.network_threads, 2U);
    EXPECT_EQ(config.admission.connections_max, 10U);
    EXPECT_EQ(config.admission.per_origin_rate, 5);
    EXPECT_EQ(config.connection.first_request, milliseconds(100));
    EXPECT_EQ(config.connection.frame.known_max, 1'000'000U);
    EXPECT_EQ(config.request_memory_bytes, 33'554'432U);
    EXPECT_EQ(config.stop_grace, milliseconds(5));
    EXPECT_EQ(config.crashes_max, 0U);
    EXPECT_EQ(config.log_level, LogLevel::kDebug);
}

TEST_F(ServerConfigFile, TakesNestedObjectsForDots) {
    ASSERT_TRUE(read(R"({"kafka": {"listeners": ["127.0.0.1:1"], "default": {"partitions": 7}},
                         "log": {"level": "off"}})")
                    .ok());
    EXPECT_EQ(config.kafka_listeners.size(), 1U);
    EXPECT_EQ(config.default_partitions, 7);
    EXPECT_EQ(config.log_level, LogLevel::kOff);
    EXPECT_THAT(error_of(R"({"log.level": "off", "log": {"level": "off"}})"),
                HasSubstr("given twice: \"log.level\""));
}

TEST_F(ServerConfigFile, NamesPlaceKeyAndTheNearestOne) {
    const std::string error = error_of("{\n  \"kafka.listener\": [\"127.0.0.1:1\"]}");
    EXPECT_THAT(error, HasSubstr("/c.json:2:"));
    EXPECT_THAT(error, HasSubstr("unknown key: \"kafka.listener\""));
    EXPECT_THAT(error, HasSubstr("did you mean kafka.listeners?"));
    EXPECT_THAT(error_of(R"({"log": {"levle": "off"}})"), HasSubstr("did you mean log.level?"));
    EXPECT_THAT(error_of(R"({"kafka": 7})"), HasSubstr("unknown key: \"kafka\""));
}

TEST_F(ServerConfigFile, SaysWhatAKeyExpects) {
    EXPECT_THAT(error_of(R"({"data": 7})"), HasSubstr("\"data\" must be a directory's path"));
    EXPECT_THAT(error_of(R"({"kafka.listeners": "127.0.0.1:1"})"), HasSubstr("an array of texts"));
    EXPECT_THAT(error_of(R"({"kafka.listeners": []})"), HasSubstr("an array of texts"));
    EXPECT_THAT(error_of(R"({"kafka.listeners": [9092]})"), HasSubstr("an array of texts"));
    EXPECT_THAT(error_of(R"({"kafka.listeners": ["localhost"]})"), HasSubstr("no port"));
    EXPECT_THAT(error_of(R"({"kafka.auto.create.topics": "yes"})"), HasSubstr("true or false"));
    EXPECT_THAT(error_of(R"({"kafka.default.partitions": 0})"),
                HasSubstr("a whole number from 1 to 4000, not 0"));
    EXPECT_THAT(error_of(R"({"stop.grace.ms": 1.5})"), HasSubstr("a whole number"));
    EXPECT_THAT(error_of(R"({"log.level": "loud"})"), HasSubstr("\"warn\""));
    EXPECT_THAT(error_of("[]"), HasSubstr("expected an object"));
    EXPECT_THAT(error_of("{"), HasSubstr("/c.json:1:"));
}

TEST_F(ServerConfigFile, MustBeThere) {
    const Status status = read_server_config(files, "/none.json", config);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kNotFound);
    EXPECT_THAT(status.error().message, HasSubstr("/none.json"));
}

// docs/configuration.md is generated; MILLRACE_WRITE_DOCS=1 writes it again.
TEST(DescribeServerConfig, IsWhatTheDocumentationSays) {
    std::filesystem::path root = std::filesystem::current_path();
    while (!std::filesystem::exists(root / "cmake" / "layers.txt") && root.has_relative_path()) {
        root = root.parent_path();
    }
    const std::filesystem::path path = root / "docs" / "configuration.md";
    if (std::getenv("MILLRACE_WRITE_DOCS") != nullptr) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << describe_server_config();
    }
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), describe_server_config())
        << "run the test with MILLRACE_WRITE_DOCS=1 and commit docs/configuration.md";
}

}  // namespace
}  // namespace millrace::server
