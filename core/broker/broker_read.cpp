// Reads of a broker: fetches, snapshots, offsets by time.
#include "core/broker/broker_impl.h"
#include "core/record/aborted_filter.h"
#include "core/record/record_batch.h"

namespace millrace::broker {

namespace {

/// The first batches in a row that lie before `end` and belong to no aborted transaction. Moves
/// `at` behind the aborted ones in front of them.
Result<ByteView> committed_run(ByteView batches, Offset end, AbortedFilter& filter, Offset& at) {
    RecordBatchCursor cursor(batches);
    std::size_t begin = 0;
    for (;;) {
        const std::size_t position = cursor.position();
        MILLRACE_TRY(const auto batch, cursor.next());
        if (!batch || batch->base_offset() >= end) {
            return batches.subspan(begin, position - begin);
        }
        if (!filter.is_aborted(*batch)) {
            continue;
        }
        if (position > begin) {
            return batches.subspan(begin, position - begin);
        }
        begin = cursor.position();
        at = next(batch->last_offset());
    }
}

}  // namespace

Result<FetchResult> BrokerImpl::read(const FetchRequest& request) const {
    MILLRACE_TRY(const PartitionPtr partition, find_or_error(request.from));
    FetchResult result{.page = nullptr,
                       .batches = {},
                       .log_start = partition->log_start(),
                       .high_watermark = partition->last_stable_offset()};
    const Offset end = partition->high_watermark();
    for (Offset at = request.offset;;) {
        if (at >= result.high_watermark && at <= end) {
            return result;
        }
        MILLRACE_TRY(log::LogRead read, partition->read(at, request.bytes_max));
        if (read.batches.empty()) {
            return result;
        }
        AbortedFilter filter(partition->aborted_transactions(at, result.high_watermark));
        MILLRACE_TRY(result.batches,
                     committed_run(read.batches, result.high_watermark, filter, at));
        if (!result.batches.empty()) {
            result.page = std::move(read.page);
            return result;
        }
    }
}

void BrokerImpl::serve(FetchId id,
                       const FetchRequest& request,
                       const Completion<FetchResult>& done) {
    Result<FetchResult> result = is_closed_ ? Result<FetchResult>{closed_error()} : read(request);
    if (!result.ok() || !result.value().batches.empty() || request.wait_max.count() <= 0) {
        waiters_->finish(id);
        done(std::move(result));
        return;
    }
    const auto is_ready = [this, &request] {
        const PartitionPtr partition = find(request.from);
        return !partition || partition->last_stable_offset() > request.offset;
    };
    waiters_->add(
        id,
        {request.from},
        1,
        request.wait_max,
        is_ready,
        [this, id, request, done, handle = lifetime_.handle()](FetchWaiters::Served) {
            handle.run(
                [&] {
                    waiters_->finish(id);
                    done(is_closed_ ? Result<FetchResult>{closed_error()} : read(request));
                },
                [&] { done(closed_error()); });
        });
}

FetchId BrokerImpl::fetch(const FetchRequest& request, Completion<FetchResult> done) {
    const FetchId id = waiters_->start();
    env_.io.post([this, id, request, done = std::move(done), handle = lifetime_.handle()] {
        handle.run([&] { serve(id, request, done); }, [&] { done(closed_error()); });
    });
    return id;
}

LogSnapshot BrokerImpl::snapshot() {
    LogSnapshot snapshot;
    const std::shared_lock lock(partitions_mutex_);
    snapshot.sequence = journal_->read_consistently([&] {
        for (const auto& [id, partition] : partitions_) {
            snapshot.ends[id] = partition->last_stable_offset();
        }
    });
    return snapshot;
}

Result<Offset> BrokerImpl::log_start(TopicPartition partition) {
    MILLRACE_TRY(const PartitionPtr found, find_or_error(partition));
    return found->log_start();
}

Result<Offset> BrokerImpl::offset_for_time(TopicPartition partition, Timestamp time) {
    MILLRACE_TRY(const PartitionPtr found, find_or_error(partition));
    return found->offset_for_time(time);
}

Result<std::optional<log::TimedOffset>> BrokerImpl::find_time(TopicPartition partition,
                                                              Timestamp time) {
    MILLRACE_TRY(const PartitionPtr found, find_or_error(partition));
    return found->find_time(time);
}

Result<std::optional<log::TimedOffset>> BrokerImpl::find_max_timestamp(TopicPartition partition) {
    MILLRACE_TRY(const PartitionPtr found, find_or_error(partition));
    return found->find_max_timestamp();
}

Result<PartitionEnds> BrokerImpl::partition_ends(TopicPartition partition) {
    MILLRACE_TRY(const PartitionPtr found, find_or_error(partition));
    const Offset stable = found->last_stable_offset();
    return PartitionEnds{.log_start = found->log_start(),
                         .last_stable_offset = stable,
                         .high_watermark = found->high_watermark()};
}

Result<std::uint64_t> BrokerImpl::partition_bytes(TopicPartition partition) {
    MILLRACE_TRY(const PartitionPtr found, find_or_error(partition));
    return found->size_bytes();
}

}  // namespace millrace::broker
