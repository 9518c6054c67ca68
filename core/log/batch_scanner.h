// BatchScanner: walks the batches of a segment file, and finds its way again behind damage.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/file.h"
#include "core/base/result.h"
#include "core/record/ids.h"
#include "core/record/record_batch.h"

namespace millrace::log {

/// How far behind the first candidate find_next() looks for others.
constexpr std::uint64_t kResyncBytes = std::uint64_t{1} << 20;

/// Reads through a window of bounded size. Borrows the file. One thread at a time.
class BatchScanner {
  public:
    /// Where to read: bytes [position, end) of the file; larger batches than batch_bytes_max are
    /// taken for damage.
    struct Range {
        std::uint64_t position = 0;
        std::uint64_t end = 0;
        std::size_t batch_bytes_max = 0;
    };

    BatchScanner(File& file, Range range) : file_(file), range_(range) {}

    /// The batch at position(), which moves behind it; nullopt at the end. The view lives until the
    /// next call. Checks what parse() checks, not the checksum. kCorruptBatch: position() stays.
    [[nodiscard]] Result<std::optional<RecordBatchView>> next();
    /// Moves to where the log goes on at or after position(), between offsets `from` and `before`;
    /// false when it does not. Behind damage more than one intact batch may look like the next one:
    /// a disk may have put a block in a wrong place, or the offset of a batch, which its checksum
    /// leaves out, may be wrong. Taken is the first one of those that follow each other and hold
    /// the most bytes, as far as kResyncBytes show.
    [[nodiscard]] Result<bool> find_next(Offset from, Offset before);

    [[nodiscard]] std::uint64_t position() const { return range_.position; }
    void seek(std::uint64_t position) { range_.position = position; }

  private:
    struct Candidate {
        std::uint64_t position = 0;
        std::uint64_t size = 0;
        Offset base;
        Offset next;
    };
    /// The intact batches from `position` on, up to kResyncBytes behind the first.
    Result<std::vector<Candidate>> candidates(std::uint64_t position, Offset from, Offset before);
    /// `size` bytes at `position`, fewer where the range or the file ends.
    Result<ByteView> window(std::uint64_t position, std::size_t size);

    File& file_;
    Range range_;
    Buffer buffer_;
    std::uint64_t buffer_position_ = 0;
};

}  // namespace millrace::log
