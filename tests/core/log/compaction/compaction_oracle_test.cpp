// Random logs, compacted again and again, against a plain list; and with the power going at every
// step.
#include <iostream>

#include <gtest/gtest.h>

#include "tests/core/log/compaction/compaction_fixture.h"
#include "tests/support/fault_file_system.h"

namespace millrace::log {
namespace {

/// What must be there, record by record, by the rules as they are written down.
class Oracle {
  public:
    struct Record {
        ModelRecord content;
        std::int64_t batch = 0;
        bool is_there = true;
    };

    void add(const std::vector<ModelRecord>& batch) {
        for (const ModelRecord& record : batch) {
            records_.push_back({.content = record, .batch = batches_});
        }
        ++batches_;
    }
    /// Keys of [dirty_from, mapped_end) were taken, segments up to `rewritten_end` were rewritten.
    void compact(std::int64_t dirty_from,
                 std::int64_t mapped_end,
                 std::int64_t rewritten_end,
                 std::int64_t now_ms,
                 std::int64_t retention_ms) {
        std::map<std::string, std::int64_t> latest;
        for (const Record& record : records_) {
            const std::int64_t offset = record.content.offset;
            if (record.content.key && record.is_there && offset >= dirty_from &&
                offset < mapped_end) {
                latest[*record.content.key] = offset;
            }
        }
        std::map<std::int64_t, bool> keeps_tombstone;
        for (Record& record : records_) {
            const std::int64_t offset = record.content.offset;
            if (offset >= rewritten_end) {
                break;
            }
            if (!record.content.key) {
                record.is_there = false;
                continue;
            }
            const auto newer = latest.find(*record.content.key);
            const bool is_tombstone = !record.content.value && offset < mapped_end;
            const auto horizon = horizons_.find(record.batch);
            const bool is_over = horizon != horizons_.end() && horizon->second <= now_ms;
            if ((newer != latest.end() && newer->second > offset) || (is_tombstone && is_over)) {
                record.is_there = false;
            }
            if (record.is_there && is_tombstone) {
                keeps_tombstone[record.batch] = true;
            }
        }
        for (const auto& [batch, keeps] : keeps_tombstone) {
            horizons_.emplace(batch, now_ms + retention_ms);
        }
    }
    [[nodiscard]] std::vector<ModelRecord> expected() const {
        std::vector<ModelRecord> there;
        for (const Record& record : records_) {
            if (record.is_there) {
                there.push_back(record.content);
            }
        }
        return there;
    }
    /// Every key's newest record is there, unless it is a tombstone.
    [[nodiscard]] std::map<std::string, std::string> table() const {
        std::map<std::string, std::string> values;
        for (const Record& record : records_) {
            if (!record.content.key) {
                continue;
            }
            if (record.content.value) {
                values[*record.content.key] = *record.content.value;
            } else {
                values.erase(*record.content.key);
            }
        }
        return values;
    }

  private:
    std::vector<Record> records_;
    std::int64_t batches_ = 0;
    std::map<std::int64_t, std::int64_t> horizons_;  // by batch
};

std::map<std::string, std::string> table_of(const std::vector<ModelRecord>& records) {
    std::map<std::string, std::string> values;
    for (const ModelRecord& record : records) {
        if (record.key && record.value) {
            values[*record.key] = *record.value;
        } else if (record.key) {
            values.erase(*record.key);
        }
    }
    return values;
}

class RandomCompaction {
  public:
    explicit RandomCompaction(std::uint64_t seed, FileSystem* files = nullptr)
        : random_(seed), made_(files) {
        made_.partition.options().segment_bytes = 400 + random_.below(4000);
        made_.partition.options().preallocate_bytes = 1 + random_.below(2000);
        keys_ = 1 + random_.below(60);
        made_.partition.open();
    }

    void append_some() {
        const std::size_t batches = 1 + random_.below(12);
        for (std::size_t i = 0; i < batches; ++i) {
            append_batch();
        }
        made_.partition.clock().advance(std::chrono::minutes(random_.below(30)));
    }
    void step() {
        switch (random_.below(8)) {
            case 0:
                made_.partition.reopen();
                break;
            case 1:
                made_.roll();
                break;
            case 2:
            case 3:
                compact();
                break;
            default:
                append_some();
        }
    }
    void compact() {
        ASSERT_TRUE(made_.partition.log().sync().ok());  // closes what can be closed
        const auto segments = made_.partition.log().closed_segments();
        if (segments.empty()) {
            return;
        }
        const std::int64_t now_ms = made_.partition.clock().wall_ms();
        const Offset dirty_from = made_.cleaned_to;
        const Status done = made_.compact(200 + random_.below(4000), 1 + random_.below(3000));
        ASSERT_TRUE(done.ok()) << done.error().message;
        std::int64_t rewritten_end = 0;
        for (const auto& segment : segments) {
            if (segment->base() < made_.cleaned_to) {
                rewritten_end = segment->next_offset().value;
            }
        }
        oracle_.compact(dirty_from.value,
                        made_.cleaned_to.value,
                        rewritten_end,
                        now_ms,
                        made_.partition.options().compaction->delete_retention.count());
    }
    void check() {
        const auto found = records_of(made_.partition.log(), Offset{0}, 1 + random_.below(3000));
        ASSERT_TRUE(found.ok()) << found.error().message;
        ASSERT_TRUE(found.value() == oracle_.expected());
        ASSERT_EQ(table_of(found.value()), oracle_.table());
    }
    CompactionFixture& made() { return made_; }
    Oracle& oracle() { return oracle_; }

  private:
    void append_batch() {
        std::vector<CompactionFixture::Pair> pairs;
        const std::size_t count = 1 + random_.below(8);
        for (std::size_t i = 0; i < count; ++i) {
            CompactionFixture::Pair pair;
            if (random_.below(20) > 0) {
                pair.first = "key " + std::to_string(random_.below(keys_));
            }
            if (random_.below(4) > 0) {
                pair.second = std::string(random_.below(80), 'v') + std::to_string(next_value_++);
            }
            pairs.push_back(std::move(pair));
        }
        RecordBatchFields fields;
        if (random_.below(3) == 0) {
            const std::int64_t producer = static_cast<std::int64_t>(random_.below(3));
            fields = {.producer_id = producer,
                      .producer_epoch = 0,
                      .base_sequence = sequences_[producer]};
            sequences_[producer] += static_cast<std::int32_t>(count);
        }
        const auto codec = static_cast<Codec>(random_.below(5));
        const std::size_t before = made_.written.size();
        made_.append(pairs, codec, fields);
        oracle_.add(
            {made_.written.begin() + static_cast<std::ptrdiff_t>(before), made_.written.end()});
    }

    SeededRandom random_;
    CompactionFixture made_;
    Oracle oracle_;
    std::uint64_t keys_;
    std::int64_t next_value_ = 0;
    std::map<std::int64_t, std::int32_t> sequences_;
};

TEST(CompactionOracle, RandomLogsKeepExactlyWhatTheRulesSay) {
    constexpr std::uint64_t kSeeds = 150;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomCompaction run(seed);
        for (int i = 0; i < 40; ++i) {
            run.step();
            run.check();
            if (::testing::Test::HasFailure()) {
                std::cout << "seed " << seed << " step " << i << "\n";
                return;
            }
        }
    }
}

/// The log after a crash holds every record that the finished compaction would have kept, nothing
/// that was not written, and every key's newest value.
void check_after_crash(RandomCompaction& run, const std::vector<ModelRecord>& kept) {
    CompactionFixture& made = run.made();
    const auto found = records_of(made.partition.log(), Offset{0}, 700);
    ASSERT_TRUE(found.ok()) << found.error().message;
    ASSERT_TRUE(std::includes(found.value().begin(),
                              found.value().end(),
                              kept.begin(),
                              kept.end(),
                              [](const auto& a, const auto& b) { return a.offset < b.offset; }));
    for (const ModelRecord& record : found.value()) {
        ASSERT_TRUE(record == made.written.at(static_cast<std::size_t>(record.offset)));
    }
    ASSERT_EQ(table_of(found.value()), run.oracle().table());
    for (const std::string& line : made.partition.said()) {
        ASSERT_EQ(line.find(" error "), std::string::npos) << line;
    }
}

TEST(CompactionCrash, EveryStepLeavesTheOldFilesOrTheNewOnes) {
    constexpr std::uint64_t kSeeds = 12;
    std::uint64_t images = 0;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        bool was_reached = true;
        for (std::uint64_t crash_at = 0; was_reached; ++crash_at) {
            SCOPED_TRACE("seed " + std::to_string(seed) + " crash at " + std::to_string(crash_at));
            FaultFileSystem files(seed * 1000 + crash_at);
            RandomCompaction run(seed, &files);
            CompactionFixture& made = run.made();
            for (int i = 0; i < 6; ++i) {
                run.append_some();
            }
            made.roll();
            run.compact();
            // Tombstones of the first pass may go in the second one: older values of their keys
            // must not come back in between.
            made.partition.clock().advance(std::chrono::hours(2));
            run.append_some();
            made.roll();
            ASSERT_FALSE(::testing::Test::HasFailure());
            const std::int64_t dirty_from = made.cleaned_to.value;
            const std::int64_t now_ms = made.partition.clock().wall_ms();
            const std::int64_t end = made.partition.log().high_watermark().value;

            files.crash_after(crash_at);
            const Status done = made.compact();
            was_reached = files.has_crashed();
            files.never_crash();
            ASSERT_EQ(done.ok(), !was_reached);
            if (seed % 3 == 0) {
                files.kill();
            } else {
                files.power_cut(PowerCut::kMixed);
            }
            made.partition.close();
            Oracle finished = run.oracle();
            finished.compact(dirty_from, end, end, now_ms, 3'600'000);
            made.partition.reopen();
            check_after_crash(run, finished.expected());
            ASSERT_FALSE(::testing::Test::HasFailure());
            // A second start finds nothing to do, and the pass can be made again.
            made.partition.reopen();
            made.cleaned_to = Offset{dirty_from};
            ASSERT_TRUE(made.compact().ok());
            check_after_crash(run, finished.expected());
            for (const std::string& name : made.files()) {
                ASSERT_FALSE(name.ends_with(".cleaned") || name.ends_with(".swap")) << name;
            }
            ASSERT_FALSE(::testing::Test::HasFailure());
            ++images;
        }
    }
    EXPECT_GT(images, 250U);
}

TEST(CompactionFaults, AFullDiskLeavesTheLogAsItWas) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        FaultFileSystem files(seed);
        RandomCompaction run(seed, &files);
        for (int i = 0; i < 6; ++i) {
            run.append_some();
        }
        run.made().roll();
        const std::vector<std::string> before = run.made().files();
        files.set_capacity(files.used_bytes() + 100);
        EXPECT_EQ(run.made().compact().error().code, ErrorCode::kNoSpace);
        EXPECT_EQ(run.made().files(), before);
        run.check();
        files.set_capacity(std::nullopt);
        // Also when it is full in the middle of a file.
        for (std::uint64_t nth = 1; nth <= 3; ++nth) {
            files.fail(FileCall::kWrite, nth, ErrorCode::kNoSpace);
            const Status done = run.made().compact();
            if (!done.ok()) {
                EXPECT_EQ(done.error().code, ErrorCode::kNoSpace);
            }
            EXPECT_EQ(table_of(run.made().read()), run.oracle().table());
        }
    }
}

TEST(CompactionFaults, AFailedCallEndsThePassAndTheNextStartIsRight) {
    for (const FileCall call : {FileCall::kCreate,
                                FileCall::kWrite,
                                FileCall::kSync,
                                FileCall::kRename,
                                FileCall::kRemove,
                                FileCall::kSyncDirectory,
                                FileCall::kOpen,
                                FileCall::kRead}) {
        for (std::uint64_t nth = 1; nth <= 12; ++nth) {
            SCOPED_TRACE(std::to_string(static_cast<int>(call)) + " " + std::to_string(nth));
            FaultFileSystem files(nth);
            RandomCompaction run(4, &files);
            for (int i = 0; i < 6; ++i) {
                run.append_some();
            }
            run.made().roll();
            const auto table = run.oracle().table();
            files.fail(call, nth);
            static_cast<void>(run.made().compact());
            files.fail_all(call, ErrorCode::kOk);
            EXPECT_EQ(table_of(run.made().read()), table);
            run.made().partition.reopen();
            EXPECT_EQ(table_of(run.made().read()), table);
        }
    }
}

}  // namespace
}  // namespace millrace::log
