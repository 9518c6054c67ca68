// One group of the journal: the units that share a frame and a sync.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/log/journal.h"
#include "core/log/wal_frame.h"

namespace millrace::log {

/// A unit on its way through the journal.
struct PendingUnit {
    JournalUnit unit;
    std::size_t queued_bytes = 0;  // what it counts in the queue
    bool is_admitted = false;      // `admit` has run
    bool needs_no_sync = false;    // to be written although a sync runs
};

/// Bounds of one frame, made from the options so that every group fits into a WAL file.
struct FrameLimits {
    std::size_t inline_piece_bytes_max = 0;
    std::size_t inline_bytes_max = 0;
    std::size_t directory_bytes_max = 0;
    std::size_t group_bytes_max = 0;

    /// kConfigInvalid when the options do not fit together.
    [[nodiscard]] static Result<FrameLimits> of(const JournalOptions& options);
    [[nodiscard]] std::size_t frame_bytes_max() const {
        return wal_frame_bytes(directory_bytes_max, inline_bytes_max);
    }
};

/// Collects units and stages them, lays out the frame, and writes all batches that lie behind each
/// other in a segment at once. A unit whose pieces cannot all be staged and written leaves no
/// trace. The journal's sequencer only.
class CommitGroup {
  public:
    /// `changing` are the partitions whose frame says that they become relaxed or strict, and is
    /// not synced yet.
    CommitGroup(const FrameLimits& limits, std::set<PartitionLog*>& changing)
        : limits_(&limits), changing_(&changing) {}

    enum class Added : std::uint8_t {
        kTaken,    // the unit was moved in
        kRefused,  // `refusal` says why; the unit stays with the caller
        kFull,     // the unit belongs into the next group and stays with the caller
    };
    Added add(PendingUnit& pending, Error& refusal);

    [[nodiscard]] bool empty() const { return units_.empty(); }
    [[nodiscard]] std::size_t unit_count() const { return units_.size(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] bool has_pieces() const { return !pieces_.empty(); }
    /// False when somebody waits for the sync of one of its units.
    /// Has pieces that are written into their segments only when the frame is synced.
    [[nodiscard]] bool has_late_pieces() const { return late_bytes_ > 0; }
    [[nodiscard]] bool can_wait_for_sync() const { return can_wait_for_sync_; }

    /// Decides which pieces are inline and lays the frame out. `header` needs salt and group.
    [[nodiscard]] Buffer encode(WalFrameHeader& header);
    /// Writes the batches into the segments, as encode() laid them out in `frame`. On error the
    /// caller goes on with take_back(). Batches of relaxed partitions only get their place: lest
    /// recovery takes those of a torn frame for batches that bypassed the journal, they are written
    /// by write_late(), when the frame is synced.
    Status write(const WalFrameHeader& header, ByteView frame);
    Status write_late();
    /// Unstages everything and gives the units back, in order.
    [[nodiscard]] std::vector<PendingUnit> take_back();
    /// Writes the unit that was added last by itself; on error gives it back, unstaged. For units
    /// of a group that could not be written as a whole. Before encode().
    Status write_last(PendingUnit& refused);

    /// Of the segments of references, and of what bypassed the journal before a piece: to be run
    /// together with the sync of the frame.
    [[nodiscard]] std::vector<PartitionLog::SyncTask> unsynced_references() const;
    /// Partitions touched, and where they end and start now, if that has changed.
    struct Touched {
        PartitionLog* log = nullptr;
        TopicPartition id;
        std::optional<LogPosition> end;
        std::optional<Offset> log_start;
        std::optional<bool> is_relaxed;
    };
    /// After encode().
    [[nodiscard]] const std::vector<Touched>& touched() const { return touched_; }
    /// Makes the ends visible; then runs the units' `published`.
    void publish_ends();
    void tell_published(std::uint64_t sequence);
    /// What tells the units that want to know that they are written; to be posted. Empty when none
    /// does.
    [[nodiscard]] Work take_written(std::uint64_t sequence);
    /// What answers the units; to be posted.
    [[nodiscard]] Work take_answers(std::uint64_t sequence);
    [[nodiscard]] Work take_answers(const Error& error);

  private:
    struct Unit {
        JournalUnit unit;
        std::vector<Offset> base_offsets;
        std::size_t first_piece = 0;  // until encode() sorts them
    };
    /// What a piece is besides what the frame says of it.
    struct Place {
        PartitionLog* log = nullptr;
        LogPosition before;  // where the partition ended when the piece was staged
        ByteView batches;    // in the unit's buffer
        bool is_late = false;
    };
    [[nodiscard]] bool is_late(PartitionLog& log) const;
    Status stage_durability(PartitionLog& log, TopicPartition id);
    Status stage(std::vector<JournalPiece>& pieces, std::vector<Offset>& base_offsets);
    Status stage_moves(const std::vector<LogStartMove>& moves);
    void unstage_from(std::size_t first);
    void sort_by_partition();

    const FrameLimits* limits_;
    std::set<PartitionLog*>* changing_;
    std::vector<Unit> units_;
    std::vector<WalPiece> pieces_;  // payloads point into the units' buffers
    std::vector<Place> places_;     // of each piece
    std::vector<Touched> touched_;
    std::size_t bytes_ = 0;
    std::size_t late_bytes_ = 0;
    bool can_wait_for_sync_ = true;
};

}  // namespace millrace::log
