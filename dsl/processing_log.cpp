#include "dsl/processing_log.h"

#include <utility>
#include <vector>

#include "core/base/json.h"
#include "core/record/record_batch_builder.h"

namespace millrace::dsl {

namespace {

// Records of one append.
constexpr std::size_t kBatchMax = 1'000;
// Distinct errors that are remembered; later ones are only written to the topic.
constexpr std::size_t kWarnedMax = 1'000;
constexpr std::size_t kMessageBytesMax = 4'096;

/// The message without what differs from row to row: values stand last or are digits.
std::string class_of(const runtime::ProcessingError& error) {
    std::string text = error.message.substr(0, error.message.rfind(": "));
    std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
    return error.query_id + '\n' + error.step + '\n' + text;
}

std::string place_of(const runtime::ProcessingError& error) {
    if (error.topic.empty()) {
        return "";
    }
    std::string place = " (topic " + error.topic;
    if (error.offset.value >= 0) {
        place += ", partition " + std::to_string(error.partition.value) + ", offset " +
                 std::to_string(error.offset.value);
    }
    return place + ")";
}

}  // namespace

Result<std::shared_ptr<ProcessingLog>> ProcessingLog::open(Env& env, LogClient& log) {
    auto topic = log.describe_topic(std::string(kProcessingLogTopic));
    if (!topic.ok() && topic.error().code == ErrorCode::kUnknownTopic) {
        topic = log.create_topic(TopicSpec{std::string(kProcessingLogTopic), 1, {}});
    }
    if (!topic.ok()) {
        return std::move(topic).error().with_context("the processing log cannot be opened");
    }
    return std::shared_ptr<ProcessingLog>(new ProcessingLog(env, log, topic.value().id));
}

void ProcessingLog::report(const runtime::ProcessingError& error) {
    const std::int64_t now = env_.clock.wall_ms();
    const std::string message = error.message.substr(0, kMessageBytesMax);
    Json json;
    json.set("time", Json(now));
    json.set("query", Json(error.query_id));
    json.set("step", Json(error.step));
    json.set("code", Json(name_of(error.code)));
    json.set("message", Json(message));
    json.set("topic", Json(error.topic));
    json.set("partition", Json(std::int64_t{error.partition.value}));
    json.set("offset", Json(error.offset.value));
    bool is_new = false;
    bool starts_writing = false;
    {
        const std::lock_guard lock(mutex_);
        is_new = warned_of_.size() < kWarnedMax && warned_of_.insert(class_of(error)).second;
        if (waiting_.size() >= kWaitingMax) {
            ++lost_;
        } else {
            waiting_.push_back(Entry{error.query_id, json.dump(), Timestamp{now}});
            starts_writing = !std::exchange(is_writing_, true);
        }
    }
    if (is_new) {
        env_.log.warn("query " + error.query_id,
                      error.step + ": " + message + place_of(error) +
                          "; further rows like it go to the topic " +
                          std::string(kProcessingLogTopic) + " only");
    }
    if (starts_writing) {
        env_.io.post([self = shared_from_this()] { self->write_some(); });
    }
}

std::uint64_t ProcessingLog::lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
}

/// On the I/O executor; one at a time, which is_writing_ sees to.
void ProcessingLog::write_some() {
    RecordBatchBuilder builder;
    std::size_t count = 0;
    {
        const std::lock_guard lock(mutex_);
        for (; count < waiting_.size() && count < kBatchMax; ++count) {
            const Entry& entry = waiting_[count];
            builder.add(as_bytes(entry.key), as_bytes(entry.value), entry.time);
        }
    }
    auto batch = builder.finish();
    if (!batch.ok()) {
        written(count, batch.error());
        return;
    }
    Unit unit;
    unit.pieces.push_back(Piece{TopicPartition{topic_, Partition{0}}, std::move(batch).value()});
    log_.append_atomic(std::move(unit), [self = shared_from_this(), count](auto done) {
        self->written(count, done);
    });
}

void ProcessingLog::written(std::size_t count, const Result<CommitPosition>& done) {
    if (!done.ok()) {
        env_.log.warn("processing log",
                      std::to_string(count) + " entries were lost: " + done.error().message);
    }
    const std::lock_guard lock(mutex_);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    lost_ += done.ok() ? 0 : count;
    if (waiting_.empty()) {
        is_writing_ = false;  // close() returns: nothing of the services may be used from here on
        written_.notify_all();
    } else {
        env_.io.post([self = shared_from_this()] { self->write_some(); });
    }
}

void ProcessingLog::close() {
    std::unique_lock lock(mutex_);
    written_.wait(lock, [this] { return !is_writing_; });
}

}  // namespace millrace::dsl
