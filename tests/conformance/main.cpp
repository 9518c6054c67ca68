// millrace_conformance: runs a file of conformance cases and prints how many pass; see --help.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "tests/conformance/case_runner.h"
#include "tests/conformance/compare_runs.h"
#include "tests/conformance/report.h"

namespace {

using namespace millrace;               // NOLINT
using namespace millrace::conformance;  // NOLINT

constexpr int kSkipped = 77;

constexpr const char* kUsage =
    "millrace_conformance [--cases FILE[.gz]] [--stage N[-M]] [--id SUBSTRING]\n"
    "                     [--batch-size N] [--executor deterministic|tbb1|tbb4]\n"
    "                     [--json OUT] [--ratchet FILE [--record]] [--compare] [--quiet]\n"
    "  --cases     the cases, one JSON document per line; default: $MILLRACE_CASES, else\n"
    "              the file that lies beside the sources; without one nothing is done\n"
    "  --stage     only cases of these stages; default 1-5\n"
    "  --id        only cases whose id contains it\n"
    "  --json      writes every case's outcome\n"
    "  --ratchet   fails when a stage falls below the levels in FILE\n"
    "  --record    writes the levels to that file instead\n"
    "  --compare   also runs every case with batches of 1, 2 and 7 rows on each executor; fails\n"
    "              for every case whose records are not always the same\n"
    "  --quiet     does not list the cases that fail\n";

struct Arguments {
    std::string cases;
    std::int64_t stage_min = 1;
    std::int64_t stage_max = 5;
    std::string id;
    RunOptions run;
    std::string json;
    std::string ratchet;
    bool records = false;
    bool compares = false;
    bool is_quiet = false;
};

std::optional<Arguments> read_arguments(int count, char** values) {
    Arguments arguments;
    for (int i = 1; i < count; ++i) {
        const std::string name = values[i];
        if (name == "--record" || name == "--quiet" || name == "--compare") {
            (name == "--record"  ? arguments.records
             : name == "--quiet" ? arguments.is_quiet
                                 : arguments.compares) = true;
            continue;
        }
        if (i + 1 == count) {
            return std::nullopt;
        }
        const std::string value = values[++i];
        if (name == "--cases") {
            arguments.cases = value;
        } else if (name == "--stage") {
            const std::size_t dash = value.find('-');
            arguments.stage_min = std::atoll(value.c_str());
            arguments.stage_max = dash == std::string::npos ? arguments.stage_min
                                                            : std::atoll(value.c_str() + dash + 1);
        } else if (name == "--id") {
            arguments.id = value;
        } else if (name == "--batch-size" && std::atoi(value.c_str()) > 0) {
            arguments.run.batch_rows = static_cast<std::uint32_t>(std::atoi(value.c_str()));
        } else if (name == "--executor" && value == "deterministic") {
            arguments.run.workers = 0;
        } else if (name == "--executor" && (value == "tbb1" || value == "tbb4")) {
            arguments.run.workers = value == "tbb1" ? 1 : 4;
        } else if (name == "--json") {
            arguments.json = value;
        } else if (name == "--ratchet") {
            arguments.ratchet = value;
        } else {
            return std::nullopt;
        }
    }
    return arguments;
}

/// The file that is given, or the first that is there; empty: none.
std::string cases_file(const Arguments& arguments) {
    if (!arguments.cases.empty()) {
        return arguments.cases;
    }
    if (const char* given = std::getenv("MILLRACE_CASES"); given != nullptr && *given != '\0') {
        return given;
    }
    return std::ifstream(MILLRACE_CASES_BESIDE) ? MILLRACE_CASES_BESIDE : "";
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// 0 when no level is lost, or the levels were recorded.
int hold_levels(const Arguments& arguments, const Report& report) {
    if (arguments.ratchet.empty()) {
        return 0;
    }
    if (arguments.records) {
        std::ofstream(arguments.ratchet, std::ios::binary) << report.levels().dump(2) << "\n";
        return 0;
    }
    const auto ratchet = Json::parse(read_file(arguments.ratchet), arguments.ratchet);
    if (!ratchet.ok()) {
        std::cerr << ratchet.error().message << "\n";
        return 2;
    }
    const std::string losses = report.losses(ratchet.value());
    std::cout << (losses.empty() ? "" : "below the recorded level:\n" + losses);
    return losses.empty() ? 0 : 1;
}

/// 0 when every case gives the same records however it is run.
int compare(const std::vector<ConformanceCase>& cases) {
    const RunComparison comparison = compare_runs(cases);
    for (const std::string& line : comparison.lines) {
        std::cout << "DIFFERS " << line << "\n";
    }
    std::cout << cases.size() - comparison.lines.size() << " of " << cases.size()
              << " cases give the same records in all of " << comparison.runs << " runs ("
              << comparison.records << " records)\n";
    return comparison.lines.empty() ? 0 : 1;
}

int run(const Arguments& arguments) {
    const std::string path = cases_file(arguments);
    if (path.empty()) {
        std::cout << "skipped: there is no file of cases; give one with --cases or "
                     "MILLRACE_CASES\n";
        return kSkipped;
    }
    const auto lines = read_lines(path);
    if (!lines.ok()) {
        std::cerr << lines.error().message << "\n";
        return 2;
    }
    std::vector<ConformanceCase> cases;
    for (const std::string& line : lines.value()) {
        auto read = read_case(line);
        if (!read.ok()) {
            std::cerr << path << ": " << read.error().message << "\n";
            return 2;
        }
        const ConformanceCase& given = read.value();
        if (given.stage >= arguments.stage_min && given.stage <= arguments.stage_max &&
            given.id.find(arguments.id) != std::string::npos) {
            cases.push_back(std::move(read).value());
        }
    }
    CaseRunner runner(arguments.run);
    Report report;
    const auto begin = std::chrono::steady_clock::now();
    for (const ConformanceCase& given : cases) {
        report.add(given, runner.run(given));
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (!arguments.is_quiet) {
        std::cout << report.failures() << "\n";
    }
    std::cout << report.summary();
    std::printf("%zu cases in %.2f s, %.0f per second\n",
                cases.size(),
                took.count(),
                static_cast<double>(cases.size()) / took.count());
    std::fflush(stdout);
    if (!arguments.json.empty()) {
        std::ofstream(arguments.json, std::ios::binary) << report.to_json().dump(1) << "\n";
    }
    const int compared = arguments.compares ? compare(cases) : 0;
    return std::max(compared, hold_levels(arguments, report));
}

}  // namespace

int main(int count, char** values) {
    const auto arguments = read_arguments(count, values);
    if (!arguments) {
        std::cerr << kUsage;
        return 2;
    }
    return run(*arguments);
}
