// InvarianceHarness: runs SQL over prepared topics under one setting (partitions, batch size,
// executor, commits, crashes) and returns what stands in the output topics.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/memory_files.h"
#include "core/base/random.h"
#include "core/broker/broker.h"
#include "core/client/embedded_log.h"
#include "core/client/memory_log.h"
#include "core/record/partitioner.h"
#include "core/record/record_batch.h"
#include "core/record/record_batch_builder.h"
#include "core/record/record_cursor.h"
#include "dsl/query_engine.h"

namespace millrace::dsl {

/// One record of an input topic. Without `partition` the key decides, as Kafka's producer does.
struct InputRecord {
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::int64_t time_ms = 0;
    std::optional<std::int32_t> partition{};
};

using InputTopics = std::map<std::string, std::vector<InputRecord>>;  // by topic name

/// key, value (none: tombstone), timestamp in ms.
using OutputRecord = std::tuple<std::string, std::optional<std::string>, std::int64_t>;
using OutputTopic = std::vector<std::vector<OutputRecord>>;  // by partition
using OutputTopics = std::map<std::string, OutputTopic>;     // by topic name

/// SQL whose queries run to their end before the next stage's statements are executed.
struct Pipeline {
    std::string name;
    std::vector<std::string> stages;
    std::vector<std::string> outputs;  // topics
};

/// For messages of GoogleTest.
inline void PrintTo(const Pipeline& pipeline, std::ostream* out) {
    *out << pipeline.name;
}

enum class LogKind : std::uint8_t {
    kMemory,    // stays as it is when the engine crashes
    kEmbedded,  // the real log over files in memory, opened again with every engine
};

struct Setting {
    std::int32_t partitions = 1;
    std::uint32_t batch_rows = 1;
    std::size_t workers = 0;  // of oneTBB; 0: DeterministicExecutor and no threads at all
    std::uint64_t seed = 1;   // of the order of steps and of the moments of crashes
    std::chrono::milliseconds commit_interval{100};
    int crashes = 0;  // at most so many in each stage
    LogKind log = LogKind::kMemory;

    [[nodiscard]] std::string to_string() const {
        return std::to_string(partitions) + " partitions, batches of " +
               std::to_string(batch_rows) + ", " +
               (workers == 0 ? "deterministic executor, seed " + std::to_string(seed)
                             : std::to_string(workers) + " workers") +
               ", commits every " + std::to_string(commit_interval.count()) + " ms, " +
               std::to_string(crashes) + " crashes, " +
               (log == LogKind::kMemory ? "log in memory" : "embedded log");
    }
};

/// Where work runs, and how a test thread waits for it.
class Machine {
  public:
    virtual ~Machine() = default;
    [[nodiscard]] virtual Clock& clock() = 0;
    [[nodiscard]] virtual IoExecutor& io() = 0;
    [[nodiscard]] virtual runtime::Executor& executor() = 0;
    /// A call that waits for the log or for strands.
    virtual void blocking(const std::function<void()>& call) = 0;
    /// Works until `is_over` says true, or a minute of real time or of idleness has passed (false).
    [[nodiscard]] virtual bool work_until(const std::function<bool()>& is_over) = 0;
};

/// No threads while queries run: the seed draws what comes next, the clock moves with the steps.
class SteppedMachine final : public Machine {
  public:
    explicit SteppedMachine(std::uint64_t seed) : random_(seed), executor_(seed) {}

    Clock& clock() override { return clock_; }
    IoExecutor& io() override { return io_; }
    runtime::Executor& executor() override { return executor_; }

    void blocking(const std::function<void()>& call) override {
        std::atomic<bool> is_done{false};
        std::thread caller([&] {
            call();
            is_done.store(true);
        });
        while (!is_done.load()) {
            if (!io_.run_one() && !executor_.run_one()) {
                std::this_thread::yield();
            }
        }
        caller.join();
    }

    bool work_until(const std::function<bool()>& is_over) override {
        constexpr int kIdleStepsMax = 10'000;
        for (int idle = 0; idle < kIdleStepsMax;) {
            if (is_over()) {
                return true;
            }
            const bool io_first = random_.below(2) == 0;
            const bool has_worked = io_first ? io_.run_one() || executor_.run_one()
                                             : executor_.run_one() || io_.run_one();
            idle = has_worked ? 0 : idle + 1;
            if (!has_worked || random_.below(8) == 0) {
                clock_.advance(std::chrono::milliseconds(1));
            }
        }
        return false;
    }

  private:
    SeededRandom random_;
    ManualClock clock_{1'000'000'000'000};
    ManualIoExecutor io_{clock_};
    runtime::DeterministicExecutor executor_;
};

/// Real threads.
class ThreadedMachine final : public Machine {
  public:
    explicit ThreadedMachine(std::size_t workers)
        : executor_(runtime::make_tbb_executor(workers)) {}

    Clock& clock() override { return clock_; }
    IoExecutor& io() override { return io_; }
    runtime::Executor& executor() override { return *executor_; }
    void blocking(const std::function<void()>& call) override { call(); }
    bool work_until(const std::function<bool()>& is_over) override {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (!is_over()) {
            if (std::chrono::steady_clock::now() > deadline) {
                return false;
            }
            // A timer instead of a sleep: the moments of crashes are finer than a notification.
            std::mutex mutex;
            std::condition_variable rung;
            bool has_rung = false;
            io_.post_after(std::chrono::microseconds(200), [&] {
                const std::lock_guard lock(mutex);
                has_rung = true;
                rung.notify_all();
            });
            std::unique_lock lock(mutex);
            rung.wait(lock, [&] { return has_rung; });
        }
        return true;
    }

  private:
    SystemClock clock_;
    ThreadIoExecutor io_{2};
    std::unique_ptr<runtime::Executor> executor_;
};

/// One log, loaded once, and engines over it one after the other. A test's thread uses it.
class InvarianceHarness {
  public:
    explicit InvarianceHarness(const Setting& setting)
        : setting_(setting),
          machine_(setting.workers == 0
                       ? std::unique_ptr<Machine>(std::make_unique<SteppedMachine>(setting.seed))
                       : std::make_unique<ThreadedMachine>(setting.workers)) {}
    ~InvarianceHarness() {
        close();
        machine_->blocking([&] { close_log(); });
    }
    InvarianceHarness(const InvarianceHarness&) = delete;
    InvarianceHarness& operator=(const InvarianceHarness&) = delete;

    /// Makes the topics and appends their records, in record batches of irregular sizes.
    void load(const InputTopics& topics) {
        open_log();
        for (const auto& [name, records] : topics) {
            Result<TopicInfo> info = TopicInfo{};
            machine_->blocking([&] {
                info = log().create_topic(
                    {.name = name, .partitions = setting_.partitions, .config = {}});
            });
            ASSERT_TRUE(info.ok()) << info.error().message;
            std::vector<std::vector<const InputRecord*>> parts(
                static_cast<std::size_t>(setting_.partitions));
            for (const InputRecord& record : records) {
                const std::int32_t partition =
                    record.partition ? *record.partition % setting_.partitions
                    : record.key
                        ? partition_of_key(as_bytes(*record.key), setting_.partitions).value
                        : 0;
                parts[static_cast<std::size_t>(partition)].push_back(&record);
            }
            for (std::size_t p = 0; p < parts.size(); ++p) {
                append({info.value().id, Partition{static_cast<std::int32_t>(p)}}, parts[p]);
            }
        }
    }

    /// Runs all stages; what went wrong is a failure of the test.
    void run(const Pipeline& pipeline) {
        for (const std::string& stage : pipeline.stages) {
            open();
            execute(stage);
            int crashes = setting_.crashes;
            while (!::testing::Test::HasFatalFailure() && !run_once(crashes > 0)) {
                --crashes;
                crashes_ += commits() > 0 ? 1 : 0;
                open();
            }
            close();
        }
    }

    [[nodiscard]] OutputTopic records(const std::string& topic) {
        OutputTopic partitions;
        const auto info = log().describe_topic(topic);
        EXPECT_TRUE(info.ok()) << topic;
        if (!info.ok()) {
            return partitions;
        }
        const LogSnapshot snapshot = log().snapshot();
        for (std::int32_t p = 0; p < info.value().partitions; ++p) {
            const TopicPartition id{info.value().id, Partition{p}};
            partitions.push_back(read(id, snapshot.end_of(id)));
        }
        return partitions;
    }
    [[nodiscard]] OutputTopics records(const std::vector<std::string>& topics) {
        OutputTopics read;
        for (const std::string& topic : topics) {
            read.emplace(topic, records(topic));
        }
        return read;
    }
    /// Engines that were killed between the first commit of a query and the last.
    [[nodiscard]] int crashes() const { return crashes_; }

  private:
    [[nodiscard]] LogClient& log() {
        return embedded_ ? *embedded_ : static_cast<LogClient&>(memory_log_);
    }

    void open_log() {
        if (setting_.log == LogKind::kMemory) {
            return;
        }
        machine_->blocking([&] {
            close_log();
            auto broker = broker::Broker::open(env_, "/data", {});
            ASSERT_TRUE(broker.ok()) << broker.error().message;
            broker_ = std::move(broker).value();
            embedded_ = make_embedded_log(*broker_);
        });
    }

    void close_log() {
        embedded_.reset();
        broker_.reset();
    }

    void append(TopicPartition to, const std::vector<const InputRecord*>& records) {
        SeededRandom sizes(records.size());  // the same for every setting
        Unit unit;
        unit.pieces.push_back({to, {}});
        RecordBatchBuilder builder;
        std::uint64_t left = 0;
        for (std::size_t i = 0; i < records.size(); ++i) {
            if (builder.empty()) {
                left = 1 + sizes.below(700);
            }
            const InputRecord& record = *records[i];
            builder.add(record.key ? std::optional(as_bytes(*record.key)) : std::nullopt,
                        record.value ? std::optional(as_bytes(*record.value)) : std::nullopt,
                        Timestamp{record.time_ms});
            if (--left == 0 || i + 1 == records.size()) {
                unit.pieces[0].batches.append(builder.finish().value().view());
            }
        }
        machine_->blocking([&] { ASSERT_TRUE(append_and_wait(log(), std::move(unit)).ok()); });
    }

    void open() {
        close();
        open_log();
        EngineOptions options;
        options.commit_interval = setting_.commit_interval;
        options.batch_rows_max = setting_.batch_rows;
        machine_->blocking([&] {
            auto engine =
                QueryEngine::open(EngineServices{env_, log(), machine_->executor()}, options);
            ASSERT_TRUE(engine.ok()) << engine.error().message;
            engine_ = std::move(engine).value();
        });
        {
            const std::lock_guard lock(mutex_);
            running_.clear();
            has_failed_ = false;
        }
        engine_->on_change([this](const std::string& id, runtime::JobState state) {
            const std::lock_guard lock(mutex_);
            if (state != runtime::JobState::kRunning && state != runtime::JobState::kStarting) {
                running_.erase(id);
                has_failed_ = has_failed_ || state != runtime::JobState::kFinished;
            }
        });
    }

    void close() {
        if (engine_) {
            machine_->blocking([&] { engine_.reset(); });
        }
    }

    void execute(const std::string& sql) {
        machine_->blocking([&] {
            Properties session;
            const auto done = engine_->execute(
                sql, "test.sql", session, nullptr, [](const auto&) { return true; });
            ASSERT_TRUE(done.ok()) << done.error().message;
        });
    }

    /// Of all queries, ever.
    std::uint64_t commits() {
        std::uint64_t sum = 0;
        for (const std::string& id : query_ids_) {
            sum += log().committed_epoch("query/" + id);
        }
        return sum;
    }

    /// Runs what is there to its end. With `may_crash` it ends, false, at a random moment before.
    bool run_once(bool may_crash) {
        {
            const std::lock_guard lock(mutex_);
            for (const QueryInfo& query : engine_->queries()) {
                running_.insert(query.id);
            }
            query_ids_ = running_;
        }
        EXPECT_TRUE(engine_->start({}, {}, true).ok());
        // Progress is counted in commits, and between them in looks at it.
        const std::uint64_t commits_at_start = commits();
        const std::uint64_t commits_max = crash_moments_.below(4);
        std::uint64_t looks_left = crash_moments_.below(12);
        bool is_running = true;
        const bool in_time = machine_->work_until([&] {
            {
                const std::lock_guard lock(mutex_);
                is_running = !running_.empty() && !has_failed_;
            }
            if (may_crash && commits() - commits_at_start >= commits_max) {
                if (looks_left == 0) {
                    return true;
                }
                --looks_left;
            }
            return !is_running;
        });
        EXPECT_TRUE(in_time) << "queries did not finish";
        if (in_time && is_running) {
            return false;
        }
        for (const QueryInfo& query : engine_->queries()) {
            EXPECT_EQ(query.stats.state, runtime::JobState::kFinished)
                << query.id << ": " << (query.stats.error ? query.stats.error->message : "");
        }
        return true;
    }

    std::vector<OutputRecord> read(TopicPartition id, Offset end) {
        std::vector<OutputRecord> records;
        for (Offset at{0}; at < end;) {
            FetchRequest request;
            request.from = id;
            request.offset = at;
            std::optional<Result<FetchResult>> fetched;
            machine_->blocking([&] { fetched = fetch_and_wait(log(), request); });
            EXPECT_TRUE(fetched->ok());
            const FetchResult& page = fetched->value();
            RecordBatchCursor batches(page.batches);
            for (auto batch = batches.next(); batch.ok() && batch.value(); batch = batches.next()) {
                const auto payload = payload_of(*batch.value(), page.page);
                EXPECT_TRUE(payload.ok());
                RecordCursor cursor(*batch.value(), payload.value().bytes);
                RecordView record;
                while (cursor.next(record)) {
                    records.emplace_back(record.key ? std::string(as_text(*record.key)) : "(null)",
                                         record.value
                                             ? std::optional(std::string(as_text(*record.value)))
                                             : std::nullopt,
                                         record.timestamp.value);
                }
                at = next(batch.value()->last_offset());
            }
        }
        return records;
    }

    const Setting setting_;
    std::unique_ptr<Machine> machine_;
    MemoryFileSystem files_;
    SeededRandom random_{1};
    Logger logger_{machine_->clock(), LogLevel::kOff, [](LogLevel, std::string_view) {}};
    Env env_{files_, machine_->clock(), random_, machine_->io(), logger_};
    MemoryLog memory_log_{machine_->io()};
    std::unique_ptr<broker::Broker> broker_;  // none with a log in memory
    std::unique_ptr<LogClient> embedded_;
    SeededRandom crash_moments_{setting_.seed};
    int crashes_ = 0;
    std::set<std::string> query_ids_;
    std::mutex mutex_;
    std::set<std::string> running_;  // guarded by mutex_; query ids
    bool has_failed_ = false;        // guarded by mutex_
    std::unique_ptr<QueryEngine> engine_;
};

/// The first difference between two outputs, or "".
inline std::string first_difference(const OutputTopics& expected, const OutputTopics& actual) {
    const auto text = [](const OutputRecord& record) {
        const auto& [key, value, time] = record;
        return "key " + ::testing::PrintToString(key) + " value " +
               (value ? *value : std::string("(null)")) + " time " + std::to_string(time);
    };
    for (const auto& [topic, partitions] : expected) {
        const OutputTopic& others = actual.at(topic);
        if (partitions.size() != others.size()) {
            return topic + ": another number of partitions";
        }
        for (std::size_t p = 0; p < partitions.size(); ++p) {
            const auto& a = partitions[p];
            const auto& b = others[p];
            for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
                if (i >= a.size() || i >= b.size() || a[i] != b[i]) {
                    return topic + "/" + std::to_string(p) + " record " + std::to_string(i) +
                           " (of " + std::to_string(a.size()) + ", " + std::to_string(b.size()) +
                           "):\n  expected " + (i < a.size() ? text(a[i]) : "nothing") +
                           "\n  actual   " + (i < b.size() ? text(b[i]) : "nothing");
                }
            }
        }
    }
    return "";
}

}  // namespace millrace::dsl
