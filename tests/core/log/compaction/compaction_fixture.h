// A compacted partition, what must be in it by a plain model, and verbs for the tests.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/log/compaction/compaction_pass.h"
#include "core/log/compaction/compaction_plan.h"
#include "core/log/segment.h"
#include "tests/core/log/partition_fixture.h"

namespace millrace::log {

struct ModelRecord {
    std::int64_t offset = 0;
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::int64_t timestamp = 0;

    friend bool operator==(const ModelRecord&, const ModelRecord&) = default;
};

/// Everything that readers get from `from` on; checks that offsets ascend and that the pages end
/// where the log does.
inline Result<std::vector<ModelRecord>> records_of(PartitionLog& log,
                                                   Offset from,
                                                   std::size_t bytes_max = kPageSize) {
    std::vector<ModelRecord> found;
    while (from < log.high_watermark()) {
        MILLRACE_TRY(const LogRead read, log.read(from, bytes_max));
        if (read.batches.empty()) {
            return Error{ErrorCode::kCorruptBatch, "nothing to read below the high watermark"};
        }
        const Offset before = from;
        RecordBatchCursor batches(read.batches);
        while (true) {
            MILLRACE_TRY(const auto batch, batches.next());
            if (!batch) {
                break;
            }
            MILLRACE_TRY(const RecordPayload payload, payload_of(*batch, read.page));
            RecordCursor records(*batch, payload.bytes);
            RecordView record;
            while (records.next(record)) {
                if (record.offset < from || batch->is_control()) {
                    continue;
                }
                found.push_back({.offset = record.offset.value,
                                 .key = std::nullopt,
                                 .value = std::nullopt,
                                 .timestamp = record.timestamp.value});
                if (record.key) {
                    found.back().key = std::string(as_text(*record.key));
                }
                if (record.value) {
                    found.back().value = std::string(as_text(*record.value));
                }
            }
            MILLRACE_TRY_STATUS(records.status());
            from = next(batch->last_offset());
        }
        if (from <= before) {
            return Error{ErrorCode::kCorruptBatch, "the reader does not get on"};
        }
    }
    return found;
}

class CompactionFixture {
  public:
    explicit CompactionFixture(FileSystem* files = nullptr) : partition(files) {
        partition.options().segment_bytes = 2000;
        partition.options().preallocate_bytes = 512;
        partition.options().compaction.emplace();
        partition.options().compaction->delete_retention = std::chrono::hours(1);
    }

    /// One batch; values that are null are tombstones, keys that are null have none.
    using Pair = std::pair<std::optional<std::string>, std::optional<std::string>>;
    static Buffer batch_of(const std::vector<Pair>& pairs,
                           std::int64_t timestamp,
                           Codec codec = Codec::kNone,
                           RecordBatchFields fields = {}) {
        RecordBatchBuilder builder(fields);
        std::int64_t at = timestamp;
        for (const auto& [key, value] : pairs) {
            builder.add(key ? std::optional(as_bytes(*key)) : std::nullopt,
                        value ? std::optional(as_bytes(*value)) : std::nullopt,
                        Timestamp{at++});
        }
        return builder.finish(codec).value();
    }

    Offset append(const std::vector<Pair>& pairs,
                  Codec codec = Codec::kNone,
                  RecordBatchFields fields = {}) {
        const std::int64_t timestamp = partition.clock().wall_ms();
        const Offset base =
            partition.try_append(batch_of(pairs, timestamp, codec, fields)).value().base_offset;
        std::int64_t at = 0;
        for (const auto& [key, value] : pairs) {
            written.push_back({.offset = base.value + at,
                               .key = key,
                               .value = value,
                               .timestamp = timestamp + at});
            ++at;
        }
        return base;
    }
    /// Closes the active segment as age would.
    void roll() {
        const auto age = partition.options().segment_age;
        partition.options().segment_age = std::chrono::milliseconds(1);
        partition.log().set_options(partition.options());
        partition.clock().advance(std::chrono::milliseconds(1));
        partition.apply_retention();
        partition.options().segment_age = age;
        partition.log().set_options(partition.options());
        ASSERT_TRUE(partition.log().sync().ok());
    }

    [[nodiscard]] CompactionInput input(std::size_t map_bytes = std::size_t{1} << 20) {
        CompactionInput made;
        made.segments = partition.log().closed_segments();
        made.dirty_from = cleaned_to;
        made.segment_bytes = partition.options().segment_bytes;
        made.options = *partition.options().compaction;
        made.transactions = partition.log().transaction_facts();
        made.now_ms = partition.clock().wall_ms();
        made.map_bytes_max = map_bytes;
        made.seed = 1;
        return made;
    }
    /// One pass over all closed segments.
    Status compact(std::size_t map_bytes = std::size_t{1} << 20, std::size_t step_bytes = 300) {
        CompactionInput made = input(map_bytes);
        if (made.segments.empty()) {
            return Ok{};
        }
        CompactionPass pass(partition.env(), std::move(made));
        while (true) {
            MILLRACE_TRY(const CompactionPass::Step step, pass.step(step_bytes));
            if (step == CompactionPass::Step::kSwap) {
                MILLRACE_TRY_STATUS(partition.log().replace_segments(pass.swap()));
                pass.swapped();
            }
            if (step == CompactionPass::Step::kDone) {
                break;
            }
        }
        cleaned_to = pass.state().cleaned_to;
        horizon = pass.state().horizon;
        stats = pass.stats();
        return Ok{};
    }

    std::vector<ModelRecord> read() {
        return records_of(partition.log(), partition.log().log_start()).value();
    }
    /// "k=v@offset" for each record that is served.
    std::vector<std::string> served() {
        std::vector<std::string> texts;
        for (const ModelRecord& record : read()) {
            texts.push_back(record.key.value_or("-") + "=" + record.value.value_or("-") + "@" +
                            std::to_string(record.offset));
        }
        return texts;
    }
    [[nodiscard]] std::vector<std::string> files() {
        std::vector<std::string> names;
        const auto entries = partition.files().list(parent_path(partition.path(Offset{0}))).value();
        for (const DirectoryEntry& entry : entries) {
            names.push_back(entry.name);
        }
        return names;
    }

    PartitionFixture partition;
    std::vector<ModelRecord> written;  // all that ever was
    Offset cleaned_to;
    std::optional<Timestamp> horizon;
    CompactionStats stats;
};

}  // namespace millrace::log
