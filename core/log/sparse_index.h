// SparseIndex: offset and time -> position in one segment. Derived data: missing, stale or damaged
// ones are rebuilt. Bytes on disk: docs/formats/segment.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/file.h"
#include "core/base/result.h"
#include "core/record/ids.h"
#include "core/record/record_batch.h"

namespace millrace::log {

/// Bytes of a segment between two entries, at least.
constexpr std::uint64_t kIndexIntervalBytes = 4096;

/// Earlier than any record: the largest timestamp of nothing.
constexpr Timestamp kNoTimestamp{std::numeric_limits<std::int64_t>::min()};

/// A batch starts at `position` with `offset`; batches of the segment before it have timestamps up
/// to `time_before`.
struct IndexEntry {
    Offset offset;
    std::uint64_t position = 0;
    Timestamp time_before = kNoTimestamp;

    friend bool operator==(const IndexEntry&, const IndexEntry&) = default;
};

/// What an index knows of its segment as a whole.
struct IndexSummary {
    Offset base;                      // of the segment
    Offset next_offset;               // behind the last batch covered
    std::uint64_t covered_bytes = 0;  // the index speaks for the bytes before
    std::uint64_t last_position = 0;  // of the last batch covered
    std::uint32_t last_crc = 0;       // the checksum in its header: the stamp
    Timestamp max_timestamp = kNoTimestamp;

    friend bool operator==(const IndexSummary&, const IndexSummary&) = default;
};

/// How long ago the first and last batch were appended, measured without wall time, when the wall
/// clock showed `at_wall_ms`.
struct AppendAges {
    std::int64_t at_wall_ms = 0;
    std::int64_t first_ms = 0;
    std::int64_t last_ms = 0;

    friend bool operator==(const AppendAges&, const AppendAges&) = default;
};

/// The header fields of one batch that an index needs.
struct IndexedBatch {
    Offset base;
    Offset last;
    std::uint64_t position = 0;
    std::uint64_t size = 0;
    std::uint32_t crc = 0;
    Timestamp max_timestamp = kNoTimestamp;

    [[nodiscard]] static IndexedBatch of(const RecordBatchView& batch, std::uint64_t position);
};

/// The index of a growing segment, in memory. Not thread-safe.
class SparseIndex {
  public:
    explicit SparseIndex(Offset base) : summary_{.base = base, .next_offset = base} {}

    /// The next batch of the segment; starts where the last one ended.
    void add(const IndexedBatch& batch);
    /// Goes on at `position` with `next`: what lies between cannot be read.
    void skip_to(Offset next, std::uint64_t position);

    [[nodiscard]] const IndexSummary& summary() const { return summary_; }
    [[nodiscard]] const std::vector<IndexEntry>& entries() const { return entries_; }
    /// The last entry at or before `offset`; the segment's start when there is none.
    [[nodiscard]] IndexEntry find(Offset offset) const;
    /// The last entry from which on the first batch with a timestamp at or after `time` is found.
    [[nodiscard]] IndexEntry find_time(Timestamp time) const;

    /// The file's content.
    [[nodiscard]] Buffer encode(const AppendAges& ages) const;
    /// kCorruptBatch when the content is no index of the segment at `base`, or damaged.
    [[nodiscard]] static Result<SparseIndex> decode(ByteView content, Offset base);

  private:
    IndexSummary summary_;
    std::vector<IndexEntry> entries_;
    bool needs_entry_ = true;
};

/// An index file of a closed segment: the header in memory, entries read when asked for. Its checks
/// cover the header; verify() covers the entries. Any thread may call it.
class IndexFile {
  public:
    /// kCorruptBatch or kNotFound: rebuild it.
    [[nodiscard]] static Result<IndexFile> open(FileSystem& files, std::string path, Offset base);
    /// Writes `index`, without a sync: a torn file does not pass the checks.
    [[nodiscard]] static Result<IndexFile> save(FileSystem& files,
                                                std::string path,
                                                const SparseIndex& index,
                                                const AppendAges& ages);

    [[nodiscard]] const IndexSummary& summary() const { return summary_; }
    [[nodiscard]] const AppendAges& ages() const { return ages_; }
    /// Reads all entries once. kCorruptBatch when they are damaged.
    [[nodiscard]] Status verify() const;
    [[nodiscard]] Result<IndexEntry> find(Offset offset) const;
    [[nodiscard]] Result<IndexEntry> find_time(Timestamp time) const;

  private:
    IndexFile(FileSystem& files, std::string path) : files_(&files), path_(std::move(path)) {}

    FileSystem* files_;
    std::string path_;
    IndexSummary summary_;
    AppendAges ages_;
    std::uint64_t entry_count_ = 0;
};

}  // namespace millrace::log
