// Clients that cost next to nothing: requests are encoded before the clock starts, answers are
// looked at as little as an answer may be.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/broker/loopback.h"
#include "core/base/bytes.h"

namespace millrace::bench {

/// What a producer sends again and again.
struct ProduceLoad {
    std::string topic;
    std::int32_t partitions = 1;  // one batch per request, round robin
    std::size_t batch_bytes = 0;  // nearly: of records of 1 KiB
    std::size_t requests = 0;
    std::size_t window = 1;  // requests under way
    std::int16_t acks = -1;
};

struct ProduceResult {
    double bytes_per_second = 0;       // of batches
    std::uint64_t bytes = 0;           // of batches
    std::vector<double> latencies_ms;  // of each request
};

/// Sends them over one connection and checks every answer.
[[nodiscard]] ProduceResult replay_produce(std::uint16_t port, const ProduceLoad& load);

/// Records per batch of that size.
[[nodiscard]] std::int64_t records_per_batch(std::size_t batch_bytes);

struct ConsumeResult {
    double bytes_per_second = 0;  // of batches
    std::uint64_t bytes = 0;
    std::int64_t records = 0;
};

enum class CheckCrc : std::uint8_t { kNo, kYes };

/// Reads partition 0 from its start to `end` over one connection, one fetch at a time, and checks
/// that offsets follow each other without a gap.
[[nodiscard]] ConsumeResult consume(std::uint16_t port,
                                    const std::string& topic,
                                    std::int64_t end,
                                    std::size_t fetch_bytes,
                                    CheckCrc check);

/// The end of a partition as ListOffsets gives it.
[[nodiscard]] std::int64_t end_of(std::uint16_t port,
                                  const std::string& topic,
                                  std::int32_t partition);

}  // namespace millrace::bench
