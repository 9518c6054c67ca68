// Recompress: the same batch with its records under another codec.
#pragma once

#include <cstddef>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/record/compression.h"
#include "core/record/record_batch.h"

namespace millrace {

/// A copy of `batch` whose records are compressed with `target`; codec, length and checksum are
/// made right, every other field stays. Does not look into the records. A control batch is copied
/// as it is: markers are never compressed.
///
/// limit    of the records' plain bytes; kTooLarge above, and for a result above 2 GiB
/// errors   kCorruptBatch when the records cannot be inflated
[[nodiscard]] Result<Buffer> recompress(const RecordBatchView& batch,
                                        Codec target,
                                        std::size_t limit = kInflatedBytesMax);

}  // namespace millrace
