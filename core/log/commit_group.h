// One group of the journal: the units that share a frame and a sync.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
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

/// Collects units, stages and writes them into their partitions, and makes the frame. A unit whose
/// pieces cannot all be staged and written leaves no trace. The journal's sequencer only.
class CommitGroup {
  public:
    explicit CommitGroup(const FrameLimits& limits) : limits_(&limits) {}

    enum class Added : std::uint8_t {
        kTaken,    // the unit was moved in
        kRefused,  // `refusal` says why; the unit stays with the caller
        kFull,     // the unit belongs into the next group and stays with the caller
    };
    Added add(PendingUnit& pending, Error& refusal);

    [[nodiscard]] bool empty() const { return units_.empty(); }
    [[nodiscard]] std::size_t unit_count() const { return units_.size(); }
    [[nodiscard]] bool has_pieces() const { return !pieces_.empty(); }
    /// Decides which pieces are inline and lays the frame out. `header` needs salt and group.
    [[nodiscard]] Buffer encode(WalFrameHeader& header);
    /// Partitions whose files must be synced together with the WAL. After encode().
    [[nodiscard]] std::vector<PartitionLog*> partitions_to_sync(JournalMutant mutant) const;
    /// The partitions touched and where they end.
    struct Touched {
        TopicPartition id;
        LogPosition end;
    };
    [[nodiscard]] const std::map<PartitionLog*, Touched>& touched() const { return touched_; }
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
    };
    Status stage(PendingUnit& pending, std::vector<StagedAppend>& staged);

    const FrameLimits* limits_;
    std::vector<Unit> units_;
    std::vector<WalPiece> pieces_;          // payloads point into the units' buffers
    std::vector<PartitionLog*> piece_log_;  // of each piece
    std::map<PartitionLog*, Touched> touched_;
    std::size_t bytes_ = 0;
};

}  // namespace millrace::log
