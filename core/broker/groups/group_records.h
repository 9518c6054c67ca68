// What of a group is kept in __consumer_offsets (Kafka's group metadata records), and a look into
// the two blobs that consumers exchange through it. Bytes: docs/formats/offsets.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/broker/groups/group.h"

namespace millrace::broker {

/// Protocol type of groups whose members are consumers: their metadata can be read.
constexpr std::string_view kConsumerProtocolType = "consumer";

/// The value of a group's record: generation, protocol, leader, members with their assignments.
[[nodiscard]] Buffer encode_group_value(const Group& group);
/// Fills an empty `group` from a record's value; it is then stable, or empty. Deadlines are left
/// alone. kCorruptBatch when it cannot be read.
Status decode_group_value(ByteView value, Group& group);

/// Topics of a consumer's subscription (ConsumerProtocolSubscription); nullopt when the bytes are
/// none.
[[nodiscard]] std::optional<std::vector<std::string>> parse_subscribed_topics(ByteView metadata);

struct AssignedTopic {
    std::string topic;
    std::vector<std::int32_t> partitions;
};
/// What a consumer was assigned (ConsumerProtocolAssignment); nullopt when the bytes are none.
[[nodiscard]] std::optional<std::vector<AssignedTopic>> parse_assignment(ByteView assignment);

}  // namespace millrace::broker
