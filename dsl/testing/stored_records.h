// StoredRecord: a record as it lies in a topic; appending and reading them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/client/log_client.h"

namespace millrace::dsl::testing {

struct StoredRecord {
    std::optional<std::string> key;
    std::optional<std::string> value;  // none: a tombstone
    std::int64_t timestamp = 0;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

/// By partition.
using PartitionedRecords = std::map<std::int32_t, std::vector<StoredRecord>>;

/// In one atomic unit, a record batch for each partition. Waits for the log.
Status append_records(LogClient& log, const TopicId& topic, const PartitionedRecords& records);

/// From `begin` to where the partition ends now. Waits for the log.
[[nodiscard]] Result<std::vector<StoredRecord>> read_records(LogClient& log,
                                                             const TopicPartition& from,
                                                             Offset begin = Offset{0});

}  // namespace millrace::dsl::testing
