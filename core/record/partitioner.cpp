#include "core/record/partitioner.h"

namespace millrace {

std::uint32_t murmur2(ByteView bytes) {
    constexpr std::uint32_t kMultiplier = 0x5bd1e995;
    constexpr std::uint32_t kSeed = 0x9747b28c;
    auto hash = kSeed ^ static_cast<std::uint32_t>(bytes.size());
    std::size_t at = 0;
    for (; at + 4 <= bytes.size(); at += 4) {
        auto word = load_le<std::uint32_t>(bytes.data() + at);
        word *= kMultiplier;
        word ^= word >> 24;
        word *= kMultiplier;
        hash = hash * kMultiplier ^ word;
    }
    const std::size_t rest = bytes.size() - at;
    if (rest > 0) {
        for (std::size_t i = rest; i > 0; --i) {
            hash ^= static_cast<std::uint32_t>(bytes[at + i - 1]) << (8 * (i - 1));
        }
        hash *= kMultiplier;
    }
    hash ^= hash >> 13;
    hash *= kMultiplier;
    return hash ^ hash >> 15;
}

Partition partition_of_key(ByteView key, std::int32_t partitions) {
    CHECK(partitions > 0);
    return Partition{static_cast<std::int32_t>(murmur2(key) & 0x7fffffff) % partitions};
}

}  // namespace millrace
