#include <gtest/gtest.h>

#include "core/base/clock.h"
#include "server/cli/arguments.h"
#include "server/cli/progress.h"
#include "server/cli/text_table.h"

namespace millrace::server {
namespace {

TEST(Arguments, ReadsARun) {
    const ParsedArguments parsed = parse_arguments(
        {"run", "a.sql", "--connectors", "x", "--connectors", "y", "--data", "d", "--once"});
    ASSERT_FALSE(parsed.exit_code.has_value()) << parsed.text;
    EXPECT_EQ(parsed.arguments.command, "run");
    EXPECT_EQ(parsed.arguments.sql_file, "a.sql");
    EXPECT_EQ(parsed.arguments.connectors, (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(parsed.arguments.data_directory, "d");
    EXPECT_TRUE(parsed.arguments.once);
}

TEST(Arguments, TakesTheLogLevelBeforeAndAfterTheCommand) {
    EXPECT_EQ(parse_arguments({"--log-level", "debug", "topic", "list"}).arguments.log_level,
              "debug");
    EXPECT_EQ(parse_arguments({"topic", "list", "--log-level", "info"}).arguments.log_level,
              "info");
    EXPECT_EQ(parse_arguments({"topic", "list", "--log-level", "loud"}).exit_code, 2);
}

TEST(Arguments, RepeatsStatements) {
    const ParsedArguments parsed = parse_arguments({"sql", "-e", "A;", "-e", "B;"});
    EXPECT_EQ(parsed.arguments.statements, (std::vector<std::string>{"A;", "B;"})) << parsed.text;
}

TEST(Arguments, AnswersUsageErrorsWithTwoAndASuggestion) {
    const ParsedArguments misspelt = parse_arguments({"topic", "lisst"});
    EXPECT_EQ(misspelt.exit_code, 2);
    EXPECT_NE(misspelt.text.find("did you mean list?"), std::string::npos) << misspelt.text;
    EXPECT_EQ(parse_arguments({}).exit_code, 2);
    EXPECT_EQ(parse_arguments({"--help"}).exit_code, 0);
    EXPECT_EQ(parse_arguments({"topic", "create", "--help"}).exit_code, 0);
    EXPECT_NE(parse_arguments({"--version"}).text.find("millrace"), std::string::npos);
}

TEST(TextTable, AlignsTextLeftAndNumbersRight) {
    const TextTable table{{"NAME", "N"}, {{"Zürich", "7"}, {"x", "1234"}, {"tab\there", "NULL"}}};
    EXPECT_EQ(format_table(table),
              "NAME          N\n"
              "---------  ----\n"
              "Zürich        7\n"
              "x          1234\n"
              "tab\\there  NULL\n");
}

TEST(TextTable, WritesJsonWithTypes) {
    const TextTable table{{"A", "B", "C", "D"}, {{"x\"y", "-1.5", "NULL", "007"}}};
    EXPECT_EQ(format_json_lines(table), "{\"A\":\"x\\\"y\",\"B\":-1.5,\"C\":null,\"D\":\"007\"}\n");
}

TEST(TextTable, ShortensFigures) {
    EXPECT_EQ(with_thousands(0), "0");
    EXPECT_EQ(with_thousands(1234567), "1,234,567");
    EXPECT_EQ(human_bytes(950), "950 B");
    EXPECT_EQ(human_bytes(1'234'567), "1.2 MB");
    EXPECT_EQ(human_seconds(2.1), "3s");
    EXPECT_EQ(human_seconds(130), "2m10s");
    EXPECT_EQ(human_seconds(3900), "1h05m");
}

class RecordingConsole final : public Console {
  public:
    explicit RecordingConsole(bool terminal) : terminal_(terminal) {}
    void out(std::string_view text) override { written += text; }
    void err(std::string_view text) override { written += text; }
    bool read_line(std::string&) override { return false; }
    [[nodiscard]] bool is_terminal() const override { return terminal_; }
    [[nodiscard]] bool is_cancelled() const override { return false; }
    std::string written;

  private:
    bool terminal_;
};

ProgressLine line(std::string state, std::uint64_t rows, double fraction) {
    return {.kind = "source",
            .name = "flights",
            .state = std::move(state),
            .rows = rows,
            .lag = -1,
            .fraction = fraction};
}

TEST(Progress, RedrawsOneLineOnATerminalWithRateAndEta) {
    RecordingConsole console(true);
    ManualClock clock;
    clock.advance(std::chrono::seconds(1));
    Progress progress(console, clock, false);
    progress.update({line("running", 0, 0.0)}, false);
    clock.advance(std::chrono::seconds(1));
    progress.update({line("running", 5000, 0.25)}, false);
    EXPECT_NE(console.written.find("\x1b[1A"), std::string::npos);
    EXPECT_NE(console.written.find("5,000/s"), std::string::npos) << console.written;
    EXPECT_NE(console.written.find("25 %  ETA 3s"), std::string::npos) << console.written;
}

TEST(Progress, PrintsPlainLinesOnChangesElsewhere) {
    RecordingConsole console(false);
    ManualClock clock;
    clock.advance(std::chrono::seconds(1));
    Progress progress(console, clock, false);
    progress.update({line("running", 0, 0.0)}, false);
    console.written.clear();
    clock.advance(std::chrono::milliseconds(500));
    progress.update({line("running", 10, 0.1)}, false);
    EXPECT_EQ(console.written, "");
    progress.update({line("finished", 20, 1.0)}, false);
    EXPECT_NE(console.written.find("finished"), std::string::npos);
    EXPECT_EQ(console.written.find('\x1b'), std::string::npos);
}

TEST(Progress, KeepsQuietWhenAsked) {
    RecordingConsole console(true);
    const ManualClock clock;
    Progress progress(console, clock, true);
    progress.update({line("running", 0, 0.0)}, true);
    EXPECT_EQ(console.written, "");
}

}  // namespace
}  // namespace millrace::server
