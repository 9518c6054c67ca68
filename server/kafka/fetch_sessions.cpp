#include "server/kafka/fetch_sessions.h"

#include <limits>
#include <utility>

namespace millrace::server::kafka {

namespace {

/// Epochs of a running session are 1 to the largest number, and then 1 again.
std::int32_t next_epoch(std::int32_t epoch) {
    return epoch == std::numeric_limits<std::int32_t>::max() ? 1 : epoch + 1;
}

}  // namespace

std::size_t FetchSession::KeyHash::operator()(const Key& key) const {
    const std::size_t name = std::hash<std::string>{}(key.topic_name);
    return name * 31 + std::hash<TopicPartition>{}({key.topic, key.partition});
}

FetchSession::Key FetchSession::key_of(const FetchTarget& target) {
    return {target.topic_name,
            target.topic_name.empty() ? target.partition.topic : TopicId{},
            target.partition.partition};
}

bool FetchSession::advance(std::int32_t epoch,
                           std::vector<FetchTarget> targets,
                           const std::vector<FetchTarget>& forgotten) {
    const std::lock_guard lock(mutex_);
    if (epoch != 0) {
        if (epoch != epoch_) {
            return false;
        }
        epoch_ = next_epoch(epoch_);
    }
    for (FetchTarget& target : targets) {
        Key key = key_of(target);
        if (const auto found = by_key_.find(key); found != by_key_.end()) {
            found->second->target = std::move(target);
        } else {
            entries_.push_back({.target = std::move(target)});
            by_key_.emplace(std::move(key), std::prev(entries_.end()));
        }
    }
    for (const FetchTarget& target : forgotten) {
        if (const auto found = by_key_.find(key_of(target)); found != by_key_.end()) {
            entries_.erase(found->second);
            by_key_.erase(found);
        }
    }
    return true;
}

std::vector<FetchTarget> FetchSession::targets() const {
    const std::lock_guard lock(mutex_);
    std::vector<FetchTarget> targets;
    targets.reserve(entries_.size());
    for (const Entry& entry : entries_) {
        targets.push_back(entry.target);
    }
    return targets;
}

bool FetchSession::must_tell(const FetchTarget& target, const PartitionFetched& fetched) {
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key_of(target));
    if (found == by_key_.end()) {
        return true;
    }
    Entry& entry = *found->second;
    if (fetched.error != KafkaError::kNone) {
        entry.high_watermark = Offset{-1};  // told again once the error is over
        return true;
    }
    const bool is_new =
        entry.high_watermark != fetched.high_watermark || entry.log_start != fetched.log_start;
    entry.high_watermark = fetched.high_watermark;
    entry.log_start = fetched.log_start;
    if (!fetched.batches.empty()) {
        // Behind those that had nothing, so that all get their turn when an answer is full.
        entries_.splice(entries_.end(), entries_, found->second);
        return true;
    }
    return is_new;
}

void FetchSession::set_topic(const FetchTarget& target) {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_key_.find(key_of(target)); found != by_key_.end()) {
        found->second->target.partition.topic = target.partition.topic;
        found->second->target.is_known = target.is_known;
    }
}

std::size_t FetchSession::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

std::shared_ptr<FetchSessions> make_fetch_sessions() {
    return std::make_shared<FetchSessions>();
}

FetchSessionPtr FetchSessions::create(Clock& clock,
                                      Random& random,
                                      bool uses_topic_ids,
                                      std::vector<FetchTarget> targets) {
    const std::lock_guard lock(mutex_);
    const auto now = clock.monotonic();
    const bool is_full =
        order_.size() >= kSessionsMax || partitions_ + targets.size() > kPartitionsMax;
    if (is_full && (order_.empty() || now - order_.front().last_used < kIdleMax)) {
        return nullptr;
    }
    if (is_full) {
        erase(order_.begin());
    }
    std::int32_t id = 0;
    while (id == 0 || by_id_.contains(id)) {
        id = static_cast<std::int32_t>(random.next() & 0x7fffffff);
    }
    const std::size_t partitions = targets.size();
    auto session = std::make_shared<FetchSession>(id, uses_topic_ids);
    session->advance(0, std::move(targets), {});
    order_.push_back({.session = session, .partitions = partitions, .last_used = now});
    by_id_.emplace(id, std::prev(order_.end()));
    partitions_ += partitions;
    return session;
}

FetchSessionPtr FetchSessions::find(Clock& clock, std::int32_t id) {
    const std::lock_guard lock(mutex_);
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) {
        return nullptr;
    }
    found->second->last_used = clock.monotonic();
    order_.splice(order_.end(), order_, found->second);
    return found->second->session;
}

void FetchSessions::remove(std::int32_t id) {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_id_.find(id); found != by_id_.end()) {
        erase(found->second);
    }
}

std::size_t FetchSessions::size() const {
    const std::lock_guard lock(mutex_);
    return order_.size();
}

void FetchSessions::erase(Order::iterator at) {
    partitions_ -= at->partitions;
    by_id_.erase(at->session->id());
    order_.erase(at);
}

}  // namespace millrace::server::kafka
