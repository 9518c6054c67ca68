// How values look on a terminal: escapes, widths, tables, scrolling rows and live tables.
#include <deque>

#include <gtest/gtest.h>

#include "core/base/clock.h"
#include "server/shell/display_text.h"
#include "server/shell/live_table.h"
#include "server/shell/result_printer.h"
#include "server/shell/row_scroll.h"
#include "server/shell/table_layout.h"

namespace millrace::server {
namespace {

using Lines = std::vector<std::string>;

/// A terminal that knows what drawn_over() sends.
class FakeTerminal {
  public:
    void write(const std::string& text) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\r') {
                column_ = 0;
            } else if (text[i] == '\n') {
                ++row_;
                column_ = 0;
            } else if (text[i] == '\x1b') {
                std::size_t number = 0;
                for (i += 2; text[i] >= '0' && text[i] <= '9'; ++i) {
                    number = number * 10 + static_cast<std::size_t>(text[i] - '0');
                }
                obey(text[i], number);
            } else {
                line().resize(std::max(line().size(), column_ + 1), ' ');
                line()[column_++] = text[i];
            }
        }
    }
    [[nodiscard]] Lines lines() const {
        Lines lines(lines_.begin(), lines_.end());
        while (!lines.empty() && lines.back().empty()) {
            lines.pop_back();
        }
        return lines;
    }

  private:
    void obey(char command, std::size_t number) {
        if (command == 'A') {
            ASSERT_GE(row_, number);
            row_ -= number;
        } else if (command == 'K') {
            line().resize(std::min(line().size(), column_));
        } else if (command == 'J') {
            line().resize(std::min(line().size(), column_));
            lines_.resize(row_ + 1);
        } else {
            FAIL() << command;
        }
    }
    std::string& line() {
        lines_.resize(std::max(lines_.size(), row_ + 1));
        return lines_[row_];
    }
    std::deque<std::string> lines_;
    std::size_t row_ = 0;
    std::size_t column_ = 0;
};

TEST(DisplayText, CannotSteerATerminal) {
    EXPECT_EQ(shown_text("a\x1b[31mb\x07"), "a\\x1b[31mb\\x07");
    EXPECT_EQ(shown_text("a\nb\tc\rd\x7f"), "a\\nb\\tc\\rd\\x7f");
    EXPECT_EQ(shown_text("\xC2\x9B"
                         "31m"),
              "\\x9b31m");  // CSI as one character
    EXPECT_EQ(shown_text("a\xE2\x80\xAE"
                         "b"),
              "a\\u202eb");  // right to left from here on
    EXPECT_EQ(shown_text("\xff\xC0\x80\xE2\x82"), "\\xff\\xc0\\x80\\xe2\\x82");  // no UTF-8
    EXPECT_EQ(shown_text("Zürich 東京 🚀"), "Zürich 東京 🚀");
    EXPECT_EQ(shown_lines("a\n\tb\x1b"), "a\n    b\\x1b");
    EXPECT_EQ(shown_json("{\"a\":\"\xC2\x9B\x7fü\"}"), "{\"a\":\"\\u009b\\u007fü\"}");
}

TEST(DisplayText, CountsWideCharactersAndMarks) {
    EXPECT_EQ(display_width("Zürich"), 6U);
    EXPECT_EQ(display_width("東京"), 4U);
    EXPECT_EQ(display_width("🚀"), 2U);
    EXPECT_EQ(display_width("e\xCC\x81"), 1U);  // e and an accent of its own
    EXPECT_EQ(display_width("가"), 2U);
    EXPECT_EQ(display_width("ﾊ"), 1U);  // half width
}

TEST(DisplayText, CutsAndWraps) {
    EXPECT_EQ(cut_to_width("abcdef", 6), "abcdef");
    EXPECT_EQ(cut_to_width("abcdefg", 6), "abcde…");
    EXPECT_EQ(cut_to_width("東京大学", 6), "東京…");  // 4 and the ellipsis: half of 大 cannot be
    EXPECT_EQ(cut_to_width("abc", 0), "");
    EXPECT_EQ(wrap_to_width("the quick brown fox", 10), (Lines{"the quick", "brown fox"}));
    EXPECT_EQ(wrap_to_width("abcdefgh", 3), (Lines{"abc", "def", "gh"}));
    EXPECT_EQ(wrap_to_width("東京", 1), (Lines{"東", "京"}));
    EXPECT_EQ(wrap_to_width("", 5), Lines{""});
}

TEST(TableLayout, NarrowsTheWidestColumnsFirst) {
    const TextTable table{{"A", "B", "C"}, {{"1", std::string(30, 'x'), std::string(10, 'y')}}};
    EXPECT_EQ(fit_columns(table, 100).widths, (std::vector<std::size_t>{1, 30, 10}));
    EXPECT_EQ(fit_columns(table, 35).widths, (std::vector<std::size_t>{1, 20, 10}));
    EXPECT_EQ(fit_columns(table, 20).widths, (std::vector<std::size_t>{1, 8, 7}));
    const TableLayout tight = fit_columns(table, 15);
    EXPECT_EQ(tight.widths, (std::vector<std::size_t>{1, 12}));
    EXPECT_EQ(tight.hidden, 1U);
    EXPECT_EQ(hidden_columns_note(tight, table.columns, 80), "2 of 3 columns fit, not: C");
    EXPECT_EQ(fit_columns(table, 1).widths, std::vector<std::size_t>{1});
}

TEST(TableLayout, WrapsCellsAndLosesNothing) {
    EXPECT_EQ(
        format_wrapped({{"NAME", "MEANING"}, {{"ABS", "the absolute value"}, {"X", "1"}}}, 18),
        "NAME  MEANING\n"
        "----  ------------\n"
        "ABS   the absolute\n"
        "      value\n"
        "X     1\n");
    EXPECT_EQ(format_wrapped({{"東", "N"}, {{"x", "12"}, {"東京", "NULL"}}}, 80),
              "東       N\n"
              "----  ----\n"
              "x       12\n"
              "東京  NULL\n");
}

TEST(RowScroll, FitsTheFirstRowsAndCutsLaterOnes) {
    RowScroll scroll({"NAME", "N"});
    const ScreenSize size{20, 10};
    EXPECT_EQ(scroll.flush(size), "");
    EXPECT_EQ(scroll.add({"ana", "1"}, size), "");
    EXPECT_EQ(scroll.flush(size), "NAME  N\n----  -\nana   1\n");
    EXPECT_EQ(scroll.add({"barbara", "2"}, size), "bar…  2\n");
    EXPECT_EQ(scroll.note(), "(2 rows; 1 cell cut, -o json has all)");
    for (int i = 0; i < 4; ++i) {
        static_cast<void>(scroll.add({"x", "3"}, size));
    }
    // A screen is full: the heading again, and columns fitted to what came.
    EXPECT_EQ(scroll.add({"y", "4"}, size), "NAME     N\n-------  -\ny        4\n");
}

TEST(LiveTable, RedrawsInPlace) {
    LiveTable table({"USER", "N"});
    FakeTerminal terminal;
    const ScreenSize size{40, 10};
    table.put("ana", {"ana", "1"});
    table.put("bo", {"bo", "1"});
    Lines lines = table.lines(size);
    terminal.write(drawn_over(0, lines));
    table.put("ana", {"ana", "12"});
    terminal.write(drawn_over(lines.size(), table.lines(size)));
    EXPECT_EQ(terminal.lines(),
              (Lines{"USER   N", "----  --", "ana   12", "bo     1", "(2 keys; 3 changes)"}));
    table.remove("ana");
    terminal.write(drawn_over(lines.size(), table.lines(size)));
    EXPECT_EQ(terminal.lines(), (Lines{"USER  N", "----  -", "bo    1", "(1 key; 4 changes)"}));
}

TEST(LiveTable, KeepsTheNewestChangesWhereTheyStand) {
    LiveTable table({"K", "N"});
    const ScreenSize size{60, 7};  // room for three rows
    for (const char* key : {"a", "b", "c"}) {
        table.put(key, {key, "1"});
    }
    EXPECT_EQ(table.lines(size),
              (Lines{"K  N", "-  -", "a  1", "b  1", "c  1", "(3 keys; 3 changes)"}));
    table.put("a", {"a", "2"});
    table.put("d", {"d", "1"});  // b changed longest ago: d takes its line
    EXPECT_EQ(table.lines(size),
              (Lines{"K  N", "-  -", "a  2", "d  1", "c  1", "(4 keys, 1 not shown; 5 changes)"}));
    table.remove("d");  // room for b again
    EXPECT_EQ(table.lines(size),
              (Lines{"K  N", "-  -", "a  2", "b  1", "c  1", "(3 keys; 6 changes)"}));
}

TEST(LiveTable, IsBoundedByTheScreenAndByMemory) {
    LiveTable table({"A LONG NAME", "B", "C"});
    for (int i = 0; i < 2000; ++i) {
        const std::string key = std::to_string(i);
        table.put(key, {key, std::string(100, 'x'), "\x1b[2J"});
    }
    for (const ScreenSize size : {ScreenSize{30, 8}, ScreenSize{5, 2}, ScreenSize{1, 1}}) {
        const Lines lines = table.lines(size);
        EXPECT_LE(lines.size(), std::max<std::size_t>(size.rows - 1, 4));
        for (const std::string& line : lines) {
            EXPECT_LE(display_width(line), std::max<std::size_t>(size.columns - 1, 1)) << line;
            EXPECT_EQ(line.find('\x1b'), std::string::npos);
        }
    }
    EXPECT_EQ(table.lines({80, 8}).back().substr(0, 28), "(2,000 keys, 1,996 not shown");
}

class Paper final : public Console {
  public:
    void out(std::string_view text) override { written += text; }
    void err(std::string_view text) override { written += text; }
    bool read_line(std::string&) override { return false; }
    [[nodiscard]] bool is_terminal() const override { return true; }
    [[nodiscard]] bool is_cancelled() const override { return false; }
    std::string written;
};

TEST(ResultPrinter, DrawsTablesLiveOnATerminalOnly) {
    const ManualClock clock;
    for (const PrintForm form : {PrintForm::kTerminal, PrintForm::kPlain, PrintForm::kJson}) {
        Paper paper;
        ResultPrinter printer({form, [] { return ScreenSize{40, 10}; }, {}}, paper, clock);
        printer.begin_rows({"K", "N"}, true);
        const bool is_json = form == PrintForm::kJson;
        EXPECT_TRUE(printer.row({"a", {is_json ? "\"a\"" : "a", "1"}}));
        EXPECT_TRUE(printer.row({"a", {is_json ? "\"a\"" : "a", "2"}}));
        EXPECT_TRUE(printer.row({"b", {}}));
        printer.finish();
        if (form == PrintForm::kTerminal) {
            FakeTerminal terminal;
            terminal.write(paper.written);
            EXPECT_EQ(terminal.lines(), (Lines{"K  N", "-  -", "a  2", "(1 key; 3 changes)"}));
        } else {
            EXPECT_EQ(
                paper.written,
                is_json ? "{\"K\":\"a\",\"N\":1}\n{\"K\":\"a\",\"N\":2}\n" : "K\tN\na\t1\na\t2\n");
        }
    }
}

TEST(ResultPrinter, StopsWhenItIsToldTo) {
    const ManualClock clock;
    Paper paper;
    bool is_cancelled = false;
    ResultPrinter printer({PrintForm::kTerminal,
                           [] {
                               return ScreenSize{40, 10};
                           },
                           [&is_cancelled] { return is_cancelled; }},
                          paper,
                          clock);
    printer.begin_rows({"V"}, false);
    EXPECT_TRUE(printer.row({{}, {"x\x1b[2Jy"}}));
    EXPECT_TRUE(printer.wants_more());
    EXPECT_EQ(paper.written, "V\n---------\nx\\x1b[2Jy\n");
    is_cancelled = true;
    EXPECT_FALSE(printer.wants_more());
    EXPECT_TRUE(printer.take_cancelled());
    EXPECT_FALSE(printer.take_cancelled());
    printer.answer({"SHOW X", "two\nlines", {"A"}, {{"1"}}});
    EXPECT_NE(paper.written.find("(1 row)\ntwo\nlines\nA\n-\n1\n"), std::string::npos);
}

TEST(ResultPrinter, WritesMessagesAsJsonToo) {
    const ManualClock clock;
    Paper paper;
    ResultPrinter printer({PrintForm::kJson, {}, {}}, paper, clock);
    printer.answer({"", "created \"x\"", {}, {}});
    printer.answer({"", "", {"N", "T"}, {{"1", "a"}}});
    EXPECT_EQ(paper.written, "{\"message\":\"created \\\"x\\\"\"}\n{\"N\":1,\"T\":\"a\"}\n");
}

}  // namespace
}  // namespace millrace::server
