// SourceRunner: polls a source and writes its records, with the offset behind them, as one unit.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connectors/offset_store.h"
#include "connectors/runner.h"
#include "core/record/record_batch_builder.h"

namespace millrace::connectors {

class PendingAppend;

/// While one unit is on its way to the disk, the next batch is polled: at most two batches exist.
class SourceRunner final : public Runner {
  public:
    SourceRunner(const WorkerServices& services,
                 ConnectorSpec spec,
                 std::unique_ptr<SourceTask> task,
                 OffsetStore& offsets);

    [[nodiscard]] bool is_bounded() const override { return is_bounded_; }

  protected:
    Result<ConnectorState> run() override;

  private:
    /// A unit that was handed to the log, and what is needed to hand it over again.
    struct InFlight {
        SourceBatch batch;
        std::uint64_t epoch = 0;
        std::shared_ptr<PendingAppend> append = nullptr;
    };

    Status open();
    Result<ConnectorState> loop();
    Status commit(SourceBatch batch);
    /// Waits for the unit under way, tries it again where that may help.
    Status settle();
    void submit(Unit unit);
    Result<Unit> make_unit(const SourceBatch& batch, std::uint64_t epoch);
    Status add_record(const SourceRecord& record, Partition keyless);
    Status add_dead_letters(const SourceBatch& batch, Unit& unit);

    std::unique_ptr<SourceTask> task_;
    OffsetStore& offsets_;
    bool is_bounded_;
    std::string owner_;  // of units: "connector/<name>/0"

    TopicInfo topic_;
    std::optional<TopicInfo> dead_letters_;
    TopicPartition offsets_place_;
    std::string offset_key_;
    std::uint64_t epoch_ = 0;  // of the unit submitted last
    std::optional<InFlight> in_flight_;
    std::int32_t keyless_partition_ = 0;        // the next batch's records without a key go here
    std::vector<RecordBatchBuilder> builders_;  // by partition
    std::vector<Buffer> encoded_;               // by partition
};

}  // namespace millrace::connectors
