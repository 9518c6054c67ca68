// MemoryLog: a LogClient in memory, for tests of pipelines and SQL; its appends can be made to
// fail.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/io_executor.h"
#include "core/client/log_client.h"

namespace millrace {

/// Atomic units, epochs, offsets and waiting fetches as LogClient says. A unit is applied inside
/// append_atomic(); its completion runs later. Any thread.
class MemoryLog final : public LogClient {
  public:
    explicit MemoryLog(IoExecutor& io) : io_(io) {}

    Result<TopicInfo> create_topic(const TopicSpec& spec) override;
    Status delete_topic(const std::string& name) override;
    Result<TopicInfo> describe_topic(const std::string& name) override;
    std::vector<TopicInfo> list_topics() override;
    Status alter_config(const std::string& name, const TopicConfig& changes) override;
    void append_atomic(Unit unit, Completion<CommitPosition> done) override;
    FetchId fetch(const FetchRequest& request, Completion<FetchResult> done) override;
    void cancel_fetch(FetchId fetch) override;
    LogSnapshot snapshot() override;
    Result<Offset> log_start(TopicPartition partition) override;
    Result<Offset> offset_for_time(TopicPartition partition, Timestamp time) override;
    std::map<TopicPartition, OffsetCommit> committed_offsets(const std::string& group) override;
    std::uint64_t committed_epoch(const std::string& owner) override;

    /// The next `count` units that come with an epoch fail with `code`, and change nothing.
    void fail_appends(std::size_t count, ErrorCode code);
    /// Units with an epoch that were taken.
    [[nodiscard]] std::size_t commits() const;

  private:
    struct Batch {
        std::int64_t base = 0;
        std::int64_t last = 0;
        Buffer bytes;
    };
    struct Part {
        std::deque<Batch> batches;
        std::int64_t end = 0;
    };
    struct Topic {
        TopicInfo info;
        std::vector<Part> parts;
    };
    struct Waiting {
        FetchRequest request;
        Completion<FetchResult> done;
        TimerId timer = TimerId::kNone;
    };

    Part* find(TopicPartition partition);
    Result<CommitPosition> apply(Unit& unit);
    Result<FetchResult> read(const FetchRequest& request);
    void complete(std::uint64_t id);
    void complete_ready();

    IoExecutor& io_;
    mutable std::mutex mutex_;  // guards all below
    std::map<std::string, Topic> topics_;
    std::map<std::string, std::map<TopicPartition, OffsetCommit>> offsets_;
    std::map<std::string, std::uint64_t> epochs_;
    std::map<std::uint64_t, Waiting> waiting_;
    std::uint64_t next_fetch_ = 1;
    std::uint64_t next_topic_ = 1;
    std::uint64_t sequence_ = 0;
    std::size_t commits_ = 0;
    std::size_t failing_ = 0;
    ErrorCode failing_code_ = ErrorCode::kIo;
};

}  // namespace millrace
