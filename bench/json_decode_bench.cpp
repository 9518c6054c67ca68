// JSON rows in and out of columns, against the loops that somebody would write by hand.
// links: millrace_core_row simdjson::simdjson
//
// Each benchmark runs both sides in turn on the same bytes, compares checksums of what they made,
// and reports `ratio`: hand-written time / our time, so 2 means twice as fast.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "core/base/checksum.h"
#include "core/base/page.h"
#include "core/base/random.h"
#include "core/row/serde.h"

namespace millrace {
namespace {

constexpr std::uint32_t kRows = 1024;

struct Rows {
    PagePtr page;
    std::vector<std::optional<ByteView>> payloads;
    std::size_t bytes = 0;
};

Rows make_rows(const std::vector<std::string>& texts) {
    Rows rows;
    for (const std::string& text : texts) {
        rows.bytes += text.size();
    }
    const auto page = Page::allocate(rows.bytes);
    std::size_t at = 0;
    for (const std::string& text : texts) {
        std::memcpy(page->data() + at, text.data(), text.size());
        rows.payloads.emplace_back(ByteView{page->data() + at, text.size()});
        at += text.size();
    }
    page->set_size(at);
    rows.page = page;
    return rows;
}

// Twelve fields, about 250 bytes: numbers, short and long strings, a nested object.
std::string bid(Random& random) {
    const auto number = [&random](std::uint64_t bound) {
        return std::to_string(random.below(bound));
    };
    return R"({"auction":)" + number(100'000) + R"(,"bidder":)" + number(50'000) + R"(,"price":)" +
           number(100'000'000) + R"(,"channel":"channel-)" + number(100) +
           R"(","url":"https://www.example.com/items/)" + number(1'000'000) +
           R"(/item.htm?query=1","date_time":)" +
           std::to_string(1'436'918'400'000 + random.below(1 << 30)) + R"(,"rate":)" + number(100) +
           "." + number(10) + R"(,"is_first":)" + (random.below(2) == 0 ? "true" : "false") +
           R"(,"note":null,"place":{"lat":)" + number(90) + R"(.5,"lon":)" + number(180) +
           R"(.25},"tag":"t)" + number(10) + R"(","extra":"abcdefghijklmnop)" +
           number(1'000'000'000) + R"("})";
}

std::string flight(Random& random) {
    constexpr const char* kAirports[] = {"DTW", "LAS", "ORD", "ATL", "SFO", "JFK"};
    char date[32];
    std::snprintf(date,
                  sizeof date,
                  "2001/%02u/%02u %02u:%02u",
                  static_cast<unsigned>(random.below(12) + 1),
                  static_cast<unsigned>(random.below(28) + 1),
                  static_cast<unsigned>(random.below(24)),
                  static_cast<unsigned>(random.below(60)));
    return std::string(R"({"date":")") + date + R"(","delay":)" +
           std::to_string(static_cast<int>(random.below(200)) - 20) + R"(,"distance":)" +
           std::to_string(random.below(3000)) + R"(,"origin":")" + kAirports[random.below(6)] +
           R"(","destination":")" + kAirports[random.below(6)] + "\"}";
}

std::uint32_t checksum_of(const std::vector<ColumnPtr>& columns) {
    std::uint32_t sum = 0;
    for (const ColumnPtr& column : columns) {
        for (std::uint32_t row = 0; column && row < column->size(); ++row) {
            if (column->type().is(TypeKind::kString)) {
                sum = crc32c(as_bytes(column->text(row)), sum);
            } else {
                const auto value = column->at<std::int64_t>(row);
                sum = crc32c({reinterpret_cast<const std::byte*>(&value), sizeof value}, sum);
            }
        }
    }
    return sum;
}

// The hand-written side: find_field() in document order, values straight into the columns.
class HandDecoder {
  public:
    HandDecoder(const std::vector<Field>& fields, const std::vector<bool>& wanted) {
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (wanted[i]) {
                fields_.push_back(fields[i]);
            }
        }
    }
    bool decode(const Rows& rows, std::vector<ColumnPtr>& columns) {
        std::vector<ColumnBuilder> builders;
        for (const Field& field : fields_) {
            builders.emplace_back(field.type, kRows);
            builders.back().pin(rows.page);
        }
        for (std::uint32_t row = 0; row < kRows; ++row) {
            const std::string_view text = as_text(*rows.payloads[row]);
            simdjson::ondemand::document document;
            if (parser_.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING)
                    .get(document)) {
                return false;
            }
            for (std::size_t i = 0; i < fields_.size(); ++i) {
                if (fields_[i].type.is(TypeKind::kString)) {
                    std::string_view value;
                    if (document.find_field(fields_[i].name).get(value)) {
                        return false;
                    }
                    builders[i].set_text(row, value);
                } else {
                    std::int64_t value = 0;
                    if (document.find_field(fields_[i].name).get(value)) {
                        return false;
                    }
                    builders[i].set(row, value);
                }
            }
        }
        columns.clear();
        for (ColumnBuilder& builder : builders) {
            columns.push_back(builder.finish(kRows));
        }
        return true;
    }

  private:
    std::vector<Field> fields_;
    simdjson::ondemand::parser parser_;
};

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// Runs both sides in turn and reports the median of the rounds' ratios.
template <class Ours, class Hand>
void compare_sides(benchmark::State& state, std::size_t bytes, const Ours& ours, const Hand& hand) {
    std::vector<double> ratios;
    double our_seconds = 0;
    for (auto _ : state) {
        const auto start = Clock::now();
        hand();
        const double hand_time = seconds_since(start);
        const auto middle = Clock::now();
        ours();
        const double our_time = seconds_since(middle);
        our_seconds += our_time;
        ratios.push_back(hand_time / our_time);
        state.SetIterationTime(our_time);
    }
    std::nth_element(ratios.begin(),
                     ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2),
                     ratios.end());
    state.counters["ratio"] = ratios[ratios.size() / 2];
    const auto rounds = static_cast<double>(ratios.size());
    state.counters["rows/s"] = rounds * kRows / our_seconds;
    state.counters["bytes/s"] = rounds * static_cast<double>(bytes) / our_seconds;
}

void decode_rows(benchmark::State& state,
                 std::string (*make)(Random&),
                 const std::vector<Field>& fields,
                 const std::vector<bool>& wanted) {
    SeededRandom random(7);
    std::vector<std::string> texts;
    for (std::uint32_t i = 0; i < kRows; ++i) {
        texts.push_back(make(random));
    }
    const Rows rows = make_rows(texts);
    auto decoder = std::move(make_decoder({}, fields, wanted)).value();
    HandDecoder hand(fields, wanted);
    std::vector<ColumnPtr> ours;
    std::vector<ColumnPtr> theirs;
    std::vector<RowError> errors;
    decoder->decode(rows.payloads, rows.page, ours, errors);
    if (!hand.decode(rows, theirs) || !errors.empty() || checksum_of(ours) != checksum_of(theirs)) {
        state.SkipWithError("the two sides do not agree");
        return;
    }
    compare_sides(
        state,
        rows.bytes,
        [&] { decoder->decode(rows.payloads, rows.page, ours, errors); },
        [&] { benchmark::DoNotOptimize(hand.decode(rows, theirs)); });
}

void decode_3_of_12(benchmark::State& state) {
    std::vector<Field> fields;
    std::vector<bool> wanted;
    for (const char* name : {"auction",
                             "bidder",
                             "price",
                             "channel",
                             "url",
                             "date_time",
                             "rate",
                             "is_first",
                             "note",
                             "place",
                             "tag",
                             "extra"}) {
        fields.push_back({name, TypeKind::kBigint});
        wanted.push_back(fields.size() <= 3);
    }
    decode_rows(state, bid, fields, wanted);
}
BENCHMARK(decode_3_of_12)->UseManualTime()->MinTime(0.1);

void decode_last_3_of_12(benchmark::State& state) {
    std::vector<Field> fields;
    std::vector<bool> wanted;
    for (const char* name : {"auction",
                             "bidder",
                             "price",
                             "channel",
                             "url",
                             "date_time",
                             "rate",
                             "is_first",
                             "note",
                             "place",
                             "tag",
                             "extra"}) {
        const bool is_wanted = std::strcmp(name, "date_time") == 0 ||
                               std::strcmp(name, "tag") == 0 || std::strcmp(name, "extra") == 0;
        fields.push_back(
            {name, std::strcmp(name, "date_time") == 0 ? TypeKind::kBigint : TypeKind::kString});
        wanted.push_back(is_wanted);
    }
    decode_rows(state, bid, fields, wanted);
}
BENCHMARK(decode_last_3_of_12)->UseManualTime()->MinTime(0.1);

void decode_flights_5_of_5(benchmark::State& state) {
    decode_rows(state,
                flight,
                {{"date", TypeKind::kString},
                 {"delay", TypeKind::kBigint},
                 {"distance", TypeKind::kBigint},
                 {"origin", TypeKind::kString},
                 {"destination", TypeKind::kString}},
                std::vector<bool>(5, true));
}
BENCHMARK(decode_flights_5_of_5)->UseManualTime()->MinTime(0.1);

// The hand-written encoder: to_chars and memcpy into memory that is known to be enough.
std::size_t encode_by_hand(const std::vector<ColumnPtr>& columns, char* const begin) {
    char* to = begin;
    const auto put = [&to](std::string_view text) {
        std::memcpy(to, text.data(), text.size());
        to += text.size();
    };
    for (std::uint32_t row = 0; row < kRows; ++row) {
        put(R"({"date":")");
        put(columns[0]->text(row));
        put(R"(","delay":)");
        to = std::to_chars(to, to + 24, columns[1]->at<std::int64_t>(row)).ptr;
        put(R"(,"distance":)");
        to = std::to_chars(to, to + 24, columns[2]->at<std::int64_t>(row)).ptr;
        put(R"(,"origin":")");
        put(columns[3]->text(row));
        put(R"(","destination":")");
        put(columns[4]->text(row));
        put("\"}");
    }
    return static_cast<std::size_t>(to - begin);
}

void encode_flights(benchmark::State& state) {
    const std::vector<Field> fields{{"date", TypeKind::kString},
                                    {"delay", TypeKind::kBigint},
                                    {"distance", TypeKind::kBigint},
                                    {"origin", TypeKind::kString},
                                    {"destination", TypeKind::kString}};
    SeededRandom random(7);
    std::vector<std::string> texts;
    for (std::uint32_t i = 0; i < kRows; ++i) {
        texts.push_back(flight(random));
    }
    const Rows rows = make_rows(texts);
    std::vector<ColumnPtr> columns;
    std::vector<RowError> errors;
    std::move(make_decoder({}, fields, std::vector<bool>(5, true)))
        .value()
        ->decode(rows.payloads, rows.page, columns, errors);
    auto encoder = std::move(make_encoder({}, fields)).value();
    std::vector<std::uint32_t> all(kRows);
    for (std::uint32_t i = 0; i < kRows; ++i) {
        all[i] = i;
    }
    std::vector<char> memory(2 * rows.bytes);
    EncodedRows encoded;
    encoder->encode(columns, all, encoded);
    const std::size_t size = encode_by_hand(columns, memory.data());
    if (encoded.bytes.text() != std::string_view(memory.data(), size)) {
        state.SkipWithError("the two sides do not agree");
        return;
    }
    compare_sides(
        state,
        rows.bytes,
        [&] {
            encoded.clear();
            encoder->encode(columns, all, encoded);
        },
        [&] { benchmark::DoNotOptimize(encode_by_hand(columns, memory.data())); });
}
BENCHMARK(encode_flights)->UseManualTime()->MinTime(0.1);

}  // namespace
}  // namespace millrace

BENCHMARK_MAIN();
