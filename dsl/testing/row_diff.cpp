#include "dsl/testing/row_diff.h"

#include <algorithm>
#include <cstdint>

namespace millrace::dsl::testing {

namespace {

// Above it rows are compared place by place: the table of the longest common part would be too
// large.
constexpr std::size_t kCommonCellsMax = 4'000'000;
constexpr std::size_t kLinesMax = 100;

bool agrees(const RowText& expected, const RowText& actual) {
    return expected.cells == actual.cells &&
           (!expected.timestamp || expected.timestamp == actual.timestamp) &&
           (!expected.partition || expected.partition == actual.partition) &&
           (!expected.headers || expected.headers == actual.headers);
}

/// Rows whose order does not count are put into one.
void sort_rows(std::vector<RowText>& rows, RowOrder order) {
    switch (order) {
        case RowOrder::kAll:
            return;
        case RowOrder::kPartition:
            std::stable_sort(rows.begin(), rows.end(), [](const RowText& a, const RowText& b) {
                return a.partition < b.partition;
            });
            return;
        case RowOrder::kKey:
            std::stable_sort(rows.begin(), rows.end(), [](const RowText& a, const RowText& b) {
                const auto end = [](const RowText& row) {
                    // Without a key the whole row says where it belongs.
                    return row.cells.begin() + static_cast<std::ptrdiff_t>(row.key_cells == 0
                                                                               ? row.cells.size()
                                                                               : row.key_cells);
                };
                return std::lexicographical_compare(
                    a.cells.begin(), end(a), b.cells.begin(), end(b));
            });
            return;
        case RowOrder::kNone:
            break;
    }
    std::stable_sort(rows.begin(), rows.end(), [](const RowText& a, const RowText& b) {
        return a.cells < b.cells;
    });
}

/// Shows what any expected row says, and no more.
class RowPrinter {
  public:
    RowPrinter(const std::vector<RowText>& expected, const std::vector<RowText>& actual) {
        for (const RowText& row : expected) {
            shows_time_ = shows_time_ || row.timestamp;
            shows_partition_ = shows_partition_ || row.partition;
            shows_headers_ = shows_headers_ || row.headers;
        }
        for (const auto* rows : {&expected, &actual}) {
            for (const RowText& row : *rows) {
                widths_.resize(std::max(widths_.size(), row.cells.size()));
                for (std::size_t i = 0; i < row.cells.size(); ++i) {
                    widths_[i] = std::max(widths_[i], row.cells[i].size());
                }
            }
        }
    }
    [[nodiscard]] std::string line(char sign, const RowText& row) const {
        std::string text{sign, ' '};
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            text += (i == 0 ? "" : "  ") + row.cells[i] +
                    std::string(widths_[i] - row.cells[i].size(), ' ');
        }
        if (shows_time_ && row.timestamp) {
            text += "  @" + std::to_string(*row.timestamp);
        }
        if (shows_partition_ && row.partition) {
            text += "  partition=" + std::to_string(*row.partition);
        }
        if (shows_headers_ && row.headers) {
            text += "  headers=" + *row.headers;
        }
        text.erase(text.find_last_not_of(' ') + 1);
        if (row.line > 0 && sign == '-') {
            text += "    (line " + std::to_string(row.line) + ")";
        }
        return text + "\n";
    }

  private:
    bool shows_time_ = false;
    bool shows_partition_ = false;
    bool shows_headers_ = false;
    std::vector<std::size_t> widths_;
};

/// Lengths of the longest common parts from (i, j) on.
class CommonParts {
  public:
    CommonParts(const std::vector<RowText>& expected, const std::vector<RowText>& actual)
        : columns_(actual.size() + 1), lengths_((expected.size() + 1) * columns_) {
        for (std::size_t i = expected.size(); i-- > 0;) {
            for (std::size_t j = actual.size(); j-- > 0;) {
                at(i, j) = agrees(expected[i], actual[j]) ? at(i + 1, j + 1) + 1
                                                          : std::max(at(i + 1, j), at(i, j + 1));
            }
        }
    }
    std::uint32_t& at(std::size_t i, std::size_t j) { return lengths_[i * columns_ + j]; }

  private:
    std::size_t columns_;
    std::vector<std::uint32_t> lengths_;
};

}  // namespace

std::string row_diff(std::vector<RowText> expected, std::vector<RowText> actual, RowOrder order) {
    sort_rows(expected, order);
    sort_rows(actual, order);
    if (std::equal(expected.begin(), expected.end(), actual.begin(), actual.end(), agrees)) {
        return {};
    }
    const RowPrinter printer(expected, actual);
    std::vector<std::string> lines;
    std::size_t i = 0;
    std::size_t j = 0;
    if ((expected.size() + 1) * (actual.size() + 1) <= kCommonCellsMax) {
        CommonParts common(expected, actual);
        while (i < expected.size() && j < actual.size()) {
            if (agrees(expected[i], actual[j])) {
                lines.push_back(printer.line(' ', actual[j++]));
                ++i;
            } else if (common.at(i + 1, j) >= common.at(i, j + 1)) {
                lines.push_back(printer.line('-', expected[i++]));
            } else {
                lines.push_back(printer.line('+', actual[j++]));
            }
        }
    }
    for (; i < expected.size(); ++i) {
        lines.push_back(printer.line('-', expected[i]));
    }
    for (; j < actual.size(); ++j) {
        lines.push_back(printer.line('+', actual[j]));
    }
    // The first difference is what matters; what agrees before it is shown in part.
    std::size_t first = 0;
    while (lines[first].front() == ' ') {
        ++first;
    }
    const std::size_t begin = lines.size() <= kLinesMax || first < 3 ? 0 : first - 3;
    std::string text = begin == 0 ? "" : "  ... " + std::to_string(begin) + " rows agree\n";
    const std::size_t end = std::min(lines.size(), begin + kLinesMax);
    for (std::size_t k = begin; k < end; ++k) {
        text += lines[k];
    }
    return end == lines.size() ? text
                               : text + "  ... " + std::to_string(lines.size() - end) + " more\n";
}

}  // namespace millrace::dsl::testing
