// OffsetStore: where each source stands, kept in the topic _millrace_connect_offsets.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/client/log_client.h"

namespace millrace::connectors {

/// Records as Kafka Connect's own: key ["name",{partition}], value {offset}; the last one of a key
/// counts, a null value resets. The runner puts them into the unit of the records that they speak
/// of, so they can never disagree. Any thread may call it.
class OffsetStore {
  public:
    static constexpr std::string_view kTopic = "_millrace_connect_offsets";

    explicit OffsetStore(LogClient& log) : log_(log) {}

    /// Makes the topic when it is not there.
    Status open();
    /// Partition 0 of the topic: where offset records go.
    [[nodiscard]] Result<TopicPartition> place() const;
    /// The offset committed last; nullopt when there is none. Reads the topic to its end.
    [[nodiscard]] Result<std::optional<Json>> load(const std::string& key) const;

    [[nodiscard]] static std::string key_of(const std::string& connector, const Json& partition);

  private:
    LogClient& log_;
    mutable std::mutex mutex_;
    std::optional<TopicPartition> place_;  // guarded by mutex_
};

}  // namespace millrace::connectors
