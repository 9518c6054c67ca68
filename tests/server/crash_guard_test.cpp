#include "server/crash_guard.h"

#include <csignal>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "tests/support/temp_directory.h"

namespace millrace::server {
namespace {

using std::chrono::minutes;

class CrashGuardFile : public ::testing::Test {
  protected:
    std::unique_ptr<CrashGuard> begin() {
        return CrashGuard::begin(directory.path(), clock).value();
    }
    /// What a process does that ends badly: in a child, since the guard is the process's.
    template <class Life>
    void live(Life life) {
        const ::pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            const auto guard = begin();
            life(*guard);
            ::_exit(0);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
    }

    TempDirectory directory;
    ManualClock clock{1'700'000'000'000};
};

TEST_F(CrashGuardFile, CountsFatalSignals) {
    for (int i = 0; i < 3; ++i) {
        live([](CrashGuard& guard) {
            guard.serving();
            std::raise(SIGABRT);
        });
        clock.advance(minutes(1));
    }
    live([](CrashGuard& guard) {
        guard.serving();
        std::raise(SIGSEGV);
    });
    EXPECT_EQ(begin()->crashes(), 4U);
}

TEST_F(CrashGuardFile, CountsStartsThatEndedBeforeTheyServed) {
    live([](CrashGuard&) { std::raise(SIGKILL); });
    live([](CrashGuard&) { std::raise(SIGKILL); });
    EXPECT_EQ(begin()->crashes(), 2U);
}

TEST_F(CrashGuardFile, DoesNotCountWhatCameFromOutside) {
    for (int i = 0; i < 10; ++i) {
        live([](CrashGuard& guard) {
            guard.serving();
            std::raise(SIGKILL);
        });
    }
    live([](CrashGuard& guard) { guard.forget_start(); });
    EXPECT_EQ(begin()->crashes(), 0U);
}

TEST_F(CrashGuardFile, ForgetsAfterAnHourAndAfterACleanStop) {
    live([](CrashGuard&) { std::raise(SIGKILL); });
    clock.advance(minutes(59));
    live([](CrashGuard&) { std::raise(SIGKILL); });
    clock.advance(minutes(2));
    live([](CrashGuard& guard) {
        EXPECT_EQ(guard.crashes(), 1U);
        guard.forget_start();
    });
    live([](CrashGuard& guard) { guard.end(); });
    EXPECT_EQ(begin()->crashes(), 0U);
}

TEST_F(CrashGuardFile, SurvivesItsOwnFileBeingDamaged) {
    const auto files = make_system_files();
    const std::string path = join_path(directory.path(), "starts");
    ASSERT_TRUE(files->write_file_atomically(path, as_bytes("rubbish\n\0more rubbish\n")).ok());
    EXPECT_EQ(begin()->crashes(), 0U);
    // A clock that was set back does not keep old crashes alive.
    live([](CrashGuard&) { std::raise(SIGKILL); });
    clock.set_wall_ms(1'600'000'000'000);
    EXPECT_EQ(begin()->crashes(), 0U);
}

TEST_F(CrashGuardFile, KeepsASecondProcessOut) {
    const auto guard = begin();
    const auto second = CrashGuard::begin(directory.path(), clock);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, ErrorCode::kInUse);
    EXPECT_NE(second.error().message.find(directory.path()), std::string::npos);
}

}  // namespace
}  // namespace millrace::server
