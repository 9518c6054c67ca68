// Names for the integers of a log: topic, partition, offset, time.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "core/base/assert.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/strong.h"

namespace millrace {

using Offset = Strong<struct OffsetTag, std::int64_t>;        // position in a partition, from 0
using Partition = Strong<struct PartitionTag, std::int32_t>;  // from 0
using Timestamp = Strong<struct TimestampTag, std::int64_t>;  // milliseconds since 1970-01-01 UTC

/// The offset that follows `offset`.
constexpr Offset next(Offset offset) {
    DCHECK(offset.value < std::numeric_limits<std::int64_t>::max());
    return Offset{offset.value + 1};
}

/// A topic's uuid: the topic id of the wire protocol and the name of its directory. Never reused.
struct TopicId {
    std::array<std::uint8_t, 16> bytes{};

    friend auto operator<=>(const TopicId&, const TopicId&) = default;
    /// A random (version 4) uuid.
    [[nodiscard]] static TopicId make(Random& random);
    /// "550e8400-e29b-41d4-a716-446655440000"
    [[nodiscard]] std::string to_string() const;
    [[nodiscard]] static Result<TopicId> parse(std::string_view text);
};

struct TopicPartition {
    TopicId topic;
    Partition partition;

    friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

}  // namespace millrace

template <>
struct std::hash<millrace::TopicId> {
    std::size_t operator()(const millrace::TopicId& id) const noexcept;
};
template <>
struct std::hash<millrace::TopicPartition> {
    std::size_t operator()(const millrace::TopicPartition& id) const noexcept;
};
