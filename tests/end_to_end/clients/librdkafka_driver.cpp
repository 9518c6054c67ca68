// Driver of librdkafka, the library of the system: one JSON request per line in, one JSON answer
// per line out (see driver.py).
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>
#include <nlohmann/json.hpp>

namespace {

using Json = nlohmann::json;
using Settings = std::vector<std::pair<std::string, std::string>>;
constexpr int kTimeoutMs = 30'000;
std::string address;  // of the broker, from the command line

struct Destroy {
    void operator()(rd_kafka_t* it) const { rd_kafka_destroy(it); }
    void operator()(rd_kafka_queue_t* it) const { rd_kafka_queue_destroy(it); }
    void operator()(rd_kafka_event_t* it) const { rd_kafka_event_destroy(it); }
    void operator()(rd_kafka_message_t* it) const { rd_kafka_message_destroy(it); }
    void operator()(rd_kafka_error_t* it) const { rd_kafka_error_destroy(it); }
    void operator()(rd_kafka_topic_partition_list_t* it) const {
        rd_kafka_topic_partition_list_destroy(it);
    }
    void operator()(rd_kafka_consumer_group_metadata_t* it) const {
        rd_kafka_consumer_group_metadata_destroy(it);
    }
    void operator()(const rd_kafka_metadata_t* it) const { rd_kafka_metadata_destroy(it); }
};
template <typename T>
using Owned = std::unique_ptr<T, Destroy>;

void check(rd_kafka_resp_err_t error) {
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw std::runtime_error(rd_kafka_err2str(error));
    }
}

void check(rd_kafka_error_t* error) {
    if (error != nullptr) {
        const Owned<rd_kafka_error_t> owned(error);
        throw std::runtime_error(rd_kafka_error_string(error));
    }
}

void check_topics(const rd_kafka_topic_result_t** results, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        check(rd_kafka_topic_result_error(results[i]));
    }
}

void check_groups(const rd_kafka_group_result_t** results, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        if (const auto* error = rd_kafka_group_result_error(results[i])) {
            throw std::runtime_error(rd_kafka_error_string(error));
        }
        const auto* parts = rd_kafka_group_result_partitions(results[i]);
        for (int j = 0; parts != nullptr && j < parts->cnt; ++j) {
            check(parts->elems[j].err);
        }
    }
}

Owned<rd_kafka_t> open(rd_kafka_type_t type,
                       const Settings& settings,
                       void* opaque = nullptr,
                       const std::function<void(rd_kafka_conf_t*)>& more = {}) {
    std::array<char, 512> text{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    const auto set = [&](const std::string& key, const std::string& value) {
        if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), text.data(), text.size()) !=
            RD_KAFKA_CONF_OK) {
            throw std::runtime_error(text.data());
        }
    };
    set("bootstrap.servers", address);
    for (const auto& [key, value] : settings) {
        set(key, value);
    }
    rd_kafka_conf_set_opaque(conf, opaque);
    if (more) {
        more(conf);
    }
    rd_kafka_t* client = rd_kafka_new(type, conf, text.data(), text.size());
    if (client == nullptr) {
        throw std::runtime_error(text.data());
    }
    return Owned<rd_kafka_t>(client);
}

Owned<rd_kafka_topic_partition_list_t> one_partition(const Json& request, std::int64_t offset) {
    Owned<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(
        list.get(), request.at("topic").get<std::string>().c_str(), request.value("partition", 0))
        ->offset = offset;
    return list;
}

std::string text_of(const void* data, std::size_t size) {
    return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

// Records

struct Delivery {
    std::vector<Json> offsets;
    std::string problem;
};

void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto& delivery = *static_cast<Delivery*>(opaque);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        delivery.problem = rd_kafka_err2str(message->err);
    }
    const auto index = reinterpret_cast<std::uintptr_t>(message->_private);
    if (index < delivery.offsets.size()) {
        delivery.offsets[index] = message->offset;
    }
}

void send(rd_kafka_t* producer,
          const Json& request,
          const std::string& key,
          const std::string& value,
          std::size_t index) {
    rd_kafka_headers_t* headers = rd_kafka_headers_new(1);
    rd_kafka_header_add(headers, "from", -1, "librdkafka", -1);
    const auto error =
        rd_kafka_producev(producer,
                          RD_KAFKA_V_TOPIC(request.at("topic").get<std::string>().c_str()),
                          RD_KAFKA_V_PARTITION(request.at("partition").get<int>()),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                          RD_KAFKA_V_KEY(key.data(), key.size()),
                          RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                          RD_KAFKA_V_HEADERS(headers),
                          RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(index)),
                          RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_headers_destroy(headers);
    }
    check(error);
}

Json produce(const Json& request) {
    const auto& records = request.at("records");
    Delivery delivery{std::vector<Json>(records.size()), {}};
    const auto producer =
        open(RD_KAFKA_PRODUCER,
             {{"compression.type", request.at("codec")},
              {"linger.ms", "20"},
              {"request.required.acks", std::to_string(request.value("acks", -1))},
              {"enable.idempotence", request.value("idempotent", false) ? "true" : "false"}},
             &delivery,
             [](rd_kafka_conf_t* conf) { rd_kafka_conf_set_dr_msg_cb(conf, delivered); });
    for (std::size_t i = 0; i < records.size(); ++i) {
        send(producer.get(), request, records[i][0], records[i][1], i);
    }
    check(rd_kafka_flush(producer.get(), kTimeoutMs));
    if (!delivery.problem.empty()) {
        throw std::runtime_error(delivery.problem);
    }
    return {{"offsets", delivery.offsets}};
}

Json headers_of(const rd_kafka_message_t* message) {
    Json found = Json::array();
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return found;
    }
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
        found.push_back({name, text_of(value, size)});
    }
    return found;
}

Json consume(const Json& request) {
    const auto consumer =
        open(RD_KAFKA_CONSUMER,
             {{"group.id", "none"},
              {"enable.auto.commit", "false"},
              {"check.crcs", "true"},
              {"isolation.level",
               request.value("committed", false) ? "read_committed" : "read_uncommitted"}});
    const std::int64_t start = request.at("start").is_number()
                                   ? request.at("start").get<std::int64_t>()
                                   : RD_KAFKA_OFFSET_BEGINNING;
    check(rd_kafka_assign(consumer.get(), one_partition(request, start).get()));
    Json records = Json::array();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kTimeoutMs);
    while (std::chrono::steady_clock::now() < deadline) {
        const Owned<rd_kafka_message_t> message(rd_kafka_consumer_poll(consumer.get(), 500));
        if (!message) {
            continue;
        }
        check(message->err);
        const std::string value = text_of(message->payload, message->len);
        records.push_back({{"offset", message->offset},
                           {"key", text_of(message->key, message->key_len)},
                           {"value", value},
                           {"headers", headers_of(message.get())}});
        if (value == request.at("until")) {
            rd_kafka_consumer_close(consumer.get());
            return {{"records", records}};
        }
    }
    throw std::runtime_error("the last record did not come, only " +
                             std::to_string(records.size()));
}

// Groups

/// A member of a group, polling in a thread of its own.
class Member {
  public:
    explicit Member(const Json& request) : is_cooperative_(request.value("cooperative", false)) {
        Settings settings{{"group.id", request.at("group")},
                          {"auto.offset.reset", "earliest"},
                          {"session.timeout.ms", "10000"},
                          {"heartbeat.interval.ms", "300"},
                          {"auto.commit.interval.ms", "200"}};
        if (request.contains("instance") && request["instance"].is_string()) {
            settings.emplace_back("group.instance.id", request["instance"]);
        }
        if (is_cooperative_) {
            settings.emplace_back("partition.assignment.strategy", "cooperative-sticky");
        }
        consumer_ = open(RD_KAFKA_CONSUMER, settings, this, [](rd_kafka_conf_t* conf) {
            rd_kafka_conf_set_rebalance_cb(conf, rebalanced);
        });
        rd_kafka_poll_set_consumer(consumer_.get());
        const auto topics = one_partition(request, 0);
        check(rd_kafka_subscribe(consumer_.get(), topics.get()));
        thread_ = std::thread([this] { live(); });
    }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    ~Member() {
        is_leaving_ = true;
        thread_.join();
    }

    Json view() {
        const std::lock_guard lock(mutex_);
        if (!problem_.empty()) {
            throw std::runtime_error(problem_);
        }
        return {{"partitions", partitions_}, {"values", values_}};
    }

  private:
    static void rebalanced(rd_kafka_t* consumer,
                           rd_kafka_resp_err_t what,
                           rd_kafka_topic_partition_list_t* parts,
                           void* opaque) {
        auto& member = *static_cast<Member*>(opaque);
        const bool is_assigned = what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        {
            const std::lock_guard lock(member.mutex_);
            for (int i = 0; i < parts->cnt; ++i) {
                if (is_assigned) {
                    member.partitions_.insert(parts->elems[i].partition);
                } else {
                    member.partitions_.erase(parts->elems[i].partition);
                }
            }
        }
        if (member.is_cooperative_) {
            rd_kafka_error_t* error = is_assigned ? rd_kafka_incremental_assign(consumer, parts)
                                                  : rd_kafka_incremental_unassign(consumer, parts);
            if (error != nullptr) {
                rd_kafka_error_destroy(error);
            }
        } else {
            rd_kafka_assign(consumer, is_assigned ? parts : nullptr);
        }
    }

    void live() {
        while (!is_leaving_) {
            const Owned<rd_kafka_message_t> message(rd_kafka_consumer_poll(consumer_.get(), 100));
            if (!message) {
                continue;
            }
            const std::lock_guard lock(mutex_);
            if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
                problem_ = rd_kafka_err2str(message->err);
            } else {
                values_.push_back(text_of(message->payload, message->len));
            }
        }
        rd_kafka_consumer_close(consumer_.get());
    }

    const bool is_cooperative_;
    std::atomic<bool> is_leaving_ = false;
    std::mutex mutex_;
    std::set<int> partitions_;
    std::vector<std::string> values_;
    std::string problem_;
    Owned<rd_kafka_t> consumer_;
    std::thread thread_;
};

std::map<std::string, std::unique_ptr<Member>> members;

Json view_members() {
    Json found = Json::object();
    for (const auto& [name, member] : members) {
        found[name] = member->view();
    }
    return {{"members", found}};
}

// Transactions

std::map<std::string, Owned<rd_kafka_t>> producers;

Json transaction(const Json& request) {
    const std::string id = request.at("id");
    if (producers.count(id) == 0) {
        auto producer = open(RD_KAFKA_PRODUCER, {{"transactional.id", id}});
        check(rd_kafka_init_transactions(producer.get(), kTimeoutMs));
        producers[id] = std::move(producer);
    }
    rd_kafka_t* producer = producers[id].get();
    check(rd_kafka_begin_transaction(producer));
    for (const std::string value : request.at("values")) {
        send(producer, request, "", value, 0);
    }
    if (request.contains("group") && request["group"].is_string()) {
        const Owned<rd_kafka_consumer_group_metadata_t> group(
            rd_kafka_consumer_group_metadata_new(request["group"].get<std::string>().c_str()));
        const auto offsets = one_partition(request, request.at("offset").get<std::int64_t>());
        check(
            rd_kafka_send_offsets_to_transaction(producer, offsets.get(), group.get(), kTimeoutMs));
    }
    if (request.at("commit").get<bool>()) {
        check(rd_kafka_commit_transaction(producer, kTimeoutMs));
    } else {
        check(rd_kafka_flush(producer, kTimeoutMs));
        check(rd_kafka_abort_transaction(producer, kTimeoutMs));
    }
    return Json::object();
}

// Admin

rd_kafka_t* admin_client() {
    static const Owned<rd_kafka_t> client = open(RD_KAFKA_PRODUCER, {});
    return client.get();
}

/// Issues one admin call and waits for its event.
Owned<rd_kafka_event_t> ask(const std::function<void(rd_kafka_t*, rd_kafka_queue_t*)>& call) {
    const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(admin_client()));
    call(admin_client(), queue.get());
    Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), kTimeoutMs));
    if (!event) {
        throw std::runtime_error("no answer in time");
    }
    if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw std::runtime_error(rd_kafka_event_error_string(event.get()));
    }
    return event;
}

Json create_topic(const Json& request) {
    std::array<char, 256> text{};
    rd_kafka_NewTopic_t* topic =
        rd_kafka_NewTopic_new(request.at("name").get<std::string>().c_str(),
                              request.value("partitions", 1),
                              1,
                              text.data(),
                              text.size());
    const Json configs = request.value("configs", Json::object());
    for (const auto& [key, value] : configs.items()) {
        check(rd_kafka_NewTopic_set_config(topic, key.c_str(), value.get<std::string>().c_str()));
    }
    const auto event = ask([&](auto* client, auto* queue) {
        rd_kafka_CreateTopics(client, &topic, 1, nullptr, queue);
    });
    rd_kafka_NewTopic_destroy(topic);
    std::size_t count = 0;
    const auto** results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event.get()), &count);
    check_topics(results, count);
    return Json::object();
}

Json delete_topic(const Json& request) {
    rd_kafka_DeleteTopic_t* topic =
        rd_kafka_DeleteTopic_new(request.at("name").get<std::string>().c_str());
    const auto event = ask([&](auto* client, auto* queue) {
        rd_kafka_DeleteTopics(client, &topic, 1, nullptr, queue);
    });
    rd_kafka_DeleteTopic_destroy(topic);
    std::size_t count = 0;
    const auto** results = rd_kafka_DeleteTopics_result_topics(
        rd_kafka_event_DeleteTopics_result(event.get()), &count);
    check_topics(results, count);
    return Json::object();
}

Json create_partitions(const Json& request) {
    std::array<char, 256> text{};
    rd_kafka_NewPartitions_t* wanted =
        rd_kafka_NewPartitions_new(request.at("topic").get<std::string>().c_str(),
                                   request.at("count").get<std::size_t>(),
                                   text.data(),
                                   text.size());
    const auto event = ask([&](auto* client, auto* queue) {
        rd_kafka_CreatePartitions(client, &wanted, 1, nullptr, queue);
    });
    rd_kafka_NewPartitions_destroy(wanted);
    std::size_t count = 0;
    const auto** results = rd_kafka_CreatePartitions_result_topics(
        rd_kafka_event_CreatePartitions_result(event.get()), &count);
    check_topics(results, count);
    return Json::object();
}

Owned<const rd_kafka_metadata_t> metadata() {
    const rd_kafka_metadata_t* found = nullptr;
    check(rd_kafka_metadata(admin_client(), 1, nullptr, &found, kTimeoutMs));
    return Owned<const rd_kafka_metadata_t>(found);
}

Json topics(const Json&) {
    const auto found = metadata();
    Json names = Json::array();
    for (int i = 0; i < found->topic_cnt; ++i) {
        names.push_back(found->topics[i].topic);
    }
    return {{"topics", names}};
}

Json partitions(const Json& request) {
    const auto found = metadata();
    for (int i = 0; i < found->topic_cnt; ++i) {
        if (request.at("topic") == found->topics[i].topic) {
            return {{"partitions", found->topics[i].partition_cnt}};
        }
    }
    throw std::runtime_error("no such topic");
}

Json cluster(const Json&) {
    const auto found = metadata();
    Json brokers = Json::array();
    for (int i = 0; i < found->broker_cnt; ++i) {
        brokers.push_back(std::string(found->brokers[i].host) + ":" +
                          std::to_string(found->brokers[i].port));
    }
    char* id = rd_kafka_clusterid(admin_client(), kTimeoutMs);
    const std::string text = id == nullptr ? "" : id;
    rd_kafka_mem_free(admin_client(), id);
    return {{"brokers", brokers}, {"id", text}};
}

void check_resources(const rd_kafka_ConfigResource_t** results, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        if (rd_kafka_ConfigResource_error(results[i]) != RD_KAFKA_RESP_ERR_NO_ERROR) {
            throw std::runtime_error(rd_kafka_ConfigResource_error_string(results[i]));
        }
    }
}

Json describe_config(const Json& request) {
    rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(
        RD_KAFKA_RESOURCE_TOPIC, request.at("topic").get<std::string>().c_str());
    const auto event = ask([&](auto* client, auto* queue) {
        rd_kafka_DescribeConfigs(client, &resource, 1, nullptr, queue);
    });
    rd_kafka_ConfigResource_destroy(resource);
    std::size_t count = 0;
    const auto** results = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    check_resources(results, count);
    std::size_t entries = 0;
    const auto** found = rd_kafka_ConfigResource_configs(results[0], &entries);
    for (std::size_t i = 0; i < entries; ++i) {
        if (request.at("key") == rd_kafka_ConfigEntry_name(found[i])) {
            return {{"value", rd_kafka_ConfigEntry_value(found[i])}};
        }
    }
    throw std::runtime_error("no such config");
}

Json alter_config(const Json& request) {
    rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(
        RD_KAFKA_RESOURCE_TOPIC, request.at("topic").get<std::string>().c_str());
    check(rd_kafka_ConfigResource_set_config(resource,
                                             request.at("key").get<std::string>().c_str(),
                                             request.at("value").get<std::string>().c_str()));
    const auto event = ask([&](auto* client, auto* queue) {
        rd_kafka_AlterConfigs(client, &resource, 1, nullptr, queue);
    });
    rd_kafka_ConfigResource_destroy(resource);
    std::size_t count = 0;
    const auto** results = rd_kafka_AlterConfigs_result_resources(
        rd_kafka_event_AlterConfigs_result(event.get()), &count);
    check_resources(results, count);
    return Json::object();
}

Json delete_records(const Json& request) {
    const auto before = one_partition(request, request.at("offset").get<std::int64_t>());
    rd_kafka_DeleteRecords_t* wanted = rd_kafka_DeleteRecords_new(before.get());
    const auto event = ask([&](auto* client, auto* queue) {
        rd_kafka_DeleteRecords(client, &wanted, 1, nullptr, queue);
    });
    rd_kafka_DeleteRecords_destroy(wanted);
    const auto* answer =
        rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
    check(answer->elems[0].err);
    return {{"low", answer->elems[0].offset}};
}

Json groups(const Json&) {
    const auto event = ask(
        [&](auto* client, auto* queue) { rd_kafka_ListConsumerGroups(client, nullptr, queue); });
    std::size_t count = 0;
    const auto** found = rd_kafka_ListConsumerGroups_result_valid(
        rd_kafka_event_ListConsumerGroups_result(event.get()), &count);
    Json names = Json::array();
    for (std::size_t i = 0; i < count; ++i) {
        names.push_back(rd_kafka_ConsumerGroupListing_group_id(found[i]));
    }
    return {{"groups", names}};
}

Json describe_group(const Json& request) {
    const std::string group = request.at("group");
    const char* name = group.c_str();
    const auto event = ask([&](auto* client, auto* queue) {
        rd_kafka_DescribeConsumerGroups(client, &name, 1, nullptr, queue);
    });
    std::size_t count = 0;
    const auto** found = rd_kafka_DescribeConsumerGroups_result_groups(
        rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
    if (const auto* error = rd_kafka_ConsumerGroupDescription_error(found[0])) {
        throw std::runtime_error(rd_kafka_error_string(error));
    }
    return {{"state",
             rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(found[0]))},
            {"members", rd_kafka_ConsumerGroupDescription_member_count(found[0])}};
}

Json delete_group(const Json& request) {
    rd_kafka_DeleteGroup_t* group =
        rd_kafka_DeleteGroup_new(request.at("group").get<std::string>().c_str());
    const auto event = ask([&](auto* client, auto* queue) {
        rd_kafka_DeleteGroups(client, &group, 1, nullptr, queue);
    });
    rd_kafka_DeleteGroup_destroy(group);
    std::size_t count = 0;
    const auto** results = rd_kafka_DeleteGroups_result_groups(
        rd_kafka_event_DeleteGroups_result(event.get()), &count);
    check_groups(results, count);
    return Json::object();
}

Json set_offset(const Json& request) {
    const auto offsets = one_partition(request, request.at("offset").get<std::int64_t>());
    rd_kafka_AlterConsumerGroupOffsets_t* wanted = rd_kafka_AlterConsumerGroupOffsets_new(
        request.at("group").get<std::string>().c_str(), offsets.get());
    const auto event = ask([&](auto* client, auto* queue) {
        rd_kafka_AlterConsumerGroupOffsets(client, &wanted, 1, nullptr, queue);
    });
    rd_kafka_AlterConsumerGroupOffsets_destroy(wanted);
    std::size_t count = 0;
    const auto** results = rd_kafka_AlterConsumerGroupOffsets_result_groups(
        rd_kafka_event_AlterConsumerGroupOffsets_result(event.get()), &count);
    check_groups(results, count);
    return Json::object();
}

Json committed(const Json& request) {
    const auto wanted_partition = one_partition(request, RD_KAFKA_OFFSET_INVALID);
    rd_kafka_ListConsumerGroupOffsets_t* wanted = rd_kafka_ListConsumerGroupOffsets_new(
        request.at("group").get<std::string>().c_str(), wanted_partition.get());
    const auto event = ask([&](auto* client, auto* queue) {
        rd_kafka_ListConsumerGroupOffsets(client, &wanted, 1, nullptr, queue);
    });
    rd_kafka_ListConsumerGroupOffsets_destroy(wanted);
    std::size_t count = 0;
    const auto** results = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
    check_groups(results, count);
    return {{"offset", rd_kafka_group_result_partitions(results[0])->elems[0].offset}};
}

Json offsets(const Json& request) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    check(rd_kafka_query_watermark_offsets(admin_client(),
                                           request.at("topic").get<std::string>().c_str(),
                                           request.value("partition", 0),
                                           &low,
                                           &high,
                                           kTimeoutMs));
    return {{"earliest", low}, {"latest", high}};
}

Json administer(const Json& request) {
    static const std::map<std::string, Json (*)(const Json&)> calls{
        {"create_topic", create_topic},
        {"delete_topic", delete_topic},
        {"create_partitions", create_partitions},
        {"topics", topics},
        {"partitions", partitions},
        {"cluster", cluster},
        {"alter_config", alter_config},
        {"describe_config", describe_config},
        {"delete_records", delete_records},
        {"groups", groups},
        {"describe_group", describe_group},
        {"delete_group", delete_group},
        {"set_offset", set_offset},
        {"committed", committed},
        {"offsets", offsets},
    };
    return calls.at(request.at("call"))(request);
}

Json answer(const Json& request) {
    const std::string operation = request.at("op");
    if (operation == "produce") {
        return produce(request);
    }
    if (operation == "consume") {
        return consume(request);
    }
    if (operation == "transaction") {
        return transaction(request);
    }
    if (operation == "admin") {
        return administer(request);
    }
    if (operation == "members") {
        return view_members();
    }
    if (operation == "join") {
        members[request.at("member")] = std::make_unique<Member>(request);
    } else if (operation == "leave") {
        members.erase(request.at("member"));
    } else {
        throw std::runtime_error("no operation " + operation);
    }
    return Json::object();
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) {
        std::cerr << "usage: librdkafka_driver HOST:PORT\n";
        return 2;
    }
    address = words[1];
    std::cout << Json{{"client", std::string("librdkafka ") + rd_kafka_version_str()}} << std::endl;
    std::string line;
    while (std::getline(std::cin, line)) {
        Json result;
        try {
            result = answer(Json::parse(line));
        } catch (const std::exception& problem) {
            result = {{"error", problem.what()}};
        }
        std::cout << result << std::endl;
    }
    members.clear();
    producers.clear();
    return 0;
}
