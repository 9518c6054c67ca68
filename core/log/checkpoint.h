// Checkpoints of the journal: where every partition ended at one commit, so that recovery starts
// there. Bytes: docs/formats/journal.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/file.h"
#include "core/base/result.h"
#include "core/log/partition_log.h"
#include "core/record/ids.h"

namespace millrace::log {

constexpr std::uint16_t kCheckpointVersion = 1;

struct PartitionState {
    Offset log_start;
    LogPosition end;
    bool is_relaxed = false;  // whole batches behind `end` count although no frame has them

    friend bool operator==(const PartitionState&, const PartitionState&) = default;
};

struct Checkpoint {
    std::uint64_t sequence = 0;  // of the checkpoint; grows by one
    std::uint64_t lsn = 0;       // everything below it is in the segment files, durably
    std::uint64_t salt = 0;      // of the WAL from `lsn` on
    std::uint64_t group = 0;     // last commit covered
    bool is_clean = false;       // written at shutdown: no frame follows
    std::map<TopicPartition, PartitionState> partitions;

    friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

[[nodiscard]] Buffer encode_checkpoint(const Checkpoint& checkpoint);
/// kCorruptJournal, kNewerFormat.
[[nodiscard]] Result<Checkpoint> parse_checkpoint(ByteView bytes);

/// The checkpoints of one journal directory. The two newest are kept. One thread at a time.
class CheckpointStore {
  public:
    CheckpointStore(FileSystem& files, std::string directory)
        : files_(&files), directory_(std::move(directory)) {}

    struct Found {
        std::vector<Checkpoint> readable;  // newest first
        std::vector<std::string> damaged;  // paths
        std::uint64_t sequence_max = 0;    // damaged ones included
    };
    /// kNewerFormat, kIo.
    [[nodiscard]] Result<Found> load();

    /// Writes it (temporary file, sync, rename, directory sync), then removes all but the two
    /// newest. Nothing is changed for recovery when it fails.
    Status write(const Checkpoint& checkpoint);

  private:
    FileSystem* files_;
    std::string directory_;
};

}  // namespace millrace::log
