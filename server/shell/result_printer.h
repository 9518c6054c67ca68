// ResultPrinter: what statements answer, written for a terminal, for a pipe or as JSON lines.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "server/cli/console.h"
#include "server/shell/live_table.h"
#include "server/shell/row_scroll.h"
#include "server/shell/sql_session.h"

namespace millrace::server {

enum class PrintForm : std::uint8_t {
    kTerminal,  // tables fitted to the screen; rows scroll, tables are drawn over themselves when
                // there are at least kLiveRowsLeast lines
    kPlain,     // a line per row, cells parted by tabs
    kJson,      // a JSON object per line
};

class ResultPrinter final : public SessionEvents {
  public:
    /// A live table is drawn anew at most that often.
    static constexpr std::chrono::milliseconds kRedrawEvery{100};

    static constexpr std::size_t kLiveRowsLeast = 6;

    struct Options {
        PrintForm form = PrintForm::kPlain;
        std::function<ScreenSize()> screen;       // kTerminal
        std::function<bool()> is_cancelled = {};  // true: no more rows are wanted
    };
    /// `console` and `clock` outlive it.
    ResultPrinter(Options options, Console& console, const Clock& clock);

    void begin_rows(const std::vector<std::string>& columns, bool is_table) override;
    bool row(const SessionRow& row) override;
    bool wants_more() override;
    void answer(const dsl::StatementResult& result) override;
    /// After every text: writes what is held back and, on a terminal, how many rows there were.
    void finish();
    /// True once after is_cancelled ended the rows.
    [[nodiscard]] bool take_cancelled();

  private:
    [[nodiscard]] bool goes_on();
    void draw();
    [[nodiscard]] std::string plain_row(const std::vector<std::string>& cells) const;
    [[nodiscard]] std::string json_row(const std::vector<std::string>& cells) const;

    Options options_;
    Console& console_;
    const Clock& clock_;
    std::vector<std::string> columns_;
    std::optional<RowScroll> scroll_;
    std::optional<LiveTable> live_;
    std::size_t drawn_lines_ = 0;
    ScreenSize drawn_on_;  // with a new size lines break elsewhere
    bool was_cancelled_ = false;
    bool is_changed_ = false;               // since the table was drawn
    std::chrono::nanoseconds drawn_at_{0};  // monotonic
};

}  // namespace millrace::server
