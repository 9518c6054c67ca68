// Load through librdkafka: how fast records go in and out of a broker, how long one takes to be
// acknowledged. The ceiling is the same load against librdkafka's own mock broker. Prints one line
// of JSON; bench/compare/compare.py runs it.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <librdkafka/rdkafka.h>

namespace {

using Clock = std::chrono::steady_clock;
using Words = std::map<std::string, std::string>;
constexpr int kFlushMs = 120'000;

struct Destroy {
    void operator()(rd_kafka_t* it) const { rd_kafka_destroy(it); }
    void operator()(rd_kafka_topic_t* it) const { rd_kafka_topic_destroy(it); }
    void operator()(rd_kafka_queue_t* it) const { rd_kafka_queue_destroy(it); }
};

[[noreturn]] void fail(const std::string& text) {
    std::cerr << "rdkafka_bench: " << text << "\n";
    std::exit(1);
}

std::unique_ptr<rd_kafka_t, Destroy> open(rd_kafka_type_t type,
                                          const Words& settings,
                                          void* opaque,
                                          void (*delivered)(rd_kafka_t*,
                                                            const rd_kafka_message_t*,
                                                            void*)) {
    std::array<char, 512> text{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    for (const auto& [key, value] : settings) {
        if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), text.data(), text.size()) !=
            RD_KAFKA_CONF_OK) {
            fail(text.data());
        }
    }
    rd_kafka_conf_set_opaque(conf, opaque);
    if (delivered != nullptr) {
        rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    }
    rd_kafka_t* client = rd_kafka_new(type, conf, text.data(), text.size());
    if (client == nullptr) {
        fail(text.data());
    }
    return std::unique_ptr<rd_kafka_t, Destroy>(client);
}

struct Deliveries {
    std::uint64_t delivered = 0;
    std::uint64_t failed = 0;
    std::vector<double> latencies_ms;  // filled when it has capacity
    std::vector<Clock::time_point> sent;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto& deliveries = *static_cast<Deliveries*>(opaque);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++deliveries.failed;
        return;
    }
    ++deliveries.delivered;
    if (!deliveries.sent.empty()) {
        const auto index = reinterpret_cast<std::uintptr_t>(message->_private);
        const std::chrono::duration<double, std::milli> took =
            Clock::now() - deliveries.sent[index];
        deliveries.latencies_ms.push_back(took.count());
    }
}

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

Words producer_settings(const Words& words) {
    Words settings{{"acks", words.at("acks")},
                   {"compression.type", words.at("codec")},
                   {"linger.ms", words.at("linger")},
                   {"queue.buffering.max.messages", "500000"},
                   {"batch.size", "1000000"}};
    if (words.at("broker") == "mock") {
        settings["test.mock.num.brokers"] = "1";
    } else {
        settings["bootstrap.servers"] = words.at("broker");
    }
    return settings;
}

void send(rd_kafka_t* producer,
          rd_kafka_topic_t* topic,
          int partition,
          std::string& value,
          std::uintptr_t index) {
    while (rd_kafka_produce(topic,
                            partition,
                            RD_KAFKA_MSG_F_COPY,
                            value.data(),
                            value.size(),
                            nullptr,
                            0,
                            reinterpret_cast<void*>(index)) == -1) {
        if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            fail(rd_kafka_err2str(rd_kafka_last_error()));
        }
        rd_kafka_poll(producer, 10);
    }
}

/// Half of a value repeats, half does not: neither free nor hopeless for a codec.
std::string value_of(std::size_t size) {
    std::string value(size, 'x');
    std::uint64_t state = 88172645463325252ULL;
    for (std::size_t i = 0; i < size / 2; ++i) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        value[i] = static_cast<char>('0' + state % 64);
    }
    return value;
}

/// Connects and makes the partitions known, so that this is not a part of what is measured.
void warm_up(rd_kafka_t* producer, rd_kafka_topic_t* topic, std::string& value, int partitions) {
    for (int partition = 0; partition < partitions; ++partition) {
        send(producer, topic, partition, value, 0);
    }
    if (rd_kafka_flush(producer, kFlushMs) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fail("the first records are not acknowledged");
    }
}

void produce(const Words& words) {
    Deliveries deliveries;
    const auto producer =
        open(RD_KAFKA_PRODUCER, producer_settings(words), &deliveries, on_delivery);
    const std::unique_ptr<rd_kafka_topic_t, Destroy> topic(
        rd_kafka_topic_new(producer.get(), words.at("topic").c_str(), nullptr));
    const int partitions = std::stoi(words.at("partitions"));
    const std::uint64_t messages = std::stoull(words.at("messages"));
    std::string value = value_of(std::stoul(words.at("size")));
    warm_up(producer.get(), topic.get(), value, partitions);
    deliveries.delivered = 0;
    const auto start = Clock::now();
    for (std::uint64_t i = 0; i < messages; ++i) {
        send(producer.get(),
             topic.get(),
             static_cast<int>(i % static_cast<std::uint64_t>(partitions)),
             value,
             0);
        if (i % 1000 == 0) {
            rd_kafka_poll(producer.get(), 0);
        }
    }
    rd_kafka_flush(producer.get(), kFlushMs);
    const double seconds = seconds_since(start);
    if (deliveries.delivered != messages || deliveries.failed != 0) {
        fail("only " + std::to_string(deliveries.delivered) + " of " + std::to_string(messages) +
             " are acknowledged");
    }
    const double megabytes = static_cast<double>(messages * value.size()) / 1e6;
    std::cout << "{\"seconds\": " << seconds << ", \"mb_per_s\": " << megabytes / seconds << "}\n";
}

void latency(const Words& words) {
    Deliveries deliveries;
    const auto producer =
        open(RD_KAFKA_PRODUCER, producer_settings(words), &deliveries, on_delivery);
    const std::unique_ptr<rd_kafka_topic_t, Destroy> topic(
        rd_kafka_topic_new(producer.get(), words.at("topic").c_str(), nullptr));
    const std::uint64_t messages = std::stoull(words.at("messages"));
    std::string value = value_of(std::stoul(words.at("size")));
    warm_up(producer.get(), topic.get(), value, 1);
    deliveries = {};
    deliveries.sent.resize(messages);
    deliveries.latencies_ms.reserve(messages);
    const std::chrono::duration<double> gap(1.0 / std::stod(words.at("rate")));
    const auto start = Clock::now();
    for (std::uint64_t i = 0; i < messages; ++i) {
        const auto due =
            start + std::chrono::duration_cast<Clock::duration>(gap * static_cast<double>(i));
        while (Clock::now() < due) {
            rd_kafka_poll(producer.get(), 0);
            std::this_thread::sleep_until(
                std::min(due, Clock::now() + std::chrono::microseconds(100)));
        }
        // From when it was due: a stall delays those behind it as well.
        deliveries.sent[i] = due;
        send(producer.get(), topic.get(), 0, value, i);
        rd_kafka_poll(producer.get(), 0);
    }
    rd_kafka_flush(producer.get(), kFlushMs);
    auto& found = deliveries.latencies_ms;
    if (found.size() != messages) {
        fail("only " + std::to_string(found.size()) + " of " + std::to_string(messages) +
             " are acknowledged");
    }
    std::sort(found.begin(), found.end());
    std::cout << "{\"p50_ms\": " << found[messages / 2]
              << ", \"p99_ms\": " << found[messages * 99 / 100] << "}\n";
}

void consume(const Words& words) {
    const auto consumer = open(RD_KAFKA_CONSUMER,
                               {{"bootstrap.servers", words.at("broker")},
                                {"group.id", "bench"},
                                {"enable.auto.commit", "false"},
                                {"fetch.message.max.bytes", "1048576"},
                                {"queued.max.messages.kbytes", "262144"}},
                               nullptr,
                               nullptr);
    rd_kafka_topic_partition_list_t* parts = rd_kafka_topic_partition_list_new(1);
    for (int partition = 0; partition < std::stoi(words.at("partitions")); ++partition) {
        rd_kafka_topic_partition_list_add(parts, words.at("topic").c_str(), partition)->offset =
            RD_KAFKA_OFFSET_BEGINNING;
    }
    rd_kafka_assign(consumer.get(), parts);
    rd_kafka_topic_partition_list_destroy(parts);
    const std::unique_ptr<rd_kafka_queue_t, Destroy> queue(
        rd_kafka_queue_get_consumer(consumer.get()));
    const std::uint64_t messages = std::stoull(words.at("messages"));
    std::vector<rd_kafka_message_t*> some(10'000);
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    auto start = Clock::now();
    while (count < messages) {
        const auto got =
            rd_kafka_consume_batch_queue(queue.get(), 30'000, some.data(), some.size());
        if (got <= 0) {
            fail("no more records after " + std::to_string(count));
        }
        if (count == 0) {
            start = Clock::now();  // connecting is not a part of it
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
            if (some[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
                ++count;
                bytes += some[i]->len;
            }
            rd_kafka_message_destroy(some[i]);
        }
    }
    const double seconds = seconds_since(start);
    rd_kafka_consumer_close(consumer.get());
    std::cout << "{\"seconds\": " << seconds
              << ", \"mb_per_s\": " << static_cast<double>(bytes) / 1e6 / seconds << "}\n";
}

}  // namespace

int main(int count, char** arguments) {
    Words words{{"broker", ""},
                {"topic", "bench"},
                {"messages", "100000"},
                {"size", "1000"},
                {"acks", "-1"},
                {"codec", "none"},
                {"linger", "5"},
                {"partitions", "1"},
                {"rate", "1000"}};
    for (int i = 2; i + 1 < count; i += 2) {
        const std::string name = std::string(arguments[i]).substr(2);
        if (words.count(name) == 0) {
            fail("unknown option " + name);
        }
        words[name] = arguments[i + 1];
    }
    const std::string what = count > 1 ? arguments[1] : "";
    if (words["broker"].empty() || (what != "produce" && what != "consume" && what != "latency")) {
        fail(
            "usage: rdkafka_bench produce|consume|latency --broker HOST:PORT|mock [--topic T] "
            "[--messages N] [--size BYTES] "
            "[--partitions N] [--acks N] [--codec NAME] [--linger MS] [--rate PER_SECOND]");
    }
    if (what == "produce") {
        produce(words);
    } else if (what == "consume") {
        consume(words);
    } else {
        latency(words);
    }
    return 0;
}
