// Walking the records of a batch: RecordCursor one by one, decode_records() into flat columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/record/ids.h"
#include "core/record/record.h"
#include "core/record/record_batch.h"

namespace millrace {

/// Walks the records of one batch. Borrows the payload; views it hands out live as long as that.
///
///     RecordCursor cursor(batch, payload.bytes);
///     RecordView record;                        // reused: no allocation per record
///     while (cursor.next(record)) { ... }
///     MILLRACE_TRY_STATUS(cursor.status());
class RecordCursor {
  public:
    /// payload   the records, uncompressed (see payload_of())
    RecordCursor(const RecordBatchView& batch, ByteView payload);

    /// Fills `record`; false at the end and at the first damage.
    bool next(RecordView& record);
    /// Ok while all is well; kCorruptBatch names the record and what is wrong with it.
    [[nodiscard]] Status status() const;

  private:
    RecordBatchView batch_;
    const std::byte* at_;
    const std::byte* end_;
    std::int32_t index_ = 0;        // of the next record
    std::int64_t last_delta_ = -1;  // offset delta of the record before
    const char* damage_ = nullptr;
};

/// One header of a record.
struct RecordHeader {
    std::size_t record = 0;  // its row
    HeaderView header;
};

/// Records of one or several batches as parallel arrays, in log order. Reused between calls, so
/// that a running source allocates nothing. Views point into the payloads they were decoded from.
struct RecordColumns {
    std::vector<Offset> offsets;
    std::vector<Timestamp> timestamps;
    std::vector<std::optional<ByteView>> keys;    // nullopt is null
    std::vector<std::optional<ByteView>> values;  // nullopt is null: a tombstone in a table
    std::vector<RecordHeader> headers;            // of all records, in order; few have any

    [[nodiscard]] std::size_t size() const { return offsets.size(); }
    void clear();
};

/// Appends the records of `batch` at or after `from` to `columns`. A control batch gives none. On
/// kCorruptBatch `columns` is as it was: the whole batch counts or nothing.
///
/// payload   the records, uncompressed (see payload_of()); must outlive the columns
Status decode_records(const RecordBatchView& batch,
                      ByteView payload,
                      Offset from,
                      RecordColumns& columns);

/// What can be told of a batch's records without keeping any.
struct RecordSummary {
    Timestamp min_timestamp;
    Timestamp max_timestamp;
    bool has_null_key = false;
};

/// Walks the records of a batch with at least one. kCorruptBatch as RecordCursor gives it.
///
/// payload   the records, uncompressed (see payload_of())
[[nodiscard]] Result<RecordSummary> summarize_records(const RecordBatchView& batch,
                                                      ByteView payload);

}  // namespace millrace
