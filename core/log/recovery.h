// What the journal does before it serves: finds the last whole group and brings the segment files
// to it. Algorithm and bytes: docs/formats/journal.md.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/log/checkpoint.h"
#include "core/log/journal.h"
#include "core/log/wal_files.h"

namespace millrace::log {

/// `state` is the next checkpoint to write, under a new salt, at an lsn where a fresh WAL starts.
struct Recovered {
    Checkpoint state;
    RecoveryReport report;
};

/// Takes the newest readable checkpoint, walks the frames behind it, writes every accepted piece
/// into its segment file once more, and syncs. Changes nothing that would make a second recovery
/// see something else: the WAL and the checkpoints stay as they are.
/// kCorruptJournal when there is no readable checkpoint in a directory that is not new;
/// kNewerFormat; kIo.
[[nodiscard]] Result<Recovered> recover_journal(
    Env& env,
    const std::string& data_directory,
    WalFiles& wal,
    CheckpointStore& checkpoints,
    const std::function<bool(TopicPartition)>& is_known);

/// DATA/wal
[[nodiscard]] std::string journal_directory_of(const std::string& data_directory);

}  // namespace millrace::log
