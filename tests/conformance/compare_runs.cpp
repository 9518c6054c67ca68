#include "tests/conformance/compare_runs.h"

#include <cstdint>
#include <optional>

#include "tests/conformance/case_runner.h"

namespace millrace::conformance {

namespace {

constexpr std::uint32_t kBatchSizes[] = {1, 2, 7};
constexpr std::size_t kWorkers[] = {0, 1, 4};

std::string shown(const RunOptions& options) {
    return "batches of " + std::to_string(options.batch_rows) + " on " +
           (options.workers == 0 ? std::string("the caller's thread")
                                 : std::to_string(options.workers) + " threads");
}

/// Where the texts part, by lines; empty when they are equal.
std::string first_difference(const std::vector<std::string>& expected,
                             const std::vector<std::string>& actual) {
    for (std::size_t i = 0; i < expected.size() || i < actual.size(); ++i) {
        const std::string left = i < expected.size() ? expected[i] : "nothing";
        const std::string right = i < actual.size() ? actual[i] : "nothing";
        if (left != right) {
            return "expected " + left + ", got " + right;
        }
    }
    return {};
}

}  // namespace

RunComparison compare_runs(const std::vector<ConformanceCase>& cases) {
    RunComparison comparison;
    std::vector<std::optional<std::vector<std::string>>> first(cases.size());
    std::vector<bool> has_differed(cases.size());
    for (const std::size_t workers : kWorkers) {
        for (const std::uint32_t batch_rows : kBatchSizes) {
            const RunOptions options{
                .batch_rows = batch_rows, .workers = workers, .keeps_output = true};
            CaseRunner runner(options);
            ++comparison.runs;
            for (std::size_t i = 0; i < cases.size(); ++i) {
                CaseOutcome outcome = runner.run(cases[i]);
                if (!first[i]) {
                    comparison.records += outcome.output.size();
                    first[i] = std::move(outcome.output);
                    continue;
                }
                const std::string difference = first_difference(*first[i], outcome.output);
                if (!difference.empty() && !has_differed[i]) {
                    has_differed[i] = true;
                    comparison.lines.push_back(cases[i].id + ", " + shown(options) + ": " +
                                               difference);
                }
            }
        }
    }
    return comparison;
}

}  // namespace millrace::conformance
