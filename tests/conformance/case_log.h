// CaseLog: the log that a case runs over: topics say the partitions they were declared with, but
// all records lie in one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/io_executor.h"
#include "core/client/log_client.h"
#include "core/client/memory_log.h"
#include "dsl/testing/stored_records.h"

namespace millrace::conformance {

using dsl::testing::StoredRecord;

/// All of it in one line, bytes that are not printable as \xNN.
[[nodiscard]] std::string line_of(const StoredRecord& record);

/// All of it in one line, bytes that are not printable as \xNN.
[[nodiscard]] std::string line_of(const StoredRecord& record);

/// See LogClient. Partition numbers given to it do not matter.
class CaseLog final : public LogClient {
  public:
    explicit CaseLog(IoExecutor& io) : memory_(io) {}

    /// From now on topics say that they have one partition: queries are run.
    void set_running() { is_running_ = true; }
    /// Makes the topic empty again.
    Status clear(const std::string& topic);
    Status append(const std::string& topic, const std::vector<StoredRecord>& records);
    [[nodiscard]] Result<std::vector<StoredRecord>> read(const std::string& topic);
    /// Records in the topic; 0 when it is not there.
    [[nodiscard]] std::int64_t size(const std::string& topic);

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

  private:
    [[nodiscard]] TopicInfo shown(TopicInfo info) const;

    MemoryLog memory_;
    std::map<std::string, std::int32_t> declared_;  // partitions by topic
    bool is_running_ = false;
};

}  // namespace millrace::conformance
