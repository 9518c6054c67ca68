// CompactionState: how far a partition was compacted. Derived data: without it compaction starts
// from the front. Bytes: docs/formats/segment.md.
#pragma once

#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/file.h"
#include "core/base/result.h"
#include "core/record/ids.h"

namespace millrace::log {

struct CompactionState {
    Offset cleaned_to;                 // below it every key stands once
    std::optional<Timestamp> horizon;  // the earliest at which a tombstone or marker may go

    friend bool operator==(const CompactionState&, const CompactionState&) = default;
};

[[nodiscard]] Buffer encode_compaction_state(const CompactionState& state);
/// kCorruptBatch.
[[nodiscard]] Result<CompactionState> parse_compaction_state(ByteView bytes);

/// The state of the partition in `directory`; that of one never compacted when the file is missing
/// or damaged.
[[nodiscard]] CompactionState load_compaction_state(FileSystem& files,
                                                    const std::string& directory);
/// All or nothing after a crash.
Status save_compaction_state(FileSystem& files,
                             const std::string& directory,
                             const CompactionState& state);

}  // namespace millrace::log
