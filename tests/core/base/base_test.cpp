#include <cstdio>
#include <filesystem>

#include <gtest/gtest.h>

#include "core/base/bytes.h"
#include "core/base/checksum.h"
#include "core/base/file.h"
#include "core/base/io_executor.h"
#include "core/base/json.h"
#include "core/base/memory_files.h"
#include "core/base/random.h"
#include "core/base/telemetry.h"

namespace millrace {
namespace {

TEST(Crc32c, KnowsThePublishedCheckValue) {
    EXPECT_EQ(crc32c(as_bytes("123456789")), 0xE3069283U);
}

TEST(Crc32c, HardwareAndTableAgreeAtEveryLengthAndSplit) {
    SeededRandom random(1);
    Buffer bytes;
    for (int i = 0; i < 9000; ++i) {
        bytes.append_le(static_cast<std::uint8_t>(random.next()));
    }
    for (std::size_t size = 0; size < bytes.size(); size += size < 64 ? 1 : 173) {
        const ByteView whole = bytes.view().subspan(0, size);
        EXPECT_EQ(crc32c(whole), crc32c_portable(whole)) << size;
        EXPECT_EQ(crc32c(whole.subspan(size / 3), crc32c(whole.subspan(0, size / 3))),
                  crc32c(whole))
            << size;
    }
}

TEST(Varint, ReadsBackWhatItWroteInAsManyBytesAsItSaid) {
    for (const std::int64_t value : {std::int64_t{0},
                                     std::int64_t{-1},
                                     std::int64_t{63},
                                     std::int64_t{64},
                                     std::int64_t{-65},
                                     std::int64_t{300},
                                     std::int64_t{INT32_MAX},
                                     std::int64_t{INT64_MAX},
                                     std::int64_t{INT64_MIN}}) {
        Buffer buffer;
        buffer.append_varint(value);
        EXPECT_EQ(buffer.size(), varint_size(value));
        Cursor cursor(buffer);
        EXPECT_EQ(cursor.read_varint(), value);
        EXPECT_TRUE(cursor.ok());
        EXPECT_EQ(cursor.remaining(), 0U);
    }
}

TEST(Varint, RefusesMoreThanSixtyFourBits) {
    Buffer buffer;
    for (int i = 0; i < 9; ++i) {
        buffer.append_le(std::uint8_t{0xff});
    }
    buffer.append_le(std::uint8_t{0x02});
    Cursor cursor(buffer);
    EXPECT_EQ(cursor.read_varint(), 0);
    EXPECT_FALSE(cursor.ok());
}

TEST(Cursor, StaysBadAfterTheFirstReadPastTheEnd) {
    Buffer buffer;
    buffer.append_be(std::uint16_t{7});
    Cursor cursor(buffer);
    EXPECT_EQ(cursor.read_be<std::uint32_t>(), 0U);
    EXPECT_EQ(cursor.read_be<std::uint16_t>(), 0U);
    EXPECT_FALSE(cursor.ok());
}

TEST(Json, KeepsOrderAndPositions) {
    const auto parsed = Json::parse("{\n  \"b\": 1,\n  \"a\": [true, 2.5, \"x\"]\n}", "file.json");
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed.value().dump(), R"({"b":1,"a":[true,2.5,"x"]})");
    EXPECT_EQ(parsed.value().find("a")->if_array()->at(0).line(), 3U);
}

TEST(Json, SaysWhereItIsBroken) {
    const auto parsed = Json::parse("{\n  \"a\": oops\n}", "file.json");
    ASSERT_FALSE(parsed.ok());
    EXPECT_NE(parsed.error().message.find("file.json:2:"), std::string::npos)
        << parsed.error().message;
}

TEST(Json, RefusesANameGivenTwiceAndDeepNesting) {
    EXPECT_FALSE(Json::parse(R"({"a":1,"a":2})").ok());
    EXPECT_FALSE(Json::parse(std::string(200, '[') + std::string(200, ']')).ok());
}

TEST(Telemetry, FormatsTimesLikeTheCalendar) {
    EXPECT_EQ(format_iso8601(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(format_iso8601(978'310'020'000), "2001-01-01T00:47:00.000Z");
    EXPECT_EQ(format_iso8601(-1), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(format_iso8601(1'709'164'800'000), "2024-02-29T00:00:00.000Z");
}

TEST(Telemetry, EscapesControlCharactersInLogLines) {
    ManualClock clock;
    std::string seen;
    Logger log(clock, LogLevel::kInfo, [&](LogLevel, std::string_view line) { seen = line; });
    log.info("part", "a\nb");
    EXPECT_EQ(seen, "1970-01-01T00:00:00.000Z info  part: a\\x0ab");
    log.debug("part", "hidden");
    EXPECT_EQ(seen.find("hidden"), std::string::npos);
}

TEST(ManualIoExecutor, FiresTimersByItsClock) {
    ManualClock clock;
    ManualIoExecutor io(clock);
    std::string order;
    io.post_after(std::chrono::milliseconds(5), [&] { order += 'b'; });
    const TimerId dropped = io.post_after(std::chrono::milliseconds(5), [&] { order += 'x'; });
    io.post([&] { order += 'a'; });
    EXPECT_TRUE(io.cancel(dropped));
    io.run_all();
    EXPECT_EQ(order, "a");
    clock.advance(std::chrono::milliseconds(5));
    io.run_all();
    EXPECT_EQ(order, "ab");
}

TEST(ThreadIoExecutor, RunsEverythingPostedBeforeItIsGone) {
    std::atomic<int> count{0};
    {
        ThreadIoExecutor io(2);
        for (int i = 0; i < 100; ++i) {
            io.post([&] { ++count; });
        }
        io.post_after(std::chrono::hours(1), [&] { count = -1000; });
    }
    EXPECT_EQ(count, 100);
}

/// The same rules for the real disk and for memory.
class Files : public testing::TestWithParam<bool> {
  protected:
    void SetUp() override {
        if (GetParam()) {
            files_ = make_system_files();
            std::string pattern = testing::TempDir() + "millrace-XXXXXX";
            directory_ = ::mkdtemp(pattern.data());
        } else {
            files_ = std::make_unique<MemoryFileSystem>();
            directory_ = "/data";
            ASSERT_TRUE(files_->create_directories(directory_).ok());
        }
    }
    void TearDown() override { EXPECT_TRUE(files_->remove_all(directory_).ok()); }
    [[nodiscard]] std::string at(std::string_view name) const {
        return join_path(directory_, name);
    }

    std::unique_ptr<FileSystem> files_;
    std::string directory_;
};

TEST_P(Files, ReadsBackWhatWasWrittenAndZerosInHoles) {
    auto file = files_->open(at("f"), OpenMode::kCreate).value();
    ASSERT_TRUE(file->write_at(4, as_bytes("abcd")).ok());
    std::byte read[16];
    EXPECT_EQ(file->read_at(0, read).value(), 8U);
    EXPECT_EQ(read[0], std::byte{0});
    EXPECT_EQ(as_text(ByteView(read + 4, 4)), "abcd");
    ASSERT_TRUE(file->truncate(6).ok());
    EXPECT_EQ(file->size().value(), 6U);
    ASSERT_TRUE(file->allocate(100).ok());
    EXPECT_EQ(file->size().value(), 100U);
    EXPECT_TRUE(file->sync_data().ok());
}

TEST_P(Files, NamesTheKindOfFailure) {
    EXPECT_EQ(files_->open(at("nothing"), OpenMode::kRead).error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(files_->open(at("f"), OpenMode::kCreateNew).ok());
    EXPECT_EQ(files_->open(at("f"), OpenMode::kCreateNew).error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(files_->info(at("nothing")).error().code, ErrorCode::kNotFound);
}

TEST_P(Files, LocksAgainstASecondOpener) {
    auto first = files_->open(at("lock"), OpenMode::kCreate).value();
    ASSERT_TRUE(first->lock().ok());
    auto second = files_->open(at("lock"), OpenMode::kCreate).value();
    EXPECT_EQ(second->lock().error().code, ErrorCode::kInUse);
    first.reset();
    EXPECT_TRUE(second->lock().ok());
}

TEST_P(Files, ListsRenamesAndReplacesAtomically) {
    ASSERT_TRUE(files_->create_directories(at("a/b")).ok());
    ASSERT_TRUE(files_->write_file_atomically(at("a/one"), as_bytes("1")).ok());
    ASSERT_TRUE(files_->write_file_atomically(at("a/one"), as_bytes("2")).ok());
    EXPECT_EQ(files_->read_file(at("a/one")).value().text(), "2");
    const auto entries = files_->list(at("a")).value();
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries[0].name, "b");
    EXPECT_TRUE(entries[0].is_directory);
    EXPECT_EQ(entries[1].name, "one");
    ASSERT_TRUE(files_->rename(at("a"), at("c")).ok());
    EXPECT_TRUE(files_->exists(at("c/one")));
    EXPECT_FALSE(files_->exists(at("a")));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Files, testing::Bool(), [](const auto& kind) {
    return kind.param ? "System" : "Memory";
});

}  // namespace
}  // namespace millrace
