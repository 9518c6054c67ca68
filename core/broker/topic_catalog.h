// TopicCatalog: topics, their ids, partition counts and configs, on disk and in memory.
// Bytes on disk: docs/formats/topic.md.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/broker/requests.h"

namespace millrace::broker {

/// DIR/topics/<uuid>/topic.json, one per topic, each replaced atomically. Any thread may call it;
/// changes of one topic must come one at a time.
class TopicCatalog {
  public:
    /// Reads all topics; finishes deletions and creations that a crash cut short.
    [[nodiscard]] static Result<std::unique_ptr<TopicCatalog>> open(Env& env,
                                                                    std::string data_directory);

    /// Durable when it returns.
    Status add(const TopicInfo& topic);
    Status set_config(const std::string& name, TopicConfig config);
    Status set_partitions(const std::string& name, std::int32_t partitions);
    /// Durable when it returns; the directory is moved aside and then removed.
    Status remove(const std::string& name);

    /// Null when there is none.
    [[nodiscard]] TopicPtr find(std::string_view name) const;
    [[nodiscard]] TopicPtr find(TopicId id) const;
    /// Sorted by name.
    [[nodiscard]] std::vector<TopicInfo> list() const;

  private:
    TopicCatalog(Env& env, std::string data_directory)
        : env_(env), data_directory_(std::move(data_directory)) {}
    [[nodiscard]] std::string directory_of(TopicId id) const;
    Status load(const std::string& directory);
    Status write(const TopicInfo& topic);
    Status replace(const TopicInfo& topic);
    void keep(TopicInfo topic);

    Env& env_;
    std::string data_directory_;
    mutable std::mutex mutex_;
    std::map<std::string, TopicPtr, std::less<>> topics_;  // guarded by mutex_
    std::unordered_map<TopicId, TopicPtr> by_id_;          // guarded by mutex_; the same topics
};

}  // namespace millrace::broker
