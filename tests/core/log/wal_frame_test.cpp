#include "core/log/wal_frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/checksum.h"
#include "core/log/checkpoint.h"
#include "core/log/wal_files.h"
#include "tests/support/fault_file_system.h"

namespace millrace::log {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kSalt = 0x1234'5678'9abc'def0;

TopicPartition partition(std::int32_t number) {
    TopicPartition id;
    id.topic.bytes.fill(9);
    id.partition = Partition{number};
    return id;
}

WalPiece piece(WalPieceKind kind, std::int32_t number, std::string_view bytes) {
    WalPiece made;
    made.kind = kind;
    made.id = partition(number);
    made.at = LogPosition{Offset{100}, Offset{40}, 777};
    made.last_offset = Offset{104};
    made.length = static_cast<std::uint32_t>(bytes.size());
    made.crc = wal_crc(as_bytes(bytes), kSalt);
    if (kind == WalPieceKind::kInline) {
        made.payload = as_bytes(bytes);
    }
    return made;
}

Buffer frame_at(std::uint64_t lsn, std::span<const WalPiece> pieces) {
    WalFrameHeader header{.prev_end = lsn, .durable_lsn = lsn, .salt = kSalt, .group = 5};
    Buffer frame = encode_wal_frame(header, pieces);
    header.lsn = lsn;
    seal_wal_frame(header, frame);
    return frame;
}

TEST(WalFrame, GivesBackWhatWasEncoded) {
    const std::vector<WalPiece> pieces{piece(WalPieceKind::kInline, 1, "abc"),
                                       piece(WalPieceKind::kReference, 0, "a large one"),
                                       piece(WalPieceKind::kInline, 1, "defg")};
    const Buffer frame = frame_at(8192, pieces);
    EXPECT_EQ(frame.size(), kWalBlockBytes);
    WalFrameHeader header;
    ASSERT_EQ(parse_wal_header(frame, 8192, kSalt, header), WalHeaderState::kOk);
    EXPECT_EQ(header.group, 5U);
    EXPECT_EQ(header.end(), 8192 + kWalBlockBytes);
    const auto parsed = parse_wal_directory(header, frame);
    ASSERT_TRUE(parsed.ok());
    ASSERT_EQ(parsed.value().size(), 3U);
    EXPECT_EQ(as_text(parsed.value()[0].payload), "abc");
    EXPECT_EQ(as_text(parsed.value()[2].payload), "defg");
    EXPECT_EQ(parsed.value()[1].kind, WalPieceKind::kReference);
    EXPECT_EQ(parsed.value()[1].id, partition(0));
    EXPECT_EQ(parsed.value()[1].crc, pieces[1].crc);
    EXPECT_EQ(parsed.value()[2].end(), (LogPosition{Offset{105}, Offset{40}, 781}));
}

TEST(WalFrame, IsAbsentAtAnotherPlaceOrUnderAnotherSalt) {
    const Buffer frame = frame_at(8192, {});
    WalFrameHeader header;
    EXPECT_EQ(parse_wal_header(frame, 4096, kSalt, header), WalHeaderState::kAbsent);
    EXPECT_EQ(parse_wal_header(frame, 8192, kSalt + 1, header), WalHeaderState::kAbsent);
    EXPECT_EQ(parse_wal_header(frame.view().first(71), 8192, kSalt, header),
              WalHeaderState::kAbsent);
}

TEST(WalFrame, NoticesEveryFlippedBitInHeaderDirectoryAndPayload) {
    const std::vector<WalPiece> pieces{piece(WalPieceKind::kInline, 1, "abc")};
    const Buffer whole = frame_at(0, pieces);
    const std::size_t used = kWalHeaderBytes + wal_directory_bytes(1, 1) + 3;
    for (std::size_t bit = 0; bit < used * 8; ++bit) {
        Buffer frame = whole;
        frame.data()[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
        WalFrameHeader header;
        if (parse_wal_header(frame, 0, kSalt, header) != WalHeaderState::kOk) {
            continue;
        }
        const auto parsed = parse_wal_directory(header, frame);
        EXPECT_FALSE(parsed.ok() && wal_crc(parsed.value()[0].payload, kSalt) == pieces[0].crc)
            << bit;
    }
}

TEST(WalFrame, KnowsANewerOneOfItsSalt) {
    Buffer frame = frame_at(4096, {});
    store_le(frame.data() + 4, std::uint16_t{kWalVersion + 1});
    store_le(frame.data() + 68, wal_crc(frame.view().first(68), kSalt));
    WalFrameHeader header;
    std::uint16_t version = 0;
    EXPECT_EQ(parse_wal_header(frame, 4096, kSalt, header, &version), WalHeaderState::kNewer);
    EXPECT_EQ(version, kWalVersion + 1);
}

TEST(Checkpoint, GivesBackWhatWasWrittenAndNoticesEveryFlippedBit) {
    Checkpoint checkpoint{.sequence = 3, .lsn = 8192, .salt = kSalt, .group = 9, .partitions = {}};
    checkpoint.is_clean = true;
    checkpoint.partitions[partition(2)] = {Offset{1}, LogPosition{Offset{5}, Offset{2}, 100}};
    const Buffer bytes = encode_checkpoint(checkpoint);
    EXPECT_EQ(parse_checkpoint(bytes).value(), checkpoint);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        Buffer flipped = bytes;
        flipped.data()[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
        EXPECT_FALSE(parse_checkpoint(flipped).ok()) << bit;
    }
}

TEST(CheckpointStore, KeepsTheTwoNewestAndFallsBackToTheOlder) {
    FaultFileSystem files;
    ASSERT_TRUE(files.create_directories("/wal").ok());
    CheckpointStore store(files, "/wal");
    for (std::uint64_t sequence = 1; sequence <= 4; ++sequence) {
        ASSERT_TRUE(store.write(Checkpoint{.sequence = sequence, .partitions = {}}).ok());
    }
    EXPECT_EQ(files.list("/wal").value().size(), 2U);
    EXPECT_EQ(store.load().value().readable.front().sequence, 4U);
    ASSERT_TRUE(files.flip_bit("/wal/ckpt-00000000000000000004", 20, 3));
    const auto found = store.load();
    ASSERT_EQ(found.value().readable.size(), 1U);
    EXPECT_EQ(found.value().readable.front().sequence, 3U);
    EXPECT_EQ(found.value().sequence_max, 4U);
    EXPECT_EQ(found.value().damaged.size(), 1U);
}

class WalFilesTest : public testing::Test {
  protected:
    WalFilesTest() {
        CHECK(files.create_directories("/wal").ok());
        CHECK(files.sync_directory("/").ok());
    }
    WalFiles open() { return std::move(WalFiles::open(files, "/wal", kFileBytes)).value(); }

    static constexpr std::uint64_t kFileBytes = 8 * kWalBlockBytes;
    FaultFileSystem files;
};

TEST_F(WalFilesTest, UsesReleasedFilesAgainInsteadOfMakingNewOnes) {
    WalFiles wal = open();
    ASSERT_TRUE(wal.start(0, kSalt).ok());
    std::uint64_t lsn = 0;
    const Buffer frame = frame_at(0, {});
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(wal.reserve(lsn, frame.size()).ok());
        const auto at = wal.place(lsn, frame.size());
        ASSERT_TRUE(at.ok());
        ASSERT_TRUE(wal.write(at.value(), frame).ok());
        lsn = at.value() + frame.size();
        wal.release_below(lsn);
    }
    EXPECT_EQ(wal.file_count(), 2U);
    EXPECT_EQ(files.calls(FileCall::kCreate), 2U);
    EXPECT_EQ(open().file_count(), 2U);
}

TEST_F(WalFilesTest, StartsAFrameThatDoesNotFitInTheNextFile) {
    WalFiles wal = open();
    ASSERT_TRUE(wal.start(0, kSalt).ok());
    const std::uint64_t capacity = wal.capacity();
    EXPECT_EQ(wal.place(capacity - 4096, 4096).value(), capacity - 4096);
    EXPECT_EQ(wal.place(capacity - 4096, 8192).value(), capacity);
}

TEST_F(WalFilesTest, RefusesAFileOfANewerVersionAndNamesBoth) {
    {
        WalFiles wal = open();
        ASSERT_TRUE(wal.start(0, kSalt).ok());
    }
    const std::string path = "/wal/00000000000000000000.wal";
    auto file = files.open(path, OpenMode::kReadWrite);
    Buffer header;
    header.resize(36);
    ASSERT_TRUE(file.value()->read_at(0, header.span()).ok());
    store_le(header.data() + 4, std::uint16_t{7});
    store_le(header.data() + 32, crc32c(header.view().first(32)));
    ASSERT_TRUE(file.value()->write_at(0, header).ok());
    const auto opened = WalFiles::open(files, "/wal", kFileBytes);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, ErrorCode::kNewerFormat);
    EXPECT_THAT(opened.error().message, HasSubstr("format 7"));
    EXPECT_THAT(opened.error().message, HasSubstr("format 1"));
}

}  // namespace
}  // namespace millrace::log
