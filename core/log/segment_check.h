// SegmentCheck: reads a segment from its first byte to its last and lists what is damaged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/file.h"
#include "core/base/result.h"
#include "core/log/batch_scanner.h"
#include "core/record/ids.h"

namespace millrace::log {

/// Bytes of a segment that are not what was written, and the offsets that they stood for.
struct DamagedRange {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;  // first byte behind
    Offset first;
    Offset next;       // first offset that is readable again
    std::string what;  // why the batch at `begin` was refused

    friend bool operator==(const DamagedRange&, const DamagedRange&) = default;
};

/// Reads nothing twice and keeps little in memory: a gigabyte in steps of any size. Looks at every
/// bit of every batch: those that Kafka's checksum leaves out must be what the place asks for.
/// Borrows the file. One thread at a time.
class SegmentCheck {
  public:
    struct Extent {
        std::uint64_t bytes = 0;
        Offset base;
        Offset next;  // behind the last offset that belongs to the segment
        std::size_t batch_bytes_max = 0;
    };
    SegmentCheck(File& file, Extent extent);

    /// Reads about `bytes` on, one batch at least. False when the segment is done. kIo.
    [[nodiscard]] Result<bool> step(std::uint64_t bytes);
    /// All the rest.
    Status finish();

    /// `visit` is called for every intact batch, in order; the view lives for the call, and an
    /// error ends the step.
    void on_batch(std::function<Status(const RecordBatchView&)> visit) {
        visit_ = std::move(visit);
    }

    /// Ascending, of what was read so far.
    [[nodiscard]] const std::vector<DamagedRange>& damage() const { return damage_; }
    [[nodiscard]] std::uint64_t position() const { return scanner_.position(); }
    [[nodiscard]] std::uint64_t batches() const { return batches_; }
    [[nodiscard]] std::uint64_t records() const { return records_; }

  private:
    Status pass_damage(std::uint64_t begin, std::string what);
    void add_damage(std::uint64_t begin, std::uint64_t end, Offset next, std::string what);

    const Extent extent_;
    BatchScanner scanner_;
    Offset expected_;
    std::uint64_t batches_ = 0;
    std::uint64_t records_ = 0;
    std::vector<DamagedRange> damage_;
    std::function<Status(const RecordBatchView&)> visit_;
};

}  // namespace millrace::log
