// Fetches of several partitions at once.
#include <algorithm>

#include "core/broker/broker_impl.h"
#include "core/record/record_batch.h"

namespace millrace::broker {

namespace {

/// No answer is larger, whatever the reader asks for, unless a single batch is.
constexpr std::size_t kFetchBytesMax = std::size_t{55} << 20;

/// What readers of that isolation may see: up to the last stable offset or to the end.
Offset readable_end(const PartitionFetched& fetched, Isolation isolation) {
    return isolation == Isolation::kReadCommitted ? fetched.last_stable_offset
                                                  : fetched.high_watermark;
}

/// Batches in a row, and the offset behind them.
struct Run {
    ByteView batches;
    Offset next_offset;
};

/// The front of `batches` that lies before `end`. Batches are never split.
Run before(ByteView batches, Offset end) {
    Run run;
    RecordBatchCursor cursor(batches);
    for (;;) {
        run.batches = batches.first(cursor.position());
        const auto batch = cursor.next();
        if (!batch.ok() || !batch.value() || batch.value()->base_offset() >= end) {
            return run;
        }
        run.next_offset = next(batch.value()->last_offset());
    }
}

/// Reads whole batches of one partition.
///
/// bytes_max   for all; passed by a single batch only where `is_first`
/// returns     bytes read
std::size_t read_partition(log::PartitionLog& partition,
                           const PartitionFetch& wanted,
                           Isolation isolation,
                           std::size_t bytes_max,
                           bool is_first,
                           PartitionFetched& fetched) {
    fetched.high_watermark = partition.high_watermark();
    fetched.last_stable_offset = std::min(partition.last_stable_offset(), fetched.high_watermark);
    fetched.log_start = partition.log_start();
    const Offset end = readable_end(fetched, isolation);
    if (wanted.offset < fetched.log_start || wanted.offset > fetched.high_watermark) {
        fetched.error = KafkaError::kOffsetOutOfRange;
        return 0;
    }
    std::size_t bytes = 0;
    Offset at = wanted.offset;
    while (at < end && (bytes < bytes_max || is_first)) {
        Result<log::LogRead> read = partition.read(at, bytes_max - std::min(bytes, bytes_max));
        if (!read.ok()) {
            // What was read before it is good; the next fetch begins at the damage and says so.
            if (bytes == 0) {
                fetched.error = to_kafka_error(read.error().code);
            }
            break;
        }
        // The partition may have grown since its end was asked for. What came belongs to no answer
        // that names the old end: it may be of a transaction that is open.
        const auto [batches, next_offset] = before(read.value().batches, end);
        const bool is_too_large = bytes + batches.size() > bytes_max && !(is_first && bytes == 0);
        if (batches.empty() || is_too_large) {
            break;
        }
        bytes += batches.size();
        is_first = false;
        at = next_offset;
        fetched.batches.push_back(batches);
        fetched.pages.push_back(std::move(read).value().page);
    }
    if (isolation == Isolation::kReadCommitted) {
        fetched.aborted = partition.aborted_transactions(wanted.offset, at);
    }
    return bytes;
}

}  // namespace

struct SetInFlight {
    /// How many bytes the answer may hold.
    [[nodiscard]] std::size_t reserve_memory() const {
        std::size_t bytes = 0;
        for (const PartitionFetch& wanted : set.partitions) {
            bytes += std::min(wanted.bytes_max, set.bytes_max - bytes);
        }
        return memory ? memory->reserve(bytes) : bytes;
    }
    void settle_memory(std::size_t bytes) const {
        if (memory) {
            memory->settle(bytes);
        }
    }

    FetchSet set;
    std::shared_ptr<const FetchMemory> memory;  // may be null
    Completion<std::vector<PartitionFetched>> done;
    std::chrono::nanoseconds deadline{0};  // monotonic
};

std::vector<PartitionPtr> BrokerImpl::partitions_of(const FetchSet& set) const {
    std::vector<PartitionPtr> partitions;
    partitions.reserve(set.partitions.size());
    const std::shared_lock lock(partitions_mutex_);
    for (const PartitionFetch& wanted : set.partitions) {
        const auto found = partitions_.find(wanted.from);
        partitions.push_back(found == partitions_.end() ? nullptr : found->second);
    }
    return partitions;
}

bool BrokerImpl::has_moved(const FetchSet& set, const std::vector<PartitionFetched>& seen) const {
    const std::vector<PartitionPtr> partitions = partitions_of(set);
    for (std::size_t i = 0; i < partitions.size(); ++i) {
        if (!partitions[i] || partitions[i]->high_watermark() != seen[i].high_watermark) {
            return true;
        }
    }
    return is_closed_;
}

void BrokerImpl::serve_set(FetchId id, const std::shared_ptr<SetInFlight>& flight, bool is_last) {
    if (is_closed_) {
        waiters_->finish(id);
        flight->done(closed_error());
        return;
    }
    const FetchSet& set = flight->set;
    const std::vector<PartitionPtr> partitions = partitions_of(set);
    std::vector<PartitionFetched> fetched(set.partitions.size());
    std::size_t bytes = 0;
    const std::size_t bytes_max = flight->reserve_memory();
    bool is_final = is_last;
    for (std::size_t i = 0; i < set.partitions.size(); ++i) {
        if (!partitions[i]) {
            fetched[i].error = KafkaError::kUnknownTopicOrPartition;
        } else {
            const PartitionFetch& wanted = set.partitions[i];
            const std::size_t left = bytes_max - std::min(bytes, bytes_max);
            bytes += read_partition(*partitions[i],
                                    wanted,
                                    set.isolation,
                                    std::min(wanted.bytes_max, left),
                                    bytes == 0,
                                    fetched[i]);
        }
        is_final = is_final || fetched[i].error != KafkaError::kNone;
    }
    const auto wait = flight->deadline - env_.clock.monotonic();
    if (is_final || bytes >= std::min(set.bytes_min, bytes_max) || wait.count() <= 0) {
        flight->settle_memory(bytes);
        waiters_->finish(id);
        flight->done(std::move(fetched));
        return;
    }
    flight->settle_memory(0);  // what was read is read again when there is more
    std::vector<TopicPartition> ids;
    ids.reserve(set.partitions.size());
    for (const PartitionFetch& wanted : set.partitions) {
        ids.push_back(wanted.from);
    }
    waiters_->add(
        id,
        std::move(ids),
        set.bytes_min - bytes,
        wait,
        [&] { return has_moved(set, fetched); },
        [this, id, flight, handle = lifetime_.handle()](FetchWaiters::Served served) {
            handle.run([&] { serve_set(id, flight, served == FetchWaiters::Served::kEnded); },
                       [&] { flight->done(closed_error()); });
        });
}

FetchId BrokerImpl::fetch_set(FetchSet set,
                              std::shared_ptr<const FetchMemory> memory,
                              Completion<std::vector<PartitionFetched>> done) {
    const FetchId id = waiters_->start();
    set.bytes_max = std::min(set.bytes_max, kFetchBytesMax);
    auto flight = std::make_shared<SetInFlight>(
        SetInFlight{std::move(set), std::move(memory), std::move(done), env_.clock.monotonic()});
    flight->deadline += flight->set.wait_max;
    env_.io.post([this, id, flight, handle = lifetime_.handle()] {
        handle.run([&] { serve_set(id, flight, false); }, [&] { flight->done(closed_error()); });
    });
    return id;
}

}  // namespace millrace::broker
