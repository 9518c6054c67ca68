#include "server/shell/row_scroll.h"

#include <utility>

#include "server/shell/display_text.h"

namespace millrace::server {

RowScroll::RowScroll(std::vector<std::string> columns) {
    held_ = shown_table(TextTable{std::move(columns), {}});
}

std::string RowScroll::add(const std::vector<std::string>& cells, const ScreenSize& size) {
    std::vector<std::string> shown;
    shown.reserve(cells.size());
    for (const std::string& cell : cells) {
        shown.push_back(shown_text(cell));
    }
    ++rows_;
    held_.rows.push_back(std::move(shown));
    return has_layout_ || held_.rows.size() == kRowsToFit ? flush(size) : "";
}

std::string RowScroll::flush(const ScreenSize& size) {
    std::string out;
    const std::size_t room = size.rows > 4 ? size.rows - 4 : 1;
    for (std::size_t i = 0; i < held_.rows.size(); ++i) {
        if (!has_layout_ || recent_.rows.size() >= room) {
            TextTable seen{held_.columns, std::move(recent_.rows)};
            seen.rows.insert(seen.rows.end(),
                             held_.rows.begin() + static_cast<std::ptrdiff_t>(i),
                             held_.rows.end());
            layout_ = fit_columns(seen, size.columns > 1 ? size.columns - 1 : 1);
            std::size_t cut = 0;
            out += cut_row(layout_, held_.columns, cut) + "\n" + rule_of(layout_) + "\n";
            recent_.rows.clear();
            has_layout_ = true;
        }
        out += cut_row(layout_, held_.rows[i], cut_) + "\n";
        recent_.rows.push_back(held_.rows[i]);
    }
    held_.rows.clear();
    return out;
}

std::string RowScroll::note() const {
    std::string text = with_thousands(rows_) + (rows_ == 1 ? " row" : " rows");
    if (cut_ > 0) {
        text += "; " + with_thousands(cut_) + (cut_ == 1 ? " cell" : " cells") +
                " cut, -o json has all";
    }
    if (layout_.hidden > 0) {
        text += "; " + hidden_columns_note(layout_, held_.columns, 200);
    }
    return "(" + text + ")";
}

}  // namespace millrace::server
