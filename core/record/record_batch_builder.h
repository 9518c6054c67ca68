// RecordBatchBuilder: records -> one encoded v2 batch. Bytes: docs/formats/record_batch.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/record/compression.h"
#include "core/record/ids.h"
#include "core/record/record.h"

namespace millrace {

/// Header fields that ordinary writers leave alone.
struct RecordBatchFields {
    std::int32_t partition_leader_epoch = -1;
    std::int64_t producer_id = -1;  // -1: not idempotent
    std::int16_t producer_epoch = -1;
    std::int32_t base_sequence = -1;
    bool is_transactional = false;
    bool is_control = false;
};

/// Collects records and encodes them as they come. Reusable: finish() leaves it empty. The base
/// offset is 0 until the log gives one. One thread at a time.
class RecordBatchBuilder {
  public:
    explicit RecordBatchBuilder(RecordBatchFields fields = {});

    /// Adds a record at the next offset. Keeps no view.
    void add(std::optional<ByteView> key,
             std::optional<ByteView> value,
             Timestamp timestamp,
             std::span<const HeaderView> headers = {});
    /// The same; `record.offset` is ignored.
    void add(const RecordView& record);

    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::int32_t record_count() const { return count_; }
    /// Of the batch that finish() would give without compression; an upper bound with it in
    /// practice.
    [[nodiscard]] std::size_t size_bytes() const { return bytes_.size(); }
    void clear();

    /// The encoded batch; not for an empty builder. kTooLarge when the records pass 2 GiB (1 GiB
    /// compressed). Either way the builder is empty afterwards.
    [[nodiscard]] Result<Buffer> finish(Codec codec = Codec::kNone);

  private:
    void write_header(Buffer& batch, Codec codec) const;

    RecordBatchFields fields_;
    Buffer bytes_;  // room for the header, then the records
    std::int32_t count_ = 0;
    Timestamp base_timestamp_;
    Timestamp max_timestamp_;
    bool is_too_large_ = false;
};

}  // namespace millrace
