// What a log must hold after a crash, said as plainly as possible: lists of values and the units
// that put them there.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/checksum.h"
#include "core/log/partition_log.h"
#include "core/record/record_batch.h"
#include "core/record/record_cursor.h"

namespace millrace::log {

/// Of a value's bytes and of a damaged batch, which no value has.
using Fingerprint = std::uint64_t;
constexpr Fingerprint kDamaged = 0;

inline Fingerprint fingerprint_of(ByteView value) {
    return (std::uint64_t{value.size() + 1} << 32) | crc32c(value);
}

/// Everything that a partition has had, also what is deleted since.
struct ModelPartition {
    std::vector<Fingerprint> values;  // from offset 0 on
    std::int64_t log_start = 0;       // as somebody was told; retention may have moved it further

    friend bool operator==(const ModelPartition&, const ModelPartition&) = default;
};
using ModelState = std::vector<ModelPartition>;

/// An atomic unit and what its writer knows of it.
struct ModelUnit {
    std::vector<std::pair<std::size_t, std::vector<Fingerprint>>> pieces;  // by partition
    std::vector<std::pair<std::size_t, std::int64_t>> moves;               // of the log start
    bool is_loose = false;    // goes past the journal when its partition is relaxed
    bool is_broken = false;   // it will be refused, and must leave nothing
    bool is_written = false;  // the writer was told that it survives the end of the process
    bool is_acked = false;    // ... and a power cut
    bool is_passed_over = false;
};

/// What a partition serves.
struct FoundPartition {
    std::int64_t log_start = 0;
    std::int64_t end = 0;
    std::vector<Fingerprint> values;  // from log_start on
};

/// The model at one moment: what was published, and what may or may not be there besides.
struct ModelMoment {
    ModelState committed;
    std::vector<ModelUnit> admitted;   // in order, not published
    std::vector<FoundPartition> seen;  // by readers, without the values
    std::int64_t relaxed_floor = 0;    // where the relaxed partition was synced, at least
    /// A sync failed: what was in the system's cache only may be gone although nobody cut power.
    bool is_disk_failed = false;
};

/// The last partition is relaxed: a power cut may take its newest batches.
constexpr std::size_t kRelaxedPartition = 4;

enum class Crash : std::uint8_t { kPowerCut, kKill };

inline void add_to(ModelState& state, const ModelUnit& unit) {
    for (const auto& [partition, values] : unit.pieces) {
        auto& all = state[partition].values;
        all.insert(all.end(), values.begin(), values.end());
    }
    for (const auto& [partition, before] : unit.moves) {
        state[partition].log_start = std::max(state[partition].log_start, before);
    }
}

inline FoundPartition read_partition(PartitionLog& log) {
    FoundPartition found{.log_start = log.log_start().value, .end = log.high_watermark().value};
    for (Offset at = log.log_start(); at < log.high_watermark();) {
        const auto read = log.read(at, std::size_t{1} << 20);
        if (!read.ok()) {
            found.values.push_back(kDamaged);
            break;
        }
        RecordBatchCursor batches(read.value().batches);
        for (auto batch = batches.next(); batch.ok() && batch.value(); batch = batches.next()) {
            RecordCursor records(*batch.value(), batch.value()->records());
            Offset offset = batch.value()->base_offset();
            for (RecordView record; records.next(record); offset = next(offset)) {
                if (offset >= log.log_start()) {
                    found.values.push_back(fingerprint_of(*record.value));
                }
            }
            at = next(batch.value()->last_offset());
        }
    }
    return found;
}

/// Says what is wrong, or which state the partitions are in.
struct Verdict {
    std::string problem;         // empty: none
    ModelState state;            // what was found
    std::size_t unanswered = 0;  // units that are there although they had not been published
};

/// How much the log start of a partition may differ from what the units say.
enum class StartCheck : std::uint8_t {
    kExact,
    kAtLeast,  // retention moves it as well
    kNone,     // a frame is lost: deleted records may show again
};

/// What the relaxed partition holds when the first `count` units of the journal are there and it
/// ends at `end`: a prefix of everything it was given, at least what somebody was promised.
inline std::string settle_relaxed(const ModelMoment& moment,
                                  std::size_t count,
                                  std::int64_t end,
                                  Crash crash,
                                  std::vector<Fingerprint>& values) {
    values = moment.committed[kRelaxedPartition].values;
    std::size_t floor =
        crash == Crash::kKill ? values.size() : static_cast<std::size_t>(moment.relaxed_floor);
    std::size_t journaled = 0;
    for (const ModelUnit& unit : moment.admitted) {
        if (unit.is_broken || (!unit.is_loose && journaled == count)) {
            continue;  // what is not there, nothing stands behind
        }
        journaled += unit.is_loose ? 0 : 1;
        bool is_touched = false;
        for (const auto& [partition, more] : unit.pieces) {
            if (partition == kRelaxedPartition) {
                values.insert(values.end(), more.begin(), more.end());
                is_touched = true;
            }
        }
        const bool is_promised = !unit.is_loose || (unit.is_written && crash == Crash::kKill);
        floor = is_touched && is_promised ? values.size() : floor;
    }
    const auto found = static_cast<std::size_t>(end);
    if (found < floor || found > values.size()) {
        return "relaxed partition ends at " + std::to_string(found) + ", must be from " +
               std::to_string(floor) + " to " + std::to_string(values.size());
    }
    values.resize(found);
    return {};
}

/// Says how a partition differs from what is expected.
inline std::string compare(std::size_t number,
                           const ModelMoment& moment,
                           const FoundPartition& found,
                           const ModelPartition& expected,
                           StartCheck start,
                           Crash crash) {
    const std::string name = "partition " + std::to_string(number);
    const bool may_shrink = number == kRelaxedPartition && crash == Crash::kPowerCut;
    const FoundPartition& seen = moment.seen[number];
    if (found.end < seen.end && !may_shrink) {
        return "a reader saw offset " + std::to_string(seen.end) + " of " + name +
               ", which ends at " + std::to_string(found.end);
    }
    if (start == StartCheck::kExact && found.log_start < seen.log_start) {
        return "a reader saw log start " + std::to_string(seen.log_start) + " of " + name +
               ", which starts at " + std::to_string(found.log_start);
    }
    if ((start != StartCheck::kNone && found.log_start < expected.log_start) ||
        (start == StartCheck::kExact && found.log_start != expected.log_start)) {
        return "log start of " + name + " is " + std::to_string(found.log_start) + " and not " +
               std::to_string(expected.log_start);
    }
    if (found.log_start > found.end || !std::equal(found.values.begin(),
                                                   found.values.end(),
                                                   expected.values.begin() + found.log_start,
                                                   expected.values.end())) {
        return "values of " + name + " differ, " + std::to_string(found.values.size()) +
               " from offset " + std::to_string(found.log_start) + " on";
    }
    return {};
}

/// Compares what was found after a crash at `moment` with what may be there.
inline Verdict judge(const ModelMoment& moment,
                     const std::vector<FoundPartition>& found,
                     const std::vector<StartCheck>& starts,
                     Crash crash) {
    crash = moment.is_disk_failed ? Crash::kPowerCut : crash;
    // What may be there: everything published, and behind it whole units in their order.
    std::vector<const ModelUnit*> units;  // of the journal
    for (const ModelUnit& unit : moment.admitted) {
        if (!unit.is_broken && !unit.is_loose) {
            units.push_back(&unit);
        }
    }
    std::vector<std::int64_t> ends;
    for (const ModelPartition& partition : moment.committed) {
        ends.push_back(static_cast<std::int64_t>(partition.values.size()));
    }
    std::size_t must = 0;  // so many units have to be there
    for (std::size_t i = 0; i < units.size(); ++i) {
        const bool is_promised =
            units[i]->is_acked || (units[i]->is_written && crash == Crash::kKill);
        must = is_promised ? i + 1 : must;
    }
    std::string problem;
    for (std::size_t count = 0; count <= units.size(); ++count) {
        if (count > 0) {
            for (const auto& [partition, values] : units[count - 1]->pieces) {
                ends[partition] += static_cast<std::int64_t>(values.size());
            }
        }
        bool fits = true;
        for (std::size_t p = 0; p < found.size(); ++p) {
            fits = fits && (p == kRelaxedPartition || found[p].end == ends[p]);
        }
        if (!fits) {
            continue;
        }
        if (count < must) {
            problem = "an acknowledged unit is lost";
            continue;
        }
        Verdict verdict{.problem = {}, .state = moment.committed, .unanswered = count};
        for (std::size_t i = 0; i < count; ++i) {
            add_to(verdict.state, *units[i]);
        }
        std::string differs = settle_relaxed(moment,
                                             count,
                                             found[kRelaxedPartition].end,
                                             crash,
                                             verdict.state[kRelaxedPartition].values);
        for (std::size_t p = 0; p < found.size() && differs.empty(); ++p) {
            differs = compare(p, moment, found[p], verdict.state[p], starts[p], crash);
        }
        if (differs.empty()) {
            // Log starts stay what units promised: what retention removed may come back.
            return verdict;
        }
        problem += (problem.empty() ? "" : "; or ") + differs;
    }
    if (problem.empty()) {
        problem = "ends are no prefix of whole units: found";
        for (std::size_t p = 0; p < found.size(); ++p) {
            problem += " " + std::to_string(found[p].end) + " of " +
                       std::to_string(moment.committed[p].values.size()) + ".." +
                       std::to_string(ends[p]);
        }
    }
    return Verdict{.problem = problem, .state = {}};
}

}  // namespace millrace::log
