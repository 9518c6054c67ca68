#include "core/log/sparse_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/memory_files.h"

namespace millrace::log {
namespace {

/// Batches of 1000 bytes with 10 records each, at times 100, 200, ...
SparseIndex index_of(Offset base, int batches) {
    SparseIndex index(base);
    for (int i = 0; i < batches; ++i) {
        index.add({.base = Offset{base.value + 10 * i},
                   .last = Offset{base.value + 10 * i + 9},
                   .position = static_cast<std::uint64_t>(i) * 1000,
                   .size = 1000,
                   .crc = static_cast<std::uint32_t>(i),
                   .max_timestamp = Timestamp{100 * (i + 1)}});
    }
    return index;
}

TEST(SparseIndex, HasAnEntryEvery4096Bytes) {
    const SparseIndex index = index_of(Offset{50}, 20);
    ASSERT_EQ(index.entries().size(), 4);
    EXPECT_EQ(index.entries()[0], (IndexEntry{Offset{50}, 0, kNoTimestamp}));
    EXPECT_EQ(index.entries()[1], (IndexEntry{Offset{100}, 5000, Timestamp{500}}));
    EXPECT_EQ(index.summary().next_offset, Offset{250});
    EXPECT_EQ(index.summary().covered_bytes, 20'000);
    EXPECT_EQ(index.summary().max_timestamp, Timestamp{2000});
}

TEST(SparseIndex, FindsTheEntryBeforeAnOffsetOrTime) {
    const SparseIndex index = index_of(Offset{50}, 20);
    EXPECT_EQ(index.find(Offset{50}).position, 0);
    EXPECT_EQ(index.find(Offset{99}).position, 0);
    EXPECT_EQ(index.find(Offset{100}).position, 5000);
    EXPECT_EQ(index.find(Offset{249}).position, 15'000);
    EXPECT_EQ(index.find_time(Timestamp{-5}).position, 0);
    EXPECT_EQ(index.find_time(Timestamp{500}).position, 0);
    EXPECT_EQ(index.find_time(Timestamp{501}).position, 5000);
    EXPECT_EQ(index.find_time(Timestamp{9999}).position, 15'000);
    EXPECT_EQ(SparseIndex(Offset{7}).find(Offset{7}), (IndexEntry{.offset = Offset{7}}));
}

TEST(SparseIndex, GoesOnBehindAHoleWithAnEntry) {
    SparseIndex index = index_of(Offset{0}, 2);
    index.skip_to(Offset{100}, 2500);
    index.add({.base = Offset{100}, .last = Offset{100}, .position = 2500, .size = 100});
    EXPECT_EQ(index.find(Offset{100}).position, 2500);
    EXPECT_EQ(index.find(Offset{50}).position, 0);
}

TEST(SparseIndexFile, GivesBackWhatWasSaved) {
    MemoryFileSystem files;
    const SparseIndex index = index_of(Offset{50}, 20);
    const AppendAges ages{.at_wall_ms = 1, .first_ms = 3, .last_ms = 2};
    const IndexFile saved = IndexFile::save(files, "/i", index, ages).value();
    EXPECT_EQ(saved.summary(), index.summary());
    EXPECT_EQ(saved.ages(), ages);
    EXPECT_TRUE(saved.verify().ok());
    for (std::int64_t offset = 50; offset < 250; ++offset) {
        EXPECT_EQ(saved.find(Offset{offset}).value(), index.find(Offset{offset}));
    }
    for (std::int64_t time = 0; time < 2100; time += 50) {
        EXPECT_EQ(saved.find_time(Timestamp{time}).value(), index.find_time(Timestamp{time}));
    }
    const SparseIndex read = SparseIndex::decode(files.read_file("/i").value(), Offset{50}).value();
    EXPECT_EQ(read.summary(), index.summary());
    EXPECT_EQ(read.entries(), index.entries());
}

TEST(SparseIndexFile, AnotherSegmentsOrANewerVersionsIsNotRead) {
    const Buffer content = index_of(Offset{50}, 3).encode({});
    EXPECT_EQ(SparseIndex::decode(content, Offset{51}).error().message,
              "index cannot be used: it belongs to another segment");
    Buffer newer = content;
    newer.data()[8] = std::byte{2};
    EXPECT_EQ(SparseIndex::decode(newer, Offset{50}).error().message,
              "index cannot be used: it is of another format or version");
}

TEST(SparseIndexFile, EveryFlippedBitAndTruncationIsFound) {
    const Buffer content = index_of(Offset{50}, 20).encode({});
    for (std::size_t bit = 0; bit < content.size() * 8; ++bit) {
        Buffer bad = content;
        bad.data()[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
        EXPECT_FALSE(SparseIndex::decode(bad, Offset{50}).ok()) << bit;
    }
    for (std::size_t size = 0; size < content.size(); ++size) {
        EXPECT_FALSE(SparseIndex::decode(content.view().first(size), Offset{50}).ok()) << size;
    }
}

}  // namespace
}  // namespace millrace::log
