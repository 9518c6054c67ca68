// ProducePolicy: what a topic takes from Kafka clients, and the check of one piece against it.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/broker/requests.h"
#include "core/record/batch_bytes.h"
#include "core/record/compression.h"
#include "core/record/kafka_error.h"
#include "core/record/record_batch.h"

namespace millrace::broker {

/// Largest batch that clients may produce unless max.message.bytes says otherwise: Kafka's default.
/// Writers inside the process are bound by PartitionLogOptions::batch_bytes_max only.
constexpr std::size_t kClientBatchBytesMax = (std::size_t{1} << 20) + 12;

/// The settings of one topic that its producers feel.
struct ProducePolicy {
    std::string topic_name;  // for messages
    bool is_internal = false;
    bool needs_keys = false;  // compacted: a record without a key could never be removed
    std::size_t batch_bytes_max = kClientBatchBytesMax;
    TimestampType timestamp_type = TimestampType::kCreateTime;
    std::optional<std::chrono::milliseconds> before_max;  // how old a record may be
    std::optional<std::chrono::milliseconds> after_max;   // how far in the future it may lie
    std::optional<Codec> codec;                           // none: as the producer chose
};

/// Of a topic whose config has been checked.
[[nodiscard]] ProducePolicy produce_policy(const TopicInfo& topic);

/// Why a piece is not taken.
struct Refusal {
    KafkaError error = KafkaError::kNone;
    std::string message;  // for people
};

/// Checks what a client sent for one partition: exactly one v2 batch, no control batch, in bounds,
/// its records sound and as the policy wants them. Then stamps or recompresses it where the policy
/// says so. The CRC is left to the log unless the batch is changed. Inflates compressed records, so
/// it costs time by their size; any thread.
///
/// now       wall time, for the topic's timestamp rules
/// returns   nullopt: `batch` may go to the log, with what was asked done to it
[[nodiscard]] std::optional<Refusal> admit_produced(BatchBytes& batch,
                                                    const ProducePolicy& policy,
                                                    Timestamp now);

}  // namespace millrace::broker
