// Inspection: everything that can be told of a data directory by looking, without changing a byte;
// and the repair of what was found. For `doctor`.
#pragma once

#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/log/journal.h"
#include "core/log/segment_check.h"
#include "core/record/ids.h"

namespace millrace::broker {

struct InspectedSegment {
    Offset base;
    Offset next;
    std::string path;
    bool is_active = false;  // the last one: the journal says where it ends
    std::uint64_t bytes = 0;
    std::uint64_t batches = 0;
    std::uint64_t records = 0;
    std::vector<log::DamagedRange> damage;
};

struct InspectedPartition {
    std::string topic;
    TopicPartition id;
    Offset log_start;
    Offset end;  // first offset that nothing was committed at
    std::uint64_t bytes = 0;
    std::vector<InspectedSegment> segments;
    std::vector<std::string> damage;   // what is lost or refused, besides the segments' ranges
    std::vector<std::string> derived;  // files that the next start makes again; nothing is lost

    [[nodiscard]] bool is_damaged() const;
};

struct DirectoryInspection {
    std::string cluster_id;
    bool was_stopped_cleanly = false;
    log::RecoveryReport recovery;     // what the next start will find in the journal
    std::vector<std::string> damage;  // of the directory as a whole
    std::vector<std::string> notes;   // left from crashes; the next start tidies up
    std::vector<InspectedPartition> partitions;

    [[nodiscard]] bool is_damaged() const;
};

/// Looks at superblock, catalog, checkpoints, journal, segments and derived files. Reads every byte
/// of every segment. kNotFound: there is no data directory; kInUse: another process holds it;
/// kNewerFormat. Other damage is part of the answer.
[[nodiscard]] Result<DirectoryInspection> inspect_directory(Env& env,
                                                            const std::string& data_directory);

struct Repair {
    std::string what;  // one line
};

/// Recovers the journal as a start would, makes derived files again, and puts placeholders where
/// records cannot be read, so that readers pass by instead of failing. Every damaged byte is copied
/// to DATA/quarantine first. Only closed segments; the active one is named in the answer. Never
/// touches what is intact. Errors as inspect_directory().
[[nodiscard]] Result<std::vector<Repair>> repair_directory(Env& env,
                                                           const std::string& data_directory);

}  // namespace millrace::broker
