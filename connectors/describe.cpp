// describe_connectors(): the declared keys as Markdown.
#include "connectors/registry.h"
#include "connectors/worker.h"

namespace millrace::connectors {

namespace {

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) {
        text += (text.empty() ? "`" : ", `") + part + "`";
    }
    return text;
}

std::string type_text(const ConfigKey& key) {
    std::string text(name_of(key.type));
    if (key.type == KeyType::kEnum) {
        text = joined(key.allowed);
    }
    if (key.min && key.max) {
        return text + ", " + std::to_string(*key.min) + " to " + std::to_string(*key.max);
    }
    if (key.min) {
        return text + ", at least " + std::to_string(*key.min);
    }
    return key.max ? text + ", at most " + std::to_string(*key.max) : text;
}

std::string default_text(const ConfigKey& key) {
    if (key.is_required) {
        return "required";
    }
    return key.default_value && !key.default_value->empty() ? "`" + *key.default_value + "`" : "";
}

void append_keys(const std::vector<ConfigKey>& keys, std::string& text) {
    text += "| Key | Values | Default | Meaning |\n| --- | --- | --- | --- |\n";
    for (const ConfigKey& key : keys) {
        const std::string aliases =
            key.aliases.empty() ? "" : " Also spelled " + joined(key.aliases) + ".";
        text += "| `" + key.name + "` | " + type_text(key) + " | " + default_text(key) + " | " +
                key.documentation + aliases + " |\n";
    }
}

}  // namespace

std::string describe_connectors() {
    std::string text =
        "# Connectors\n\n"
        "This page is made from the tables that check the settings; "
        "`tests/connectors/config_test.cpp` keeps them equal.\n\n"
        "A connector is a JSON file in Kafka Connect's shape. `millrace run` takes the file, or a "
        "folder of them, with `--connectors`; `${data.dir}` in a value stands for the data "
        "directory.\n\n"
        "```json\n"
        "{\"name\": \"flights\", \"config\": {\"connector.class\": \"file-source\", \"file\": "
        "\"flights.ndjson\", \"format\": \"ndjson\", \"topic\": \"flights\"}}\n"
        "```\n\n"
        "What all promise: a source's records and its position become visible in one atomic step, "
        "a sink's rows and its positions too. Whatever moment the process dies at, nothing is lost "
        "and nothing comes twice. A bad record is never silent: it fails the connector, or it is "
        "skipped or dead-lettered, counted and reported with file, line and reason.\n\n"
        "## Keys of all connectors\n\n";
    append_keys(common_keys(), text);
    const std::size_t common = common_keys().size();
    for (const ConnectorClass& entry : connector_classes()) {
        const bool is_source = entry.kind == ConnectorKind::kSource;
        text += "\n## " + entry.name + (is_source ? " (source)" : " (sink)") + "\n\n";
        text += entry.summary + "\n\nAlso accepted as `connector.class`: " + joined(entry.aliases) +
                ", with or without the package and \"Connector\".\n\n";
        const std::vector<ConfigKey>& keys = entry.keys.keys();
        append_keys({keys.begin() + static_cast<std::ptrdiff_t>(common), keys.end()}, text);
    }
    return text;
}

}  // namespace millrace::connectors
