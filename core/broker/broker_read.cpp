// Reads of a broker: fetches, snapshots, offsets by time.
#include "core/broker/broker_impl.h"

namespace millrace::broker {

Result<FetchResult> BrokerImpl::read(const FetchRequest& request) const {
    MILLRACE_TRY(const PartitionPtr partition, find_or_error(request.from));
    MILLRACE_TRY(log::LogRead read, partition->read(request.offset, request.bytes_max));
    return FetchResult{.page = std::move(read.page),
                       .batches = read.batches,
                       .log_start = partition->log_start(),
                       .high_watermark = partition->high_watermark()};
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
        return !partition || partition->high_watermark() > request.offset;
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
            snapshot.ends[id] = partition->high_watermark();
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
