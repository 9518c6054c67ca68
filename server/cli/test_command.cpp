#include "server/cli/test_command.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/file.h"
#include "core/base/json.h"
#include "dsl/testing/test_run.h"
#include "server/cli/sqlite_oracle.h"

namespace millrace::server {

namespace {

constexpr int kDepthMax = 32;

bool is_test_file(FileSystem& files, const std::string& path) {
    if (path.ends_with(".test")) {
        return true;
    }
    if (!path.ends_with(".sql")) {
        return false;
    }
    const auto text = files.read_file(path);  // other SQL files may lie beside them
    return text.ok() && dsl::testing::has_ksql_headers(text.value().text());
}

/// A file as it is; of a folder the test files below it, by name.
Status collect(FileSystem& files,
               const std::string& path,
               int depth,
               std::vector<std::string>& found) {
    MILLRACE_TRY(const FileInfo info, files.info(path));
    if (!info.is_directory) {
        if (depth == 0 || is_test_file(files, path)) {
            found.push_back(path);
        }
        return Ok{};
    }
    if (depth == kDepthMax) {
        return Error{ErrorCode::kTooLarge, "folders nest too deep: " + path};
    }
    MILLRACE_TRY(std::vector<DirectoryEntry> entries, files.list(path));
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
        return a.name < b.name;
    });
    const std::string prefix = path.ends_with('/') ? path : path + "/";
    for (const DirectoryEntry& entry : entries) {
        MILLRACE_TRY_STATUS(collect(files, prefix + entry.name, depth + 1, found));
    }
    return Ok{};
}

struct Outcome {
    std::string file;
    std::string test;
    std::optional<dsl::testing::TestFailure> failure;
    double ms = 0;
};

std::string as_text(const Outcome& outcome) {
    const std::string name =
        outcome.test == outcome.file ? outcome.file : outcome.file + ": " + outcome.test;
    if (!outcome.failure) {
        return "ok      " + name + " (" + std::to_string(static_cast<int>(outcome.ms + 0.5)) +
               " ms)\n";
    }
    // Many messages begin with their place, columns included.
    std::string message = outcome.failure->message;
    if (!message.starts_with(outcome.file + ":")) {
        message.insert(0, outcome.file + ":" + std::to_string(outcome.failure->line) + ": ");
    }
    std::string text = "FAILED  ";
    for (const char c : message) {
        text += c;
        text += c == '\n' ? "    " : "";
    }
    while (text.ends_with(' ') || text.ends_with('\n')) {
        text.pop_back();
    }
    text += outcome.test == outcome.file ? "" : "\n    in " + outcome.test;
    return text + "\n";
}

std::string as_json(const Outcome& outcome) {
    Json::Object members{{"file", outcome.file},
                         {"test", outcome.test},
                         {"ok", !outcome.failure.has_value()},
                         {"ms", outcome.ms}};
    if (outcome.failure) {
        members.emplace_back("line", outcome.failure->line);
        members.emplace_back("message", outcome.failure->message);
    }
    return Json(std::move(members)).dump() + "\n";
}

}  // namespace

int execute_test(const Arguments& arguments, Console& console) {
    const auto files = make_system_files();
    std::vector<std::string> paths;
    for (const std::string& path : arguments.test_paths) {
        if (const Status found = collect(*files, path, 0, paths); !found.ok()) {
            console.err("millrace: " + found.error().message + "\n");
            return 2;
        }
    }
    std::unique_ptr<runtime::Executor> threads;
    if (arguments.executor != "deterministic") {
        threads = runtime::make_tbb_executor(arguments.executor == "tbb1" ? 1 : 4);
    }
    SqliteOracle oracle;
    const dsl::testing::TestOptions options{arguments.batch_size, threads.get(), &oracle};
    std::size_t passed = 0;
    std::size_t failed = 0;
    bool is_readable = true;
    const SystemClock clock;
    const auto begin = clock.monotonic();
    for (const std::string& path : paths) {
        const auto text = files->read_file(path);
        const auto tests = text.ok() ? dsl::testing::read_test_file(path, text.value().text())
                                     : Result<std::vector<dsl::testing::TestCase>>(text.error());
        if (!tests.ok()) {
            console.err("millrace: " + tests.error().message + "\n");
            is_readable = false;
            continue;
        }
        for (const dsl::testing::TestCase& test : tests.value()) {
            if (console.is_cancelled()) {
                return 1;
            }
            const auto start = clock.monotonic();
            Outcome outcome{path, test.name, dsl::testing::run_test(path, test, options)};
            outcome.ms =
                std::chrono::duration<double, std::milli>(clock.monotonic() - start).count();
            ++(outcome.failure ? failed : passed);
            console.out(arguments.output == "json" ? as_json(outcome) : as_text(outcome));
        }
    }
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock.monotonic() - begin).count();
    const std::string summary = std::to_string(passed) + " passed, " + std::to_string(failed) +
                                " failed, " + std::to_string(ms) + " ms\n";
    if (arguments.output != "json") {
        console.out(summary);
    }
    if (!is_readable) {
        return 2;
    }
    return failed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace millrace::server
