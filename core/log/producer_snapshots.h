// ProducerSnapshots: the files in which a partition keeps its ProducerState, and how it is made
// again from the log. Derived data: missing, stale, damaged or future ones are left out.
// Bytes: docs/formats/producers.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/log/partition_log.h"
#include "core/log/producer_state.h"
#include "core/log/sparse_index.h"

namespace millrace::log {

/// The log's writer only.
class ProducerSnapshots {
  public:
    ProducerSnapshots(Env& env, std::string directory)
        : env_(env), directory_(std::move(directory)) {}

    /// A segment as recovery left it: base offset and bytes of batches.
    struct SegmentExtent {
        Offset base;
        std::uint64_t bytes = 0;
    };

    /// Tells of a file in the directory; others than snapshots are left alone.
    void found_file(std::string_view name);
    /// Brings `state`, which is empty, to the end of the log: the newest snapshot that fits, then
    /// the batches behind it. Damage in the log is passed over. kIo.
    Status load(ProducerState& state,
                const std::vector<SegmentExtent>& segments,
                std::size_t batch_bytes_max,
                Offset log_start,
                Offset end);

    /// A batch of the segment was published.
    void advance(Offset segment, const IndexedBatch& batch);
    /// Writes a snapshot when that spares the next start much reading.
    void save_when_due(ProducerState& state);
    /// Writes a snapshot when anything worth it was published since the last one: at the end of a
    /// segment and of the partition. Never synced; a failure costs time at the next start.
    void save(ProducerState& state);
    /// What the files say is about to become wrong. The next save() writes one.
    void remove_all();

  private:
    [[nodiscard]] std::string path_of(Offset offset) const;
    [[nodiscard]] bool fits(const ProducerStamp& stamp,
                            const std::vector<SegmentExtent>& segments,
                            Offset log_start,
                            Offset end) const;
    bool restore_newest(ProducerState& state,
                        const std::vector<SegmentExtent>& segments,
                        Offset log_start,
                        Offset end);
    Status replay(ProducerState& state,
                  const SegmentExtent& segment,
                  std::uint64_t from,
                  std::size_t batch_bytes_max,
                  Offset end);
    void remove(Offset offset);

    Env& env_;
    const std::string directory_;
    std::vector<Offset> files_;  // ascending
    ProducerStamp stamp_;        // of what was published last
    std::uint64_t unsaved_bytes_ = 0;
};

}  // namespace millrace::log
