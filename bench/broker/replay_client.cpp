#include "bench/broker/replay_client.h"

#include <algorithm>
#include <chrono>
#include <deque>

#include "core/record/record_batch.h"
#include "core/record/record_batch_builder.h"
#include "core/wire/decoder.h"
#include "core/wire/messages/fetch.h"
#include "core/wire/messages/list_offsets.h"
#include "core/wire/messages/produce.h"
#include "core/wire/request_encoder.h"

namespace millrace::bench {

namespace {

constexpr std::int16_t kProduceVersion = 7;
constexpr std::int16_t kFetchVersion = 11;
constexpr std::size_t kRecordBytes = 1024;  // with its fields
constexpr std::size_t kRecordFieldBytes = 12;

using Time = std::chrono::steady_clock::time_point;

double seconds_since(Time start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Buffer make_batch(std::size_t bytes) {
    RecordBatchBuilder builder;
    std::string value(kRecordBytes - kRecordFieldBytes, '\0');
    std::uint32_t state = 7;
    for (std::int64_t i = 0; i < records_per_batch(bytes); ++i) {
        for (char& c : value) {
            state = state * 1'664'525 + 1'013'904'223;
            c = static_cast<char>(state >> 24);
        }
        builder.add(std::nullopt, as_bytes(value), Timestamp{1'700'000'000'000});
    }
    return builder.finish().value();
}

Buffer receive_frame(const Socket& socket) {
    std::byte length[4];
    socket.receive_all(length);
    Buffer frame;
    frame.resize(static_cast<std::size_t>(load_be<std::int32_t>(length)));
    socket.receive_all(frame.span());
    return frame;
}

void check_produced(const Socket& socket) {
    const Buffer frame = receive_frame(socket);
    const auto response =
        wire::decode_response<wire::ProduceResponse>(frame, kProduceVersion).value();
    CHECK(response.responses.size() == 1);
    CHECK(response.responses[0].partition_responses.size() == 1);
    CHECK(response.responses[0].partition_responses[0].error == KafkaError::kNone);
}

}  // namespace

std::int64_t records_per_batch(std::size_t batch_bytes) {
    return static_cast<std::int64_t>(
        std::max<std::size_t>(1, (batch_bytes - kRecordBatchHeaderBytes) / kRecordBytes));
}

ProduceResult replay_produce(std::uint16_t port, const ProduceLoad& load) {
    const Buffer batch = make_batch(load.batch_bytes);
    std::vector<Buffer> requests;
    for (std::int32_t p = 0; p < load.partitions; ++p) {
        wire::ProduceRequest request;
        request.acks = load.acks;
        request.timeout_ms = 30'000;
        request.topic_data.push_back(
            {.name = load.topic,
             .partition_data = {{.index = p, .records = {.batches = {batch}}}}});
        requests.push_back(wire::encode_request(
            {.correlation_id = p, .client_id = "replay"}, kProduceVersion, request));
    }
    const Socket socket = Socket::connect(port);
    std::deque<Time> sent;
    ProduceResult result;
    result.latencies_ms.reserve(load.requests);
    const auto take_answer = [&] {
        check_produced(socket);
        result.latencies_ms.push_back(seconds_since(sent.front()) * 1e3);
        sent.pop_front();
    };
    const Time start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < load.requests; ++i) {
        if (sent.size() == load.window) {
            take_answer();
        }
        sent.push_back(std::chrono::steady_clock::now());
        socket.send_all(requests[i % requests.size()]);
    }
    while (!sent.empty()) {
        take_answer();
    }
    result.bytes = batch.size() * load.requests;
    result.bytes_per_second = static_cast<double>(result.bytes) / seconds_since(start);
    return result;
}

ConsumeResult consume(std::uint16_t port,
                      const std::string& topic,
                      std::int64_t end,
                      std::size_t fetch_bytes,
                      CheckCrc check) {
    const Socket socket = Socket::connect(port);
    ConsumeResult result;
    std::int64_t offset = 0;
    Buffer frame;
    const Time start = std::chrono::steady_clock::now();
    while (offset < end) {
        wire::FetchRequest request;
        request.max_wait_ms = 1'000;
        request.min_bytes = 1;
        request.max_bytes = 100 << 20;
        request.topics.push_back(
            {.topic = topic,
             .partitions = {{.partition = 0,
                             .fetch_offset = offset,
                             .partition_max_bytes = static_cast<std::int32_t>(fetch_bytes)}}});
        socket.send_all(wire::encode_request({.client_id = "replay"}, kFetchVersion, request));
        std::byte length[4];
        socket.receive_all(length);
        frame.resize(static_cast<std::size_t>(load_be<std::int32_t>(length)));
        socket.receive_all(frame.span());
        const auto response =
            wire::decode_response<wire::FetchResponse>(frame, kFetchVersion).value();
        const auto& partition = response.responses.at(0).partitions.at(0);
        CHECK(partition.error == KafkaError::kNone);
        for (const ByteView bytes : partition.records.batches) {
            RecordBatchCursor cursor(bytes);
            while (const auto batch = cursor.next().value()) {
                CHECK(batch->base_offset().value == offset);
                CHECK(check == CheckCrc::kNo || batch->verify_crc().ok());
                offset = batch->last_offset().value + 1;
                result.records += batch->record_count();
            }
            result.bytes += bytes.size();
        }
    }
    result.bytes_per_second = static_cast<double>(result.bytes) / seconds_since(start);
    return result;
}

std::int64_t end_of(std::uint16_t port, const std::string& topic, std::int32_t partition) {
    constexpr std::int16_t kVersion = 3;
    constexpr std::int64_t kLatest = -1;
    wire::ListOffsetsRequest request;
    request.replica_id = -1;
    request.topics.push_back(
        {.name = topic, .partitions = {{.partition_index = partition, .timestamp = kLatest}}});
    const Socket socket = Socket::connect(port);
    socket.send_all(wire::encode_request({.client_id = "replay"}, kVersion, request));
    const Buffer frame = receive_frame(socket);
    const auto response = wire::decode_response<wire::ListOffsetsResponse>(frame, kVersion).value();
    CHECK(response.topics.at(0).partitions.at(0).error == KafkaError::kNone);
    return response.topics[0].partitions[0].offset;
}

}  // namespace millrace::bench
