// A producer and a read_committed consumer as clients have them, on a broker driven by hand.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/io_executor.h"
#include "core/broker/broker.h"
#include "core/broker/transactions/transaction_coordinator.h"
#include "core/record/record_batch.h"
#include "core/record/record_batch_builder.h"
#include "core/record/record_cursor.h"
#include "core/record/transaction.h"

namespace millrace::broker {

/// One batch of a transactional (or idempotent) producer with one record.
struct ProducerBatch {
    std::int64_t producer_id = -1;
    std::int16_t epoch = 0;
    std::int32_t sequence = 0;
    bool is_transactional = true;
};

inline Buffer producer_batch(const ProducerBatch& of, const std::string& value) {
    RecordBatchBuilder builder({.producer_id = of.producer_id,
                                .producer_epoch = of.epoch,
                                .base_sequence = of.sequence,
                                .is_transactional = of.is_transactional});
    builder.add(std::nullopt, as_bytes(value), Timestamp{1});
    return builder.finish().value();
}

/// What a client makes of fetched batches: control batches are its own business, records of
/// aborted transactions are left out.
inline std::vector<std::string> committed_values(const PartitionFetched& fetched, Offset& at) {
    std::vector<std::string> values;
    std::vector<AbortedTransaction> aborted = fetched.aborted;
    std::sort(aborted.begin(), aborted.end(), [](const auto& a, const auto& b) {
        return a.first_offset < b.first_offset;
    });
    std::size_t next_aborted = 0;
    std::set<std::int64_t> aborting;
    for (const ByteView part : fetched.batches) {
        RecordBatchCursor batches(part);
        for (auto found = batches.next().value(); found; found = batches.next().value()) {
            const RecordBatchView& batch = *found;
            while (next_aborted < aborted.size() &&
                   aborted[next_aborted].first_offset <= batch.last_offset()) {
                aborting.insert(aborted[next_aborted++].producer_id);
            }
            at = next(batch.last_offset());
            if (batch.is_control()) {
                if (decode_marker(batch).value().end == TransactionEnd::kAbort) {
                    aborting.erase(batch.producer_id());
                }
                continue;
            }
            if (batch.is_transactional() && aborting.contains(batch.producer_id())) {
                continue;
            }
            RecordCursor records(batch, batch.records());
            for (RecordView record; records.next(record);) {
                values.emplace_back(as_text(*record.value));
            }
        }
    }
    return values;
}

/// A broker and an executor that somebody else owns, with verbs that wait for their answers.
class TransactionClient {
  public:
    /// Whether the broker may die under a request: the answer is then a network error.
    enum class Fate : std::uint8_t { kLives, kMayDie };
    TransactionClient(Broker& broker, ManualIoExecutor& io, Fate fate = Fate::kLives)
        : broker_(broker), io_(io), fate_(fate) {}

    InitProducerAnswer init(InitProducerRequest request) {
        return ask<InitProducerAnswer>(
            [&](Reply<InitProducerAnswer> reply) {
                broker_.transactions().init_producer(std::move(request), std::move(reply));
            },
            {.error = KafkaError::kNetworkException});
    }
    std::vector<KafkaError> add_all(const TransactionOwner& owner,
                                    std::vector<TopicPartition> partitions) {
        return ask<std::vector<KafkaError>>(
            [&](Reply<std::vector<KafkaError>> reply) {
                broker_.transactions().add_partitions(
                    owner, std::move(partitions), std::move(reply));
            },
            {KafkaError::kNetworkException});
    }
    KafkaError add(const TransactionOwner& owner, TopicPartition partition) {
        return add_all(owner, {partition}).front();
    }
    KafkaError add_offsets(const TransactionOwner& owner, const std::string& group) {
        return ask<KafkaError>(
            [&](Reply<KafkaError> reply) {
                broker_.transactions().add_offsets(owner, group, std::move(reply));
            },
            KafkaError::kNetworkException);
    }
    std::vector<KafkaError> commit_offsets(TransactionOffsets request) {
        return ask<std::vector<KafkaError>>(
            [&](Reply<std::vector<KafkaError>> reply) {
                broker_.transactions().commit_offsets(std::move(request), std::move(reply));
            },
            {KafkaError::kNetworkException});
    }
    KafkaError end(const TransactionOwner& owner, TransactionEnd how) {
        return ask<KafkaError>(
            [&](Reply<KafkaError> reply) {
                broker_.transactions().end(owner, how, std::move(reply));
            },
            KafkaError::kNetworkException);
    }
    Produced produce(TopicPartition to, Buffer batch) {
        std::vector<ProducePiece> pieces;
        pieces.push_back({to, std::move(batch)});
        const auto answers = ask<std::vector<Produced>>(
            [&](Reply<std::vector<Produced>> reply) {
                broker_.produce(
                    std::move(pieces), Acks::kAll, [reply](Result<std::vector<Produced>> result) {
                        reply(std::move(result).value());
                    });
            },
            {{.error = KafkaError::kNetworkException}});
        return answers.front();
    }
    PartitionFetched fetch(TopicPartition from, Offset at, Isolation isolation) {
        FetchSet set;
        set.partitions.push_back({.from = from, .offset = at});
        set.isolation = isolation;
        auto fetched = ask<std::vector<PartitionFetched>>(
            [&](Reply<std::vector<PartitionFetched>> reply) {
                broker_.fetch_set(std::move(set),
                                  [reply](Result<std::vector<PartitionFetched>> result) {
                                      reply(std::move(result).value());
                                  });
            },
            {{.error = KafkaError::kNetworkException}});
        return std::move(fetched.front());
    }
    /// All that a read_committed consumer gets, from `at` on.
    std::vector<std::string> read_committed(TopicPartition from, Offset at = Offset{0}) {
        std::vector<std::string> values;
        for (;;) {
            const PartitionFetched fetched = fetch(from, at, Isolation::kReadCommitted);
            EXPECT_EQ(fetched.error, KafkaError::kNone);
            if (fetched.batches.empty()) {
                return values;
            }
            for (std::string& value : committed_values(fetched, at)) {
                values.push_back(std::move(value));
            }
        }
    }

  private:
    template <class Answer>
    Answer ask(const std::function<void(Reply<Answer>)>& call, Answer without) {
        auto answer = std::make_shared<std::optional<Answer>>();
        call([answer](Answer given) { answer->emplace(std::move(given)); });
        io_.run_all();
        EXPECT_TRUE(answer->has_value() || fate_ == Fate::kMayDie);
        return answer->has_value() ? std::move(**answer) : std::move(without);
    }

    Broker& broker_;
    ManualIoExecutor& io_;
    const Fate fate_;
};

}  // namespace millrace::broker
