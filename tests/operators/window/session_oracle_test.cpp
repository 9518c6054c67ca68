// Session windows against a row-at-a-time oracle: lists of sessions and nothing clever.
#include <algorithm>
#include <map>
#include <optional>

#include "operators/aggregate.h"
#include "tests/operators/operator_harness.h"

namespace millrace::operators {
namespace {

using Lines = std::vector<std::string>;

constexpr std::int64_t kGap = 12;

struct Session {
    std::int64_t start = 0;
    std::int64_t end = 0;
    std::int64_t rows = 0;
    std::int64_t sum = 0;
    std::int64_t least = 0;
};

struct Wanted {
    Lines lines;
    std::uint64_t late = 0;
};

SchemaPtr key_and_amount() {
    return make_schema({{"K", TypeKind::kBigint}}, {{"AMOUNT", TypeKind::kBigint}});
}

std::string line(std::int64_t key, const Session& session, bool is_tombstone) {
    return std::to_string(session.end) + " [" + std::to_string(session.start) + "," +
           std::to_string(session.end) + ") " + std::to_string(key) + " |" +
           (is_tombstone ? " null"
                         : " " + std::to_string(session.rows) + " " + std::to_string(session.sum) +
                               " " + std::to_string(session.least));
}

/// The rules of make_aggregate() for sessions, row by row.
Wanted oracle(const std::vector<InputRow>& rows, std::int64_t grace, bool emits_final) {
    Wanted wanted;
    std::map<std::int64_t, std::vector<Session>> sessions;  // by key
    std::int64_t stream_time = 0;
    for (const InputRow& row : rows) {
        const auto key = std::get<std::int64_t>(row.values[0].data);
        const auto amount = std::get<std::int64_t>(row.values[1].data);
        stream_time = std::max(stream_time, row.time);
        const std::int64_t closed = stream_time - kGap - grace;
        Session merged{row.time, row.time, 1, amount, amount};
        std::vector<Session>& of_key = sessions[key];
        const auto touches = [&](const Session& session) {
            return session.end >= closed && session.end >= row.time - kGap &&
                   session.start <= row.time + kGap;
        };
        std::vector<Session> found;
        std::copy_if(of_key.begin(), of_key.end(), std::back_inserter(found), touches);
        std::sort(found.begin(), found.end(), [](const Session& a, const Session& b) {
            return std::pair(a.end, a.start) < std::pair(b.end, b.start);
        });
        for (const Session& session : found) {
            merged.start = std::min(merged.start, session.start);
            merged.end = std::max(merged.end, session.end);
            merged.rows += session.rows;
            merged.sum += session.sum;
            merged.least = std::min(merged.least, session.least);
        }
        if (merged.end < closed) {
            ++wanted.late;
            continue;
        }
        std::erase_if(of_key, touches);
        of_key.push_back(merged);
        if (!emits_final) {
            const bool is_same = found.size() == 1 && merged.start == merged.end;
            for (const Session& session : found) {
                if (!is_same) {
                    wanted.lines.push_back(line(key, session, true));
                }
            }
            wanted.lines.push_back(line(key, merged, false));
            continue;
        }
        // What this row's time closes, of all keys.
        std::vector<std::pair<std::int64_t, Session>> ended;
        for (auto& [other, list] : sessions) {
            for (const Session& session : list) {
                if (session.end < closed) {
                    ended.emplace_back(other, session);
                }
            }
            std::erase_if(list, [&](const Session& session) { return session.end < closed; });
        }
        std::sort(ended.begin(), ended.end(), [](const auto& a, const auto& b) {
            return std::tuple(a.second.end, a.second.start, a.first) <
                   std::tuple(b.second.end, b.second.start, b.first);
        });
        for (const auto& [other, session] : ended) {
            wanted.lines.push_back(line(other, session, false));
        }
    }
    return wanted;
}

/// Time goes on slowly and jumps now and then; a third of the rows is late. Keys below 10: their
/// texts are in the order of their numbers.
std::vector<InputRow> generate(std::uint64_t seed, std::size_t count) {
    SeededRandom random(seed);
    std::vector<InputRow> rows;
    std::int64_t now = 0;
    for (std::size_t n = 0; n < count; ++n) {
        now += static_cast<std::int64_t>(random.below(4));
        if (random.below(200) == 0) {
            now += static_cast<std::int64_t>(random.below(200));
        }
        InputRow row;
        row.time = now;
        if (random.below(3) == 0) {
            row.time = std::max<std::int64_t>(0, now - static_cast<std::int64_t>(random.below(80)));
        }
        add_value(row.values, Value(static_cast<std::int64_t>(random.below(10))));
        add_value(row.values, Value(static_cast<std::int64_t>(random.below(1000)) - 500));
        rows.push_back(std::move(row));
    }
    return rows;
}

class SessionOracle : public testing::TestWithParam<std::tuple<std::int64_t, bool>> {};

TEST_P(SessionOracle, GivesTheSameHoweverRowsAreCutAndRestarted) {
    constexpr std::uint64_t kSeed = 17;
    constexpr std::size_t kRows = 12'000;
    SCOPED_TRACE(kSeed);
    const auto [grace, emits_final] = GetParam();
    AggregateSpec spec;
    spec.input = key_and_amount();
    std::vector<Field> results;
    for (const char* const function : {"COUNT", "SUM", "MIN"}) {
        const bool counts = results.empty();
        spec.calls.push_back(
            bind_aggregate(
                function,
                counts ? std::vector<DataType>{} : std::vector<DataType>{TypeKind::kBigint},
                counts ? std::vector<std::size_t>{} : std::vector<std::size_t>{1})
                .value());
        results.push_back({function, spec.calls.back().type});
    }
    spec.window = WindowSpec{
        .kind = WindowKind::kSession, .size_ms = kGap, .advance_ms = kGap, .grace_ms = grace};
    spec.output =
        make_schema(spec.input->key, std::move(results), WindowInfo{WindowKind::kSession, 0});
    spec.key_format = {.format = Format::kJson, .wrap_single = false};
    spec.emits_final = emits_final;
    const std::vector<InputRow> rows = generate(kSeed, kRows);
    const Wanted wanted = oracle(rows, grace, emits_final);
    EXPECT_GT(wanted.lines.size(), 1000U);
    EXPECT_EQ(wanted.late > 0, grace < 60);
    for (const Cut& cut : all_cuts()) {
        OperatorHarness harness(make_aggregate(spec), {key_and_amount()});
        harness.feed(rows, cut);
        const Lines& found = harness.out().lines;
        const std::size_t shown = std::min(found.size(), wanted.lines.size());
        for (std::size_t i = 0; i < shown; ++i) {
            ASSERT_EQ(found[i], wanted.lines[i]) << "line " << i << ", cut " << cut.seed;
        }
        ASSERT_EQ(found.size(), wanted.lines.size()) << "cut " << cut.seed;
        ASSERT_EQ(harness.out().dropped["late"], wanted.late) << "cut " << cut.seed;
    }
}

INSTANTIATE_TEST_SUITE_P(Graces,
                         SessionOracle,
                         testing::Combine(testing::Values(0, 15, 70), testing::Bool()));

}  // namespace
}  // namespace millrace::operators
