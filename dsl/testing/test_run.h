// A case of a test file at work: an engine of its own on a TestBench and a log in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dsl/testing/oracle.h"
#include "dsl/testing/test_file.h"
#include "runtime/job.h"

namespace millrace::dsl::testing {

struct TestOptions {
    std::uint32_t batch_rows = 0;          // 0: as the file says, else the engine's
    runtime::Executor* threads = nullptr;  // runs the queries; null: no threads
    Oracle* oracle = nullptr;              // null: `oracle sqlite` fails
};

struct TestFailure {
    int line = 0;
    std::string message;  // several lines where rows differ
};

/// None when everything is as the case says.
[[nodiscard]] std::optional<TestFailure> run_test(const std::string& file,
                                                  const TestCase& test,
                                                  const TestOptions& options);

}  // namespace millrace::dsl::testing
