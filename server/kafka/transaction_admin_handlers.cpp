// DescribeProducers, DescribeTransactions, ListTransactions: what operators look at when a
// transaction hangs.
#include <map>
#include <string>
#include <vector>

#include "core/broker/transactions/transaction_coordinator.h"
#include "core/wire/generated/describe_producers_request.h"
#include "core/wire/generated/describe_transactions_request.h"
#include "core/wire/generated/list_transactions_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/messages/transactions.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

namespace {

wire::DescribeProducersResponse::Partition describe_partition(broker::Broker& broker,
                                                              const TopicPtr& topic,
                                                              std::int32_t index) {
    wire::DescribeProducersResponse::Partition answer{.partition_index = index};
    if (!topic || index < 0 || index >= topic->partitions) {
        answer.error = KafkaError::kUnknownTopicOrPartition;
        return answer;
    }
    const auto producers = broker.producers({topic->id, Partition{index}});
    if (!producers.ok()) {
        answer.error = to_kafka_error(producers.error().code);
        answer.error_message = producers.error().message;
        return answer;
    }
    for (const log::ProducerInfo& producer : producers.value()) {
        answer.active_producers.push_back(
            {.producer_id = producer.producer_id,
             .producer_epoch = producer.epoch,
             .last_sequence = producer.last_sequence,
             .last_timestamp = producer.last_timestamp.value,
             .coordinator_epoch = producer.coordinator_epoch,
             .current_txn_start_offset = producer.transaction_start.value_or(Offset{-1}).value});
    }
    return answer;
}

wire::DescribeTransactionsResponse::Transaction describe_transaction(broker::Broker& broker,
                                                                     std::string_view id) {
    const broker::TransactionDescription found = broker.transactions().describe(std::string(id));
    wire::DescribeTransactionsResponse::Transaction answer{.error = found.error,
                                                           .transactional_id = std::string(id)};
    if (found.error != KafkaError::kNone) {
        return answer;
    }
    answer.transaction_state = broker::name_of(found.state);
    answer.transaction_timeout_ms = static_cast<std::int32_t>(found.timeout.count());
    answer.transaction_start_time_ms = found.started.value;
    answer.producer_id = found.producer_id;
    answer.producer_epoch = found.producer_epoch;
    std::map<std::string, std::vector<std::int32_t>> topics;
    for (const TopicPartition& partition : found.partitions) {
        if (const TopicPtr topic = broker.find_topic(partition.topic)) {
            topics[topic->name].push_back(partition.partition.value);
        }
    }
    for (auto& [name, partitions] : topics) {
        answer.topics.push_back({.topic = name, .partitions = std::move(partitions)});
    }
    return answer;
}

}  // namespace

void handle_describe_producers(Services& services, RequestPtr request) {
    const auto* const body = request->decode<wire::describe_producers_request_t>();
    if (body == nullptr) {
        return;
    }
    wire::DescribeProducersResponse response;
    for (const auto& topic : wire::items(body->topics())) {
        const TopicPtr known = services.broker.find_topic(wire::text(topic->name()));
        auto& answers = response.topics.emplace_back();
        answers.name = wire::text(topic->name());
        for (const std::int32_t index : wire::items(topic->partition_indexes())) {
            answers.partitions.push_back(describe_partition(services.broker, known, index));
        }
    }
    request->respond(std::move(response));
}

void handle_describe_transactions(Services& services, RequestPtr request) {
    const auto* const body = request->decode<wire::describe_transactions_request_t>();
    if (body == nullptr) {
        return;
    }
    wire::DescribeTransactionsResponse response;
    for (const auto& id : wire::items(body->transactional_ids())) {
        response.transaction_states.push_back(
            describe_transaction(services.broker, wire::text(id)));
    }
    request->respond(std::move(response));
}

void handle_list_transactions(Services& services, RequestPtr request) {
    const auto* const body = request->decode<wire::list_transactions_request_t>();
    if (body == nullptr) {
        return;
    }
    wire::ListTransactionsResponse response;
    broker::TransactionFilter filter;
    for (const auto& name : wire::items(body->state_filters())) {
        if (const auto state = broker::parse_transaction_state(wire::text(name))) {
            filter.states.push_back(*state);
        } else {
            response.unknown_state_filters.emplace_back(wire::text(name));
        }
    }
    for (const std::int64_t id : wire::items(body->producer_id_filters())) {
        filter.producer_ids.push_back(id);
    }
    if (body->duration_filter() >= 0) {
        filter.older_than = std::chrono::milliseconds(body->duration_filter());
    }
    // Only unknown states were asked for: none matches.
    const bool matches_none = filter.states.empty() && !response.unknown_state_filters.empty();
    if (!matches_none) {
        for (const auto& listing : services.broker.transactions().list(filter)) {
            response.transaction_states.push_back(
                {.transactional_id = listing.transactional_id,
                 .producer_id = listing.producer_id,
                 .transaction_state = std::string(broker::name_of(listing.state))});
        }
    }
    request->respond(std::move(response));
}

}  // namespace millrace::server::kafka
