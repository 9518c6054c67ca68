// A data directory on a faulty disk, with a journal and partitions, driven by hand.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/clock.h"
#include "core/base/env.h"
#include "core/log/journal.h"
#include "core/log/partition_log.h"
#include "core/record/record_batch.h"
#include "core/record/record_batch_builder.h"
#include "core/record/record_cursor.h"
#include "tests/support/fault_file_system.h"

namespace millrace::log {

/// One batch with one record per value.
inline Buffer batch_of(const std::vector<std::string>& values) {
    RecordBatchBuilder builder;
    for (const std::string& value : values) {
        builder.add(std::nullopt, as_bytes(value), Timestamp{0});
    }
    auto batch = builder.finish();
    CHECK(batch.ok());
    return std::move(batch).value();
}

/// All values that the partition serves from its start on.
inline std::vector<std::string> values_in(PartitionLog& log) {
    std::vector<std::string> values;
    for (Offset at = log.log_start(); at < log.high_watermark();) {
        const auto read = log.read(at, std::size_t{1} << 20);
        if (!read.ok()) {
            values.push_back("error: " + std::string(name_of(read.error().code)));
            break;
        }
        RecordBatchCursor batches(read.value().batches);
        for (auto batch = batches.next(); batch.ok() && batch.value(); batch = batches.next()) {
            RecordCursor records(*batch.value(), batch.value()->records());
            for (RecordView record; records.next(record);) {
                values.emplace_back(as_text(*record.value));
            }
            at = next(batch.value()->last_offset());
        }
    }
    return values;
}

class JournalFixture : public testing::Test {
  protected:
    JournalFixture() {
        options.file_bytes = 64 * 1024;
        options.inline_bytes_max = 1024;
        options.frame_inline_bytes_max = 8 * 1024;
        options.checkpoint_bytes = std::uint64_t{1} << 20;
        options.on_sync_failure = [this](const Error& error) { fatal.push_back(error.message); };
        partition_options.segment_bytes = 16 * 1024;
        partition_options.preallocate_bytes = 4096;
    }

    static TopicPartition partition(int number) {
        TopicPartition id;
        id.topic.bytes.fill(static_cast<std::uint8_t>(0x10 + number / 4));
        id.partition = Partition{number % 4};
        return id;
    }

    Status try_open() {
        auto opened = Journal::open(*env, "/data", options, [](TopicPartition) { return true; });
        if (!opened.ok()) {
            return opened.error();
        }
        journal = std::move(opened).value();
        return Ok{};
    }
    void open() {
        const Status opened = try_open();
        ASSERT_TRUE(opened.ok()) << opened.error().message;
    }
    /// As after the end of the process; what is posted and was not run is gone.
    void drop() {
        journal.reset();
        logs.clear();
        io = std::make_unique<ManualIoExecutor>(clock);
        env.emplace(Env{files, clock, random, *io, logger});
    }
    void reopen() {
        drop();
        open();
    }
    void close() {
        const Status closed = journal->close();
        ASSERT_TRUE(closed.ok()) << closed.error().message;
    }

    PartitionLog& log(int number) {
        auto& found = logs[number];
        if (found == nullptr) {
            const RecoveryReport& recovered = journal->recovery();
            const bool is_known = recovered.ends.contains(partition(number));
            auto opened = PartitionLog::open(
                *env,
                PartitionLog::directory_of("/data", partition(number)),
                partition_options,
                is_known ? recovered.ends.at(partition(number)) : LogPosition{},
                is_known ? recovered.log_starts.at(partition(number)) : Offset{0},
                recovered.relaxed.contains(partition(number)));
            EXPECT_TRUE(opened.ok()) << opened.error().message;
            found = std::move(opened).value();
            journal->add_partition(partition(number), found.get());
        }
        return *found;
    }
    std::vector<std::string> values(int number) { return values_in(log(number)); }

    /// Submits a unit with one batch of one value for each partition named.
    void submit(const std::vector<std::pair<int, std::string>>& pieces) {
        JournalUnit unit;
        for (const auto& [number, value] : pieces) {
            unit.pieces.push_back({&log(number), partition(number), batch_of({value})});
        }
        submit(std::move(unit));
    }
    void submit_that_can_wait(int number, const std::string& value) {
        JournalUnit unit;
        unit.pieces.push_back({&log(number), partition(number), batch_of({value})});
        unit.can_wait_for_sync = true;
        submit(std::move(unit));
    }
    /// Deletes the records of a partition below `before`, and gives the answer.
    Status delete_records(int number, std::int64_t before) {
        JournalUnit unit;
        unit.moves.push_back({&log(number), partition(number), Offset{before}});
        submit(std::move(unit));
        run();
        const Status answer = answers.back().ok() ? Status{Ok{}} : answers.back().error();
        answers.clear();
        return answer;
    }
    void submit(JournalUnit unit) {
        unit.done = [this](Result<UnitCommitted> result) { answers.push_back(std::move(result)); };
        journal->submit(std::move(unit));
    }
    void run() { io->run_all(); }
    /// Submits, commits, and gives the answer.
    Result<UnitCommitted> commit(const std::vector<std::pair<int, std::string>>& pieces) {
        submit(pieces);
        run();
        if (answers.empty()) {
            return Error{ErrorCode::kIo, "no answer"};
        }
        auto answer = std::move(answers.back());
        answers.clear();
        return answer;
    }
    /// Commits one unit per value to each of the partitions 0 to `count`, so that later commits
    /// find their files synced into their directories.
    void warm_up(int count) {
        for (int i = 0; i < count; ++i) {
            ASSERT_TRUE(commit({{i, "first"}}).ok());
        }
    }
    std::vector<std::string> wal_files() {
        std::vector<std::string> names;
        const auto entries = files.list("/data/wal");
        for (const DirectoryEntry& entry : entries.value()) {
            if (entry.name.ends_with(".wal") && !entry.name.starts_with("free-")) {
                names.push_back("/data/wal/" + entry.name);
            }
        }
        return names;
    }

    FaultFileSystem files{7};
    ManualClock clock{1'000'000};
    SeededRandom random{11};
    std::unique_ptr<ManualIoExecutor> io = std::make_unique<ManualIoExecutor>(clock);
    Logger logger{clock, LogLevel::kOff, [](LogLevel, std::string_view) {}};
    std::optional<Env> env{Env{files, clock, random, *io, logger}};
    JournalOptions options;
    PartitionLogOptions partition_options;
    std::map<int, std::shared_ptr<PartitionLog>> logs;
    std::unique_ptr<Journal> journal;  // goes before the logs
    std::vector<Result<UnitCommitted>> answers;
    std::vector<std::string> fatal;
};

}  // namespace millrace::log
