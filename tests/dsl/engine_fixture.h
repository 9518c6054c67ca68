// EngineFixture: a query engine over a log in memory.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/memory_files.h"
#include "core/base/random.h"
#include "core/client/memory_log.h"
#include "core/record/record_batch.h"
#include "core/record/record_cursor.h"
#include "dsl/query_engine.h"

namespace millrace::dsl {

class EngineFixture : public ::testing::Test {
  protected:
    EngineFixture() { open(); }

    /// A new engine over the same log, as after a restart.
    void open() {
        engine_.reset();
        auto engine = QueryEngine::open(EngineServices{env_, log_, *executor_}, EngineOptions{});
        ASSERT_TRUE(engine.ok()) << engine.error().message;
        engine_ = std::move(engine).value();
        engine_->on_change([this](const std::string& id, runtime::JobState state) {
            const std::lock_guard lock(mutex_);
            states_[id] = state;
            changed_.notify_all();
        });
    }
    /// The messages of all statements, or the error's.
    std::string run(const std::string& sql) {
        return joined(
            engine_->execute(sql, "test.sql", session_, nullptr, [](const auto&) { return true; }));
    }
    /// The words of the error: without place and code, and without the two lines that underline it.
    std::string rejection(const std::string& sql) {
        std::string text = run(sql);
        for (int line = 0; line < 2; ++line) {  // the statement, and what underlines it
            text = text.substr(0, text.rfind('\n'));
        }
        const std::size_t code = text.find("error SQL");
        const std::size_t words = code == std::string::npos ? code : text.find(": ", code);
        return words == std::string::npos ? text : text.substr(words + 2);
    }
    std::string apply(const std::string& sql) {
        return joined(engine_->apply(sql, "test.sql", session_));
    }
    /// Rows of a push query, cells parted by "|".
    std::vector<std::string> select(const std::string& sql) {
        std::vector<std::string> rows;
        const auto result = engine_->execute(
            sql,
            "test.sql",
            session_,
            [&](const std::vector<std::string>& names) { rows.push_back(row_text(names)); },
            [&](const std::vector<std::string>& cells) {
                if (!cells.empty()) {
                    rows.push_back(row_text(cells));
                }
                return true;
            });
        EXPECT_TRUE(result.ok()) << result.error().message;
        return rows;
    }
    /// Runs all queries to the end of what is there.
    void run_once() {
        ASSERT_TRUE(engine_->start({}, {}, true).ok());
        std::unique_lock lock(mutex_);
        const bool in_time = changed_.wait_for(lock, std::chrono::seconds(60), [this] {
            for (const QueryInfo& query : engine_->queries()) {
                const auto found = states_.find(query.id);
                if (found == states_.end() || found->second == runtime::JobState::kRunning) {
                    return false;
                }
            }
            return true;
        });
        EXPECT_TRUE(in_time);
        for (const QueryInfo& query : engine_->queries()) {
            EXPECT_EQ(query.stats.state, runtime::JobState::kFinished)
                << query.id << ": " << (query.stats.error ? query.stats.error->message : "");
        }
    }
    /// "key=value@time" of every record, partition by partition.
    std::vector<std::string> records(const std::string& topic) {
        std::vector<std::string> lines;
        const auto info = log_.describe_topic(topic);
        EXPECT_TRUE(info.ok()) << topic;
        if (!info.ok()) {
            return lines;
        }
        for (std::int32_t p = 0; p < info.value().partitions; ++p) {
            const TopicPartition partition{info.value().id, Partition{p}};
            const Offset end = log_.snapshot().end_of(partition);
            Offset at{0};
            while (at < end) {
                FetchRequest request;
                request.from = partition;
                request.offset = at;
                const auto fetched = fetch_and_wait(log_, request);
                EXPECT_TRUE(fetched.ok());
                RecordBatchCursor batches(fetched.value().batches);
                for (auto batch = batches.next(); batch.ok() && batch.value();
                     batch = batches.next()) {
                    const auto payload = payload_of(*batch.value(), fetched.value().page);
                    RecordCursor cursor(*batch.value(), payload.value().bytes);
                    RecordView record;
                    while (cursor.next(record)) {
                        lines.push_back(
                            (record.key ? std::string(as_text(*record.key)) : "null") + "=" +
                            (record.value ? std::string(as_text(*record.value)) : "null") + "@" +
                            std::to_string(record.timestamp.value));
                    }
                    at = next(batch.value()->last_offset());
                }
            }
        }
        return lines;
    }

    static std::string row_text(const std::vector<std::string>& cells) {
        std::string text;
        for (const std::string& cell : cells) {
            text += (text.empty() ? "" : "|") + cell;
        }
        return text;
    }
    static std::string joined(const Result<std::vector<StatementResult>>& results) {
        if (!results.ok()) {
            return results.error().message;
        }
        std::string text;
        for (const StatementResult& result : results.value()) {
            text += (text.empty() ? "" : "\n") + result.message;
            for (const auto& row : result.rows) {
                text += "\n" + row_text(row);
            }
        }
        return text;
    }

    MemoryFileSystem files_;
    SystemClock clock_;
    SeededRandom random_{1};
    ThreadIoExecutor io_{2};
    Logger logger_{clock_, LogLevel::kOff, [](LogLevel, std::string_view) {}};
    Env env_{files_, clock_, random_, io_, logger_};
    MemoryLog log_{io_};
    std::unique_ptr<runtime::Executor> executor_ = runtime::make_tbb_executor(2);
    Properties session_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, runtime::JobState> states_;  // guarded by mutex_
    std::unique_ptr<QueryEngine> engine_;
};

}  // namespace millrace::dsl
