// Expressions against hand-written loops over the same columns; ratio: by hand / by program.
// links: millrace_operators
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <benchmark/benchmark.h>

#include "core/base/random.h"
#include "operators/expression/expression.h"

namespace millrace::operators {
namespace {

constexpr std::uint32_t kRows = 1024;

const Field kDelay{"DELAY", TypeKind::kInt};
const Field kOther{"OTHER", TypeKind::kInt};
const Field kTime{"TIME", TypeKind::kString};

void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

RowBatch make_rows() {
    SeededRandom random(7);
    RowBatch rows;
    rows.size = kRows;
    ColumnBuilder delay(TypeKind::kInt, kRows);
    ColumnBuilder other(TypeKind::kInt, kRows);
    ColumnBuilder time(TypeKind::kString, kRows);
    for (std::uint32_t i = 0; i < kRows; ++i) {
        delay.set(i, static_cast<std::int32_t>(random.next() % 40) - 10);
        other.set(i, static_cast<std::int32_t>(random.next() % 1000));
        time.set_text(i, "2001/01/" + std::to_string(10 + random.next() % 20) + " 18:20");
    }
    rows.columns = {delay.finish(kRows), other.finish(kRows), time.finish(kRows)};
    return rows;
}

/// Runs the program under the benchmark's clock and the hand-written loop in between, and reports
/// the ratio of their times.
template <class Engine, class Hand>
void compare_with_hand(benchmark::State& state, Engine engine, Hand hand) {
    using Clock = std::chrono::steady_clock;
    constexpr int kRounds = 64;
    double engine_ns = 0;
    double hand_ns = 0;
    for (auto _ : state) {
        const auto start = Clock::now();
        for (int i = 0; i < kRounds; ++i) {
            hand();
        }
        const auto middle = Clock::now();
        for (int i = 0; i < kRounds; ++i) {
            engine();
        }
        const auto end = Clock::now();
        hand_ns += std::chrono::duration<double, std::nano>(middle - start).count();
        engine_ns += std::chrono::duration<double, std::nano>(end - middle).count();
        state.SetIterationTime(std::chrono::duration<double>(end - middle).count());
    }
    const double rows = static_cast<double>(state.iterations()) * kRounds * kRows;
    state.counters["ratio"] = hand_ns / engine_ns;
    state.counters["ns_per_row"] = engine_ns / rows;
    state.counters["hand_ns_per_row"] = hand_ns / rows;
}

void BM_FilterDelay(benchmark::State& state) {
    const RowBatch rows = make_rows();
    const auto program = Program::compile({compare(CompareOp::kGreater,
                                                   column(0, kDelay),
                                                   literal(Value(std::int32_t{10}), TypeKind::kInt))
                                               .value()})
                             .value();
    std::vector<std::uint32_t> passing;
    std::vector<RowError> errors;
    std::vector<std::uint32_t> by_hand(kRows);
    std::uint32_t count = 0;
    compare_with_hand(
        state,
        [&] {
            program->filter(rows, passing, errors);
            benchmark::DoNotOptimize(passing.data());
            benchmark::ClobberMemory();
        },
        [&] {
            const auto* delay = rows.columns[0]->values<std::int32_t>();
            count = 0;
            for (std::uint32_t i = 0; i < kRows; ++i) {
                by_hand[count] = i;
                count += static_cast<std::uint32_t>(delay[i] > 10);
            }
            benchmark::DoNotOptimize(by_hand.data());
            benchmark::ClobberMemory();
        });
    check(passing == std::vector<std::uint32_t>(by_hand.begin(), by_hand.begin() + count));
}
BENCHMARK(BM_FilterDelay)->UseManualTime();

void BM_ProjectLinear(benchmark::State& state) {
    const RowBatch rows = make_rows();
    const auto doubled = arithmetic(ArithmeticOp::kMultiply,
                                    column(0, kDelay),
                                    literal(Value(std::int32_t{2}), TypeKind::kInt))
                             .value();
    const auto program =
        Program::compile({arithmetic(ArithmeticOp::kAdd, doubled, column(1, kOther)).value()})
            .value();
    std::vector<ColumnPtr> outputs;
    std::vector<RowError> errors;
    std::vector<std::int32_t> by_hand;
    compare_with_hand(
        state,
        [&] {
            program->evaluate(rows, outputs, errors);
            benchmark::DoNotOptimize(outputs.data());
            benchmark::ClobberMemory();
        },
        [&] {
            // A fresh result per batch, as the program owes its reader one.
            by_hand = std::vector<std::int32_t>(kRows);
            const auto* a = rows.columns[0]->values<std::int32_t>();
            const auto* b = rows.columns[1]->values<std::int32_t>();
            for (std::uint32_t i = 0; i < kRows; ++i) {
                by_hand[i] = a[i] * 2 + b[i];
            }
            benchmark::DoNotOptimize(by_hand.data());
            benchmark::ClobberMemory();
        });
    for (std::uint32_t i = 0; i < kRows; ++i) {
        check(outputs[0]->at<std::int32_t>(i) == by_hand[i]);
    }
}
BENCHMARK(BM_ProjectLinear)->UseManualTime();

void BM_ParseTimestamp(benchmark::State& state) {
    const RowBatch rows = make_rows();
    const auto pattern = DatePattern::compile("yyyy/MM/dd HH:mm").value();
    std::int64_t sum = 0;
    for (auto _ : state) {
        for (std::uint32_t i = 0; i < kRows; ++i) {
            sum += pattern->parse_ms(rows.columns[2]->text(i), "UTC").value();
        }
    }
    benchmark::DoNotOptimize(sum);
    check(pattern->parse_ms("2001/01/10 18:20", "UTC").value() == 979'150'800'000);
    state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK(BM_ParseTimestamp);

void BM_FormatTimestamp(benchmark::State& state) {
    const auto pattern = DatePattern::compile("yyyy-MM-dd HH:mm:ss").value();
    std::size_t size = 0;
    std::int64_t ms = 979'150'800'000;
    for (auto _ : state) {
        size += pattern->format_ms(ms += 1000, "UTC").value().size();
    }
    benchmark::DoNotOptimize(size);
    check(pattern->format_ms(979'150'800'000, "UTC").value() == "2001-01-10 18:20:00");
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_FormatTimestamp);

}  // namespace
}  // namespace millrace::operators

BENCHMARK_MAIN();
