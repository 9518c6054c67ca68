#include "server/pipeline.h"

#include <algorithm>
#include <chrono>

namespace millrace::server {

namespace {

constexpr std::chrono::milliseconds kTick{50};

using connectors::ConnectorKind;
using connectors::ConnectorState;
using connectors::ConnectorStatus;

bool writes(const ConnectorStatus& status, const std::string& topic) {
    return status.kind == ConnectorKind::kSource &&
           std::find(status.topics.begin(), status.topics.end(), topic) != status.topics.end();
}

}  // namespace

Pipeline::Pipeline(Node& node, PipelineOptions options)
    : node_(node), options_(std::move(options)) {}

Status Pipeline::prepare() {
    MILLRACE_TRY(engine_, node_.engine());
    dsl::Properties session;
    MILLRACE_TRY_STATUS([&]() -> Status {
        auto applied = engine_->apply(options_.sql, options_.sql_name, session);
        return applied.ok() ? Status{Ok{}} : Status{applied.error()};
    }());
    for (const connectors::ConnectorSettings& settings : options_.connectors) {
        MILLRACE_TRY_STATUS(node_.worker().add(settings, options_.once));
    }
    return Ok{};
}

void Pipeline::wait_for_change() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kTick, [this] { return has_changed_; });
    has_changed_ = false;
}

bool Pipeline::is_source_open(const std::string& topic) const {
    const auto statuses = node_.worker().status();
    return std::any_of(statuses.begin(), statuses.end(), [&](const ConnectorStatus& status) {
        return writes(status, topic) && status.state != ConnectorState::kFinished;
    });
}

/// The trap every ksqlDB user falls into once: the stream was there before the table.
void Pipeline::warn_of_empty_tables() {
    for (const dsl::QueryInfo& query : engine_->queries()) {
        const auto dropped = query.stats.dropped.find("empty_table");
        if (dropped != query.stats.dropped.end() && warned_.insert(query.id).second) {
            node_.env().log.warn("query " + query.id,
                                 std::to_string(dropped->second) +
                                     " rows so far were joined against a table that is empty and "
                                     "has never had a row: is its topic filled, "
                                     "and before the stream's? See table.bootstrap in docs/sql.md");
        }
    }
}

void Pipeline::advance() {
    warn_of_empty_tables();
    for (const std::string& topic : node_.worker().source_topics(false)) {
        if (!completed_.contains(topic) && !is_source_open(topic)) {
            completed_.insert(topic);
            engine_->complete_topic(topic);
        }
    }
    if (!options_.once) {
        return;
    }
    const auto queries = engine_->queries();
    for (const std::string& topic : node_.worker().sink_topics()) {
        const bool is_query_open =
            std::any_of(queries.begin(), queries.end(), [&](const dsl::QueryInfo& query) {
                return query.sink_topic == topic &&
                       query.stats.state != runtime::JobState::kFinished;
            });
        if (ended_.contains(topic) || is_query_open || is_source_open(topic)) {
            continue;
        }
        const auto described = node_.log().describe_topic(topic);
        if (!described.ok()) {
            continue;  // the sink itself reports a topic that never comes
        }
        const LogSnapshot snapshot = node_.log().snapshot();
        std::vector<Offset> ends;
        for (std::int32_t p = 0; p < described.value().partitions; ++p) {
            ends.push_back(snapshot.end_of({described.value().id, Partition{p}}));
        }
        ended_.insert(topic);
        node_.worker().finish_topic(topic, ends);
    }
}

bool Pipeline::is_finished() const {
    const auto statuses = node_.worker().status();
    const auto queries = engine_->queries();
    return std::all_of(statuses.begin(),
                       statuses.end(),
                       [](const ConnectorStatus& status) {
                           return status.state == ConnectorState::kFinished;
                       }) &&
           std::all_of(queries.begin(), queries.end(), [](const dsl::QueryInfo& query) {
               return query.stats.state == runtime::JobState::kFinished;
           });
}

std::optional<Error> Pipeline::first_failure() const {
    for (const ConnectorStatus& status : node_.worker().status()) {
        if (status.state == ConnectorState::kFailed) {
            return status.error.value_or(Error{ErrorCode::kIo, "no reason given"})
                .with_context("connector " + status.name);
        }
    }
    for (const dsl::QueryInfo& query : engine_->queries()) {
        if (query.stats.state == runtime::JobState::kFailed) {
            return query.stats.error.value_or(Error{ErrorCode::kIo, "no reason given"})
                .with_context("query " + query.id);
        }
    }
    return std::nullopt;
}

std::optional<Error> Pipeline::stuck_without_space() {
    std::uint64_t progress = 0;
    for (const ConnectorStatus& status : node_.worker().status()) {
        progress += status.records + status.bytes_done;
    }
    for (const dsl::QueryInfo& query : engine_->queries()) {
        progress += query.stats.rows_in + query.stats.commits;
    }
    const auto now = node_.env().clock.monotonic();
    if (progress != progress_ || progress_at_.count() == 0) {
        progress_ = progress;
        progress_at_ = now;
    }
    if (now - progress_at_ < kSpaceWait) {
        return std::nullopt;
    }
    const auto free_bytes = node_.env().files.free_bytes(options_.data_directory);
    if (!free_bytes.ok() || free_bytes.value() >= kSpaceMin) {
        return std::nullopt;
    }
    return Error{ErrorCode::kNoSpace,
                 "no space left on the disk of " + options_.data_directory + ": " +
                     std::to_string(free_bytes.value()) +
                     " bytes are free; make room and run again, everything so far is kept"};
}

Status Pipeline::run(const std::function<bool()>& is_cancelled,
                     const std::function<void(bool)>& tick) {
    const auto wake = [this] {
        const std::lock_guard lock(mutex_);
        has_changed_ = true;
        changed_.notify_one();
    };
    node_.on_connector_state(wake);
    engine_->on_change([wake](const std::string&, runtime::JobState) { wake(); });
    connectors::Worker& worker = node_.worker();
    MILLRACE_TRY_STATUS(
        engine_->start(worker.source_topics(true), worker.source_topics(false), options_.once));
    worker.start();
    std::optional<Error> failure;
    while (!is_cancelled()) {
        advance();
        if (!failure) {
            failure = first_failure();
            if (failure && !options_.once) {
                node_.env().log.error("run", failure->message);
            }
        }
        if (options_.once && !failure) {
            failure = stuck_without_space();
        }
        if (options_.once && (failure || is_finished())) {
            break;
        }
        tick(false);
        wait_for_change();
    }
    worker.stop();
    engine_->stop();
    warn_of_empty_tables();
    tick(true);
    return failure ? Status{*failure} : Status{Ok{}};
}

}  // namespace millrace::server
