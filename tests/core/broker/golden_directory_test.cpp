// A data directory as version 0.1 wrote it must open, today and later.
//
// It was made by this test: MILLRACE_WRITE_GOLDEN=DIR writes one of the format that the program
// has then. A new format gets a new directory, and the old ones stay.
#include <cstdlib>

#include <gtest/gtest.h>

#include "core/base/checksum.h"
#include "core/broker/inspection.h"
#include "core/broker/superblock.h"
#include "tests/core/broker/broker_fixture.h"
#include "tests/support/test_data.h"

namespace millrace::broker {
namespace {

constexpr const char* kGolden = "golden-0.1";

/// Copies a tree from one file system into another.
void copy(FileSystem& from, const std::string& source, FileSystem& to, const std::string& target) {
    ASSERT_TRUE(to.create_directories(target).ok());
    const auto entries = from.list(source).value();
    for (const DirectoryEntry& entry : entries) {
        const std::string path = join_path(source, entry.name);
        const std::string copied = join_path(target, entry.name);
        if (entry.is_directory) {
            copy(from, path, to, copied);
            continue;
        }
        const Buffer content = from.read_file(path).value();
        const auto file = to.open(copied, OpenMode::kCreate).value();
        ASSERT_TRUE(file->write_at(0, content).ok());
    }
}

class GoldenDirectory : public BrokerTest {
  protected:
    void SetUp() override {}

    Status try_open() {
        BrokerOptions options;
        options.journal.file_bytes = 64 * 1024;
        options.journal.inline_bytes_max = 1024;
        options.journal.frame_inline_bytes_max = 8 * 1024;
        MILLRACE_TRY(broker_, Broker::open(env_, "/data", options));
        return Ok{};
    }
    void stop() {
        ASSERT_TRUE(broker_->close().ok());
        io_.run_all();
        broker_.reset();
    }
    void open_copy() {
        const auto disk = make_system_files();
        copy(*disk, test_data_path(kGolden), files_, "/data");
        const Status opened = try_open();
        ASSERT_TRUE(opened.ok()) << opened.error().message;
    }
    void commit(const TopicInfo& source, std::int64_t offset) {
        Unit unit;
        unit.offsets.push_back({.group = "readers",
                                .source = {source.id, Partition{0}},
                                .next = Offset{offset},
                                .metadata = "m"});
        ASSERT_TRUE(append(std::move(unit)).ok());
    }
};

TEST_F(GoldenDirectory, IsWrittenOnDemand) {
    const char* const target = std::getenv("MILLRACE_WRITE_GOLDEN");
    if (target == nullptr) {
        GTEST_SKIP() << "MILLRACE_WRITE_GOLDEN is not set";
    }
    ASSERT_TRUE(try_open().ok());
    const TopicInfo plain = create("plain", 2, {{"segment.bytes", "16384"}});
    const TopicInfo table =
        create("table", 1, {{"cleanup.policy", "compact"}, {"segment.bytes", "16384"}});
    for (int i = 0; i < 60; ++i) {
        ASSERT_TRUE(produce(plain, {std::to_string(i), std::string(400, 'x')}).ok());
        RecordBatchBuilder builder;
        const std::string key = "key " + std::to_string(i % 4);
        const std::string value = std::to_string(i) + std::string(500, 'y');
        builder.add(as_bytes(key), as_bytes(value), Timestamp{i});
        Unit unit;
        unit.pieces.push_back(
            {{table.id, Partition{0}}, builder.finish(static_cast<Codec>(i % 5)).value()});
        ASSERT_TRUE(append(std::move(unit)).ok());
    }
    commit(plain, 77);
    ASSERT_TRUE(broker_->apply_retention().ok());
    ASSERT_TRUE(broker_->compact().ok());
    stop();
    const auto disk = make_system_files();
    copy(files_, "/data", *disk, target);
}

TEST_F(GoldenDirectory, OpensReadsAndGoesOn) {
    open_copy();
    const TopicInfo plain = broker_->describe_topic("plain").value();
    const TopicInfo table = broker_->describe_topic("table").value();
    EXPECT_EQ(plain.partitions, 2);
    const std::vector<std::string> values = read_all(plain);
    ASSERT_EQ(values.size(), 120U);
    EXPECT_EQ(values[118], "59");
    const std::vector<std::string> rows = read_all(table);
    ASSERT_GE(rows.size(), 4U);
    EXPECT_EQ(rows.back(), "59" + std::string(500, 'y'));
    EXPECT_LT(rows.size(), 60U);  // it had been compacted
    const auto offsets = broker_->committed_offsets("readers");
    ASSERT_EQ(offsets.size(), 1U);
    EXPECT_EQ(offsets.begin()->second.next, Offset{77});
    EXPECT_EQ(offsets.begin()->second.metadata, "m");
    ASSERT_TRUE(produce(plain, {"appended"}).ok());
    stop();
    EXPECT_FALSE(inspect_directory(env_, "/data").value().is_damaged());
    ASSERT_TRUE(try_open().ok());
    EXPECT_EQ(read_all(plain).back(), "appended");
}

TEST_F(GoldenDirectory, ANewerFormatIsRefusedByItsNumber) {
    open_copy();
    stop();
    Buffer superblock = files_.read_file("/data/MILLRACE").value();
    store_le(superblock.data() + 8, kFormatVersion + 1);
    store_le(superblock.data() + superblock.size() - 4,
             crc32c(superblock.view().first(superblock.size() - 4)));
    ASSERT_TRUE(files_.write_file_atomically("/data/MILLRACE", superblock).ok());
    const Status opened = try_open();
    EXPECT_EQ(opened.error().code, ErrorCode::kNewerFormat);
    EXPECT_EQ(opened.error().message,
              "the data directory /data has format 2, this program knows up to 1: use a newer "
              "Millrace");
    EXPECT_EQ(inspect_directory(env_, "/data").error().code, ErrorCode::kNewerFormat);
}

}  // namespace
}  // namespace millrace::broker
