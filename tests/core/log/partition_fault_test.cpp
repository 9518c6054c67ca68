// A partition whose disk is full or fails.
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/log/partition_log.h"
#include "tests/core/log/partition_fixture.h"

namespace millrace::log {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// What fails from now on.
struct Faults {
    std::optional<std::uint64_t> bytes_max = std::nullopt;  // of a file: no space beyond
    bool directory_syncs = false;
    bool file_syncs = false;
    bool removals = false;
    bool index_writes = false;
};

class FaultyFile final : public File {
  public:
    FaultyFile(std::unique_ptr<File> file, const Faults& faults, bool is_index)
        : file_(std::move(file)), faults_(faults), is_index_(is_index) {}
    Result<std::size_t> read_at(std::uint64_t position, std::span<std::byte> into) override {
        return file_->read_at(position, into);
    }
    Status write_at(std::uint64_t position, ByteView bytes) override {
        if (is_index_ && faults_.index_writes) {
            return Error{ErrorCode::kNoSpace, "no space for an index"};
        }
        return file_->write_at(position, bytes);
    }
    Status sync_data() override {
        return faults_.file_syncs ? Status{Error{ErrorCode::kIo, "sync failed"}}
                                  : file_->sync_data();
    }
    Status allocate(std::uint64_t size) override {
        if (faults_.bytes_max && size > *faults_.bytes_max) {
            return Error{ErrorCode::kNoSpace, "no space"};
        }
        return file_->allocate(size);
    }
    Status truncate(std::uint64_t size) override { return file_->truncate(size); }
    [[nodiscard]] Result<std::uint64_t> size() const override { return file_->size(); }
    void drop_cache() override { file_->drop_cache(); }
    Status lock() override { return file_->lock(); }

  private:
    std::unique_ptr<File> file_;
    const Faults& faults_;
    bool is_index_;
};

class FaultyFiles final : public FileSystem {
  public:
    Faults faults;

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
        MILLRACE_TRY(auto file, memory_.open(path, mode));
        return std::unique_ptr<File>(
            std::make_unique<FaultyFile>(std::move(file), faults, path.ends_with(".index")));
    }
    Status rename(const std::string& from, const std::string& to) override {
        return memory_.rename(from, to);
    }
    Status remove(const std::string& path) override {
        return faults.removals ? Status{Error{ErrorCode::kIo, "cannot remove " + path}}
                               : memory_.remove(path);
    }
    Status create_directories(const std::string& path) override {
        return memory_.create_directories(path);
    }
    Status sync_directory(const std::string& path) override {
        return faults.directory_syncs ? Status{Error{ErrorCode::kIo, "directory sync failed"}}
                                      : memory_.sync_directory(path);
    }
    Result<std::vector<DirectoryEntry>> list(const std::string& path) override {
        return memory_.list(path);
    }
    Result<FileInfo> info(const std::string& path) override { return memory_.info(path); }
    Result<std::uint64_t> free_bytes(const std::string& path) override {
        return memory_.free_bytes(path);
    }

  private:
    MemoryFileSystem memory_;
};

TEST(PartitionLogFaults, AFullDiskLeavesTheLogAtTheBatchBefore) {
    FaultyFiles files;
    PartitionFixture partition(&files);
    partition.options().segment_bytes = 1'000'000;
    partition.open();
    partition.append({"a"});
    files.faults.bytes_max = 100'000;
    const std::string large(200'000, 'x');
    EXPECT_EQ(partition.try_append(PartitionFixture::batch({large})).error().code,
              ErrorCode::kNoSpace);
    EXPECT_THAT(partition.read_all(Offset{0}), ElementsAre("a"));
    EXPECT_EQ(partition.append({"b"}), Offset{1});
    files.faults.bytes_max.reset();
    EXPECT_EQ(partition.append({large}), Offset{2});
    EXPECT_THAT(partition.read_all(Offset{0}), ElementsAre("a", "b", large));
    partition.reopen();
    EXPECT_THAT(partition.read_all(Offset{0}), ElementsAre("a", "b", large));
}

TEST(PartitionLogFaults, AFullDiskAtARollLeavesNoFile) {
    FaultyFiles files;
    PartitionFixture partition(&files);
    partition.options().segment_bytes = 100;
    partition.open();
    partition.append({"a"});
    files.faults.bytes_max = 0;
    EXPECT_EQ(partition.try_append(PartitionFixture::batch({"b"})).error().code,
              ErrorCode::kNoSpace);
    EXPECT_FALSE(files.exists(partition.path(Offset{1})));
    files.faults.bytes_max.reset();
    EXPECT_EQ(partition.append({"b"}), Offset{1});
    EXPECT_THAT(partition.read_all(Offset{0}), ElementsAre("a", "b"));
}

TEST(PartitionLogFaults, ARollThatCannotBeTakenBackEndsAppendsButNotReads) {
    for (const bool is_removal : {false, true}) {
        FaultyFiles files;
        PartitionFixture partition(&files);
        partition.options().segment_bytes = 100;
        partition.open();
        partition.append({"a"});
        files.faults.bytes_max = 0;
        (is_removal ? files.faults.removals : files.faults.directory_syncs) = true;
        EXPECT_EQ(partition.try_append(PartitionFixture::batch({"b"})).error().code,
                  ErrorCode::kNoSpace);
        files.faults = {};
        EXPECT_EQ(partition.try_append(PartitionFixture::batch({"b"})).error().code,
                  ErrorCode::kIo);
        EXPECT_THAT(partition.read_all(Offset{0}), ElementsAre("a"));
        partition.reopen();
        EXPECT_EQ(partition.append({"b"}), Offset{1});
        EXPECT_THAT(partition.read_all(Offset{0}), ElementsAre("a", "b"));
    }
}

TEST(PartitionLogFaults, AFailedSyncIsReportedAndStaysOwed) {
    FaultyFiles files;
    PartitionFixture partition(&files);
    partition.open();
    partition.append({"a"});
    files.faults.file_syncs = true;
    EXPECT_EQ(partition.log().sync().error().code, ErrorCode::kIo);
    EXPECT_TRUE(partition.log().needs_directory_sync());
    files.faults = {.directory_syncs = true};
    EXPECT_EQ(partition.log().sync().error().code, ErrorCode::kIo);
    EXPECT_TRUE(partition.log().needs_directory_sync());
}

TEST(PartitionLogFaults, RetentionKeepsWhatItCannotRemove) {
    FaultyFiles files;
    PartitionFixture partition(&files);
    partition.options().segment_bytes = 100;
    partition.options().retention_age = std::chrono::hours(1);
    partition.open();
    partition.append({"a"});
    partition.append({"b"});
    partition.clock().advance(std::chrono::hours(2));
    files.faults.removals = true;
    EXPECT_EQ(partition.log().apply_retention(Offset{2}).error().code, ErrorCode::kIo);
    EXPECT_EQ(partition.log().log_start(), Offset{0});
    EXPECT_THAT(partition.read_all(Offset{0}), ElementsAre("a", "b"));
    files.faults = {};
    EXPECT_EQ(partition.log().apply_retention(Offset{2}).value(), 2);
}

TEST(PartitionLogFaults, IndexesThatCannotBeSavedAreServedFromMemory) {
    FaultyFiles files;
    PartitionFixture partition(&files);
    partition.options().segment_bytes = 1000;
    partition.open();
    files.faults.index_writes = true;
    std::vector<std::string> values;
    for (int i = 0; i < 50; ++i) {
        values.push_back(std::to_string(i) + std::string(50, 'x'));
        partition.append({values.back()}, i);
    }
    ASSERT_TRUE(partition.log().sync().ok());
    EXPECT_THAT(partition.said(), testing::Contains(HasSubstr("index is not saved: no space")));
    EXPECT_EQ(partition.read_all(Offset{0}), values);
    EXPECT_EQ(partition.log().offset_for_time(Timestamp{20}).value(), Offset{20});
    partition.reopen();
    EXPECT_EQ(partition.read_all(Offset{0}), values);
}

}  // namespace
}  // namespace millrace::log
