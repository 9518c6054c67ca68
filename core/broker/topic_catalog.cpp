#include "core/broker/topic_catalog.h"

#include "core/base/json.h"
#include "core/broker/topic_config.h"

namespace millrace::broker {

namespace {

constexpr std::int64_t kTopicFormat = 1;
constexpr std::string_view kRemoved = ".removed";

Json to_json(const TopicInfo& topic) {
    Json config{Json::Object{}};
    for (const auto& [key, value] : topic.config) {
        config.set(key, value);
    }
    Json json;
    json.set("format", kTopicFormat);
    json.set("name", topic.name);
    json.set("id", topic.id.to_string());
    json.set("partitions", std::int64_t{topic.partitions});
    json.set("config", std::move(config));
    return json;
}

Result<TopicInfo> from_json(const Json& json, const std::string& path) {
    const auto damaged = [&path] {
        return Error{ErrorCode::kCorruptJournal,
                     "topic file is damaged, restore it from a copy: " + path};
    };
    const Json* format = json.find("format");
    if (format == nullptr || format->if_int() == nullptr) {
        return damaged();
    }
    if (*format->if_int() > kTopicFormat) {
        return Error{ErrorCode::kNewerFormat,
                     "topic file was written by a newer Millrace: " + path};
    }
    const Json* name = json.find("name");
    const Json* id = json.find("id");
    const Json* partitions = json.find("partitions");
    const Json* config = json.find("config");
    if (name == nullptr || name->if_string() == nullptr || id == nullptr ||
        id->if_string() == nullptr || partitions == nullptr || partitions->if_int() == nullptr ||
        config == nullptr || config->if_object() == nullptr) {
        return damaged();
    }
    TopicInfo topic;
    topic.name = *name->if_string();
    MILLRACE_TRY(topic.id, TopicId::parse(*id->if_string()));
    topic.partitions = static_cast<std::int32_t>(*partitions->if_int());
    topic.is_internal = is_internal_topic(topic.name);
    for (const auto& [key, value] : *config->if_object()) {
        if (value.if_string() == nullptr) {
            return damaged();
        }
        topic.config[key] = *value.if_string();
    }
    return topic;
}

}  // namespace

std::string TopicCatalog::directory_of(TopicId id) const {
    return join_path(join_path(data_directory_, "topics"), id.to_string());
}

Result<std::unique_ptr<TopicCatalog>> TopicCatalog::open(Env& env, std::string data_directory) {
    std::unique_ptr<TopicCatalog> catalog(
        new TopicCatalog(env, std::move(data_directory)));  // NOLINT: private
    const std::string root = join_path(catalog->data_directory_, "topics");
    MILLRACE_TRY_STATUS(env.files.create_directories(root));
    MILLRACE_TRY_STATUS(env.files.sync_directory(catalog->data_directory_));
    MILLRACE_TRY(const auto entries, env.files.list(root));
    for (const DirectoryEntry& entry : entries) {
        const std::string path = join_path(root, entry.name);
        if (std::string_view(entry.name).ends_with(kRemoved)) {
            MILLRACE_TRY_STATUS(env.files.remove_all(path));
        } else if (entry.is_directory) {
            MILLRACE_TRY_STATUS(catalog->load(path));
        }
    }
    return catalog;
}

Status TopicCatalog::load(const std::string& directory) {
    const std::string path = join_path(directory, "topic.json");
    if (!env_.files.exists(path)) {
        // A crash between making the directory and the file: the topic was never acknowledged.
        return env_.files.remove_all(directory);
    }
    MILLRACE_TRY(const Buffer text, env_.files.read_file(path));
    MILLRACE_TRY(const Json json, Json::parse(text.text(), path));
    MILLRACE_TRY(TopicInfo topic, from_json(json, path));
    keep(std::move(topic));
    return Ok{};
}

Status TopicCatalog::write(const TopicInfo& topic) {
    // All directories first: one sync of theirs then covers the file and every partition.
    const std::string directory = directory_of(topic.id);
    MILLRACE_TRY_STATUS(env_.files.create_directories(directory));
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
        MILLRACE_TRY_STATUS(env_.files.create_directories(join_path(directory, std::to_string(p))));
    }
    return env_.files.write_file_atomically(join_path(directory_of(topic.id), "topic.json"),
                                            as_bytes(to_json(topic).dump(2) + "\n"));
}

void TopicCatalog::keep(TopicInfo topic) {
    auto kept = std::make_shared<const TopicInfo>(std::move(topic));
    const std::lock_guard lock(mutex_);
    topics_[kept->name] = kept;
    by_id_[kept->id] = kept;
}

Status TopicCatalog::add(const TopicInfo& topic) {
    MILLRACE_TRY_STATUS(write(topic));
    MILLRACE_TRY_STATUS(env_.files.sync_directory(join_path(data_directory_, "topics")));
    keep(topic);
    return Ok{};
}

Status TopicCatalog::replace(const TopicInfo& topic) {
    MILLRACE_TRY_STATUS(write(topic));
    keep(topic);
    return Ok{};
}

Status TopicCatalog::set_config(const std::string& name, TopicConfig config) {
    const TopicPtr topic = find(name);
    if (!topic) {
        return Error{ErrorCode::kUnknownTopic, "unknown topic: " + name};
    }
    TopicInfo changed = *topic;
    changed.config = std::move(config);
    return replace(changed);
}

Status TopicCatalog::set_partitions(const std::string& name, std::int32_t partitions) {
    const TopicPtr topic = find(name);
    if (!topic) {
        return Error{ErrorCode::kUnknownTopic, "unknown topic: " + name};
    }
    TopicInfo changed = *topic;
    changed.partitions = partitions;
    return replace(changed);
}

Status TopicCatalog::remove(const std::string& name) {
    const TopicPtr topic = find(name);
    if (!topic) {
        return Error{ErrorCode::kUnknownTopic, "unknown topic: " + name};
    }
    const std::string aside = directory_of(topic->id) + std::string(kRemoved);
    MILLRACE_TRY_STATUS(env_.files.rename(directory_of(topic->id), aside));
    MILLRACE_TRY_STATUS(env_.files.sync_directory(join_path(data_directory_, "topics")));
    {
        const std::lock_guard lock(mutex_);
        topics_.erase(name);
        by_id_.erase(topic->id);
    }
    return env_.files.remove_all(aside);
}

TopicPtr TopicCatalog::find(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = topics_.find(name);
    return found == topics_.end() ? nullptr : found->second;
}

TopicPtr TopicCatalog::find(TopicId id) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
}

std::vector<TopicInfo> TopicCatalog::list() const {
    const std::lock_guard lock(mutex_);
    std::vector<TopicInfo> topics;
    topics.reserve(topics_.size());
    for (const auto& [name, topic] : topics_) {
        topics.push_back(*topic);
    }
    return topics;
}

}  // namespace millrace::broker
