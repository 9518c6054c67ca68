// load_connectors(): connector JSON files -> settings.
#include <algorithm>

#include "connectors/worker.h"
#include "core/base/json.h"

namespace millrace::connectors {

namespace {

using Variables = std::map<std::string, std::string>;

std::string place(const std::string& path, const Json& at) {
    return path + ":" + std::to_string(at.line()) + ":" + std::to_string(at.column());
}

Error bad_config(std::string message) {
    return {ErrorCode::kConfigInvalid, std::move(message)};
}

/// `${topic}` is not ours: the SQLite sink replaces it by the topic's name.
bool is_for_connector(std::string_view name) {
    return name == "topic";
}

Result<std::string> substituted(const std::string& text,
                                const Variables& variables,
                                const std::string& where) {
    std::string result;
    std::size_t done = 0;
    for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", done)) {
        const std::size_t end = text.find('}', at);
        if (end == std::string::npos) {
            return bad_config(where + ": \"${\" without its \"}\": " + text);
        }
        const std::string name = text.substr(at + 2, end - at - 2);
        result += text.substr(done, at - done);
        done = end + 1;
        if (is_for_connector(name)) {
            result += text.substr(at, done - at);
            continue;
        }
        const auto found = variables.find(name);
        if (found == variables.end()) {
            std::string known;
            for (const auto& [other, value] : variables) {
                known += (known.empty() ? "" : ", ") + other;
            }
            return bad_config(where + ": unknown variable ${" + name +
                              "}; there is: " + (known.empty() ? "none" : known));
        }
        result += found->second;
    }
    return result + text.substr(done);
}

Result<std::string> value_text(const std::string& path,
                               const std::string& name,
                               const Json& value) {
    if (const std::string* text = value.if_string()) {
        return *text;
    }
    if (value.if_int() != nullptr || value.if_double() != nullptr || value.if_bool() != nullptr) {
        return value.dump();
    }
    return bad_config(place(path, value) + ": \"" + name +
                      "\" must be a text, a number or true or false, not " +
                      std::string(value.type_name()));
}

Result<ConnectorSettings> connector_of(const std::string& path,
                                       const Json& json,
                                       const Variables& variables) {
    const Json::Object* members = json.if_object();
    if (members == nullptr) {
        return bad_config(place(path, json) + ": expected a connector (an object), not " +
                          std::string(json.type_name()));
    }
    const Json* nested = json.find("config");
    if (nested != nullptr && nested->if_object() == nullptr) {
        return bad_config(place(path, *nested) + ": \"config\" must be an object, not " +
                          std::string(nested->type_name()));
    }
    ConnectorSettings settings;
    settings.origin = path;
    if (nested != nullptr) {
        for (const auto& [name, value] : *members) {
            if (name != "name" && name != "config") {
                return bad_config(place(path, value) + ": unknown member \"" + name +
                                  "\" beside \"name\" and \"config\": does it belong into "
                                  "\"config\"?");
            }
        }
    }
    for (const auto& [name, value] : nested != nullptr ? *nested->if_object() : *members) {
        MILLRACE_TRY(const std::string text, value_text(path, name, value));
        MILLRACE_TRY(settings.config[name], substituted(text, variables, place(path, value)));
    }
    const Json* name = json.find("name");
    if (name != nullptr && name->if_string() == nullptr) {
        return bad_config(place(path, *name) + ": \"name\" must be a text, not " +
                          std::string(name->type_name()));
    }
    settings.name = name != nullptr ? *name->if_string() : settings.config["name"];
    if (settings.name.empty()) {
        return bad_config(place(path, json) + ": the connector has no \"name\"");
    }
    if (nested != nullptr) {
        const auto inner = settings.config.find("name");
        if (inner != settings.config.end() && inner->second != settings.name) {
            return bad_config(place(path, json) + ": two different names: \"" + settings.name +
                              "\" and \"" + inner->second + "\"");
        }
    }
    settings.config["name"] = settings.name;
    return settings;
}

Status load_file(Env& env,
                 const std::string& path,
                 const Variables& variables,
                 std::vector<ConnectorSettings>& all) {
    Result<Buffer> content = env.files.read_file(path);
    if (!content.ok()) {
        return content.error().with_context("cannot read the connector settings " + path);
    }
    Result<Json> json = Json::parse(content.value().text(), path);
    if (!json.ok()) {
        return bad_config(json.error().message);
    }
    if (const Json::Array* list = json.value().if_array()) {
        for (const Json& entry : *list) {
            MILLRACE_TRY(ConnectorSettings settings, connector_of(path, entry, variables));
            all.push_back(std::move(settings));
        }
        return Ok{};
    }
    MILLRACE_TRY(ConnectorSettings settings, connector_of(path, json.value(), variables));
    all.push_back(std::move(settings));
    return Ok{};
}

}  // namespace

Result<std::vector<ConnectorSettings>> load_connectors(Env& env,
                                                       const std::string& path,
                                                       const Variables& variables) {
    std::vector<ConnectorSettings> all;
    const Result<FileInfo> info = env.files.info(path);
    if (!info.ok()) {
        return info.error().with_context("cannot read the connector settings " + path);
    }
    if (!info.value().is_directory) {
        MILLRACE_TRY_STATUS(load_file(env, path, variables, all));
    } else {
        MILLRACE_TRY(const std::vector<DirectoryEntry> entries, env.files.list(path));
        for (const DirectoryEntry& entry : entries) {
            if (!entry.is_directory && entry.name.ends_with(".json")) {
                MILLRACE_TRY_STATUS(load_file(env, join_path(path, entry.name), variables, all));
            }
        }
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (all[i].name == all[j].name) {
                return bad_config(all[i].origin + ": a connector of that name is in " +
                                  all[j].origin + " too: " + all[i].name);
            }
        }
    }
    return all;
}

}  // namespace millrace::connectors
