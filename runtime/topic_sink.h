// TopicSink: encodes rows for a topic and keeps them until the epoch is committed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/client/log_client.h"
#include "core/record/record_batch_builder.h"
#include "core/row/serde.h"
#include "runtime/component.h"
#include "runtime/operator.h"

namespace millrace::runtime {

struct TaskStaging;

/// The headers of one staged row: a row of a column of record_headers_type().
struct StagedHeaders {
    std::size_t row = 0;
    ColumnPtr column;
    std::uint32_t at = 0;
};

/// Encoded rows of one sink in one task, in order, for all partitions of the topic.
struct StagedOutput {
    std::size_t node = 0;
    Partition task;
    const TopicInfo* topic = nullptr;
    EncodedRows keys;
    EncodedRows values;
    std::vector<std::int64_t> timestamps;
    std::vector<std::uint64_t> seqs;
    std::vector<std::int32_t> partitions;
    std::vector<StagedHeaders> headers;  // of the rows that have any, ascending
    std::size_t header_bytes = 0;

    [[nodiscard]] std::size_t bytes() const {
        return keys.bytes.size() + values.bytes.size() + seqs.size() * 32 + header_bytes;
    }
};

/// One sink node in one task; on the task's strand.
class TopicSink {
  public:
    [[nodiscard]] static Result<std::unique_ptr<TopicSink>> make(Component& component,
                                                                 std::size_t node,
                                                                 Partition task);
    /// Rows that the timestamp extractor refuses go to `errors` and are left out.
    Status write(const Run& run, std::vector<RowError>& errors);
    /// What was written since the last call.
    [[nodiscard]] StagedOutput take();

  private:
    TopicSink(Component& component, std::size_t node, Partition task);

    Component& component_;
    const SinkSpec* spec_;
    std::unique_ptr<Encoder> key_encoder_;
    std::unique_ptr<Encoder> value_encoder_;
    StagedOutput staged_;
    void stage_headers(const RowBatch& batch, std::uint32_t row);

    EncodedRows plain_keys_;           // scratch
    std::vector<HeaderView> headers_;  // scratch
};

/// Record batches per topic partition. Where several tasks or sinks write one topic, rows are
/// merged by (seq, node, task): the order that they have does not depend on where epochs end.
[[nodiscard]] Result<std::vector<Piece>> encode_outputs(const std::vector<TaskStaging>& staged);

/// Encodes records into batches of a bounded size, back to back.
class BatchWriter {
  public:
    Status add(std::optional<ByteView> key,
               std::optional<ByteView> value,
               Timestamp timestamp,
               std::span<const HeaderView> headers = {});
    /// What was added since the last call; empty when nothing was.
    [[nodiscard]] Result<Buffer> finish();

  private:
    Status close_batch();
    RecordBatchBuilder builder_;
    Buffer batches_;
};

}  // namespace millrace::runtime
