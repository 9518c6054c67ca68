// Every bit that may rot in a segment is found, and nothing else is lost by it.
#include <algorithm>
#include <iostream>
#include <set>

#include <gtest/gtest.h>

#include "core/base/memory_files.h"
#include "core/log/scrub.h"
#include "core/log/segment_check.h"
#include "tests/core/log/compaction/compaction_fixture.h"
#include "tests/core/log/journal_fixture.h"

namespace millrace::log {
namespace {

/// A segment's bytes, and where its batches lie.
struct Segmented {
    struct Batch {
        std::size_t position = 0;
        std::size_t size = 0;
        Offset base;
        Offset next;
    };
    Buffer bytes;
    std::vector<Batch> batches;
    Offset base;
    Offset next;
};

Segmented make_segment(std::size_t bytes_wanted, std::uint64_t seed, std::size_t record_bytes) {
    SeededRandom random(seed);
    Segmented made;
    made.base = made.next = Offset{1000};
    while (made.bytes.size() < bytes_wanted) {
        RecordBatchBuilder builder({.partition_leader_epoch = 0});
        for (std::uint64_t i = 0; i <= random.below(6); ++i) {
            std::string value(1 + random.below(record_bytes), 'x');
            for (char& c : value) {
                c = static_cast<char>('a' + random.below(26));
            }
            builder.add(as_bytes(std::to_string(i)), as_bytes(value), Timestamp{5});
        }
        Buffer batch = builder.finish(static_cast<Codec>(random.below(5))).value();
        set_base_offset(batch.span(), made.next);
        const RecordBatchView view = RecordBatchView::parse(batch).value();
        made.batches.push_back({.position = made.bytes.size(),
                                .size = batch.size(),
                                .base = made.next,
                                .next = millrace::next(view.last_offset())});
        made.next = made.batches.back().next;
        made.bytes.append(batch.view());
    }
    return made;
}

/// What a check of `bytes` finds: damage, and the base offsets of the batches that it let pass.
struct Found {
    std::vector<DamagedRange> damage;
    std::set<Offset> intact;
    bool has_foreign_bytes = false;  // a batch passed that is not the one written
};

Found check(File& file, const Segmented& written, std::size_t first, std::size_t last) {
    // The file holds the batches [first, last] only.
    const Segmented::Batch& front = written.batches[first];
    const Segmented::Batch& back = written.batches[last];
    SegmentCheck checked(file,
                         {.bytes = back.position + back.size - front.position,
                          .base = front.base,
                          .next = back.next,
                          .batch_bytes_max = std::size_t{1} << 20});
    Found found;
    std::map<Offset, const Segmented::Batch*> by_base;
    for (std::size_t i = first; i <= last; ++i) {
        by_base[written.batches[i].base] = &written.batches[i];
    }
    checked.on_batch([&](const RecordBatchView& batch) -> Status {
        const auto known = by_base.find(batch.base_offset());
        found.has_foreign_bytes =
            found.has_foreign_bytes || known == by_base.end() ||
            !equal(batch.bytes(),
                   written.bytes.view().subspan(known->second->position, known->second->size));
        found.intact.insert(batch.base_offset());
        return Ok{};
    });
    CHECK(checked.finish().ok());
    found.damage = checked.damage();
    return found;
}

TEST(SegmentRot, EveryFlippedBitIsFoundAndOnlyItsBatchIsLost) {
    const Segmented written = make_segment(65536, 1, 150);
    MemoryFileSystem files;
    ASSERT_TRUE(files.create_directories("/d").ok());
    std::uint64_t cases = 0;
    for (std::size_t i = 0; i < written.batches.size(); ++i) {
        // The batch with two neighbours on each side: what is further away never sees the damage.
        const std::size_t first = i < 2 ? 0 : i - 2;
        const std::size_t last = std::min(i + 2, written.batches.size() - 1);
        const Segmented::Batch& front = written.batches[first];
        const Segmented::Batch& back = written.batches[last];
        const auto file = files.open("/d/" + std::to_string(i), OpenMode::kCreate).value();
        ASSERT_TRUE(file->write_at(0,
                                   written.bytes.view().subspan(
                                       front.position, back.position + back.size - front.position))
                        .ok());
        const Segmented::Batch& batch = written.batches[i];
        for (std::size_t byte = 0; byte < batch.size; ++byte) {
            for (unsigned bit = 0; bit < 8; ++bit) {
                const std::uint64_t at = batch.position - front.position + byte;
                const std::byte good = written.bytes.data()[batch.position + byte];
                const std::byte bad = good ^ static_cast<std::byte>(1U << bit);
                ASSERT_TRUE(file->write_at(at, ByteView(&bad, 1)).ok());
                const Found found = check(*file, written, first, last);
                ASSERT_TRUE(file->write_at(at, ByteView(&good, 1)).ok());
                ASSERT_EQ(found.damage.size(), 1U) << i << " " << byte << " " << bit;
                const DamagedRange& range = found.damage[0];
                ASSERT_EQ(range.first, batch.base) << byte << " " << bit;
                ASSERT_EQ(range.next, batch.next) << byte << " " << bit;
                ASSERT_EQ(range.begin, batch.position - front.position);
                ASSERT_EQ(range.end, range.begin + batch.size);
                ASSERT_EQ(found.intact.size(), last - first);
                ASSERT_FALSE(found.has_foreign_bytes);
                ++cases;
            }
        }
    }
    EXPECT_GE(cases, 524'288U);
}

TEST(SegmentRot, RandomDamageIsFoundAndNothingBeforeOrBehindIsLost) {
    constexpr std::uint64_t kCases = 10'000;
    const Segmented written = make_segment(std::size_t{384} << 10, 2, 900);
    const std::size_t size = written.bytes.size();
    MemoryFileSystem files;
    ASSERT_TRUE(files.create_directories("/d").ok());
    const auto file = files.open("/d/f", OpenMode::kCreate).value();
    std::uint64_t found_cases = 0;
    std::uint64_t damaged_cases = 0;
    for (std::uint64_t seed = 1; seed <= kCases; ++seed) {
        SeededRandom random(seed);
        Buffer bytes = written.bytes;
        bool is_swap = false;
        switch (random.below(4)) {
            case 0:
                for (std::uint64_t i = 0; i <= random.below(5); ++i) {
                    bytes.data()[random.below(size)] ^=
                        static_cast<std::byte>(1U << random.below(8));
                }
                break;
            case 1: {
                const std::size_t at = random.below(size);
                const std::size_t run = std::min(size - at, std::size_t{1} + random.below(20'000));
                std::memset(bytes.data() + at, 0, run);
                break;
            }
            case 2:
                bytes.resize(random.below(size));
                break;
            default: {
                const std::size_t a = random.below(size / 4096);
                const std::size_t b = random.below(size / 4096);
                std::swap_ranges(bytes.data() + a * 4096,
                                 bytes.data() + (a + 1) * 4096,
                                 bytes.data() + b * 4096);
                is_swap = true;
            }
        }
        ASSERT_TRUE(file->truncate(0).ok());
        ASSERT_TRUE(file->write_at(0, bytes).ok());
        const Found found = check(*file, written, 0, written.batches.size() - 1);
        const bool is_damaged = !equal(bytes, written.bytes);
        ASSERT_EQ(!found.damage.empty(), is_damaged) << "seed " << seed;
        ASSERT_FALSE(found.has_foreign_bytes) << "seed " << seed;
        damaged_cases += is_damaged ? 1U : 0U;
        found_cases += found.damage.empty() ? 0U : 1U;
        std::size_t first_bad = written.batches.size();
        std::size_t last_bad = 0;
        std::vector<bool> is_whole(written.batches.size());
        for (std::size_t i = 0; i < written.batches.size(); ++i) {
            const Segmented::Batch& batch = written.batches[i];
            is_whole[i] = batch.position + batch.size <= bytes.size() &&
                          equal(bytes.view().subspan(batch.position, batch.size),
                                written.bytes.view().subspan(batch.position, batch.size));
            if (!is_whole[i]) {
                first_bad = std::min(first_bad, i);
                last_bad = i;
            }
        }
        for (std::size_t i = 0; i < written.batches.size(); ++i) {
            // Between two blocks that changed places close to each other nobody can tell which
            // batches are in their right one: those are given up, with the blocks.
            const bool is_between =
                is_swap && i > first_bad && i < last_bad &&
                written.batches[last_bad].position - written.batches[first_bad].position < 40'000;
            ASSERT_TRUE(is_between || found.intact.contains(written.batches[i].base) == is_whole[i])
                << "seed " << seed << " batch " << i;
        }
    }
    EXPECT_EQ(found_cases, damaged_cases);
    EXPECT_GT(damaged_cases, kCases * 95 / 100);
}

TEST(SegmentRot, ReadersGetAnErrorThereAndAllTheRest) {
    CompactionFixture made;
    made.partition.options().compaction.reset();
    made.partition.options().segment_bytes = 8000;
    made.partition.open();
    for (int i = 0; i < 60; ++i) {
        made.append({{"key", std::string(300, static_cast<char>('a' + i % 26))}});
    }
    made.roll();
    SeededRandom random(5);
    for (int round = 0; round < 3000; ++round) {
        const auto segments = made.partition.log().closed_segments();
        const auto& segment = segments[random.below(segments.size())];
        const auto file =
            made.partition.files().open(segment->path(), OpenMode::kReadWrite).value();
        const std::uint64_t at = random.below(segment->size_bytes());
        std::byte byte{};
        ASSERT_EQ(file->read_at(at, std::span(&byte, 1)).value(), 1U);
        const std::byte bad = byte ^ static_cast<std::byte>(1U << random.below(8));
        ASSERT_TRUE(file->write_at(at, ByteView(&bad, 1)).ok());
        int lost = 0;
        for (std::int64_t offset = segment->base().value; offset < segment->next_offset().value;
             ++offset) {
            const Result<LogRead> read = made.partition.log().read(Offset{offset}, 1);
            if (!read.ok()) {
                ASSERT_EQ(read.error().code, ErrorCode::kCorruptBatch);
                ++lost;
                continue;
            }
            const RecordBatchView batch = RecordBatchView::parse(read.value().batches).value();
            ASSERT_EQ(batch.base_offset(), Offset{offset});
        }
        ASSERT_EQ(lost, 1) << segment->path() << " byte " << at;
        ASSERT_TRUE(file->write_at(at, ByteView(&byte, 1)).ok());
    }
}

class ScrubTest : public JournalFixture {
  protected:
    void write_segments() {
        open();
        for (int i = 0; i < 100; ++i) {
            ASSERT_TRUE(commit({{0, std::string(500, 'x')}, {1, std::string(300, 'y')}}).ok());
        }
        ASSERT_TRUE(journal->checkpoint().ok());
    }
    std::unique_ptr<Scrubber> scrubber(ScrubOptions scrub = {}) {
        return std::make_unique<Scrubber>(*env, *journal, scrub, [this] {
            std::vector<NamedPartition> partitions;
            for (const int number : {0, 1}) {
                log(number);
                partitions.push_back({.id = partition(number),
                                      .name = "topic-" + std::to_string(number),
                                      .log = logs[number]});
            }
            return partitions;
        });
    }
    std::string segment_path(int number, Offset base) {
        return join_path(PartitionLog::directory_of("/data", partition(number)),
                         PartitionLog::segment_file_name(base));
    }
};

TEST_F(ScrubTest, SaysEachDamagedPlaceOnce) {
    write_segments();
    auto scrub = scrubber();
    EXPECT_TRUE(scrub->run().value().empty());
    EXPECT_GT(scrub->stats().segments, 3U);
    const std::string path = segment_path(0, Offset{0});
    ASSERT_TRUE(files.flip_bit(path, 2 * 590, 3));
    const std::vector<ScrubFinding> found = scrub->run().value();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].path, path);
    EXPECT_EQ(found[0].id, partition(0));
    EXPECT_EQ(found[0].range.next.value, found[0].range.first.value + 1);
    EXPECT_EQ(scrub->run().value().size(), 1U);
    EXPECT_EQ(scrub->stats().damaged_ranges, 1U);
    EXPECT_EQ(scrub->stats().passes, 3U);
    EXPECT_EQ(log(0).read(found[0].range.first, 1).error().code, ErrorCode::kCorruptBatch);
    EXPECT_TRUE(log(0).read(found[0].range.next, 1).ok());
    scrub->stop();
}

TEST_F(ScrubTest, GoesThroughEverythingInItsTimeAndBeginsAnew) {
    write_segments();
    auto scrub =
        scrubber({.period = std::chrono::hours(1), .bytes_per_second = 10'000, .step_bytes = 5000});
    scrub->start();
    run();
    EXPECT_LE(scrub->stats().bytes, 6000U);
    for (int i = 0; i < 60 && scrub->stats().passes == 0; ++i) {
        clock.advance(std::chrono::seconds(1));
        run();
    }
    EXPECT_EQ(scrub->stats().passes, 1U);
    const std::uint64_t bytes = scrub->stats().bytes;
    EXPECT_GT(bytes, 50'000U);
    clock.advance(std::chrono::minutes(30));
    run();
    EXPECT_EQ(scrub->stats().bytes, bytes);
    clock.advance(std::chrono::minutes(31));
    run();
    EXPECT_GT(scrub->stats().bytes, bytes);
    scrub->stop();
}

}  // namespace
}  // namespace millrace::log
