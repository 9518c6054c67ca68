#include "core/broker/inspection.h"

#include <gtest/gtest.h>

#include "core/log/segment.h"
#include "tests/core/broker/broker_fixture.h"

namespace millrace::broker {
namespace {

/// A broker whose directory is looked at while nobody has it open.
class Inspection : public BrokerTest {
  protected:
    void SetUp() override {
        BrokerTest::SetUp();
        topic_ = create("topic", 2, {{"segment.bytes", "16384"}});
        for (int i = 0; i < 200; ++i) {
            ASSERT_TRUE(produce(topic_, {std::string(500, 'x'), std::to_string(i)}).ok());
        }
        ASSERT_TRUE(broker_->close().ok());
        io_.run_all();
        broker_.reset();
    }
    [[nodiscard]] DirectoryInspection look() {
        auto found = inspect_directory(env_, "/data");
        EXPECT_TRUE(found.ok()) << found.error().message;
        return std::move(found).value();
    }
    [[nodiscard]] const InspectedPartition& partition(const DirectoryInspection& found) const {
        for (const InspectedPartition& one : found.partitions) {
            if (one.id == TopicPartition{topic_.id, Partition{0}}) {
                return one;
            }
        }
        ADD_FAILURE();
        return found.partitions.front();
    }
    void flip(const std::string& path, std::uint64_t at) {
        const auto file = files_.open(path, OpenMode::kReadWrite).value();
        std::byte byte{};
        ASSERT_EQ(file->read_at(at, std::span(&byte, 1)).value(), 1U);
        byte ^= std::byte{1};
        ASSERT_TRUE(file->write_at(at, ByteView(&byte, 1)).ok());
    }
    /// Every file below /data with its content.
    std::map<std::string, std::string> everything(const std::string& path = "/data") {
        std::map<std::string, std::string> found;
        const auto entries = files_.list(path).value();
        for (const DirectoryEntry& entry : entries) {
            const std::string at = join_path(path, entry.name);
            if (entry.is_directory) {
                found.merge(everything(at));
            } else {
                found[at] = std::string(files_.read_file(at).value().text());
            }
        }
        return found;
    }

    TopicInfo topic_;
};

TEST_F(Inspection, AHealthyDirectoryIsHealthyAndStaysAsItIs) {
    const auto before = everything();
    const DirectoryInspection found = look();
    EXPECT_FALSE(found.is_damaged());
    EXPECT_TRUE(found.was_stopped_cleanly);
    EXPECT_TRUE(found.notes.empty());
    const InspectedPartition& inspected = partition(found);
    EXPECT_EQ(inspected.end, Offset{400});
    EXPECT_GT(inspected.segments.size(), 4U);
    EXPECT_TRUE(inspected.derived.empty());
    std::uint64_t records = 0;
    for (const InspectedSegment& segment : inspected.segments) {
        records += segment.records;
    }
    EXPECT_EQ(records, 400U);
    EXPECT_TRUE(everything() == before);
}

TEST_F(Inspection, ADirectoryThatIsOpenOrNotThereIsRefused) {
    EXPECT_EQ(inspect_directory(env_, "/nowhere").error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(files_.exists("/nowhere"));
    reopen();
    EXPECT_EQ(inspect_directory(env_, "/data").error().code, ErrorCode::kInUse);
    EXPECT_EQ(repair_directory(env_, "/data").error().code, ErrorCode::kInUse);
}

TEST_F(Inspection, ATornTailIsNoDamage) {
    reopen();
    ASSERT_TRUE(produce(topic_, {"last"}).ok());
    // The process dies: no clean checkpoint, and half a frame behind the last.
    std::map<std::string, std::string> dead = everything();
    ASSERT_TRUE(broker_->close().ok());
    io_.run_all();
    broker_.reset();
    for (const auto& [path, content] : dead) {
        const auto file = files_.open(path, OpenMode::kCreate).value();
        ASSERT_TRUE(file->truncate(0).ok());
        ASSERT_TRUE(file->write_at(0, as_bytes(content)).ok());
    }
    const auto now = everything();
    for (const auto& [path, content] : now) {
        if (!dead.contains(path)) {
            ASSERT_TRUE(files_.remove(path).ok());
        }
    }
    const auto before = everything();
    const DirectoryInspection found = look();
    EXPECT_FALSE(found.is_damaged());
    EXPECT_FALSE(found.was_stopped_cleanly);
    EXPECT_EQ(partition(found).end, Offset{401});
    EXPECT_TRUE(everything() == before);
}

TEST_F(Inspection, RotIsFoundAndRepairLetsReadersPass) {
    const InspectedPartition healthy = partition(look());
    const InspectedSegment& second = healthy.segments[1];
    const std::string index =
        join_path(parent_path(second.path), log::Segment::index_file_name(second.base));
    flip(second.path, 700);
    ASSERT_TRUE(files_.remove(index).ok());
    const DirectoryInspection found = look();
    EXPECT_TRUE(found.is_damaged());
    const InspectedSegment& damaged = partition(found).segments[1];
    ASSERT_EQ(damaged.damage.size(), 1U);
    const log::DamagedRange lost = damaged.damage[0];
    EXPECT_LE(lost.begin, 700U);
    EXPECT_GT(lost.end, 700U);
    EXPECT_EQ(lost.next.value - lost.first.value, 2);
    EXPECT_EQ(partition(found).derived.size(), 1U);

    const auto repaired = repair_directory(env_, "/data");
    ASSERT_TRUE(repaired.ok()) << repaired.error().message;
    ASSERT_EQ(repaired.value().size(), 2U);
    EXPECT_NE(repaired.value()[0].what.find("quarantine"), std::string::npos);
    const auto kept = files_.list("/data/quarantine").value();
    ASSERT_EQ(kept.size(), 1U);
    const Buffer bytes = files_.read_file(join_path("/data/quarantine", kept[0].name)).value();
    EXPECT_EQ(bytes.size(), lost.end - lost.begin);
    EXPECT_FALSE(look().is_damaged());
    EXPECT_TRUE(partition(look()).derived.empty());
    EXPECT_TRUE(repair_directory(env_, "/data").value().empty());

    reopen();
    EXPECT_EQ(read_all(topic_).size(), 398U);
    ASSERT_TRUE(produce(topic_, {"new"}).ok());
    EXPECT_EQ(read_all(topic_).back(), "new");
}

TEST_F(Inspection, AMissingSegmentRefusesItsPartitionUntilItIsGivenUp) {
    const InspectedPartition healthy = partition(look());
    const InspectedSegment& gone = healthy.segments[2];
    ASSERT_TRUE(files_.remove(gone.path).ok());
    reopen();
    EXPECT_EQ(broker_->log_start({topic_.id, Partition{0}}).error().code, ErrorCode::kUnknownTopic);
    EXPECT_TRUE(broker_->log_start({topic_.id, Partition{1}}).ok());
    ASSERT_TRUE(broker_->close().ok());
    io_.run_all();
    broker_.reset();
    const DirectoryInspection found = look();
    EXPECT_TRUE(found.is_damaged());
    ASSERT_EQ(partition(found).segments[1].damage.size(), 1U);
    EXPECT_EQ(partition(found).segments[1].damage[0].first, gone.base);
    EXPECT_EQ(partition(found).segments[1].damage[0].next, gone.next);
    ASSERT_TRUE(repair_directory(env_, "/data").ok());
    EXPECT_FALSE(look().is_damaged());
    reopen();
    EXPECT_EQ(read_all(topic_).size(), 400U - gone.records);
}

TEST_F(Inspection, DamagedCheckpointsAndSuperblocksAreSaid) {
    const auto entries = files_.list("/data/wal").value();
    std::vector<std::string> checkpoints;
    for (const DirectoryEntry& entry : entries) {
        if (entry.name.starts_with("ckpt-")) {
            checkpoints.push_back(join_path("/data/wal", entry.name));
        }
    }
    ASSERT_EQ(checkpoints.size(), 2U);
    flip(checkpoints[1], 20);
    DirectoryInspection found = look();
    EXPECT_FALSE(found.is_damaged());  // the other one says the same
    ASSERT_EQ(found.notes.size(), 1U);
    flip(checkpoints[0], 20);
    found = look();
    EXPECT_TRUE(found.is_damaged());
    ASSERT_EQ(found.damage.size(), 1U);
    EXPECT_NE(found.damage[0].find("no readable checkpoint"), std::string::npos);
    flip("/data/MILLRACE", 30);
    EXPECT_EQ(inspect_directory(env_, "/data").error().code, ErrorCode::kCorruptJournal);
}

}  // namespace
}  // namespace millrace::broker
