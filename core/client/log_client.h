// LogClient: the one door to a log for the runtime and the connectors: topics, fetch, atomic
// append, snapshot.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/io_executor.h"
#include "core/base/result.h"
#include "core/broker/requests.h"
#include "core/record/ids.h"

namespace millrace {

/// Any thread may call any method; none of them throws. Completions run on the Env's I/O executor.
class LogClient {
  public:
    virtual ~LogClient() = default;

    /// Durable when it returns. kTopicExists when the name is taken; kInvalidArgument for a bad
    /// name or config.
    virtual Result<TopicInfo> create_topic(const TopicSpec& spec) = 0;
    /// Removes the topic and its records. kUnknownTopic.
    virtual Status delete_topic(const std::string& name) = 0;
    [[nodiscard]] virtual Result<TopicInfo> describe_topic(const std::string& name) = 0;
    /// Sorted by name.
    [[nodiscard]] virtual std::vector<TopicInfo> list_topics() = 0;
    /// Sets these keys, keeps the others. An empty value removes the key.
    virtual Status alter_config(const std::string& name, const TopicConfig& changes) = 0;

    /// Appends all of the unit or nothing. When `done` gets a value everything is durable (as the
    /// topics' durability says) and visible. kNoSpace: nothing was kept, try again later. kFenced,
    /// kUnknownTopic, kCorruptBatch: do not.
    virtual void append_atomic(Unit unit, Completion<CommitPosition> done) = 0;

    /// Reads whole batches from `offset` on. kOffsetOutOfRange below log_start or above
    /// high_watermark.
    virtual FetchId fetch(const FetchRequest& request, Completion<FetchResult> done) = 0;
    /// Ends a waiting fetch early: it completes at once with what there is (maybe nothing).
    virtual void cancel_fetch(FetchId fetch) = 0;

    [[nodiscard]] virtual LogSnapshot snapshot() = 0;
    [[nodiscard]] virtual Result<Offset> log_start(TopicPartition partition) = 0;
    /// The first offset whose record's timestamp is at or after `time`; the high watermark when
    /// there is none.
    [[nodiscard]] virtual Result<Offset> offset_for_time(TopicPartition partition,
                                                         Timestamp time) = 0;

    /// Committed offsets of a group; empty when it never committed.
    [[nodiscard]] virtual std::map<TopicPartition, OffsetCommit> committed_offsets(
        const std::string& group) = 0;
    /// Last committed epoch of a unit owner; 0 when it never committed.
    [[nodiscard]] virtual std::uint64_t committed_epoch(const std::string& owner) = 0;
};

/// append_atomic and fetch for callers on a thread of their own: they wait. Never call them on the
/// I/O executor or on a runtime worker.
[[nodiscard]] Result<CommitPosition> append_and_wait(LogClient& log, Unit unit);
[[nodiscard]] Result<FetchResult> fetch_and_wait(LogClient& log, const FetchRequest& request);

}  // namespace millrace
