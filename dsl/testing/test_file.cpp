#include "dsl/testing/test_file.h"

#include <array>
#include <charconv>
#include <optional>

#include "core/base/nearest_name.h"
#include "dsl/sql/lexer.h"

namespace millrace::dsl::testing {

namespace {

/// What a directive takes on its line.
enum class Takes : std::uint8_t { kNothing, kWords, kName, kCount, kTime, kNameAndPartitions };

struct Directive {
    std::string_view text;  // its words
    BlockKind kind;
    Takes takes;
    bool has_sql = false;
};

// Longer ones before those that they begin with.
constexpr std::array<Directive, 16> kDirectives{{
    {"statement ok", BlockKind::kStatementOk, Takes::kNothing, true},
    {"statement error", BlockKind::kStatementError, Takes::kWords, true},
    {"query", BlockKind::kQuery, Takes::kName, true},
    {"feed", BlockKind::kFeed, Takes::kName},
    {"expect errors", BlockKind::kExpectErrors, Takes::kNothing},
    {"expect failed", BlockKind::kExpectFailed, Takes::kName},
    {"expect", BlockKind::kExpect, Takes::kName},
    {"answer", BlockKind::kAnswer, Takes::kNothing},
    {"oracle sqlite", BlockKind::kOracle, Takes::kName, true},
    {"topic", BlockKind::kTopic, Takes::kNameAndPartitions},
    {"batch", BlockKind::kBatch, Takes::kCount},
    {"advance", BlockKind::kAdvance, Takes::kTime},
    {"stop", BlockKind::kStop, Takes::kNothing},
    {"start", BlockKind::kStart, Takes::kNothing},
    {"restart", BlockKind::kRestart, Takes::kNothing},
    {"finish", BlockKind::kFinish, Takes::kNothing},
}};

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// Takes `word` and the blanks behind it off the front.
bool take_word(std::string_view& rest, std::string_view word) {
    if (!rest.starts_with(word) ||
        (rest.size() > word.size() && rest[word.size()] != ' ' && rest[word.size()] != '\t')) {
        return false;
    }
    rest = trimmed(rest.substr(word.size()));
    return true;
}

bool take_words(std::string_view& rest, std::string_view words) {
    std::string_view left = rest;
    while (!words.empty()) {
        const std::size_t blank = words.find(' ');
        if (!take_word(left, words.substr(0, blank))) {
            return false;
        }
        words = blank == std::string_view::npos ? std::string_view{} : words.substr(blank + 1);
    }
    rest = left;
    return true;
}

std::string_view take_any(std::string_view& rest) {
    const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest = trimmed(rest.substr(end));
    return word;
}

/// Off the front of `lines`; without its end.
std::string_view take_line(std::string_view& lines) {
    const std::size_t end = lines.find('\n');
    std::string_view line = lines.substr(0, end);
    lines = end == std::string_view::npos ? std::string_view{} : lines.substr(end + 1);
    if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
    }
    return line;
}

std::optional<std::int64_t> unit_ms(std::string_view word) {
    struct Unit {
        std::string_view name;
        std::int64_t ms;
    };
    constexpr std::array<Unit, 5> kUnits{{{"MILLISECOND", 1},
                                          {"SECOND", 1000},
                                          {"MINUTE", 60'000},
                                          {"HOUR", 3'600'000},
                                          {"DAY", 86'400'000}}};
    std::string upper = sql::upper_case(word);
    if (upper.ends_with('S')) {
        upper.pop_back();
    }
    for (const Unit& unit : kUnits) {
        if (unit.name == upper) {
            return unit.ms;
        }
    }
    return std::nullopt;
}

class FileReader {
  public:
    FileReader(const std::string& file, std::string_view text) : file_(file), rest_(text) {}

    Result<TestCase> run() {
        TestCase test;
        test.name = file_;
        while (!rest_.empty()) {
            const std::string_view line = take_line(rest_);
            ++line_;
            MILLRACE_TRY(const bool is_directive, begin_block(line, test));
            if (is_directive) {
                continue;
            }
            const std::string_view text = trimmed(line);
            if (text.empty() || text.front() == '#') {
                continue;
            }
            if (test.blocks.empty()) {
                return fail("expected a directive, found " + std::string(text.substr(0, 60)) +
                            near_directive(text));
            }
            TestBlock& block = test.blocks.back();
            if (has_sql_) {
                block.sql.append(static_cast<std::size_t>(line_ - lines_of_sql_ - 1), '\n');
                block.sql += line;
                block.sql += '\n';
                lines_of_sql_ = line_;
            } else if (takes_lines(block.kind)) {
                block.lines.push_back({line_, std::string(line)});
            } else {
                return fail("nothing can stand here: " + std::string(text.substr(0, 60)) +
                            near_directive(text));
            }
        }
        return test;
    }

  private:
    Error fail(const std::string& message) const {
        return Error{ErrorCode::kInvalidArgument,
                     file_ + ":" + std::to_string(line_) + ": " + message};
    }
    static bool takes_lines(BlockKind kind) {
        return kind == BlockKind::kFeed || kind == BlockKind::kExpect ||
               kind == BlockKind::kExpectErrors || kind == BlockKind::kAnswer;
    }
    static std::string near_directive(std::string_view text) {
        std::vector<std::string> names;
        for (const Directive& directive : kDirectives) {
            names.emplace_back(directive.text);
        }
        std::string_view rest = text;
        const std::string word(take_any(rest));
        return did_you_mean(word, names);
    }

    Result<bool> begin_block(std::string_view line, TestCase& test) {
        for (const Directive& directive : kDirectives) {
            std::string_view rest = line;
            if (!take_words(rest, directive.text)) {
                continue;
            }
            TestBlock block;
            block.kind = directive.kind;
            block.line = line_;
            const std::size_t comment = rest.find(" #");
            rest = rest.starts_with('#') ? std::string_view{} : trimmed(rest.substr(0, comment));
            MILLRACE_TRY_STATUS(take_operands(directive, rest, block));
            test.blocks.push_back(std::move(block));
            has_sql_ = directive.has_sql;
            lines_of_sql_ = 0;
            return true;
        }
        return false;
    }
    Status take_operands(const Directive& directive, std::string_view rest, TestBlock& block) {
        const std::string what(directive.text);
        switch (directive.takes) {
            case Takes::kNothing:
                if (!rest.empty()) {
                    return fail("'" + what + "' takes nothing, found " + std::string(rest));
                }
                return Ok{};
            case Takes::kWords:
                block.words = std::string(rest);
                return Ok{};
            case Takes::kName:
            case Takes::kNameAndPartitions:
                block.name = std::string(take_any(rest));
                if (block.name.empty()) {
                    return fail("'" + what + "' needs a name");
                }
                if (directive.takes == Takes::kName) {
                    block.words = std::string(rest);
                    return Ok{};
                }
                block.number = 1;
                return rest.empty() ? Status(Ok{}) : take_count(what, rest, "PARTITIONS", block);
            case Takes::kCount:
                return take_count(what, rest, "", block);
            case Takes::kTime:
                break;
        }
        MILLRACE_TRY_STATUS(take_number(what, rest, block));
        const std::string_view unit = take_any(rest);
        const auto ms = unit_ms(unit);
        if (!ms || block.number > kTimeMax / *ms) {
            return fail("'" + what + "' takes a time such as 10 SECONDS, found " +
                        std::string(unit));
        }
        block.number *= *ms;
        return Ok{};
    }
    Status take_count(const std::string& what,
                      std::string_view rest,
                      std::string_view unit,
                      TestBlock& block) {
        MILLRACE_TRY_STATUS(take_number(what, rest, block));
        if (block.number < 1 || block.number > kCountMax ||
            (!rest.empty() && sql::upper_case(rest) != unit)) {
            return fail("'" + what + "' takes a number from 1 to " + std::to_string(kCountMax) +
                        (unit.empty() ? "" : " and " + std::string(unit)));
        }
        return Ok{};
    }
    Status take_number(const std::string& what, std::string_view& rest, TestBlock& block) {
        const std::string_view word = take_any(rest);
        const auto read = std::from_chars(word.data(), word.data() + word.size(), block.number);
        if (word.empty() || read.ec != std::errc{} || read.ptr != word.data() + word.size() ||
            block.number < 0) {
            return fail("'" + what + "' takes a number, found " + std::string(word));
        }
        return Ok{};
    }

    static constexpr std::int64_t kCountMax = 4096;
    static constexpr std::int64_t kTimeMax = std::int64_t{1} << 50;

    const std::string& file_;
    std::string_view rest_;
    int line_ = 0;
    bool has_sql_ = false;  // the block that is open
    int lines_of_sql_ = 0;  // of the file, that its text stands for
};

/// `--@name: value` at the start of a line.
std::optional<std::string_view> header_of(std::string_view line, std::string_view name) {
    std::string_view rest = trimmed(line);
    if (!rest.starts_with("--@") || !rest.substr(3).starts_with(name) ||
        !rest.substr(3 + name.size()).starts_with(':')) {
        return std::nullopt;
    }
    return trimmed(rest.substr(4 + name.size()));
}

/// Every case is one block of statements, which ends well or with the error that its headers name.
Result<std::vector<TestCase>> read_ksql_file(std::string_view text) {
    std::vector<TestCase> tests;
    int number = 0;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        ++number;
        if (const auto name = header_of(line, "test")) {
            TestCase test;
            test.name = std::string(*name);
            test.line = number;
            test.blocks.emplace_back();
            test.blocks.back().line = number;
            test.blocks.back().sql.append(static_cast<std::size_t>(number - 1), '\n');
            tests.push_back(std::move(test));
        }
        if (tests.empty()) {
            continue;
        }
        TestBlock& block = tests.back().blocks.back();
        if (const auto error = header_of(line, "expected.error")) {
            block.kind = BlockKind::kStatementError;
        } else if (const auto message = header_of(line, "expected.message")) {
            block.kind = BlockKind::kStatementError;
            block.words = std::string(*message);
        }
        block.sql += line;
        block.sql += '\n';
    }
    return tests;
}

}  // namespace

bool has_ksql_headers(std::string_view text) {
    while (!text.empty()) {
        if (header_of(take_line(text), "test")) {
            return true;
        }
    }
    return false;
}

Result<std::vector<TestCase>> read_test_file(const std::string& file, std::string_view text) {
    if (text.size() > kTestFileBytesMax) {
        return Error{ErrorCode::kTooLarge,
                     file + " is longer than " + std::to_string(kTestFileBytesMax) + " bytes"};
    }
    if (has_ksql_headers(text)) {
        return read_ksql_file(text);
    }
    MILLRACE_TRY(TestCase test, FileReader(file, text).run());
    std::vector<TestCase> tests;
    tests.push_back(std::move(test));
    return tests;
}

}  // namespace millrace::dsl::testing
