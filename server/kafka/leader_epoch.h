// The one leader epoch there is: this server leads every partition and always has.
#pragma once

#include <cstdint>

#include "core/record/kafka_error.h"

namespace millrace::server::kafka {

constexpr std::int32_t kLeaderEpoch = 0;

/// What a client is told that believes the leader's epoch to be `current`; -1 means that it does
/// not know.
[[nodiscard]] constexpr KafkaError check_leader_epoch(std::int32_t current) {
    if (current > kLeaderEpoch) {
        return KafkaError::kUnknownLeaderEpoch;
    }
    return current < -1 ? KafkaError::kFencedLeaderEpoch : KafkaError::kNone;
}

}  // namespace millrace::server::kafka
