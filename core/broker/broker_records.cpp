// Records of a broker that go away on request.
#include "core/broker/broker_impl.h"

namespace millrace::broker {

void BrokerImpl::delete_records(TopicPartition id, Offset before, Completion<Offset> done) {
    Result<PartitionPtr> found =
        is_closed_ ? Result<PartitionPtr>{closed_error()} : find_or_error(id);
    if (!found.ok()) {
        env_.io.post([done = std::move(done), error = found.error()] { done(error); });
        return;
    }
    const PartitionPtr partition = std::move(found).value();
    log::JournalUnit unit;
    unit.moves.push_back({.log = partition.get(), .id = id, .before = before});
    unit.done = [partition, done = std::move(done)](const Result<log::UnitCommitted>& result) {
        done(result.ok() ? Result<Offset>{partition->log_start()} : Result<Offset>{result.error()});
    };
    journal_->submit(std::move(unit));
}

}  // namespace millrace::broker
