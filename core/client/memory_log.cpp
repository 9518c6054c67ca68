#include "core/client/memory_log.h"

#include <algorithm>

namespace millrace {

namespace {

// Of a v2 record batch; see docs/formats/record_batch.md.
constexpr std::size_t kPrefix = 12;
constexpr std::size_t kLengthAt = 8;
constexpr std::size_t kLastDeltaAt = 23;
constexpr std::size_t kMaxTimestampAt = 35;
constexpr std::size_t kHeader = 61;

}  // namespace

MemoryLog::Part* MemoryLog::find(TopicPartition partition) {
    for (auto& [name, topic] : topics_) {
        const auto at = static_cast<std::size_t>(partition.partition.value);
        if (topic.info.id == partition.topic && at < topic.parts.size()) {
            return &topic.parts[at];
        }
    }
    return nullptr;
}

Result<TopicInfo> MemoryLog::create_topic(const TopicSpec& spec) {
    const std::lock_guard lock(mutex_);
    if (spec.name.empty()) {
        return Error{ErrorCode::kInvalidArgument, "a topic needs a name"};
    }
    if (topics_.contains(spec.name)) {
        return Error{ErrorCode::kTopicExists, "topic exists: " + spec.name};
    }
    Topic topic;
    topic.info.name = spec.name;
    topic.info.partitions = spec.partitions;
    topic.info.config = spec.config;
    topic.info.is_internal = spec.name.starts_with("_");
    store_be(reinterpret_cast<std::byte*>(topic.info.id.bytes.data()), next_topic_++);
    topic.parts.resize(static_cast<std::size_t>(spec.partitions));
    return topics_.emplace(spec.name, std::move(topic)).first->second.info;
}

Status MemoryLog::delete_topic(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (topics_.erase(name) == 0) {
        return Error{ErrorCode::kUnknownTopic, "unknown topic: " + name};
    }
    return Ok{};
}

Result<TopicInfo> MemoryLog::describe_topic(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto found = topics_.find(name);
    if (found == topics_.end()) {
        return Error{ErrorCode::kUnknownTopic, "unknown topic: " + name};
    }
    return found->second.info;
}

std::vector<TopicInfo> MemoryLog::list_topics() {
    const std::lock_guard lock(mutex_);
    std::vector<TopicInfo> infos;
    for (const auto& [name, topic] : topics_) {
        infos.push_back(topic.info);
    }
    return infos;
}

Status MemoryLog::alter_config(const std::string& name, const TopicConfig& changes) {
    const std::lock_guard lock(mutex_);
    const auto found = topics_.find(name);
    if (found == topics_.end()) {
        return Error{ErrorCode::kUnknownTopic, "unknown topic: " + name};
    }
    for (const auto& [key, value] : changes) {
        if (value.empty()) {
            found->second.info.config.erase(key);
        } else {
            found->second.info.config[key] = value;
        }
    }
    return Ok{};
}

void MemoryLog::append_atomic(Unit unit, Completion<CommitPosition> done) {
    auto applied = [&] {
        const std::lock_guard lock(mutex_);
        return apply(unit);
    }();
    io_.post([applied = std::move(applied), done = std::move(done)] { done(applied); });
    complete_ready();
}

Result<CommitPosition> MemoryLog::apply(Unit& unit) {
    if (unit.epoch) {
        if (failing_ > 0) {
            --failing_;
            return Error{failing_code_, "made to fail"};
        }
        if (unit.epoch->epoch != epochs_[unit.epoch->owner] + 1) {
            return Error{ErrorCode::kFenced, "stale epoch of " + unit.epoch->owner};
        }
    }
    for (const Piece& piece : unit.pieces) {
        if (find(piece.to) == nullptr) {
            return Error{ErrorCode::kUnknownTopic, "unknown topic id"};
        }
    }
    CommitPosition position;
    for (Piece& piece : unit.pieces) {
        Part& part = *find(piece.to);
        position.base_offsets.push_back(Offset{part.end});
        ByteView rest = piece.batches.view();
        while (rest.size() >= kHeader) {
            const std::size_t size =
                kPrefix + static_cast<std::size_t>(load_be<std::int32_t>(rest.data() + kLengthAt));
            CHECK(size <= rest.size());
            Batch batch;
            batch.bytes = Buffer(rest.first(size));
            batch.base = part.end;
            batch.last = part.end + load_be<std::int32_t>(rest.data() + kLastDeltaAt);
            store_be(batch.bytes.data(), batch.base);
            part.end = batch.last + 1;
            part.batches.push_back(std::move(batch));
            rest = rest.subspan(size);
        }
        CHECK(rest.empty());
    }
    for (OffsetCommit& offset : unit.offsets) {
        offsets_[offset.group][offset.source] = std::move(offset);
    }
    if (unit.epoch) {
        epochs_[unit.epoch->owner] = unit.epoch->epoch;
        ++commits_;
    }
    position.sequence = ++sequence_;
    return position;
}

Result<FetchResult> MemoryLog::read(const FetchRequest& request) {
    Part* part = find(request.from);
    if (part == nullptr) {
        return Error{ErrorCode::kUnknownTopic, "unknown topic id"};
    }
    if (request.offset.value < 0 || request.offset.value > part->end) {
        return Error{ErrorCode::kOffsetOutOfRange,
                     "offset out of range: " + std::to_string(request.offset.value)};
    }
    FetchResult result;
    result.high_watermark = Offset{part->end};
    auto first = std::partition_point(
        part->batches.begin(), part->batches.end(), [&request](const Batch& batch) {
            return batch.last < request.offset.value;
        });
    std::size_t size = 0;
    auto last = first;
    while (last != part->batches.end() &&
           (size == 0 || size + last->bytes.size() <= request.bytes_max)) {
        size += last->bytes.size();
        ++last;
    }
    if (size > 0) {
        auto page = Page::allocate(size);
        std::size_t at = 0;
        for (; first != last; ++first) {
            std::memcpy(page->data() + at, first->bytes.data(), first->bytes.size());
            at += first->bytes.size();
        }
        page->set_size(size);
        result.batches = page->view();
        result.page = std::move(page);
    }
    return result;
}

FetchId MemoryLog::fetch(const FetchRequest& request, Completion<FetchResult> done) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t id = next_fetch_++;
    Result<FetchResult> result = read(request);
    if (!result.ok() || !result.value().batches.empty() || request.wait_max.count() == 0) {
        io_.post([result = std::move(result), done = std::move(done)] { done(result); });
        return FetchId{id};
    }
    const TimerId timer = io_.post_after(request.wait_max, [this, id] { complete(id); });
    waiting_.emplace(id, Waiting{request, std::move(done), timer});
    return FetchId{id};
}

void MemoryLog::cancel_fetch(FetchId fetch) {
    complete(static_cast<std::uint64_t>(fetch));
}

void MemoryLog::complete(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(id);
    if (found == waiting_.end()) {
        return;
    }
    Waiting waiting = std::move(found->second);
    waiting_.erase(found);
    io_.cancel(waiting.timer);
    io_.post([result = read(waiting.request), done = std::move(waiting.done)] { done(result); });
}

void MemoryLog::complete_ready() {
    std::vector<std::uint64_t> ready;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, waiting] : waiting_) {
            const Part* part = find(waiting.request.from);
            if (part == nullptr || part->end > waiting.request.offset.value) {
                ready.push_back(id);
            }
        }
    }
    for (const std::uint64_t id : ready) {
        complete(id);
    }
}

LogSnapshot MemoryLog::snapshot() {
    const std::lock_guard lock(mutex_);
    LogSnapshot snapshot;
    snapshot.sequence = sequence_;
    for (const auto& [name, topic] : topics_) {
        for (std::size_t p = 0; p < topic.parts.size(); ++p) {
            snapshot.ends[{topic.info.id, Partition{static_cast<std::int32_t>(p)}}] =
                Offset{topic.parts[p].end};
        }
    }
    return snapshot;
}

Result<Offset> MemoryLog::log_start(TopicPartition partition) {
    const std::lock_guard lock(mutex_);
    if (find(partition) == nullptr) {
        return Error{ErrorCode::kUnknownTopic, "unknown topic id"};
    }
    return Offset{0};
}

Result<Offset> MemoryLog::offset_for_time(TopicPartition partition, Timestamp time) {
    const std::lock_guard lock(mutex_);
    const Part* part = find(partition);
    if (part == nullptr) {
        return Error{ErrorCode::kUnknownTopic, "unknown topic id"};
    }
    // By whole batches: as fine as callers of tests need it.
    for (const Batch& batch : part->batches) {
        if (load_be<std::int64_t>(batch.bytes.data() + kMaxTimestampAt) >= time.value) {
            return Offset{batch.base};
        }
    }
    return Offset{part->end};
}

std::map<TopicPartition, OffsetCommit> MemoryLog::committed_offsets(const std::string& group) {
    const std::lock_guard lock(mutex_);
    const auto found = offsets_.find(group);
    return found == offsets_.end() ? std::map<TopicPartition, OffsetCommit>{} : found->second;
}

std::uint64_t MemoryLog::committed_epoch(const std::string& owner) {
    const std::lock_guard lock(mutex_);
    const auto found = epochs_.find(owner);
    return found == epochs_.end() ? 0 : found->second;
}

void MemoryLog::fail_appends(std::size_t count, ErrorCode code) {
    const std::lock_guard lock(mutex_);
    failing_ = count;
    failing_code_ = code;
}

std::size_t MemoryLog::commits() const {
    const std::lock_guard lock(mutex_);
    return commits_;
}

}  // namespace millrace
