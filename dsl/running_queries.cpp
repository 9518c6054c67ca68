#include "dsl/running_queries.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace millrace::dsl {

namespace {

using runtime::JobState;

// How often progress is looked at while a table waits for the query that fills it.
constexpr std::chrono::milliseconds kWatchInterval{20};

bool is_final(JobState state) {
    return state == JobState::kFinished || state == JobState::kStopped ||
           state == JobState::kFailed;
}

}  // namespace

void RunningQueries::configure(std::set<std::string> bounded,
                               std::set<std::string> open,
                               bool once) {
    const std::lock_guard lock(mutex_);
    bounded_ = std::move(bounded);
    open_ = std::move(open);
    open_.insert(bounded_.begin(), bounded_.end());
    once_ = once;
}

Result<std::shared_ptr<runtime::Job>> RunningQueries::make_job(QueryToRun& plan) {
    const std::string id = plan.id;
    runtime::JobServices services{services_.env,
                                  services_.log,
                                  services_.executor,
                                  services_.report,
                                  [weak = weak_from_this(), id](JobState state) {
                                      if (const auto self = weak.lock()) {
                                          self->changed(id, state);
                                      }
                                  }};
    MILLRACE_TRY(std::unique_ptr<runtime::Job> job,
                 runtime::Job::create(std::move(plan.graph), plan.options, std::move(services)));
    return std::shared_ptr<runtime::Job>(std::move(job));
}

Status RunningQueries::add(std::vector<QueryToRun> queries) {
    std::vector<std::shared_ptr<runtime::Job>> jobs;
    std::optional<Error> error;
    for (QueryToRun& plan : queries) {
        auto job = make_job(plan);
        if (!job.ok()) {
            error = job.error().with_context("query " + plan.id);
            break;
        }
        jobs.push_back(std::move(job).value());
    }
    {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            for (const std::string& topic : queries[i].source_topics) {
                first_ends_.emplace(topic, ends_now(topic));
            }
            Query query;
            query.plan = std::move(queries[i]);
            query.job = jobs[i];
            const std::string id = query.plan.id;
            queries_.insert_or_assign(id, std::move(query));
        }
        // Only now: a table's writer may have come after its reader.
        for (auto& [id, query] : queries_) {
            if (query.plan.options.table_bootstrap != runtime::TableBootstrap::kEnd ||
                std::find(jobs.begin(), jobs.end(), query.job) == jobs.end()) {
                continue;
            }
            for (const std::string& topic : query.plan.table_topics) {
                std::set<std::string> seen;
                const bool is_fed = bounded_.count(topic) != 0 || !writers_of(topic).empty();
                if (is_fed && !is_caught_up(topic, seen)) {
                    query.job->hold_bootstrap(topic);
                    query.held.insert(topic);
                }
            }
        }
    }
    for (const auto& job : jobs) {
        job->start();
    }
    advance();
    return error ? Status(*error) : Status(Ok{});
}

void RunningQueries::complete_topic(const std::string& topic) {
    {
        const std::lock_guard lock(mutex_);
        complete_.insert_or_assign(topic, ends_now(topic));
    }
    advance();
}

/// On the I/O executor.
void RunningQueries::changed(const std::string& id, JobState state) {
    std::string error;
    {
        const std::lock_guard lock(mutex_);
        const auto found = queries_.find(id);
        if (found == queries_.end()) {
            return;
        }
        found->second.state = state;
        if (state == JobState::kFailed) {
            const auto failure = found->second.job->stats().error;
            error = failure ? failure->message : "failed";
        }
        ended_.notify_all();
    }
    advance();
    services_.on_change(id, state, error);
}

void RunningQueries::advance() {
    const std::lock_guard lock(mutex_);
    if (!is_closed_) {
        advance_locked();
    }
}

void RunningQueries::advance_locked() {
    bool is_waiting = false;
    for (auto& [id, query] : queries_) {
        if (is_final(query.state)) {
            continue;
        }
        for (auto held = query.held.begin(); held != query.held.end();) {
            std::set<std::string> seen;
            if (is_caught_up(*held, seen)) {
                query.job->set_bootstrap_ends(*held, ends_now(*held));
                held = query.held.erase(held);
            } else {
                ++held;
            }
        }
        is_waiting = is_waiting || !query.held.empty();
        if (!once_ || query.has_ends) {
            continue;
        }
        std::map<std::string, Ends> ends;
        for (const std::string& topic : query.plan.source_topics) {
            if (auto known = final_ends(topic)) {
                ends.emplace(topic, std::move(*known));
            }
        }
        if (ends.size() == query.plan.source_topics.size()) {
            query.has_ends = true;
            query.job->finish_at(std::move(ends));
        }
    }
    if (is_waiting && !is_watching_) {
        is_watching_ = true;
        watch();
    }
}

/// How far a query is shows in its figures only, so they are looked at while somebody waits.
void RunningQueries::watch() {
    services_.env.io.post_after(kWatchInterval, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            const std::lock_guard lock(self->mutex_);
            self->is_watching_ = false;
            if (!self->is_closed_) {
                self->advance_locked();
            }
        }
    });
}

RunningQueries::Ends RunningQueries::ends_now(const std::string& topic) const {
    Ends ends;
    const auto info = services_.log.describe_topic(topic);
    if (info.ok()) {
        const LogSnapshot snapshot = services_.log.snapshot();
        for (std::int32_t i = 0; i < info.value().partitions; ++i) {
            ends.push_back(snapshot.end_of(TopicPartition{info.value().id, Partition{i}}));
        }
    }
    return ends;
}

std::vector<const RunningQueries::Query*> RunningQueries::writers_of(
    const std::string& topic) const {
    std::vector<const Query*> writers;
    for (const auto& [id, query] : queries_) {
        if (query.plan.sink_topic == topic) {
            writers.push_back(&query);
        }
    }
    return writers;
}

/// `run --once`: where the topic ends for good; none while somebody may still add to it.
std::optional<RunningQueries::Ends> RunningQueries::final_ends(const std::string& topic) const {
    const auto complete = complete_.find(topic);
    if (open_.count(topic) != 0 && complete == complete_.end()) {
        return std::nullopt;
    }
    const std::vector<const Query*> writers = writers_of(topic);
    for (const Query* writer : writers) {
        if (writer->state != JobState::kFinished) {
            return std::nullopt;
        }
    }
    if (!writers.empty()) {
        return ends_now(topic);
    }
    if (complete != complete_.end()) {
        return complete->second;
    }
    const auto first = first_ends_.find(topic);
    return first == first_ends_.end() ? ends_now(topic) : first->second;
}

/// True when what the topic was to hold at this run's start is there.
bool RunningQueries::is_caught_up(const std::string& topic, std::set<std::string>& seen) const {
    if (!seen.insert(topic).second) {
        return true;
    }
    if (bounded_.count(topic) != 0 && complete_.count(topic) == 0) {
        return false;
    }
    const std::vector<const Query*> writers = writers_of(topic);
    return std::all_of(writers.begin(), writers.end(), [&](const Query* writer) {
        return has_passed(*writer, seen);
    });
}

/// True when the query has committed all that its sources held at this run's start.
bool RunningQueries::has_passed(const Query& query, std::set<std::string>& seen) const {
    if (query.state == JobState::kFinished) {
        return true;
    }
    if (query.state == JobState::kStarting) {
        return false;  // its figures do not say yet what was committed before
    }
    for (const std::string& topic : query.plan.source_topics) {
        if (!is_caught_up(topic, seen)) {
            return false;
        }
    }
    for (const runtime::SourceProgress& source : query.job->stats().sources) {
        const auto complete = complete_.find(source.topic);
        const bool is_fed = !writers_of(source.topic).empty();
        const auto first = first_ends_.find(source.topic);
        Ends ends = complete != complete_.end()            ? complete->second
                    : is_fed || first == first_ends_.end() ? ends_now(source.topic)
                                                           : first->second;
        const auto partition = static_cast<std::size_t>(source.partition.value);
        if (partition < ends.size() && source.committed < ends[partition]) {
            return false;
        }
    }
    return true;
}

void RunningQueries::remove(const std::string& id) {
    std::shared_ptr<runtime::Job> job;
    {
        const std::lock_guard lock(mutex_);
        const auto found = queries_.find(id);
        if (found == queries_.end()) {
            return;
        }
        job = std::move(found->second.job);
        queries_.erase(found);
    }
    job->kill();  // outside of the lock: it waits for callbacks, which take it
}

void RunningQueries::pause(const std::string& id) {
    {
        std::unique_lock lock(mutex_);
        const auto found = queries_.find(id);
        if (found == queries_.end()) {
            return;
        }
        const std::shared_ptr<runtime::Job> job = found->second.job;
        if (!is_final(found->second.state)) {
            job->stop();
        }
        ended_.wait(lock, [&] {
            const auto query = queries_.find(id);
            return query == queries_.end() || is_final(query->second.state) ||
                   is_final(job->state());
        });
    }
    remove(id);
}

void RunningQueries::stop() {
    std::unique_lock lock(mutex_);
    for (auto& [id, query] : queries_) {
        if (!is_final(query.state)) {
            query.job->stop();
        }
    }
    ended_.wait(lock, [this] {
        return std::all_of(queries_.begin(), queries_.end(), [](const auto& entry) {
            return is_final(entry.second.state) || is_final(entry.second.job->state());
        });
    });
}

void RunningQueries::close() {
    std::map<std::string, Query> queries;
    {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
        queries.swap(queries_);
    }
    queries.clear();  // kills the jobs
}

std::optional<RunningState> RunningQueries::state_of(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = queries_.find(id);
    if (found == queries_.end()) {
        return std::nullopt;
    }
    return RunningState{found->second.job->stats(),
                        found->second.plan.sink_topic,
                        found->second.plan.source_topics};
}

}  // namespace millrace::dsl
