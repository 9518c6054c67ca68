#include "connectors/registry.h"

#include "connectors/datagen/datagen_source.h"
#include "connectors/file/file_sink.h"
#include "connectors/file/file_source.h"
#include "connectors/sqlite/sqlite_sink.h"
#include "core/base/nearest_name.h"

namespace millrace::connectors {

namespace {

std::string lower_text(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

std::vector<ConfigKey> source_keys() {
    return {
        {.name = "topic",
         .type = KeyType::kString,
         .is_required = true,
         .aliases = {"kafka.topic"},
         .group = "Common",
         .documentation = "The topic to write; it is made when it is not there."},
        {.name = "topic.creation.default.partitions",
         .type = KeyType::kInt,
         .default_value = "1",
         .min = 1,
         .max = 10'000,
         .group = "Common",
         .documentation = "Partitions of a topic that is made."},
        {.name = "topic.creation.default.replication.factor",
         .type = KeyType::kInt,
         .default_value = "1",
         .min = -1,
         .max = 1,
         .group = "Common",
         .documentation = "Accepted for Kafka Connect's sake: there is one copy."},
    };
}

std::vector<ConfigKey> sink_keys() {
    return {
        {.name = "topics",
         .type = KeyType::kList,
         .is_required = true,
         .aliases = {"topic"},
         .group = "Common",
         .documentation = "The topics to read."},
    };
}

template <class Task>
ConnectorClass source_class(std::string name,
                            std::vector<std::string> aliases,
                            std::string summary) {
    ConnectorClass result{.name = std::move(name),
                          .aliases = std::move(aliases),
                          .kind = ConnectorKind::kSource,
                          .summary = std::move(summary)};
    result.keys.add(common_keys());
    result.keys.add(source_keys());
    result.keys.add(Task::keys());
    result.check = Task::check;
    result.make_source = [](const Config& config) -> std::unique_ptr<SourceTask> {
        return std::make_unique<Task>(config);
    };
    return result;
}

template <class Task>
ConnectorClass sink_class(std::string name, std::vector<std::string> aliases, std::string summary) {
    ConnectorClass result{.name = std::move(name),
                          .aliases = std::move(aliases),
                          .kind = ConnectorKind::kSink,
                          .summary = std::move(summary)};
    result.keys.add(common_keys());
    result.keys.add(sink_keys());
    result.keys.add(Task::keys());
    result.check = Task::check;
    result.make_sink = [](const Config& config) -> std::unique_ptr<SinkTask> {
        return std::make_unique<Task>(config);
    };
    return result;
}

bool is_named(const ConnectorClass& candidate, const std::string& lower) {
    if (candidate.name == lower) {
        return true;
    }
    for (const std::string& alias : candidate.aliases) {
        const std::string full = lower_text(alias);
        std::string simple = full.substr(full.rfind('.') + 1);
        if (lower == full || lower == simple) {
            return true;
        }
        constexpr std::string_view kSuffix = "connector";
        if (simple.ends_with(kSuffix)) {
            simple.resize(simple.size() - kSuffix.size());
            if (lower == simple) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace

const std::vector<ConnectorClass>& connector_classes() {
    static const std::vector<ConnectorClass> kClasses = {
        source_class<FileSource>(
            "file-source",
            {"org.apache.kafka.connect.file.FileStreamSourceConnector"},
            "Reads the lines, JSON objects or CSV records of a file into a topic, exactly once, "
            "over rotation, truncation and restarts."),
        sink_class<FileSink>(
            "file-sink",
            {"org.apache.kafka.connect.file.FileStreamSinkConnector"},
            "Writes the records of topics to the end of a file, exactly once: after a crash the "
            "file is cut back to its committed length."),
        sink_class<SqliteSink>(
            "sqlite-sink",
            {"io.confluent.connect.jdbc.JdbcSinkConnector",
             "io.aiven.connect.jdbc.JdbcSinkConnector"},
            "Writes the records of topics into tables of a SQLite file, exactly once: rows and "
            "positions change in one transaction."),
        source_class<DatagenSource>(
            "datagen",
            {"io.confluent.kafka.connect.datagen.DatagenConnector"},
            "Makes sample records, the same for the same seed; a restart goes on where it "
            "stopped."),
    };
    return kClasses;
}

Result<const ConnectorClass*> find_connector_class(std::string_view name) {
    const std::string lower = lower_text(name);
    std::vector<std::string> names;
    std::string list;
    for (const ConnectorClass& candidate : connector_classes()) {
        if (is_named(candidate, lower)) {
            return &candidate;
        }
        names.push_back(candidate.name);
        list += (list.empty() ? "" : ", ") + candidate.name;
    }
    const std::optional<std::string> near = nearest_name(name, names);
    return Error{ErrorCode::kConfigInvalid,
                 "unknown connector.class \"" + std::string(name) + "\"" +
                     (near ? ", did you mean \"" + *near + "\"?" : "") + " There is: " + list};
}

}  // namespace millrace::connectors
