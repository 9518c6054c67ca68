// The commit WAL of one data directory: atomic units, group commit, durable ends, checkpoints,
// recovery. Bytes on disk: docs/formats/journal.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/base/io_executor.h"
#include "core/base/result.h"
#include "core/log/partition_log.h"
#include "core/record/batch_bytes.h"
#include "core/record/ids.h"

namespace millrace::log {

/// Encoded batches for one partition. `log` is borrowed until the unit's `done` has run.
struct JournalPiece {
    PartitionLog* log = nullptr;
    TopicPartition id;
    BatchBytes batches;
};

/// Deletes the records below `before`: at most the high watermark, which -1 stands for. A log start
/// that is there already changes nothing. `log` as in JournalPiece.
struct LogStartMove {
    PartitionLog* log = nullptr;
    TopicPartition id;
    Offset before;
};

struct UnitCommitted {
    std::uint64_t sequence = 0;        // of the group; grows
    std::vector<Offset> base_offsets;  // of each piece
};

/// All or nothing. Callbacks: `admit` runs on the sequencer in commit order before anything is
/// staged, may look at and add pieces, and refuses the unit by an error; `published` runs on the
/// sequencer right after the ends became visible, before `done`; neither may block or call the
/// journal. `done` is posted to the I/O executor, and so is `written`: the unit is in the WAL file
/// but not synced, so that it survives the end of the process but not of the machine. `written` is
/// left out for a refused unit; it may run beside `done`.
struct JournalUnit {
    std::vector<JournalPiece> pieces;
    std::vector<LogStartMove> moves{};
    std::function<Status(std::vector<JournalPiece>&)> admit;
    std::function<void(const UnitCommitted&)> written;
    std::function<void(const UnitCommitted&)> published;
    Completion<UnitCommitted> done;
    /// Nobody waits for `done`: the sync may come JournalOptions::sync_delay_max later, so that
    /// more units share it.
    bool can_wait_for_sync = false;
};

struct JournalOptions {
    std::uint64_t file_bytes = std::uint64_t{64} << 20;  // of one WAL file; prewritten and recycled
    std::size_t inline_bytes_max = std::size_t{128}
                                   << 10;  // larger pieces are referenced, not copied
    std::size_t frame_inline_bytes_max = std::size_t{8}
                                         << 20;  // above it the largest pieces become references
    std::size_t group_bytes_max = std::size_t{32} << 20;  // of one group
    std::size_t queue_bytes_max = std::size_t{256}
                                  << 20;  // above it submit() refuses with kOutOfMemoryBudget
    std::uint64_t checkpoint_bytes = std::uint64_t{256} << 20;  // WAL bytes between checkpoints
    std::chrono::milliseconds checkpoint_age{30'000};
    std::chrono::milliseconds stamp_idle{
        50};  // idle time before the durable stamp of the last group
    /// How long a group of units that can all wait for their sync stays unsynced: readers see it
    /// at the latest this long after its first byte was written.
    std::chrono::milliseconds sync_delay_max{5};
    /// While a sync runs, the next group is written when so much is queued; less waits for it, to
    /// share a frame with what comes until then.
    std::size_t write_ahead_bytes = std::size_t{64} << 10;
    /// Called when a sync or a write of the WAL failed, in place of stopping the process; tests set
    /// it. When it returns, the journal is dead: nothing more is written, published or answered.
    std::function<void(const Error&)> on_sync_failure;

    /// These for the disk that holds `directory`, which must exist: on a small one the journal's
    /// files and the bytes between checkpoints are smaller, so that it takes at most a sixth.
    [[nodiscard]] JournalOptions fitting(FileSystem& files, const std::string& directory) const;
};

struct JournalStats {
    std::uint64_t groups = 0;
    std::uint64_t units = 0;
    std::uint64_t wal_syncs = 0;
    std::uint64_t wal_bytes = 0;
    std::uint64_t checkpoints = 0;
    std::uint64_t bypassed = 0;  // units that went past the WAL, of relaxed topics
};

/// What recovery found; for the log and for `doctor`.
struct RecoveryReport {
    std::map<TopicPartition, LogPosition> ends;
    std::map<TopicPartition, Offset> log_starts;  // of the same partitions
    std::set<TopicPartition> relaxed;             // of them
    std::uint64_t frames_replayed = 0;
    std::uint64_t torn_bytes = 0;      // of the last, never committed frame
    std::vector<std::string> healed;   // rot below the durable mark, healed from the other copy
    std::vector<std::string> corrupt;  // rot that could not be healed: range and partition
};

/// The base of the first segment of a partition that recovery may still write into: segments below
/// it are the log's own.
using ReplayFloor = std::function<Offset(TopicPartition)>;

/// Any thread may submit. Sequencing, writing and syncing happen on the Env's I/O executor; the
/// next group is written while the last one is synced. An error of a sync stops the process: after
/// it nothing on the disk can be trusted.
class Journal {
  public:
    /// Recovers `data_directory` and starts a fresh WAL. `is_known` says whether a partition still
    /// exists: pieces of deleted topics are skipped. kCorruptJournal, kNewerFormat, kIo.
    [[nodiscard]] static Result<std::unique_ptr<Journal>> open(
        Env& env,
        const std::string& data_directory,
        JournalOptions options,
        std::function<bool(TopicPartition)> is_known);
    virtual ~Journal() = default;

    [[nodiscard]] virtual const RecoveryReport& recovery() const = 0;
    /// Partitions register when opened and deregister before they go (after their last unit is
    /// done).
    virtual void add_partition(TopicPartition id, PartitionLog* log) = 0;
    /// Waits until no group in flight uses it. Not on the I/O executor.
    virtual void remove_partition(TopicPartition id) = 0;

    virtual void submit(JournalUnit unit) = 0;
    /// Runs `read` so that it sees the ends of all partitions at one commit, and returns that
    /// commit's sequence. `read` may run more than once.
    virtual std::uint64_t read_consistently(const std::function<void()>& read) const = 0;
    /// Runs `work` as the sequencer: nothing is staged, written or published beside it. `work`
    /// does not call the journal. kIo when the journal is dead.
    virtual Status between_groups(const std::function<Status(const ReplayFloor&)>& work) = 0;
    /// Applies retention to every registered partition, with a checkpoint first when one is needed.
    virtual Status apply_retention() = 0;
    /// Writes a checkpoint now. Not on the I/O executor.
    virtual Status checkpoint() = 0;
    /// Waits for submitted units, stamps and checkpoints. Later submits are refused. Not on the I/O
    /// executor.
    virtual Status close() = 0;
    [[nodiscard]] virtual JournalStats stats() const = 0;
};

}  // namespace millrace::log
