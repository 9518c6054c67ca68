#include "server/problem_log.h"

#include "core/base/json.h"
#include "core/record/record_batch_builder.h"

namespace millrace::server {

namespace {

/// The message up to its first value: texts that differ only in values are one error.
std::string kind_of(const connectors::ConnectorProblem& problem) {
    std::string kind = problem.connector + '\n';
    bool in_quotes = false;
    for (const char c : problem.error.message) {
        in_quotes = in_quotes != (c == '\'' || c == '"' || c == '`');
        if (!in_quotes && !(c >= '0' && c <= '9')) {
            kind += c;
        }
    }
    return kind.substr(0, 500);
}

}  // namespace

ProblemLog::~ProblemLog() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return !is_appending_; });
}

void ProblemLog::add(const connectors::ConnectorProblem& problem) {
    Json entry;
    entry.set("time", format_iso8601(env_.clock.wall_ms()));
    entry.set("connector", problem.connector);
    entry.set("place", problem.place);
    entry.set("code", name_of(problem.error.code));
    entry.set("message", problem.error.message);
    bool is_new = false;
    {
        const std::lock_guard lock(mutex_);
        ++count_;
        if (seen_.size() < kDistinctMax || seen_.contains(kind_of(problem))) {
            is_new = ++seen_[kind_of(problem)] == 1;
        }
        if (pending_.size() < kPendingMax) {
            pending_.push_back(entry.dump());
        } else {
            ++overflowed_;
        }
        append_pending();
    }
    if (is_new) {
        env_.log.warn("connector " + problem.connector,
                      problem.place + ": " + problem.error.message +
                          " (further ones of this kind are only in topic " +
                          std::string(kProcessingLogTopic) + ")");
    }
}

void ProblemLog::append_pending() {
    if (is_appending_ || pending_.empty()) {
        return;
    }
    is_appending_ = true;
    std::vector<std::string> entries = std::exchange(pending_, {});
    if (overflowed_ > 0) {
        Json lost;
        lost.set("time", format_iso8601(env_.clock.wall_ms()));
        lost.set(
            "message",
            "entries that could not be written: " + std::to_string(std::exchange(overflowed_, 0)));
        entries.push_back(lost.dump());
    }
    env_.io.post([this, entries = std::move(entries)] {
        const auto finish = [this](const Status& appended) {
            if (!appended.ok()) {
                env_.log.error("processing log",
                               "entries were not written: " + appended.error().message);
            }
            const std::lock_guard lock(mutex_);
            is_appending_ = false;
            append_pending();
            idle_.notify_all();
        };
        auto unit = make_unit(entries);
        if (!unit.ok()) {
            finish(unit.error());
            return;
        }
        log_.append_atomic(std::move(unit).value(), [finish](Result<CommitPosition> result) {
            finish(result.ok() ? Status{Ok{}} : Status{result.error()});
        });
    });
}

Result<Unit> ProblemLog::make_unit(const std::vector<std::string>& entries) {
    if (!partition_) {
        auto topic = log_.describe_topic(std::string(kProcessingLogTopic));
        if (!topic.ok()) {
            topic = log_.create_topic({.name = std::string(kProcessingLogTopic)});
        }
        if (!topic.ok()) {
            return topic.error();
        }
        partition_ = TopicPartition{topic.value().id, Partition{0}};
    }
    RecordBatchBuilder builder;
    for (const std::string& entry : entries) {
        builder.add(std::nullopt, as_bytes(entry), Timestamp{env_.clock.wall_ms()});
    }
    MILLRACE_TRY(Buffer batch, builder.finish());
    Unit unit;
    unit.pieces.push_back({*partition_, std::move(batch)});
    return unit;
}

void ProblemLog::flush() {
    std::unique_lock lock(mutex_);
    append_pending();
    idle_.wait(lock, [this] { return !is_appending_ && pending_.empty(); });
}

std::uint64_t ProblemLog::count() const {
    const std::lock_guard lock(mutex_);
    return count_;
}

}  // namespace millrace::server
