// COUNT and SUM per 64-bit key: the aggregate operator against a hand-written open-addressing loop.
// links: millrace_operators millrace_core_row
//
// Both write the running count and sum of every row into result columns. The last benchmark runs
// both in turns, so that noise of the machine falls on both alike, and reports the ratio of their
// rows per second (goal: at least 0.35). Items per second are input rows; a hopping row has 10
// results. MILLRACE_BENCH_ROWS sets the number of input rows (default 200,000; canonical
// 8,000,000).
#include <cstdlib>
#include <ctime>
#include <map>

#include <benchmark/benchmark.h>

#include "core/base/random.h"
#include "operators/aggregate.h"
#include "runtime/operator.h"

namespace {

using namespace millrace;
using namespace millrace::operators;

constexpr std::uint32_t kBatchRows = 1024;

std::size_t input_rows() {
    const char* text = std::getenv("MILLRACE_BENCH_ROWS");
    return text != nullptr ? std::strtoull(text, nullptr, 10) : 200'000;
}

/// Takes results away as a sink would, and keeps a digest of them.
class DigestingContext final : public runtime::OpContext {
  public:
    void emit(RowBatchPtr rows) override {
        const auto* counts = rows->columns[1]->values<std::int64_t>();
        const auto* sums = rows->columns[2]->values<std::int64_t>();
        // The ends of a batch are enough to see wrong running values, and cost nothing.
        digest += static_cast<std::uint64_t>(counts[rows->size - 1] * 31 + sums[rows->size - 1]);
        digest += static_cast<std::uint64_t>(counts[0] * 17 + sums[0]);
    }
    void report(const RowBatch&, const RowError&) override { ++digest; }
    void stage_delta(runtime::StoreId, ByteView, std::optional<ByteView>) override {}
    void set_timer(Timestamp, ByteView) override {}
    void set_state_bytes(std::size_t) override {}
    void count_dropped(std::string_view, std::uint64_t) override {}
    [[nodiscard]] Partition partition() const override { return Partition{0}; }

    std::uint64_t digest = 0;
};

SchemaPtr input_schema() {
    return std::make_shared<const Schema>(Schema{
        .key = {{"K", TypeKind::kBigint}}, .value = {{"V", TypeKind::kBigint}}, .window = {}});
}

struct Input {
    std::vector<RowBatchPtr> batches;
    std::size_t rows = 0;
    std::uint64_t digest = 0;  // of the right answer
};

Input make_input(std::uint64_t keys) {
    Input input;
    input.rows = input_rows();
    SeededRandom random(keys);
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> groups;
    // Random ids: neither side gets a pattern that its hash happens to spread without collisions.
    std::vector<std::int64_t> ids(keys);
    for (std::int64_t& id : ids) {
        id = static_cast<std::int64_t>(random.next());
    }
    const SchemaPtr schema = input_schema();
    for (std::size_t at = 0; at < input.rows; at += kBatchRows) {
        const auto size =
            static_cast<std::uint32_t>(std::min<std::size_t>(kBatchRows, input.rows - at));
        ColumnBuilder key(TypeKind::kBigint, size);
        ColumnBuilder value(TypeKind::kBigint, size);
        ColumnBuilder time(TypeKind::kBigint, size);
        ColumnBuilder seq(TypeKind::kBigint, size);
        for (std::uint32_t i = 0; i < size; ++i) {
            const std::int64_t k = ids[random.below(keys)];
            const auto v = static_cast<std::int64_t>(random.below(1000));
            key.set(i, k);
            value.set(i, v);
            time.set(i, static_cast<std::int64_t>(at + i));
            seq.set(i, static_cast<std::int64_t>(at + i));
            auto& [count, sum] = groups[k];
            ++count;
            sum += v;
            if (i == 0) {
                input.digest += static_cast<std::uint64_t>(count * 17 + sum);
            }
            if (i == size - 1) {
                input.digest += static_cast<std::uint64_t>(count * 31 + sum);
            }
        }
        auto batch = std::make_shared<RowBatch>();
        batch->schema = schema;
        batch->size = size;
        batch->columns = {key.finish(size), value.finish(size)};
        batch->timestamps = time.finish(size);
        batch->seq = seq.finish(size);
        input.batches.push_back(std::move(batch));
    }
    return input;
}

const Input& input_of(std::uint64_t keys) {
    static std::map<std::uint64_t, Input> inputs;
    const auto found = inputs.find(keys);
    return found != inputs.end() ? found->second
                                 : inputs.emplace(keys, make_input(keys)).first->second;
}

/// Time is the row's number in ms: with windows of 10 s a key sees a new one every 10,000 rows.
std::unique_ptr<runtime::Operator> make_operator(std::optional<WindowSpec> window) {
    AggregateSpec spec;
    spec.input = input_schema();
    spec.calls = {bind_aggregate("COUNT", {}, {}).value(),
                  bind_aggregate("SUM", {TypeKind::kBigint}, {1}).value()};
    spec.output = std::make_shared<const Schema>(
        Schema{.key = {{"K", TypeKind::kBigint}},
               .value = {{"C", TypeKind::kBigint}, {"S", TypeKind::kBigint}},
               .window = window ? WindowInfo{window->kind, window->size_ms} : WindowInfo{}});
    spec.window = window;
    return make_aggregate(spec).value().factory(Partition{0});
}

std::uint64_t run_operator(const Input& input, std::optional<WindowSpec> window = std::nullopt) {
    const std::unique_ptr<runtime::Operator> aggregate = make_operator(window);
    DigestingContext context;
    runtime::Epoch epoch;
    for (const RowBatchPtr& batch : input.batches) {
        const runtime::Run run{
            .port = runtime::InputPort{0}, .rows = batch, .begin = 0, .end = batch->size};
        CHECK(aggregate->process({&run, 1}, context).ok());
        if (window && ++epoch.value % 100 == 0) {
            CHECK(aggregate->on_barrier(epoch, context).ok());
        }
    }
    return context.digest;
}

/// What one would write by hand for exactly this: key, count and sum in a slot, linear probing,
/// doubling at 1/2, results into arrays that are used again.
std::uint64_t run_loop(const Input& input) {
    struct Slot {
        std::int64_t key = 0;
        std::int64_t count = 0;  // 0: free
        std::int64_t sum = 0;
    };
    std::vector<Slot> slots(1024);
    unsigned shift = 54;
    std::size_t used = 0;
    std::vector<std::int64_t> counts(kBatchRows);
    std::vector<std::int64_t> sums(kBatchRows);
    const auto home = [&shift](std::int64_t key) {
        return (static_cast<std::uint64_t>(key) * 0x9E3779B97F4A7C15U) >> shift;
    };
    std::uint64_t digest = 0;
    for (const RowBatchPtr& batch : input.batches) {
        const auto* keys = batch->columns[0]->values<std::int64_t>();
        const auto* values = batch->columns[1]->values<std::int64_t>();
        for (std::uint32_t i = 0; i < batch->size; ++i) {
            std::size_t at = home(keys[i]);
            while (slots[at].count != 0 && slots[at].key != keys[i]) {
                at = (at + 1) & (slots.size() - 1);
            }
            if (slots[at].count == 0) {
                slots[at].key = keys[i];
                ++used;
            }
            counts[i] = ++slots[at].count;
            sums[i] = slots[at].sum += values[i];
            if (used * 2 >= slots.size()) {
                const std::vector<Slot> before =
                    std::exchange(slots, std::vector<Slot>(slots.size() * 2));
                --shift;
                for (const Slot& slot : before) {
                    if (slot.count != 0) {
                        std::size_t to = home(slot.key);
                        while (slots[to].count != 0) {
                            to = (to + 1) & (slots.size() - 1);
                        }
                        slots[to] = slot;
                    }
                }
            }
        }
        benchmark::DoNotOptimize(counts.data());
        benchmark::DoNotOptimize(sums.data());
        benchmark::ClobberMemory();
        const std::uint32_t last = batch->size - 1;
        digest += static_cast<std::uint64_t>(counts[last] * 31 + sums[last]);
        digest += static_cast<std::uint64_t>(counts[0] * 17 + sums[0]);
    }
    return digest;
}

void count_rows(benchmark::State& state, const Input& input) {
    state.SetItemsProcessed(static_cast<std::int64_t>(input.rows) * state.iterations());
}

void aggregate_operator(benchmark::State& state) {
    const Input& input = input_of(static_cast<std::uint64_t>(state.range(0)));
    for (auto _ : state) {
        CHECK(run_operator(input) == input.digest);
    }
    count_rows(state, input);
}
BENCHMARK(aggregate_operator)->Arg(1000)->Arg(100'000)->Unit(benchmark::kMillisecond);

void tumbling_operator(benchmark::State& state) {
    const Input& input = input_of(static_cast<std::uint64_t>(state.range(0)));
    for (auto _ : state) {
        benchmark::DoNotOptimize(run_operator(input,
                                              WindowSpec{.kind = WindowKind::kTumbling,
                                                         .size_ms = 10'000,
                                                         .advance_ms = 10'000,
                                                         .grace_ms = 20'000}));
    }
    count_rows(state, input);
}
BENCHMARK(tumbling_operator)->Arg(1000)->Arg(100'000)->Unit(benchmark::kMillisecond);

void hopping_operator(benchmark::State& state) {
    const Input& input = input_of(static_cast<std::uint64_t>(state.range(0)));
    for (auto _ : state) {
        benchmark::DoNotOptimize(run_operator(input,
                                              WindowSpec{.kind = WindowKind::kHopping,
                                                         .size_ms = 10'000,
                                                         .advance_ms = 1'000,
                                                         .grace_ms = 0}));
    }
    count_rows(state, input);
}
BENCHMARK(hopping_operator)->Arg(1000)->Unit(benchmark::kMillisecond);

void hand_written_loop(benchmark::State& state) {
    const Input& input = input_of(static_cast<std::uint64_t>(state.range(0)));
    for (auto _ : state) {
        CHECK(run_loop(input) == input.digest);
    }
    count_rows(state, input);
}
BENCHMARK(hand_written_loop)->Arg(1000)->Arg(100'000)->Unit(benchmark::kMillisecond);

/// Of this thread: other programs on the machine do not count.
std::int64_t cpu_ns() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

void ratio_to_hand_written_loop(benchmark::State& state) {
    const Input& input = input_of(static_cast<std::uint64_t>(state.range(0)));
    std::int64_t ours = 0;
    std::int64_t loop = 0;
    for (auto _ : state) {
        const std::int64_t start = cpu_ns();
        CHECK(run_operator(input) == input.digest);
        const std::int64_t middle = cpu_ns();
        CHECK(run_loop(input) == input.digest);
        ours += middle - start;
        loop += cpu_ns() - middle;
    }
    state.counters["ratio"] = static_cast<double>(loop) / static_cast<double>(ours);
    count_rows(state, input);
}
BENCHMARK(ratio_to_hand_written_loop)->Arg(1000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
