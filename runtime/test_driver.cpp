#include "runtime/test_driver.h"

#include <algorithm>

namespace millrace::runtime {

TestDriver::TestDriver(std::uint64_t seed)
    : random_(seed),
      choice_(seed + 1),
      io_(clock_),
      log_(clock_, LogLevel::kOff, [](LogLevel, std::string_view) {}),
      env_{files_, clock_, random_, io_, log_},
      is_random_(seed != 0),
      executor_(seed) {}

TestDriver::~TestDriver() = default;

JobServices TestDriver::services(LogClient& log) {
    return JobServices{env_,
                       log,
                       executor_,
                       [this](const ProcessingError& error) { errors_.push_back(error); },
                       nullptr};
}

Result<Job*> TestDriver::start(Graph graph, JobOptions options, LogClient& log) {
    MILLRACE_TRY(std::unique_ptr<Job> job,
                 Job::create(std::move(graph), std::move(options), services(log)));
    job->start();
    jobs_.push_back(std::move(job));
    return jobs_.back().get();
}

void TestDriver::crash(Job* job) {
    std::erase_if(jobs_, [job](const auto& owned) { return owned.get() == job; });
}

bool TestDriver::run_one() {
    if (is_random_ && choice_.below(2) == 0) {
        return io_.run_one() || executor_.run_one();
    }
    return executor_.run_one() || io_.run_one();
}

void TestDriver::settle() {
    while (run_one()) {
    }
}

void TestDriver::run() {
    settle();
    for (std::uint64_t before = moves();; before = moves()) {
        for (const auto& job : jobs_) {
            job->request_commit();
        }
        settle();
        if (moves() == before) {
            return;
        }
    }
}

void TestDriver::advance(std::chrono::milliseconds by) {
    clock_.advance(by);
    settle();
}

/// Changes whenever a job did something that another one may see.
std::uint64_t TestDriver::moves() const {
    std::uint64_t sum = 0;
    for (const auto& job : jobs_) {
        const JobStats stats = job->stats();
        sum += stats.commits + stats.rows_in + static_cast<std::uint64_t>(stats.state);
    }
    return sum;
}

}  // namespace millrace::runtime
