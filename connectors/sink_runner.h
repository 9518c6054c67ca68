// SinkRunner: reads topics and hands them to a sink, from where the sink's own store says.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connectors/row_reader.h"
#include "connectors/runner.h"

namespace millrace::connectors {

/// One fetch per partition is under way at any time: at most a page per partition is held.
class SinkRunner final : public Runner {
  public:
    SinkRunner(const WorkerServices& services, ConnectorSpec spec, std::unique_ptr<SinkTask> task);

    void finish_topic(const std::string& topic, const std::vector<Offset>& ends) override;

  protected:
    Result<ConnectorState> run() override;

  private:
    /// Where a fetch's completion leaves its answer.
    struct Slot {
        std::mutex mutex;
        std::optional<Result<FetchResult>> result;  // guarded by mutex
    };
    /// A bad record that waits for the commit to be dead-lettered.
    struct DeadLetter {
        std::optional<Buffer> key;
        std::optional<Buffer> value;
        Offset offset;
        std::string reason;
    };
    struct Reader {
        const SinkTopic* topic = nullptr;
        TopicPartition place;
        Offset next;      // first offset not put yet
        Offset prefetch;  // first offset not fetched yet
        Offset high_watermark;
        std::shared_ptr<Slot> slot;  // null: no fetch under way
        FetchId fetch = FetchId::kNone;
        std::vector<DeadLetter> dead_letters;
        Offset dead_lettered;  // bad records below it are in the dead letter topic already
    };

    Result<bool> wait_for_topics();
    Result<ConnectorState> session();
    Result<ConnectorState> loop();
    Status open_readers(const std::vector<SinkPosition>& positions);
    void close_readers();
    void fetch(Reader& reader);
    [[nodiscard]] std::optional<Result<FetchResult>> take_result(Reader& reader);
    Status take_batches(Reader& reader, Result<FetchResult> fetched);
    Status put_batches(Reader& reader, const FetchResult& fetched);
    Status put_records(Reader& reader, const PagePtr& pin, Offset behind);
    Status reject(Reader& reader, const SinkBatch& batch, std::uint32_t row, const Error& error);
    Status commit();
    Status write_dead_letters();
    [[nodiscard]] bool has_reached_ends();
    void report_lag();
    [[nodiscard]] std::optional<std::chrono::milliseconds> until_commit() const;

    std::unique_ptr<SinkTask> task_;
    std::vector<SinkTopic> topics_;  // in the order of the settings
    std::map<std::string, RowReader> row_readers_;
    std::vector<Reader> readers_;
    std::optional<TopicInfo> dead_letters_;
    std::string dead_letter_group_;

    RecordColumns records_;  // of the current batches
    std::size_t uncommitted_ = 0;
    std::uint64_t uncommitted_bytes_ = 0;
    std::chrono::nanoseconds first_uncommitted_{0};

    std::mutex ends_mutex_;
    std::map<std::string, std::vector<Offset>> ends_;  // guarded by ends_mutex_
};

}  // namespace millrace::connectors
