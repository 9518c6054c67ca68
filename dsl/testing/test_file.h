// TestFile: a `.test` file, or one with ksqlDB's `--@test:` headers, as blocks to be done one after
// the other; the format is docs/testing.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace millrace::dsl::testing {

enum class BlockKind : std::uint8_t {
    kStatementOk,
    kStatementError,  // words: [code] substring
    kQuery,           // name
    kFeed,            // name: a topic
    kExpect,          // name: a stream, table or topic; words: "unordered"
    kExpectErrors,    // of rows, in the processing log
    kExpectFailed,    // name: a query; words: substring
    kAnswer,          // of the statements before
    kOracle,          // name: a stream or table
    kTopic,           // name; number: partitions
    kBatch,           // number: rows
    kAdvance,         // number: milliseconds
    kStop,
    kStart,
    kRestart,
    kFinish,
};

struct TestLine {
    int line = 0;
    std::string text;
};

/// A directive and what stands below it.
struct TestBlock {
    BlockKind kind = BlockKind::kStatementOk;
    int line = 0;
    std::string name;
    std::string words;  // what follows on the directive's line
    std::int64_t number = 0;
    /// Statements; line feeds stand for everything before, so that places in it are the file's.
    std::string sql;
    std::vector<TestLine> lines;  // of all the others, without those that hold nothing
};

struct TestCase {
    std::string name;
    int line = 1;
    std::vector<TestBlock> blocks;
};

/// Longest file that is read.
inline constexpr std::size_t kTestFileBytesMax = std::size_t{4} << 20;

/// A `.test` file is one case, named after the file; a file with `--@test:` headers one for each.
/// kInvalidArgument: "file:line: what is wrong".
[[nodiscard]] Result<std::vector<TestCase>> read_test_file(const std::string& file,
                                                           std::string_view text);

/// Whether the text has ksqlDB's headers.
[[nodiscard]] bool has_ksql_headers(std::string_view text);

}  // namespace millrace::dsl::testing
