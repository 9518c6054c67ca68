#include "server/crash_guard.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"

namespace millrace::server {

namespace {

constexpr std::array kFatalSignals{SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE};
constexpr std::size_t kPhaseAt = 16;  // in a line
constexpr std::size_t kDigits = 15;

// A signal handler can only reach what is global. One guard per process.
volatile std::sig_atomic_t watched_file = -1;
volatile std::sig_atomic_t watched_position = 0;

void on_fatal_signal(int number) {
    const char phase = static_cast<char>(StartPhase::kCrashed);
    if (::pwrite(watched_file, &phase, 1, watched_position) != 1) {
        // The process dies either way; then it looks like a start that was killed.
    }
    std::signal(number, SIG_DFL);
    std::raise(number);
}

struct Start {
    std::int64_t at_ms = 0;
    char phase = ' ';
};

std::vector<Start> parse(std::string_view text) {
    std::vector<Start> starts;
    for (; text.size() >= CrashGuard::kLineBytes; text.remove_prefix(CrashGuard::kLineBytes)) {
        Start start;
        const auto read = std::from_chars(text.data(), text.data() + kDigits, start.at_ms);
        start.phase = text[kPhaseAt];
        if (read.ec == std::errc{}) {
            starts.push_back(start);
        }
    }
    return starts;
}

std::string line_of(const Start& start) {
    std::array<char, CrashGuard::kLineBytes + 1> line{};
    static_cast<void>(std::snprintf(line.data(),
                                    line.size(),
                                    "%015lld %c\n",
                                    static_cast<long long>(start.at_ms),
                                    start.phase));
    return {line.data(), CrashGuard::kLineBytes};
}

class FileGuard final : public CrashGuard {
  public:
    FileGuard(int file, std::uint32_t crashes, std::size_t line_at)
        : file_(file), crashes_(crashes), phase_at_(line_at + kPhaseAt) {
        watched_position = static_cast<std::sig_atomic_t>(phase_at_);
        watched_file = file_;
        for (const int number : kFatalSignals) {
            std::signal(number, on_fatal_signal);
        }
    }
    ~FileGuard() override {
        for (const int number : kFatalSignals) {
            std::signal(number, SIG_DFL);
        }
        watched_file = -1;
        ::close(file_);
    }
    FileGuard(const FileGuard&) = delete;
    FileGuard& operator=(const FileGuard&) = delete;

    [[nodiscard]] std::uint32_t crashes() const override { return crashes_; }
    // Not synced: the file matters for processes that crash, not for power cuts. A write that fails
    // makes the count wrong by one, no more.
    void serving() override {
        const char phase = static_cast<char>(StartPhase::kServing);
        static_cast<void>(::pwrite(file_, &phase, 1, static_cast<::off_t>(phase_at_)) == 1);
    }
    void forget_start() override { serving(); }
    void end() override { static_cast<void>(::ftruncate(file_, 0) == 0); }

  private:
    const int file_;
    const std::uint32_t crashes_;
    const std::size_t phase_at_;
};

Error failed(const std::string& path, const char* what) {
    return {ErrorCode::kIo, std::string(what) + " (" + std::strerror(errno) + "): " + path};
}

}  // namespace

Result<std::unique_ptr<CrashGuard>> CrashGuard::begin(const std::string& data_directory,
                                                      const Clock& clock) {
    MILLRACE_TRY_STATUS(make_system_files()->create_directories(data_directory));
    const std::string path = join_path(data_directory, "starts");
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) {
        return failed(path, "cannot open");
    }
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        ::close(file);
        return Error{ErrorCode::kInUse,
                     "another millrace process works on this directory: " + data_directory};
    }
    std::array<char, kLineBytes * kLinesMax> content{};
    const ::ssize_t size = ::pread(file, content.data(), content.size(), 0);
    const std::int64_t now = clock.wall_ms();
    std::string kept;
    std::uint32_t crashes = 0;
    std::vector<Start> starts =
        parse({content.data(), size > 0 ? static_cast<std::size_t>(size) : 0});
    std::erase_if(starts, [&](const Start& start) {
        // A clock that was set back must not keep the server in recovery mode.
        return start.at_ms > now || start.at_ms <= now - kHourMs ||
               start.phase == static_cast<char>(StartPhase::kServing);
    });
    if (starts.size() >= kLinesMax) {
        starts.erase(starts.begin(), starts.end() - (kLinesMax - 1));
    }
    for (const Start& start : starts) {
        kept += line_of(start);
        ++crashes;
    }
    const std::size_t line_at = kept.size();
    kept += line_of({now, static_cast<char>(StartPhase::kStarting)});
    // A full disk must not keep the server from starting: the count is then one too low.
    static_cast<void>(::pwrite(file, kept.data(), kept.size(), 0) ==
                          static_cast<::ssize_t>(kept.size()) &&
                      ::ftruncate(file, static_cast<::off_t>(kept.size())) == 0);
    return std::unique_ptr<CrashGuard>(std::make_unique<FileGuard>(file, crashes, line_at));
}

}  // namespace millrace::server
