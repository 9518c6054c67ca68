// Progress: one live line per connector and query on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "connectors/worker.h"
#include "core/base/clock.h"
#include "dsl/query_engine.h"
#include "server/cli/console.h"

namespace millrace::server {

/// What one line says.
struct ProgressLine {
    std::string kind;  // "source", "query", "sink"
    std::string name;
    std::string state;
    std::uint64_t rows = 0;
    std::int64_t lag = 0;            // rows still to do; negative: unknown
    std::optional<double> fraction;  // done, of a bounded input
    std::string note;                // skipped rows, last error
};

[[nodiscard]] std::vector<ProgressLine> progress_lines(
    const std::vector<connectors::ConnectorStatus>& connectors,
    const std::vector<dsl::QueryInfo>& queries);

/// Draws lines over each other on a terminal (colours unless NO_COLOR is set); elsewhere prints a
/// line per change of state and one per kPlainInterval. One thread.
class Progress {
  public:
    static constexpr std::chrono::milliseconds kLiveInterval{200};
    static constexpr std::chrono::milliseconds kPlainInterval{5'000};

    Progress(Console& console, const Clock& clock, bool is_quiet);
    /// Draws when it is time, or `now` says so.
    void update(const std::vector<ProgressLine>& lines, bool now);

  private:
    struct Rate {
        std::chrono::nanoseconds since{0};
        std::uint64_t first_rows = 0;
        std::string state;
        double last_rate = 0;
        bool is_over = false;
    };
    [[nodiscard]] std::string text_of(const ProgressLine& line, Rate& rate);

    Console& console_;
    const Clock& clock_;
    bool is_quiet_;
    bool is_live_;
    bool use_color_;
    std::size_t drawn_ = 0;  // lines on the screen now
    std::chrono::nanoseconds last_draw_{-1};
    std::map<std::string, Rate> rates_;
};

}  // namespace millrace::server
