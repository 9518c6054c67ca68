// Random operations against a plain vector, and readers beside a writer.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "core/log/partition_log.h"
#include "tests/core/log/partition_fixture.h"

namespace millrace::log {
namespace {

/// A log and what must be in it.
class ModelledPartition {
  public:
    explicit ModelledPartition(std::uint64_t seed) : random_(seed) {
        partition_.options().segment_bytes = 500 + random_.below(20'000);
        partition_.options().preallocate_bytes = 1 + random_.below(10'000);
        partition_.options().segment_age = std::chrono::minutes(1 + random_.below(200));
        if (random_.below(2) == 0) {
            partition_.options().retention_age = std::chrono::minutes(100);
        }
        if (random_.below(2) == 0) {
            partition_.options().retention_bytes = 20'000;
        }
        partition_.open();
    }

    void step() {
        switch (random_.below(12)) {
            case 0:
                reopen();
                break;
            case 1:
                delete_or_damage_an_index();
                break;
            case 2:
                clean_up();
                break;
            case 3:
                partition_.clock().advance(std::chrono::minutes(random_.below(20)));
                break;
            case 4:
                stage_and_take_back();
                break;
            case 5:
                ASSERT_TRUE(partition_.log().sync().ok());
                break;
            default:
                append_group();
        }
        check();
    }

  private:
    struct Kept {
        std::string value;
        std::int64_t time = 0;
    };

    Buffer random_batches(std::vector<Kept>& records) {
        Buffer bytes;
        for (std::uint64_t i = 0; i <= random_.below(3); ++i) {
            RecordBatchBuilder builder;
            for (std::uint64_t j = 0; j <= random_.below(5); ++j) {
                records.push_back(
                    {std::to_string(random_.next()) +
                         std::string(random_.below(random_.below(30) == 0 ? 9000 : 100), 'v'),
                     static_cast<std::int64_t>(random_.below(1000))});
                builder.add(
                    std::nullopt, as_bytes(records.back().value), Timestamp{records.back().time});
            }
            const auto codec = random_.below(3) == 0 ? Codec::kGzip : Codec::kNone;
            bytes.append(builder.finish(codec).value().view());
        }
        return bytes;
    }

    void append_group() {
        std::vector<StagedAppend> staged;
        for (std::uint64_t i = 0; i <= random_.below(3); ++i) {
            Buffer bytes = random_batches(model_);
            staged.push_back(partition_.log().stage(bytes.span()).value());
            ASSERT_TRUE(partition_.log().write(staged.back(), bytes).ok());
        }
        if (random_.below(2) == 0) {
            for (const StagedAppend& append : staged) {
                partition_.log().publish(append.end);
            }
        } else {
            partition_.log().publish(staged.back().end);
        }
        partition_.note_end();
    }

    void stage_and_take_back() {
        const LogPosition before = partition_.log().staged_end();
        for (std::uint64_t i = 0; i <= random_.below(3); ++i) {
            std::vector<Kept> lost;
            Buffer bytes = random_batches(lost);
            const StagedAppend staged = partition_.log().stage(bytes.span()).value();
            if (random_.below(3) > 0) {
                ASSERT_TRUE(partition_.log().write(staged, bytes).ok());
            } else {
                break;
            }
        }
        partition_.log().unstage(before);
    }

    void reopen() {
        partition_.close();
        partition_.clock().set_wall_ms(partition_.clock().wall_ms() +
                                       static_cast<std::int64_t>(random_.below(1000)));
        partition_.open();
    }

    void delete_or_damage_an_index() {
        partition_.close();
        const std::string directory = parent_path(partition_.path(Offset{0}));
        const std::vector<DirectoryEntry> entries = partition_.files().list(directory).value();
        for (const DirectoryEntry& entry : entries) {
            const std::string path = join_path(directory, entry.name);
            if (!entry.name.ends_with(".index") || random_.below(2) == 0) {
                continue;
            }
            const std::uint64_t size = partition_.files().info(path).value().size;
            if (random_.below(2) == 0 || size == 0) {
                ASSERT_TRUE(partition_.files().remove(path).ok());
            } else {
                partition_.flip_byte(path, random_.below(size));
            }
        }
        partition_.open();
    }

    void clean_up() {
        const std::int64_t before = partition_.log().log_start().value;
        const std::uint64_t size = partition_.log().size_bytes();
        partition_.apply_retention();
        const PartitionLogOptions& options = partition_.options();
        if (!options.retention_age && !options.retention_bytes) {
            EXPECT_EQ(partition_.log().log_start().value, before);
        } else if (!options.retention_age) {
            EXPECT_GE(partition_.log().size_bytes(),
                      std::min(size, options.retention_bytes.value_or(0)));
        }
    }

    void check() {
        PartitionLog& log = partition_.log();
        const auto end = std::ssize(model_);
        ASSERT_EQ(log.high_watermark(), Offset{end});
        const std::int64_t start = log.log_start().value;
        ASSERT_LE(start, end);
        const std::int64_t from =
            start +
            static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(end - start) + 1));
        std::vector<std::string> expected;
        for (auto at = static_cast<std::size_t>(from); at < model_.size(); ++at) {
            expected.push_back(model_[at].value);
        }
        ASSERT_EQ(partition_.read_all(Offset{from}, random_.below(20'000)), expected);
        const auto time = static_cast<std::int64_t>(random_.below(1100));
        std::int64_t found = start;
        while (found < end && model_[static_cast<std::size_t>(found)].time < time) {
            ++found;
        }
        ASSERT_EQ(log.offset_for_time(Timestamp{time}).value(), Offset{found});
        if (start > 0) {
            ASSERT_EQ(log.read(Offset{start - 1}, 1).error().code, ErrorCode::kOffsetOutOfRange);
        }
    }

    SeededRandom random_;
    PartitionFixture partition_;
    std::vector<Kept> model_;
};

TEST(PartitionLogRandom, AgreesWithAVector) {
    const std::uint64_t seed = entropy_seed();
    for (std::uint64_t run = 0; run < 40; ++run) {
        SCOPED_TRACE("seed " + std::to_string(seed + run));
        ModelledPartition partition(seed + run);
        for (int i = 0; i < 100 && !testing::Test::HasFailure(); ++i) {
            partition.step();
        }
    }
}

TEST(PartitionLogThreads, ReadersSeePublishedRecordsInOrderWhileTheLogGrowsAndShrinks) {
    PartitionFixture partition;
    partition.options().segment_bytes = 3'000;
    partition.options().retention_bytes = 30'000;
    partition.open();
    std::atomic<bool> is_done{false};
    std::atomic<std::uint64_t> records{0};
    const auto follow = [&] {
        PartitionLog& log = partition.log();
        RecordColumns columns;
        for (Offset from; !is_done || from < log.high_watermark();) {
            const Result<LogRead> read = log.read(from, 1000);
            if (!read.ok()) {
                ASSERT_EQ(read.error().code, ErrorCode::kOffsetOutOfRange) << read.error().message;
                from = log.log_start();
                continue;
            }
            static_cast<void>(log.offset_for_time(Timestamp{from.value}).value());
            RecordBatchCursor batches(read.value().batches);
            while (const auto batch = batches.next().value()) {
                columns.clear();
                ASSERT_TRUE(decode_records(*batch, batch->records(), from, columns).ok());
                for (std::size_t i = 0; i < columns.size(); ++i) {
                    ASSERT_EQ(as_text(*columns.values[i]), std::to_string(from.value));
                    from = next(from);
                    ++records;
                }
            }
        }
    };
    std::thread first(follow);
    std::thread second(follow);
    for (int i = 0; i < 3000; ++i) {
        partition.append({std::to_string(i)}, i);
        if (i % 50 == 0) {
            partition.apply_retention();
        }
    }
    is_done = true;
    first.join();
    second.join();
    EXPECT_GT(records, 0);
}

}  // namespace
}  // namespace millrace::log
