// CompactedSegment: writes the file that takes the place of one or more closed segments.
// Bytes and names: docs/formats/segment.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/bytes.h"
#include "core/base/file.h"
#include "core/base/result.h"
#include "core/log/sparse_index.h"
#include "core/record/ids.h"
#include "core/record/record_batch.h"

namespace millrace::log {

/// Takes batches in the order of their offsets. Offsets between them that no batch stands for any
/// more are given to the batch before, or to a placeholder, so that the file goes from its base to
/// its end without a gap as every segment does. One thread.
class CompactedSegment {
  public:
    /// A fresh file at `path` for the offsets from `base` on.
    [[nodiscard]] static Result<std::unique_ptr<CompactedSegment>> create(FileSystem& files,
                                                                          std::string path,
                                                                          Offset base);
    /// Its first offset is not below the end of the batch before.
    Status add(ByteView batch);
    /// Fills up to `next`, writes what is buffered and syncs. Nothing can be added afterwards.
    Status finish(Offset next);

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] Offset base() const { return index_.summary().base; }
    /// Bytes so far, those not written yet included.
    [[nodiscard]] std::uint64_t size_bytes() const;
    /// Of what is written; of all after finish().
    [[nodiscard]] const SparseIndex& index() const { return index_; }

  private:
    CompactedSegment(std::unique_ptr<File> file, std::string path, Offset base)
        : path_(std::move(path)), file_(std::move(file)), covered_(base), index_(base) {}

    Status cover(Offset next);
    Status take_last();
    Status flush();

    std::string path_;
    std::unique_ptr<File> file_;
    Buffer buffer_;              // to be written at written_
    std::uint64_t written_ = 0;  // bytes in the file
    Buffer last_;                // the last batch; its end may still move
    Offset covered_;             // first offset that nothing stands for yet
    SparseIndex index_;
};

}  // namespace millrace::log
