#include "server/shell/result_printer.h"

#include <utility>

#include "core/base/json.h"
#include "server/shell/display_text.h"

namespace millrace::server {

ResultPrinter::ResultPrinter(Options options, Console& console, const Clock& clock)
    : options_(std::move(options)), console_(console), clock_(clock) {}

void ResultPrinter::begin_rows(const std::vector<std::string>& columns, bool is_table) {
    finish();
    columns_ = columns;
    switch (options_.form) {
        case PrintForm::kJson:
            break;
        case PrintForm::kPlain:
            console_.out(plain_row(columns) + "\n");
            break;
        case PrintForm::kTerminal:
            if (is_table && options_.screen().rows >= kLiveRowsLeast) {
                live_.emplace(columns);
                draw();
            } else {
                scroll_.emplace(columns);
            }
            break;
    }
}

bool ResultPrinter::row(const SessionRow& row) {
    if (live_) {
        if (row.cells.empty()) {
            live_->remove(row.key);
        } else {
            live_->put(row.key, row.cells);
        }
        is_changed_ = true;
        if (clock_.monotonic() - drawn_at_ >= kRedrawEvery) {
            draw();
        }
    } else if (row.cells.empty()) {
        // A row that left its table: a list of changes has no line for it.
    } else if (scroll_) {
        if (const std::string lines = scroll_->add(row.cells, options_.screen()); !lines.empty()) {
            console_.out(lines);
        }
    } else {
        console_.out(
            (options_.form == PrintForm::kJson ? json_row(row.cells) : plain_row(row.cells)) +
            "\n");
    }
    return goes_on();
}

bool ResultPrinter::wants_more() {
    if (live_ && is_changed_) {
        draw();
    }
    if (scroll_) {
        console_.out(scroll_->flush(options_.screen()));
    }
    return goes_on();
}

bool ResultPrinter::goes_on() {
    was_cancelled_ = was_cancelled_ || (options_.is_cancelled && options_.is_cancelled());
    return !was_cancelled_;
}

bool ResultPrinter::take_cancelled() {
    return std::exchange(was_cancelled_, false);
}

void ResultPrinter::draw() {
    const ScreenSize screen = options_.screen();
    if (drawn_lines_ > 0 &&
        (screen.columns != drawn_on_.columns || screen.rows != drawn_on_.rows)) {
        console_.out("\x1b[H\x1b[2J");
        drawn_lines_ = 0;
    }
    drawn_on_ = screen;
    const std::vector<std::string> lines = live_->lines(screen);
    console_.out(drawn_over(drawn_lines_, lines));
    drawn_lines_ = lines.size();
    drawn_at_ = clock_.monotonic();
    is_changed_ = false;
}

void ResultPrinter::finish() {
    if (live_) {
        draw();
        live_.reset();
        drawn_lines_ = 0;
    }
    if (scroll_) {
        console_.out(scroll_->flush(options_.screen()));
        console_.out(scroll_->note() + "\n");
        scroll_.reset();
    }
}

void ResultPrinter::answer(const dsl::StatementResult& result) {
    finish();
    const TextTable table{result.columns, result.rows};
    switch (options_.form) {
        case PrintForm::kJson:
            if (!result.message.empty()) {
                console_.out("{\"message\":" + shown_json(Json(result.message).dump()) + "}\n");
            }
            console_.out(shown_json(format_json_lines(table)));
            break;
        case PrintForm::kPlain:
        case PrintForm::kTerminal:
            if (!result.message.empty()) {
                const std::string message = shown_lines(result.message);
                console_.out(message + (message.back() == '\n' ? "" : "\n"));
            }
            if (!table.columns.empty()) {
                console_.out(options_.form == PrintForm::kPlain
                                 ? format_table(table)
                                 : format_wrapped(table, options_.screen().columns));
            }
            break;
    }
}

std::string ResultPrinter::plain_row(const std::vector<std::string>& cells) const {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        line += (i == 0 ? "" : "\t") + shown_text(cells[i]);
    }
    return line;
}

std::string ResultPrinter::json_row(const std::vector<std::string>& cells) const {
    std::string line = "{";
    for (std::size_t i = 0; i < cells.size() && i < columns_.size(); ++i) {
        line += (i == 0 ? "" : ",") + Json(columns_[i]).dump() + ":" + cells[i];
    }
    return shown_json(line + "}");
}

}  // namespace millrace::server
