// What goes in and out of the transaction coordinator: plain data, no wire types.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/broker/groups/group_types.h"
#include "core/record/ids.h"
#include "core/record/kafka_error.h"
#include "core/record/transaction.h"

namespace millrace::broker {

/// Limits and times of transactions, by their names in Kafka where there is one.
struct TransactionOptions {
    std::chrono::milliseconds timeout_max{900'000};  // transaction.max.timeout.ms
    /// transactional.id.expiration.ms: how long an id without a transaction is remembered.
    std::chrono::milliseconds id_expiration{std::chrono::hours{7 * 24}};
    std::chrono::milliseconds id_expiration_check{std::chrono::hours{1}};
    /// How long an abort by timeout that the log refused (full disk) waits for its next try.
    std::chrono::milliseconds retry_delay{1'000};
    std::size_t ids_max = 100'000;     // transactional ids
    std::size_t id_bytes_max = 1'024;  // of one transactional id or group name
    std::size_t transaction_bytes_max = std::size_t{16} << 20;  // partitions and offsets of one
    std::size_t bytes_max = std::size_t{256} << 20;             // the same of all
    std::size_t offset_metadata_bytes_max = 4'096;              // offset.metadata.max.bytes
    std::size_t waiting_max = 64;  // requests of one id that wait for each other
};

/// Who asks: a transactional id with what init_producer() gave it.
struct TransactionOwner {
    std::string transactional_id;
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
};

struct InitProducerRequest {
    std::optional<std::string> transactional_id;  // none: idempotent only
    std::chrono::milliseconds timeout{0};         // ignored without an id
    /// What the producer had before, to go on after an error (KIP-360); -1: a new producer.
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
};

struct InitProducerAnswer {
    KafkaError error = KafkaError::kNone;
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
};

/// Offsets that become the group's when the transaction commits.
struct TransactionOffsets {
    TransactionOwner owner;
    GroupMember member;
    std::vector<OffsetToCommit> offsets;
};

enum class TransactionState : std::uint8_t {
    kEmpty = 0,  // an id that never had a transaction
    kOngoing = 1,
    kPrepareCommit = 2,  // in memory only: the unit that ends it is on its way; so is the next
    kPrepareAbort = 3,
    kCompleteCommit = 4,
    kCompleteAbort = 5,
};
/// "Empty", "Ongoing", ... as clients know them. Static storage.
[[nodiscard]] std::string_view name_of(TransactionState state);
[[nodiscard]] std::optional<TransactionState> parse_transaction_state(std::string_view name);

struct TransactionDescription {
    KafkaError error = KafkaError::kNone;  // TRANSACTIONAL_ID_NOT_FOUND
    TransactionState state = TransactionState::kEmpty;
    std::chrono::milliseconds timeout{0};
    Timestamp started{-1};  // wall time; -1 when none is open
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
    std::vector<TopicPartition> partitions;
};

struct TransactionFilter {
    std::vector<TransactionState> states;                 // empty: all
    std::vector<std::int64_t> producer_ids;               // empty: all
    std::optional<std::chrono::milliseconds> older_than;  // open for longer
};

struct TransactionListing {
    std::string transactional_id;
    std::int64_t producer_id = -1;
    TransactionState state = TransactionState::kEmpty;
};

}  // namespace millrace::broker
