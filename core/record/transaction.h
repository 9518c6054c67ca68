// What a log holds of transactions besides their records: markers, and who was aborted where.
// Bytes of a marker: docs/formats/transactions.md.
#pragma once

#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/record/ids.h"
#include "core/record/record_batch.h"

namespace millrace {

/// One aborted transaction that overlaps what was fetched: records of this producer from
/// `first_offset` to its abort marker are to be left out by the reader.
struct AbortedTransaction {
    std::int64_t producer_id = -1;
    Offset first_offset;

    friend bool operator==(const AbortedTransaction&, const AbortedTransaction&) = default;
};

enum class TransactionEnd : std::int16_t { kAbort = 0, kCommit = 1 };

/// Ends the transaction of one producer in one partition.
struct TransactionMarker {
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
    TransactionEnd end = TransactionEnd::kAbort;
    std::int32_t coordinator_epoch = 0;

    friend bool operator==(const TransactionMarker&, const TransactionMarker&) = default;
};

/// A control batch with one record.
[[nodiscard]] Buffer encode_marker(const TransactionMarker& marker, Timestamp at);
/// The marker in a control batch. kCorruptBatch when it holds anything else.
[[nodiscard]] Result<TransactionMarker> decode_marker(const RecordBatchView& batch);

}  // namespace millrace
