// InitProducerId and the APIs of transactions.
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/broker/transactions/transaction_coordinator.h"
#include "core/wire/generated/add_offsets_to_txn_request.h"
#include "core/wire/generated/add_partitions_to_txn_request.h"
#include "core/wire/generated/end_txn_request.h"
#include "core/wire/generated/init_producer_id_request.h"
#include "core/wire/generated/txn_offset_commit_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/messages/transactions.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

namespace {

/// Clients know PRODUCER_FENCED from this version of an API on; before it was the epoch's error.
KafkaError for_version(KafkaError error, std::int16_t version, std::int16_t knows_fenced) {
    return error == KafkaError::kProducerFenced && version < knows_fenced
               ? KafkaError::kInvalidProducerEpoch
               : error;
}

/// Whoever names its transactional id, producer id and epoch.
template <class Message>
broker::TransactionOwner owner_of(const Message& body) {
    return {.transactional_id = std::string(wire::text(body.transactional_id())),
            .producer_id = body.producer_id(),
            .producer_epoch = body.producer_epoch()};
}

}  // namespace

void handle_init_producer_id(Services& services, RequestPtr request) {
    const auto* const body = request->decode<wire::init_producer_id_request_t>();
    if (body == nullptr) {
        return;
    }
    broker::InitProducerRequest asked{
        .timeout = std::chrono::milliseconds(body->transaction_timeout_ms()),
        .producer_id = body->producer_id(),
        .producer_epoch = body->producer_epoch()};
    if (const auto id = wire::optional_text(body->transactional_id())) {
        asked.transactional_id = std::string(*id);
    }
    services.broker.transactions().init_producer(
        std::move(asked), [request](const broker::InitProducerAnswer& answer) {
            constexpr std::int16_t kKnowsFenced = 4;
            request->respond(wire::InitProducerIdResponse{
                .error = for_version(answer.error, request->version(), kKnowsFenced),
                .producer_id = answer.producer_id,
                .producer_epoch = answer.producer_epoch});
        });
}

void handle_add_partitions_to_txn(Services& services, RequestPtr request) {
    using Response = wire::AddPartitionsToTxnResponse;
    const auto* const body = request->decode<wire::add_partitions_to_txn_request_t>();
    if (body == nullptr) {
        return;
    }
    auto response = std::make_shared<Response>();
    std::vector<TopicPartition> partitions;
    for (const auto& topic : wire::items(body->topics())) {
        const TopicPtr known = services.broker.find_topic(wire::text(topic->name()));
        Response::Topic& answers = response->results_by_topic.emplace_back();
        answers.name = wire::text(topic->name());
        for (const std::int32_t index : wire::items(topic->partitions())) {
            answers.results_by_partition.push_back({.partition_index = index});
            // An unknown topic has an id that no topic has: the coordinator says so.
            partitions.push_back({known ? known->id : TopicId{}, Partition{index}});
        }
    }
    services.broker.transactions().add_partitions(
        owner_of(*body),
        std::move(partitions),
        [request, response](const std::vector<KafkaError>& errors) {
            constexpr std::int16_t kKnowsFenced = 2;
            auto error = errors.begin();
            for (Response::Topic& topic : response->results_by_topic) {
                for (Response::Partition& partition : topic.results_by_partition) {
                    partition.partition_error =
                        for_version(*error++, request->version(), kKnowsFenced);
                }
            }
            request->respond(std::move(*response));
        });
}

void handle_add_offsets_to_txn(Services& services, RequestPtr request) {
    const auto* const body = request->decode<wire::add_offsets_to_txn_request_t>();
    if (body == nullptr) {
        return;
    }
    services.broker.transactions().add_offsets(
        owner_of(*body), std::string(wire::text(body->group_id())), [request](KafkaError error) {
            constexpr std::int16_t kKnowsFenced = 2;
            request->respond(wire::AddOffsetsToTxnResponse{
                .error = for_version(error, request->version(), kKnowsFenced)});
        });
}

void handle_end_txn(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::end_txn_request_t>();
    if (body == nullptr) {
        return;
    }
    const TransactionEnd how = body->committed() ? TransactionEnd::kCommit : TransactionEnd::kAbort;
    services.broker.transactions().end(owner_of(*body), how, [request](KafkaError error) {
        constexpr std::int16_t kKnowsFenced = 2;
        request->respond(
            wire::EndTxnResponse{.error = for_version(error, request->version(), kKnowsFenced)});
    });
}

void handle_txn_offset_commit(Services& services, RequestPtr request) {
    using Response = wire::TxnOffsetCommitResponse;
    const auto* const body = request->decode<wire::txn_offset_commit_request_t>();
    if (body == nullptr) {
        return;
    }
    broker::TransactionOffsets asked{.owner = owner_of(*body), .member = {}, .offsets = {}};
    asked.member = {.group = std::string(wire::text(body->group_id())),
                    .generation = body->generation_id(),
                    .member_id = std::string(wire::text(body->member_id())),
                    .instance_id = std::nullopt};
    if (const auto instance = wire::optional_text(body->group_instance_id())) {
        asked.member.instance_id = std::string(*instance);
    }
    auto response = std::make_shared<Response>();
    for (const auto& topic : wire::items(body->topics())) {
        const TopicPtr known = services.broker.find_topic(wire::text(topic->name()));
        Response::Topic& answers = response->topics.emplace_back();
        answers.name = wire::text(topic->name());
        for (const auto& partition : wire::items(topic->partitions())) {
            answers.partitions.push_back({.partition_index = partition->partition_index()});
            asked.offsets.push_back(
                {.source = {known ? known->id : TopicId{}, Partition{partition->partition_index()}},
                 .next = Offset{partition->committed_offset()},
                 .leader_epoch = partition->committed_leader_epoch(),
                 .metadata = std::string(wire::text(partition->committed_metadata()))});
        }
    }
    services.broker.transactions().commit_offsets(
        std::move(asked), [request, response](const std::vector<KafkaError>& errors) {
            auto error = errors.begin();
            for (Response::Topic& topic : response->topics) {
                for (Response::Partition& partition : topic.partitions) {
                    // This API has no PRODUCER_FENCED in any version.
                    constexpr std::int16_t kNever = std::numeric_limits<std::int16_t>::max();
                    partition.error = for_version(*error++, request->version(), kNever);
                }
            }
            request->respond(std::move(*response));
        });
}

}  // namespace millrace::server::kafka
