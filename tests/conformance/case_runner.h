// CaseRunner: runs one conformance case in this process, on the real engine over a log in memory,
// and says how it ended.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/job.h"
#include "tests/conformance/conformance_case.h"

namespace millrace::conformance {

struct RunOptions {
    std::uint32_t batch_rows = 1024;
    std::size_t workers = 0;    // of oneTBB; 0: everything on the caller's thread
    bool keeps_output = false;  // see CaseOutcome::output
};

/// How a case ended.
struct CaseOutcome {
    // Of a case that expects results.
    bool passes = false;  // with tolerance
    bool passes_strictly = false;
    std::optional<bool> schema_agrees;  // none: nothing was recorded

    // Of a case that expects an error.
    bool is_rejected = false;        // E1: at the right place and in the right way
    bool has_right_message = false;  // E2

    std::string reason;         // why it does not pass; one line
    std::string schema_reason;  // why the catalog differs

    /// With keeps_output: the error of the case, if any, and every record of every topic, a line
    /// each.
    std::vector<std::string> output;
};

/// Runs cases one after the other; each has an engine, a log and a clock of its own.
class CaseRunner {
  public:
    explicit CaseRunner(RunOptions options);
    ~CaseRunner();
    [[nodiscard]] CaseOutcome run(const ConformanceCase& given);

  private:
    RunOptions options_;
    std::unique_ptr<runtime::Executor> threads_;  // with workers
};

}  // namespace millrace::conformance
