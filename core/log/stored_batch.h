// What must hold of a batch in a segment besides what RecordBatchView::parse() looks at.
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/record/ids.h"
#include "core/record/record_batch.h"

namespace millrace::log {

/// The only leader there is; clients compare it with what metadata tells them.
constexpr std::int32_t kLeaderEpoch = 0;

/// The batch begins at `expected`, ends below `before`, and is what was written: Kafka's checksum
/// is right, and so are the bytes that it leaves out. kCorruptBatch says what is wrong.
[[nodiscard]] Status check_stored_batch(const RecordBatchView& batch,
                                        Offset expected,
                                        Offset before);

}  // namespace millrace::log
