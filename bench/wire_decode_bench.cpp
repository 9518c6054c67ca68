// Request envelopes through the generated readers, against cursors written by hand.
// links: millrace_core_wire
//
// Each benchmark runs both sides in turn on the same bytes, compares checksums of what they read,
// and reports `ratio`: our time / hand-written time, the best of many rounds. The limit is 8.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>

#include <benchmark/benchmark.h>

#include "core/wire/encoder.h"
#include "core/wire/generated/fetch_request.h"
#include "core/wire/generated/produce_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/messages/fetch.h"
#include "core/wire/messages/produce.h"
#include "core/wire/request_decoder.h"

namespace millrace::wire {
namespace {

constexpr double kRatioMax = 8;
constexpr std::int16_t kProduceVersion = 9;
constexpr std::int16_t kFetchVersion = 12;
constexpr int kMessagesPerRound = 200;

// What somebody would write by hand for exactly this version: every length checked, nothing kept.

std::uint32_t unsigned_varint(Cursor& in) {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        const auto group = in.read_be<std::uint8_t>();
        value |= static_cast<std::uint32_t>(group & 0x7f) << shift;
        if (group < 0x80) {
            return value;
        }
    }
    in.fail();
    return 0;
}

ByteView compact_bytes(Cursor& in) {
    const std::uint32_t size = unsigned_varint(in);
    return in.read_bytes(size == 0 ? 0 : size - 1);
}

void skip_tags(Cursor& in) {
    for (std::uint32_t i = unsigned_varint(in); i > 0 && in.ok(); --i) {
        static_cast<void>(unsigned_varint(in));
        in.skip(unsigned_varint(in));
    }
}

std::uint64_t produce_by_hand(ByteView body) {
    Cursor in(body);
    std::uint64_t sum = compact_bytes(in).size();
    sum += static_cast<std::uint64_t>(in.read_be<std::int16_t>());
    sum += static_cast<std::uint64_t>(in.read_be<std::int32_t>());
    for (std::uint32_t topics = unsigned_varint(in); topics > 1 && in.ok(); --topics) {
        sum += compact_bytes(in).size();
        for (std::uint32_t parts = unsigned_varint(in); parts > 1 && in.ok(); --parts) {
            sum += static_cast<std::uint64_t>(in.read_be<std::int32_t>());
            sum += compact_bytes(in).size();
            skip_tags(in);
        }
        skip_tags(in);
    }
    skip_tags(in);
    return in.ok() ? sum : 0;
}

std::uint64_t produce_generated(Arena& arena, ByteView body) {
    arena.reset();
    const auto* request = decode_body<produce_request_t>(arena, body, kProduceVersion);
    std::uint64_t sum = text(request->transactional_id()).size();
    sum += static_cast<std::uint64_t>(request->acks());
    sum += static_cast<std::uint64_t>(request->timeout_ms());
    for (const auto& topic : items(request->topic_data())) {
        sum += text(topic->name()).size();
        for (const auto& partition : items(topic->partition_data())) {
            sum += static_cast<std::uint64_t>(partition->index());
            sum += bytes(partition->records()).size();
        }
    }
    return sum;
}

std::uint64_t fetch_by_hand(ByteView body) {
    Cursor in(body);
    std::uint64_t sum = 0;
    for (int i = 0; i < 4; ++i) {  // replica id, wait, smallest and largest size
        sum += static_cast<std::uint64_t>(in.read_be<std::int32_t>());
    }
    sum += static_cast<std::uint64_t>(in.read_be<std::int8_t>());
    sum += static_cast<std::uint64_t>(in.read_be<std::int32_t>());
    sum += static_cast<std::uint64_t>(in.read_be<std::int32_t>());
    for (std::uint32_t topics = unsigned_varint(in); topics > 1 && in.ok(); --topics) {
        sum += compact_bytes(in).size();
        for (std::uint32_t parts = unsigned_varint(in); parts > 1 && in.ok(); --parts) {
            sum += static_cast<std::uint64_t>(in.read_be<std::int32_t>());
            sum += static_cast<std::uint64_t>(in.read_be<std::int32_t>());
            sum += static_cast<std::uint64_t>(in.read_be<std::int64_t>());
            sum += static_cast<std::uint64_t>(in.read_be<std::int32_t>());
            sum += static_cast<std::uint64_t>(in.read_be<std::int64_t>());
            sum += static_cast<std::uint64_t>(in.read_be<std::int32_t>());
            skip_tags(in);
        }
        skip_tags(in);
    }
    for (std::uint32_t topics = unsigned_varint(in); topics > 1 && in.ok(); --topics) {
        sum += compact_bytes(in).size();
        for (std::uint32_t parts = unsigned_varint(in); parts > 1 && in.ok(); --parts) {
            sum += static_cast<std::uint64_t>(in.read_be<std::int32_t>());
        }
        skip_tags(in);
    }
    sum += compact_bytes(in).size();
    skip_tags(in);
    return in.ok() ? sum : 0;
}

std::uint64_t fetch_generated(Arena& arena, ByteView body) {
    arena.reset();
    auto* request = decode_body<fetch_request_t>(arena, body, kFetchVersion);
    auto sum = static_cast<std::uint64_t>(request->replica_id()) +
               static_cast<std::uint64_t>(request->max_wait_ms()) +
               static_cast<std::uint64_t>(request->min_bytes()) +
               static_cast<std::uint64_t>(request->max_bytes()) +
               static_cast<std::uint64_t>(request->isolation_level()) +
               static_cast<std::uint64_t>(request->session_id()) +
               static_cast<std::uint64_t>(request->session_epoch());
    for (const auto& topic : items(request->topics())) {
        sum += text(topic->topic()).size();
        for (const auto& partition : items(topic->partitions())) {
            sum += static_cast<std::uint64_t>(partition->partition()) +
                   static_cast<std::uint64_t>(partition->current_leader_epoch()) +
                   static_cast<std::uint64_t>(partition->fetch_offset()) +
                   static_cast<std::uint64_t>(partition->last_fetched_epoch()) +
                   static_cast<std::uint64_t>(partition->log_start_offset()) +
                   static_cast<std::uint64_t>(partition->partition_max_bytes());
        }
    }
    for (const auto& topic : items(request->forgotten_topics_data())) {
        sum += text(topic->topic()).size();
        for (const std::int32_t partition : items(topic->partitions())) {
            sum += static_cast<std::uint64_t>(partition);
        }
    }
    return sum + text(request->rack_id()).size();
}

double nanoseconds_per_message(auto&& work) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kMessagesPerRound; ++i) {
        benchmark::DoNotOptimize(work());
    }
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - start;
    return time.count() / kMessagesPerRound;
}

void compare(benchmark::State& state, const Buffer& body, auto by_hand, auto generated) {
    Arena arena;
    if (by_hand(body.view()) == 0 || by_hand(body.view()) != generated(arena, body.view())) {
        std::fprintf(stderr, "the two sides read different things\n");
        std::abort();
    }
    double hand = std::numeric_limits<double>::max();
    double ours = hand;
    for (auto _ : state) {
        hand = std::min(hand, nanoseconds_per_message([&] { return by_hand(body.view()); }));
        ours =
            std::min(ours, nanoseconds_per_message([&] { return generated(arena, body.view()); }));
    }
    state.counters["hand_ns"] = hand;
    state.counters["ours_ns"] = ours;
    state.counters["ratio"] = ours / hand;
    state.counters["body_bytes"] = static_cast<double>(body.size());
    state.counters["arena_bytes"] = static_cast<double>(arena.used());
    if (ours / hand > kRatioMax) {
        state.SkipWithError("slower than eight times the hand-written cursor");
    }
}

template <class Message>
Buffer encoded(Message& message, std::int16_t version) {
    Outbound out;
    encode_response(out, Message::kApi, version, message);
    return out.flat();
}

void Produce(benchmark::State& state) {
    const Buffer batch(std::string(16'000, 'x'));
    ProduceRequest request;
    request.acks = -1;
    request.timeout_ms = 30'000;
    request.topic_data.resize(1);
    request.topic_data[0].name = "clicks";
    for (std::int32_t i = 0; i < state.range(0); ++i) {
        request.topic_data[0].partition_data.push_back({.index = i, .records = {}});
        request.topic_data[0].partition_data.back().records.batches = {batch.view()};
    }
    compare(state, encoded(request, kProduceVersion), produce_by_hand, produce_generated);
}
BENCHMARK(Produce)->Arg(1)->Arg(8)->Arg(64);

void Fetch(benchmark::State& state) {
    FetchRequest request;
    request.max_wait_ms = 500;
    request.min_bytes = 1;
    request.session_id = 12;
    request.session_epoch = 3;
    if (state.range(0) > 0) {
        request.topics.resize(1);
        request.topics[0].topic = "clicks";
        request.topics[0].partitions.resize(static_cast<std::size_t>(state.range(0)));
    }
    compare(state, encoded(request, kFetchVersion), fetch_by_hand, fetch_generated);
}
BENCHMARK(Fetch)->Arg(0)->Arg(1)->Arg(8)->Arg(200);

}  // namespace
}  // namespace millrace::wire

BENCHMARK_MAIN();
