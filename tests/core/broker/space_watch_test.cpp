#include "core/broker/space_watch.h"

#include <gtest/gtest.h>

#include "tests/support/fault_file_system.h"

namespace millrace::broker {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

class SpaceWatchTest : public testing::Test {
  protected:
    SpaceWatchTest() { static_cast<void>(files.create_directories("/data")); }

    SpaceWatch& watch(std::optional<std::uint64_t> free_bytes_min) {
        return watch_.emplace(env, "/data", free_bytes_min);
    }
    void wait() { clock.advance(SpaceWatch::kInterval); }

    FaultFileSystem files;
    ManualClock clock{1'000'000};
    SeededRandom random{1};
    ManualIoExecutor io{clock};
    Logger logger{clock, LogLevel::kOff, [](LogLevel, std::string_view) {}};
    Env env{files, clock, random, io, logger};
    std::optional<SpaceWatch> watch_;
};

TEST_F(SpaceWatchTest, RefusesBelowTheLimitAndTakesAgainAbove) {
    files.set_capacity(10 * kMiB);
    SpaceWatch& space = watch(4 * kMiB);
    EXPECT_TRUE(space.check(1).ok());
    files.set_capacity(3 * kMiB);
    wait();
    const Status full = space.check(1);
    EXPECT_EQ(full.error().code, ErrorCode::kNoSpace);
    EXPECT_NE(full.error().message.find("3145728 bytes are free"), std::string::npos);
    files.set_capacity(5 * kMiB);
    wait();
    EXPECT_TRUE(space.check(1).ok());
}

TEST_F(SpaceWatchTest, KeepsAGibibyteOrATwentiethUnlessToldOtherwise) {
    SpaceWatch& space = watch(std::nullopt);
    files.set_capacity(kGiB + kMiB);
    EXPECT_TRUE(space.check(1).ok());
    files.set_capacity(kGiB - kMiB);
    wait();
    EXPECT_FALSE(space.check(1).ok());
    files.set_capacity(100 * kGiB);
    wait();
    EXPECT_TRUE(space.check(1).ok());
}

TEST_F(SpaceWatchTest, LooksAgainEarlyWhenMuchIsTaken) {
    files.set_capacity(10 * kMiB);
    SpaceWatch& space = watch(4 * kMiB);
    EXPECT_TRUE(space.check(1).ok());
    files.set_capacity(3 * kMiB);
    EXPECT_TRUE(space.check(1).ok());
    EXPECT_FALSE(space.check(SpaceWatch::kBytesBetween).ok());
}

TEST_F(SpaceWatchTest, CanBeSwitchedOff) {
    files.set_capacity(1);
    EXPECT_TRUE(watch(0).check(kGiB).ok());
}

}  // namespace
}  // namespace millrace::broker
