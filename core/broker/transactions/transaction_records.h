// The records of __transaction_state: what the coordinator knows of each transactional id, and
// which producer ids were given out. Bytes: docs/formats/transactions.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/broker/transactions/transaction_types.h"
#include "core/record/record.h"

namespace millrace::broker {

constexpr std::string_view kTransactionsTopic = "__transaction_state";

/// An offset that waits for its transaction.
struct TransactionOffset {
    Offset next;
    std::int32_t leader_epoch = -1;
    std::string metadata;

    friend bool operator==(const TransactionOffset&, const TransactionOffset&) = default;
};

/// One transactional id: its producer and its last or open transaction.
struct Transaction {
    std::int64_t producer_id = -1;
    std::int16_t epoch = -1;
    /// Before the last change of id or epoch, when the producer that asked for it may ask again
    /// because it got no answer; -1 otherwise.
    std::int64_t last_producer_id = -1;
    std::int16_t last_epoch = -1;
    std::chrono::milliseconds timeout{0};
    TransactionState state = TransactionState::kEmpty;  // none of the preparing ones
    Timestamp started{-1};                              // wall time
    // Of an open transaction.
    std::set<TopicPartition> partitions;
    std::set<std::string> groups;
    std::map<std::pair<std::string, TopicPartition>, TransactionOffset> offsets;

    friend bool operator==(const Transaction&, const Transaction&) = default;
};

/// Keys of the topic.
struct TransactionKey {
    std::string transactional_id;
};
struct ProducerIdsKey {};
struct UnknownKey {};  // a kind that newer versions write
using TransactionsKey = std::variant<TransactionKey, ProducerIdsKey, UnknownKey>;

[[nodiscard]] Buffer encode_transaction_key(const std::string& transactional_id);
[[nodiscard]] Buffer encode_producer_ids_key();
/// kCorruptBatch.
[[nodiscard]] Result<TransactionsKey> decode_transactions_key(const RecordView& record);

[[nodiscard]] Buffer encode_transaction(const Transaction& transaction);
/// kCorruptBatch, kNewerFormat.
[[nodiscard]] Result<Transaction> decode_transaction(ByteView value);

/// Ids from `next` on were never given out.
[[nodiscard]] Buffer encode_producer_ids(std::int64_t next);
[[nodiscard]] Result<std::int64_t> decode_producer_ids(ByteView value);

}  // namespace millrace::broker
