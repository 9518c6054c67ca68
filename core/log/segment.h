// Segment: one file of record batches back to back, with its index. Bytes: docs/formats/segment.md.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/log/partition_log.h"
#include "core/log/sparse_index.h"

namespace millrace::log {

/// What all segments of a partition have in common.
struct SegmentSettings {
    std::string directory;
    std::size_t batch_bytes_max = 0;
    std::uint64_t segment_bytes = 0;      // space is not reserved beyond, unless a batch needs it
    std::uint64_t preallocate_bytes = 0;  // largest step in which space is reserved
};

/// Active while it is the last one and takes batches, closed afterwards. A closed one that is
/// synced holds no descriptor and next to no memory.
///
/// The writer's methods are for one thread at a time, the readers' for any. Readers see what was
/// published.
class Segment {
  public:
    /// An empty active segment; replaces a file of that name.
    [[nodiscard]] static Result<std::shared_ptr<Segment>> create(Env& env,
                                                                 const SegmentSettings& settings,
                                                                 Offset base);
    /// The active segment of a partition that ends at `end`; cuts the file off there.
    [[nodiscard]] static Result<std::shared_ptr<Segment>> open_active(
        Env& env, const SegmentSettings& settings, const LogPosition& end);
    /// The closed segment that ends where the one at `next` starts; what lies behind is cut off.
    [[nodiscard]] static Result<std::shared_ptr<Segment>> open_closed(
        Env& env, const SegmentSettings& settings, Offset base, Offset end);
    ~Segment();
    Segment(const Segment&) = delete;
    Segment& operator=(const Segment&) = delete;

    // --- the writer's side

    Status write(std::uint64_t position, ByteView bytes);
    /// Makes sure that there is disk space up to `end`.
    Status reserve(std::uint64_t end);
    /// Cuts the file off at `end`, reserved space included.
    Status cut_tail(std::uint64_t end);
    /// Makes a written batch visible to readers.
    void publish(const IndexedBatch& batch);
    /// What a sync must cover: null when everything written is synced.
    [[nodiscard]] std::shared_ptr<File> unsynced_file() const {
        return synced_writes_ == writes_ ? nullptr : file_;
    }
    /// How many writes there were; of a sync that begins now, what it covers.
    [[nodiscard]] std::uint64_t writes() const { return writes_; }
    /// A sync that began when writes() was `writes` is done.
    void mark_synced(std::uint64_t writes);
    /// The next segment starts at `next`, and all of this one is published: gives back reserved
    /// space, writes the index, and lets go of the file when it is synced. Damage at the end of the
    /// segment is marked as such. What fails here costs time at the next start and no more.
    void close(Offset next);
    /// Writes the index of an active segment when much was added since it last was.
    void save_index_when_due();
    /// Removes the files of the segment at `base`, opened or not.
    static Status remove(Env& env, const SegmentSettings& settings, Offset base);
    /// The files are gone: nothing is saved any more.
    void abandon();
    /// Of a closed segment whose files are about to be replaced: opens them for good, so that
    /// readers stay with what they know.
    Status keep_files();
    /// "00000000000000000042.index"
    [[nodiscard]] static std::string index_file_name(Offset base);
    /// Ages by a clock that wall time does not move; nullopt when nothing was published.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> first_append_age() const;
    [[nodiscard]] std::optional<std::chrono::nanoseconds> last_append_age() const;

    [[nodiscard]] AppendAges append_ages() const;

    // --- readers

    [[nodiscard]] Offset base() const { return base_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] const SegmentSettings& settings() const { return settings_; }
    /// The batches' file; the first size_bytes() of it are published.
    [[nodiscard]] Result<std::shared_ptr<File>> open_file() const;
    /// Behind the last published batch.
    [[nodiscard]] Offset next_offset() const;
    [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_.load(); }
    /// kNoTimestamp when it is empty.
    [[nodiscard]] Timestamp max_timestamp() const;
    /// See PartitionLog::read(); `from` lies in this segment.
    [[nodiscard]] Result<LogRead> read(Offset from, std::size_t bytes_max);
    /// The first record at or after `time` that is not below `from`; nullopt when there is none.
    [[nodiscard]] Result<std::optional<TimedOffset>> find_time(Timestamp time, Offset from);

  private:
    Segment(Env& env, const SegmentSettings& settings, Offset base);

    struct Extent {
        std::uint64_t bytes = 0;
        Offset next;
    };
    /// What is published, both parts of one moment.
    [[nodiscard]] Extent extent() const;
    /// The index, when there is one, knows of more bytes: the file lost its end.
    [[nodiscard]] bool was_longer_than(std::uint64_t file_bytes) const;
    bool use_index_file(std::uint64_t file_bytes, Offset next);
    Status load_index(const LogPosition& end, std::uint64_t file_bytes);
    Status scan(File& file, SparseIndex& index, std::uint64_t bytes, Offset before);
    void restore_ages(const AppendAges& ages);
    void save_index();
    /// Saves the index of a closed segment and serves from the file, or from memory when that
    /// fails. With mutex_ held.
    void use_saved(SparseIndex index, const AppendAges& ages);
    template <class Find>
    [[nodiscard]] Result<IndexEntry> find_entry(Find find);
    [[nodiscard]] Result<IndexEntry> locate(Offset offset);
    /// Where the log goes on behind a damaged batch, at or before `wanted`; `damage` otherwise.
    [[nodiscard]] Result<IndexEntry> find_behind(File& file,
                                                 const IndexEntry& damaged,
                                                 Error damage,
                                                 Offset wanted);
    [[nodiscard]] Result<IndexEntry> locate_time(Timestamp time);
    [[nodiscard]] Status check_index_file();
    [[nodiscard]] Error at_position(Error error, std::uint64_t position) const;

    Env& env_;
    const SegmentSettings settings_;
    const Offset base_;
    const std::string path_;
    const std::string index_path_;

    std::atomic<std::uint64_t> size_bytes_{0};

    mutable std::shared_mutex mutex_;
    std::shared_ptr<File> file_;           // guarded by mutex_; null when closed and synced
    std::optional<SparseIndex> index_;     // guarded by mutex_; absent when index_file_ serves
    std::optional<IndexFile> index_file_;  // guarded by mutex_
    bool is_index_verified_ = false;       // guarded by mutex_
    std::optional<IndexEntry> read_hint_;  // guarded by mutex_; where the last read ended

    // The writer's.
    bool is_closed_ = false;
    std::uint64_t writes_ = 0;
    std::uint64_t synced_writes_ = 0;
    std::uint64_t reserved_bytes_ = 0;
    std::uint64_t index_saved_bytes_ = 0;
    std::optional<std::chrono::nanoseconds> first_append_;  // monotonic
    std::optional<std::chrono::nanoseconds> last_append_;
};

}  // namespace millrace::log
