// Which partition a key belongs to: Kafka's default, so that co-partitioning with other clients
// holds.
#pragma once

#include "core/base/bytes.h"
#include "core/record/ids.h"

namespace millrace {

/// MurmurHash2 with the seed and byte order of Kafka's Java client.
[[nodiscard]] std::uint32_t murmur2(ByteView bytes);

/// (murmur2(key) & 0x7fffffff) % partitions; partitions > 0. The rule of Kafka's built-in
/// partitioner for keyed records.
[[nodiscard]] Partition partition_of_key(ByteView key, std::int32_t partitions);

}  // namespace millrace
