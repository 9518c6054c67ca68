// One output: the same records in every output partition for every batch size, executor, number of
// workers, commit interval and crash.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "tests/dsl/invariance_harness.h"
#include "tests/dsl/invariance_pipelines.h"

namespace millrace::dsl {
namespace {

using std::chrono::milliseconds;

constexpr int kRows = 10'500;
#ifdef __SANITIZE_ADDRESS__
constexpr bool kIsThorough = false;  // row by row takes too long there
#else
constexpr bool kIsThorough = true;
#endif
constexpr std::int64_t kStart = 1'700'000'000'000;

/// Of the input, the order of steps and the crashes; MILLRACE_TEST_SEED tries another.
std::uint64_t base_seed() {
    static const std::uint64_t seed = [] {
        const char* const given = std::getenv("MILLRACE_TEST_SEED");
        const std::uint64_t chosen =
            given != nullptr ? std::strtoull(given, nullptr, 10) : 20'010'101;
        std::cout << "seed " << chosen << std::endl;
        return chosen;
    }();
    return seed;
}

// Generated rows: 40 skewed keys, a fifth of the timestamps up to 20 s late, nulls, missing fields,
// records without a value and now and then one that is not JSON.

std::string key_of(SeededRandom& random) {
    return "k" + std::to_string(random.below(1 + random.below(40)));
}

std::string event_json(SeededRandom& random, const std::string& key) {
    static const char* const kNames[] = {"anchovy", "bream", "Cod", "dab", "Eel \\\"x\\\"", "süß"};
    std::string json = "{";
    if (!key.empty()) {
        json += "\"K\":\"" + key + "\",";
    }
    json +=
        "\"N\":" +
        (random.below(20) == 0 ? "null" : std::to_string(static_cast<int>(random.below(200)) - 50));
    if (random.below(30) != 0) {
        json += ",\"BIG\":" + std::to_string(random.below(1'000'000) * 1'000'003);
    }
    json += ",\"X\":" + std::to_string(random.below(100'000)) + "e-3";
    json += ",\"PRICE\":" + std::to_string(random.below(1'000)) + "." +
            std::to_string(10 + random.below(90));
    json += std::string(",\"NAME\":") +
            (random.below(25) == 0 ? "null" : "\"" + std::string(kNames[random.below(6)]) + "\"");
    json += random.below(2) == 0 ? ",\"FLAG\":true}" : ",\"FLAG\":false}";
    return json;
}

std::vector<InputRecord> stream_records(std::uint64_t seed, bool is_keyed) {
    SeededRandom random(seed);
    std::vector<InputRecord> records;
    for (int i = 0; i < kRows; ++i) {
        InputRecord record;
        const std::string key = key_of(random);
        record.time_ms = kStart + i * 20;
        if (random.below(5) == 0) {
            record.time_ms -= static_cast<std::int64_t>(random.below(20'000));
        }
        if (is_keyed && random.below(100) != 0) {
            record.key = key;
        } else {
            record.partition = static_cast<std::int32_t>(random.below(3));
        }
        const std::uint64_t kind = random.below(500);
        if (kind == 0) {
            record.value = R"({"N":12,"NAME":"cut)";
        } else if (kind > 2) {
            record.value = event_json(random, is_keyed ? "" : key);
        }
        records.push_back(std::move(record));
    }
    return records;
}

/// A table's changes over the same time: updates and, each tenth, a tombstone.
std::vector<InputRecord> table_records(std::uint64_t seed) {
    SeededRandom random(seed);
    std::vector<InputRecord> records;
    for (int i = 0; i < kRows; ++i) {
        InputRecord record;
        record.key = "k" + std::to_string(random.below(45));
        record.time_ms = kStart + i * 20 - static_cast<std::int64_t>(random.below(3'000));
        if (random.below(10) != 0) {
            record.value =
                R"({"CITY":"city )" + std::to_string(random.below(300)) + R"(","LEVEL":)" +
                (random.below(15) == 0 ? "null" : std::to_string(random.below(10))) + "}";
        }
        records.push_back(std::move(record));
    }
    return records;
}

const InputTopics& generated() {
    static const InputTopics topics = [] {
        return InputTopics{{"events", stream_records(base_seed(), false)},
                           {"keyed", stream_records(base_seed() + 1, true)},
                           {"users", table_records(base_seed() + 2)},
                           {"cities", table_records(base_seed() + 3)}};
    }();
    return topics;
}

const std::string kDeclarations =
    "CREATE STREAM events (k VARCHAR, n INT, big BIGINT, x DOUBLE, price DECIMAL(10, 2), name "
    "VARCHAR, flag BOOLEAN) WITH (KAFKA_TOPIC='events', VALUE_FORMAT='JSON');"
    "CREATE STREAM keyed (k VARCHAR KEY, n INT, big BIGINT, x DOUBLE, price DECIMAL(10, 2), name "
    "VARCHAR, flag BOOLEAN) WITH (KAFKA_TOPIC='keyed', VALUE_FORMAT='JSON');"
    "CREATE TABLE users (k VARCHAR PRIMARY KEY, city VARCHAR, level INT) WITH "
    "(KAFKA_TOPIC='users', VALUE_FORMAT='JSON');"
    "CREATE TABLE cities (k VARCHAR PRIMARY KEY, city VARCHAR, level INT) WITH "
    "(KAFKA_TOPIC='cities', VALUE_FORMAT='JSON');";

Pipeline one(std::string name, const std::string& query) {
    return {std::move(name), {kDeclarations + query}, {"OUT"}};
}

std::vector<Pipeline> pipelines() {
    return {
        one("FilterAndProjection",
            "CREATE STREAM out AS SELECT k, n * 2 + 1 AS a, big / 7 AS b, UCASE(name) || '!' AS c, "
            "CASE WHEN flag THEN price * 2 ELSE price - 1 END AS d, ROUND(x / 3, 2) AS e, "
            "COALESCE(n, -1) AS f, CAST(price AS DOUBLE) AS g, ROWTIME AS t FROM keyed WHERE (n > "
            "10 OR name LIKE '%a%') AND x BETWEEN 5 AND 95;"),
        one("Delimited",
            "CREATE STREAM out WITH (VALUE_FORMAT='DELIMITED') AS SELECT k, name, n, price, "
            "FORMAT_TIMESTAMP(FROM_UNIXTIME(ROWTIME), 'yyyy-MM-dd HH:mm:ss.SSS') AS t FROM keyed "
            "WHERE name IN ('Cod', 'dab') OR n IS NULL;"),
        one("Rekey",
            "CREATE STREAM out AS SELECT name, k, n, flag FROM events WHERE n <> 7 PARTITION BY "
            "name;"),
        one("GroupByWithAllAggregates",
            "CREATE TABLE out AS SELECT k, COUNT(*) AS c, COUNT(n) AS cn, SUM(n) AS sn, SUM(big) "
            "AS sb, SUM(x) AS sx, SUM(price) AS sp, AVG(n) AS an, AVG(x) AS ax, MIN(n) AS mn, "
            "MAX(x) AS mx, MIN(name) AS lo, MAX(name) AS hi, LATEST_BY_OFFSET(n) AS l, "
            "EARLIEST_BY_OFFSET(name) AS e FROM events GROUP BY k;"),
        one("GroupByTheKeyAsItLies",
            "CREATE TABLE out AS SELECT k, COUNT(*) AS c, SUM(x) AS s, LATEST_BY_OFFSET(name) AS l "
            "FROM keyed WHERE flag GROUP BY k;"),
        one("GroupBySeveralColumnsHaving",
            "CREATE TABLE out WITH (KEY_FORMAT='JSON') AS SELECT name, flag, COUNT(*) AS c, "
            "AVG(n) AS a FROM events GROUP BY name, flag HAVING AVG(n) > 49;"),
        one("TumblingWithDefaultGrace",
            "CREATE TABLE out AS SELECT k, COUNT(*) AS c, MAX(n) AS m, WINDOWSTART AS ws FROM "
            "events WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY k;"),
        one("TumblingWithGrace",
            "CREATE TABLE out AS SELECT k, COUNT(*) AS c, SUM(x) AS s, EARLIEST_BY_OFFSET(n) AS e "
            "FROM events WINDOW TUMBLING (SIZE 7 SECONDS, GRACE PERIOD 3 SECONDS) GROUP BY k;"),
        one("TumblingWithGraceAsItLies",
            "CREATE TABLE out AS SELECT k, COUNT(*) AS c, MIN(price) AS p FROM keyed WINDOW "
            "TUMBLING (SIZE 5 SECONDS, GRACE PERIOD 0 SECONDS) GROUP BY k;"),
        one("HoppingWithGrace",
            "CREATE TABLE out AS SELECT k, COUNT(*) AS c, LATEST_BY_OFFSET(name) AS l, AVG(price) "
            "AS a FROM events WINDOW HOPPING (SIZE 12 SECONDS, ADVANCE BY 4 SECONDS, GRACE PERIOD "
            "2 SECONDS) GROUP BY k;"),
        one("InnerJoinAfterBootstrap",
            "CREATE STREAM out AS SELECT e.k AS k, e.n, u.city, u.level + e.n AS s FROM events e "
            "JOIN users u ON e.k = u.k WHERE u.level < 8;"),
        one("InnerJoinByTime",
            "SET 'table.bootstrap'='off';"
            "CREATE STREAM out AS SELECT e.k AS k, e.n, u.city, u.level FROM events e JOIN users u "
            "ON e.k = u.k;"),
        one("LeftJoinByTimeAsItLies",
            "SET 'table.bootstrap'='off';"
            "CREATE STREAM out AS SELECT e.k AS k, e.name, u.city, u.level FROM keyed e LEFT JOIN "
            "users u ON e.k = u.k;"),
        one("JoinOfTwoTables",
            "SET 'table.bootstrap'='off';"
            "CREATE STREAM out AS SELECT e.k AS k, e.n, u.city AS a, c.city AS b FROM keyed e JOIN "
            "users u ON e.k = u.k LEFT JOIN cities c ON e.k = c.k;"),
        one("TableProjectionAndFilter",
            "CREATE TABLE out AS SELECT k, UCASE(city) AS city, level * 2 AS twice FROM users "
            "WHERE level > 3;"),
        one("JoinWindowAndGroupBy",
            "SET 'table.bootstrap'='off';"
            "CREATE TABLE out AS SELECT u.level AS level, COUNT(*) AS c, AVG(e.n) AS a, "
            "LATEST_BY_OFFSET(u.city) AS city FROM events e JOIN users u ON e.k = u.k WINDOW "
            "TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY u.level;"),
        {"ChainOfLiveQueries",
         {kDeclarations +
          "CREATE STREAM middle AS SELECT k, n, x FROM events WHERE n > 0 PARTITION BY k;"
          "CREATE TABLE out AS SELECT k, COUNT(*) AS c, SUM(x) AS s FROM middle WINDOW TUMBLING "
          "(SIZE 10 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY k;"},
         {"MIDDLE", "OUT"}},
        // Partitions of a topic that grows meanwhile have no one order: the second comes later.
        {"ChainThatShufflesTwice",
         {kDeclarations + "CREATE STREAM middle AS SELECT k, n, name FROM events PARTITION BY k;",
          "CREATE TABLE out AS SELECT name, COUNT(*) AS c, LATEST_BY_OFFSET(n) AS l FROM middle "
          "GROUP BY name;"},
         {"MIDDLE", "OUT"}},
        {"JoinOfATableThatAQueryMakes",
         {kDeclarations +
          "CREATE TABLE totals AS SELECT k, COUNT(*) AS c, MAX(n) AS m FROM keyed GROUP BY k;"
          "CREATE STREAM out AS SELECT e.k AS k, e.n, t.c, t.m FROM events e LEFT JOIN totals t ON "
          "e.k = t.k;"},
         {"TOTALS", "OUT"}},
    };
}

// The flights of examples/, from the repository that this file lies in.

std::filesystem::path examples() {
    // The compiler may have been given a path from the build directory, two above this program.
    const auto build = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
    const auto tests_dsl = (build / __FILE__).lexically_normal().parent_path();
    return tests_dsl.parent_path().parent_path() / "examples";
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file.good()) << path;
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Cells of a line of CSV: "a quoted ""cell"", with commas" is one.
std::vector<std::string> csv_cells(const std::string& line) {
    std::vector<std::string> cells(1);
    bool is_quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && is_quoted && i + 1 < line.size() && line[i + 1] == '"') {
            cells.back() += line[++i];
        } else if (line[i] == '"') {
            is_quoted = !is_quoted;
        } else if (line[i] == ',' && !is_quoted) {
            cells.emplace_back();
        } else if (line[i] != '\r') {
            cells.back() += line[i];
        }
    }
    return cells;
}

std::string quoted(const std::string& text) {
    std::string json = "\"";
    for (const char c : text) {
        json += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return json + "\"";
}

struct Flight {
    std::int64_t time_ms = 0;
    int delay = 0;
    std::string origin;
    std::string json;
};

std::vector<Flight> flights() {
    std::vector<Flight> flights;
    std::istringstream lines(text_of(examples() / "data" / "flights.ndjson"));
    for (std::string line; std::getline(lines, line);) {
        int year = 0;
        unsigned month = 0;
        unsigned day = 0;
        int hour = 0;
        int minute = 0;
        int delay = 0;
        int distance = 0;
        char origin[8] = {};
        const int found = std::sscanf(line.c_str(),
                                      R"({"date":"%4d/%2u/%2u %2d:%2d","delay":%d,)"
                                      R"("distance":%d,"origin":"%7[^"])",
                                      &year,
                                      &month,
                                      &day,
                                      &hour,
                                      &minute,
                                      &delay,
                                      &distance,
                                      origin);
        EXPECT_EQ(found, 8) << line;
        const std::chrono::sys_days date =
            std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day};
        const std::int64_t minutes =
            std::int64_t{date.time_since_epoch().count()} * 24 * 60 + hour * 60 + minute;
        flights.push_back({minutes * 60'000, delay, origin, line});
    }
    return flights;
}

using Airports = std::map<std::string, std::vector<std::string>>;  // cells by iata

Airports airports() {
    Airports airports;
    std::istringstream lines(text_of(examples() / "data" / "airports.csv"));
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        std::vector<std::string> cells = csv_cells(line);
        EXPECT_EQ(cells.size(), 7U) << line;
        airports[cells[0]] = std::move(cells);
    }
    return airports;
}

const InputTopics& flight_topics() {
    static const InputTopics topics = [] {
        InputTopics made;
        std::int32_t partition = 0;
        for (const Flight& flight : flights()) {
            made["flights"].push_back(
                {std::nullopt, flight.json, 1'900'000'000'000, partition++ % 3});
        }
        for (const auto& [iata, cells] : airports()) {
            made["airports"].push_back(
                {iata,
                 "{\"name\":" + quoted(cells[1]) + ",\"city\":" + quoted(cells[2]) +
                     ",\"state\":" + quoted(cells[3]) + ",\"country\":" + quoted(cells[4]) +
                     ",\"latitude\":" + cells[5] + ",\"longitude\":" + cells[6] + "}",
                 1'900'000'000'000});
        }
        return made;
    }();
    return topics;
}

Pipeline flights_pipeline() {
    return {"Flights", {text_of(examples() / "flights.sql")}, {"delay_by_airport"}};
}

const InputTopics& input_of(const Pipeline& pipeline) {
    return pipeline.name == "Flights" ? flight_topics() : generated();
}

OutputTopics run(const Pipeline& pipeline, const Setting& setting, int* crashes = nullptr) {
    InvarianceHarness harness(setting);
    harness.load(input_of(pipeline));
    harness.run(pipeline);
    if (crashes != nullptr) {
        *crashes += harness.crashes();
    }
    return harness.records(pipeline.outputs);
}

/// Every other run is compared with this one: rows one by one, no threads, first come first served.
const OutputTopics& reference(const Pipeline& pipeline, std::int32_t partitions) {
    static std::map<std::pair<std::string, std::int32_t>, OutputTopics> known;
    const auto key = std::pair(pipeline.name, partitions);
    const auto found = known.find(key);
    return found != known.end()
               ? found->second
               : known.emplace(key, run(pipeline, {.partitions = partitions, .seed = 0}))
                     .first->second;
}

class OneOutput : public ::testing::TestWithParam<Pipeline> {
  protected:
    /// Compares; false when it differs.
    bool expect_same(const Setting& setting, int* crashes = nullptr) {
        const OutputTopics actual = run(GetParam(), setting, crashes);
        const std::string difference =
            first_difference(reference(GetParam(), setting.partitions), actual);
        EXPECT_EQ(difference, "") << setting.to_string();
        return difference.empty() && !HasFailure();
    }
};

TEST_P(OneOutput, DependsOnNoBatchSizeExecutorOrWorkers) {
    for (const std::int32_t partitions : {1, 3}) {
        std::size_t rows = 0;
        for (const auto& [topic, parts] : reference(GetParam(), partitions)) {
            for (const auto& part : parts) {
                rows += part.size();
            }
        }
        EXPECT_GT(rows, 500U);
        for (const std::uint32_t batch_rows : {1U, 7U, 4096U}) {
            Setting setting{.partitions = partitions, .batch_rows = batch_rows};
            setting.commit_interval = milliseconds(batch_rows == 7 ? 3 : 100);
            for (const std::size_t workers : {std::size_t{0}, std::size_t{1}, std::size_t{4}}) {
                // Row by row is slow: the reference is one such run, four workers are another.
                const bool is_slow =
                    batch_rows == 1 && (workers == 1 || (partitions == 1 && workers == 0));
                if (is_slow || (!kIsThorough && (batch_rows == 1 || workers == 1))) {
                    continue;
                }
                setting.workers = workers;
                setting.seed = base_seed() + batch_rows + static_cast<std::uint64_t>(partitions);
                if (!expect_same(setting)) {
                    return;
                }
            }
        }
    }
}

TEST_P(OneOutput, DependsOnNoCrash) {
    int crashes = 0;
    for (const std::int32_t partitions : {1, 3}) {
        Setting setting{.partitions = partitions, .batch_rows = 32, .seed = base_seed() + 77};
        setting.commit_interval = milliseconds(1);
        setting.crashes = 6;
        if (!expect_same(setting, &crashes)) {
            return;
        }
        setting.workers = 4;
        setting.log = LogKind::kEmbedded;
        if (!expect_same(setting, &crashes)) {
            return;
        }
    }
    EXPECT_GE(crashes, 6);
}

std::vector<Pipeline> all_pipelines() {
    std::vector<Pipeline> all = pipelines();
    for (Pipeline& pipeline : window_and_join_pipelines(kDeclarations)) {
        all.push_back(std::move(pipeline));
    }
    all.push_back(flights_pipeline());
    return all;
}

INSTANTIATE_TEST_SUITE_P(Sql,
                         OneOutput,
                         ::testing::ValuesIn(all_pipelines()),
                         [](const auto& pipeline) { return pipeline.param.name; });

// Someone else's answer.

struct Delays {
    std::string city;
    std::string state;
    int flights = 0;
    double sum = 0;
    int max = -1'000'000;
};

/// What a row of delay_by_airport says.
void expect_row(const OutputRecord& record, const Delays& expected, std::int64_t time_ms) {
    const auto& [key, value, time] = record;
    EXPECT_EQ(time, time_ms);
    ASSERT_TRUE(value.has_value());
    const std::string begin =
        "{\"CITY\":" + quoted(expected.city) + ",\"STATE\":" + quoted(expected.state) +
        ",\"FLIGHTS\":" + std::to_string(expected.flights) + ",\"AVG_DELAY\":";
    const std::string end = ",\"MAX_DELAY\":" + std::to_string(expected.max) + "}";
    ASSERT_TRUE(value->starts_with(begin) && value->ends_with(end))
        << *value << "\nexpected " << begin << "..." << end;
    EXPECT_DOUBLE_EQ(std::strtod(value->c_str() + begin.size(), nullptr),
                     expected.sum / expected.flights);
}

TEST(FlightsAnswer, EqualsAPlainLoopRowByRow) {
    constexpr std::int64_t kDay = 86'400'000;
    const OutputTopic output =
        run(flights_pipeline(), {.partitions = 1, .batch_rows = 1024, .workers = 2})
            .at("delay_by_airport");
    ASSERT_EQ(output.size(), 1U);
    const Airports known = airports();
    std::map<std::string, Delays> delays;  // by output key: origin, start of the day as 8 bytes
    std::map<std::string, std::int64_t> times;
    std::size_t at = 0;
    for (const Flight& flight : flights()) {
        const auto airport = known.find(flight.origin);
        if (airport == known.end()) {
            continue;
        }
        std::string key = flight.origin + std::string(8, '\0');
        store_be(reinterpret_cast<std::byte*>(key.data() + flight.origin.size()),
                 flight.time_ms / kDay * kDay);
        Delays& day = delays[key];
        std::int64_t& time = times[key];
        day.city = airport->second[2];
        day.state = airport->second[3];
        ++day.flights;
        day.sum += flight.delay;
        day.max = std::max(day.max, flight.delay);
        time = std::max(time, flight.time_ms);
        ASSERT_LT(at, output[0].size());
        ASSERT_EQ(std::get<0>(output[0][at]), key) << "record " << at;
        expect_row(output[0][at++], day, time);
        if (HasFailure()) {
            return;
        }
    }
    EXPECT_EQ(at, output[0].size());
    EXPECT_GT(delays.size(), 1000U);
}

}  // namespace
}  // namespace millrace::dsl
