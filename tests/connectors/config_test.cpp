// Settings: files, classes, keys, and what is said about the wrong ones.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/registry.h"
#include "tests/connectors/pipeline.h"

namespace millrace::connectors {
namespace {

using testing::HasSubstr;
using Settings = std::map<std::string, std::string>;

std::string refusal(const Settings& settings) {
    Pipeline pipeline;
    const Status added = pipeline.add("flights", settings, false);
    return added.ok() ? "" : added.error().message;
}

TEST(ConnectorConfig, NamesTheNearestKey) {
    EXPECT_EQ(refusal({{"connector.class", "file-source"},
                       {"topic", "t"},
                       {"file", "x"},
                       {"formatt", "csv"}}),
              "flights.json: connector flights: unknown key \"formatt\": did you mean \"format\"?");
}

TEST(ConnectorConfig, ListsAllProblemsAtOnce) {
    const std::string message = refusal({{"connector.class", "file-source"},
                                         {"topic", "t"},
                                         {"format", "xml"},
                                         {"csv.header", "maybe"},
                                         {"batch.bytes", "0"}});
    EXPECT_THAT(message, HasSubstr("flights.json: connector flights: 4 problems"));
    EXPECT_THAT(message,
                HasSubstr("key \"format\" must be one of lines, ndjson, csv, not \"xml\""));
    EXPECT_THAT(message, HasSubstr("key \"csv.header\" must be true or false, not \"maybe\""));
    EXPECT_THAT(message, HasSubstr("key \"batch.bytes\" must be a whole number from 1 to"));
    EXPECT_THAT(message, HasSubstr("key \"file\" is missing: The file to read."));
}

TEST(ConnectorConfig, ChecksKeysThatHangTogether) {
    EXPECT_THAT(refusal({{"connector.class", "sqlite-sink"}, {"topics", "t"}}),
                HasSubstr("give one of \"connection.url\""));
    EXPECT_THAT(refusal({{"connector.class", "sqlite-sink"},
                         {"topics", "t"},
                         {"file", "x"},
                         {"insert.mode", "upsert"}}),
                HasSubstr("needs a primary key"));
    EXPECT_THAT(refusal({{"connector.class", "sqlite-sink"},
                         {"topics", "t"},
                         {"connection.url", "jdbc:postgresql://x"}}),
                HasSubstr("must be jdbc:sqlite:PATH"));
    EXPECT_THAT(refusal({{"connector.class", "file-source"},
                         {"topic", "t"},
                         {"file", "x"},
                         {"errors.deadletterqueue.topic.name", "bad"}}),
                HasSubstr("needs \"errors.tolerance\" all"));
}

TEST(ConnectorConfig, TakesKafkaConnectsClassNames) {
    for (const char* name : {"org.apache.kafka.connect.file.FileStreamSourceConnector",
                             "FileStreamSourceConnector",
                             "FileStreamSource",
                             "file-source"}) {
        const auto found = find_connector_class(name);
        ASSERT_TRUE(found.ok()) << name;
        EXPECT_EQ(found.value()->name, "file-source");
    }
    EXPECT_EQ(find_connector_class("FileStreamSink").value()->name, "file-sink");
    EXPECT_EQ(find_connector_class("io.confluent.connect.jdbc.JdbcSinkConnector").value()->name,
              "sqlite-sink");
    EXPECT_EQ(find_connector_class("DatagenConnector").value()->name, "datagen");
    EXPECT_THAT(find_connector_class("file-sorce").error().message,
                HasSubstr("did you mean \"file-source\"?"));
}

class ConnectorFiles : public testing::Test {
  protected:
    std::string error_of(const std::string& text) {
        pipeline_.write("c.json", text);
        const auto loaded = load();
        return loaded.ok() ? "" : loaded.error().message;
    }
    Result<std::vector<ConnectorSettings>> load() {
        return load_connectors(pipeline_.env(), pipeline_.path("c.json"), {{"data.dir", "/data"}});
    }

    Pipeline pipeline_;
};

TEST_F(ConnectorFiles, ReadsConnectsShapeAndAFlatOne) {
    pipeline_.write("c.json",
                    R"([{"name": "a", "config": {"file": "${data.dir}/x", "tasks.max": 1}},
                        {"name": "b", "table.name.format": "${topic}", "auto.create": true}])");
    const auto loaded = load();
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    ASSERT_EQ(loaded.value().size(), 2U);
    EXPECT_EQ(loaded.value()[0].config.at("file"), "/data/x");
    EXPECT_EQ(loaded.value()[0].config.at("tasks.max"), "1");
    EXPECT_EQ(loaded.value()[1].name, "b");
    EXPECT_EQ(loaded.value()[1].config.at("table.name.format"), "${topic}");
    EXPECT_EQ(loaded.value()[1].config.at("auto.create"), "true");
}

TEST_F(ConnectorFiles, NamesThePlaceOfAProblem) {
    EXPECT_THAT(error_of("{\"name\": \"a\",\n \"config\": {\"file\": \"${dta.dir}\"}}"),
                HasSubstr("c.json:2:"));
    EXPECT_THAT(error_of("{\"name\": \"a\",\n \"config\": {\"file\": \"${dta.dir}\"}}"),
                HasSubstr("unknown variable ${dta.dir}; there is: data.dir"));
    EXPECT_THAT(error_of("{\"config\": {}}"), HasSubstr("has no \"name\""));
    EXPECT_THAT(error_of("{\"name\": \"a\", \"config\": []}"), HasSubstr("must be an object"));
    EXPECT_THAT(error_of("{\"name\": }"), HasSubstr("c.json:1:"));
    EXPECT_THAT(error_of("[{\"name\": \"a\"}, {\"name\": \"a\"}]"), HasSubstr("too: a"));
}

// docs/connectors.md is generated; MILLRACE_WRITE_DOCS=1 writes it again.
TEST(DescribeConnectors, IsWhatTheDocumentationSays) {
    std::filesystem::path root = std::filesystem::current_path();
    while (!std::filesystem::exists(root / "cmake" / "layers.txt") && root.has_relative_path()) {
        root = root.parent_path();
    }
    const std::filesystem::path path = root / "docs" / "connectors.md";
    if (std::getenv("MILLRACE_WRITE_DOCS") != nullptr) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << describe_connectors();
    }
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), describe_connectors())
        << "run the test with MILLRACE_WRITE_DOCS=1 and commit docs/connectors.md";
}

}  // namespace
}  // namespace millrace::connectors
