#include "dsl/testing/engine_bench.h"

#include <algorithm>
#include <utility>

namespace millrace::dsl::testing {

namespace {

using runtime::JobState;

constexpr std::chrono::milliseconds kIdleMove{1};

bool is_final(JobState state) {
    return state == JobState::kFinished || state == JobState::kStopped ||
           state == JobState::kFailed;
}

}  // namespace

EngineBench::~EngineBench() {
    close();
}

void EngineBench::close() {
    if (engine_) {
        bench_.blocking([this] { engine_.reset(); });
    }
}

Status EngineBench::open() {
    if (engine_) {
        return Ok{};
    }
    Status opened = Ok{};
    bench_.blocking([&] {
        auto engine = QueryEngine::open({bench_.env(), log_, bench_.executor()}, options_);
        if (engine.ok()) {
            engine_ = std::move(engine).value();
        } else {
            opened = engine.error();
        }
    });
    MILLRACE_TRY_STATUS(opened);
    return is_live_ ? start_queries(false) : Status(Ok{});
}

Status EngineBench::start_queries(bool once) {
    Status started = Ok{};
    bench_.blocking([&] { started = engine_->start({}, {}, once); });
    return started;
}

Status EngineBench::stop() {
    MILLRACE_TRY_STATUS(open());
    MILLRACE_TRY_STATUS(settle());
    bench_.blocking([this] { engine_->stop(); });
    close();
    is_live_ = false;
    return Ok{};
}

Status EngineBench::start() {
    is_live_ = true;
    close();
    MILLRACE_TRY_STATUS(open());
    return settle();
}

Status EngineBench::finish() {
    MILLRACE_TRY_STATUS(stop());
    MILLRACE_TRY_STATUS(open());
    is_live_ = true;
    is_finishing_ = true;
    Status done = start_queries(true);
    if (done.ok()) {
        done = settle();
    }
    is_finishing_ = false;
    MILLRACE_TRY_STATUS(done);
    return start();
}

Result<std::vector<StatementResult>> EngineBench::execute(const std::string& sql,
                                                          const std::string& name,
                                                          const RowCallback& rows) {
    MILLRACE_TRY_STATUS(open());
    std::optional<Result<std::vector<StatementResult>>> done;
    bench_.blocking(
        [&] { done = engine_->execute(sql, name, session_, nullptr, rows, {}, &variables_); });
    return std::move(*done);
}

bool EngineBench::is_at_rest() {
    const LogSnapshot snapshot = log_.snapshot();
    const std::vector<QueryInfo> queries = engine_->queries();
    return std::all_of(queries.begin(), queries.end(), [&](const QueryInfo& query) {
        if (!query.is_running || is_final(query.stats.state)) {
            return true;
        }
        if (is_finishing_ || query.stats.state != JobState::kRunning ||
            query.stats.is_closing_idle) {
            return false;
        }
        return std::all_of(query.stats.sources.begin(),
                           query.stats.sources.end(),
                           [&](const runtime::SourceProgress& source) {
                               const auto topic = log_.describe_topic(source.topic);
                               return topic.ok() &&
                                      source.committed >=
                                          snapshot.end_of({topic.value().id, source.partition});
                           });
    });
}

Status EngineBench::settle() {
    MILLRACE_TRY_STATUS(open());
    if (!is_live_) {
        return Ok{};
    }
    if (bench_.work_until([this] { return is_at_rest(); }, kIdleMove)) {
        return Ok{};
    }
    std::string waiting;
    for (const QueryInfo& query : engine_->queries()) {
        if (query.is_running && !is_final(query.stats.state)) {
            waiting += (waiting.empty() ? "" : ", ") + query.id;
        }
    }
    return Error{ErrorCode::kTimedOut, "queries do not come to rest: " + waiting};
}

std::vector<QueryInfo> EngineBench::failed() const {
    std::vector<QueryInfo> failed;
    if (engine_) {
        for (QueryInfo& query : engine_->queries()) {
            if (query.stats.state == JobState::kFailed && acknowledged_.count(query.id) == 0) {
                failed.push_back(std::move(query));
            }
        }
    }
    return failed;
}

Result<std::unique_ptr<Catalog>> EngineBench::catalog() {
    MILLRACE_TRY_STATUS(open());
    std::optional<Result<std::unique_ptr<Catalog>>> catalog;
    bench_.blocking([&] { catalog = Catalog::open(bench_.env(), log_); });
    return std::move(*catalog);
}

Status EngineBench::append(const TopicId& topic, const PartitionedRecords& records) {
    Status done = Ok{};
    bench_.blocking([&] { done = append_records(log_, topic, records); });
    return done;
}

Result<std::vector<StoredRecord>> EngineBench::read(const TopicPartition& from, Offset begin) {
    std::optional<Result<std::vector<StoredRecord>>> records;
    bench_.blocking([&] { records = read_records(log_, from, begin); });
    return std::move(*records);
}

Status EngineBench::create_topic(const std::string& name, std::int32_t partitions) {
    MILLRACE_TRY_STATUS(log_.create_topic({.name = name, .partitions = partitions, .config = {}}));
    return Ok{};
}

}  // namespace millrace::dsl::testing
