// Opening a partition again: tails, indexes, rot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/checksum.h"
#include "core/log/partition_log.h"
#include "core/log/sparse_index.h"
#include "tests/core/log/partition_fixture.h"

namespace millrace::log {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A log of several segments with 100 records of about 150 bytes.
class PartitionRecovery : public testing::Test {
  protected:
    PartitionRecovery() {
        partition_.options().segment_bytes = 6'000;
        partition_.open();
        for (int i = 0; i < 100; ++i) {
            values_.push_back(std::to_string(i) + std::string(80, 'v'));
            partition_.append({values_.back()}, 1000 + i);
            ends_.push_back(partition_.end());
        }
        CHECK(partition_.log().sync().ok());
    }

    std::vector<std::string> index_files() {
        std::vector<std::string> found;
        const auto entries = partition_.files().list(directory()).value();
        for (const DirectoryEntry& entry : entries) {
            if (entry.name.ends_with(".index")) {
                found.push_back(join_path(directory(), entry.name));
            }
        }
        return found;
    }
    std::string directory() { return parent_path(partition_.path(Offset{0})); }
    void expect_all_is_there() {
        EXPECT_EQ(partition_.read_all(Offset{0}), values_);
        for (int i = 0; i < 100; i += 7) {
            EXPECT_EQ(partition_.log().offset_for_time(Timestamp{1000 + i}).value(), Offset{i});
            EXPECT_EQ(partition_.read_all(Offset{i}).size(), static_cast<std::size_t>(100 - i));
        }
    }

    PartitionFixture partition_;
    std::vector<std::string> values_;
    std::vector<LogPosition> ends_;  // after each append
};

TEST_F(PartitionRecovery, CutsOffWhateverLiesBehindTheEnd) {
    for (std::size_t count = values_.size(); count > 0; count -= 9) {
        partition_.close();
        ASSERT_TRUE(partition_.try_open(ends_[count - 1]).ok());
        values_.resize(count);
        EXPECT_EQ(partition_.log().high_watermark(), Offset{static_cast<std::int64_t>(count)});
        EXPECT_EQ(partition_.read_all(Offset{0}), values_);
        EXPECT_EQ(partition_.log().staged_end(), ends_[count - 1]);
        if (count <= 9) {
            break;
        }
    }
    EXPECT_THAT(partition_.said(), IsEmpty());
    EXPECT_EQ(partition_.append({"new"}).value, static_cast<std::int64_t>(values_.size()));
    values_.emplace_back("new");
    EXPECT_EQ(partition_.read_all(Offset{0}), values_);
}

TEST_F(PartitionRecovery, AnIndexOfACutTailIsNotTrusted) {
    // The saved index of the last segment speaks of 100 records; other bytes take their place.
    partition_.close();
    ASSERT_TRUE(partition_.try_open(ends_[89]).ok());
    values_.resize(90);
    for (int i = 90; i < 100; ++i) {
        values_.push_back("other " + std::to_string(i) + std::string(90, 'o'));
        partition_.append({values_.back()}, 1000 + i);
    }
    expect_all_is_there();
    partition_.reopen();
    expect_all_is_there();
}

TEST_F(PartitionRecovery, StaleIndexFilesFromAnotherLifeAreNotTrusted) {
    partition_.close();
    const std::string stale = partition_.path(ends_[99].segment, ".index");
    const Buffer saved = partition_.files().read_file(stale).value();
    ASSERT_TRUE(partition_.try_open(ends_[89]).ok());
    values_.resize(90);
    for (int i = 90; i < 100; ++i) {
        // The same sizes, so that only the stamp can tell.
        values_.push_back(std::to_string(i) + std::string(80, 'w'));
        partition_.append({values_.back()}, 2000 + i);
    }
    partition_.close();
    ASSERT_TRUE(partition_.files().write_file_atomically(stale, saved).ok());
    partition_.open();
    EXPECT_EQ(partition_.read_all(Offset{0}), values_);
    EXPECT_EQ(partition_.log().offset_for_time(Timestamp{2095}).value(), Offset{95});
}

TEST_F(PartitionRecovery, DeletedIndexesAreMadeAgain) {
    partition_.close();
    const std::vector<std::string> files = index_files();
    EXPECT_GE(files.size(), 3);
    for (const std::string& file : files) {
        ASSERT_TRUE(partition_.files().remove(file).ok());
    }
    partition_.open();
    expect_all_is_there();
    partition_.close();
    EXPECT_EQ(index_files(), files);
}

TEST_F(PartitionRecovery, IndexesDeletedWhileInUseAreMadeAgain) {
    partition_.reopen();
    partition_.read_all(Offset{0});
    for (const std::string& file : index_files()) {
        ASSERT_TRUE(partition_.files().remove(file).ok());
    }
    expect_all_is_there();
}

TEST_F(PartitionRecovery, DamagedIndexesAreMadeAgainWhateverByteIsHit) {
    partition_.close();
    for (const std::string& file : index_files()) {
        const Buffer good = partition_.files().read_file(file).value();
        for (std::size_t at = 0; at < good.size(); ++at) {
            partition_.flip_byte(file, at);
            partition_.open();
            ASSERT_EQ(partition_.read_all(Offset{0}), values_) << file << " " << at;
            ASSERT_EQ(partition_.log().offset_for_time(Timestamp{1050}).value(), Offset{50});
            partition_.close();
        }
        for (std::size_t size = 0; size < good.size(); size += 5) {
            const auto handle = partition_.files().open(file, OpenMode::kCreate).value();
            ASSERT_TRUE(handle->truncate(size).ok());
            partition_.open();
            ASSERT_EQ(partition_.read_all(Offset{0}), values_) << file << " " << size;
            partition_.close();
        }
    }
}

TEST_F(PartitionRecovery, ReservedSpaceOfAClosedSegmentIsGivenBack) {
    const std::string first = partition_.path(Offset{0});
    const std::uint64_t size = partition_.files().info(first).value().size;
    partition_.close();
    ASSERT_TRUE(
        partition_.files().open(first, OpenMode::kReadWrite).value()->allocate(size + 70'000).ok());
    partition_.open();
    EXPECT_EQ(partition_.files().info(first).value().size, size);
    expect_all_is_there();
    EXPECT_THAT(partition_.said(), IsEmpty());
}

TEST_F(PartitionRecovery, BytesTakenBackBeforeARollAreCutOff) {
    // A batch that was unstaged lies behind the end of a closed segment, whole and with the offset
    // that the next segment starts with.
    const Offset second = Offset{static_cast<std::int64_t>(
        std::find_if(ends_.begin(), ends_.end(), [](auto end) { return end.segment.value > 0; }) -
        ends_.begin())};
    const std::string first = partition_.path(Offset{0});
    const std::uint64_t size = partition_.files().info(first).value().size;
    for (const bool has_index : {true, false}) {
        partition_.close();
        Buffer stale = PartitionFixture::batch({"stale", "stale", "stale"});
        set_base_offset(stale.span(), second);
        ASSERT_TRUE(partition_.files()
                        .open(first, OpenMode::kReadWrite)
                        .value()
                        ->write_at(size, stale)
                        .ok());
        if (!has_index) {
            ASSERT_TRUE(partition_.files().remove(partition_.path(Offset{0}, ".index")).ok());
        }
        partition_.open();
        EXPECT_EQ(partition_.files().info(first).value().size, size);
        expect_all_is_there();
    }
    EXPECT_THAT(partition_.said(), IsEmpty());
}

TEST_F(PartitionRecovery, AMissingActiveSegmentIsNamed) {
    partition_.close();
    ASSERT_TRUE(partition_.files().remove(partition_.path(ends_[99].segment)).ok());
    const Status status = partition_.try_open(ends_[99]);
    EXPECT_EQ(status.error().code, ErrorCode::kCorruptBatch);
    EXPECT_EQ(status.error().message,
              "segment file is missing: " + partition_.path(ends_[99].segment));
}

// --- rot

TEST_F(PartitionRecovery, RotIsFoundAndNeverServed) {
    SeededRandom random(17);
    for (const bool is_reopened : {false, true}) {
        for (int round = 0; round < 300; ++round) {
            const std::size_t victim = random.below(values_.size());
            const LogPosition begin =
                victim == 0 || ends_[victim - 1].segment != ends_[victim].segment
                    ? LogPosition{Offset{}, ends_[victim].segment, 0}
                    : ends_[victim - 1];
            const std::uint64_t size = ends_[victim].position - begin.position;
            std::uint64_t at = random.below(size);
            if (at >= 12 && at < 16) {
                continue;  // the leader epoch is in no checksum and means nothing here
            }
            const std::string path = partition_.path(begin.segment);
            partition_.flip_byte(path, begin.position + at);
            if (is_reopened) {
                partition_.reopen();
            }
            const Offset offset{static_cast<std::int64_t>(victim)};
            const Result<LogRead> read = partition_.log().read(offset, 1);
            ASSERT_FALSE(read.ok()) << victim << " " << at;
            EXPECT_EQ(read.error().code, ErrorCode::kCorruptBatch);
            EXPECT_THAT(read.error().message, HasSubstr(path + " at byte "));
            // What comes before and behind it is served.
            const Result<std::vector<std::string>> all = partition_.try_read_all(Offset{0});
            EXPECT_EQ(all.error().code, ErrorCode::kCorruptBatch);
            if (victim > 0) {
                EXPECT_TRUE(partition_.log().read(Offset{offset.value - 1}, kPageSize).ok());
            }
            if (victim < 99) {
                EXPECT_TRUE(partition_.try_read_all(Offset{offset.value + 1}).ok()) << victim;
            }
            partition_.flip_byte(path, begin.position + at);
            if (is_reopened) {
                partition_.reopen();
            }
        }
    }
    expect_all_is_there();
}

TEST_F(PartitionRecovery, SwappedBlocksAreFound) {
    // A disk that mixes up where it writes: whole, intact batches in the wrong place.
    const std::string path = partition_.path(Offset{0});
    const Buffer good = partition_.files().read_file(path).value();
    Buffer swapped = good;
    const std::uint64_t first = ends_[9].position;
    const std::uint64_t size = ends_[10].position - first;
    std::copy_n(good.data() + first, size, swapped.data() + first + size);
    std::copy_n(good.data() + first + size, size, swapped.data() + first);
    const auto file = partition_.files().open(path, OpenMode::kReadWrite).value();
    ASSERT_TRUE(file->write_at(0, swapped).ok());
    const Result<std::vector<std::string>> all = partition_.try_read_all(Offset{0});
    EXPECT_EQ(all.error().code, ErrorCode::kCorruptBatch);
    // Offset 10 is read from where it lies now; one of the two cannot be in its place.
    EXPECT_THAT(all.error().message,
                HasSubstr("record batch has offset 12 where offset 11 belongs; the log goes on at "
                          "offset 13"));
}

TEST_F(PartitionRecovery, ATruncatedActiveFileIsSaidAndWhatIsLeftIsServed) {
    partition_.close();
    const LogPosition end = ends_[99];
    const auto file = partition_.files().open(partition_.path(end.segment), OpenMode::kReadWrite);
    ASSERT_TRUE(file.value()->truncate(end.position - 10).ok());
    ASSERT_TRUE(partition_.try_open(end).ok());
    EXPECT_THAT(partition_.said(), ElementsAre(HasSubstr("is damaged: readable up to offset 99")));
    EXPECT_EQ(partition_.log().high_watermark(), Offset{100});
    EXPECT_EQ(partition_.try_read_all(Offset{99}).error().code, ErrorCode::kCorruptBatch);
    EXPECT_EQ(partition_.log().read(Offset{98}, 1).value().batches.empty(), false);
    // The log goes on behind the hole.
    EXPECT_EQ(partition_.append({"next"}), Offset{100});
    EXPECT_THAT(partition_.read_all(Offset{100}), ElementsAre("next"));
    partition_.reopen();
    EXPECT_THAT(partition_.read_all(Offset{100}), ElementsAre("next"));
    EXPECT_EQ(partition_.try_read_all(Offset{99}).error().code, ErrorCode::kCorruptBatch);
}

}  // namespace
}  // namespace millrace::log
