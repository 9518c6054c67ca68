#include "core/log/stored_batch.h"

#include <string>

namespace millrace::log {

Status check_stored_batch(const RecordBatchView& batch, Offset expected, Offset before) {
    // Length and magic are left out by the checksum as well, but a wrong length gives a wrong
    // checksum, and parse() takes one magic only.
    if (batch.base_offset() != expected) {
        return Error{ErrorCode::kCorruptBatch,
                     "record batch has offset " + std::to_string(batch.base_offset().value) +
                         " where offset " + std::to_string(expected.value) + " belongs"};
    }
    if (batch.last_offset() >= before) {
        return Error{ErrorCode::kCorruptBatch,
                     "record batch ends at offset " + std::to_string(batch.last_offset().value) +
                         ", behind the end of its segment: " + std::to_string(before.value)};
    }
    if (batch.partition_leader_epoch() != kLeaderEpoch) {
        return Error{ErrorCode::kCorruptBatch,
                     "record batch at offset " + std::to_string(expected.value) +
                         " has a leader epoch that nobody wrote: " +
                         std::to_string(batch.partition_leader_epoch())};
    }
    return batch.verify_crc();
}

}  // namespace millrace::log
