// What compaction makes of one record batch: left as it is, written anew with fewer records, or
// gone. Bytes: docs/formats/record_batch.md.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/log/compaction/key_map.h"
#include "core/record/ids.h"
#include "core/record/record_batch.h"

namespace millrace::log {

/// Which records go. All of these are removed:
///   - a record whose key has a larger offset in `latest`
///   - a tombstone below `mapped_end` in a batch whose delete horizon is at or before `now`
///   - a record without a key: nothing could ever replace it
/// A tombstone below `mapped_end` that stays gives its batch the horizon now + delete_retention_ms,
/// once: everything older with its key is removed by the same pass, or was by one before.
struct CleanRules {
    const KeyMap& latest;
    Offset mapped_end;  // keys of all records from the first dirty one to here are in `latest`
    std::int64_t now_ms = 0;
    std::int64_t delete_retention_ms = 0;
};

struct CleanedBatch {
    enum class Outcome : std::uint8_t {
        kAsItWas,  // take the batch's own bytes
        kChanged,  // take `bytes`
        kEmpty,    // no record is left
    };
    Outcome outcome = Outcome::kAsItWas;
    Buffer bytes;
    std::optional<Timestamp> horizon;  // of tombstones that stay
    std::int64_t removed = 0;          // records
};

/// Never changes an offset, a timestamp, a sequence number or the codec of what stays; the batch
/// keeps its first and last offset. Not for control batches. kCorruptBatch, kTooLarge: the records
/// cannot be read.
[[nodiscard]] Result<CleanedBatch> clean_batch(const RecordBatchView& batch,
                                               const CleanRules& rules);

/// The same for a transaction's marker, of which the whole transaction is gone: `kEmpty` when its
/// horizon has passed; else it gets one, if it has none.
[[nodiscard]] Result<CleanedBatch> clean_marker(const RecordBatchView& batch,
                                                std::int64_t now_ms,
                                                std::int64_t delete_retention_ms);

}  // namespace millrace::log
