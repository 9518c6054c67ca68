// A broker in memory whose time stands still, for tests.
#pragma once

#include <gtest/gtest.h>

#include "core/base/memory_files.h"
#include "core/broker/broker.h"
#include "core/record/record_batch.h"
#include "core/record/record_batch_builder.h"
#include "core/record/record_cursor.h"

namespace millrace::broker {

/// A broker over memory files and a manual clock: nothing happens until run() says so.
class BrokerTest : public testing::Test {
  protected:
    BrokerTest() : BrokerTest(nullptr) {}
    /// On other files than its own.
    explicit BrokerTest(FileSystem* files)
        : env_{files ? *files : files_, clock_, random_, io_, log_} {}

    void SetUp() override { reopen(); }
    void TearDown() override {
        if (broker_) {
            EXPECT_TRUE(broker_->close().ok());
        }
        io_.run_all();
        broker_.reset();  // before the files of whoever brought their own
    }

    void reopen() {
        if (broker_) {
            ASSERT_TRUE(broker_->close().ok());
            io_.run_all();
            broker_.reset();
        }
        BrokerOptions options;
        options.journal.file_bytes = std::uint64_t{1} << 20;
        auto opened = Broker::open(env_, "/data", options);
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        broker_ = std::move(opened).value();
    }

    TopicInfo create(const std::string& name,
                     std::int32_t partitions = 1,
                     TopicConfig config = {}) {
        auto made = broker_->create_topic(
            {.name = name, .partitions = partitions, .config = std::move(config)});
        EXPECT_TRUE(made.ok()) << made.error().message;
        return made.value();
    }

    static Buffer batch(const std::vector<std::string>& values) {
        RecordBatchBuilder builder;
        for (const std::string& value : values) {
            builder.add(std::nullopt, as_bytes(value), Timestamp{1});
        }
        return builder.finish().value();
    }

    Result<CommitPosition> append(Unit unit) {
        std::optional<Result<CommitPosition>> result;
        broker_->append_atomic(std::move(unit),
                               [&](Result<CommitPosition> r) { result.emplace(std::move(r)); });
        io_.run_all();
        EXPECT_TRUE(result.has_value());
        return *result;
    }

    Result<CommitPosition> produce(const TopicInfo& topic, const std::vector<std::string>& values) {
        Unit unit;
        unit.pieces.push_back({{topic.id, Partition{0}}, batch(values)});
        return append(std::move(unit));
    }

    std::vector<std::string> read_all(const TopicInfo& topic, std::int32_t partition = 0) {
        std::vector<std::string> values;
        for (Offset at{0};;) {
            std::optional<Result<FetchResult>> result;
            broker_->fetch({.from = {topic.id, Partition{partition}}, .offset = at},
                           [&](Result<FetchResult> r) { result.emplace(std::move(r)); });
            io_.run_all();
            if (!result || !result->ok() || result->value().batches.empty()) {
                return values;
            }
            RecordBatchCursor batches(result->value().batches);
            while (const auto next_batch = batches.next().value()) {
                const RecordPayload payload = payload_of(*next_batch, result->value().page).value();
                RecordCursor records(*next_batch, payload.bytes);
                RecordView record;
                while (!next_batch->is_control() && records.next(record)) {
                    values.emplace_back(as_text(*record.value));
                }
                at = next(next_batch->last_offset());
            }
        }
    }

    MemoryFileSystem files_;
    ManualClock clock_{1'000};
    SeededRandom random_{7};
    ManualIoExecutor io_{clock_};
    Logger log_{clock_, LogLevel::kOff, [](LogLevel, std::string_view) {}};
    Env env_;
    std::unique_ptr<Broker> broker_;
};

}  // namespace millrace::broker
