#include "server/cli/topic_reader.h"

#include "core/record/record_batch.h"
#include "core/record/record_cursor.h"

namespace millrace::server {

namespace {

constexpr std::chrono::milliseconds kFollowWait{200};

/// Visits the records of one fetch at or after `at` and moves `at` behind them. False: the visitor
/// has enough.
Result<bool> visit_batches(const FetchResult& fetched,
                           std::int32_t partition,
                           Offset& at,
                           const std::function<bool(std::int32_t, const RecordView&)>& visit) {
    RecordBatchCursor batches(fetched.batches);
    RecordView record;
    for (;;) {
        MILLRACE_TRY(const auto batch, batches.next());
        if (!batch) {
            return true;
        }
        MILLRACE_TRY(const RecordPayload payload, payload_of(*batch, fetched.page));
        RecordCursor records(*batch, payload.bytes);
        while (records.next(record)) {
            if (record.offset >= at && !visit(partition, record)) {
                return false;
            }
        }
        MILLRACE_TRY_STATUS(records.status());
        at = next(batch->last_offset());
    }
}

}  // namespace

Status read_records(LogClient& log,
                    const ReadPlan& plan,
                    const std::function<bool(std::int32_t, const RecordView&)>& visit,
                    const std::function<bool()>& is_cancelled) {
    std::map<std::int32_t, Offset> at = plan.from;
    const LogSnapshot ends = log.snapshot();
    for (bool moved = true; moved || plan.follow;) {
        moved = false;
        for (auto& [partition, offset] : at) {
            const TopicPartition id{plan.topic.id, Partition{partition}};
            while (plan.follow || offset < ends.end_of(id)) {
                if (is_cancelled()) {
                    return Ok{};
                }
                // Following several partitions in turn: each waits a little, so none starves.
                MILLRACE_TRY(
                    const FetchResult fetched,
                    fetch_and_wait(
                        log,
                        {.from = id,
                         .offset = offset,
                         .wait_max = plan.follow ? kFollowWait / static_cast<int>(at.size())
                                                 : std::chrono::milliseconds{0}}));
                if (fetched.batches.empty()) {
                    break;
                }
                MILLRACE_TRY(const bool wants_more,
                             visit_batches(fetched, partition, offset, visit));
                if (!wants_more) {
                    return Ok{};
                }
                moved = true;
            }
        }
    }
    return Ok{};
}

}  // namespace millrace::server
