// The ordered segments of one partition. The journal decides where it ends; this class places,
// writes, indexes and reads. Bytes on disk: docs/formats/segment.md.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/base/page.h"
#include "core/base/result.h"
#include "core/log/producer_state.h"
#include "core/log/transaction_facts.h"
#include "core/record/ids.h"

namespace millrace::log {

/// Where a partition ends (or ended): the next offset, the base offset of the segment that holds
/// it, bytes used in it.
struct LogPosition {
    Offset offset;
    Offset segment;
    std::uint64_t position = 0;

    friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

/// When what a partition takes reaches the disk.
enum class Durability : std::uint8_t {
    kFsync,     // before it is acknowledged or visible, through the journal
    kInterval,  // visible at once; synced after FlushPolicy::interval or ::bytes
    kCache,     // visible at once; synced when the system or a checkpoint gets to it
};

/// Of a topic with Durability::kInterval: what may be lost in a power cut.
struct FlushPolicy {
    std::chrono::milliseconds interval{1'000};
    std::uint64_t bytes = std::uint64_t{64} << 20;
    std::uint64_t records = std::numeric_limits<std::uint64_t>::max();
};

/// cleanup.policy=compact
struct CompactionOptions {
    double dirty_ratio_min = 0.5;                                // min.cleanable.dirty.ratio
    std::chrono::milliseconds lag_min{0};                        // min.compaction.lag.ms
    std::optional<std::chrono::milliseconds> lag_max;            // max.compaction.lag.ms
    std::chrono::milliseconds delete_retention{24 * 3'600'000};  // delete.retention.ms
};

struct PartitionLogOptions {
    std::uint64_t segment_bytes = std::uint64_t{1}
                                  << 30;  // segment.bytes: roll before a batch would pass it
    std::chrono::milliseconds segment_age{
        std::int64_t{7} * 86'400'000};  // segment.ms: roll when the first record is older
    std::size_t batch_bytes_max = std::size_t{64} << 20;     // largest batch taken, header included
    std::optional<std::chrono::milliseconds> retention_age;  // retention.ms; none: for ever
    std::optional<std::uint64_t> retention_bytes;  // retention.bytes per partition; none: unlimited
    std::uint64_t preallocate_bytes = std::uint64_t{4}
                                      << 20;  // files grow in steps of at most this
    Durability durability = Durability::kFsync;
    FlushPolicy flush{};
    ProducerState::Limits producers;  // producer.id.expiration.ms; taken when the log is opened
    std::optional<CompactionOptions> compaction;  // none: records are kept whatever their keys
};

/// What staging decided for one append: offsets are written into the bytes, nothing is on disk yet.
struct StagedAppend {
    LogPosition at;   // where the first batch goes
    LogPosition end;  // where the partition ends behind the last one (same segment)
    Offset base_offset;
    Offset last_offset;
    /// An idempotent producer sent this again: it stands at this offset, published or staged, and
    /// is not to be written. `at` and `end` are where the partition ends.
    std::optional<Offset> duplicate_of = std::nullopt;
};

struct LogRead {
    PagePtr page;      // null when there is nothing
    ByteView batches;  // whole batches; the first may start before the asked offset
};

/// A record's place and time.
struct TimedOffset {
    Offset offset;
    Timestamp timestamp;

    friend bool operator==(const TimedOffset&, const TimedOffset&) = default;
};

class Segment;
struct SegmentSwap;

/// One partition on disk. Staging, writing, publishing and retention are called by one thread at a
/// time (the journal's sequencer); reads by any thread. Readers see only what was published.
class PartitionLog {
  public:
    /// DIR/topics/<uuid>/<partition>
    [[nodiscard]] static std::string directory_of(const std::string& data_directory,
                                                  TopicPartition partition);
    /// "00000000000000000042.log"
    [[nodiscard]] static std::string segment_file_name(Offset base);

    /// Opens the partition as ending at `end`, which the journal recovered (LogPosition{} for a new
    /// one), with the records below `log_start` deleted, and relaxed or not. Files and bytes behind
    /// `end` are cut off; missing, stale or damaged indexes are rebuilt.
    [[nodiscard]] static Result<std::unique_ptr<PartitionLog>> open(Env& env,
                                                                    std::string directory,
                                                                    PartitionLogOptions options,
                                                                    LogPosition end,
                                                                    Offset log_start = Offset{0},
                                                                    bool is_relaxed = false);
    virtual ~PartitionLog() = default;

    /// Takes effect from the next stage() and apply_retention() on. Any thread.
    virtual void set_options(PartitionLogOptions options) = 0;

    // --- the sequencer's side
    // -----------------------------------------------------------------------------------------

    /// Verifies the batches (one or more v2 batches back to back), writes base offsets into them
    /// and decides the place, rolling to a new segment file where needed. Checks idempotent
    /// producers against what is staged. kCorruptBatch, kTooLarge, kOutOfOrderSequence,
    /// kStaleProducerEpoch, kInvalidTransaction: nothing changed.
    virtual Result<StagedAppend> stage(std::span<std::byte> batches) = 0;
    /// Puts the bytes where stage() said. On error the caller goes back with unstage().
    virtual Status write(const StagedAppend& staged, ByteView batches) = 0;
    /// Makes sure that write() will find a place and disk space.
    virtual Status reserve(const StagedAppend& staged) = 0;
    /// Forgets everything staged at or after `to`.
    virtual void unstage(const LogPosition& to) = 0;
    /// Where the next stage() would go.
    [[nodiscard]] virtual LogPosition staged_end() const = 0;
    /// Makes everything staged up to `end` visible and indexes it. Cannot fail.
    virtual void publish(const LogPosition& end) = 0;
    /// Hides the records below `log_start`, which is at most the published end, from readers. Their
    /// segments go with the next apply_retention(). The journal makes it durable first.
    virtual void raise_log_start(Offset log_start) = 0;
    /// Relaxed: batches may bypass the journal; the journal says so in its frames. Any thread.
    [[nodiscard]] virtual bool is_relaxed() const = 0;
    virtual void set_relaxed(bool is_relaxed) = 0;
    /// As the options want it, from the next stage() on.
    [[nodiscard]] virtual Durability durability() = 0;
    [[nodiscard]] virtual FlushPolicy flush_policy() const = 0;
    /// Cuts off what refused writes left behind the staged end, so that nobody takes it for batches
    /// that bypassed the journal. Durable with the next sync.
    virtual Status cut_tail() = 0;
    /// One file or directory that has to reach the disk. `sync` may run on any thread, beside
    /// later writes, while this object lives; when it was ok, the sequencer says so with `mark`.
    struct SyncTask {
        std::function<Status()> sync;
        std::function<void()> mark;
    };
    /// What has to be synced for everything written up to now to be durable: the segment files
    /// that were written since they were last synced, and the directory when a file was made. For
    /// referenced pieces and checkpoints.
    [[nodiscard]] virtual std::vector<SyncTask> unsynced() = 0;
    /// Does all of unsynced().
    Status sync();
    /// True when a segment file was made that no sync() has covered yet: the next commit must sync
    /// this partition.
    [[nodiscard]] virtual bool needs_directory_sync() const = 0;
    /// True when apply_retention() has something to do, whatever the floor.
    [[nodiscard]] virtual bool has_retention_work() = 0;
    /// Removes closed segments that retention no longer keeps, or that lie below the log start, and
    /// whose end is at or below `floor` (the older checkpoint's end: the journal never replays into
    /// them). Returns how many went. The active segment is rolled first when its first record has a
    /// quarter of the age, or it holds a quarter of the bytes, or nothing of it is left above the
    /// log start: that bounds what is kept too long. Then staged_end() has moved to a new segment
    /// at the same offset. Nothing is rolled while something is staged.
    virtual Result<std::size_t> apply_retention(Offset floor) = 0;
    /// Segments that take no more batches, ascending, and the options in force: for compaction.
    [[nodiscard]] virtual std::vector<std::shared_ptr<Segment>> closed_segments() const = 0;
    [[nodiscard]] virtual const PartitionLogOptions& options() const = 0;
    [[nodiscard]] virtual TransactionFacts transaction_facts() const = 0;
    /// Puts a compacted file in the place of closed segments that recovery does not write into.
    /// Readers that are inside keep what they read from. kCancelled: one of them is gone, nothing
    /// changed. Other errors: the partition must not be compacted again before the next start.
    virtual Status replace_segments(const SegmentSwap& swap) = 0;

    // --- readers
    // ------------------------------------------------------------------------------------------------------

    /// Whole batches from the one that holds `from`, at least one, up to bytes_max, never past the
    /// high watermark. Where compaction left no record at `from`, they go up to one that has some:
    /// batches without records come alone only at the end. Empty at the high watermark.
    /// kOffsetOutOfRange below log_start() or above high_watermark(). kCorruptBatch when the bytes
    /// do not pass their CRC: they are never served.
    [[nodiscard]] virtual Result<LogRead> read(Offset from, std::size_t bytes_max) = 0;
    [[nodiscard]] virtual Offset log_start() const = 0;
    [[nodiscard]] virtual Offset high_watermark() const = 0;
    /// The first visible offset whose timestamp is at or after `time`; the high watermark when
    /// there is none.
    [[nodiscard]] Result<Offset> offset_for_time(Timestamp time);
    /// The same with the record's timestamp; nullopt when there is none.
    [[nodiscard]] virtual Result<std::optional<TimedOffset>> find_time(Timestamp time) = 0;
    /// The first visible record with the largest timestamp; nullopt in an empty partition.
    [[nodiscard]] virtual Result<std::optional<TimedOffset>> find_max_timestamp() = 0;
    [[nodiscard]] virtual std::uint64_t size_bytes() const = 0;
    /// Everything below belongs to no open transaction; never above the high watermark.
    [[nodiscard]] virtual Offset last_stable_offset() const = 0;
    /// Aborted transactions that overlap [from, to), for readers of committed records; ask after
    /// last_stable_offset().
    [[nodiscard]] virtual std::vector<AbortedTransaction> aborted_transactions(Offset from,
                                                                               Offset to) const = 0;
    /// The idempotent producers that are remembered, by id.
    [[nodiscard]] virtual std::vector<ProducerInfo> producers() const = 0;
};

}  // namespace millrace::log
