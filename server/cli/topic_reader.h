// TopicReader: records of a topic, partition by partition or merged by arrival, for people to look
// at.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/client/log_client.h"
#include "core/record/record.h"

namespace millrace::server {

struct ReadPlan {
    TopicInfo topic;
    std::map<std::int32_t, Offset> from;  // partition -> first offset
    bool follow = false;                  // wait for more at the end
};

/// Calls `visit(partition, record)` for each record until it says false, the ends (as they stand at
/// the call) are reached, or `is_cancelled` is true. On the caller's thread, which must not be the
/// I/O executor's.
[[nodiscard]] Status read_records(LogClient& log,
                                  const ReadPlan& plan,
                                  const std::function<bool(std::int32_t, const RecordView&)>& visit,
                                  const std::function<bool()>& is_cancelled);

}  // namespace millrace::server
