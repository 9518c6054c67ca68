// Tumbling and hopping windows: which windows hold time t.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/record/ids.h"
#include "core/row/data_type.h"

namespace millrace::operators {

/// WINDOW TUMBLING / HOPPING (SIZE ..., ADVANCE BY ..., RETENTION ..., GRACE PERIOD ...).
struct WindowSpec {
    WindowKind kind = WindowKind::kTumbling;
    std::int64_t size_ms = 0;
    std::int64_t advance_ms = 0;                          // tumbling: size_ms
    std::optional<std::int64_t> grace_ms = std::nullopt;  // none: max(24 h - size, 0)
    std::optional<std::int64_t> retention_ms = std::nullopt;

    [[nodiscard]] std::int64_t effective_grace_ms() const;
};

/// Windows of `size_ms`, one starting every `advance_ms`.
class HoppingWindows {
  public:
    HoppingWindows(std::int64_t size_ms, std::int64_t advance_ms);

    /// Start of the oldest window that contains `t`, and how many contain it (starts are
    /// `advance_ms` apart, ascending).
    ///
    /// t       event time, ms since 1970-01-01 UTC; before 0: no window
    /// source  start inclusive, end exclusive, aligned to the epoch, never negative, as Kafka
    /// Streams' TimeWindows
    struct Range {
        std::int64_t first_start = 0;
        std::int64_t count = 0;
    };
    [[nodiscard]] Range windows_of(Timestamp t) const;
    [[nodiscard]] std::int64_t size_ms() const { return size_ms_; }
    [[nodiscard]] std::int64_t advance_ms() const { return advance_ms_; }

  private:
    std::int64_t size_ms_;
    std::int64_t advance_ms_;
};

}  // namespace millrace::operators
