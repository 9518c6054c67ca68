#include "core/broker/transactions/transaction_records.h"

#include <algorithm>
#include <array>

namespace millrace::broker {

namespace {

constexpr std::int16_t kTransactionKeyVersion = 0;  // Kafka's
constexpr std::int16_t kProducerIdsKeyVersion = 0x4d52;
constexpr std::uint8_t kValueVersion = 1;

struct StateName {
    TransactionState state;
    std::string_view name;
};
constexpr std::array kStateNames{
    StateName{TransactionState::kEmpty, "Empty"},
    StateName{TransactionState::kOngoing, "Ongoing"},
    StateName{TransactionState::kPrepareCommit, "PrepareCommit"},
    StateName{TransactionState::kPrepareAbort, "PrepareAbort"},
    StateName{TransactionState::kCompleteCommit, "CompleteCommit"},
    StateName{TransactionState::kCompleteAbort, "CompleteAbort"},
};

Error damaged() {
    return Error{ErrorCode::kCorruptBatch,
                 "record cannot be read in " + std::string(kTransactionsTopic)};
}

void append_string(Buffer& out, std::string_view text) {
    out.append_le(static_cast<std::uint32_t>(text.size()));
    out.append(text);
}

std::string read_string(Cursor& cursor) {
    const auto size = cursor.read_le<std::uint32_t>();
    return std::string(as_text(cursor.read_bytes(size)));
}

void append_partition(Buffer& out, TopicPartition partition) {
    out.append(ByteView(reinterpret_cast<const std::byte*>(partition.topic.bytes.data()),
                        partition.topic.bytes.size()));
    out.append_le(partition.partition.value);
}

TopicPartition read_partition(Cursor& cursor) {
    TopicPartition partition;
    const ByteView id = cursor.read_bytes(partition.topic.bytes.size());
    if (cursor.ok()) {
        std::memcpy(partition.topic.bytes.data(), id.data(), id.size());
    }
    partition.partition = Partition{cursor.read_le<std::int32_t>()};
    return partition;
}

Status check_version(std::uint8_t version) {
    if (version > kValueVersion) {
        return Error{ErrorCode::kNewerFormat,
                     std::string(kTransactionsTopic) + " was written in format " +
                         std::to_string(version) + " by a newer version of Millrace"};
    }
    return version == kValueVersion ? Status{Ok{}} : Status{damaged()};
}

bool is_kept(std::uint8_t state) {
    return state == static_cast<std::uint8_t>(TransactionState::kEmpty) ||
           state == static_cast<std::uint8_t>(TransactionState::kOngoing) ||
           state == static_cast<std::uint8_t>(TransactionState::kCompleteCommit) ||
           state == static_cast<std::uint8_t>(TransactionState::kCompleteAbort);
}

}  // namespace

std::string_view name_of(TransactionState state) {
    return kStateNames[static_cast<std::size_t>(state)].name;
}

std::optional<TransactionState> parse_transaction_state(std::string_view name) {
    const auto* const found =
        std::find_if(kStateNames.begin(), kStateNames.end(), [name](const StateName& entry) {
            return entry.name == name;
        });
    return found == kStateNames.end() ? std::nullopt : std::optional(found->state);
}

Buffer encode_transaction_key(const std::string& transactional_id) {
    Buffer out;
    out.append_be(kTransactionKeyVersion);
    out.append_be(static_cast<std::int16_t>(transactional_id.size()));
    out.append(transactional_id);
    return out;
}

Buffer encode_producer_ids_key() {
    Buffer out;
    out.append_be(kProducerIdsKeyVersion);
    return out;
}

Result<TransactionsKey> decode_transactions_key(const RecordView& record) {
    if (!record.key) {
        return damaged();
    }
    Cursor key(*record.key);
    const auto version = key.read_be<std::int16_t>();
    if (!key.ok()) {
        return damaged();
    }
    if (version == kProducerIdsKeyVersion) {
        return TransactionsKey{ProducerIdsKey{}};
    }
    if (version != kTransactionKeyVersion) {
        return TransactionsKey{UnknownKey{}};
    }
    const auto size = key.read_be<std::int16_t>();
    const ByteView id = key.read_bytes(static_cast<std::size_t>(std::max<std::int16_t>(size, 0)));
    if (!key.ok() || size < 0 || key.remaining() > 0) {
        return damaged();
    }
    return TransactionsKey{TransactionKey{std::string(as_text(id))}};
}

Buffer encode_transaction(const Transaction& transaction) {
    Buffer out;
    out.append_le(kValueVersion);
    out.append_le(static_cast<std::uint8_t>(transaction.state));
    out.append_le(transaction.producer_id);
    out.append_le(transaction.epoch);
    out.append_le(transaction.last_producer_id);
    out.append_le(transaction.last_epoch);
    out.append_le(std::int64_t{transaction.timeout.count()});
    out.append_le(transaction.started.value);
    out.append_le(static_cast<std::uint32_t>(transaction.partitions.size()));
    for (const TopicPartition& partition : transaction.partitions) {
        append_partition(out, partition);
    }
    out.append_le(static_cast<std::uint32_t>(transaction.groups.size()));
    for (const std::string& group : transaction.groups) {
        append_string(out, group);
    }
    out.append_le(static_cast<std::uint32_t>(transaction.offsets.size()));
    for (const auto& [of, offset] : transaction.offsets) {
        append_string(out, of.first);
        append_partition(out, of.second);
        out.append_le(offset.next.value);
        out.append_le(offset.leader_epoch);
        append_string(out, offset.metadata);
    }
    return out;
}

Result<Transaction> decode_transaction(ByteView value) {
    Cursor cursor(value);
    MILLRACE_TRY_STATUS(check_version(cursor.read_le<std::uint8_t>()));
    Transaction transaction;
    const auto state = cursor.read_le<std::uint8_t>();
    if (!is_kept(state)) {
        return damaged();
    }
    transaction.state = static_cast<TransactionState>(state);
    transaction.producer_id = cursor.read_le<std::int64_t>();
    transaction.epoch = cursor.read_le<std::int16_t>();
    transaction.last_producer_id = cursor.read_le<std::int64_t>();
    transaction.last_epoch = cursor.read_le<std::int16_t>();
    transaction.timeout = std::chrono::milliseconds(cursor.read_le<std::int64_t>());
    transaction.started = Timestamp{cursor.read_le<std::int64_t>()};
    // Counts are believed only as far as there are bytes.
    for (auto left = cursor.read_le<std::uint32_t>(); left > 0 && cursor.ok(); --left) {
        transaction.partitions.insert(read_partition(cursor));
    }
    for (auto left = cursor.read_le<std::uint32_t>(); left > 0 && cursor.ok(); --left) {
        transaction.groups.insert(read_string(cursor));
    }
    for (auto left = cursor.read_le<std::uint32_t>(); left > 0 && cursor.ok(); --left) {
        std::string group = read_string(cursor);
        const TopicPartition partition = read_partition(cursor);
        TransactionOffset offset;
        offset.next = Offset{cursor.read_le<std::int64_t>()};
        offset.leader_epoch = cursor.read_le<std::int32_t>();
        offset.metadata = read_string(cursor);
        transaction.offsets.emplace(std::pair(std::move(group), partition), std::move(offset));
    }
    if (!cursor.ok() || cursor.remaining() > 0) {
        return damaged();
    }
    return transaction;
}

Buffer encode_producer_ids(std::int64_t next) {
    Buffer out;
    out.append_le(kValueVersion);
    out.append_le(next);
    return out;
}

Result<std::int64_t> decode_producer_ids(ByteView value) {
    Cursor cursor(value);
    MILLRACE_TRY_STATUS(check_version(cursor.read_le<std::uint8_t>()));
    const auto next = cursor.read_le<std::int64_t>();
    if (!cursor.ok() || next < 0) {
        return damaged();
    }
    return next;
}

}  // namespace millrace::broker
