#include "server/cli/progress.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "server/cli/text_table.h"

namespace millrace::server {

namespace {

ProgressLine line_of(const connectors::ConnectorStatus& status) {
    ProgressLine line;
    const bool is_source = status.kind == connectors::ConnectorKind::kSource;
    line.kind = is_source ? "source" : "sink";
    line.name = status.name;
    line.state = connectors::name_of(status.state);
    line.rows = status.records;
    line.lag = is_source ? -1 : status.lag;
    if (status.bytes_total && *status.bytes_total > 0) {
        line.fraction = std::min(
            1.0, static_cast<double>(status.bytes_done) / static_cast<double>(*status.bytes_total));
    }
    if (status.skipped + status.dead_lettered > 0) {
        line.note = with_thousands(status.skipped) + " skipped";
        line.note += status.dead_lettered > 0
                         ? ", " + with_thousands(status.dead_lettered) + " dead-lettered"
                         : "";
    }
    if (status.error) {
        line.note = status.error->message;
    }
    return line;
}

ProgressLine line_of(const dsl::QueryInfo& query) {
    ProgressLine line;
    line.kind = "query";
    line.name = query.id;
    line.state = runtime::name_of(query.stats.state);
    line.rows = query.stats.rows_in;
    std::int64_t done = 0;
    std::int64_t total = 0;
    for (const runtime::SourceProgress& source : query.stats.sources) {
        done += source.read.value;
        total += source.high_watermark.value;
    }
    line.lag = total - done;
    if (total > 0) {
        line.fraction = static_cast<double>(done) / static_cast<double>(total);
    }
    std::uint64_t dropped = query.stats.row_errors;
    for (const auto& [reason, rows] : query.stats.dropped) {
        dropped += rows;
    }
    if (dropped > 0) {
        line.note = with_thousands(dropped) + " rows dropped";
    }
    if (query.stats.error) {
        line.note = query.stats.error->message;
    }
    return line;
}

}  // namespace

std::vector<ProgressLine> progress_lines(const std::vector<connectors::ConnectorStatus>& connectors,
                                         const std::vector<dsl::QueryInfo>& queries) {
    std::vector<ProgressLine> lines;
    for (const auto kind : {connectors::ConnectorKind::kSource, connectors::ConnectorKind::kSink}) {
        if (kind == connectors::ConnectorKind::kSink) {
            for (const dsl::QueryInfo& query : queries) {
                lines.push_back(line_of(query));
            }
        }
        for (const connectors::ConnectorStatus& status : connectors) {
            if (status.kind == kind) {
                lines.push_back(line_of(status));
            }
        }
    }
    return lines;
}

Progress::Progress(Console& console, const Clock& clock, bool is_quiet)
    : console_(console),
      clock_(clock),
      is_quiet_(is_quiet),
      is_live_(console.is_terminal()),
      use_color_(is_live_ && std::getenv("NO_COLOR") == nullptr) {}

std::string Progress::text_of(const ProgressLine& line, Rate& rate) {
    const auto now = clock_.monotonic();
    if (rate.since.count() == 0 || line.rows < rate.first_rows) {
        rate.since = now;
        rate.first_rows = line.rows;
    }
    const double seconds = static_cast<double>((now - rate.since).count()) / 1e9;
    const bool is_over =
        line.state == "finished" || line.state == "stopped" || line.state == "failed";
    if (seconds > 0 && !rate.is_over) {
        rate.last_rate = static_cast<double>(line.rows - rate.first_rows) / seconds;
    }
    rate.is_over = is_over;  // from then on the rate stays
    char text[256];
    std::snprintf(text,
                  sizeof text,
                  "%-6s  %-24.24s  %-8s  %13s rows  %11s/s",
                  line.kind.c_str(),
                  line.name.c_str(),
                  line.state.c_str(),
                  with_thousands(line.rows).c_str(),
                  with_thousands(static_cast<std::uint64_t>(rate.last_rate)).c_str());
    std::string out = text;
    if (line.lag >= 0) {
        out += "  lag " + with_thousands(static_cast<std::uint64_t>(line.lag));
    }
    if (line.fraction) {
        std::snprintf(text, sizeof text, "  %3.0f %%", *line.fraction * 100);
        out += text;
        if (!is_over && *line.fraction > 0.01 && *line.fraction < 1 && seconds > 0.5) {
            out += "  ETA " + human_seconds(seconds * (1 - *line.fraction) / *line.fraction);
        }
    }
    if (!line.note.empty()) {
        out += "  " + line.note;
    }
    return out;
}

void Progress::update(const std::vector<ProgressLine>& lines, bool now) {
    if (is_quiet_) {
        return;
    }
    const auto time = clock_.monotonic();
    const auto interval = is_live_ ? kLiveInterval : kPlainInterval;
    // A plain log repeats nothing at the end: what changed was printed when it did.
    const bool is_due =
        (now && is_live_) || last_draw_.count() < 0 || time - last_draw_ >= interval;
    std::string out;
    if (is_live_ && is_due) {
        out = drawn_ > 0 ? "\x1b[" + std::to_string(drawn_) + "A" : "";
        drawn_ = lines.size();
    }
    for (const ProgressLine& line : lines) {
        Rate& rate = rates_[line.kind + line.name];
        const bool has_changed = rate.state != line.state;
        rate.state = line.state;
        const std::string text = text_of(line, rate);
        if (is_live_ && is_due) {
            const char* color = line.state == "failed"     ? "\x1b[31m"
                                : line.state == "finished" ? "\x1b[32m"
                                                           : "";
            out +=
                "\x1b[2K" + (use_color_ && *color != '\0' ? color + text + "\x1b[0m" : text) + "\n";
        } else if (!is_live_ && (is_due || has_changed)) {
            out += text + "\n";
        }
    }
    if (is_due) {
        last_draw_ = time;
    }
    if (!out.empty()) {
        console_.err(out);
    }
}

}  // namespace millrace::server
